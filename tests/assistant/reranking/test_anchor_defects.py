"""Defects seen in other re-rankers, each held off by a test of its own."""

from __future__ import annotations

import json
import random

import pytest

from assistant.llm.scripted import Scripted
from assistant.llm.tokens import encode
from assistant.llm.types import ChatRequest
from assistant.reranking import Blend, Candidate, Limits, Query, Reranker
from assistant.reranking.answer import read
from assistant.reranking.paper import Paper
from assistant.reranking.strategies import Window
from tests.assistant.reranking.answering import codes, ids, pool, ranks, shown

ALL = Blend(model_weight=1)


def test_a_count_in_the_prose_is_not_read_as_the_first_rank() -> None:
    """Every number of a sentence was taken for a rank, that of the passages too."""
    said = "Of the 3 passages, my ranking is [2] > [1] > [3]"
    result = Reranker(Scripted(lambda _: said), blend=ALL).rank("x", pool(3))
    assert ids(result) == ["i0", "i1", "i2"]
    assert (result.status, codes(result)) == ("fallback", ["asked_twice", "bad_answer"])


@pytest.mark.parametrize(
    "said", ["I'm sorry, I can't rank these.", "Error: rate limit exceeded", "", "<html>502</html>"]
)
def test_a_refusal_or_an_error_string_does_not_pass_for_the_original_order(said: str) -> None:
    """Text without any rank gave the input back as if it had been judged."""
    result = Reranker(Scripted(lambda _: said), blend=ALL).rank("x", pool())
    assert result.status == "fallback"
    assert codes(result) == ["asked_twice", "bad_answer"]
    assert {item.kind for item in result.items} == {"prior"}
    assert [item.confidence for item in result.items] == [0.0] * 4


@pytest.mark.parametrize("form", ["{},{},{},{}", "{}>{}>{}>{}\n", "\n{}\n{}\n{}\n{}\n\n"])
def test_a_missing_space_and_a_trailing_line_break_raise_nothing(form: str) -> None:
    """Lists were split at ", " and each part converted, so that either of these raised."""

    def answer(request: ChatRequest) -> str:
        a, b, c, d = shown(request)
        return form.format(c, a, d, b)

    result = Reranker(Scripted(answer), blend=ALL).rank("x", pool())
    assert ids(result) == ["i2", "i0", "i3", "i1"]
    assert (result.status, codes(result)) == ("repaired", ["no_json"])


def test_items_that_the_answer_omits_do_not_vanish() -> None:
    """What a list left out was missing from the result."""
    result = Reranker(Scripted(ranks(3, 1)), blend=ALL).rank("x", pool())
    assert ids(result) == ["i3", "i1", "i0", "i2"]
    assert (result.status, codes(result)) == ("partial", ["missing_handle"])


@pytest.mark.parametrize("numbers", [[0, 1, 2, 3], [-1, -2], [1, 1, 2], [99], [4, 3, 2, 1], ["0"]])
def test_indices_are_no_items_whether_in_range_or_not(numbers: list[object]) -> None:
    """0, -1 and duplicates picked items from the wrong end or twice; others raised IndexError."""
    said = json.dumps({"ranking": numbers})
    result = Reranker(Scripted(lambda _: said), blend=ALL).rank("x", pool())
    assert ids(result) == ["i0", "i1", "i2", "i3"]
    assert result.status == "fallback"


def test_an_item_listed_twice_is_returned_once() -> None:
    """A duplicate doubled one item and pushed another out."""
    result = Reranker(Scripted(ranks(1, 1, 0, 1, 3, 2)), blend=ALL).rank("x", pool())
    assert ids(result) == ["i1", "i0", "i3", "i2"]
    assert codes(result) == ["repeated_handle"]


def test_each_round_of_shuffles_shows_another_order() -> None:
    """A generator seeded anew in every round shuffled all of them alike."""
    script = Scripted(lambda r: json.dumps({"ranking": shown(r)}))
    Reranker(script, strategy=Window(shuffles=6)).rank("x", pool(8), top_k=8)
    texts = [request.messages[1].content for request in script.requests]
    orders = {tuple(sorted(range(8), key=lambda k: t.index(f"text of {k}"))) for t in texts}
    assert len(orders) == 6
    assert tuple(range(8)) in orders


def test_shuffles_with_a_seed_differ_within_a_ranking_and_are_alike_between_two() -> None:
    paper = Paper(Query(text="x"), pool(8), 8, Limits(), None)
    (one,), (two,) = (Window(shuffles=6).waves(paper, random.Random(3), 0) for _ in range(2))
    assert one == two
    assert len({job.positions for job in one}) == 6


@pytest.mark.parametrize(
    "text", ["静かな夜の海辺で二人が出会う。", "一个安静的夜晚他们在海边相遇。"]
)
def test_text_without_spaces_is_cut_to_its_share_and_still_shown(text: str) -> None:
    """Cutting at white space kept all of such a text, or nothing."""
    script = Scripted(ranks(1, 0))
    long = [Candidate(id=str(k), text=text * 300) for k in range(2)]
    result = Reranker(script, limits=Limits(item_tokens=40), blend=ALL).rank("海", long)
    lines = [x for x in script.requests[0].messages[1].content.split("\n") if "| id:" in x]
    assert ids(result) == ["1", "0"]
    assert len(lines) == 2
    assert all(text[:8] in line and len(encode(line)) <= 50 for line in lines)
    assert not any("\ufffd" in line for line in lines)


def test_the_documents_of_the_caller_are_not_written_to() -> None:
    """Scores and cut texts were written into what was handed in, and its list was sorted."""
    given = pool()[::-1]
    same, before = list(given), repr(given)
    Reranker(Scripted(ranks(3, 1, 0, 2)), blend=ALL).rank("x", given, explain=True)
    assert repr(given) == before
    assert all(a is b for a, b in zip(given, same, strict=True))


@pytest.mark.parametrize("name", ["gpt-rerank-colbert", "flashrank/t5-cohere", "", "no such model"])
def test_a_models_name_chooses_nothing(name: str) -> None:
    """A substring of the name picked the class; a kind is told by what the model can do."""
    result = Reranker(Scripted(ranks(2, 0, 1), name=name), blend=ALL).rank("x", pool(3))
    assert ids(result) == ["i2", "i0", "i1"]
    assert result.plan.strategy == "window"


def test_an_unknown_strategy_is_an_error_and_none_that_sounds_alike() -> None:
    with pytest.raises(ValueError, match="there is no strategy 'windows'"):
        Reranker(strategy="windows")


def test_handles_hold_no_index_that_prose_could_name() -> None:
    handles = ("b2c", "k7d", "x9z")
    assert read("2 > 1 > 3, b > k > x, 2c, 7d, 9z", handles, 3).positions == ()
