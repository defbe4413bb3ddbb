"""What is shipped: the packages, their data, the two commands, the pins."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.shared import ROOT

PACKAGES = ("assistant", "prompts", "retrieval", "ui")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
HEAVY = {
    *("bm25s", "chromadb", "fastapi", "gradio", "httpx", "implicit", "mcp", "numpy"),
    *(
        "onnxruntime",
        "openai",
        "opentelemetry",
        "pandas",
        "prometheus_client",
        "pyarrow",
        "scipy",
        "sentence_transformers",
        "sqlalchemy",
        "tiktoken",
    ),
    *("tokenizers", "torch", "transformers", "uvicorn"),
}


def files(*folders: str) -> list[str]:
    """Files under these folders of the checkout, caches left out; paths from its root."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [str(p.relative_to(ROOT)) for p in found if "__pycache__" not in p.parts]


def python_files(*folders: str) -> list[str]:
    return [name for name in files(*folders) if name.endswith(".py")]


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after the statement."""
    code = f"{statement}\nimport sys\nsys.stdout.write(' '.join(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in ran.stdout.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import ui.cli",
        "import assistant",
        "from assistant import Candidate, Query, Reranker",
        "from assistant import Candidate, Reranker; "
        "Reranker(model=None).rank('q', [Candidate(id='a'), Candidate(id='b')])",
    ],
)
def test_what_starts_first_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_every_package_that_holds_code_says_so() -> None:
    folders = {name.rpartition("/")[0] for name in python_files(*PACKAGES)}
    missing = [folder for folder in folders if not (ROOT / folder / "__init__.py").is_file()]
    assert missing == []


def test_every_data_file_beside_the_code_is_packaged() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    endings = {pattern.removeprefix("*") for pattern in patterns}
    names = [name for name in files(*PACKAGES) if not name.endswith(".py")]
    assert [name for name in names if not any(name.endswith(e) for e in endings)] == []


def test_no_file_of_code_is_longer_than_the_wall() -> None:
    long = {
        name: lines
        for name in python_files(*PACKAGES)
        if (lines := len((ROOT / name).read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


def declared() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"]
    groups = [PROJECT["project"]["dependencies"], *extras.values()]
    return [Requirement(requirement) for group in groups for requirement in group]


def imported(path: Path) -> set[str]:
    """Top-level modules that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    whole = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    parts = {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom) and n.level == 0}
    return {name.partition(".")[0] for name in whole | parts}


def test_every_package_that_is_imported_is_declared() -> None:
    modules = set().union(*(imported(ROOT / name) for name in python_files(*PACKAGES)))
    outside = modules - set(sys.stdlib_module_names) - set(PACKAGES)
    providers = packages_distributions()
    names = {requirement.name.lower() for requirement in declared()}
    names.add("pydantic-core")  # one wheel with pydantic in all but name
    missing = {
        module
        for module in outside
        if not names & {d.lower().replace("_", "-") for d in providers.get(module, [])}
        | (names & {module})
    }
    assert missing == set()


def test_every_dependency_is_pinned_to_a_version_in_its_range() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    for requirement in declared():
        assert pinned[requirement.name.lower()] in requirement.specifier, requirement


def test_the_constraints_hold_versions_and_nothing_else() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert line == "" or line.startswith("#") or re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line)


def test_the_make_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("setup", "run", "test", "check", "bench", "format"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_one_module_names_each_outside_thing() -> None:
    """The lint rule bans them; this holds its list of exceptions to what was agreed."""
    ignores = PROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]
    assert {name for name, rules in ignores.items() if "TID251" in rules} == {
        "assistant/llm/openai.py",
        "assistant/settings.py",
        "assistant/traces.py",
        "retrieval/chroma.py",
        "retrieval/datasets/demo.py",
        "retrieval/offline.py",
        "retrieval/storage/*",
        "ui/*",
        "tests/*",
        "benchmarks/*",
    }


def test_the_licence_and_the_notice_are_whole() -> None:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for name in ("all-MiniLM-L6-v2", "Wikidata", "CC0", "MovieLens", "GroupLens"):
        assert name in notice
