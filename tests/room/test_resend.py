"""Dedupe in a room: a send that comes again is answered as the first time, and not run."""

from __future__ import annotations

from typing import Any

import pytest

from machine_party.errors import DefinitionError
from machine_party.protocol import Receipt, Send
from tests.room.stage import Client, Stage


async def used(stage: Stage, *names: str) -> list[Client]:
    clients = [await stage.join(name) for name in names]
    clients[0].send("add")
    await stage.rest()
    for client in clients:
        client.writes.clear()
    return clients


def again(client: Client, id: str, **fields: Any) -> None:
    client.receive_in_room(Send(id, {"type": "add", **fields}))


async def test_a_resend_is_answered_and_not_run(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    id = ann.send("add", by=2)
    refused = ann.send("decline")
    await stage.rest()
    first = ann.receipts[id]
    again(ann, id, by=2)
    ann.receive_in_room(Send(refused, {"type": "decline"}))
    await stage.rest()
    assert ann.receipts[id] == Receipt(id, "duplicate", first.version)
    repeated = ann.receipts[refused]
    assert (repeated.status, repeated.code, repeated.reason) == ("duplicate", "no", "No.")
    assert ann.context["total"] == bob.context["total"] == 3


async def test_a_result_is_repeated_too(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    id = ann.send("ask")
    ann.send("add")
    await stage.rest()
    ann.receive_in_room(Send(id, {"type": "ask"}))
    await stage.rest()
    assert (ann.receipts[id].status, ann.receipts[id].result) == ("duplicate", {"total": 1})


async def test_a_resend_within_a_batch_is_one_event(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    id = ann.send("add", by=2)
    again(ann, id, by=2)
    again(ann, id, by=2)
    await stage.rest()
    receipts = [message for message in ann.messages if isinstance(message, Receipt)]
    assert [(r.id, r.status) for r in receipts] == [
        (id, "accepted"), (id, "duplicate"), (id, "duplicate"),
    ]  # fmt: skip
    assert len({r.version for r in receipts}) == 1
    assert ann.context["total"] == 3


async def test_an_id_with_another_event_is_refused_and_the_first_stays(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    id = ann.send("add", by=2)
    again(ann, id, by=5)  # within the batch
    again(ann, id, by=2)
    await stage.rest()
    receipts = [message for message in ann.messages if isinstance(message, Receipt)]
    assert [(r.status, r.code) for r in receipts] == [
        ("accepted", None), ("rejected", "id_reused"), ("duplicate", None),
    ]  # fmt: skip
    await stage.restart()
    await ann.come()
    for other in ({"type": "add", "by": 5}, {"type": "add"}, {"type": "decline"}):
        ann.receive_in_room(Send(id, other))
        await stage.rest()
        assert (ann.receipts[id].status, ann.receipts[id].code) == ("rejected", "id_reused")
        again(ann, id, by=2)
        await stage.rest()
        assert ann.receipts[id].status == "duplicate"
    assert ann.context["total"] == 3


@pytest.mark.parametrize("id", ["order/7.1", "6f1ed002-ab5b", "c.0", "c.", ".1", "c.1.2", "~.1"])
async def test_server_code_is_told_that_an_id_is_none(stage: Stage, id: str) -> None:
    (ann,) = await used(stage, "ann")
    room = await stage.open()
    with pytest.raises(DefinitionError, match="is no id of a send"):
        await room.send({"type": "add"}, member=ann.id, id=id)
    ann.send("add")
    await stage.rest()
    await stage.crash()
    await ann.come()
    assert ann.context["total"] == 2


@pytest.mark.parametrize("place", ["type", "by", "child", "member"])
async def test_text_that_cannot_be_stored_reaches_no_room(stage: Stage, place: str) -> None:
    (ann,) = await used(stage, "ann")
    room = await stage.open()
    event = {"type": "add", **({place: "\ud800"} if place in ("type", "by") else {})}
    more = {"member": ann.id, **({place: "\ud800"} if place in ("child", "member") else {})}
    with pytest.raises(DefinitionError, match="lone surrogate"):
        await room.send(event, id="c.1", **more)
    ann.send("add")
    await stage.rest()
    assert ann.context["total"] == 2


async def test_nothing_is_remembered_of_who_has_no_seat(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    room = await stage.open()
    for _ in (1, 2):
        receipt = await stage.wait(room.send({"type": "add"}, member="auth0|x/y", id="c.1"))
        assert (receipt.status, receipt.code) == ("rejected", "not_allowed")
    ann.send("add")
    await stage.rest()
    assert "auth0" not in str(stage.store.record(stage.key()))
    await stage.crash()
    await ann.come()
    assert ann.context["total"] == 2


async def test_ids_of_other_members_do_not_collide(stage: Stage) -> None:
    ann, bob = await used(stage, "ann", "bob")
    again(ann, "same.1")
    again(bob, "same.1")
    await stage.rest()
    assert [c.receipts["same.1"].status for c in (ann, bob)] == ["accepted", "accepted"]
    assert ann.context["total"] == 3


@pytest.mark.parametrize("way", ["second connection", "rejoin", "restart", "crash"])
async def test_a_resend_is_a_duplicate_wherever_it_comes_from(stage: Stage, way: str) -> None:
    (ann,) = await used(stage, "ann")
    ids = [ann.send("add", by=2) for _ in range(3)]
    await stage.rest()
    ids += [ann.send("add", by=3)]
    await stage.rest()
    first = {id: ann.receipts[id].version for id in ids}
    client = ann
    if way == "second connection":
        client = await stage.join("ann")
    elif way == "rejoin":
        ann.drop()
        await stage.clock.advance(60)
        await ann.come()
    else:
        await (stage.restart() if way == "restart" else stage.crash())
        await ann.come()
    await stage.rest()
    for id in ids:
        again(client, id, by=3 if id == ids[-1] else 2)
    await stage.rest()
    for id in ids:
        assert client.receipts[id] == Receipt(id, "duplicate", first[id])
    assert client.context["total"] == 10


async def test_a_send_without_an_answer_is_resent_after_a_crash_and_applied_once(
    stage: Stage,
) -> None:
    (ann,) = await used(stage, "ann")
    stage.store.hold()
    stored, lost = ann.send("add", by=10), None
    await stage.clock.settle()
    stage.store.release()
    ann.held = True  # the answer never reaches it
    await stage.clock.settle()
    lost = ann.send("add", by=100)
    await stage.crash()
    ann.held = False
    await ann.come()
    await stage.rest()
    assert ann.mirror.unanswered == []
    assert ann.receipts[stored].status == "duplicate"
    assert ann.receipts[lost].status == "accepted"
    assert ann.context["total"] == 111


async def test_an_old_id_is_stale_and_not_run(stage: Stage) -> None:
    (ann,) = await used(stage, "ann")
    for number in range(1, 71):
        again(ann, f"x.{number}")
    await stage.rest()
    total = ann.context["total"]
    again(ann, "x.1")
    again(ann, "x.70")
    await stage.rest()
    assert (ann.receipts["x.1"].status, ann.receipts["x.1"].code) == ("duplicate", "stale_id")
    assert (ann.receipts["x.70"].status, ann.receipts["x.70"].code) == ("duplicate", None)
    assert ann.context["total"] == total
