"""What a view and an action see of a timer."""

from __future__ import annotations

import pytest

from machine_party.core import Paused, Waiting
from tests.core.clocks import POLICIES, rig
from tests.core.rig import NOW


def test_a_view_sees_the_deadline_and_while_it_is_paused_what_is_left() -> None:
    room = rig()
    room.elapse(4)
    snapshot = room.actor.snapshot()
    assert snapshot.timer("remaining") == Waiting(NOW + 10, 10)
    assert (snapshot.timer("gone"), snapshot.paused) == (None, False)
    room.step(Paused(now=room.now))
    room.elapse(2)
    room.send("hire")  # a commit, which brings the time along
    snapshot = room.actor.snapshot()
    lefts = {policy: snapshot.timer(policy) for policy in POLICIES}
    assert lefts == {
        "deadline": Waiting(None, 10, 4),  # its clock does not stop
        "remaining": Waiting(None, 10, 6),
        "restart": Waiting(None, 10, 10),
    }
    assert snapshot.paused
    assert snapshot.children["kid"].paused


def test_a_name_is_that_machines_and_the_first_to_come() -> None:
    room = rig(policy="remaining")
    room.send("arm", n=3, text="restart")
    room.send("hire")
    snapshot = room.actor.snapshot()
    assert snapshot.timer("rung") == Waiting(NOW + 3, 3)
    assert snapshot.timer("ring") is None
    assert snapshot.children["kid"].timer("ring") == Waiting(NOW + 10, 10)
    for name in ("rung", "remaining", "ring", "gone"):
        assert room.root.timer(name) == snapshot.timer(name)


@pytest.mark.parametrize(
    ("waiting", "passed"),
    [
        (Waiting(NOW + 10, 10), 4),
        (Waiting(NOW + 70, 10), 0),
        (Waiting(NOW, 10), 10),
        (Waiting(None, 10, 6), 4),
        (Waiting(None, 10, 0), 10),
    ],
)
def test_how_much_of_a_wait_is_over(waiting: Waiting, passed: float) -> None:
    assert waiting.passed(NOW + 4) == passed
