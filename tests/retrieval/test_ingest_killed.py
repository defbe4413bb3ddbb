"""An ingest killed with -9 at any point leaves the old state or the new one, and the next finishes.

Children are forked from a server process that has imported everything already, so that a round
costs little more than the ingest itself. Each round kills at a seeded moment. Thirty moments are
spread over the measured length of an undisturbed run, twenty over its last stretch, from the
finished index to the end, in which the change becomes visible. One machine is never as fast as
itself: a round that ends before its kill is a round, too, and leaves the new state.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest

from retrieval.errors import WorkspaceMissing
from retrieval.index import Index
from retrieval.ingest import BuildRequest
from retrieval.storage.workspace import Workspace
from tests.retrieval.worlds import LAMPS, build, clicks, csv, files, jsonl, state, take

SPREAD, LATE = 30, 20


def hashed(request: BuildRequest) -> None:
    """The index that serves, over the encoder that needs no model."""
    from retrieval.embeddings import HashedEncoder
    from retrieval.index import build_index

    build_index(request, encoder=HashedEncoder(dimensions=32))


def work(home: Path, catalog: Path, events: Path, real: bool, tell: Connection) -> None:
    """The child: ingests, and says when it begins, when the index is built and when it ends."""

    def building(request: BuildRequest) -> None:
        (hashed if real else build)(request)
        tell.send(time.perf_counter())

    tell.send(time.perf_counter())
    take(home, catalog, events, build=building)
    tell.send(time.perf_counter())


@dataclass(frozen=True)
class World:
    """Two states of one shop: what was ingested before, and what is being ingested."""

    context: ForkServerContext
    folder: Path
    catalog: Path
    events: Path
    before: Path

    def start(self, home: Path, *, real: bool = False) -> tuple[ForkServerProcess, Connection]:
        """A child that has begun to ingest the new files into ``home``, and its pipe."""
        mine, theirs = self.context.Pipe(duplex=False)
        child = self.context.Process(
            target=work, args=(home, self.catalog, self.events, real, theirs)
        )
        child.start()
        theirs.close()
        return child, mine

    def undisturbed(self, home: Path, *, real: bool = False) -> tuple[float, float]:
        """A whole run: the seconds until the index was built, and from there to the end."""
        child, pipe = self.start(home, real=real)
        with pipe:
            times = []
            with suppress(EOFError):  # it died early: its exit code, a signal if negative, says why
                times = [float(pipe.recv()) for _ in range(3)]
            child.join()
        assert child.exitcode == 0
        begun, built, ended = times
        return built - begun, ended - built

    def killed(self, home: Path, delay: float, *, late: bool = False, real: bool = False) -> bool:
        """Kill a run some seconds after it began, or after its index was built.

        Whether it was still at work then.
        """
        child, pipe = self.start(home, real=real)
        with pipe:
            pipe.recv()
            if late:
                pipe.recv()
            child.join(timeout=delay)
            child.kill()
            child.join()
        return child.exitcode == -signal.SIGKILL


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.retrieval.test_ingest_killed", "retrieval.index"])
    folder = tmp_path_factory.mktemp("killed")
    lines = clicks(600)
    before = folder / "before"
    take(
        before, jsonl(folder / "old.jsonl", LAMPS[:25]), csv(folder / "old.csv", *lines[:300], "x")
    )
    new = [{**LAMPS[0], "price": 1.0}, *LAMPS[5:], {**LAMPS[1], "id": "N1", "rating": 4.5}]
    world = World(
        context=context,
        folder=folder,
        catalog=jsonl(folder / "new.jsonl", new),
        events=csv(folder / "new.csv", *lines[200:], "nobody,NOPE,view,,2024-01-01T00:00:00Z"),
        before=before,
    )
    world.undisturbed(folder / "fresh")  # the first child pays for what is loaded once
    return world


def seen(home: Path) -> dict[str, object] | None:
    """What a reader sees; None when it is told that nothing was ingested."""
    try:
        return state(home)
    except WorkspaceMissing:
        return None


def test_fifty_kills_leave_the_old_state_or_the_new_one_and_the_next_run_finishes(
    world: World,
) -> None:
    after, fresh = world.folder / "after", world.folder / "fresh"
    shutil.copytree(world.before, after)
    built, rest = world.undisturbed(after)
    old, new, first = state(world.before), state(after), state(fresh)
    rng = random.Random(20)
    moments = [(False, (built + rest) * (n + rng.random()) / SPREAD) for n in range(SPREAD)]
    moments += [(True, rest * (n + rng.random()) / LATE) for n in range(LATE)]
    outcomes: Counter[str] = Counter()
    for number, (late, delay) in enumerate(moments):
        home = world.folder / f"round{number}"
        onto_old = number % 3 != 0  # every third round begins with no workspace at all
        if onto_old:
            shutil.copytree(world.before, home)
        killed = world.killed(home, delay, late=late)
        found = seen(home)
        is_old = found == (old if onto_old else None)
        is_new = found == (new if onto_old else first)
        assert is_old or is_new, f"round {number}: neither the old state nor the new one"
        outcomes[f"{'killed' if killed else 'ended'}, {'old' if is_old else 'new'}"] += 1
        take(home, world.catalog, world.events)
        assert state(home) == (new if onto_old else first)
        assert files(home) == files(after if onto_old else fresh)
        if number % 5 == 0:
            assert not take(home, world.catalog, world.events).changed
        shutil.rmtree(home)
    assert sum(outcomes.values()) == SPREAD + LATE
    assert outcomes["ended, old"] == 0
    assert outcomes["killed, old"] >= 10, outcomes


def test_a_kill_while_the_real_index_is_built_leaves_the_old_state(world: World) -> None:
    pytest.importorskip("chromadb")
    whole = world.folder / "whole"
    shutil.copytree(world.before, whole)
    built, _rest = world.undisturbed(whole, real=True)
    old, new = state(world.before), state(whole)
    home = world.folder / "real"
    shutil.copytree(world.before, home)
    killed = world.killed(home, built * 0.7, real=True)
    found = state(home)
    assert found in (old, new)
    assert killed or found == new
    world.undisturbed(home, real=True)
    assert state(home) == new
    assert sorted(p.name for p in (home / "index").iterdir()) == ["v0001", "v0002"]


def test_kills_while_an_index_is_refreshed_leave_the_old_one_serving(world: World) -> None:
    pytest.importorskip("chromadb")
    lines = clicks(600)
    before, whole = world.folder / "served", world.folder / "refreshed"
    old_files = jsonl(world.folder / "served.jsonl", LAMPS), csv(world.folder / "s.csv", *lines[:9])
    take(before, *old_files, build=hashed)
    shutil.copytree(before, whole)
    built, rest = world.undisturbed(whole, real=True)
    old, new = state(before), state(whole)
    for number, part in enumerate((0.2, 0.5, 0.8, 1.0)):
        home = world.folder / f"refresh{number}"
        shutil.copytree(before, home)
        world.killed(home, (built + rest) * part, real=True)
        found = state(home)
        assert found in (old, new)
        with Workspace.open(home) as workspace:
            path = workspace.versions.in_force()
        assert path is not None
        index = Index.open(path)
        nearest = [index.store.search(index.store.get([r])[0], 1).rows[0] for r in range(5)]
        assert nearest == list(range(5))
        assert index.lexical.scores("lamp").any()
        index.close()
        take(home, world.catalog, world.events, build=hashed)
        assert state(home) == new
        shutil.rmtree(home)
