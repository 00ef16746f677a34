"""The trivia party: what makes a room of the machine and the views."""

from __future__ import annotations

from pathlib import Path

from games.trivia.events import EVENTS
from games.trivia.game import Game
from games.trivia.input import TriviaInput
from games.trivia.machine import TriviaMachine
from games.trivia.migration import MIGRATIONS
from games.trivia.views import Own, Shared, own_view, shared_view
from machine_party import Member, Party, Snapshot

__all__ = ["Trivia"]


class Trivia(Party):
    """A quiz. Roles: player, host (runs it), screen and spectator (watch)."""

    machine = TriviaMachine
    events = EVENTS
    Input = TriviaInput
    creation = "request"
    open_roles = ("player", "spectator", "screen")
    page = Path(__file__).parent / "page"
    schema_version = 2
    migrations = MIGRATIONS
    refusals = {
        "confirmed": "You have confirmed your answer to this question.",
        "not_a_text": "This question is answered with a text.",
        "not_an_option": "This question is answered with one of its options.",
        "not_removable": "There is no such member, or it is a host.",
        "paused": "The quiz is paused.",
        "too_late": "That is over already.",
    }

    def shared(self, snapshot: Snapshot[Game], audience: str) -> Shared:
        return shared_view(snapshot)

    def own(self, snapshot: Snapshot[Game], member: Member) -> Own:
        return own_view(snapshot, member)
