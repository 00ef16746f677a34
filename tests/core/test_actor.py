"""The actor: what is stored is all that there is, and every event leaves it in a legal state."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from machine_party.core import (
    Actor,
    Joined,
    Kicked,
    Machine,
    Party,
    PresenceChanged,
    Sent,
    State,
    Step,
    Unkicked,
)
from machine_party.errors import Refused, RestoreError
from tests.core.game import HAPPENINGS, Box, GameMachine, Step_, cause_of, game
from tests.core.rig import NOW, Notes, Rig, event, legal, party_of

CODES = {"not_allowed", "no_such_child", "not_handled", "no", "kicked", "room_full", "bad_request"}
"""What an event can be refused for in these rooms, all documented."""


class Walk:
    """An actor to which one thing after the other happens. What raises is undone, as in a room."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.actor = Actor.start(party, input=None, seed="seed", now=NOW)
        self.now = NOW
        self.version = 0

    def take(self, happening: Step_, seconds: float) -> Step | None:
        self.now += seconds
        self.version += 1
        return self.run(cause_of(self.actor, happening, self.now))

    def run(self, cause: Any) -> Step | None:
        before = self.actor.dump()
        try:
            return self.actor.step(cause, version=self.version, index=0)
        except (RuntimeError, Refused):
            self.actor = Actor.restore(self.party, before)
            return None


def strict(value: Any) -> str:
    """A form that tells True from 1 and one order of keys from another."""
    return json.dumps(value)


def through_store(dump: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(dump))


@given(HAPPENINGS)
def test_any_state_and_any_event_give_a_legal_state_or_a_documented_refusal(
    happenings: list[tuple[Step_, int]],
) -> None:
    walk = Walk(game())
    for happening, seconds in happenings:
        step = walk.take(happening, seconds)
        assert all(legal(machine) for machine in walk.actor.machines.values())
        assert step is None or step.accepted or step.code in CODES
        assert_owned(walk.actor)


def assert_owned(actor: Actor) -> None:
    """Whatever waits or runs belongs to a machine that runs, and to a state that is active."""
    for timer in actor.timers.rows.values():
        machine = actor.machines[timer.path]
        assert machine._engine.running
        assert timer.state is None or timer.state in machine.configuration_values
    for (path, _), row in actor.running_invokes().items():
        assert row.state in actor.machines[path].configuration_values
    for machine in actor.machines.values():
        assert machine._engine.running or not machine._children


@given(HAPPENINGS)
def test_a_restored_actor_is_the_one_that_was_stored(
    happenings: list[tuple[Step_, int]],
) -> None:
    walk = Walk(game())
    for happening, seconds in happenings:
        walk.take(happening, seconds)
    dump = walk.actor.dump()
    restored = Actor.restore(walk.party, through_store(dump))
    assert strict(restored.dump()) == strict(dump)
    assert restored.snapshot() == walk.actor.snapshot()
    assert restored.running_invokes() == walk.actor.running_invokes()


@given(HAPPENINGS, HAPPENINGS)
@settings(max_examples=60)
def test_a_restored_actor_goes_on_like_the_one_that_never_stopped(
    before: list[tuple[Step_, int]], after: list[tuple[Step_, int]]
) -> None:
    steady, stopped = Walk(game()), Walk(game())
    for happening, seconds in before:
        steady.take(happening, seconds)
        stopped.take(happening, seconds)
    for happening, seconds in after:
        stopped.actor = Actor.restore(stopped.party, through_store(stopped.actor.dump()))
        assert steady.take(happening, seconds) == stopped.take(happening, seconds)
        assert strict(steady.actor.dump()) == strict(stopped.actor.dump())


def test_these_walks_reach_what_they_are_about() -> None:
    """Else the tests above could not fail: a walk to history, children, timers and invokes."""
    walk = Walk(game())
    sends = ["start", "answer", "pause", "resume", "hire", "push"]
    walk.take(("joined", "ann"), 1)
    for name in sends:
        step = walk.take(("sent", (name, 0, 0, None)), 1)
        assert step is not None
        assert step.accepted, name
    dump = walk.actor.dump()["machine"]
    assert dump["history"] == {"memory": ["judging"]}
    assert dump["children"]["p0"]["configuration"] == ["there"]
    assert list(dump["invokes"]) == ["judging.2"]
    assert [timer["event"] for timer in walk.actor.dump()["timers"].values()] == ["tire"]


def test_the_comparison_of_dumps_can_fail() -> None:
    """An actor that forgets its counter of timers goes on differently, and is found out."""
    steady, forgetful = Walk(game()), Walk(game())
    stored = {**forgetful.actor.dump(), "next_timer": 9}
    forgetful.actor = Actor.restore(forgetful.party, stored)
    for walk in (steady, forgetful):
        walk.take(("sent", ("plan", 2, None, None)), 0)
    assert strict(steady.actor.dump()) != strict(forgetful.actor.dump())


def test_no_entry_action_runs_on_restore() -> None:
    class Entering(GameMachine):
        entries = 0

        def on_enter_state(self, state: Any) -> None:
            type(self).entries += 1

    party = party_of(Entering, events=(event("start"),), refusals={"no": "No."})
    rig = Rig(party)
    rig.join()
    rig.send("start")
    entries = Entering.entries
    assert entries > 0
    rig.restart()
    assert Entering.entries == entries
    rig.restart()
    assert rig.value == {"game": {"round": "asking", "chat": "quiet"}}


# -- what a restored actor shares, and with whom --------------------------------------------


class Loose(Struct):
    """A context in which anything may be kept, and by number."""

    anything: Any = None
    numbered: dict[int, list[Any]] = field(default_factory=dict)
    box: Box = field(default_factory=lambda: Box("empty"))


class Keeper(Machine[Loose]):
    idle = State(initial=True)
    keep = idle.to.itself(internal=True, on="do_keep")
    change = idle.to.itself(internal=True, on="do_change")
    later = idle.to.itself(internal=True, on="do_later")
    arrive = idle.to.itself(internal=True, on="do_arrive")

    def do_keep(self, data: Any) -> None:
        self.context.anything = data.payload
        self.context.numbered[3] = [data.payload]
        self.do_change()

    def do_change(self) -> None:
        self.context.anything["list"].append(1)

    def do_later(self, data: Any) -> None:
        self.after(1, "arrive", data.payload)

    def do_arrive(self, data: Any) -> None:
        self.context.anything = data
        self.do_change()


def keeper() -> Rig:
    anything = (("payload", Any),)
    loose, later = event("keep", fields=anything), event("later", fields=anything)
    return Rig(party_of(Keeper, events=(loose, later, event("change"))))


def test_an_action_that_changes_its_payload_does_not_change_the_cause() -> None:
    rig = keeper()
    cause = Sent(now=NOW, type="keep", data={"payload": {"list": []}})
    rig.step(cause)
    assert rig.context.anything == {"list": [1]}
    assert cause.data == {"payload": {"list": []}}


def test_an_actor_changes_nothing_of_what_it_was_restored_from() -> None:
    rig = keeper()
    rig.send("keep", payload={"list": []})
    rig.send("later", payload={"list": []})
    stored = rig.actor.dump()
    before = copy.deepcopy(stored)
    rig.actor = Actor.restore(rig.party, stored)
    rig.send("change")
    rig.elapse(1)
    rig.send("change")
    assert rig.context.anything == {"list": [1, 1]}
    assert stored == before


def test_a_dump_shares_nothing_with_the_actor() -> None:
    rig = keeper()
    rig.send("keep", payload={"list": []})
    dump = rig.actor.dump()
    before = copy.deepcopy(dump)
    rig.send("change")
    assert dump == before


def test_keys_that_are_numbers_come_back_as_numbers() -> None:
    rig = keeper()
    rig.send("keep", payload={"list": []})
    rig.restart()
    assert rig.context.numbered == {3: [{"list": [1]}]}


class Doll(Machine[Notes]):
    idle = State(initial=True)
    over = State(final=True, donedata="out")
    end = idle.to(over)

    def initial(self, input: Any) -> Notes:
        return Notes(log=[type(input).__name__])

    def out(self) -> Box:
        return Box("out")


class House(Machine[Notes]):
    Children = (Doll,)
    idle = State(initial=True)
    see = idle.to.itself(internal=True, on="look")
    hold = idle.to.itself(internal=True)

    def on_enter_idle(self) -> None:
        self.spawn(Doll, "doll", input=Box("in"))

    def look(self) -> None:
        doll = self._actor.machines["doll"]
        self.context.log.append([doll.input, doll._engine.output])


def test_inputs_and_outputs_are_the_same_before_and_after_a_restart() -> None:
    rig = Rig(party_of(House, events=(event("see"), event("end"))))
    rig.send("end", child="doll")
    rig.send("see")
    expected = [{"label": "in", "parts": []}, {"label": "out", "parts": []}]
    assert rig.context.log == [expected]
    rig.restart()
    rig.send("see")
    assert rig.context.log == [expected, expected]


# -- what does not fit ----------------------------------------------------------------------


def stored_game() -> dict[str, Any]:
    rig = Rig(game())
    rig.join()
    rig.send("start")
    rig.send("answer")
    rig.send("hire")
    return rig.actor.dump()


def at(dump: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`dump` with another value at a path such as `machine.status`."""
    changed = copy.deepcopy(dump)
    *parents, last = path.split(".")
    place = changed
    for key in parents:
        place = place[key]
    place[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", 99),
        ("seed", None),
        ("machine", {}),
        ("machine.configuration", ["gone"]),
        ("machine.configuration", []),
        ("machine.configuration", ["lobby", "game"]),
        ("machine.configuration", [7]),
        ("machine.context", {"log": 3}),
        ("machine.history", {"memory": ["gone"]}),
        ("machine.invokes", {"judging.1": {"state": "gone", "index": 0}}),
        ("machine.invokes", {"judging.1": {"state": "judging", "index": 5}}),
        ("machine.children.p0.kind", "Gone"),
        ("timers", {"1": {"event": "late"}}),
        ("seats", {"a": {"member": {"id": "a"}}}),
    ],
)
def test_what_does_not_fit_todays_code_is_not_restored(path: str, value: Any) -> None:
    dump = stored_game()
    assert Actor.restore(game(), dump).dump() == dump
    with pytest.raises(RestoreError):
        Actor.restore(game(), at(dump, path, value))


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_nothing_but_a_restore_error_escapes(junk: Any) -> None:
    with pytest.raises(RestoreError):
        Actor.restore(game(), junk)


# -- members ----------------------------------------------------------------------------------


def test_joining_again_gives_the_same_seat_back() -> None:
    rig = Rig(game())
    ann = rig.join("ann")
    step = rig.step(Joined(now=NOW, identity="ann", role="host", name="other"))
    assert (step.member, step.changed) == (ann, False)
    rig.step(PresenceChanged(now=NOW, member=ann.id, presence="away"))
    assert rig.join("ann") == ann


def test_a_room_has_only_so_many_seats() -> None:
    rig = Rig(game())
    for number in range(5):
        rig.join(f"identity {number}")
    step = rig.step(Joined(now=NOW, identity="one more", role="player"))
    assert (step.accepted, step.code, step.changed) == (False, "room_full", False)


def test_a_service_kicks_and_unkicks() -> None:
    rig = Rig(game())
    ann = rig.join("ann")
    assert rig.step(Kicked(now=NOW, member=ann.id)).changed
    assert not rig.step(Kicked(now=NOW, member=ann.id)).changed
    step = rig.step(Joined(now=NOW, identity="ann", role="player"))
    assert (step.code, step.changed) == ("kicked", False)
    assert rig.step(Unkicked(now=NOW, member=ann.id)).changed
    assert not rig.step(Unkicked(now=NOW, member=ann.id)).changed


def test_presence_that_does_not_change_is_nothing() -> None:
    rig = Rig(game())
    ann = rig.join("ann")
    assert not rig.step(PresenceChanged(now=NOW, member=ann.id, presence="connected")).changed
    assert not rig.step(PresenceChanged(now=NOW, member="nobody", presence="gone")).changed


def test_a_member_that_is_not_there_sends_nothing() -> None:
    step = Rig(game()).send("roll", member="nobody")
    assert (step.accepted, step.code) == (False, "not_allowed")


class Final(Machine[Notes]):
    Children = (Doll,)
    idle = State(initial=True)
    over = State(final=True)
    idle.to(over, cond="always")

    def always(self) -> bool:
        return True

    def on_enter_idle(self) -> None:
        self.spawn(Doll)
        self.after(5, "never")


def test_a_machine_that_ends_at_once_leaves_nothing_behind() -> None:
    rig = Rig(party_of(Final, events=()))
    assert rig.actor.snapshot().status == "done"
    assert (list(rig.actor.machines), rig.actor.timers.rows) == ([""], {})
