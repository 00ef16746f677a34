"""Network addresses as limits count them."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

__all__ = ["UNKNOWN", "Address"]


class Address(NamedTuple):
    """A peer's address.

    Attributes:
        ip: as the server saw it; empty if the transport has none (tests, Unix sockets).
        key: what limits count: an IPv4 address, or the /64 of an IPv6 one, since one
            household or phone has at least 2^64 of those.
        exempt: whether it is the loopback, or no address at all.
    """

    ip: str
    key: str
    exempt: bool

    @classmethod
    def of(cls, client: object) -> Address:
        """The address of an ASGI scope's `client`, a (host, port) pair or None."""
        if not isinstance(client, (tuple, list)) or not client:
            return UNKNOWN
        return cls.parse(str(client[0]))

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address in that text; a text that is no address stands for itself."""
        try:
            ip = ip_address(text.partition("%")[0])
        except ValueError:
            return cls(text, text, exempt=False)
        if isinstance(ip, IPv6Address):
            if ip.ipv4_mapped is None:
                prefix = IPv6Address(int(ip) >> 64 << 64)
                return cls(text, f"{prefix}/64", ip.is_loopback)
            ip = ip.ipv4_mapped
        return cls(text, str(ip), ip.is_loopback)


UNKNOWN = Address("", "", exempt=True)
"""Somebody in this process or on this machine: an in-memory test, a Unix socket."""
