"""The WebSocket endpoint: handshake, then a conversation. A plain ASGI app, for the extension."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from machine_party.errors import PeerError
from machine_party.server.conversation import Conversation
from machine_party.server.handshake import Handshake, deny, shake
from machine_party.server.node import Node
from machine_party.server.transport import SocketTransport

__all__ = ["PartySocket"]


class PartySocket:
    """`WebSocket /parties/{party}/{room}`.

    Args:
        node: gives the working parts; called on each connection.
    """

    def __init__(self, node: Callable[[], Node]) -> None:
        self._node = node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection until its end."""
        node = self._node()
        await receive()  # websocket.connect
        try:
            handshake = shake(scope, node.origins)
            node.admission.connect(handshake.address)
        except PeerError as error:
            await deny(scope, receive, send, error)
            return
        try:
            await _serve(node, handshake, scope, receive, send)
        finally:
            node.admission.disconnect(handshake.address)


async def _serve(
    node: Node, handshake: Handshake, scope: Scope, receive: Receive, send: Send
) -> None:
    # Who is gone by now is the server's to deal with: it raises, and it takes it back.
    await send({"type": "websocket.accept", "subprotocol": handshake.subprotocol, "headers": []})
    try:
        await Conversation(node.door, handshake, SocketTransport(scope, send), receive).run()
    except OSError:
        pass  # gone while it was being turned away
