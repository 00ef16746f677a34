"""The plugin, as a project sees it that has machine-party installed."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

ALONE = ("-p", "no:cacheprovider", "-p", "no:anyio")


def outcomes(pytester: pytest.Pytester, source: str) -> tuple[dict[str, int], str]:
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess(*ALONE)
    return result.parseoutcomes(), result.stdout.str()


def test_a_coroutine_test_runs_on_virtual_time(pytester: pytest.Pytester) -> None:
    found, _ = outcomes(
        pytester,
        """
        import asyncio, pytest

        async def test_time(clock):
            sleeping = asyncio.create_task(asyncio.sleep(3600))
            await clock.advance(3600)
            assert sleeping.done()

        class TestMethods:
            @pytest.mark.parametrize("seconds", [1, 2])
            async def test_method(self, clock, seconds):
                before = clock.now()
                await clock.advance(seconds)
                assert clock.now() == before + seconds

        @pytest.mark.usefixtures("virtual_loop")
        async def test_without_arguments():
            await asyncio.sleep(0)

        def test_plain(clock):
            assert clock.now() == 1_700_000_000
        """,
    )
    assert found == {"passed": 5}


def test_a_coroutine_test_of_others_is_left_alone(pytester: pytest.Pytester) -> None:
    found, text = outcomes(
        pytester,
        """
        async def test_of_another_plugin():
            pass
        """,
    )
    assert found == {"failed": 1}
    assert "async def functions are not natively supported" in text


def test_a_deadlock_fails_at_the_line_that_waits(pytester: pytest.Pytester) -> None:
    found, text = outcomes(
        pytester,
        """
        import asyncio

        async def test_hangs(clock):
            await asyncio.sleep(5)  # nobody advances
        """,
    )
    assert found == {"failed": 1}
    assert "await clock.advance(5)" in text
    assert "nobody advances" in text


def test_what_only_the_loop_was_told_fails_the_test(pytester: pytest.Pytester) -> None:
    found, text = outcomes(
        pytester,
        """
        import asyncio

        def boom():
            raise RuntimeError("nobody would have seen this")

        async def test_callback(clock):
            asyncio.get_running_loop().call_soon(boom)
            await clock.settle()
        """,
    )
    assert found == {"passed": 1, "errors": 1}
    assert "nobody would have seen this" in text


def test_a_task_that_is_left_behind_fails_the_test(pytester: pytest.Pytester) -> None:
    found, text = outcomes(
        pytester,
        """
        import asyncio
        from games.counter import Counter

        async def test_leaves_a_task(open_room):
            await open_room(Counter)
            asyncio.create_task(asyncio.Event().wait(), name="the forgotten one")
        """,
    )
    assert found == {"passed": 1, "errors": 1}
    assert "the forgotten one" in text


def test_the_plugin_does_not_load_the_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_what_is_loaded(clock):
            heavy = {"starlette", "uvicorn", "websockets", "statemachine", "httpx"}
            assert not heavy & set(sys.modules)
        """
    )
    result = pytester.runpytest_subprocess(*ALONE)
    result.assert_outcomes(passed=1)
