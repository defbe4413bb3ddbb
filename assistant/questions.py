"""Which question is worth asking: expected information gain over what was found.

A question is about one attribute that the candidates really differ in. Its value is how much the
answer is expected to tell about which candidate is the wanted one, in bits (mutual information of
answer and item: D. Lindley, "On a measure of the information provided by an experiment", 1956),
less what asking costs. All functions are pure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.constraints import Constraint
from retrieval.filters import number
from retrieval.types import Candidate, Field, Schema, Value

Floats = NDArray[np.float64]

OPTIONS = 4
"""Answers that are offered; whoever wants none of them says something else."""

COST = 0.35
"""Bits that a question costs, and as much again for each thing that was said and each question that
was asked before: the more somebody has said, the less they want to be asked."""

OPEN = {"person": 0.5, "price": 0.7, "year": 0.6}
"""How likely it is that somebody has an opinion, by kind of field. ``docs/decisions`` tells what
people answered who were asked."""

MAIN, OTHER = 0.9, 0.4
"""The same for the kind of thing that is wanted, and for any other facet."""

COVERED = 0.5
"""Share of the candidates that must have the attribute."""

NAMED = 1 / 3
"""Share of the answers that the options must stand for: of forty makers four say little."""

CUTS = 3
"""Parts that a number is divided into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one field with the answers that the candidates allow, and what its answer is
    expected to tell, in bits."""

    field: Field
    options: tuple[Constraint, ...]
    gain: float = 0.0


def best_question(
    candidates: Iterable[Candidate],
    schema: Schema,
    *,
    main: str = "",
    before: int = 0,
    done: Iterable[str] = (),
) -> Question | None:
    """The question whose answer is expected to tell most, where it tells more than it costs.

    ``main`` is the facet that the catalogue is sorted by, ``before`` counts what the person has
    said and was asked already, ``done`` names the fields that they have spoken of or were asked
    about. None when no question is worth its cost.
    """
    pool = list(candidates)
    spoken = set(done)
    found = [
        question
        for field in schema.fields
        if field.name not in spoken and (question := _question(field, pool, main)) is not None
    ]
    best = max(found, key=lambda q: q.gain, default=None)
    return best if best is not None and best.gain > COST * (1 + before) else None


def _question(field: Field, pool: Sequence[Candidate], main: str) -> Question | None:
    """The question about a field, with its gain discounted by how likely people have an answer."""
    odds = _answerable(field, main)
    if not odds or not pool:
        return None
    if sum(field.name in c.fields for c in pool) < COVERED * len(pool):
        return None
    parted = _bands(field, pool) if field.role in ("number", "date") else _values(field, pool)
    if parted is None:
        return None
    options, votes = parted
    prior = np.array([max(c.prior or 0.0, 0.0) for c in pool]) + 1e-3
    return Question(field=field, options=options, gain=odds * information(votes, prior))


def _answerable(field: Field, main: str) -> float:
    """How likely it is that somebody has an opinion: most know the kind of thing they want and
    what they would pay, fewer about when it was made, who had a part in it, or anything else. Plain
    numbers and yes-or-no attributes are for the person to bring up."""
    if field.role == "facet" and not field.embedded:
        return 0.0  # it tells nothing of what an item is like
    if field.role == "facet" and field.kind == "plain":
        return MAIN if field.name == main else OTHER
    return OPEN.get(field.kind, 0.0)


def _values(
    field: Field, pool: Sequence[Candidate]
) -> tuple[tuple[Constraint, ...], Floats] | None:
    """The commonest values as answers, and for each candidate how likely each answer is; the last
    column stands for something else. None where the values do not split the candidates."""
    held = [_held(c.fields.get(field.name)) for c in pool]
    counts: Counter[str] = Counter(v for values in held for v in dict.fromkeys(values))
    # A value that one candidate alone has leaves nothing to choose from.
    options = [v for v, n in counts.most_common(OPTIONS) if n > 1]
    if len(options) < 2:
        return None
    if field.kind == "person":  # whoever remembers a name says it, among the options or not
        heard = list(counts)
    elif sum(counts[v] for v in options) < NAMED * counts.total():
        return None
    else:
        heard = options
    votes = np.zeros((len(pool), len(heard) + 1))
    place = {v: n for n, v in enumerate(heard)}
    for row, values in enumerate(held):
        for v in values:
            votes[row, place.get(v, len(heard))] += 1.0
    answers = tuple(
        Constraint(kind="include", turn=0, field=field.name, values=(v,)) for v in options
    )
    return answers, votes


def _held(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (str(value),)


def _bands(field: Field, pool: Sequence[Candidate]) -> tuple[tuple[Constraint, ...], Floats] | None:
    """Ranges of about equal size as answers, cut at round numbers, and who lies in which."""
    held = [number(c.fields.get(field.name)) for c in pool]
    known = np.sort([x for x in held if x is not None])
    year = field.kind == "year"
    places = [len(known) * n // CUTS for n in range(1, CUTS)]
    cuts = sorted({_round(float(known[p]), year=year) for p in places}) if len(known) else []
    if len(cuts) < CUTS - 1:
        return None
    edges: list[float | None] = [None, *cuts, None]
    step = 1.0 if year else 0.0  # "up to 1990" and "from 1991": no year is in both
    answers = tuple(
        Constraint(
            kind="range",
            turn=0,
            field=field.name,
            low=None if low is None else low + step,
            high=high,
        )
        for low, high in pairwise(edges)
    )
    votes = np.zeros((len(pool), CUTS + 1))
    for row, x in enumerate(held):
        if x is not None:
            votes[row, int(np.searchsorted(cuts, x))] = 1.0
    return answers, votes


def _round(x: float, *, year: bool) -> float:
    """A number as people name limits: years by tens, anything else to one digit or a half more."""
    if year:
        return round(x / 10) * 10.0
    if x <= 0:
        return 0.0
    unit = 10 ** math.floor(math.log10(x)) / 2
    return float(round(x / unit) * unit)


def information(votes: Floats, prior: Floats) -> float:
    """The expected information of an answer about the item, in bits: 0 or more.

    ``votes`` (n, answers) says how likely each answer is for whoever wants the item, in any scale
    by row; a row of zeros answers anything. ``prior`` (n,) weighs the items, above 0.
    """
    total = votes.sum(axis=1, keepdims=True)
    answers = np.divide(votes, total, out=np.full_like(votes, 1 / votes.shape[1]), where=total > 0)
    weights = prior / prior.sum()
    return float(_entropy(weights @ answers) - weights @ _entropy(answers))


def _entropy(p: Floats) -> Floats:
    """In bits, over the last axis."""
    logs = np.log2(p, out=np.zeros_like(p), where=p > 0)
    return np.asarray(-(p * logs).sum(axis=-1))
