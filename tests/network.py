"""The bar on the network for tests: loopback and unix sockets pass, everything else is refused.

It is an audit hook of the interpreter, so it sees what any Python code asks of a socket: blocking,
asyncio, in any thread, during collection too. A subprocess (a browser) is not seen.
"""

from __future__ import annotations

import ipaddress
import socket

NAMES = {"socket.getaddrinfo", "socket.gethostbyname"}
REACHES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class NetworkBarred(RuntimeError):
    """A test, or the code under it, reached for another machine."""


def is_local(host: object) -> bool:
    """Whether a host names this machine: loopback, the unspecified address, ``localhost``, none."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


class Guard:
    """The audit hook. ``attempts`` lists what was refused, the oldest first."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if not event.startswith("socket."):
            return
        if event in NAMES:
            self.check(event, args[0])
        elif event in REACHES:
            sock, address = args[0], args[-1]
            family = getattr(sock, "family", None)
            if family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
                self.check(event, address[0])

    def check(self, event: str, host: object) -> None:
        """Refuse a host that is not this machine, and remember that it was asked for."""
        if not is_local(host):
            self.attempts.append(f"{event} {host!r}")
            raise NetworkBarred(f"the network is barred in tests: {event} {host!r}")
