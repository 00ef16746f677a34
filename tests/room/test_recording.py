"""Recordings: every version of a room, what a rerun finds, and that no identity leaves."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given, settings
from msgspec import Struct

from machine_party import ClientEvent, Machine, Party, State
from machine_party.core import Actor, Cause, Joined, Sent, TimerFired, run_batch
from machine_party.errors import NotRecorded, RestoreError
from machine_party.room.anonymous import anonymous
from machine_party.room.recording import Gap, Recording, patched
from machine_party.room.replay import Replay
from machine_party.room.rerun import rerun
from machine_party.room.store import Entry, History
from machine_party.testing.recording import assert_replays
from tests.core.game import HAPPENINGS, Step_, cause_of, game

NOW = 1_000.0


class Recorder:
    """A room driven by hand, and what a store would keep of it.

    Attributes:
        states: the actor's persisted form after each version.
    """

    def __init__(self, party: Party) -> None:
        self.party, self.version = party, 1
        self.actor = Actor.start(party, input=None, seed="seed", now=NOW)
        self.states = {1: self.actor.dump()}
        self.forms = [(1, self._whole())]
        self.entries: list[Entry] = []

    def take(self, *causes: Cause) -> None:
        """A batch, as the committer runs it."""
        stored, version = self.states[self.version], self.version + 1
        result = run_batch(self.party, self.actor, stored, causes, version=version)
        self.actor = result.actor
        if result.changed and result.given_up is None:
            patch = [{**each, "path": "/actor" + each["path"]} for each in result.patch]
            self.entries.append(Entry(version, patch, result.committed()))
            self.version, self.states[version] = version, result.form

    def checkpoint(self) -> None:
        if self.forms[-1][0] != self.version:
            self.forms.append((self.version, self._whole()))

    def recording(self) -> Recording:
        """As it comes out of a file."""
        made = Recording(
            party=self.party.name, room="room", epoch=1, version=self.version,
            forms=self.forms, entries=self.entries,
        )  # fmt: skip
        return Recording.decode(made.encode())

    def _whole(self) -> dict[str, Any]:
        return {"actor": self.actor.dump(), "windows": {}}


def recorder_of(happenings: list[tuple[Step_, int]], *, checkpoint_every: int = 4) -> Recorder:
    recorder, now = Recorder(game()), NOW
    recorder.take(Joined(now=now, identity="k:ann", role="player", name="Ann"))
    for count, (happening, seconds) in enumerate(happenings, 1):
        now += seconds
        recorder.take(_of_a_server(cause_of(recorder.actor, happening, now)))
        if count % checkpoint_every == 0:
            recorder.checkpoint()
    return recorder


def _of_a_server(cause: Cause) -> Cause:
    """A server's identities say what they are: none of them is a word that a game uses."""
    if isinstance(cause, Joined):
        return msgspec.structs.replace(cause, identity=f"k:{cause.identity}")
    return cause


# -- the everything machine -----------------------------------------------------------------


FEWER = settings(max_examples=settings().max_examples // 3)
"""Each example restores its room for every commit that it makes."""


@given(HAPPENINGS)
@FEWER
def test_every_version_can_be_had_again(happenings: list[tuple[Step_, int]]) -> None:
    recorder = recorder_of(happenings)
    recording = recorder.recording()

    seen = [(version, msgspec.to_builtins(form["actor"])) for version, form in recording.states()]

    assert seen == [*recorder.states.items()]
    replay = Replay(recording, game())
    for version in (1, recorder.version):
        assert replay.at(version).dump() == recorder.states[version]


@given(HAPPENINGS)
@FEWER
def test_a_rerun_with_the_same_code_finds_no_difference(
    happenings: list[tuple[Step_, int]],
) -> None:
    recording = recorder_of(happenings).recording()
    assert rerun(recording, game()) is None
    assert rerun(anonymous(recording), game()) is None


def test_a_raise_that_was_postponed_runs_again_as_it_was() -> None:
    recorder = Recorder(game())
    recorder.take(Sent(now=NOW, type="arm", data={"n": 1, "text": ""}))
    (timer,) = [key for key, row in recorder.actor.timers.rows.items() if row.event == "bomb"]
    recorder.take(TimerFired(now=NOW + 1, timer=timer))
    assert "Postponed" in repr(recorder.entries[-1].causes)

    assert rerun(recorder.recording(), game()) is None


# -- a machine that changes -------------------------------------------------------------------


class Add(ClientEvent):
    by: int = 1


class Total(Struct):
    total: int = 0
    log: list[int] = []


class Shown(Struct):
    total: int


class Adder(Machine[Total]):
    idle = State(initial=True)
    add = idle.to.itself(internal=True, on="do_add")

    def do_add(self, data: Add) -> None:
        self.context.total += data.by


class Adding(Party):
    name = "adding"
    machine = Adder
    events = (Add,)
    refusals = {"no": "No."}

    def shared(self, snapshot: Any, audience: str) -> Shown:
        return Shown(snapshot.context.total)


def adding(*numbers: int) -> Recording:
    recorder = Recorder(Adding())
    recorder.take(Joined(now=NOW, identity="u:ann@example.org", role="player", name="Ann"))
    (ann,) = recorder.actor.roster.members
    for count, number in enumerate(numbers):
        recorder.take(Sent(now=NOW + count, type="add", data={"by": number}, member=ann))
        recorder.checkpoint()
    return recorder.recording()


def changed(monkeypatch: pytest.MonkeyPatch, do_add: Callable[[Adder, Add], None]) -> None:
    monkeypatch.setattr(Adder, "do_add", do_add)


def test_a_changed_handler_is_found_at_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = adding(1, 2, 30, 4)

    def capped(self: Adder, data: Add) -> None:
        self.context.total += min(data.by, 10)

    changed(monkeypatch, capped)
    found = rerun(recording, Adding())

    assert found is not None
    assert (found.version, found.path) == (5, "/machine/context/total")
    assert (found.expected, found.got) == ("33", "13")
    with pytest.raises(AssertionError, match=r"version 5 \(Ann \(\w+\) sends add .*was 33, and is"):
        assert_replays(recording, Adding)


def test_a_handler_that_refuses_or_raises_now_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = adding(1)

    def refuses(self: Adder, data: Add) -> None:
        self.refuse("no")

    changed(monkeypatch, refuses)
    assert "today's code rejects it: no" in str(rerun(recording, Adding()))

    def raises(self: Adder, data: Add) -> None:
        raise RuntimeError("broken")

    changed(monkeypatch, raises)
    assert "version 3" in str(rerun(recording, Adding()))
    assert "today's code raises RuntimeError('broken')" in str(rerun(recording, Adding()))


def test_a_later_stretch_is_run_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one stretch does otherwise is not carried into the next."""
    recording = adding(1, 2, 30)
    rest = msgspec.structs.replace(
        recording, forms=recording.forms[2:], entries=recording.entries[3:]
    )

    def capped(self: Adder, data: Add) -> None:
        self.context.total += data.by if self.context.total else 0

    changed(monkeypatch, capped)
    assert rerun(recording, Adding()) is not None
    assert rerun(rest, Adding()) is None


class NewTotal(Struct):
    sum: int = 0
    log: list[int] = []


class NewAdder(Machine[NewTotal]):
    idle = State(initial=True)
    add = idle.to.itself(internal=True, on="do_add")

    def do_add(self, data: Add) -> None:
        self.context.sum += data.by


def to_2(form: dict[str, Any]) -> dict[str, Any]:
    form["machine"]["kind"] = "NewAdder"
    form["machine"]["context"]["sum"] = form["machine"]["context"].pop("total")
    return form


class NewAdding(Adding):
    name = "adding"
    machine: ClassVar[Any] = NewAdder
    schema_version = 2
    migrations = {1: to_2}

    def shared(self, snapshot: Any, audience: str) -> Shown:
        return Shown(snapshot.context.sum)


def test_a_history_of_two_schemas_runs_again() -> None:
    old, recorder = adding(1, 2), Recorder(NewAdding())
    recorder.actor = Actor.restore(NewAdding(), old.form(old.version)["actor"])
    recorder.version, recorder.states = old.version, {old.version: recorder.actor.dump()}
    recorder.take(Sent(now=NOW + 9, type="add", data={"by": 3}))
    both = msgspec.structs.replace(
        old,
        version=recorder.version,
        forms=[*old.forms[:-1], (old.version, {"actor": recorder.states[4], "windows": {}})],
        entries=[*old.entries, *recorder.entries],
    )

    assert rerun(both, NewAdding()) is None
    shown = [Replay(both, NewAdding()).document(v, audience="player") for v in range(1, 6)]
    assert [each["context"]["total"] for each in shown] == [0, 0, 1, 3, 6]


def test_a_form_that_nothing_leads_from_is_a_difference_that_says_why() -> None:
    class Unled(NewAdding):
        migrations = {}
        schema_version = 1

    found = rerun(adding(1), Unled())
    assert found is not None
    assert found.version == 1
    assert "it cannot be restored" in str(found)


# -- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no recording"),
        (b"\xff", "no recording"),
        (b'{"party": "x"}', "no recording"),
        (b'{"format": 1}', "no recording"),
        (b'{"format": 2, "what": "we cannot know yet"}', "format 2, and this code reads format 1"),
    ],
)
def test_what_is_no_recording_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(RestoreError, match=told):
        Recording.decode(data)


Change = Callable[[dict[str, Any]], Any]


def changed_file(change: Change) -> bytes:
    """The file of a room with whole forms at 1, 3 and 4 and commits from 2 to 4, changed."""
    found = msgspec.json.decode(adding(1, 2).encode())
    change(found)
    return msgspec.json.encode(found)


def without(*keys: str) -> Change:
    """The first form without what is there."""

    def change(found: dict[str, Any]) -> None:
        place = found["forms"][0][1]
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]

    return change


DAMAGE: list[tuple[Change, str]] = [
    (lambda found: found["forms"].clear(), "no whole form"),
    (lambda found: found["forms"].reverse(), "forms are not in order"),
    (lambda found: found["forms"].append(found["forms"][-1]), "forms are not in order"),
    (lambda found: found.update(version=3), "newer than version 3"),
    (lambda found: found["entries"].clear(), "not every commit from version 2 to 4"),
    (lambda found: found["entries"].pop(1), "not every commit"),
    (lambda found: found["entries"].pop(), "not every commit"),
    (lambda found: found["entries"].reverse(), "not every commit"),
    (lambda found: found["entries"].append(found["entries"][-1]), "not every commit"),
    (lambda found: found.update(missing=[[3, 3]]), "not every commit"),
    (lambda found: found.update(missing=[[5, 10**12]]), "not every commit"),
    (without("actor"), "form of version 1 is no room's form: .*`actor`"),
    (without("actor", "seats"), "no room's form: .*`seats`"),
    (without("actor", "kicked"), "no room's form: .*`kicked`"),
    (without("actor", "timers"), "no room's form: .*`timers`"),
    (without("actor", "now"), "no room's form: .*`now`"),
    (lambda found: found["forms"][1][1].update(actor={}), "form of version 3 is no room's form"),
]


@pytest.mark.parametrize(("change", "told"), DAMAGE)
def test_a_file_that_is_damaged_says_so(change: Change, told: str) -> None:
    with pytest.raises(RestoreError, match=told):
        Recording.decode(changed_file(change))


def test_a_version_that_is_not_kept_is_named() -> None:
    replay = Replay(adding(1), Adding())
    with pytest.raises(NotRecorded, match="no version 4; adding/room is kept from version 1 to 3"):
        replay.at(4)
    with pytest.raises(NotRecorded, match="nobody has no seat at version 3"):
        replay.document(3, member="nobody")


# -- damage -----------------------------------------------------------------------------------


def spoiled(recording: Recording, version: int, patch: list[dict[str, Any]]) -> Recording:
    """With another patch for that commit."""
    entries = [
        Entry(version, patch, entry.causes) if entry.version == version else entry
        for entry in recording.entries
    ]
    return msgspec.structs.replace(recording, entries=entries)


def history_of(
    recording: Recording, *, forms: dict[int, dict[str, Any]], lost: tuple[int, ...] = ()
) -> History:
    """What a store has, with other forms, and without some commits."""
    wholes = [(version, forms.get(version, form)) for version, form in recording.forms]
    entries = [entry for entry in recording.entries if entry.version not in lost]
    return History(recording.epoch, recording.version, wholes, entries)


NOWHERE = [{"op": "remove", "path": "/nowhere"}]
NO_SEATS = [{"op": "replace", "path": "/actor/seats", "value": 1}]


@pytest.mark.parametrize("patch", [NOWHERE, NO_SEATS])
def test_what_does_not_depend_on_a_damaged_commit_is_read(patch: list[dict[str, Any]]) -> None:
    """With whole forms at 1, 3, 4, 5 and 6."""
    whole = adding(1, 2, 3, 4)
    recording = spoiled(whole, 2, patch)
    assert [version for version, _ in recording.states()] == [1, 3, 4, 5, 6]
    assert [version for version, _ in recording.states(range(2, 5))] == [3, 4]
    assert recording.members() == whole.members()
    for version in (1, 3, 6):
        assert recording.form(version) == whole.form(version)
    with pytest.raises(RestoreError, match="version 2"):
        recording.form(2)
    ((first, last, why),) = recording.gaps()
    assert (first, last) == (2, 2)
    assert "version 2" in why
    assert [recording.gaps(range(*span)) for span in ((1, 2), (3, 6))] == [[], []]
    assert len(recording.gaps(range(2, 3))) == 1
    assert whole.gaps() == []


@pytest.mark.parametrize("patch", [NOWHERE, NO_SEATS, [{"op": "remove", "path": "/actor"}]])
def test_a_damaged_commit_is_no_other_way_to_go(patch: list[dict[str, Any]]) -> None:
    with pytest.raises(RestoreError, match="version 2"):
        rerun(spoiled(adding(1), 2, patch), Adding())


def test_a_version_is_read_from_the_whole_form_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, applied = adding(1, 2, 3), []

    def counted(form: dict[str, Any], entry: Entry) -> dict[str, Any]:
        applied.append(entry.version)
        return patched(form, entry)

    monkeypatch.setattr("machine_party.room.recording.patched", counted)
    recording.form(4)
    assert [version for version, _ in recording.states(range(4, 6))] == [4, 5]
    assert applied == []
    recording.form(2)
    assert applied == [2]


def test_a_form_that_is_none_is_left_out_where_the_commits_have_it_all() -> None:
    whole = adding(1, 2)
    history = history_of(whole, forms={3: {"actor": {}}, 4: {"x": 1}})
    recording = Recording.of(whole.key, history)
    assert recording.gaps() == []
    assert [*recording.span] == [1, 2, 3, 4]
    assert recording.form(4) == whole.form(4)


def test_what_was_kept_before_the_oldest_form_that_is_one_is_said_to_be_gone() -> None:
    whole = adding(1, 2)
    recording = Recording.of(whole.key, history_of(whole, forms={1: {}}))
    assert [*recording.span] == [3, 4]
    assert recording.gaps() == [Gap(1, 2, "their whole form is damaged")]
    assert Recording.decode(recording.encode()) == recording
    with pytest.raises(RestoreError, match="none of the whole forms of adding/room"):
        Recording.of(whole.key, history_of(whole, forms={1: {}, 3: {}, 4: {}}))


def test_what_is_left_beside_commits_that_are_lost_is_kept_and_runs_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorder = Recorder(Adding())
    for number in range(1, 8):
        who = Joined(now=NOW, identity=f"u:{number}@example.org", role="player", name=f"P{number}")
        recorder.take(*([who] if number % 2 else []), Sent(now=NOW, type="add", data={"by": 1}))
        if number == 5:
            recorder.checkpoint()
    whole = recorder.recording()
    recording = Recording.of(whole.key, history_of(whole, forms={}, lost=(3, 4, 8)))
    recording = Recording.decode(recording.encode())

    assert recording.missing == [(3, 4), (8, 8)]
    assert [version for version, _ in recording.states()] == [1, 2, 6, 7]
    told = [(gap.first, gap.last, gap.why) for gap in recording.gaps()]
    assert told == [
        (3, 5, "the journal's version 3 is missing"),
        (8, 8, "the journal's version 8 is missing"),
    ]
    assert rerun(recording, Adding()) is None
    assert b"@example.org" not in anonymous(recording).encode()
    changed(monkeypatch, lambda self, data: None)
    assert rerun(recording, Adding()) is not None


def test_what_cannot_be_run_is_not_said_to_run_again() -> None:
    whole = adding(1)
    last = msgspec.structs.replace(whole, forms=whole.forms[-1:], entries=[])
    with pytest.raises(AssertionError, match="no commit of adding/room can be run again"):
        assert_replays(last, Adding)


def test_no_identity_is_in_an_anonymous_recording() -> None:
    """Of a seat, of a kicked member, of somebody who came and is forgotten; wherever it stands."""
    kicked, seated, gone, late = (f"k:{random.Random(n).getrandbits(128):032x}" for n in range(4))
    recorder = Recorder(game())
    recorder.take(Joined(now=NOW, identity=kicked, role="player"))
    (who,) = recorder.actor.roster.members
    recorder.take(cause_of(recorder.actor, ("kicked", 0), NOW))
    recorder.take(Joined(now=NOW, identity=seated, role="player"))
    recorder.forms, recorder.entries = [(recorder.version, recorder._whole())], []
    recorder.take(Sent(now=NOW, type="keep", data={"n": 1, "text": seated}))
    recorder.take(Joined(now=NOW, identity=late, role="player"))
    recording = recorder.recording()
    recording.entries[-1].causes.append((1, Joined(now=NOW, identity=gone, role="player")))
    recording.forms[0][1]["windows"] = {seated: {}}
    identities = (kicked, seated, gone, late)
    assert all(each.encode() in recording.encode() for each in identities)

    replaced = anonymous(recording)

    assert not any(each.encode() in replaced.encode() for each in identities)
    form = replaced.form(replaced.version)
    assert form["actor"]["kicked"][who]["identity"] == "identity-2"
    assert [s["identity"] for s in form["actor"]["seats"].values()] == ["identity-1", "identity-3"]
    assert form["actor"]["machine"]["context"]["anything"]["text"] == "identity-1"
    assert anonymous(replaced) == replaced


def test_an_identity_is_replaced_in_texts_and_paths_too() -> None:
    """A service may have kept something by identity: its patches name it in their paths."""
    who, word = "u:https://id.example/~ann", "menu:https://id.example/~ann"
    recorder = Recorder(game())
    recorder.take(Joined(now=NOW, identity=who, role="player"))
    recorder.take(Sent(now=NOW, type="keep", data={"n": 1, "text": f"<{who}> {word}"}))
    recording = recorder.recording()
    path = "/actor/machine/context/anything/" + who.replace("~", "~0").replace("/", "~1")
    operations = [
        {"op": "add", "path": path, "value": 1},
        {"op": "replace", "path": path, "value": 2},
    ]
    recording.entries[-1].patch.extend(operations)

    replaced = anonymous(recording)

    text = replaced.encode().decode()
    assert who not in text.replace(word, "")
    assert "id.example~1" not in text
    context = replaced.form(replaced.version)["actor"]["machine"]["context"]
    assert context["anything"]["identity-1"] == 2
    assert context["anything"]["text"] == f"<identity-1> {word}"


@pytest.mark.parametrize("identity", ["idle", "1", "0", "add", ""])
def test_an_identity_that_is_a_common_word_is_replaced_where_it_is_one(identity: str) -> None:
    """`on_auth` may take any text for one: what means something else must stay."""
    recorder = Recorder(Adding())
    recorder.take(Joined(now=NOW, identity=identity, role="player", name="Ann"))
    for _ in range(2):
        recorder.take(Sent(now=NOW, type="add", data={"by": 1}))
    recorder.checkpoint()

    replaced = anonymous(recorder.recording())

    (seat,) = replaced.form(replaced.version)["actor"]["seats"].values()
    assert seat["identity"] == "identity-1"
    assert replaced.entries[0].causes[0][1].identity == "identity-1"  # type: ignore[union-attr]
    assert rerun(replaced, Adding()) is None


def test_members_are_found_by_id_and_by_name() -> None:
    recorder = Recorder(game())
    recorder.take(Joined(now=NOW, identity="one", role="player", name="Ann"))
    (first,) = recorder.actor.roster.members
    recorder.take(cause_of(recorder.actor, ("kicked", 0), NOW))
    assert recorder.recording().member("Ann") == first
    recorder.take(Joined(now=NOW, identity="two", role="player", name="Ann"))
    recording = recorder.recording()

    assert recording.member(first) == first
    with pytest.raises(NotRecorded, match="2 members were called 'Ann'"):
        recording.member("Ann")
    with pytest.raises(NotRecorded, match=f"there were: Ann \\({first}\\)"):
        recording.member("Bob")
