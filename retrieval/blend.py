"""One score out of all that speaks for an item in somebody's taste.

A sum with weights set by reasoning, and, learned from a workspace's own held-out events where there
are enough of them, LambdaMART (C. Burges, "From RankNet to LambdaRank to LambdaMART", 2010) as
LightGBM builds it. The more examples the trees were learned from, the more they count. Trees that
do not make the sum better for people they have not seen are thrown away.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.metrics import ndcg
from retrieval.taste import FEATURES, deviations

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]

LEAST = 200
"""Examples from which learning starts. A quarter of them must be enough to judge the rest by: on a
shop with 77 the judges took trees that then lost."""

EQUAL = 150
"""Examples of which trees count as much as the sum; from n they count n / (n + 150)."""

HELD = 4  # every fourth query judges what was learned from the others
JUDGED = 10  # places of a ranking that count
UNLIKED = 100  # candidates not liked that are learned from, of one example: more taught no more
SEED = 20100

WEIGHTS = {
    "ease": 0.7,
    "ease_recent": 0.7,
    "als": 0.4,
    "als_recent": 0.6,
    "knn_recent": 0.6,
    "transitions": 0.6,
    "content": 0.3,
    "own": 0.5,
    "popularity": 0.3,
}
"""The sum without learning: the best scorer counts most, as much about everything as about the
newest; the others correct it, likeness and popularity settle what they leave open. All in
deviations among the candidates."""

TREES: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 2 * JUDGED,
    "learning_rate": 0.1,
    "num_leaves": 7,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 1,  # two threads wait for each other more than they help at this size
}
ROUNDS = 60
MODEL, MANIFEST = "trees.txt", "blend.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One held-out moment: what was known of each candidate, and which of them were liked then.

    ``table`` is (n, features) as :func:`retrieval.taste.features` makes it, ``liked`` (n,).
    """

    table: Floats
    liked: NDArray[np.bool_]


class Blend:
    """Scores candidates from their features; higher is better. Read-only, safe between threads.

    ``why`` says how it came about, with the figures that decided it; ``examples`` is how many the
    ``trees`` were learned from.
    """

    def __init__(
        self, trees: str | None = None, examples: int = 0, why: str = "nothing to learn from"
    ) -> None:
        self.why = why
        self._trees = trees
        self._examples = examples
        self._booster = _booster(trees) if trees else None

    @property
    def learned(self) -> bool:
        """Whether the weights come from this workspace's own events."""
        return self._booster is not None

    @classmethod
    def fit(cls, examples: Sequence[Example]) -> Self:
        """Learn from examples; the same ones give the same blend.

        Examples without a liked or without an unliked candidate teach nothing and are left out.
        """
        told = [e for e in examples if 0 < int(e.liked.sum()) < len(e.liked)]
        if len(told) < LEAST:
            return cls(why=f"{len(told)} held-out histories are too few, {LEAST} are needed")
        judges = told[::HELD]
        learners = [e for n, e in enumerate(told) if n % HELD]
        tried = cls(_learn(learners), len(learners))
        learned, summed = _quality(tried, judges), _quality(cls(), judges)
        figures = f"nDCG@{JUDGED} on {len(judges)} held-out histories: "
        figures += f"learned {learned:.4f}, summed {summed:.4f}"
        log.info("blend fitted: examples=%d learned=%.4f summed=%.4f", len(told), learned, summed)
        return cls(_learn(told), len(told), figures) if learned > summed else cls(why=figures)

    def score(self, table: Floats) -> Floats:
        """Scores of candidates, (n,), from their features (n, f); empty for none."""
        if len(table) == 0:
            return np.zeros(0, dtype=np.float32)
        told = np.nan_to_num(deviations(table[:, [FEATURES.index(name) for name in WEIGHTS]]))
        total = told @ np.array(list(WEIGHTS.values()), dtype=np.float32)
        if self._booster is None:
            return total
        # Trees overfit where the sum cannot, and see what it cannot: neither decides alone.
        trees = np.asarray(self._booster.predict(table, num_threads=1), dtype=np.float32)
        return EQUAL * deviations(total) + self._examples * deviations(trees)

    def save(self, directory: Path) -> None:
        """Write it under ``directory``, which is made; the manifest comes last."""
        directory.mkdir(parents=True, exist_ok=True)
        if self._trees is not None:
            (directory / MODEL).write_text(self._trees, encoding="utf-8")
        manifest = {
            "format": 2,
            "features": FEATURES,
            "learned": self.learned,
            "examples": self._examples,
            "why": self.why,
        }
        (directory / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Self:
        """What :meth:`save` wrote. StoreError where it is missing, damaged or of other features."""
        try:
            manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
            if tuple(manifest["features"]) != FEATURES:
                raise ValueError(f"it was made for other features: {manifest['features']}")
            trees = (directory / MODEL).read_text("utf-8") if manifest["learned"] else None
            # Format 1 did not say: there the two counted the same.
            return cls(trees, int(manifest.get("examples", EQUAL)), str(manifest["why"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f'the blend in "{directory}" cannot be read ({error}): ingest the data again'
            ) from error


def _learn(examples: Sequence[Example]) -> str:
    lightgbm = _lightgbm()
    rng = np.random.default_rng(SEED)
    kept = [_sampled(e, rng) for e in examples]
    data = lightgbm.Dataset(
        np.concatenate([e.table for e in kept]),
        np.concatenate([e.liked for e in kept]).astype(np.int32),
        group=[len(e.liked) for e in kept],
        feature_name=list(FEATURES),
    )
    return str(lightgbm.train(TREES, data, ROUNDS).model_to_string())


def _sampled(example: Example, rng: np.random.Generator) -> Example:
    """The example with all that was liked and a share of what was not, which tells as much."""
    unliked = np.flatnonzero(~example.liked)
    if len(unliked) <= UNLIKED:
        return example
    drawn = rng.choice(unliked, UNLIKED, replace=False)
    rows = np.concatenate([np.flatnonzero(example.liked), drawn])
    return Example(table=example.table[rows], liked=example.liked[rows])


def _quality(blend: Blend, examples: Sequence[Example]) -> float:
    figures = []
    for e in examples:
        order = np.argsort(-blend.score(e.table), kind="stable").tolist()
        figures.append(ndcg(order, set(np.flatnonzero(e.liked).tolist()), JUDGED))
    return float(np.mean(figures))


def _booster(trees: str) -> Any:
    lightgbm = _lightgbm()
    try:
        return lightgbm.Booster(model_str=trees)
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(str(error)) from error


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise StoreError(
            f"the package 'lightgbm' is needed to blend scores ({error}); "
            "install it with: pip install 'palate[app]'"
        ) from error
    return lightgbm
