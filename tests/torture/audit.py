"""The audit: what the clients were told, held against what is stored when all is over.

It reads the journal by itself, patch by patch, and asks the views anew at each version that
anybody was shown.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonpatch

from games.payment import Payment
from games.trivia import Trivia
from machine_party.backends.store.sqlite import SqliteStore
from machine_party.core import Actor, Party, Sent
from machine_party.errors import RestoreError
from machine_party.room import Entry, History, RoomKey
from machine_party.room.layers import Layers
from tests.torture import books, rounds
from tests.torture.ledger import Acknowledged, Ledger, Sight

__all__ = ["Findings", "audit", "audit_room", "states"]

PARTIES: Mapping[str, Party] = {party.name: party for party in (Trivia(), Payment())}


@dataclass(slots=True)
class Findings:
    """What must not be, in words. Nothing, if all is well.

    Attributes:
        lost: acknowledged, and not there.
        doubled: applied more than once.
        unequal: shown, and not what the room was at that version.
        broken: a rule of a game, or of what is stored; or a client that cannot go on.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.lost or self.doubled or self.unequal or self.broken)


async def audit(data: Path, ledger: Ledger, findings: Findings) -> None:
    """Look through all rooms of a server that has ended, and through its bank."""
    file = data / "rooms.sqlite"
    if not file.exists():
        findings.lost += [str(each) for told in ledger.acknowledged.values() for each in told]
        return
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    store, ends = SqliteStore(file), dict[str, str]()
    try:
        for key in ledger.acknowledged.keys() | ledger.sights.keys():
            told, sights = ledger.acknowledged[key], ledger.sights[key]
            form = await _audit_stored(store, key, told, sights, findings)
            if form is not None and key.party == "payment":
                ends |= _end(form)
    finally:
        await store.close()
    if (data / "bank.sqlite").exists():
        findings.broken += books.check(data / "bank.sqlite", ends)


async def _audit_stored(
    store: SqliteStore,
    key: RoomKey,
    told: Sequence[Acknowledged],
    sights: Sequence[Sight],
    findings: Findings,
) -> dict[str, Any] | None:
    """One room; its form in the end, if it can be read."""
    try:
        history = await store.history(key)
    except RestoreError as error:
        findings.broken.append(f"{key} cannot be read: {error}")
        return None
    if history is None:  # nobody has used it, so it was never to be kept
        findings.lost += [f"{key}: {each}" for each in told if each.accepted]
        return None
    return audit_room(key, history, told, sights, findings)


def audit_room(
    key: RoomKey,
    history: History,
    told: Sequence[Acknowledged],
    sights: Sequence[Sight],
    findings: Findings,
) -> dict[str, Any]:
    """One room: its sends, what was shown of it, and its game; its form in the end."""
    _audit_sends(key, history, told, findings)
    shown: dict[int, list[Sight]] = defaultdict(list)
    for sight in sights:
        shown[sight.version].append(sight)
    form: dict[str, Any] = {}
    for version, form in states(history, findings.unequal):
        _audit_shown(key, form, shown.pop(version, []), findings)
    # What came before the first form was shown of a room that nobody had used yet (ADR 005).
    gone = [version for version in shown if version > history.forms[0][0]]
    findings.unequal += [f"{key}: there is no version {version}" for version in gone]
    sent = [cause for entry in history.entries for cause in _sends(entry)]
    if key.party == "trivia":
        findings.broken += [f"{key}: {wrong}" for wrong in rounds.check(form, sent)]
    return form


def _end(form: dict[str, Any]) -> dict[str, str]:
    """`{payment's id: the state in which it has ended}`, if it has."""
    machine = form["actor"]["machine"]
    if machine["status"] != "done":
        return {}
    (end,) = machine["configuration"]
    return {machine["context"]["id"]: end}


def states(history: History, unequal: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """`(version, form)` of every version that is kept, by the first form and all patches.

    Args:
        unequal: told of whole forms that are not what the patches come to, and of gaps.
    """
    whole = dict(history.forms)
    version, form = history.forms[0]
    form = deepcopy(form)
    yield version, form
    for entry in history.entries:
        if entry.version != version + 1:
            unequal.append(f"version {entry.version} follows {version}")
        version = entry.version
        try:
            form = jsonpatch.apply_patch(form, entry.patch, in_place=True)
        except jsonpatch.JsonPatchException as error:
            unequal.append(f"the patch of version {version} does not fit: {error}")
            return
        if whole.get(version, form) != form:
            unequal.append(f"the whole form at {version} is not what the patches come to")
        yield version, form


def _audit_sends(
    key: RoomKey, history: History, told: Sequence[Acknowledged], findings: Findings
) -> None:
    """Each acknowledged send once, at the version that its receipt says."""
    at: dict[str, list[int]] = defaultdict(list)
    for id, version in _before(history):
        at[id].append(version)
    for entry in history.entries:
        for cause in _sends(entry):
            at[str(cause.id)].append(entry.version)
    findings.doubled += [f"{key}: {id} at {where}" for id, where in at.items() if len(where) > 1]
    twice = Counter(each.receipt.id for each in told)
    findings.broken += [f"{key}: {id} has {n} receipts" for id, n in twice.items() if n > 1]
    for each in told:
        where = at.get(each.receipt.id, [])
        if each.accepted and each.receipt.version not in where:
            findings.lost.append(f"{key}: {each}, applied at {where}")
        elif not each.accepted and where:
            findings.broken.append(f"{key}: {each} was rejected, and applied at {where}")


def _before(history: History) -> Iterator[tuple[str, int]]:
    """The sends that were answered before the first form: the commit that made the room stored."""
    for clients in history.forms[0][1]["windows"].values():
        for client, window in clients.items():
            for number, answer in window["answers"].items():
                if answer["status"] == "accepted":
                    yield f"{client}.{number}", answer["version"]


def _sends(entry: Entry) -> list[Sent]:
    return [cause for _, cause in entry.causes if isinstance(cause, Sent) and cause.id is not None]


def _audit_shown(
    key: RoomKey, form: dict[str, Any], sights: Sequence[Sight], findings: Findings
) -> None:
    """What anybody was shown at this version is what today's views make of it."""
    if not sights:
        return
    party = PARTIES[key.party]
    actor = Actor.restore(party, json.loads(json.dumps(form["actor"])))
    layers = Layers(party, epoch=0, resume_seconds=0)
    for sight in sights:
        member = actor.roster.members.get(sight.member)
        if member is None or sight.document != layers.read(actor, member, party.audience(member)):
            findings.unequal.append(f"{key}: {sight}")
