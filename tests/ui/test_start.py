"""The command line starts light: what computes is loaded by the command that needs it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = [
    *("torch", "sentence_transformers", "transformers", "onnxruntime", "openai"),
    *("gradio", "fastapi", "uvicorn", "chromadb", "sqlalchemy", "bm25s", "implicit"),
    *("numpy", "scipy", "sklearn", "pandas", "pyarrow", "pydantic", "rich"),
]
COMMANDS = [
    "demo",
    "ingest",
    "chat",
    "serve",
    "recommend",
    "rerank",
    "understand",
    "evaluate",
    "owner",
]


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, ui.cli; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, ui.cli; code = ui.cli.run(['--help']);"
        f"print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules))); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    for command in COMMANDS:
        assert f"  {command} " in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded:"
