"""What is seen without a connection: the shared half made once, and never anybody else's."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from machine_party.protocol import merge
from machine_party.room.seen import Half, Seen
from tests.room.stage import Stage

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def _part(prefix: str) -> st.SearchStrategy[dict[str, Any]]:
    keys = st.text(max_size=3).map(lambda key: prefix + key)
    return st.dictionaries(keys, _VALUES, max_size=3)


def _halves(prefix: str) -> st.SearchStrategy[dict[str, Any]]:
    part = _part(prefix)
    return st.fixed_dictionaries({"can": part, "context": part, "children": part})


@given(_halves("s"), _halves("o"), _VALUES)
def test_the_json_of_both_halves_is_that_of_the_document(
    shared: dict[str, Any], own: dict[str, Any], value: Any
) -> None:
    shared["value"] = value
    both = Seen("all", Half(shared), Half(own), 1, 2)
    assert json.loads(both.json) == both.document == merge(shared, own)
    assert list(json.loads(both.json)) == list(both.document)
    alone = Seen("all", Half(shared), None, 1, 2)
    assert json.loads(alone.json) == alone.document == shared


def test_a_digest_is_that_of_equal_halves_and_no_others() -> None:
    first, other = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}
    assert Half(first).digest == Half(other).digest
    assert Half(first).digest != Half({"a": 1}).digest
    pairs = [(Half(first), Half({})), (Half({}), Half(first)), (Half(first), None)]
    assert len({Seen("all", *pair, 1, 1).digest for pair in pairs}) == 3


async def test_who_asks_shares_the_half_of_the_audience_until_the_next_commit(
    stage: Stage,
) -> None:
    ann, bob = [await stage.join(name) for name in ("ann", "bob")]
    room = await stage.open()
    halves = [(await stage.wait(room.see(client.id))).shared for client in (ann, bob)]
    assert halves[0] is halves[1]
    assert halves[0].json is halves[1].json
    wall = (await stage.wait(room.see(audience="screen"))).shared
    assert wall is not halves[0]
    ann.send("add")
    await stage.rest()
    seen = await stage.wait(room.see(ann.id))
    assert seen.shared is not halves[0]
    assert seen.document["context"]["total"] == 1
    assert room.layers._seen.keys() == {"player"}, "what an old version was is forgotten"
