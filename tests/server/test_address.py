"""Addresses as limits count them."""

import pytest

from machine_party.server.address import UNKNOWN, Address


@pytest.mark.parametrize(
    ("text", "key", "exempt"),
    [
        ("10.0.0.7", "10.0.0.7", False),
        ("127.0.0.9", "127.0.0.9", True),
        ("::1", "::/64", True),
        ("::ffff:10.0.0.7", "10.0.0.7", False),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", False),
        ("fe80::1%eth0", "fe80::/64", False),
        ("testclient", "testclient", False),
    ],
)
def test_what_counts_as_one(text: str, key: str, exempt: bool) -> None:
    assert Address.parse(text)[1:] == (key, exempt)


@pytest.mark.parametrize("client", [None, (), "10.0.0.1", 7])
def test_no_address_is_nobody_far_away(client: object) -> None:
    assert Address.of(client) is UNKNOWN


def test_the_scope_names_the_client() -> None:
    assert Address.of(["10.0.0.7", 4711]).ip == "10.0.0.7"
