"""The image and its composition, held to the project: there is no daemon where tests run."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
import yaml

from assistant.settings import PREFIX, Settings
from assistant.traces import FLUSH
from retrieval.embeddings import make_encoder
from retrieval.offline import SWITCHES
from tests.shared import ROOT
from tests.workspaces import FILMS
from ui.cli import app
from ui.server import FINISHING, READY

DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each with what follows its name."""
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    whole = re.sub(r"\\\n\s*", " ", text)
    parts = [line.partition(" ") for line in whole.splitlines() if line.strip()]
    return [(name, rest.strip()) for name, _, rest in parts]


def all_of(name: str) -> list[str]:
    return [rest for step, rest in steps() if step == name]


def one(name: str) -> str:
    (rest,) = all_of(name)
    return rest


def copied() -> list[str]:
    """What is copied from the checkout."""
    orders = [shlex.split(rest) for rest in all_of("COPY") if not rest.startswith("--from")]
    return [source for order in orders for source in order[:-1]]


def variables() -> dict[str, str]:
    pairs = [pair.partition("=") for rest in all_of("ENV") for pair in shlex.split(rest)]
    return {name: value for name, _, value in pairs}


def composed() -> dict[str, Any]:
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert isinstance(whole, dict)
    return whole


def service() -> dict[str, Any]:
    held = composed()["services"]["palate"]
    assert isinstance(held, dict)
    return held


def parses(order: list[str]) -> None:
    """That the command line takes these words; UsageError where it does not."""
    command = typer.main.get_command(app)
    while subs := getattr(command, "commands", None):
        command, order = subs[order[0]], order[1:]
    context = command.make_context("palate", [], resilient_parsing=True)
    command.make_parser(context).parse_args(list(order))


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("requirements", DEPLOY / "requirements.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_copied_is_there_and_is_all_that_the_builder_is_sent() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert sent[1] == "*"
    assert {line[1:] for line in sent if line.startswith("!")} == set(copied())


def test_every_package_is_copied() -> None:
    found = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {name for name in found if not name.endswith(".*")}
    assert {name for name in copied() if (ROOT / name).is_dir()} == packages
    assert {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]} <= set(copied())


def test_the_python_is_one_the_project_supports() -> None:
    (version,) = [a.partition("=")[2] for a in all_of("ARG") if a.startswith("PYTHON=")]
    assert PROJECT["project"]["requires-python"] == f">={version}"
    assert all("python:${PYTHON}-slim" in rest for rest in all_of("FROM"))


def test_it_runs_as_somebody_who_is_nobody_with_the_workspace_in_the_volume() -> None:
    user, group = one("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    (made,) = [r for r in all_of("RUN") if "useradd" in r]
    assert f"--uid {user} --gid {group}" in made
    assert f"--owner={user} --group={group} --mode=0700 {one('VOLUME')}" in made
    assert variables()["PALATE_HOME"] == one("VOLUME")


def test_its_command_is_one_that_the_command_line_takes() -> None:
    assert json.loads(one("ENTRYPOINT")) == ["palate"]
    order = json.loads(one("CMD"))
    parses(order)
    assert order[order.index("--port") + 1] == one("EXPOSE")
    assert one("STOPSIGNAL") == "SIGTERM"


def test_its_health_is_that_of_the_service_on_its_port() -> None:
    check = json.loads(one("HEALTHCHECK").partition(" CMD ")[2])
    code = check[-1]
    compile(code, "HEALTHCHECK", "exec")
    assert f"'{READY}'" in code
    assert f"127.0.0.1', {one('EXPOSE')}," in code


def test_its_variables_are_settings_and_keep_it_off_the_network() -> None:
    own = {k.removeprefix(PREFIX).lower(): v for k, v in variables().items() if PREFIX in k}
    settings = Settings.model_validate(own)
    make_encoder(settings.encoder)
    ours = {"HF_HUB_DISABLE_PROGRESS_BARS", "TOKENIZERS_PARALLELISM"}  # which reach no network
    assert {k: v for k, v in variables().items() if k in SWITCHES} == {
        k: v for k, v in SWITCHES.items() if k not in ours
    }


def left_out() -> list[str]:
    (without,) = [a.partition("=")[2] for a in all_of("ARG") if a.startswith("WITHOUT=")]
    return without.strip('"').split()


def test_the_requirements_are_the_projects_without_what_is_left_out() -> None:
    make = script().requirements
    told = PROJECT["project"]
    whole = [*told["dependencies"], *told["optional-dependencies"]["app"]]
    assert make(ROOT / "pyproject.toml", set()) == whole
    fewer = make(ROOT / "pyproject.toml", set(left_out()))
    gone = set(whole) - set(fewer)
    assert sorted(re.split(r"[<>=]", line)[0] for line in gone) == sorted(left_out())
    with pytest.raises(ValueError, match="torhc"):
        make(ROOT / "pyproject.toml", {"torhc"})


ABSENT = """
import sys
for name in ("torch", "sentence_transformers", "transformers", "sklearn", "sympy", "kubernetes"):
    sys.modules[name] = None  # as if it were not installed
from ui.cli import run
assert run(["ingest", "--catalog", sys.argv[1], "--home", sys.argv[2]]) == 0
from assistant import Assistant
with Assistant.open(sys.argv[2]) as assistant:
    assert assistant.reply("s", "something on horseback").cards
"""


def test_what_is_left_out_is_missed_by_nothing(tmp_path: Path) -> None:
    encoder = {k: v for k, v in variables().items() if k == "PALATE_ENCODER"}
    ran = subprocess.run(
        [sys.executable, "-c", ABSENT, FILMS, tmp_path / "home"],
        cwd=ROOT,
        env={"PATH": "", "HOME": str(tmp_path), **encoder},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_the_service_can_write_to_its_volume_and_to_nothing_that_lasts() -> None:
    held = service()
    assert held["read_only"] is True
    assert held["cap_drop"] == ["ALL"]
    assert held["security_opt"] == ["no-new-privileges:true"]
    assert [v.partition(":")[2] for v in held["volumes"]] == [one("VOLUME")]
    assert [v.partition(":")[0] for v in held["volumes"]] == ["workspace"]
    assert set(composed()["volumes"]) == {"workspace", "models"}
    temporary = [t.partition(":")[0] for t in held["tmpfs"]]
    assert temporary == ["/tmp"] == [variables()["HOME"]]
    assert held["mem_limit"]
    assert held["pids_limit"]


def test_the_port_is_open_to_this_machine_alone() -> None:
    assert service()["ports"] == [f"127.0.0.1:7860:{one('EXPOSE')}"]
    assert "ports" not in composed()["services"]["model"]


def test_it_is_given_longer_to_end_than_it_takes() -> None:
    pages = 3
    assert float(service()["stop_grace_period"].rstrip("s")) > FINISHING + pages + FLUSH
    assert f"waits {service()['stop_grace_period'].rstrip('s')} seconds" in PAGE


def test_it_is_built_from_the_checkout_and_its_secrets_are_in_neither() -> None:
    build = service()["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()
    (secrets,) = service()["env_file"]
    assert secrets["required"] is False
    assert f"deploy/{secrets['path']}" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_the_model_is_there_only_where_it_is_asked_for() -> None:
    assert composed()["services"]["model"]["profiles"] == ["model"]
    assert "depends_on" not in service()


def orders() -> list[str]:
    """What the page has the image run, after ``palate``."""
    lines = re.findall(r"^docker compose (?:run|exec) (.*)$", PAGE, re.MULTILINE)
    ran = [line for line in lines if "entrypoint" not in line and line.startswith(("-", "palate"))]
    return [line.rpartition("palate ")[2] for line in ran]


@pytest.mark.parametrize("order", orders())
def test_every_command_of_the_page_exists(order: str) -> None:
    parses(shlex.split(order))


def test_every_setting_of_the_page_is_one() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+[A-Z])", PAGE)) - {"NAME"}
    assert {name.lower() for name in named} <= set(Settings.model_fields)
