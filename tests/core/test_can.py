"""`can`: what a member could send, told without trying it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from machine_party.core import Machine, Member, State
from machine_party.core.can import can_send, takes_member
from tests.core.rig import Notes, Rig


def over(limit: int, machine: Any) -> bool:
    return bool(machine.context.count > limit)


class Guarded(Machine[Notes]):
    class game(State.Compound):
        open = State(initial=True)
        closed = State()
        leave = open.to(closed)

    done = State(final=True)
    free = game.to.itself()
    shared = game.to.itself(cond="is_open")
    prop = game.to.itself(cond="ready")
    mine = game.to.itself(cond="is_ann")
    either = game.to.itself(cond="is_open or is_ann")
    neither = game.to.itself(cond="not is_open and not is_ann")
    payload = game.to.itself(cond="fits")
    both = game.to.itself(cond=["fits", "is_open"])
    mixed = game.to.itself(cond="fits_ann")
    raising = game.to.itself(cond="fails")
    reversed = game.to.itself(unless="is_open")
    inline = game.to.itself(cond=lambda member: member is not None)
    whole = game.to.itself(cond=lambda machine, source, target: source is target)
    partial = game.to.itself(cond=partial(over, 0))
    inside = game.to.itself(cond="In('open')")
    forked = game.to(done, cond="never") | game.open.to(game.closed, cond="is_open")
    checked = game.to.itself(validators="fails")
    finish = game.to(done)

    def is_open(self) -> bool:
        return self.context.count == 0

    @property
    def ready(self) -> bool:
        return self.context.count == 0

    def is_ann(self, member: Member | None) -> bool:
        return member is not None and member.name == "ann"

    def fits(self, data: Any) -> bool:
        raise AssertionError("a guard that takes the payload is not evaluated")

    def fits_ann(self, data: Any, member: Member) -> bool:
        raise AssertionError("a guard that takes the payload is not evaluated")

    def fails(self) -> bool:
        raise RuntimeError("broken")

    def never(self) -> bool:
        return False


def can(rig: Rig, event: str, member: Member | None = None) -> bool:
    return event in can_send(rig.root, [event], member)


OPEN = {
    "free", "shared", "prop", "either", "payload", "both", "mixed", "whole", "inside", "forked",
    "checked", "finish", "leave",
}  # fmt: skip
SHUT = {"free", "payload", "mixed", "reversed", "whole", "partial", "inside", "checked", "finish"}
SHUT |= {"neither", "leave"}


@pytest.mark.parametrize(("count", "expected"), [(0, OPEN), (1, SHUT)])
def test_guards_without_payload_and_member_say_what_all_can_send(
    count: int, expected: set[str]
) -> None:
    rig = Rig(Guarded)
    rig.context.count = count
    assert set(can_send(rig.root, map(str, Guarded._events), None)) == expected


def test_guards_that_look_at_the_member_differ_between_members() -> None:
    rig = Rig(Guarded)
    rig.context.count = 1
    ann, bob = rig.join("ann"), rig.join("bob")
    assert [can(rig, "mine", member) for member in (ann, bob, None)] == [True, False, False]
    assert [can(rig, "either", member) for member in (ann, bob)] == [True, False]
    assert [can(rig, "neither", member) for member in (ann, bob)] == [False, True]
    assert can(rig, "inline", bob)


def test_whose_answer_it_is() -> None:
    own = {str(event) for event in Guarded._events if takes_member(Guarded, str(event))}
    assert own == {"mine", "either", "neither", "inline"}


def test_what_no_active_state_handles_cannot_be_sent() -> None:
    rig = Rig(Guarded)
    rig.send("leave")
    assert not can(rig, "leave")
    assert can(rig, "free")
    assert not can(rig, "unheard_of")


def test_a_machine_that_is_done_takes_nothing() -> None:
    rig = Rig(Guarded)
    rig.send("finish")
    assert can_send(rig.root, ["free", "finish"], None) == {}


def test_asking_changes_nothing() -> None:
    rig = Rig(Guarded)
    before = rig.actor.dump()
    can_send(rig.root, map(str, Guarded._events), None)
    assert rig.actor.dump() == before


class Stricter(Guarded):
    def is_open(self, member: Member | None = None) -> bool:
        return False


def test_a_subclass_is_asked_for_its_own_guards() -> None:
    assert takes_member(Stricter, "shared")
    assert not takes_member(Guarded, "shared")
    assert not can(Rig(Stricter), "shared")
    assert can(Rig(Guarded), "shared")
