"""The whole measurement of histories: read, split, measure, and judge whether to believe it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retrieval.embeddings import Encoder
from retrieval.errors import InputError
from retrieval.evaluation.anchors import falls_short
from retrieval.evaluation.log import Log, read_log
from retrieval.evaluation.measure import SplitReport, measure
from retrieval.evaluation.peers import PEERS, Peer
from retrieval.evaluation.splits import POSITIVES, Split, by_time, by_user, timed
from retrieval.progress import Progress, silent

SEED = 7

Wanted = Literal["user", "time", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """A measured log.

    ``events``, ``users`` and ``items_with_events`` count the whole log, ``items`` the catalogue
    that is ranked. ``splits`` hold the headline first. ``void`` says why the run is not to be
    believed; empty for a good one. ``seed`` makes the same figures again. ``notes`` say what was
    inferred, refused and left out. ``at_least`` is from how many positives a user is measured.
    """

    events: int
    users: int
    items: int
    items_with_events: int
    described: bool
    encoder: str
    seed: int
    at_least: int
    splits: tuple[SplitReport, ...]
    void: tuple[str, ...]
    notes: tuple[str, ...]


def evaluate_history(
    ratings: Path,
    catalog: Path | None = None,
    *,
    split: Wanted = "both",
    at_least: int = POSITIVES,
    encoder: Encoder,
    cache: Path,
    seed: int = SEED,
    progress: Progress = silent,
    peers: Mapping[str, Peer] = PEERS,
) -> HistoryReport:
    """How well Palate foretells what people liked next, beside peers tuned in the same run.

    ``ratings`` is any event log that an ingest takes, ``catalog`` any catalogue; ``cache`` keeps
    vectors between runs. Without times only the split by user can be made, in a seeded random
    order, and a note says so. Users with ``at_least`` positive items are measured, all are learned
    from. Raises InputError where the files cannot be used, or where nobody
    has enough history.
    """
    log = read_log(ratings, catalog, progress=progress)
    splits, notes = _splits(log, split, at_least, seed)
    if any(f.kind in ("popularity", "rating") and not f.derived for f in log.schema.fields):
        notes += ("the catalogue's own counts and mean ratings were left out",)
    reports = []
    for made in splits:
        with tempfile.TemporaryDirectory(prefix="palate-history-") as folder:
            reports.append(
                measure(
                    log,
                    made,
                    Path(folder) / "index",
                    encoder=encoder,
                    # Nobody will want the vectors of bare ids again.
                    cache=cache if log.described else Path(folder) / "vectors",
                    seed=seed,
                    peers=peers,
                    progress=progress if made.name == "user" else _in_time(progress),
                )
            )
    rated = {event.item for event in log.events}
    users = {event.user for event in log.events}
    figures = {n: x for n, x in reports[0].headline.peers.items() if x is not None}
    known = reports[0].split == "user"
    return HistoryReport(
        events=len(log.events),
        users=len(users),
        items=len(log.items),
        items_with_events=len(rated),
        described=log.described,
        encoder=encoder.name,
        seed=seed,
        at_least=at_least,
        splits=tuple(reports),
        void=falls_short((len(log.events), len(users), len(rated)), figures) if known else (),
        notes=log.notes + notes,
    )


def _splits(
    log: Log, wanted: Wanted, at_least: int, seed: int
) -> tuple[list[Split], tuple[str, ...]]:
    """The splits asked for, as far as the log allows, and what is to be said of them."""
    splits: list[Split] = []
    notes: tuple[str, ...] = ()
    if wanted != "time":
        splits.append(by_user(log.events, log.kinds, seed=seed, at_least=at_least))
        if splits[0].shuffled:
            notes += (f"no times: each history was put in a random order, seed {seed}",)
    if wanted == "time" or (wanted == "both" and timed(log.events)):
        try:
            splits.append(by_time(log.events, log.kinds, at_least=at_least))
        except InputError as error:
            if wanted == "time":
                raise
            notes += (f"not split in time: {error}",)
    return splits, notes


def _in_time(progress: Progress) -> Progress:
    """The same bars a second time, under other names."""
    return lambda stage, done, total: progress(f"{stage}, split in time", done, total)
