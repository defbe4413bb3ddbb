"""``palate evaluate history``: the object, the table, the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.retrieval.evaluation.worlds import two_tastes, written
from ui.cli import run


@pytest.fixture
def ratings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return written(tmp_path / "ratings.csv", two_tastes(users=12))


def test_the_figures_come_as_one_object_and_as_a_page(
    ratings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    arguments = ["evaluate", "history", "--ratings", str(ratings), "--split", "user"]
    assert run([*arguments, "--llm", "none", "--json", "--html", str(page)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"users", "items", "interactions", "palate", "peers", "best_peer"} <= set(told)
    assert set(told["peers"]) == {"popularity", "cosine_knn", "bm25_knn", "als", "bpr", "ease"}
    assert len(told["interval"]) == 2
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_person_reads_a_table(ratings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "history", "--ratings", str(ratings), "--split", "user"]) == 0
    out = capsys.readouterr().out
    for word in ("Palate", "ease", "nDCG", "best peer", "95 %"):
        assert word in out


def test_a_file_that_is_no_log_is_one_line_and_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nothing.csv"
    path.write_text("a,b\n1,2\n")
    assert run(["evaluate", "history", "--ratings", str(path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("palate: ")
