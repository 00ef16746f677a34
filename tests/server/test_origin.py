"""Which pages may connect."""

import pytest

from machine_party.server.origin import Origins


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "allowed"),
    [
        (None, "quiz.example", "wss", True),
        ("https://quiz.example", "quiz.example", "wss", True),
        ("https://quiz.example:443", "quiz.example", "https", True),
        ("http://10.0.0.2:8000", "10.0.0.2:8000", "ws", True),
        ("http://[::1]:8000", "[::1]:8000", "ws", True),
        ("https://evil.example", "quiz.example", "wss", False),
        ("https://quiz.example.evil", "quiz.example", "wss", False),
        ("https://quiz.example:8443", "quiz.example", "wss", False),
        ("null", "quiz.example", "wss", False),
        ("", "quiz.example", "wss", False),
        ("https://quiz.example:nonsense", "quiz.example", "wss", False),
        ("https://quiz.example", None, "wss", False),
    ],
)
def test_by_default_pages_of_the_same_host_come_in(
    origin: str | None, host: str | None, scheme: str, allowed: bool
) -> None:
    assert Origins().allows(origin, host, scheme) is allowed


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://quiz.example", True),
        ("http://quiz.example", False),
        ("https://quiz.example:444", False),
        ("https://a.quiz.example", False),
        ("https://here.example", False),
        (None, True),
    ],
)
def test_a_list_is_exact(origin: str | None, allowed: bool) -> None:
    assert Origins(["https://quiz.example"]).allows(origin, "here.example", "wss") is allowed


@pytest.mark.parametrize(
    "wrong", ["*", "quiz.example", "https://quiz.example/", "HTTPS://quiz.example", "ws://a"]
)
def test_what_is_no_origin_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"https://quiz\.example"):
        Origins([wrong])
