"""What the product never does: run text, load pickles, start a shell, or take a path from a person.

The syntax tree of every module is walked; what is allowed is listed with its reason, and an entry
that allows nothing any more fails as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "retrieval", "prompts", "ui")

FORBIDDEN = frozenset(
    {
        "eval", "exec", "compile", "__import__",
        "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads",
        "shelve.open", "dill.load", "joblib.load", "pandas.read_pickle", "pd.read_pickle",
        "torch.load", "yaml.load", "yaml.unsafe_load",
        "os.system", "os.popen", "os.execv", "os.execvp", "os.spawnv", "pty.spawn",
        "subprocess.run", "subprocess.call", "subprocess.Popen", "subprocess.check_call",
        "subprocess.check_output", "subprocess.getoutput", "asyncio.create_subprocess_shell",
        "asyncio.create_subprocess_exec", "importlib.import_module", "runpy.run_path",
        "tempfile.mktemp", "input.eval", "xml.etree.ElementTree.parse", "shutil.unpack_archive",
    }
)  # fmt: skip
ALLOWED = {
    ("assistant/__init__.py", "importlib.import_module"): "public names, from a fixed table",
    ("retrieval/embeddings.py", "importlib.import_module"): "packages, from a fixed table",
    ("retrieval/datasets/demo.py", "pandas.read_pickle"): "built-in ratings, checked by hash",
}

TALKING = (
    "assistant/understanding",
    "assistant/explanation",
    "assistant/reranking",
    "assistant/dialogue.py",
    "assistant/turns.py",
    "ui/chat.py",
    "ui/cards.py",
    "ui/screen.py",
)
"""Where a person's words and a catalogue's text go through."""
FILES = frozenset({"open", "Path", "os.open", "shutil.rmtree", "shutil.copy", "os.remove"})
FILES_ALLOWED = {
    ("assistant/reranking/cache_file.py", "os.open"): "the cache's own file, named by the caller",
}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def dotted(node: ast.expr) -> str:
    """The dotted name that a call goes to; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The calls of a module by the full name of what is called, also where it was imported by
    name or under another one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({a.asname or a.name.partition(".")[0]: a.name for a in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            head, _, tail = name.partition(".")
            full = names.get(head, head)
            yield (f"{full}.{tail}" if tail else full), node


def found(names: frozenset[str], paths: list[Path]) -> set[tuple[str, str]]:
    return {
        (path.relative_to(ROOT).as_posix(), name)
        for path in paths
        for name, _ in calls(path)
        if name in names
    }


def test_no_text_is_run_no_pickle_loaded_and_no_process_started() -> None:
    assert found(FORBIDDEN, modules()) == set(ALLOWED)


def test_no_call_asks_for_a_shell_or_for_pickled_arrays() -> None:
    wrong = {
        (path.relative_to(ROOT).as_posix(), node.lineno)
        for path in modules()
        for _, node in calls(path)
        for keyword in node.keywords
        if keyword.arg in ("shell", "allow_pickle")
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    }
    assert wrong == set()


def test_arrays_are_loaded_without_pickles() -> None:
    wrong = {
        (path.relative_to(ROOT).as_posix(), node.lineno)
        for path in modules()
        for name, node in calls(path)
        if name == "numpy.load" and "allow_pickle" not in {k.arg for k in node.keywords}
    }
    assert wrong == set()


def test_where_words_of_people_and_catalogues_go_through_no_file_is_opened() -> None:
    talking = [path for path in modules() if path.relative_to(ROOT).as_posix().startswith(TALKING)]
    names = FILES | {"pathlib.Path"}
    assert found(names, talking) == set(FILES_ALLOWED)


@pytest.mark.parametrize(
    "source",
    ["eval('1')", "import os as o\no.system('x')", "from pickle import loads as l\nl(b'')"],
)
def test_the_walk_sees_through_other_names(source: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert {name for name, _ in calls(path)} & FORBIDDEN
