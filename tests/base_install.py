"""Run by ``make base`` in an environment that holds the base install and nothing else: the
re-ranker works there, with a model, from the command line, and without anything heavy."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from assistant import Candidate, Reranker
from assistant.llm.scripted import Scripted

HEAVY = (
    "chromadb",
    "fastapi",
    "gradio",
    "mcp",
    "numpy",
    "opentelemetry",
    "sentence_transformers",
    "sqlalchemy",
    "torch",
)


def main() -> None:
    """Assert, and say so."""
    there = [name for name in HEAVY if importlib.util.find_spec(name) is not None]
    assert there == [], f"the base install brings {there}"
    pool = [Candidate(id=c, text=f"item {c}", prior=-n) for n, c in enumerate("abcd")]

    def backwards(request):  # type: ignore[no-untyped-def]
        lines = request.messages[1].content.splitlines()
        handles = [line.rpartition("id: ")[2] for line in lines if " | id: " in line]
        return json.dumps({"ranking": handles[::-1]})

    result = Reranker(Scripted(backwards)).rank("x", pool, 4)
    assert result.status == "ok", result
    assert sorted(item.id for item in result.items) == ["a", "b", "c", "d"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "candidates.jsonl"
        file.write_text("".join(json.dumps({"id": c.id, "text": c.text}) + "\n" for c in pool))
        palate = Path(sys.executable).with_name("palate")
        order = [palate, "rerank", "--query", "x", "--candidates", file, "--llm", "none", "--json"]
        ran = subprocess.run(order, capture_output=True, text=True, check=True)
        assert json.loads(ran.stdout)["status"] == "fallback"
    print("The base install re-ranks, without " + ", ".join(HEAVY) + ".")


if __name__ == "__main__":
    main()
