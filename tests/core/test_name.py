"""Display names: which are allowed, how long they may be, and that no two look alike."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from machine_party.core.name import MAX_BYTES, MAX_GRAPHEMES, clean_name, unique_name
from machine_party.errors import PeerError

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


@pytest.mark.parametrize(
    "name",
    ["Ann", "Ünal", "小明", "محمد", "नमस्ते", FAMILY, f"{FAMILY} Ann", "❤\ufe0f", "می\u200cخواهم"],
)
def test_names_of_all_scripts_and_emoji_are_allowed(name: str) -> None:
    assert clean_name(name) == name


def test_a_name_is_trimmed_folded_and_composed() -> None:
    assert clean_name("  Ann \t\u00a0 B  ") == "Ann B"
    assert clean_name("e\u0301") == "\u00e9"


@pytest.mark.parametrize(
    "name",
    [
        "a\x00b",
        "a\x1bb",
        "a\u202eb",
        "a\u2066b",
        "a\u200bb",
        "\ufeffa",
        "a\ud800",
        "\ue000",
        "\u0378",
    ],
)
def test_control_and_direction_characters_are_refused(name: str) -> None:
    with pytest.raises(PeerError, match="control and direction") as raised:
        clean_name(name)
    assert (raised.value.code, raised.value.path) == ("bad_request", "$.name")


@pytest.mark.parametrize("name", ["", " ", "\u200d", "\u0301", "\u3164", "\u2800", "\u115f\u1160"])
def test_a_name_is_visible(name: str) -> None:
    with pytest.raises(PeerError, match="visible character"):
        clean_name(name)


def test_what_counts_is_graphemes_and_then_bytes() -> None:
    assert clean_name("小" * MAX_GRAPHEMES) == "小" * MAX_GRAPHEMES
    for long in ("a" * (MAX_GRAPHEMES + 1), FAMILY * 4, "e" + "\u0300" * MAX_BYTES):
        with pytest.raises(PeerError, match=f"at most {MAX_GRAPHEMES}"):
            clean_name(long)


def fits(name: str) -> bool:
    return len(regex.findall(r"\X", name)) <= MAX_GRAPHEMES and len(name.encode()) <= MAX_BYTES


def cleaned(text: str) -> str | None:
    try:
        return clean_name(text)
    except PeerError:
        return None


@given(st.text(max_size=40))
def test_a_clean_name_stays_as_it_is(text: str) -> None:
    name = cleaned(text)
    if name is not None:
        assert fits(name)
        assert clean_name(name) == name


NAMES = st.sampled_from(["Ann", "ann", "A" * 24, FAMILY * 3, "e" + "\u0300" * 47, "小" * 24])


@given(st.lists(NAMES | st.text(max_size=12).map(cleaned).filter(bool), max_size=15))
def test_names_are_unique_and_still_fit(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        unique = unique_name(name, taken)
        assert unique not in taken
        assert fits(unique)
        assert unique == unique.strip() != ""
        taken.add(unique)


@pytest.mark.parametrize("twin", ["ann", "Ａｎｎ", "A\u200dnn", "Ann\u200c"])
def test_names_that_look_alike_are_one(twin: str) -> None:
    assert unique_name(twin, {"Ann"}).endswith(" 2")
    assert unique_name(twin, {"Bob"}) == twin


def test_numbers_go_on_and_make_room() -> None:
    assert unique_name("Ann", {"Ann", "Ann 2"}) == "Ann 3"
    long = "a" * MAX_GRAPHEMES
    assert unique_name(long, {long}) == "a" * (MAX_GRAPHEMES - 2) + " 2"


def test_cutting_by_code_points_would_not_fit_the_limit() -> None:
    """What `fits` is for: it says no to a careless shortening."""
    assert not fits("小" * 30 + " 2")
    assert not fits(FAMILY * 4)
