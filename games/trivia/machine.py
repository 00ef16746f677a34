"""The statechart of a trivia room. The rules that it applies are pure, in the other modules."""

from __future__ import annotations

from random import Random

from games.trivia.events import Answer, Confirm, Extend, Ready, Remove, Skip
from games.trivia.game import CLOCK, Game, game_of
from games.trivia.input import TriviaInput
from games.trivia.pack import find
from games.trivia.ranking import standings
from games.trivia.round import Answer as Given
from games.trivia.round import Round
from machine_party import Machine, Member, PeerError, State

__all__ = ["EXTRA_SECONDS", "TriviaMachine"]

EXTRA_SECONDS = 10.0
"""What a host adds to an open question at a time."""


class TriviaMachine(Machine[Game]):
    """Lobby, countdown; questions, category by category, each with a recap; ranking."""

    lobby = State(tags=["waiting"], initial=True)
    countdown = State(tags=["waiting"])

    class question(State.Compound):
        preparation = State(initial=True)
        open = State(tags=["answering"])
        closed = State()

    recap = State(tags=["revealed"])
    ranking = State(tags=["revealed"], final=True)

    lobby.to(countdown, cond="everybody_is_ready")
    countdown.to(lobby, unless="may_begin")
    question.open.to(question.closed, cond="everybody_has_confirmed")

    ready = lobby.to.itself(internal=True, cond="plays", on="set_ready")
    ready |= countdown.to.itself(internal=True, cond="plays", on="set_ready")
    start = lobby.to(countdown, cond="somebody_is_here", on="force")

    answer = question.open.to.itself(
        internal=True, cond="plays", validators="takes_answer", on="keep_answer"
    )
    confirm = question.open.to.itself(
        internal=True, cond="plays", validators="takes_confirmation", on="keep_confirmation"
    )

    time_up = skip = (
        countdown.to(question, validators="is_in_time")
        | question.preparation.to(question.open, validators="is_in_time")
        | question.open.to(question.closed, validators="is_in_time")
        | question.closed.to(question, cond="category_goes_on", validators="is_in_time")
        | question.closed.to(recap, validators="is_in_time")
        | recap.to.itself(cond="recap_goes_on", validators="is_in_time")
        | recap.to(question, cond="game_goes_on", validators="is_in_time")
        | recap.to(ranking, validators="is_in_time")
    )

    pause = (
        countdown.to.itself(internal=True, on="stop_clock")
        | question.preparation.to.itself(internal=True, on="stop_clock")
        | question.open.to.itself(internal=True, on="stop_clock")
        | question.closed.to.itself(internal=True, on="stop_clock")
        | recap.to.itself(internal=True, on="stop_clock")
    )
    resume = (
        countdown.to.itself(internal=True, on="start_clock")
        | question.preparation.to.itself(internal=True, on="start_clock")
        | question.open.to.itself(internal=True, on="start_clock")
        | question.closed.to.itself(internal=True, on="start_clock")
        | recap.to.itself(internal=True, on="start_clock")
    )
    extend = question.open.to.itself(internal=True, validators="is_in_time", on="add_time")
    remove = (
        lobby.to.itself(internal=True, validators="is_removable", on="take_out")
        | countdown.to.itself(internal=True, validators="is_removable", on="take_out")
        | question.preparation.to.itself(internal=True, validators="is_removable", on="take_out")
        | question.open.to.itself(internal=True, validators="is_removable", on="take_out")
        | question.closed.to.itself(internal=True, validators="is_removable", on="take_out")
        | recap.to.itself(internal=True, validators="is_removable", on="take_out")
    )
    member_gone = lobby.to.itself(internal=True, on="lapse")
    member_gone |= countdown.to.itself(internal=True, on="lapse")

    def initial(self, input: TriviaInput) -> Game:
        """A game of the pack that the input names.

        Raises:
            PeerError: there is no such pack.
        """
        try:
            pack = find(input.pack)
        except FileNotFoundError:
            reason = "There is no pack of that name."
            raise PeerError("bad_request", reason, path="$.input.pack") from None
        return game_of(pack, input)

    # -- guards ----------------------------------------------------------------------------

    def plays(self, member: Member | None) -> bool:
        return member is not None and self.context.plays(member)

    def somebody_is_here(self) -> bool:
        return bool(self._present())

    def everybody_is_ready(self) -> bool:
        return self.context.is_ready(self._present())

    def may_begin(self) -> bool:
        return self.everybody_is_ready() or (self.context.forced and self.somebody_is_here())

    def everybody_has_confirmed(self) -> bool:
        return self.context.current.is_complete(set(self._present()))

    def category_goes_on(self) -> bool:
        return self.context.category_goes_on

    def recap_goes_on(self) -> bool:
        return self.context.revealed < self.context.asked

    def game_goes_on(self) -> bool:
        return self.context.has_more

    # -- what is refused, and why ------------------------------------------------------------

    def takes_answer(self, data: Answer, member: Member | None) -> None:
        asked = self._asked(data.question, member)
        if asked.options:
            if data.choice not in asked.options or data.text is not None:
                self.refuse("not_an_option")
        elif data.text is None or data.choice is not None:
            self.refuse("not_a_text")

    def takes_confirmation(self, data: Confirm, member: Member | None) -> None:
        self._asked(data.question, member)

    def is_in_time(self, data: Skip | Extend | None) -> None:
        if data is not None and data.step != self.context.step:
            self.refuse("too_late")

    def is_removable(self, data: Remove) -> None:
        member = self.members.get(data.member)
        if member is None or member.role == "host":
            self.refuse("not_removable")

    # -- actions ---------------------------------------------------------------------------

    def set_ready(self, data: Ready, member: Member) -> None:
        if data.ready:
            self.context.ready[member.id] = True
        else:
            self.lapse(member)

    def lapse(self, member: Member) -> None:
        self.context.ready.pop(member.id, None)

    def force(self) -> None:
        self.context.forced = True

    def keep_answer(self, data: Answer, member: Member) -> None:
        asked = self.context.current
        asked.answers[member.id] = Given(
            choice=data.choice, text=data.text, seconds=self._seconds_since_opening()
        )

    def keep_confirmation(self, member: Member) -> None:
        passed = Given(seconds=self._seconds_since_opening())
        self.context.current.answers.setdefault(member.id, passed).confirmed = True

    def stop_clock(self) -> None:
        self.pause_timers()

    def start_clock(self) -> None:
        self.resume_timers()

    def add_time(self) -> None:
        self.extend_timers(EXTRA_SECONDS, CLOCK)

    def take_out(self, data: Remove) -> None:
        self.kick(data.member)

    # -- states ----------------------------------------------------------------------------

    def on_enter_lobby(self) -> None:
        self.context.forced = False

    def on_enter_countdown(self) -> None:
        self._wait(self.context.durations.countdown)

    def on_enter_preparation(self) -> None:
        self.context.asked += 1
        current = self.context.current
        seed = self.context.seed
        current.deal(self.random if seed is None else Random(f"{seed}:{current.id}"))
        self._wait(current.prep)

    def on_enter_open(self) -> None:
        current = self.context.current
        current.roster = self._present()
        self._wait(current.time)

    def on_enter_closed(self) -> None:
        self._wait(self.context.durations.pause)

    def on_enter_recap(self) -> None:
        game = self.context
        game.revealed += 1
        players = [member.id for member in game.players(self.members)]
        game.standings = standings(game.counted, players, game.speed)
        self._wait(game.durations.recap)

    # -- small words -----------------------------------------------------------------------

    def _present(self) -> list[str]:
        """The ids of the players who are here, or away for no longer than the grace."""
        return [m.id for m in self.context.players(self.members) if m.present]

    def _asked(self, question: str, member: Member | None) -> Round:
        """The open round, if `question` is it and `member` may still change the answer to it."""
        current, clock = self.context.current, self.timer(CLOCK)
        if question != current.id:
            self.refuse("too_late")
        if clock is not None and clock.deadline is None:
            self.refuse("paused")
        if member is not None and current.is_confirmed(member.id):
            self.refuse("confirmed")
        return current

    def _seconds_since_opening(self) -> float:
        """By the question's clock, which stands still while the room is down or paused."""
        clock = self.timer(CLOCK)
        return round(clock.passed(self.now), 3) if clock is not None else self.context.current.time

    def _wait(self, seconds: float) -> None:
        """Start the current state's clock: when it is over, `time_up` arrives."""
        self.context.step += 1
        self.after(seconds, CLOCK, policy="remaining")
