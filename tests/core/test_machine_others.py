"""What a machine does to the others in its room: members, and children of its own."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct, field

from machine_party.core import Machine, Member, State
from machine_party.errors import EndlessLoop, UndeclaredError
from tests.core.rig import Notes, Rig, event, party_of

# -- members --------------------------------------------------------------------------------


class Hall(Machine[Notes]):
    idle = State(initial=True)
    promote = idle.to.itself(internal=True, on="do_promote")
    rename_me = idle.to.itself(internal=True, on="do_rename")
    eject = idle.to.itself(internal=True, on="do_eject")
    pardon = idle.to.itself(internal=True, on="do_pardon")
    member_joined = idle.to.itself(internal=True, on="first_is_host")
    member_left = idle.to.itself(internal=True, on="log_left")
    member_renamed = idle.to.itself(internal=True, on="log_renamed")

    def first_is_host(self, member: Member) -> None:
        if len(self.members) == 1:
            self.set_role(member.id, "host")

    def do_promote(self, data: Any) -> None:
        self.set_role(data.text, "host")

    def do_rename(self, data: Any, member: Member) -> None:
        self.rename(member.id, data.text)

    def do_eject(self, data: Any) -> None:
        self.kick(data.text)

    def do_pardon(self, data: Any) -> None:
        self.unkick(data.text)

    def log_left(self, member: Member) -> None:
        self.context.log.append(["left", member.name, member.id in self.members])

    def log_renamed(self, member: Member) -> None:
        self.context.log.append(["renamed", member.name])


def test_the_step_tells_of_the_member_as_it_is_afterwards() -> None:
    rig = Rig(Hall)
    assert rig.join("ann").role == "host"
    assert rig.join("bob").role == "player"


def test_members_are_renamed_and_given_roles() -> None:
    rig = Rig(Hall)
    rig.join("ann")
    bob = rig.join("bob")
    rig.send("rename_me", member=bob.id, text=" ann ")
    rig.send("promote", text=bob.id)
    assert rig.root.members[bob.id] == Member(id=bob.id, name="ann 2", role="host")
    assert rig.context.log == [["renamed", "ann 2"]]


def test_a_kicked_member_is_told_of_and_may_not_come_back_until_it_is_unkicked() -> None:
    rig = Rig(Hall)
    ann = rig.join("ann")
    rig.send("eject", text=ann.id)
    assert rig.context.log == [["left", "ann", False]]
    with pytest.raises(AssertionError):
        rig.join("ann")
    assert rig.send("promote", member=ann.id).code == "not_allowed"
    rig.send("pardon", text=ann.id)
    assert rig.join("ann").id != ann.id


# -- children -------------------------------------------------------------------------------


class Start(Struct):
    name: str


class Player(Machine[Notes]):
    alive = State(initial=True)
    dead = State(final=True, donedata="score")
    hit = alive.to.itself(internal=True, on="suffer")
    die = alive.to(dead)
    soon = alive.to.itself(internal=True, on="plan")

    def initial(self, input: Any) -> Notes:
        return Notes(log=[input])

    def on_enter_alive(self) -> None:
        self.send_parent("born", {"n": 1})

    def plan(self) -> None:
        self.after(5, "die")

    def suffer(self, data: Any) -> None:
        self.context.count += data.n
        if self.context.count > 2:
            self.send("die")

    def score(self) -> int:
        return self.context.count


class Arena(Machine[Notes]):
    Children = (Player,)
    player = State(initial=True)
    empty = State()
    over = State(final=True)
    add = player.to.itself(internal=True, on="do_add")
    strike = player.to.itself(internal=True, on="do_strike") | empty.to.itself(internal=True)
    remove = player.to.itself(internal=True, on="do_remove")
    leave = player.to(empty)
    close = player.to(over) | empty.to(over)
    born = player.to.itself(internal=True, on="note")
    twice = player.to.itself(internal=True, on="add_twice")
    wrong = player.to.itself(internal=True, on="add_wrong")
    done_invoke_ann = player.to.itself(internal=True, on="buried")

    def do_add(self, data: Any) -> None:
        self.spawn(Player, data.text or None, input=Start("x"))

    def do_strike(self, data: Any) -> None:
        self.send_to(data.text, "hit", data)

    def do_remove(self, data: Any) -> None:
        self.stop_child(data.text)

    def note(self, data: Any) -> None:
        self.context.log.append(data)

    def buried(self, data: Any) -> None:
        self.context.log.append(["buried", data])
        self.stop_child("ann")

    def add_twice(self) -> None:
        self.spawn(Player, "x")
        self.spawn(Player, "x")

    def add_wrong(self) -> None:
        self.spawn(Arena)


def arena(*children: str) -> Rig:
    names = ("add", "strike", "remove", "leave", "close", "twice", "wrong", "hit", "die", "soon")
    rig = Rig(party_of(Arena, events=tuple(map(event, names))))
    for child in children:
        rig.send("add", text=child)
    return rig


def test_a_child_has_a_state_of_its_own_and_talks_with_its_parent() -> None:
    rig = arena("ann")
    assert rig.context.log == [{"n": 1}]
    rig.send("strike", text="ann", n=2)
    ann = rig.actor.snapshot().children["ann"]
    assert (ann.value, ann.context.count) == ("alive", 2)
    assert ann.context.log == [{"name": "x"}]


def test_a_child_is_sent_to_directly() -> None:
    rig = arena("ann")
    assert rig.send("hit", child="ann", n=1).accepted
    assert rig.actor.machines["ann"].context.count == 1
    assert rig.send("hit", child="bob").code == "no_such_child"


def test_a_child_that_is_done_tells_its_parent_its_output() -> None:
    rig = arena("ann")
    rig.send("strike", text="ann", n=3)
    assert rig.context.log[-1] == ["buried", 3]
    assert rig.actor.snapshot().children == {}


def test_a_stopped_child_is_gone_with_its_timers() -> None:
    rig = arena("ann")
    rig.send("soon", child="ann")
    assert len(rig.actor.timers.rows) == 1
    rig.send("remove", text="ann")
    assert (rig.actor.timers.rows, list(rig.actor.machines)) == ({}, [""])
    assert rig.send("strike", text="ann", n=1).accepted


def test_children_end_with_their_parent() -> None:
    rig = arena("ann", "bob")
    rig.send("close")
    assert list(rig.actor.machines) == [""]


def test_a_child_named_like_a_state_outlives_that_state() -> None:
    """Its id is `player.1`, as an invoke's of the state `player` would be."""
    rig = arena("")
    assert list(rig.actor.machines) == ["", "player.1"]
    rig.send("leave")
    assert list(rig.actor.machines) == ["", "player.1"]


def test_a_child_is_declared_and_has_an_id_of_its_own() -> None:
    with pytest.raises(UndeclaredError, match="is taken"):
        arena().send("twice")
    with pytest.raises(UndeclaredError, match=r"Write Children = \(Arena,\)"):
        arena().send("wrong")


def charge(invocation: Any) -> None:
    raise AssertionError("an invoke is run by the room")


class Pay(Machine[Notes]):
    charging = State(initial=True, invoke=charge)
    done_invoke_charging = charging.to.itself(internal=True, on="count")

    def count(self) -> None:
        self.context.count += 1


class Shop(Machine[Notes]):
    Children = (Pay,)
    open = State(initial=True)
    order = open.to.itself(internal=True, on="do_order")

    def do_order(self) -> None:
        self.stop_child("pay")
        self.spawn(Pay, "pay")


@pytest.mark.parametrize("restarted", [False, True])
def test_a_child_that_is_spawned_again_has_nothing_of_the_one_before(restarted: bool) -> None:
    """Nor of what that one has begun: its result is on the way, maybe."""
    rig = Rig(Shop)
    rig.send("order")
    ((_, first),) = rig.actor.running_invokes()
    if restarted:
        rig.restart()
    rig.send("order")
    ((_, second),) = rig.actor.running_invokes()
    assert first != second
    assert not rig.end_invoke(first, path="pay").changed
    assert rig.end_invoke(second, path="pay").changed
    assert rig.actor.machines["pay"].context.count == 1


class Ponger(Machine[Notes]):
    idle = State(initial=True)
    ping = idle.to.itself(internal=True, on="answer")

    def answer(self) -> None:
        self.send_parent("pong")


class Pinger(Machine[Notes]):
    Children = (Ponger,)
    idle = State(initial=True)
    pong = idle.to.itself(internal=True, on="answer")

    def on_enter_idle(self) -> None:
        self.spawn(Ponger, "ponger")

    def answer(self) -> None:
        self.context.count += 1
        self.send_to("ponger", "ping")


def test_machines_that_answer_each_other_without_end_are_stopped() -> None:
    with pytest.raises(EndlessLoop, match="no stable state"):
        Rig(Pinger).send("pong")


class Member_(Machine[Notes]):
    idle = State(initial=True)
    greet = idle.to.itself(internal=True, on="answer")

    def answer(self) -> None:
        self.send_parent("answered")
        self.send_parent("answered")


class Crowd(Machine[Notes]):
    Children = (Member_,)
    idle = State(initial=True)
    greet_all = idle.to.itself(internal=True, on="do_greet")
    answered = idle.to.itself(internal=True, on="do_count")

    def on_enter_idle(self) -> None:
        for number in range(600):
            self.spawn(Member_, f"m{number}")

    def do_greet(self) -> None:
        for number in range(600):
            self.send_to(f"m{number}", "greet")

    def do_count(self) -> None:
        self.context.count += 1


def test_a_crowd_of_children_that_all_answer_is_no_endless_loop() -> None:
    rig = Rig(Crowd)
    assert rig.send("greet_all").accepted
    assert rig.context.count == 1_200


class Bag(Struct):
    items: list[int] = field(default_factory=list)


class Holder(Machine[Bag]):
    idle = State(initial=True)
    keep = idle.to.itself(internal=True, on="do_keep")

    def do_keep(self, data: Any) -> None:
        self.context.items = data["items"]
        self.context.items.append(9)


class Giver(Machine[Bag]):
    Children = (Holder,)
    idle = State(initial=True)
    give = idle.to.itself(internal=True, on="do_give")

    def on_enter_idle(self) -> None:
        self.spawn(Holder, "holder")
        self.context.items = [1]

    def do_give(self) -> None:
        self.send_to("holder", "keep", self.context)


def test_machines_share_nothing_that_they_send_each_other() -> None:
    rig = Rig(party_of(Giver, events=(event("give"),)))
    rig.send("give")
    assert rig.actor.machines["holder"].context.items == [1, 9]
    assert rig.context.items == [1]
