"""The figures of a run, worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

from assistant.simulation.person import Answer
from assistant.simulation.play import PALATE, Outcome, fair
from assistant.simulation.report import report
from retrieval.types import ids
from tests.assistant.simulation.test_person import PERSON


def _outcome(found: int | None, *, void: bool = False, repeats: int = 0) -> Outcome:
    return Outcome(
        person=PERSON,
        found=found,
        content=found,
        turns=found or 6,
        questions=1,
        repeats=repeats,
        left=found is None,
        void=void,
        said=(("hello", Answer(slate=ids(["a", "b"]))), ("others", Answer(slate=ids(["b"])))),
    )


def test_shares_means_and_counts() -> None:
    told = report(
        {
            PALATE: [_outcome(1), _outcome(2), _outcome(6), _outcome(None, repeats=2)],
            "rival": [_outcome(None), _outcome(2), _outcome(None), _outcome(None)],
        },
        seed=7,
    )
    palate, rival = told.figures[PALATE], told.figures["rival"]
    assert palate.success == (1 / 4, 2 / 4, 2 / 4, 2 / 4, 2 / 4, 3 / 4, 3 / 4, 3 / 4)
    assert (palate.turn, palate.left, palate.content) == ((1 + 2 + 6) / 3, 1 / 4, 2 / 4)
    assert (palate.turns, palate.questions) == ((1 + 2 + 6 + 6) / 4, 1.0)
    assert (palate.repeats, palate.shown, palate.items) == (2, 4 * 3, 2)
    assert rival.success[4] == 1 / 4
    beside = told.rivals["rival"]
    assert beside.ratios[4] == (2 / 4) / (1 / 4)
    assert math.isnan(beside.ratios[0])
    assert (beside.only_palate, beside.only_rival, beside.beyond) == (1, 0, False)
    assert told.groups["strangers"] == (4, {PALATE: 2 / 4, "rival": 1 / 4})
    assert told.groups["known"][0] == 0


def test_beyond_means_that_the_interval_lies_above_one() -> None:
    ours = [_outcome(1) for _ in range(40)]
    theirs = [_outcome(1 if n < 10 else None) for n in range(40)]
    assert report({PALATE: ours, "rival": theirs}, seed=7).rivals["rival"].beyond


def test_a_leak_takes_the_person_out_for_everybody() -> None:
    outcomes = {
        PALATE: [_outcome(1), _outcome(None, void=True), _outcome(3)],
        "rival": [_outcome(2), _outcome(4), _outcome(None)],
    }
    kept = fair(outcomes)
    assert [o.found for o in kept[PALATE]] == [1, 3]
    assert [o.found for o in kept["rival"]] == [2, None]
    assert report(outcomes, seed=7).void == {PALATE: 1, "rival": 0}


def test_nobody_left_gives_no_figures() -> None:
    void = replace(_outcome(None), void=True)
    told = report({PALATE: [void], "rival": [void]}, seed=7)
    assert told.people == 0
    assert math.isnan(told.figures[PALATE].success[4])
