"""A workspace whose catalogue or encoder changes while somebody reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval.embeddings import HashedEncoder
from retrieval.index import Index, build_index, signature
from retrieval.ingest import BuildRequest, IngestReport
from retrieval.storage.workspace import Workspace
from tests.retrieval.worlds import LAMPS, Records, jsonl, take


def ingested(home: Path, rows: Records, *, dimensions: int = 32) -> IngestReport:
    """The lamps in the index that serves, by an encoder of so many dimensions."""
    encoder = HashedEncoder(dimensions)

    def build(request: BuildRequest) -> None:
        build_index(request, encoder=encoder)

    catalog = jsonl(home.with_suffix(".jsonl"), rows)
    return take(home, catalog, build=build, signature=signature(encoder))


def active(home: Path) -> Index:
    """The version in force, opened."""
    with Workspace.open(home) as workspace:
        path = workspace.versions.in_force()
    assert path is not None
    return Index.open(path)


def answers(index: Index) -> list[list[int]]:
    """What each item's own vector and a few words find."""
    near = [index.store.search(index.store.get([r])[0], 5).rows.tolist() for r in range(5)]
    return [*near, np.flatnonzero(index.lexical.scores("lamp number 7")).tolist()]


def test_another_encoder_builds_beside_and_an_open_reader_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingested(home, LAMPS)
    reader = active(home)
    before = answers(reader)
    report = ingested(home, LAMPS, dimensions=64)
    assert (report.changed, report.version) == (True, 2)
    assert answers(reader) == before
    assert reader.manifest.dimensions == 32
    new = active(home)
    assert (new.manifest.encoder, new.manifest.churn) == (HashedEncoder(64).name, 0)
    with Workspace.open(home) as workspace:
        assert workspace.versions.rollback() == 1
    again = active(home)
    assert answers(again) == before
    for index in (reader, new, again):
        index.close()


def test_an_ingest_takes_over_what_did_not_change(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingested(home, LAMPS)
    after = [{**LAMPS[0], "title": "A lamp renamed"}, *LAMPS[2:]]
    ingested(home, after)
    index = active(home)
    assert index.manifest.churn == 2  # one changed, one retired
    ingested(tmp_path / "fresh", after)
    fresh = active(tmp_path / "fresh")
    assert (index.ids, index.manifest.vectors) == (fresh.ids, fresh.manifest.vectors)
    assert answers(index) == answers(fresh)
    for each in (index, fresh):
        each.close()


def test_an_item_that_comes_back_is_found_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingested(home, LAMPS)
    first = active(home)
    before = answers(first)
    ingested(home, LAMPS[1:])
    ingested(home, LAMPS)
    index = active(home)
    assert index.ids == first.ids
    assert answers(index) == before
    for each in (index, first):
        each.close()
