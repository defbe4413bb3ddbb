"""The rules that every test runs under do what they say."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.conftest import guard, unlisted
from tests.network import NetworkBarred, is_local


def test_a_test_cannot_reach_another_machine() -> None:
    with pytest.raises(NetworkBarred, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    guard.attempts.clear()


def test_a_name_is_not_even_looked_up() -> None:
    with pytest.raises(NetworkBarred, match=r"palate\.invalid"):
        socket.getaddrinfo("palate.invalid", 443)
    guard.attempts.clear()


async def test_the_bar_holds_for_asyncio_too() -> None:
    with pytest.raises(NetworkBarred):
        await asyncio.open_connection("192.0.2.1", 80)
    guard.attempts.clear()


async def test_this_machine_can_be_reached() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("localhost", port)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", True),
        (None, True),
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_only_this_machine_counts_as_local(host: str | None, local: bool) -> None:
    assert is_local(host) is local


def test_only_a_listed_skip_with_a_reason_passes_under_ci() -> None:
    listing = "# a comment\ntests/a.py::* | the reason\ntests/b.py::test_x\n"
    skips = {"tests/a.py::test_1": "r", "tests/b.py::test_x": "r", "tests/c.py": "r"}
    assert set(unlisted(skips, listing)) == {"tests/b.py::test_x", "tests/c.py"}
