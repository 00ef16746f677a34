"""The commands that look at kept rooms: rooms, check, replay, export, delete."""

from __future__ import annotations

import errno
import importlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from machine_party.cli import app
from machine_party.room.recording import Recording
from tests.cli.archive import ADDER, IDENTITY, NODE, keep
from tests.cli.process import COMMAND, WIDE, made, played, refused, served

SECRET = "5eed5eed" * 4
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("add", {"by": 2}),
    ("whisper", {"text": SECRET}),
    ("add", {"by": 30}),
    ("add", {"by": 4}),
]
"""Sent by Ann and Bob in turns, as versions 4 to 7: Bob whispers."""

ENDING = (
    ('idle.to.itself(internal=True, on="do_whisper")', 'idle.to(over, on="do_whisper")'),
    ("    add = idle", "    over = State(final=True)\n    add = idle"),
)
"""What makes of the game one that is over with the first whisper."""

RENAMED = (
    ("    events = (", '    open_roles = ("gamer",)\n    events = ('),
    ("    by: int = 1\n", '    roles = ("gamer",)\n    by: int = 1\n'),
    ("    text: str\n", '    roles = ("gamer", "host")\n    text: str\n'),
)
"""All that has to be changed until nothing in the game names the role `player`."""


class Folder:
    """A folder with a game, and the rooms that were played with it.

    Attributes:
        games: the game's module, for --games.
        told: what the last command has said on stderr.
    """

    def __init__(self, path: Path, games: str) -> None:
        self.path, self.games = path, games
        self.file, self.told = path / "rooms.sqlite", ""

    def run(self, command: str, *arguments: str, code: int = 0, games: str | None = None) -> str:
        """What a command prints on stdout."""
        words = [command, *arguments, "--data", str(self.path)]
        if command != "delete":
            words += ["--games", games or self.games]
        result = CliRunner().invoke(app, words, env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert result.exit_code == code, result.output
        self.told = result.stderr
        return result.stdout

    def game(self, name: str, *changes: tuple[str, str]) -> str:
        """Another version of the game, as a module."""
        text = ADDER
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (self.path / f"{name}.py").write_text(text, "utf-8")
        importlib.invalidate_caches()
        return name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """With the rooms `adding/one` and `adding/two`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    before = set(sys.modules)
    folder = Folder(tmp_path, "adder")
    party = importlib.import_module(folder.game("adder")).Adding()
    keep(folder.file, party, "one", EVENTS)
    keep(folder.file, party, "two", EVENTS[:1])
    yield folder
    for name in {"adder", *set(sys.modules) - before}:
        if (tmp_path / f"{name}.py").is_file():
            del sys.modules[name]


def rows_of(file: Path) -> list[str]:
    """All that a store's file holds."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
        return [*db.iterdump()]


# -- rooms ------------------------------------------------------------------------------------


def test_rooms_are_listed(folder: Folder) -> None:
    titles, one, two = folder.run("rooms").splitlines()
    assert re.split(r"  +", titles)[:4] == ["room", "version", "size", "last activity"]
    assert re.match(r"adding/one +7 +\d+ B +2023-11-14 .* down +2$", one)
    assert re.match(r"adding/two +4 ", two)


def test_rooms_as_json(folder: Folder) -> None:
    one, _ = json.loads(folder.run("rooms", "--json", "--party", "adding"))
    assert one["room"] == "adding/one"
    assert (one["version"], one["node"], one["state"], one["wakes_at"]) == (7, NODE, "down", None)
    assert one["members"] == ["Ann", "Bob"]
    assert one["problem"] is None
    assert one["last_activity"] == 1_700_000_005.0
    assert json.loads(folder.run("rooms", "--json", "--party", "other")) == []


def test_no_rooms_are_a_sentence(folder: Folder) -> None:
    told = folder.run("rooms", "--party", "other")
    assert told == "No room of other is kept there; there are these parties: adding\n"
    for room in ("one", "two"):
        folder.run("delete", f"adding/{room}", "--yes")
    assert folder.run("rooms") == "No room is kept there.\n"
    assert folder.run("rooms", "--party", "adding") == "No room of adding is kept there.\n"
    assert folder.run("check") == "0 of 0 stored rooms fit today's code.\n"


def test_a_room_that_does_not_fit_is_marked(folder: Folder) -> None:
    other = folder.game("other", ("idle", "ready"))
    (_, one, _) = folder.run("rooms", games=other).splitlines()
    assert "no state 'idle'" in one


# -- check ------------------------------------------------------------------------------------


def test_check_is_content_with_unchanged_code(folder: Folder) -> None:
    assert folder.run("check") == "2 of 2 stored rooms fit today's code.\n"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("idle", "ready"), "no state 'idle'"),
        (("class Adding(Party):", "class Summing(Party):"), "there is no party 'adding'"),
        (("return Shared(", "return Shared(1 // 0 or "), "a view fails: ZeroDivisionError"),
        (("return Own(", "return Own(1 // 0 or "), "a view fails: ZeroDivisionError"),
    ],
)
def test_check_says_which_room_would_not_restore_and_why(
    folder: Folder, change: tuple[str, str], told: str
) -> None:
    before = rows_of(folder.file)
    other = folder.game("other", change)
    printed = folder.run("check", games=other, code=1)
    assert printed.count(told) == 2
    assert "adding/one" in printed
    assert "0 of 2 stored rooms fit today's code." in printed
    found = json.loads(folder.run("check", "--json", games=other, code=1))
    assert [each["room"] for each in found] == ["adding/one", "adding/two"]
    assert all(told in each["problem"] for each in found)
    assert rows_of(folder.file) == before


def test_check_warns_of_members_whose_role_is_gone(folder: Folder) -> None:
    """It cannot know whether `on_auth` or an action still gives it."""
    renamed = folder.game("renamed", *RENAMED)
    printed = folder.run("check", games=renamed)
    assert printed.count("members have a role that may send nothing: 'player' (Ann, Bob)") == 2
    assert "2 of 2 stored rooms fit today's code." in printed
    (one, _) = json.loads(folder.run("check", "--json", games=renamed))
    assert one["problem"] is None
    assert "'player' (Ann, Bob)" in one["warning"]
    for known in RENAMED:
        assert "may send nothing" not in folder.run("check", games=folder.game("known", known))
    assert json.loads(folder.run("check", "--json"))[0]["warning"] is None


def test_check_warns_of_nobody_in_a_room_that_is_over(folder: Folder) -> None:
    ending = importlib.import_module(folder.game("ending", *ENDING)).Adding()
    keep(folder.file, ending, "over", EVENTS[:2])
    renamed = folder.game("renamed", *ENDING, *RENAMED)
    found = json.loads(folder.run("check", "--json", games=renamed))
    told = {each["room"]: each["warning"] is not None for each in found}
    assert told == {"adding/one": True, "adding/two": True, "adding/over": False}


def test_a_migration_makes_it_fit(folder: Folder) -> None:
    rename = [("total: int = 0", "sum: int = 0"), ("context.total", "context.sum")]
    unled = folder.game("unled", *rename)
    assert "total" in folder.run("check", games=unled, code=1)
    migration = """
    schema_version = 2
    migrations = {1: to_2}

    def shared"""
    to_2 = """
def to_2(form: dict[str, Any]) -> dict[str, Any]:
    form["machine"]["context"]["sum"] = form["machine"]["context"].pop("total")
    return form


class Adding"""
    before = rows_of(folder.file)
    led = folder.game("led", *rename, ("\n    def shared", migration), ("\nclass Adding", to_2))
    assert "2 of 2" in folder.run("check", games=led)
    assert rows_of(folder.file) == before
    whole = json.loads(folder.run("replay", "adding/one", "--at", "7", games=led))
    assert whole["context"]["sum"] == 36


def test_a_damaged_row_is_told_and_the_others_are_looked_at(folder: Folder) -> None:
    damage(folder.file)
    printed = folder.run("check", code=1)
    assert "1 of 2" in printed
    assert "adding/one" in printed
    assert "?" in folder.run("rooms").splitlines()[1]


def damage(file: Path, version: int = 7) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE entries SET entry = x'00' WHERE room = 1 AND version = ?", (version,))


# -- replay -----------------------------------------------------------------------------------


def test_the_timeline_says_what_happened(folder: Folder) -> None:
    lines = folder.run("replay", "adding/one").splitlines()
    assert lines[1] == "    what is kept begins here"
    told = [line.strip() for line in lines if line.startswith("    ")][1:]
    assert told[:2] == ["Ann comes as player", "Bob comes as player"]
    assert re.fullmatch(r'Ann \(\w+\) sends add \{"by":2\}', told[2])
    assert [line.split()[0] for line in lines if line[0] != " "] == list("1234567")
    part = folder.run("replay", "adding/one", "--from", "4", "--to", "5").splitlines()
    assert [line.split()[0] for line in part if line[0] != " "] == ["4", "5"]
    (_, caption) = folder.run("replay", "adding/one", "--from", "6", "--to", "6").splitlines()
    assert re.fullmatch(r'    Ann \(\w+\) sends add \{"by":30\}', caption)
    assert IDENTITY not in folder.run("replay", "adding/one")


def test_what_was_typed_does_not_command_the_terminal(folder: Folder) -> None:
    text = "\x1b]0;title\x07 \x9b2J\n\x7f[b]:pig:"
    keep(
        folder.file, importlib.import_module("adder").Adding(), "odd", [("whisper", {"text": text})]
    )
    for options in ((), ("--as", "Ann")):
        printed = folder.run("replay", "adding/odd", *options)
        assert "[b]:pig:" in printed
        assert not set(printed) & set("\x1b\x07\x9b\x7f")
    printed = folder.run("replay", "adding/odd", "--at", "4")
    assert not set(printed) & set("\x1b\x07\x9b\x7f")
    whole = json.loads(printed)
    assert text in whole["context"]["secrets"].values()


def test_what_a_member_was_sent(folder: Folder) -> None:
    ann, bob = (folder.run("replay", "adding/one", "--as", name) for name in ("Ann", "Bob"))
    assert SECRET in bob
    assert SECRET not in ann
    assert '    {"op":"replace","path":"/context/total","value":2}' in ann.splitlines()
    assert [line.split()[0] for line in ann.splitlines() if line[0] != " "] == list("2467")


def test_a_part_of_what_a_member_was_sent_begins_with_the_document(folder: Folder) -> None:
    lines = folder.run("replay", "adding/one", "--as", "Ann", "--from", "5").splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == list("567")
    first = json.loads(lines[1])
    assert (first["op"], first["path"]) == ("replace", "")
    assert first["value"]["context"] == {"total": 2, "secret": None}
    assert lines[3] == '    {"op":"replace","path":"/context/total","value":32}'


def test_nothing_is_a_sentence(folder: Folder) -> None:
    told = folder.run("replay", "adding/one", "--as", "Bob", "--from", "1", "--to", "2")
    assert told == "Nothing was sent to Bob from version 1 to 2.\n"


def test_a_view_that_raises_is_told_once(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    raising = folder.game(
        "raising", ("return Shared(", "return Shared(1 // 0 if snapshot.context.total else ")
    )
    for command in ("replay", "export"):
        caplog.clear()
        printed = folder.run(command, "adding/one", "--as", "Ann", games=raising)
        assert '"view_failed"' in printed
        assert folder.told.count("A view raises ZeroDivisionError: ") == 1
        assert "raising.py, line " in folder.told
        assert caplog.records == []
        assert "Traceback" not in folder.told


def test_one_version(folder: Folder) -> None:
    ann = json.loads(folder.run("replay", "adding/one", "--as", "Ann", "--at", "6"))
    bob = json.loads(folder.run("replay", "adding/one", "--as", "Bob", "--at", "6"))
    assert ann["context"] == {"total": 32, "secret": None}
    assert bob["context"] == {"total": 32, "secret": SECRET}
    whole = json.loads(folder.run("replay", "adding/one", "--at", "5"))
    assert whole["value"] == "idle"
    assert whole["context"]["total"] == 2
    assert [member["name"] for member in whole["members"].values()] == ["Ann", "Bob"]
    assert IDENTITY not in json.dumps(whole)


def test_what_a_member_would_have_seen_while_away_is_not_shown(folder: Folder) -> None:
    party = importlib.import_module("adder").Adding()
    leaves: list[Any] = [*EVENTS[:1], ("presence", "away"), *EVENTS[:1]]
    keep(folder.file, party, "left", leaves)
    folder.run("replay", "adding/left", "--as", "Bob", "--at", "4")
    for version in ("5", "6"):
        told = refused(
            "replay", "adding/left", "--as", "Bob", "--at", version, "--games", "adder",
            "--data", str(folder.path), code=2,
        )  # fmt: skip
        assert f"is away at version {version}: what happened then was not sent" in told
    assert "away at" not in folder.run("replay", "adding/left", "--as", "Ann", "--at", "5")


# -- export -----------------------------------------------------------------------------------


def test_an_export_is_a_recording_without_identities(folder: Folder) -> None:
    output = folder.path / "one.json"
    assert folder.run("export", "adding/one", "--output", str(output)) == ""
    assert output.stat().st_mode & 0o777 == 0o600
    assert output.read_text("utf-8") == folder.run("export", "adding/one")
    assert IDENTITY not in output.read_text("utf-8")
    recording = Recording.load(output)
    assert [version for version, _ in recording.forms] == [1, 3, 6]
    assert recording.version == 7
    assert IDENTITY in folder.run("export", "adding/one", "--raw")


def test_an_export_as_a_member_holds_only_what_it_was_sent(folder: Folder) -> None:
    ann = folder.run("export", "adding/one", "--as", "Ann")
    assert SECRET not in ann
    assert IDENTITY not in ann
    found = json.loads(ann)
    assert set(found) == {"party", "room", "member", "documents"}
    assert [each["version"] for each in found["documents"]] == [2, 4, 6, 7]
    assert found["documents"][-1]["document"]["context"] == {"total": 36, "secret": None}
    assert SECRET in folder.run("export", "adding/one", "--as", "Bob")


def test_a_room_that_no_code_can_restore_is_exported(folder: Folder) -> None:
    other = folder.game("other", ("idle", "ready"))
    exported = folder.run("export", "adding/one", games=other)
    assert Recording.decode(exported.encode()).version == 7
    assert exported == folder.run("export", "adding/one", games="no.such")


def test_what_is_left_of_a_damaged_history_is_exported(folder: Folder) -> None:
    damage(folder.file, version=2)
    folder.run("export", "adding/one", "--output", str(folder.path / "one.json"))
    assert "Not all that is kept can be read: adding/one: what is stored" in folder.told
    assert "Version 2 of adding/one cannot be read: the journal's version 2 is" in folder.told
    recording = Recording.load(folder.path / "one.json")
    assert [version for version, _ in recording.states()] == [1, 3, 4, 5, 6, 7]
    assert "what is kept begins here" in folder.run("replay", "adding/one", "--to", "1")
    damage(folder.file, version=7)
    lines = folder.run("replay", "adding/one").splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == list("13456")
    spoil(folder.file, "one", form=6, whole=b"\x00")
    lines = folder.run("replay", "adding/one").splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == list("13456")
    for form in (1, 3):
        spoil(folder.file, "one", form=form, whole=b"\x00")
    folder.run("export", "adding/one", code=1)
    assert "cannot be read" in folder.told


def spoil(
    file: Path,
    room: str,
    *,
    commit: int | None = None,
    form: int | None = None,
    whole: bytes = b'{"actor":{}}',
) -> None:
    """A commit that fits nothing, or a whole form that is none."""
    patch = b'{"version":%d,"patch":[{"op":"remove","path":"/no"}],"causes":[]}'
    where = "WHERE version = ? AND room = (SELECT id FROM rooms WHERE rooms.room = ?)"
    with closing(sqlite3.connect(file)) as db, db:
        if commit is not None:
            row = (patch % commit, commit, room)
            assert db.execute(f"UPDATE entries SET entry = ? {where}", row).rowcount == 1
        if form is not None:
            row = (whole, form, room)
            assert db.execute(f"UPDATE forms SET form = ? {where}", row).rowcount == 1


def test_what_is_intact_beside_a_damaged_commit_is_shown_and_the_rest_is_named(
    folder: Folder,
) -> None:
    """Whole forms are at 1, 3 and 6."""
    spoil(folder.file, "one", commit=4)
    missing = "Versions 4 to 5 of adding/one cannot be read: the journal's version 4 does not fit"
    lines = folder.run("replay", "adding/one").splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == list("12367")
    assert missing in folder.told
    shown = folder.run("replay", "adding/one", "--as", "Ann").splitlines()
    assert [line.split()[0] for line in shown if line[0] != " "] == list("267")
    assert missing in folder.told
    assert "version 4 does not fit" in folder.run("export", "adding/one") + folder.told
    assert json.loads(folder.run("replay", "adding/one", "--at", "7"))["context"]["total"] == 36
    folder.run("replay", "adding/one", "--from", "6")
    assert folder.told == ""
    folder.run("replay", "adding/one", "--at", "5", code=1)
    assert "version 4 does not fit" in folder.told
    told = folder.run("replay", "adding/one", "--from", "4", "--to", "5")
    assert told == "Nothing can be read of adding/one from version 4 to 5.\n"


@pytest.mark.parametrize(
    ("form", "versions", "told"),
    [
        (1, "34567", "Versions 1 to 2 of adding/one cannot be read: their whole form is damaged"),
        (3, "1234567", ""),
        (6, "1234567", ""),
    ],
)
def test_a_whole_form_that_is_none_is_told_where_it_is_missed(
    folder: Folder, form: int, versions: str, told: str
) -> None:
    spoil(folder.file, "one", form=form)
    lines = folder.run("replay", "adding/one").splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == [*versions]
    assert folder.told.strip() == told
    exported = folder.run("export", "adding/one", "--raw")
    assert [str(version) for version, _ in Recording.decode(exported.encode()).states()] == [
        *versions
    ]


def test_without_any_whole_form_it_is_a_sentence(folder: Folder) -> None:
    for form in (1, 3, 6):
        spoil(folder.file, "one", form=form)
    for command in ("replay", "export"):
        folder.run(command, "adding/one", code=1)
        assert "cannot be read: none of the whole forms of adding/one" in folder.told


def test_versions_that_fit_are_shown_when_the_oldest_migration_is_gone(folder: Folder) -> None:
    led = folder.game(
        "led",
        (
            "\n    def shared",
            "\n    schema_version = 3\n    migrations = {2: dict}\n\n    def shared",
        ),
    )
    newer = """CAST(replace(form, '"party_schema":1', '"party_schema":2') AS BLOB)"""
    with closing(sqlite3.connect(folder.file)) as db, db:
        db.execute(f"UPDATE forms SET form = {newer} WHERE room = 1 AND version = 6")
    folder.run("replay", "adding/one", "--as", "Ann", games=led, code=1)
    assert "adding/one: version 1: party adding: it is stored in schema 1" in folder.told
    whole = json.loads(folder.run("replay", "adding/one", "--at", "7", games=led))
    assert whole["context"]["total"] == 36
    shown = folder.run("replay", "adding/one", "--as", "Ann", "--from", "6", games=led)
    assert [line.split()[0] for line in shown.splitlines() if line[0] != " "] == list("67")


def test_an_export_of_a_room_that_goes_on_says_what_it_gives_away(folder: Folder) -> None:
    for options in ((), ("--raw",), ("--pytest", str(folder.path))):
        folder.run("export", "adding/one", *options)
        assert folder.told.startswith("adding/one is not over: whoever has this export knows")
    folder.run("export", "adding/one", "--as", "Ann")
    assert folder.told == ""
    ending = folder.game("ending", *ENDING)
    keep(folder.file, importlib.import_module(ending).Adding(), "over", EVENTS[:2])
    folder.run("export", "adding/over", games=ending)
    assert folder.told == ""


def test_of_a_damaged_room_an_export_says_that_it_is_over_if_that_can_be_read(
    folder: Folder,
) -> None:
    spoil(folder.file, "one", commit=4)
    folder.run("export", "adding/one")
    assert "adding/one is not over" in folder.told
    spoil(folder.file, "one", commit=7)
    folder.run("export", "adding/one")
    assert "adding/one may not be over: its last version is damaged" in folder.told
    ending = folder.game("ending", *ENDING)
    keep(folder.file, importlib.import_module(ending).Adding(), "over", [EVENTS[0]] * 2 + EVENTS)
    spoil(folder.file, "over", commit=4)
    folder.run("export", "adding/over")
    assert "Versions 4 to 5 of adding/over" in folder.told
    assert "over:" not in folder.told


def test_a_recording_becomes_a_test_that_can_fail(folder: Folder) -> None:
    told = folder.run("export", "adding/one", "--pytest", str(folder.path))
    assert told == f"Run it: python -m pytest {folder.path / 'test_adding_one.py'}\n"
    assert "1 passed" in _tested(folder)

    folder.game("adder", ("+= data.by", "+= min(data.by, 10)"))

    failed = _tested(folder)
    assert "1 failed" in failed
    assert "adding/one goes another way now: version 6 (Ann" in failed
    assert "/machine/context/total was 32, and is 12 now" in failed


def _tested(folder: Folder, what: str = "test_adding_one.py") -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", what]
    done = subprocess.run(
        command, cwd=folder.path, capture_output=True, text=True, check=False, env=WIDE
    )
    return done.stdout + done.stderr


def test_each_room_has_a_test_of_its_own(folder: Folder) -> None:
    """`pytest` alone would not find a game that lies beside the tests: they are in a folder."""
    party, tests = importlib.import_module("adder").Adding(), folder.path / "tests" / "rooms"
    rooms = ("a-b", "a_b", "A_b", "a__b", "a-b-c")
    for room in rooms:
        keep(folder.file, party, room, EVENTS[:1])
        told = folder.run("export", f"adding/{room}", "--pytest", str(tests))
        assert Path(told.split()[-1]).is_file()
    files = [file.name for file in tests.glob("*.py")]
    assert len({file.casefold() for file in files}) == len(rooms)
    names = {json.loads(file.read_bytes())["room"] for file in tests.glob("*.json")}
    assert names == {*rooms}
    assert "5 passed" in _tested(folder, "tests/rooms")


def test_what_cannot_be_run_becomes_no_test(folder: Folder) -> None:
    with closing(sqlite3.connect(folder.file)) as db, db:
        db.execute("DELETE FROM forms WHERE room = 1 AND version < 6")
        db.execute("DELETE FROM entries WHERE room = 1")
        db.execute("UPDATE rooms SET version = 6 WHERE id = 1")
    folder.run("export", "adding/one", "--pytest", str(folder.path / "tests"), code=1)
    assert "No commit of adding/one can be run again" in folder.told
    assert not (folder.path / "tests").exists()


# -- delete -----------------------------------------------------------------------------------


def test_delete_asks_and_forgets(folder: Folder) -> None:
    words = ["delete", "adding/one", "--data", str(folder.path)]
    assert CliRunner().invoke(app, words, input="n\n").exit_code == 1
    assert "adding/one" in folder.run("rooms")
    assert CliRunner().invoke(app, words, input="y\n").exit_code == 0
    assert "adding/one" not in folder.run("rooms")


def test_what_cannot_be_read_can_be_deleted(folder: Folder) -> None:
    damage(folder.file)
    assert folder.run("delete", "adding/one", "--yes") == "adding/one is deleted.\n"
    assert "1 of 1" in folder.run("check")


# -- what may be wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("replay", "nonsense"), "a room is trivia/abc234, or its whole address"),
        (("replay", "adding/onne"), "there is: adding/one, adding/two"),
        (("export", "http://host:8000/parties/adding/three"), "there is no room adding/three"),
        (("delete", "adding/three", "--yes"), "there is no room adding/three"),
        (("replay", "adding/one", "--as", "Cid"), "by name (id) there were: Ann ("),
        (("replay", "adding/one", "--at", "8"), "is kept from version 1 to 7"),
        (("replay", "adding/one", "--as", "Ann", "--at", "1"), "has no seat at version 1"),
        (("export", "adding/one", "--raw", "--as", "Ann"), "take one of --as, --raw and --pytest"),
        (("export", "adding/one", "--pytest", "x", "--output", "y"), "take it without --output"),
        (("replay", "adding/one", "--from", "8"), "is kept from version 1 to 7"),
        (("replay", "adding/one", "--from", "5", "--to", "4"), "no version from 5 to 4"),
        (("replay", "adding/one", "--as", "Ann", "--to", "0"), "is kept from version 1 to 7"),
        (("replay", "adding/one", "--at", "4", "--to", "5"), "take --at, or --from and --to"),
        (("export", "adding/one", "--output", "/no/such/file"), "cannot write"),
        (("export", "adding/one", "--pytest", "/dev/null/no"), "cannot make /dev/null/no"),
        (("replay", "adding/one", "--to", "0"), "there is no version to 0; adding/one is kept"),
        (("check", "--games", "no.such"), "there is no package 'no.such'"),
        (("check", "--games", ""), "'' is no name of a package; one is games, or my.games"),
        (("rooms", "--games", ".quiz"), "'.quiz' is no name of a package"),
        (("replay", "adding/one", "--at", "7", "--games", ".."), "'..' is no name of a package"),
        (("types", "adding", "--games", "a..b"), "'a..b' is no name of a package"),
        (("replay", "adding/one", "--at", "7", "--games", "games"), "there is no party 'adding'"),
    ],
)
def test_a_wrong_word_says_what_is_allowed(
    folder: Folder, words: tuple[str, ...], told: str
) -> None:
    games = () if words[0] == "delete" or "--games" in words else ("--games", "adder")
    data = () if words[0] == "types" else ("--data", str(folder.path))
    assert told in refused(*words, *games, *data, code=2)


def test_a_whole_address_names_a_room(folder: Folder) -> None:
    plain = folder.run("replay", "adding/one")
    assert folder.run("replay", "https://host:8000/parties/adding/one/?x=1") == plain
    assert folder.run("replay", "/parties/adding/one#user") == plain


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for command in (
        ("rooms",),
        ("check",),
        ("replay", "a/b"),
        ("export", "a/b"),
        ("delete", "a/b"),
    ):
        assert "there is no such file" in refused(*command, "--data", str(tmp_path / "no"), code=1)
        assert "gone with its process" in refused(*command, "--store", "memory:", code=1)
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_this_user_may_not_enter_is_a_sentence(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = os.stat

    def refuse(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if str(path).startswith(str(folder.path / "locked")):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return stat(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", refuse)
    locked = folder.path / "locked" / "rooms.sqlite"
    assert "there is no such file" in refused("rooms", "--store", f"sqlite:///{locked}", code=1)
    check = ("types", "counter", "--check", "--output", str(locked))
    assert "There is no" in refused(*check, code=1)


# -- beside a running server ----------------------------------------------------------------


@pytest.mark.socket
def test_they_work_beside_a_running_server(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    with served(*data) as (_, url):
        there = made(f"{url}/parties/counter")
        token = {"MACHINE_PARTY_TOKEN": there["token"]}
        played(there["url"], "increment by=2\n", token)
        room = there["url"]
        listed = json.loads(said("rooms", "--json", *data))
        assert [(each["state"], each["problem"]) for each in listed] == [("live", None)]
        assert "1 of 1" in said("check", *data)
        whole = json.loads(said("replay", room, "--at", str(listed[0]["version"]), *data))
        assert [*whole["context"]["by_member"].values()] == [2]
        assert there["token"] not in said("export", room, *data)
        assert "count = 5" in played(room, "increment by=3\n", token).stdout
        said("delete", room, "--yes", *data)
        assert json.loads(said("rooms", "--json", *data)) == []


def said(*words: str) -> str:
    command = [*COMMAND, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=WIDE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
