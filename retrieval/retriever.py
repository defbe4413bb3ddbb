"""From a query to a ranking, and from a ranking to a slate.

``candidates`` is eligible ▸ recall ▸ collaborative ▸ fuse; ``select`` is in
:mod:`retrieval.slate`.
Hard constraints hold exactly: they are a mask over the whole catalogue, laid under every source
before it proposes anything, so no stage can let something past them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.directions import away, direction
from retrieval.embeddings import Encoder
from retrieval.evidence import REFERENCE, evidence, worth
from retrieval.filters import Filter, matches
from retrieval.fusion import fuse, minmax
from retrieval.index import Index
from retrieval.lists import ItemList
from retrieval.pool import Basis, permitted
from retrieval.recall import Floats, Mask, Recalled, recall
from retrieval.recent import RecentEncoder
from retrieval.rules import Exclude, Rule, active
from retrieval.slate import DEFAULT, Balance, select
from retrieval.taste import features
from retrieval.types import Candidate, Item, ItemId, Query, Ranking, Slate, Stage, Toward

RECALLED = 150  # proposals per source; the union is scored in full
RANKED = 100  # candidates handed on
PROTECTED = 40  # places of a source that the collaborative prune never touches
PRUNED_SHARE = 0.25  # the least liked quarter of what is eligible
PRUNE_FROM = 3  # liked items that the scorer must know before it may prune
EXAMPLE = 3.0  # liked items that one example named for this very request is worth
DIRECTIONS = 256  # soft attributes whose directions are remembered
ROOM = 12  # items that a soft tendency must leave before it may narrow


class Retriever:
    """Candidates and slates from one index version. Safe to share.

    Holds no state of any user, but for speed the vectors of the texts that it was last asked with,
    which :meth:`forget` drops; and which items were withdrawn since it was made.

    ``items`` are those of the index, in any order; an index row without an item is not eligible.
    ``rules`` are the business rules in force, ``lists`` further sources of recall, ``facet`` the
    field that slates are calibrated to (empty: none), ``telling`` the facets that say what an item
    is like, and ``explore`` the share of places for little-known items.
    """

    def __init__(
        self,
        index: Index,
        items: Sequence[Item],
        encoder: Encoder,
        *,
        rules: Sequence[Rule] = (),
        lists: Sequence[ItemList] = (),
        facet: str = "",
        telling: Collection[str] = (),
        explore: float = 0.0,
    ) -> None:
        by_id = {item.id: item for item in items}
        rows = [by_id.get(i) or Item(id=i, title="", retired=True) for i in index.ids]
        self.index = index
        self.items = {item.id: item for item in rows if not item.retired}
        self._rows = rows
        self._encoder = RecentEncoder(encoder)
        self._columns = Columns(rows)
        self._gone = self._columns.retired.copy()
        self._lists = tuple(lists)
        self._telling = tuple(telling)
        self._explore = explore
        self._directions: dict[str, Floats] = {}
        self._lock = threading.Lock()
        self._basis = Basis(
            items=self.items,
            row=index.row,
            columns=self._columns,
            vectors=index.vectors,
            eligible=self._eligible,
            rules=tuple(rules),
            facet=facet,
        )

    def prepare(self) -> None:
        """Load and lay out everything now that the first query would otherwise wait for."""
        facets = {f for item in self.items.values() for f in item.fields}
        self._columns.prepare(facets, words=True)
        # With an example, so that what scores a taste is loaded too.
        known = (i for i in self.index.ids if self.index.collaborative.knows(i))
        example = tuple(islice(known, 1))
        self.select(self.candidates(Query(text="warm", like=example)), 1)

    def forget(self) -> None:
        """Forget every text that was searched with, and what was made of it."""
        self._encoder.forget()
        with self._lock:
            self._directions.clear()

    def withdraw(self, items: Sequence[ItemId]) -> None:
        """Never recommend these again, although the index has them; they stay known."""
        self._gone[self._rows_of(items)] = True

    def count(self, where: Filter | None, *, unavailable: bool = False) -> int:
        """How many items satisfy the filter and may be shown."""
        return int(self._eligible(Query(where=where, unavailable=unavailable)).sum())

    def fitting(self, query: Query) -> int:
        """How many items may be shown for a query."""
        return int(self._eligible(query).sum())

    def values(self, field: str, where: Filter | None = None) -> NDArray[np.float64]:
        """The known numbers of a field among the items that satisfy the filter, ascending."""
        numbers = self._columns.numbers(field)[self._columns.mask(where)]
        return np.sort(numbers[~np.isnan(numbers)])

    def candidates(self, query: Query) -> Ranking:
        """The best candidates for a query, in order, with what each stage did.

        Empty only when nothing satisfies the hard constraints. ``prior`` lies in [0, 1];
        ``scores`` holds the normalised parts it was fused from.
        """
        watch = _Watch()
        eligible = self._eligible(query)
        total = int(eligible.sum())
        watch.note("eligible", len(eligible), total)
        eligible = self._lean(query, eligible)
        if int(eligible.sum()) < total:
            watch.note("lean", total, int(eligible.sum()), ", ".join(sorted(query.lean)))
        if total == 0:
            return Ranking(query=query, trace=tuple(watch.stages))
        towards = [self._toward(wish) for wish in query.toward]
        found = recall(self.index, self._encoder, query, eligible, RECALLED, self._lists, towards)
        told = ", ".join(f"{name} {n}" for name, n in found.counts.items())
        watch.note("recall", int(eligible.sum()), len(found.rows), told)
        rows = self._prune(found, eligible)
        told = f"knows {self._known(found)} liked items, {', '.join(found.personal) or 'no scores'}"
        watch.note("collaborative", len(found.rows), len(rows), told)
        parts, weights = self._parts(query, found, rows)
        raw = fuse(parts, weights)
        fused = minmax(raw)
        order = np.lexsort((rows, -fused))[:RANKED]
        watch.note("fuse", len(rows), len(order), _told(weights))
        told_of = np.stack([part[order] for part in parts.values()], axis=1).tolist()
        candidates = tuple(
            self._candidate(row, prior, dict(zip(parts, scores, strict=True)))
            for row, prior, scores in zip(
                rows[order].tolist(), fused[order].tolist(), told_of, strict=True
            )
        )
        return Ranking(
            query=query,
            candidates=candidates,
            eligible=total,
            trace=tuple(watch.stages),
            weights=_scaled(weights, float(np.ptp(raw))),
            base={name: float(part[int(raw.argmin())]) for name, part in parts.items()},
        )

    def select(
        self,
        ranking: Ranking,
        k: int,
        rng: np.random.Generator | None = None,
        *,
        balance: Balance = DEFAULT,
        explore: float | None = None,
    ) -> Slate:
        """The slate of at most ``k`` picks: see :func:`retrieval.slate.select`.

        Without ``rng`` nothing is explored, and the same ranking gives the same slate. ``explore``
        takes the place of this retriever's own share.
        """
        now, share = time.time(), self._explore if explore is None else explore
        return select(ranking, k, self._basis, now=now, explore=share, rng=rng, balance=balance)

    def similarity(self, left: Sequence[ItemId], right: Sequence[ItemId]) -> Floats:
        """Cosines between items, (len(left), len(right)); empty axes when a side is empty."""
        if not left or not right:
            return np.zeros((len(left), len(right)), dtype=np.float32)
        return np.asarray(self.index.vectors(left) @ self.index.vectors(right).T)

    def barred(self, item: Item, query: Query) -> str:
        """The name of the first business rule that excludes the item for this query, or ''."""
        rules = active(self._basis.rules, Exclude, query, time.time())
        holds = (r.name for r in rules if r.where is None or matches(r.where, item))
        return next(holds, "")

    def nearest(self, text: str, k: int) -> tuple[ItemId, ...]:
        """The ``k`` items nearest to a text by meaning alone, best first: plain vector search."""
        hits = self.index.store.search(self._encoder.encode([text])[0], k, ~self._gone)
        return tuple(self.index.ids[r] for r in hits.rows)

    def closeness(self, text: str, others: Sequence[str]) -> Floats:
        """Cosines between a text and others that need not be of the catalogue: (len(others),)."""
        if not others:
            return np.zeros(0, dtype=np.float32)
        vectors = self._encoder.encode([text, *others])
        return np.asarray(vectors[1:] @ vectors[0])

    def _eligible(self, query: Query) -> Mask:
        mask = self._columns.mask(query.where) & ~self._gone
        if not query.unavailable:
            mask = mask & self._columns.available
        if query.among:
            among = np.zeros(len(mask), dtype=np.bool_)
            among[self._rows_of(query.among)] = True
            return np.asarray(mask & among)
        mask[self._rows_of(query.exclude)] = False
        ruled = permitted(self._basis.rules, self._columns, query, time.time())
        return np.asarray(mask if ruled is None else mask & ruled)

    def _rows_of(self, ids: Sequence[ItemId] | frozenset[ItemId]) -> list[int]:
        return [self.index.row[i] for i in ids if i in self.index.row]

    def _lean(self, query: Query, eligible: Mask) -> Mask:
        """Keep the wanted half ("cheap": below the median of what fits) while enough remains."""
        for field, sign in query.lean.items():
            numbers = self._columns.numbers(field)
            known = numbers[eligible & ~np.isnan(numbers)]
            if len(known) == 0:
                continue
            half = np.median(known)
            with np.errstate(invalid="ignore"):
                narrowed = eligible & ((numbers >= half) if sign > 0 else (numbers <= half))
            if int(narrowed.sum()) >= min(ROOM, int(eligible.sum())):
                eligible = narrowed
        return eligible

    def _prune(self, found: Recalled, eligible: Mask) -> NDArray[np.intp]:
        """Drop what people of this taste like least, unless a source put it near its top.

        An item that nobody has touched (score NaN) is never pruned: nothing is known against it.
        """
        scores = next(iter(found.personal.values()), None)
        if scores is None or self._known(found) < PRUNE_FROM:
            return found.rows
        known = scores[eligible & ~np.isnan(scores)]
        if len(known) == 0:
            return found.rows
        least = int(PRUNED_SHARE * len(known))
        floor = float(np.partition(known, least)[least])
        return found.rows[(found.best < PROTECTED) | ~(scores[found.rows] < floor)]

    def _parts(
        self, query: Query, found: Recalled, rows: NDArray[np.intp]
    ) -> tuple[dict[str, Floats], dict[str, float]]:
        """Score parts of the rows, each in [0, 1], and the weights they are blended with.

        The weights say what the evidence is worth: words of the request most, an item named as an
        example next, taste as much as there is of it (n / (n + 3) for n liked items, an example of
        this request counting for several), and
        popularity alone only where nothing else is known. What was asked for by name comes first.
        """
        parts: dict[str, Floats] = {}
        weights: dict[str, float] = {}
        vectors = self.index.store.get(rows) if found.asked or found.personal else None
        units = worth(query)
        if vectors is not None:
            said = evidence(
                query,
                found,
                rows,
                vectors,
                self._reference,
                self._columns,
                self.items,
                self._telling,
            )
            for name, column in said.items():
                parts[name] = minmax(column)
                weights[name] = units[name] * float(np.ptp(column))
        if query.named:
            asked_for = [self.index.ids[r] in query.named for r in rows]
            parts["named"], weights["named"] = np.array(asked_for, dtype=np.float32), 2.0
        if found.personal and vectors is not None:
            parts["taste"] = minmax(self._taste(found, rows, vectors))
            now = EXAMPLE if any(self.index.collaborative.knows(i) for i in query.like) else 0.0
            known = self._known(found) + now
            weights["taste"] = 1.2 * known / (known + 3)
        parts["popularity"] = np.asarray(self.index.collaborative.popularity[rows])
        if set(weights) != {"taste"}:  # which has taken popularity into account
            weights["popularity"] = units["popularity"] if weights else 1.0
        for field, sign in query.lean.items():
            wanted = sign * self._columns.numbers(field)[rows]
            if not np.isnan(wanted).all():
                filled = np.where(np.isnan(wanted), np.nanmedian(wanted), wanted)
                parts[f"lean:{field}"], weights[f"lean:{field}"] = minmax(_ranks(filled)), 0.5
        return parts, weights

    def _toward(self, wish: Toward) -> tuple[Toward, Floats, Floats]:
        """A soft attribute with its direction and the vectors of its base."""
        middle = self._reference.mean(axis=0)
        base = self.index.vectors([i for i in wish.base if i in self.index.row])
        if not wish.text:
            return wish, away(self.index, wish.base, middle), base
        with self._lock:
            along = self._directions.get(wish.text)
        if along is None:
            along = direction(self.index, self._encoder, wish.text, middle)
            with self._lock:
                if len(self._directions) >= DIRECTIONS:
                    self._directions.pop(next(iter(self._directions)))
                self._directions[wish.text] = along
        return wish, along, base

    @cached_property
    def _reference(self) -> Floats:
        """Vectors of rows spread evenly over the catalogue: (m, dim)."""
        n = len(self.index.ids)
        rows = np.linspace(0, n - 1, min(n, REFERENCE)).astype(np.intp)
        return self.index.store.get(rows)

    def _taste(self, found: Recalled, rows: NDArray[np.intp], vectors: Floats) -> Floats:
        """The blend of everything that speaks for the rows in this person's taste: (len(rows),)."""
        known = self.index.collaborative
        table = features(known, found.person, found.personal, rows, vectors, found.centres)
        return self.index.blend.score(table)

    def _known(self, found: Recalled) -> int:
        """How many of the liked items the scorers have learned about."""
        return sum(1 for i in found.person.likes if self.index.collaborative.knows(i))

    def _candidate(self, row: int, prior: float, scores: dict[str, float]) -> Candidate:
        item = self._rows[row]
        fields = {"title": item.title, **item.fields}
        return Candidate(id=item.id, text=item.text, fields=fields, prior=prior, scores=scores)


class _Watch:
    """Collects the stages of one ranking with the time since the one before."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._last = time.perf_counter()

    def note(self, name: str, before: int, after: int, note: str = "") -> None:
        now = time.perf_counter()
        self.stages.append(
            Stage(name=name, before=before, after=after, seconds=now - self._last, note=note)
        )
        self._last = now


def _scaled(weights: dict[str, float], span: float) -> dict[str, float]:
    """The weights as they stand in a prior: of a mean, on the span of what was fused; empty where
    all candidates came out alike."""
    whole = span * sum(abs(w) for w in weights.values())
    return {name: w / whole for name, w in weights.items() if w} if whole else {}


def _told(weights: dict[str, float]) -> str:
    return ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items())


def _ranks(values: NDArray[np.float64]) -> Floats:
    """Ranks from 0 (lowest); a tendency cares about order, not about one extreme price."""
    return np.argsort(np.argsort(values)).astype(np.float32)
