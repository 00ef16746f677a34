"""`machine-party export`: a room as a file, and as a test."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from machine_party.cli.archive import recording_of, room_key, within
from machine_party.cli.console import fail, say, warn
from machine_party.cli.games import party_of
from machine_party.cli.option import Data, Games, Room, StoreUrl
from machine_party.cli.reading import reading, tell_gaps
from machine_party.errors import RestoreError
from machine_party.room import RoomKey
from machine_party.room.anonymous import anonymous
from machine_party.room.recording import Recording
from machine_party.room.replay import Replay

__all__ = ["export"]


def export(
    room: Room,
    member: Annotated[
        str | None,
        typer.Option("--as", metavar="MEMBER", help="By id or name: only what they were sent."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write; else printed.")] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="With the members' identities, as it is kept: a backup."),
    ] = False,
    test: Annotated[
        Path | None,
        typer.Option("--pytest", metavar="DIR", help="Write a test that runs it again."),
    ] = None,
    store: StoreUrl = None,
    data: Data = None,
    games: Games = "games",
) -> None:
    """Write all that is kept of a room as JSON: every state, and what each came from.

    All secrets of the game are in it, and names as they were typed. Identities are replaced,
    unless --raw is given; with --as, nothing is in it but what that member was sent.
    """
    if [member is not None, raw, test is not None].count(True) > 1:
        raise typer.BadParameter("take one of --as, --raw and --pytest")
    if test is not None and output is not None:
        raise typer.BadParameter("--pytest names its files itself: take it without --output")
    key = room_key(room)
    recording = within(store, data, lambda opened: recording_of(opened, key))
    if member is not None:
        _write(output, _sent_to(recording, member, games))
        return
    tell_gaps(recording)
    _warn(recording)
    if test is not None:
        _write_test(test, anonymous(recording), games)
    else:
        _write(output, (recording if raw else anonymous(recording)).encode())


def _warn(recording: Recording) -> None:
    """Who has the seed and the causes can tell what a room that goes on will draw."""
    try:
        status = recording.form(recording.version)["actor"]["machine"]["status"]
    except RestoreError:
        status = "unknown"
    is_over = {"active": "is not over", "unknown": "may not be over: its last version is damaged"}
    if status in is_over:
        warn(
            f"{recording.key} {is_over[status]}: whoever has this export knows its secrets, and "
            "what it will draw at random. For its players: --as MEMBER"
        )


def _sent_to(recording: Recording, who: str, games: str) -> bytes:
    """A member's documents, and nothing else."""
    tell_gaps(recording)
    with reading(recording):
        member = recording.member(who)
        shown = [*Replay(recording, party_of(recording.party, games)).shown(member)]
    documents = [each._asdict() for each in shown]
    whole = {"party": recording.party, "room": recording.room, "member": member}
    return msgspec.json.format(msgspec.json.encode({**whole, "documents": documents}), indent=1)


def _write_test(folder: Path, recording: Recording, games: str) -> None:
    if not recording.runnable:
        what = f"No commit of {recording.key} can be run again: none is kept."
        fail(what, "Try again when something has happened in it")
    party = type(party_of(recording.party, games))
    _make(folder)
    name = _name(recording.key)
    text = _TEST.format(
        key=recording.key, name=name, module=party.__module__, party=party.__qualname__
    )
    _write(folder / f"{name}.json", recording.encode())
    _write(folder / f"test_{name}.py", text.encode())
    say(f"Run it: python -m pytest {folder / f'test_{name}.py'}")


_PLAIN = re.compile(r"[a-z0-9]+/[a-z0-9]+")
"""A room of which nothing is lost when its name becomes one of Python's."""

_TEST = '''"""The room {key}, run again with today's code."""

from pathlib import Path

from {module} import {party}
from machine_party.testing import Recording, assert_replays


def test_{name}_replays() -> None:
    recording = Recording.load(Path(__file__).with_name("{name}.json"))
    assert_replays(recording, {party})
'''


def _name(key: RoomKey) -> str:
    """A room's name in a file's name and in a function's: no other room has it, also where the
    case of a file's name does not count."""
    plain = re.sub(r"\W", "_", f"{key.party}_{key.room}", flags=re.ASCII)
    if _PLAIN.fullmatch(str(key)):
        return plain
    return f"{plain}_{hashlib.sha256(str(key).encode()).hexdigest()[:8]}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"cannot make {folder}: {error.strerror or error}") from None


def _write(file: Path | None, data: bytes) -> None:
    """To a file; a new one is for this user alone: a game's secrets are in it."""
    if file is None:
        typer.echo(data, nl=False)
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as opened:
            opened.write(data)
    except OSError as error:
        raise typer.BadParameter(f"cannot write {file}: {error.strerror or error}") from None
