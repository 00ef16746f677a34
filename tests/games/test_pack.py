from __future__ import annotations

from pathlib import Path

import pytest

from games.trivia.matching import normalise
from games.trivia.pack import DIRECTORY, find, load, parse
from games.trivia.question import Radio, Text
from games.trivia.source import MAX_CHARACTERS, PackError
from tests.games.sample import PACK

RADIO = "type: radio, prompt: P, options: [{text: a, correct: true}, {text: b}]"
TEXT = "type: text, prompt: P, answers: [x]"


def questions(*lines: str) -> str:
    """A pack whose first question is on line 5."""
    head = "title: T\ncategories:\n  - name: C\n    questions:\n"
    return head + "".join(f"      - {{{line}}}\n" for line in lines)


# -- good packs ----------------------------------------------------------------------------


def test_a_pack() -> None:
    pack = parse("sample.yaml", PACK)
    assert (pack.title, pack.locale) == ("Sample", "en")
    assert [len(category.questions) for category in pack.categories] == [2, 1]


def test_json_is_a_pack_too() -> None:
    source = '{"title": "T", "categories": [{"name": "C", "questions": [{"type": "text", '
    source += '"prompt": "P", "answers": ["x"]}]}]}'
    assert parse("a.json", source).categories[0].questions == (Text(prompt="P", answers=("x",)),)


def test_a_date_is_text() -> None:
    source = questions("type: text, prompt: P, answers: [2001-01-01]")
    assert parse("a.yaml", source).categories[0].questions[0] == Text(
        prompt="P", answers=("2001-01-01",)
    )


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + PACK.encode())
    assert load(path).title == "Sample"


def test_find_knows_no_pack_of_another_name() -> None:
    with pytest.raises(FileNotFoundError):
        find("no-such-pack")


def test_a_pack_is_read_once() -> None:
    assert find("general") is find("general")


# -- the packs that come with the game ---------------------------------------------------------


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_pack_that_comes_with_the_game(path: Path) -> None:
    for category in load(path).categories:
        for question in category.questions:
            assert question.explanation
            assert question.id
            assert question.prompt.endswith(("?", "."))


def test_the_general_pack() -> None:
    pack = find("general")
    kinds = [type(q) for category in pack.categories for q in category.questions]
    assert (kinds.count(Radio), kinds.count(Text), len(pack.categories)) == (5, 5, 2)


def test_no_prompt_contains_its_answer() -> None:
    for category in find("general").categories:
        for question in category.questions:
            if isinstance(question, Text):
                words = normalise(question.prompt).split()
                assert not {normalise(answer) for answer in question.answers} & set(words)


# -- bad packs: line, problem and fix ------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "problem", "fix"),
    [
        ("", 1, "empty", "title"),
        ("# nothing\n", 1, "empty", "title"),
        ("title: T\ncategories: [\n", 3, "not YAML", "indentation"),
        ("title: T\n bad: [indent\n", 2, "not YAML", "indentation"),
        ("title: a: b\n", 1, "not YAML", "quotes"),
        ("title: T\n---\ntitle: U\n", 2, "not YAML", "indentation"),
        ("title: \x07\n", 1, "character", "UTF-8"),
        ("[" * 5_000, 1, "nested", "flat"),
        ("title: T\ntitle: U\n", 2, "'title' is here twice", "Remove"),
        ("title: &x T\nlocale: *x\n", 2, "alias", "Write it out"),
        ("title: T\n? [a]\n: 1\n", 2, "not plain text", "name: value"),
        ("title: T\nlocale: !!int x\n", 2, "tag", "Remove the tag"),
        ("title: T\nlocale: !!python/name:os.system\n", 2, "tag", "Remove the tag"),
        ("title: T\nlocale: !!timestamp 2001-99-99\n", 2, "tag", "Remove the tag"),
        ("- a\n", 1, "Expected `object`", "Change"),
        ("title: T\n", 1, "'categories' is missing", "Add categories"),
        ("title: T\n\ncategories: []\n", 3, "length >= 1", "Change"),
        ("title: 7\ncategories: []\n", 1, "not text but int", "quotes"),
        ("title: yes\ncategories: []\n", 1, "not text but bool", "quotes"),
        ("title: T\ncategoriess: []\n", 2, "no field 'categoriess'", "categories?"),
        ("title: T\nxyzzy: 1\ncategories: []\n", 2, "no field 'xyzzy'", "Remove it"),
        (questions("prompt: P"), 5, "'type' is missing", "Add type"),
        (questions("type: sortable, prompt: P"), 5, "sortable", "radio, text"),
        (questions("type: text, answers: [x]"), 5, "'prompt' is missing", "Add prompt"),
        (questions("type: text, prompt: P"), 5, "'answers' is missing", "Add answers"),
        (questions("type: text, prompt: P, answers: []"), 5, "length >= 1", "Change"),
        (questions("type: text, prompt: P, answers: [1969]"), 5, "not text but int", "quotes"),
        (questions(TEXT, "type: text, prompt: P, answers: ['?!']"), 6, "no letter", "Spell"),
        (questions(f"{TEXT}, tolerance: 1"), 5, "No answer is a number", "Remove tolerance"),
        (questions(f"{TEXT}, anwers: [y]"), 5, "no field 'anwers'", "answers?"),
        (questions(f"{TEXT}, time: 0"), 5, "> 0", "Change"),
        (questions(f"{TEXT}, time: .nan"), 5, "> 0", "Change"),
        (questions(f"{TEXT}, points: .inf"), 5, "<= 1000", "Change"),
        (questions(f"{TEXT}, time: soon"), 5, "Expected `float", "Change"),
        (questions(f"{TEXT}, id: a", f"{TEXT}, id: a"), 6, "'a' is used twice", "Change one"),
        (questions("type: radio, prompt: P, options: [{text: a}]"), 5, "length >= 2", "Change"),
        (
            questions(RADIO, "type: radio, prompt: P, options: [{text: a}, {text: b}]"),
            6,
            "No option is right",
            "correct: true",
        ),
        (
            questions("type: radio, prompt: P, options: [{text: a, correct: true}, {text: a}]"),
            5,
            "'a' is here twice",
            "Change one",
        ),
        (
            questions(
                "type: radio, prompt: P, options: [{text: a, correct: true, weight: 1}, {text: b}]"
            ),
            5,
            "both correct and weight",
            "Remove one",
        ),
        (
            questions(TEXT) + "  - name: c!\n    questions:\n      - {" + TEXT + "}\n",
            6,
            "two categories 'c!'",
            "Rename one",
        ),
    ],
)
def test_a_bad_pack_is_explained(source: str, line: int, problem: str, fix: str) -> None:
    with pytest.raises(PackError) as caught:
        parse("bad.yaml", source)
    error = caught.value
    assert problem in error.problem
    assert fix in error.fix
    assert error.line == line
    assert str(error).startswith(f"bad.yaml, line {line}: ")


def test_a_long_line_of_options_is_found_by_its_own_line() -> None:
    source = PACK.replace("answers: [canary-answer, also this]", "answers:\n          - 5")
    with pytest.raises(PackError) as caught:
        parse("bad.yaml", source)
    lines = source.splitlines()
    assert lines[caught.value.line - 1].strip() == "- 5"


def test_a_file_that_is_too_long() -> None:
    with pytest.raises(PackError, match="too long"):
        parse("long.yaml", " " * (MAX_CHARACTERS + 1))


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"title: T\nlocale: caf\xe9\n")
    with pytest.raises(PackError, match=r"latin\.yaml, line 2: This is not UTF-8"):
        load(path)
