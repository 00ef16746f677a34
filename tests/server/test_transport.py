"""Writing with the extension, and without."""

from typing import Any

from machine_party.server.transport import ABORT, EXTENSION, WRITE, SocketTransport


async def sent_by(extensions: dict[str, Any] | None) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    transport = SocketTransport({"type": "websocket", "extensions": extensions}, send)
    await transport.write(["a", b"b"])
    await transport.close(4001, "why")
    await transport.abort()
    return sent


def run(extensions: dict[str, Any] | None) -> list[Any]:
    import asyncio

    return asyncio.run(sent_by(extensions))


_PLAIN: list[dict[str, Any] | None] = [None, {}]
CLOSE = {"type": "websocket.close", "code": 4001, "reason": "why"}


def test_with_the_extension_frames_go_out_together() -> None:
    sent = run({EXTENSION: {"writable": None}})
    assert sent == [{"type": WRITE, "frames": ["a", b"b"]}, CLOSE, {"type": ABORT}]


def test_plain_asgi_gets_one_message_a_frame() -> None:
    for extensions in _PLAIN:
        assert run(extensions) == [
            {"type": "websocket.send", "text": "a"},
            {"type": "websocket.send", "bytes": b"b"},
            CLOSE,
        ]
