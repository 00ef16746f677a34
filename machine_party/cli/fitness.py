"""Fitness: whether today's code can go on with a stored room. Nothing is changed by asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from machine_party.core import Actor, Member, Party, project_own, project_shared
from machine_party.errors import RestoreError
from machine_party.room import RoomKey, Store
from machine_party.room.committer import restored_form

__all__ = ["Fitness", "fitness_of"]


@dataclass(frozen=True, slots=True)
class Fitness:
    """What reading a room with today's code has shown.

    Attributes:
        problem: why it would not restore, or which view fails; None: all is well.
        warning: what may be wrong though it fits: members whose role today's code does not name.
        now: when something last happened in it, epoch seconds; None: it cannot be read.
        members: the names of its members; None: it cannot be read.
    """

    problem: str | None = None
    warning: str | None = None
    now: float | None = None
    members: list[str] | None = None


async def fitness_of(store: Store, key: RoomKey, kinds: dict[str, Party]) -> Fitness:
    """Load a room as a server would: restore it, and show it to everyone who might look."""
    try:
        found = await store.read(key)
        if found is None:
            return Fitness("it has just been deleted")
        form = restored_form(found)["actor"]
    except RestoreError as error:
        return Fitness(str(error))
    now, members = _facts(form)
    party = kinds.get(key.party)
    if party is None:
        there = ", ".join(kinds)
        problem = f"there is no party {key.party!r}; there is: {there}"
        return Fitness(problem, now=now, members=members)
    return replace(_fitness(party, form), now=now, members=members)


def _facts(form: Any) -> tuple[float | None, list[str] | None]:
    """What a form says for itself, whatever today's code makes of it."""
    try:
        return form["now"], [seat["member"]["name"] for seat in form["seats"].values()]
    except (LookupError, TypeError, AttributeError):
        return None, None


def _fitness(party: Party, form: Any) -> Fitness:
    try:
        actor = Actor.restore(party, form)
        status = actor.snapshot().status
    except Exception as error:  # a migration is the game's code, as views are
        return Fitness(_said(error))
    try:
        _show(party, actor)
    except Exception as error:
        return Fitness(f"a view fails: {_said(error)}")
    if status != "active":
        return Fitness()
    return Fitness(warning=_stranded(party, actor.roster.members.values()))


def _stranded(party: Party, members: Iterable[Member]) -> str | None:
    """Who has a role that the party does not name: such a member can send nothing.

    That is no mistake if `on_auth`, an action or server code gives the role: so nobody is refused.
    """
    named = {*party.open_roles, party.creator_role}.union(*(event.roles for event in party.events))
    names: dict[str, list[str]] = {}
    for member in members:
        if member.role not in named:
            names.setdefault(member.role, []).append(member.name)
    told = (f"{role!r} ({', '.join(who)})" for role, who in names.items())
    return f"members have a role that may send nothing: {'; '.join(told)}" if names else None


def _show(party: Party, actor: Actor) -> None:
    """Every layer that anybody could be sent now."""
    machine, snapshot = actor.machines[""], actor.snapshot()
    members = actor.roster.members.values()
    audiences = {role: role for role in (*party.open_roles, party.creator_role)}
    audiences |= {party.audience(member): member.role for member in members}
    for audience, role in audiences.items():
        project_shared(party, machine, snapshot, audience, role).document()
    for member in members:
        project_own(party, machine, snapshot, member).document()


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, RestoreError) else f"{type(error).__name__}: {error}"
