"""No test reaches a network beyond loopback: the attempt is an error, not a slow success.

An audit hook sees every socket of this process, whichever library opens it. Other processes
that a test starts, a browser for one, are not seen.
"""

import ipaddress
import sys

LOOPBACK_NAMES = {"", "localhost", "ip6-localhost"}
WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}


class NetworkReachedError(RuntimeError):
    """A test tried to reach a host other than this one."""

    def __init__(self, host: str) -> None:
        super().__init__(f"A test tried to reach {host!r}: tests stay on loopback.")


def hold_to_loopback() -> None:
    """Refuse, from here on, every connection and look-up that leaves this machine."""
    sys.addaudithook(_refuse_beyond_loopback)


def _refuse_beyond_loopback(event: str, args: tuple[object, ...]) -> None:
    if event not in WATCHED:
        return
    host = args[WATCHED[event]]
    if isinstance(host, tuple):  # an internet address; one of a unix socket is text
        host = host[0]
    elif event != "socket.getaddrinfo":
        return
    if not is_loopback(host):
        raise NetworkReachedError(str(host))


def is_loopback(host: object) -> bool:
    """Whether a host, as given to a socket, is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(name))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
