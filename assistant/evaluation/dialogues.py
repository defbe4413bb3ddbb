"""How often the next recommendation of a written conversation is found, by the code that serves.

Each line's context is followed message by message as a turn of our own would be, and the order of
the retriever's candidates is looked at: the right answer is what the conversation recommended next.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assistant.build import Parts
from assistant.evaluation.lines import Case
from assistant.preferences import to_query
from assistant.sessions import Conversation
from assistant.transcript import NOWHERE, Message, follow
from retrieval.errors import UnreadableFile
from retrieval.evaluation.bootstrap import ratio, ratio_interval
from retrieval.metrics import ndcg, recall
from retrieval.progress import Progress, silent
from retrieval.types import ItemId, Profile

DEEPEST = 50
RECENT = 6  # messages that plain vector search is given: a sentence model reads no more
SEED = 7

Ranked = tuple[ItemId, ...]
MEASURES = ("recall@1", "recall@10", "recall@50", "ndcg@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured. ``values`` and ``intervals`` (95 %) are by measure, in [0, 1].

    ``ratios`` are Palate's figures over plain vector search's, with their paired intervals; empty
    without a baseline. ``left_out`` counts targets that were not scored, by reason.
    """

    lines: int
    turns: int
    targets: int
    left_out: Mapping[str, int]
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    baseline: Mapping[str, float] = field(default_factory=dict)
    ratios: Mapping[str, tuple[float, tuple[float, float]]] = field(default_factory=dict)


def evaluate_dialogues(
    parts: Parts, cases: Sequence[Case], *, baseline: bool = False, progress: Progress = silent
) -> Figures:
    """Play the context of every case that has a target, and measure where its targets come.

    Each target is a case of its own: the figures are means over targets, and every other item of
    the catalogue is a rival. What the context named is taken out of the ranking afterwards; the
    system itself is never told of it. The intervals are bootstrapped over dialogues, because the
    turns of one dialogue are not independent. With ``baseline`` plain vector search, the same
    encoder and store over the last six messages, is measured in the same run. Raises
    UnreadableFile when no target of the file can be scored.
    """
    todo = [case for case in cases if case.targets]
    left_out = Counter(why for case in cases for why in case.left_out)
    if not todo:
        raise UnreadableFile(
            f"none of the {len(cases):,} dialogues has a target to score ({dict(left_out)}): "
            "are they about the items of this workspace?"
        )
    ours = _Tally(todo)
    theirs = _Tally(todo)
    for done, (case, conversation) in enumerate(_played(parts, todo), start=1):
        query = to_query(conversation.preferences, Profile(), history=conversation.recent())
        ours.add(case, parts.retriever.candidates(query).ids())
        if baseline:
            theirs.add(case, _nearest(parts, case))
        progress("playing dialogues", done, len(todo))
    return Figures(
        lines=len(cases),
        turns=len(todo),
        targets=sum(len(case.targets) for case in todo),
        left_out=dict(sorted(left_out.items())),
        values=ours.means(),
        intervals=ours.intervals(),
        baseline=theirs.means() if baseline else {},
        ratios=ours.over(theirs) if baseline else {},
    )


def _played(parts: Parts, cases: Sequence[Case]) -> Iterator[tuple[Case, Conversation]]:
    """Each case with the conversation as it stands after its context.

    The lines of one dialogue begin alike; what they share is followed once.
    """
    said: tuple[Message, ...] = ()
    states: list[Conversation] = [NOWHERE]
    with asyncio.Runner() as runner:
        for case in cases:
            same = 0
            for old, new in zip(said, case.messages, strict=False):
                if old != new:
                    break
                same += 1
            del states[same + 1 :]
            for message in case.messages[same:]:
                states.append(
                    runner.run(
                        follow(states[-1], message, engines=parts.engines, facts=parts.facts)
                    )
                )
            said = case.messages
            yield case, states[-1]


def _nearest(parts: Parts, case: Case) -> Ranked:
    """The items nearest to the last messages in the vector store, and nothing else."""
    text = "\n".join(m.text for m in case.messages[-RECENT:])
    return parts.retriever.nearest(text, DEEPEST + len(case.filtered))


class _Tally:
    """Sums of each measure by dialogue, in the order of the dialogues."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._row = {d: n for n, d in enumerate(dict.fromkeys(c.dialogue for c in cases))}
        self._sums: defaultdict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(self._row)))
        self._targets = np.zeros(len(self._row))

    def add(self, case: Case, ranked: Ranked) -> None:
        kept = [i for i in ranked if i not in case.filtered]
        row = self._row[case.dialogue]
        for target in case.targets:
            self._targets[row] += 1
            for k in (1, 10, DEEPEST):
                self._sums[f"recall@{k}"][row] += recall(kept, {target}, k)
            self._sums["ndcg@10"][row] += ndcg(kept, {target}, 10)

    def means(self) -> dict[str, float]:
        return {m: ratio(self._sums[m], self._targets) for m in MEASURES}

    def intervals(self) -> dict[str, tuple[float, float]]:
        return {m: ratio_interval(self._sums[m], self._targets, seed=SEED) for m in MEASURES}

    def over(self, other: _Tally) -> dict[str, tuple[float, tuple[float, float]]]:
        return {
            m: (
                ratio(self._sums[m], other._sums[m]),
                ratio_interval(self._sums[m], other._sums[m], seed=SEED),
            )
            for m in MEASURES
        }
