"""What ``palate serve`` answers a second, and how long an answer takes, without a model.

``python -m benchmarks.service --home path/to/workspace --clients 1 4 --seconds 15`` copies the
workspace, serves the copy and asks over HTTP, the clients one request after the other each.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

MESSAGES = ("something like Heat", "newer", "not the first one", "shorter than two hours")
ORDER = "import sys; from ui.cli import main; main()"


def main() -> None:
    """Print a table: requests a second, the median and the 95th percentile in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--seconds", type=float, default=15.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = shutil.copytree(asked.home, Path(folder) / "home")
        process = subprocess.Popen(
            [sys.executable, "-c", ORDER, "serve", "--home", home, "--port", "0", "--llm", "none"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PALATE_API_RATE": "1000000"},
        )
        assert process.stderr is not None
        found = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
        assert found, "the service did not start"
        try:
            print("| door | clients | a second | median, ms | p95, ms | refused |")
            print("|---|---|---|---|---|---|")
            for name, work in (("items", items), ("recommend", recommend), ("turn", turn)):
                for clients in asked.clients:
                    print(row(name, work, found[0], clients, asked.seconds), flush=True)
        finally:
            process.terminate()
            process.wait()


def row(
    name: str, work: Callable[[httpx.Client, int], int], url: str, clients: int, seconds: float
) -> str:
    """One line of the table, after a few requests that count for nothing."""

    def ask(number: int) -> tuple[list[float], int]:
        took, refused = [], 0
        with httpx.Client(base_url=url, timeout=120) as client:
            for warm in range(4):
                work(client, warm)
            end = time.perf_counter() + seconds
            while (start := time.perf_counter()) < end:
                status = work(client, number + len(took))
                refused += status != 200
                took.append(time.perf_counter() - start)
        return took, refused

    with ThreadPoolExecutor(clients) as pool:
        asked = list(pool.map(ask, range(clients)))
    took = sorted(t for times, _ in asked for t in times)
    middle, high = took[len(took) // 2], took[int(0.95 * len(took))]
    refused = sum(r for _, r in asked)
    rate = len(took) / seconds
    return (
        f"| {name} | {clients} | {rate:.1f} | {1e3 * middle:.0f} | {1e3 * high:.0f} | {refused} |"
    )


def items(client: httpx.Client, _: int) -> int:
    """A page of the catalogue."""
    return client.get("/v1/items", params={"limit": 20}).status_code


def recommend(client: httpx.Client, number: int) -> int:
    """A request in words, for nobody."""
    body = {"query": f"a film about music {number % 50}", "k": 10}
    return client.post("/v1/recommend", json=body).status_code


def turn(client: httpx.Client, number: int) -> int:
    """A turn of a conversation of four, which begins anew after the last."""
    held = client.headers.get("x-session", "")
    if number % 4 == 0 or not held:
        held = client.post("/v1/sessions", json={"private": True}).json()["id"]
        client.headers["x-session"] = held
    body = {"message": MESSAGES[number % 4]}
    return client.post(f"/v1/sessions/{held}/turns", json=body).status_code


if __name__ == "__main__":
    main()
