"""`machine-party replay`: what happened in a room, and what a member saw of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import typer

from machine_party.cli.archive import recording_of, room_key, within
from machine_party.cli.console import print_json, say, when
from machine_party.cli.games import party_of
from machine_party.cli.option import Data, Games, Room, StoreUrl
from machine_party.cli.reading import reading, tell_gaps
from machine_party.core import Actor, diff
from machine_party.room.caption import caption
from machine_party.room.recording import Form, Recording
from machine_party.room.replay import Replay

__all__ = ["replay"]


def replay(
    room: Room,
    member: Annotated[
        str | None, typer.Option("--as", metavar="MEMBER", help="By id or name: what they saw.")
    ] = None,
    at: Annotated[
        int | None, typer.Option("--at", metavar="VERSION", help="The whole state, as JSON.")
    ] = None,
    first: Annotated[
        int | None, typer.Option("--from", metavar="VERSION", help="Begin there.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", metavar="VERSION", help="End with this one.")
    ] = None,
    store: StoreUrl = None,
    data: Data = None,
    games: Games = "games",
) -> None:
    """Show what happened in a room; with --as what that member was sent; with --at one version.

    Without --as, everybody's secrets are in it.
    """
    key = room_key(room)
    if at is not None and (first, last) != (None, None):
        raise typer.BadParameter("take --at, or --from and --to")
    recording = within(store, data, lambda opened: recording_of(opened, key))
    span = _span(recording, first, last)
    with reading(recording):
        who = None if member is None else recording.member(member)
        if at is not None:
            print_json(_whole(_read(recording, games), at, who))
            return
        tell_gaps(recording, span)
        if who is not None:
            _print(_seen(_read(recording, games), who, span), span, f"Nothing was sent to {member}")
        else:
            _print(_timeline(recording, span), span, f"Nothing can be read of {key}")


def _read(recording: Recording, games: str) -> Replay:
    return Replay(recording, party_of(recording.party, games))


def _span(recording: Recording, first: int | None, last: int | None) -> range:
    """The versions that are asked for.

    Raises:
        typer.BadParameter: none of them is kept.
    """
    begin = recording.first if first is None else first
    end = recording.version if last is None else last
    if begin > end or begin > recording.version or end < recording.first:
        asked = (("from", first), ("to", last))
        words = " ".join(f"{word} {version}" for word, version in asked if version is not None)
        raise typer.BadParameter(f"there is no version {words}; {recording.extent}")
    return range(begin, end + 1)


Lines = Iterator[tuple[int, float, list[str]]]
"""`(version, epoch seconds, lines)`"""


def _timeline(recording: Recording, span: range) -> Lines:
    """From the version before on, which has the names for the first one."""
    causes = {entry.version: entry.causes for entry in recording.entries}
    before: dict[int, dict[str, Any]] = {}
    for version, form in recording.states(range(span.start - 1, span.stop)):
        named = _named(form)
        if version in span:
            known = before.get(version - 1, named)
            told = [caption(cause, known) for _, cause in causes.get(version, [])]
            yield version, form["actor"]["now"], told or [_untold(recording, version)]
        before = {version: named}


def _named(form: Form) -> dict[str, Any]:
    """What names are found in, of a form that is about to change."""
    named: dict[str, Any] = msgspec.to_builtins(
        {key: form["actor"][key] for key in ("seats", "kicked", "timers")}
    )
    return named


def _untold(recording: Recording, version: int) -> str:
    """What is said of a version whose commit is not kept, but its whole form."""
    return f"what is kept {'begins' if version == recording.first else 'goes on'} here"


def _seen(replayed: Replay, member: str, span: range) -> Lines:
    before: dict[str, Any] | None = None
    for version, now, document in replayed.shown(member, span):
        operations = [{"op": "replace", "path": "", "value": document}]
        if before is not None:
            operations = diff(before, document)
        yield version, now, [msgspec.json.encode(each).decode() for each in operations]
        before = document


def _whole(replayed: Replay, version: int, member: str | None) -> dict[str, Any]:
    if member is not None:
        return replayed.document(version, member=member)
    return _everything(replayed.at(version))


def _everything(actor: Actor) -> dict[str, Any]:
    """A room's whole state, for its operator: with all secrets, without identities."""
    snapshot, form = actor.snapshot(), actor.dump()
    return {
        "now": actor.now,
        "value": snapshot.value,
        "tags": sorted(snapshot.tags),
        "status": snapshot.status,
        "context": form["machine"]["context"],
        "children": form["machine"]["children"],
        "output": form["machine"]["output"],
        "timers": form["timers"],
        "paused_at": form["paused_at"],
        "members": {key: seat["member"] for key, seat in form["seats"].items()},
    }


def _print(lines: Lines, span: range, nothing: str) -> None:
    """`nothing`: what to say if there are no lines."""
    empty = True
    for version, now, told in lines:
        empty = False
        say(f"{version}  {when(now)}")
        for line in told:
            say(f"    {line}")
    if empty:
        say(f"{nothing} from version {span.start} to {span.stop - 1}.")
