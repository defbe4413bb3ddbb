"""Dialogues are measured through the code that serves, each target on its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.door import Assistant
from assistant.evaluation.dialogues import evaluate_dialogues
from assistant.evaluation.lines import Case
from assistant.transcript import Message
from retrieval.errors import UnreadableFile
from retrieval.types import ids
from tests.assistant.conftest import Open


def _case(*said: str, targets: tuple[str, ...], filtered: tuple[str, ...] = ()) -> Case:
    roles = ("user", "assistant")
    return Case(
        dialogue=said[0],
        messages=tuple(Message(role=roles[n % 2], text=t) for n, t in enumerate(said)),
        targets=ids(targets),
        filtered=frozenset(ids(filtered)),
        left_out=(),
    )


def _title(films: Assistant, title: str) -> str:
    return next(i for i, item in films.parts.retriever.items.items() if item.title == title)


def test_figures_are_means_over_targets(films: Assistant) -> None:
    rio, high = _title(films, "Rio Bravo"), _title(films, "High Noon")
    cases = [
        _case("do you have Rio Bravo?", targets=(rio,)),
        _case("do you have Rio Bravo?!", targets=(rio, high)),
        _case("hello", targets=()),
    ]
    figures = evaluate_dialogues(films.parts, cases)
    assert (figures.lines, figures.turns, figures.targets) == (3, 2, 3)
    # What is asked for by name comes first, so two of the three targets are at place 1.
    assert figures.values["recall@1"] == pytest.approx(2 / 3)
    low, high_end = figures.intervals["recall@1"]
    assert low <= 2 / 3 <= high_end


def test_what_the_context_named_is_taken_out_of_the_ranking(films: Assistant) -> None:
    rio, high = _title(films, "Rio Bravo"), _title(films, "High Noon")
    both = ("do you have Rio Bravo or High Noon?",)
    kept = evaluate_dialogues(films.parts, [_case(*both, targets=(high,))])
    taken = evaluate_dialogues(films.parts, [_case(*both, targets=(high,), filtered=(rio,))])
    assert taken.values["recall@1"] == 1.0
    assert kept.values["recall@10"] == 1.0


def test_lines_that_begin_alike_are_followed_once_and_score_alike(films: Assistant) -> None:
    rio = _title(films, "Rio Bravo")
    first = _case("a western please", targets=(rio,))
    longer = _case("a western please", "any director?", "by Howard Hawks", targets=(rio,))
    together = evaluate_dialogues(films.parts, [first, longer])
    apart = [evaluate_dialogues(films.parts, [case]) for case in (first, longer)]
    for name, value in together.values.items():
        assert value == pytest.approx(sum(a.values[name] for a in apart) / 2)


def test_the_baseline_is_paired_with_the_same_targets(films: Assistant) -> None:
    rio = _title(films, "Rio Bravo")
    figures = evaluate_dialogues(
        films.parts, [_case("Rio Bravo by Howard Hawks", targets=(rio,))], baseline=True
    )
    assert set(figures.baseline) == set(figures.values)
    value, (low, high) = figures.ratios["recall@50"]
    if figures.baseline["recall@50"]:
        assert low <= value <= high


def test_without_any_target_there_is_nothing_to_measure(films: Assistant) -> None:
    with pytest.raises(UnreadableFile, match="none of the 1 dialogues"):
        evaluate_dialogues(films.parts, [_case("hello", targets=())])


def test_following_leaves_no_trace_in_the_workspace(open_assistant: Open, film_home: Path) -> None:
    assistant = open_assistant(film_home)
    rio = _title(assistant, "Rio Bravo")
    before = assistant.parts.workspace.events.count()
    evaluate_dialogues(assistant.parts, [_case("I loved Rio Bravo", targets=(rio,))])
    assert assistant.parts.workspace.events.count() == before
