"""Tests reach this machine and no other."""

import socket

import pytest

from tests.loopback import NetworkReachedError, is_loopback


@pytest.mark.parametrize(
    "host", [None, "", "localhost", b"localhost", "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::"]
)
def test_this_machine_is_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["example.org", b"example.org", "10.0.0.1", "fe80::1", "localhos"])
def test_any_other_host_is_not(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["example.org", "192.0.2.1"])
def test_a_connection_beyond_loopback_is_refused(host):
    with pytest.raises(NetworkReachedError, match=f"reach '{host}'"):
        socket.create_connection((host, 80), timeout=1)


def test_a_datagram_beyond_loopback_is_refused():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(NetworkReachedError, match="192.0.2.1"),
    ):
        sender.sendto(b"", ("192.0.2.1", 9))


def test_loopback_is_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()
