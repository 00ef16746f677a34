"""The timer table: in order, by owner, and with ids that are never used twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from machine_party.core.timer import Timer, Timers


def table(*deadlines: float) -> Timers:
    timers = Timers()
    for deadline in deadlines:
        timers.add(Timer(event="late", deadline=deadline))
    return timers


@given(
    st.lists(st.sampled_from([1.0, 2.0, 3.0]), max_size=12), st.sampled_from([0.5, 1.0, 2.5, 9.0])
)
def test_what_is_due_comes_by_deadline_and_then_by_start(
    deadlines: list[float], now: float
) -> None:
    timers = table(*deadlines)
    due = [(timer.deadline, int(key)) for key, timer in timers.due(now)]
    assert due == sorted((at, n) for n, at in enumerate(deadlines, start=1) if at <= now)
    assert timers.next_deadline() == min(deadlines, default=None)


def test_the_tenth_comes_after_the_second() -> None:
    """As text it would come before."""
    assert [key for key, _ in table(*[1.0] * 11).due(1)] == [str(n) for n in range(1, 12)]


def test_an_id_is_never_used_twice() -> None:
    timers = table(1.0, 2.0)
    assert timers.take("2") is not None
    assert timers.take("2") is None
    assert timers.add(Timer(event="late", deadline=3)) == "3"


def test_timers_are_cancelled_by_name_state_and_machine() -> None:
    def filled() -> Timers:
        timers = Timers()
        for path in ("", "child"):
            for state in (None, "open"):
                for send_id in (None, "x"):
                    timers.add(
                        Timer(event="e", deadline=1, path=path, state=state, send_id=send_id)
                    )
        return timers

    def left(timers: Timers) -> set[tuple[str, str | None, str | None]]:
        return {(timer.path, timer.state, timer.send_id) for timer in timers.rows.values()}

    everything = left(filled())
    by_name, by_state, by_machine = filled(), filled(), filled()
    by_name.cancel_send_id("", "x")
    by_state.cancel_state("child", "open")
    by_machine.cancel_machine("child")
    assert left(by_name) == {row for row in everything if (row[0], row[2]) != ("", "x")}
    assert left(by_state) == {row for row in everything if row[:2] != ("child", "open")}
    assert left(by_machine) == {row for row in everything if row[0] == ""}
