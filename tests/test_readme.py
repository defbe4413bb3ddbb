"""What the README shows works as shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from assistant.settings import PREFIX, Settings
from tests.shared import ROOT
from ui.cli import app

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [parts for line in lines if (parts := shlex.split(line, comments=True))]


def test_it_starts_with_the_two_commands() -> None:
    assert [parts[:2] for parts in commands()[:2]] == [["make", "run"], ["make", "test"]]


@pytest.mark.parametrize("parts", [c for c in commands() if c[0] == "palate"], ids=" ".join)
def test_every_command_it_shows_exists_with_its_options(parts: list[str]) -> None:
    group = typer.main.get_command(app)
    command = getattr(group, "commands", {}).get(parts[1])
    assert command is not None
    command.make_parser(command.make_context(parts[1], [], resilient_parsing=True)).parse_args(
        parts[2:]
    )


def test_every_make_target_it_shows_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for parts in commands():
        if parts[0] == "make":
            assert re.search(rf"^{parts[1]}:", makefile, re.MULTILINE), parts


def test_its_table_lists_every_setting_and_no_other() -> None:
    shown = set(re.findall(rf"^\| `({PREFIX}\w+)`", README, re.MULTILINE))
    assert shown == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_its_defaults_are_the_defaults() -> None:
    for name, default in re.findall(rf"^\| `{PREFIX}(\w+)` \| (\d+) \|", README, re.MULTILINE):
        assert Settings.model_fields[name.lower()].default == float(default)


def test_the_reranker_snippet_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = [block for block in blocks("python") if "Reranker" in block]
    exec(compile(snippet, "README.md", "exec"), {})
    assert capsys.readouterr().out == "fallback ['b', 'a']\n"


def test_the_assistant_snippet_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from assistant.build import ingest_into
    from assistant.settings import load

    monkeypatch.chdir(tmp_path)
    home = Path("path/to/workspace")
    table = Path("items.csv")
    rows = [f"j{n},Jacket {n},{'light' if n % 2 else 'warm'},{200 + n}" for n in range(12)]
    table.write_text("\n".join(["id,title,category,weight_g", *rows, ""]), "utf-8")
    ingest_into(home, settings=load({}, home=home, encoder="hashed"), catalog=table)
    (snippet,) = [block for block in blocks("python") if "Assistant.open" in block]
    exec(compile(snippet, "README.md", "exec"), {})
    assert "Jacket" in capsys.readouterr().out


def test_its_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-")
        for h in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings
        elif "://" not in target:
            assert (ROOT / target).exists(), target


def test_the_schema_it_shows_is_a_schema() -> None:
    from retrieval.schema_file import parse

    (shown,) = blocks("toml")
    assert parse(shown, origin="README.md").noun == "jacket"
