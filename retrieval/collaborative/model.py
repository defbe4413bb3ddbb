"""What an index version knows of taste: a personal scorer, popularity, and who liked what."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.collaborative import artifacts
from retrieval.collaborative.als import ImplicitALS
from retrieval.collaborative.companions import Companions
from retrieval.collaborative.ease import Ease
from retrieval.collaborative.interactions import Interactions, strength
from retrieval.collaborative.popularity import Popularity
from retrieval.collaborative.scorer import Floats, Scorer
from retrieval.errors import StoreError
from retrieval.progress import Progress, silent
from retrieval.types import ItemId

log = logging.getLogger(__name__)

MEMORY = 2 * 2**30
"""Bytes that fitting EASE may take before it gives way to ALS: about 22,000 learnable items."""

SCORERS: Mapping[str, type[Scorer]] = {Ease.name: Ease, ImplicitALS.name: ImplicitALS}


class Manifest(BaseModel):
    """What the folder of a fitted model holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    scorer: Literal["ease", "als"] | None
    why: str
    users: int = Field(ge=0)
    likes: int = Field(ge=0)
    arrays: dict[str, tuple[str, ...]]
    ids: tuple[ItemId, ...]


class Collaborative:
    """The scorers over one catalogue, asked by item id. Read-only, safe to share between threads.

    ``scorer`` is None where no two people like the same thing; ``why`` says how it was chosen.
    """

    def __init__(
        self,
        ids: Sequence[ItemId],
        scorer: Scorer | None,
        popularity: Popularity,
        companions: Companions,
        *,
        users: int,
        likes: int,
        why: str = "",
    ) -> None:
        self.ids = tuple(ids)
        self.scorer = scorer
        self.users = users
        self.likes = likes
        self.why = why
        self._popularity = popularity
        self._companions = companions
        self._row = {item: row for row, item in enumerate(self.ids)}
        self._known = frozenset(scorer.rows.tolist()) if scorer else frozenset()

    @classmethod
    def fit(
        cls,
        interactions: Interactions,
        *,
        kind: Literal["auto", "ease", "als"] = "auto",
        memory: int = MEMORY,
        progress: Progress = silent,
    ) -> Self:
        """Learn from the likes. ``auto`` takes EASE where it fits into ``memory`` bytes, else ALS.

        Popularity and the counts behind "liked together" are always kept.
        """
        learnable = len(interactions.learnable)
        progress("collaborative", 0, 1)
        scorer: Scorer | None = None
        need = Ease.memory(learnable)
        if learnable == 0:
            why = "no item has likes from two people"
        elif kind == "als" or (kind == "auto" and need > memory):
            why = "asked for"
            if kind == "auto":
                why = f"ease needs {need:,} bytes for {learnable:,} items, {memory:,} are allowed"
                log.warning("ease gives way to als: need=%d allowed=%d", need, memory)
            scorer = ImplicitALS.fit(interactions)
        else:
            why = "asked for" if kind == "ease" else f"{learnable:,} items fit into memory"
            scorer = Ease.fit(interactions)
        progress("collaborative", 1, 1)
        return cls(
            interactions.ids,
            scorer,
            Popularity.fit(interactions),
            Companions.of(interactions),
            users=interactions.n_users,
            likes=len(interactions.values),
            why=why,
        )

    @property
    def popularity(self) -> Floats:
        """How much everybody likes each item: (n_items,) in [0, 1], 0 for unknown; read-only."""
        return self._popularity.values

    def knows(self, item: ItemId) -> bool:
        """Whether the scorer learned about the item, so that liking it says something."""
        return self._row.get(item) in self._known

    def score(self, profile: Mapping[ItemId, float]) -> Floats | None:
        """Scores of all items for a taste: (n_items,), higher is better, in a fresh array.

        ``profile`` holds signed weights as :class:`retrieval.types.Profile` does; ids outside the
        catalogue are passed over. NaN marks items with fewer than two likers, of which too little
        is known. None when no liked item is known: dislikes alone do not tell what somebody wants.
        """
        weights = {
            self._row[item]: strength(weight)
            for item, weight in profile.items()
            if weight and self._row.get(item) in self._known
        }
        if self.scorer is None or not any(w > 0 for w in weights.values()):
            return None
        return self.scorer.score(weights)

    def together(self, a: ItemId, b: ItemId) -> tuple[int, float]:
        """Users who like both items, and the lift over chance; (0, 0.0) for none or unknown ids."""
        left, right = self._row.get(a), self._row.get(b)
        if left is None or right is None:
            return 0, 0.0
        return self._companions.together(left, right)

    def likers(self, item: ItemId) -> int:
        """How many users like the item; 0 for an unknown id."""
        row = self._row.get(item)
        return 0 if row is None else self._companions.support(row)

    def neighbours(self, item: ItemId, k: int) -> tuple[tuple[ItemId, float], ...]:
        """Up to ``k`` items that a like of this one speaks for the most, best first.

        Empty for an item that the scorer does not know.
        """
        scores = self.score({item: 1.0})
        if scores is None or k <= 0:
            return ()
        scores[self._row[item]] = np.nan
        found = np.flatnonzero(scores > 0)
        order = found[np.lexsort((found, -scores[found]))][:k]
        return tuple((self.ids[row], float(scores[row])) for row in order)

    def save(self, directory: Path) -> None:
        """Write everything under ``directory``, which is made; the manifest comes last."""
        arrays = {f"popularity.{n}": a for n, a in self._popularity.arrays().items()}
        arrays |= {f"companions.{n}": a for n, a in self._companions.arrays().items()}
        if self.scorer is not None:
            arrays |= {f"{self.scorer.name}.{n}": a for n, a in self.scorer.arrays().items()}
        parts: dict[str, list[str]] = {}
        for name in arrays:
            part, _, tail = name.partition(".")
            parts.setdefault(part, []).append(tail)
        manifest = Manifest.model_validate(
            {
                "scorer": self.scorer.name if self.scorer else None,
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

        kind = SCORERS[manifest.scorer] if manifest.scorer else None
        return cls(
            manifest.ids,
            kind.from_arrays(part(kind.name)) if kind else None,
            Popularity.from_arrays(part("popularity")),
            Companions.from_arrays(part("companions")),
            users=manifest.users,
            likes=manifest.likes,
            why=manifest.why,
        )
