"""What clients may send to a trivia room."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from machine_party import ClientEvent

__all__ = [
    "EVENTS",
    "Answer",
    "Confirm",
    "Extend",
    "Pause",
    "Ready",
    "Remove",
    "Resume",
    "Skip",
    "Start",
]

QuestionId = Annotated[str, Meta(max_length=8)]


class Ready(ClientEvent):
    """I am ready to start, or no longer."""

    ready: bool = True


class Answer(ClientEvent):
    """My answer as it stands; it may be sent again until it is confirmed.

    Attributes:
        question: the id of the question that it is for: one that comes late hits no other.
        choice: a letter of its options. `text`: free text, for a text question.
    """

    question: QuestionId
    choice: Annotated[str, Meta(max_length=1)] | None = None
    text: Annotated[str, Meta(max_length=200)] | None = None


class Confirm(ClientEvent):
    """My answer is final. Without an answer: I pass."""

    question: QuestionId


class Start(ClientEvent):
    """Start now, ready or not."""

    roles: ClassVar[tuple[str, ...]] = ("host",)


class Skip(ClientEvent):
    """Wait no longer: go on as if the time were up.

    Attributes:
        step: the shared view's `step` that the host looked at.
    """

    roles: ClassVar[tuple[str, ...]] = ("host",)
    step: int


class Pause(ClientEvent):
    """Stop the clock: no wait ends by itself, and no answer is taken."""

    roles: ClassVar[tuple[str, ...]] = ("host",)


class Resume(ClientEvent):
    """Let the clock go on, with the time that was left."""

    roles: ClassVar[tuple[str, ...]] = ("host",)


class Extend(ClientEvent):
    """Ten more seconds for the open question.

    Attributes:
        step: as in `Skip`.
    """

    roles: ClassVar[tuple[str, ...]] = ("host",)

    step: int


class Remove(ClientEvent):
    """Take a member out of the room for good. Hosts cannot be removed."""

    roles: ClassVar[tuple[str, ...]] = ("host",)
    member: str


EVENTS = (Ready, Answer, Confirm, Start, Skip, Pause, Resume, Extend, Remove)
