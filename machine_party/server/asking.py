"""What several endpoints ask of a request: which party it is for, and whether the operator asks."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from machine_party.core import Party
from machine_party.server.body import bearer_of
from machine_party.server.error import not_found
from machine_party.server.node import Node
from machine_party.server.token import ANY_ROOM

__all__ = ["PRIVATE", "party_of", "served"]

PRIVATE: Final = {"Cache-Control": "no-store", "Vary": "Accept, Authorization"}
"""Headers of an answer that is for the asker only, and only now."""


def party_of(node: Node, request: Request) -> Party:
    """The party of the address.

    Raises:
        PeerError: `not_found`.
    """
    party = node.parties.get(request.path_params["party"])
    if party is None:
        raise not_found()
    return party


def served(node: Node, request: Request, party: Party) -> bool:
    """Whether the operator asks, with a service token. Another token is refused."""
    token = bearer_of(request)
    if token is None:
        return False
    node.tokens.read(token, party=party.name, room=ANY_ROOM, now=node.clock.now())
    return True
