"""A party's types for TypeScript: they say what the machine can be in, and what travels."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from msgspec import Struct

from machine_party.core import (
    ClientEvent,
    HistoryState,
    Machine,
    Member,
    Party,
    Snapshot,
    State,
    party_types,
    project_own,
    project_shared,
)
from machine_party.core.typescript import state_values, tags_of
from machine_party.core.typescript_text import assigned, comment, quoted, union
from machine_party.core.typescript_type import Declarations, TypeWriter
from tests.core import everything
from tests.core.everything import Everything
from tests.core.game import HAPPENINGS, GameMachine, Step_, cause_of, game
from tests.core.rig import Notes, Nothing, Rig
from tests.requirement import node_modules

ROOT = Path(__file__).resolve().parent.parent.parent
WRITTEN = ROOT / "tests" / "client_js" / "everything.d.ts"
WRITE = "machine-party types everything --games tests.core.everything --output"


def test_the_file_that_tsc_reads_is_the_one_that_is_written() -> None:
    """tests/client_js/party-types.ts uses it: what compiles there, and what does not."""
    stale = WRITTEN.read_text("utf-8") != party_types(Everything)
    assert not stale, f"run: {WRITE} {WRITTEN.relative_to(ROOT)}"


# -- states ----------------------------------------------------------------------------------


def concrete(members: Sequence[Any]) -> Iterator[Any]:
    """Every value that a written union of state values allows."""
    for member in members:
        if isinstance(member, Mapping):
            choices = [[(name, v) for v in concrete(inner)] for name, inner in member.items()]
            yield from map(dict, product(*choices))
        else:
            yield member.strip("'")


def test_states_nest_as_the_snapshots_do() -> None:
    class Nested(Machine[Notes]):
        idle = State(initial=True, tags=["still"])

        class on(State.Parallel, tags=["b", "a"]):
            class left(State.Compound):
                up = State(initial=True)
                down = State()
                memory = HistoryState()
                memory.to(up)
                go = up.to(down)

            plain = State(tags=["b"])

        over = State(final=True)
        start = idle.to(on) | on.to(over)
        back = idle.to(on.left.memory)

    written = union(state_values(Nested))
    empty = "{ readonly [key in never]: never }"
    assert written == (
        f"'idle' | {{ readonly on: {{ readonly left: 'up' | 'down'; readonly plain: {empty} }} }}"
        " | 'over'"
    )
    assert sorted(tags_of(Nested)) == ["a", "b", "still"]
    rig = Rig(Nested)
    rig.send("start")
    assert rig.value == {"on": {"left": "up", "plain": {}}}
    assert rig.value in list(concrete(state_values(Nested)))


@given(HAPPENINGS)
def test_no_machine_has_a_value_or_a_tag_that_is_not_declared(
    happenings: list[tuple[Step_, int]],
) -> None:
    rig, declared = Rig(game()), list(concrete(state_values(GameMachine)))
    for happening, seconds in happenings:
        rig.now += max(seconds, 0)
        try:
            rig.step(cause_of(rig.actor, happening, rig.now))
        except Exception:
            return  # it raised; the room would go back
        snapshot = rig.actor.snapshot()
        assert snapshot.value in declared
        assert snapshot.tags <= tags_of(GameMachine)


# -- types -----------------------------------------------------------------------------------


def written(kind: Any, *, sent: bool = False) -> str:
    """A type, and the declarations that it needs, in one text."""
    declarations = Declarations()
    text = TypeWriter(declarations, sent=sent).text(msgspec.inspect.type_info(kind))
    return "\n".join([text, *declarations.texts()])


class Strange:
    """Nothing that msgspec knows."""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, "number"),
        (float | int, "number"),
        (str | None, "string | null"),
        (None | int | str, "number | string | null"),
        (bool, "boolean"),
        (datetime, "string"),
        (bytes, "string"),
        (Literal["a", 1], "1 | 'a'"),
        (list[str], "readonly string[]"),
        (list[str | None], "readonly (string | null)[]"),
        (frozenset[int], "readonly number[]"),
        (tuple[int, str], "readonly [number, string]"),
        (tuple[int, ...], "readonly number[]"),
        (list[tuple[int]], "readonly (readonly [number])[]"),
        (dict[str, list[int]], "{ readonly [id: string]: readonly number[] }"),
        (dict[int, int], "{ readonly [id: string]: number }"),
        (dict[Literal["x", "y"], int], "{ readonly [key in 'x' | 'y']?: number }"),
        (Any, "unknown"),
        (list[Any], "readonly unknown[]"),
        (Strange, "unknown"),
        (msgspec.Raw, "unknown"),
    ],
)
def test_a_type_is_what_travels(kind: Any, text: str) -> None:
    assert written(kind) == text


def test_a_default_makes_a_field_optional_for_who_sends_only() -> None:
    assert "readonly strength: number" in written(everything.Target)
    assert "readonly strength?: number" in written(everything.Target, sent=True)
    assert "[x: number, y: number]" in written(everything.Point)
    assert "[x: number, y?: number]" in written(everything.Point, sent=True)


def test_what_may_be_left_out_is_taken() -> None:
    """As in tests/client_js/party-types.ts, where it compiles."""
    hit = Everything().decode("hit", {"at": [1], "pair": ["l"]}, "player")
    assert hit == everything.Hit(at=everything.Point(1), pair=everything.Pair("l"))


def test_a_type_of_a_taken_name_gets_another() -> None:
    class Number(Struct):
        pass

    never: Any = msgspec.defstruct("never", [])
    text = written(tuple[Number, never, everything.Left.Card, everything.Right.Card])
    assert text.startswith("readonly [Number, never2, Card, Card2]")


def test_what_cannot_be_read_is_unknown_and_no_crash() -> None:
    class Odd(ClientEvent):
        what: Nowhere  # type: ignore[name-defined]  # noqa: F821

    class OddMachine(Machine[Notes]):
        one = State(initial=True)
        odd = one.to.itself()

    class OddParty(Party):
        machine = OddMachine
        events = (Odd,)

        def shared(self, snapshot: Snapshot[Any], audience: str) -> Nothing:
            return Nothing()

    text = party_types(OddParty)
    assert "readonly type: 'odd'\n  readonly [field: string]: unknown\n" in text
    assert "context: OddPartyShared\n" in text
    assert "/** A view that shows nothing. */\nexport interface OddPartyShared {\n}" in text


def test_only_a_sentence_that_somebody_has_written_is_a_comment() -> None:
    @dataclass
    class Made:
        x: int

    assert "/**" not in written(Made)
    assert written(everything.Tree).split("\n")[1] == "/** A tree. It says *\\/ nothing. */"


# -- text ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "literal"),
    [("a", "'a'"), ("it's", '"it\'s"'), ('a "b"', "'a \"b\"'"), ("a\\b\n", "'a\\\\b\\n'")],
)
def test_a_literal_is_quoted(text: str, literal: str) -> None:
    assert quoted(text) == literal


def test_long_lines_are_broken() -> None:
    words = [f"'{letter * 40}'" for letter in "abc"]
    assert assigned("a:", words, "  ") == "a:" + "".join(f"\n    | {word}" for word in words)
    assert assigned("a:", [{"b": words}]).startswith("a: {\n  readonly b:\n    | 'aaa")
    assert max(map(len, comment("word " * 100, "  ").split("\n"))) <= 100


# -- what travels ----------------------------------------------------------------------------


def compiles(folder: Path, source: str) -> str:
    """What tsc says of `source`, which may import `./everything.js`."""
    (folder / "everything.d.ts").write_text(party_types(Everything), "utf-8")
    (folder / "sample.ts").write_text(source, "utf-8")
    command = [str(node_modules() / ".bin" / "tsc"), "--noEmit", "--strict", "--module", "nodenext"]
    options = ["--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", ""]
    files = ["sample.ts", "everything.d.ts"]
    done = subprocess.run(
        [*command, *options, *files], cwd=folder, capture_output=True, text=True, check=False
    )
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


def document() -> dict[str, Any]:
    """A member's context of Everything, as JSON carries it."""
    rig = Rig(Everything())
    member: Member = rig.join()
    snapshot = rig.actor.snapshot()
    shared = project_shared(rig.party, rig.root, snapshot, "player", "player").document()
    own = project_own(rig.party, rig.root, snapshot, member).document()
    context: dict[str, Any] = {**shared["context"], **own["context"]}
    return context


def sparse(context: dict[str, Any]) -> dict[str, Any]:
    """The same with what was left out."""
    more = {"perhaps": "here", "sparse": {"always": 1, "sometimes": 2}, "words": None}
    return {**context, **more}


def test_a_document_that_was_sent_is_of_the_declared_type(tmp_path: Path) -> None:
    context = document()
    right = {f"right{at}": part for at, part in enumerate([context, sparse(context)])}
    wrong = {f"wrong_{at}": {**context, name: {"x": None}} for at, name in enumerate(context)}
    lines = [
        f"export const {name}: Everything['context'] = {json.dumps(part)}"
        for name, part in {**right, **wrong}.items()
    ]
    use = "import type { Everything } from './everything.js'"

    told = compiles(tmp_path, "\n".join([use, *lines]))

    refused = {int(line) for line in re.findall(r"^sample.ts\((\d+),", told, re.MULTILINE)}
    assert refused == set(range(2 + len(right), 2 + len(lines))), told
