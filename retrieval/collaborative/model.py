"""What an index version knows of taste: personal scorers, popularity, and who liked what."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.collaborative import artifacts
from retrieval.collaborative.als import ImplicitALS
from retrieval.collaborative.companions import Companions
from retrieval.collaborative.ease import Ease
from retrieval.collaborative.interactions import Interactions, strength
from retrieval.collaborative.knn import ItemKnn
from retrieval.collaborative.opinions import Opinions
from retrieval.collaborative.popularity import Popularity
from retrieval.collaborative.scorer import Floats, Scorer
from retrieval.collaborative.transitions import Transitions
from retrieval.errors import StoreError
from retrieval.progress import Progress, silent
from retrieval.types import ItemId

log = logging.getLogger(__name__)

MEMORY = 2 * 2**30
"""Bytes that fitting EASE may take before it gives way to ALS: about 22,000 learnable items."""

SCORERS: Mapping[str, type[Scorer]] = {
    kind.name: kind for kind in (Ease, ImplicitALS, ItemKnn, Transitions)
}


class Manifest(BaseModel):
    """What the folder of a fitted model holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[2] = 2
    scorers: tuple[str, ...]
    why: str
    users: int = Field(ge=0)
    likes: int = Field(ge=0)
    arrays: dict[str, tuple[str, ...]]
    ids: tuple[ItemId, ...]


class Collaborative:
    """The scorers over one catalogue, asked by item id. Read-only, safe to share between threads.

    ``scorers`` are by name, the one that scores best alone first (EASE, or ALS where EASE does not
    fit into memory); none where no two people like the same thing. ``why`` says how they were
    chosen; ``opinions`` how far people differ about each item.
    """

    def __init__(
        self,
        ids: Sequence[ItemId],
        scorers: Sequence[Scorer],
        popularity: Popularity,
        companions: Companions,
        opinions: Opinions,
        *,
        users: int,
        likes: int,
        why: str = "",
    ) -> None:
        self.ids = tuple(ids)
        self.scorers = {scorer.name: scorer for scorer in scorers}
        self.users = users
        self.likes = likes
        self.why = why
        self.opinions = opinions
        self._popularity = popularity
        self._companions = companions
        self.row = {item: row for row, item in enumerate(self.ids)}
        self._known = frozenset(self.scorer.rows.tolist()) if self.scorer else frozenset()

    @classmethod
    def fit(
        cls, interactions: Interactions, *, memory: int = MEMORY, progress: Progress = silent
    ) -> Self:
        """Learn from the likes: EASE where it fits into ``memory`` bytes, ALS, nearest neighbours,
        and transitions where the order of things is known.

        Popularity and the counts behind "liked together" are always kept.
        """
        learnable = len(interactions.learnable)
        need = Ease.memory(learnable)
        kinds: list[type[Ease | ImplicitALS | ItemKnn | Transitions]] = []
        if learnable == 0:
            why = "no item has likes from two people"
        elif need > memory:
            why = f"ease needs {need:,} bytes for {learnable:,} items, {memory:,} are allowed"
            log.warning("ease gives way to als: need=%d allowed=%d", need, memory)
            kinds = [ImplicitALS, ItemKnn]
        else:
            why = f"{learnable:,} items fit into memory"
            kinds = [Ease, ImplicitALS, ItemKnn]
        if kinds and len(interactions.steps.rows):
            kinds.append(Transitions)
        scorers = []
        for done, kind in enumerate(kinds):
            progress("collaborative", done, len(kinds))
            scorers.append(kind.fit(interactions))
        progress("collaborative", max(len(kinds), 1), max(len(kinds), 1))
        return cls(
            interactions.ids,
            scorers,
            Popularity.fit(interactions),
            Companions.of(interactions),
            interactions.opinions,
            users=interactions.n_users,
            likes=len(interactions.values),
            why=why,
        )

    @property
    def scorer(self) -> Scorer | None:
        """The scorer that does best alone; None where none could learn."""
        return next(iter(self.scorers.values()), None)

    @property
    def support(self) -> NDArray[np.int64]:
        """How many users like each item: (n_items,)."""
        return self._companions.supports

    @property
    def popularity(self) -> Floats:
        """How much everybody likes each item: (n_items,) in [0, 1], 0 for unknown; read-only."""
        return self._popularity.values

    def knows(self, item: ItemId) -> bool:
        """Whether the scorer learned about the item, so that liking it says something."""
        return self.row.get(item) in self._known

    def score(self, profile: Mapping[ItemId, float]) -> Floats | None:
        """Scores of all items for a taste: (n_items,), higher is better, in a fresh array.

        ``profile`` holds signed weights as :class:`retrieval.types.Profile` does; ids outside the
        catalogue are passed over. NaN marks items with fewer than two likers, of which too little
        is known. None when no liked item is known: dislikes alone do not tell what somebody wants.
        """
        return None if self.scorer is None else self.scored(self.scorer.name, profile)

    def scored(self, scorer: str, profile: Mapping[ItemId, float]) -> Floats | None:
        """:meth:`score` by the scorer of that name; None too where there is no such scorer."""
        weights = {
            self.row[item]: strength(weight)
            for item, weight in profile.items()
            if weight and self.row.get(item) in self._known
        }
        if scorer not in self.scorers or not any(w > 0 for w in weights.values()):
            return None
        return self.scorers[scorer].score(weights)

    def together(self, a: ItemId, b: ItemId) -> tuple[int, float]:
        """Users who like both items, and the lift over chance; (0, 0.0) for none or unknown ids."""
        left, right = self.row.get(a), self.row.get(b)
        if left is None or right is None:
            return 0, 0.0
        return self._companions.together(left, right)

    def likers(self, item: ItemId) -> int:
        """How many users like the item; 0 for an unknown id."""
        row = self.row.get(item)
        return 0 if row is None else self._companions.support(row)

    def neighbours(self, item: ItemId, k: int) -> tuple[tuple[ItemId, float], ...]:
        """Up to ``k`` items that a like of this one speaks for the most, best first.

        Empty for an item that the scorer does not know.
        """
        scores = self.score({item: 1.0})
        if scores is None or k <= 0:
            return ()
        scores[self.row[item]] = np.nan
        found = np.flatnonzero(scores > 0)
        order = found[np.lexsort((found, -scores[found]))][:k]
        return tuple((self.ids[row], float(scores[row])) for row in order)

    def save(self, directory: Path) -> None:
        """Write everything under ``directory``, which is made; the manifest comes last."""
        arrays = {f"popularity.{n}": a for n, a in self._popularity.arrays().items()}
        arrays |= {f"companions.{n}": a for n, a in self._companions.arrays().items()}
        arrays |= {f"opinions.{n}": a for n, a in self.opinions.arrays().items()}
        for name, scorer in self.scorers.items():
            arrays |= {f"{name}.{n}": a for n, a in scorer.arrays().items()}
        parts: dict[str, list[str]] = {}
        for name in arrays:
            part, _, tail = name.partition(".")
            parts.setdefault(part, []).append(tail)
        manifest = Manifest.model_validate(
            {
                "scorers": tuple(self.scorers),
                "why": self.why,
                "users": self.users,
                "likes": self.likes,
                "arrays": parts,
                "ids": self.ids,
            }
        )
        artifacts.save(directory, arrays, manifest.model_dump(mode="json"))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """What :meth:`save` wrote; the large arrays stay on disk until they are asked for.

        StoreError where a file is missing or damaged.
        """
        try:
            manifest = Manifest.model_validate_json(artifacts.manifest(directory))
        except ValidationError as error:
            raise StoreError(f'the manifest in "{directory}" is not valid: {error}') from error

        def part(name: str) -> dict[str, np.ndarray]:
            names = manifest.arrays.get(name, ())
            return {n: artifacts.load(directory, f"{name}.{n}") for n in names}

        unknown = next((name for name in manifest.scorers if name not in SCORERS), None)
        if unknown is not None:
            raise StoreError(
                f'the collaborative part "{directory}" holds a scorer "{unknown}" that this '
                f"release does not know; it knows {', '.join(SCORERS)}: ingest the data again"
            )
        return cls(
            manifest.ids,
            [SCORERS[name].from_arrays(part(name)) for name in manifest.scorers],
            Popularity.from_arrays(part("popularity")),
            Companions.from_arrays(part("companions")),
            Opinions.from_arrays(part("opinions"), len(manifest.ids)),
            users=manifest.users,
            likes=manifest.likes,
            why=manifest.why,
        )
