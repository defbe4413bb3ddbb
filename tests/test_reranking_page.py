"""What docs/reranking.md shows works as shown."""

from __future__ import annotations

import re

import pytest

from assistant.reranking.strategies import BY_NAME
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "reranking.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("word", "said"), [("class Parrot", "ok ['a', 'b', 'c']\n"), ("plan = ", "none\n")]
)
def test_a_snippet_runs(word: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = [block for block in BLOCKS if word in block]
    exec(compile(snippet, "docs/reranking.md", "exec"), {})
    assert capsys.readouterr().out == said


def test_the_first_snippet_is_answered_honestly_where_nothing_listens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = BLOCKS[0].replace("127.0.0.1:11434", "127.0.0.1:1")
    exec(compile(shown, "docs/reranking.md", "exec"), {})
    out = capsys.readouterr().out
    assert out.startswith("1 b ")
    assert "fallback" in out
    assert "unavailable" in out


def test_the_table_of_strategies_names_them_all() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert set(BY_NAME) <= set(rows)
