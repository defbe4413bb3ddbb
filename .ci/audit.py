"""Known vulnerabilities of the packages that are installed, as OSV knows them (https://osv.dev).

    python .ci/audit.py [--source URL]

Asks one question about all packages of this environment, by name and version. Exit code 1 where
a known vulnerability is found that ``audit_accepted.txt`` beside this file does not name, else 0.
A source that cannot be reached, or gives no answer that makes sense, has checked nothing: that is
said in one line, and is no failure, because work goes on where there is no network.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import httpx2

SOURCE = "https://api.osv.dev/v1/querybatch"
ACCEPTED = Path(__file__).with_name("audit_accepted.txt")
OWN = "palate"
SECONDS = 20.0

Ask = Callable[[str, dict[str, Any]], Any]


class Unreachable(Exception):
    """The source gave no answer that makes sense; the message says why."""


def installed() -> dict[str, str]:
    """Name to version of every package of this environment but our own, in order of name. A local
    part of a version ("2.13.0+cpu") names a build, which no source of vulnerabilities knows."""
    found = {
        re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(): d.version.partition("+")[0]
        for d in distributions()
        if d.metadata["Name"]
    }
    return {name: found[name] for name in sorted(found) if name != OWN}


def ask(source: str, body: dict[str, Any]) -> Any:
    """The source's answer to a question, as JSON. Raises Unreachable."""
    try:
        answer = httpx2.post(source, json=body, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}".splitlines()[0]) from None


def vulnerabilities(
    packages: Mapping[str, str], source: str = SOURCE, ask: Ask = ask
) -> dict[str, tuple[str, ...]]:
    """``name version`` to the ids of its known vulnerabilities, only where there are any.

    Raises Unreachable.
    """
    asked = list(packages.items())
    body = {
        "queries": [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in asked
        ]
    }
    answer = ask(source, body)
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != len(asked):
        raise Unreachable("its answer has not one result for every package")
    found = {}
    for (name, version), result in zip(asked, results, strict=True):
        known = result.get("vulns", []) if isinstance(result, dict) else []
        if ids := tuple(sorted(str(v["id"]) for v in known if "id" in v)):
            found[f"{name} {version}"] = ids
    return found


def accepted(listing: str) -> frozenset[str]:
    """The ids of a listing of lines ``ID | reason``; a line without a reason accepts nothing."""
    lines = (line.split(" | ", 1) for line in listing.splitlines() if not line.startswith("#"))
    return frozenset(line[0].strip() for line in lines if len(line) == 2 and line[1].strip())


def main(arguments: Sequence[str] | None = None, ask: Ask = ask) -> int:
    """Print what was found; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default=SOURCE)
    source = parser.parse_args(arguments).source
    packages = installed()
    try:
        found = vulnerabilities(packages, source, ask)
    except Unreachable as why:
        print(f"audit: could not reach {source}, {len(packages)} packages not checked ({why})")
        return 0
    known = accepted(ACCEPTED.read_text(encoding="utf-8"))
    bad = {package: [i for i in ids if i not in known] for package, ids in found.items()}
    for package, ids in bad.items():
        if ids:
            print(f"audit: {package} has known vulnerabilities: {', '.join(ids)}")
    total = sum(map(len, bad.values()))
    print(f"audit: {len(packages)} packages checked, {total} known vulnerabilities")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
