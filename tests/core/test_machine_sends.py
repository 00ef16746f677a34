"""What a machine sends besides its views: emits, replies, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from machine_party.core import Emission, Emit, Machine, State
from machine_party.errors import UndeclaredError
from tests.core.rig import Notes, Rig, event, party_of


class Part(Struct):
    shown: int


class Secretive(Part):
    hidden: str = "secret"


class Boom(Emit):
    part: Part


class Quiet(Emit):
    pass


class Answer(Struct):
    part: Part


class Talker(Machine[Notes]):
    idle = State(initial=True)
    shout = idle.to.itself(internal=True, on="do_shout")
    tell = idle.to.itself(internal=True, on="do_tell")
    whisper = idle.to.itself(internal=True, on="do_whisper")
    ask = idle.to.itself(internal=True, on="do_answer")
    wonder = idle.to.itself(internal=True, on="do_answer")
    decline = idle.to.itself(internal=True, validators="declines", on="do_shout")
    refuse_oddly = idle.to.itself(internal=True, validators="declines_oddly")
    member_joined = idle.to.itself(internal=True, on="do_shout")
    member_connected = idle.to.itself(internal=True, on="do_shout")

    def do_shout(self) -> None:
        self.emit(Boom(Secretive(1)))

    def do_tell(self, data: Any) -> None:
        self.emit(Boom(Part(2)), to=data.text)

    def do_whisper(self) -> None:
        self.emit(Quiet())

    def do_answer(self) -> None:
        self.reply(Answer(Secretive(3)))

    def declines(self) -> None:
        self.do_shout()
        self.refuse("not_now")

    def declines_oddly(self) -> None:
        self.refuse("because")


def talker() -> Rig:
    names = [str(name) for name in Talker._events if not name.startswith("member_")]
    events = [event(name) for name in names if name != "ask"] + [event("ask", reply=Answer)]
    refusals = {"not_now": "Not now."}
    return Rig(party_of(Talker, events=tuple(events), emits=(Boom,), refusals=refusals))


def test_an_emit_goes_to_the_sender_unless_it_says_to_whom() -> None:
    rig = talker()
    ann = rig.join()
    shown = {"type": "boom", "part": {"shown": 1}}
    assert rig.send("shout", member=ann.id).emits == [Emission(ann.id, shown)]
    (told,) = rig.send("tell", member=ann.id, text="*").emits
    assert told.to == "*"
    assert rig.send("shout").emits == []


def test_who_comes_is_the_sender_of_what_their_coming_emits() -> None:
    rig = talker()
    ann = rig.join()
    rig.actor.roster.set_presence(ann.id, "away")
    rig.now += 1
    rig.join()
    assert rig.actor._step.emits == [Emission(ann.id, {"type": "boom", "part": {"shown": 1}})]


def test_only_declared_fields_are_emitted_or_replied() -> None:
    rig = talker()
    ann = rig.join()
    assert "secret" not in str(rig.send("shout", member=ann.id).emits)
    assert rig.send("ask", member=ann.id).reply == {"part": {"shown": 3}}


def test_an_emit_and_a_reply_are_declared() -> None:
    with pytest.raises(UndeclaredError, match="Add Quiet to emits"):
        talker().send("whisper")
    with pytest.raises(UndeclaredError, match="Write reply: ClassVar = Answer"):
        talker().send("wonder")


def test_a_refusal_is_a_declared_reason() -> None:
    rig = talker()
    step = rig.send("decline", member=rig.join().id)
    assert step.emits == []
    assert (step.accepted, step.changed) == (False, False)
    assert (step.code, step.reason) == ("not_now", "Not now.")
    with pytest.raises(UndeclaredError, match="Add 'because' to refusals"):
        rig.send("refuse_oddly")
