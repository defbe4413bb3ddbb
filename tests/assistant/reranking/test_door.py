"""The file door of the re-ranker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.llm.scripted import Scripted
from assistant.reranking.door import as_json, read_candidates, rerank_file
from retrieval.errors import InputError, UnreadableFile


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "candidates.jsonl"
    rows = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_the_output_is_plain_json_in_the_promised_shape(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": "a", "text": "x", "prior": 1}, {"id": 2, "prior": 3})
    out = as_json(rerank_file("x", path, top_k=5))
    plain = json.loads(json.dumps(out))
    assert [(i["id"], i["rank"], i["score"], i["reasons"]) for i in plain["items"]] == [
        ("2", 1, 0.841345, []),
        ("a", 2, 0.158655, []),
    ]
    assert plain["items"][0]["kind"] == "prior"
    assert plain["status"] == "fallback"
    assert plain["issues"] == [{"code": "no_model", "detail": "no language model is configured"}]
    assert plain["usage"] == {
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
        "estimated": False,
        "cost": None,
    }
    assert plain["plan"]["strategy"] == "none"
    assert len(plain["fingerprint"]) == 64


def test_a_model_is_asked_when_there_is_one(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": "a", "text": "x"}, {"id": "b", "text": "y"})
    out = as_json(rerank_file("x", path, model=Scripted(["no", "no"]), top_k=1))
    assert out["status"] == "fallback"
    assert len(out["items"]) == 1  # type: ignore[arg-type]


def test_fields_are_read_flat_and_further_keys_are_fields(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "title": "T",
        "fields": {"n": 1.5, "in": {"deep": True}, "l": ["x", 2], "none": None, "empty": []},
    }
    (candidate,) = read_candidates(written(tmp_path, "", row, "  "))
    assert candidate.fields == {"title": "T", "n": 1.5, "in.deep": True, "l": ("x", "2")}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: Invalid JSON"),
        ("[1]", "line 2: Input should be an object"),
        ('{"text": "x"}', "line 2: id: Field required"),
        ('{"id": "b", "prior": "high"}', "line 2: prior"),
        ('{"id": "b", "prior": NaN}', "line 2"),
        ('{"id": "b", "text": 5, "fields": 3}', "line 2"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        rerank_file("x", written(tmp_path, {"id": "a"}, line))


def test_a_wrong_file_or_number_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot read"):
        rerank_file("x", tmp_path / "none.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        rerank_file("x", tmp_path / "b.jsonl")
    with pytest.raises(InputError, match="--top-k"):
        rerank_file("x", written(tmp_path), top_k=-2)


def test_an_empty_file_is_an_empty_answer(tmp_path: Path) -> None:
    out = as_json(rerank_file("x", written(tmp_path), model=Scripted([])))
    assert (out["items"], out["status"]) == ([], "ok")
