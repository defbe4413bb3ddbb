"""The commands on a real small workspace: what goes to standard output, and how they end."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.workspaces import FILMS, film_workspace, write_ratings
from ui.cli import run

Told = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_workspace(tmp_path_factory.mktemp("cli") / "home")


@pytest.fixture
def palate(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Runs the command line in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("PALATE_ENCODER", "hashed")

    def told(*arguments: object, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = run([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return told


def test_no_arguments_show_the_help(palate: Told) -> None:
    code, out, _ = palate()
    assert code == 0
    assert "recommend" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["recommend", "--nonsense"],
        ["recommend", "-k", "many"],
        ["recommend", "--llm", "maybe"],
        ["rerank", "--query", "x"],
        ["evaluate", "nonsense"],
        ["serve", "--port", "70000"],
    ],
)
def test_wrong_usage_is_one_line_and_two(palate: Told, arguments: list[str]) -> None:
    code, out, err = palate(*arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("palate: ")


def test_a_workspace_that_is_not_there_is_one_line_and_two(palate: Told, tmp_path: Path) -> None:
    for command in (["recommend", "--json"], ["chat"]):
        code, out, err = palate(*command, "--home", tmp_path / "none")
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert "palate ingest" in err


def test_an_unknown_setting_is_one_line_and_two(
    palate: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("PALATE_LLM_MODLE", "x")
    code, _, err = palate("recommend", "--home", home)
    assert code == 2
    assert "PALATE_LLM_MODEL" in err
    assert err.count("\n") == 1


def test_ingest_reports_what_it_did_and_a_second_run_changes_nothing(
    palate: Told, tmp_path: Path
) -> None:
    ratings = tmp_path / "ratings.csv"
    written = write_ratings(ratings)
    order = ["ingest", "--catalog", FILMS, "--events", ratings, "--home", tmp_path / "w", "--json"]
    code, out, _ = palate(*order)
    assert code == 0
    first = json.loads(out)
    assert first["items"]["new"] == 64
    assert first["events"]["read"] == written
    assert first["events"]["new"] > written * 0.9
    code, out, _ = palate(*order)
    assert code == 0
    again = json.loads(out)
    assert again["items"]["new"] == again["events"]["new"] == 0
    assert again["version"] == first["version"]


def test_ingest_tells_a_person_the_schema_and_the_counts(palate: Told, tmp_path: Path) -> None:
    code, out, err = palate("ingest", "--catalog", FILMS, "--home", tmp_path / "w")
    assert code == 0
    for said in ("64", "genres", "directors", "year"):
        assert said in out
    assert "64/64" in err


def test_a_file_that_is_not_there_is_one_line_and_two(palate: Told, tmp_path: Path) -> None:
    code, out, err = palate(
        "ingest", "--catalog", tmp_path / "no.csv", "--home", tmp_path / "w", "--json"
    )
    assert (code, out) == (2, "")
    assert "no.csv" in err.splitlines()[-1]


def test_recommend_prints_one_json_object_and_nothing_else(palate: Told, home: Path) -> None:
    code, out, _ = palate(
        "recommend", "--query", "a western", "-k", 3, "--home", home, "--llm", "none", "--json"
    )
    assert code == 0
    found = json.loads(out)
    assert out.count("\n") == 1
    assert len(found["items"]) == 3
    assert set(found["items"][0]) == {"id", "title", "score", "reasons"}
    assert found["degraded"] == []


def test_recommend_for_a_user_and_for_liked_items(palate: Told, home: Path) -> None:
    for asked in (["--user", "u1"], ["--like", "f01", "--like", "f02"], []):
        code, out, _ = palate("recommend", *asked, "-k", 5, "--home", home, "--json")
        assert code == 0
        ids = [item["id"] for item in json.loads(out)["items"]]
        assert len(ids) == len(set(ids)) == 5
        assert not {"f01", "f02"} & set(ids) or "--like" not in asked


def test_recommend_shows_a_person_cards(palate: Told, home: Path) -> None:
    code, out, _ = palate("recommend", "--query", "a western", "-k", 2, "--home", home)
    assert code == 0
    assert "Western" in out


def test_an_unknown_liked_item_is_one_line_and_two(palate: Told, home: Path) -> None:
    code, out, err = palate("recommend", "--like", "nope", "--home", home, "--json")
    assert (code, out) == (2, "")
    assert '"nope"' in err


def test_rerank_without_a_model_keeps_the_prior_order_and_says_so(
    palate: Told, tmp_path: Path
) -> None:
    pool = tmp_path / "pool.jsonl"
    lines = [
        {"id": key, "text": key, "prior": prior} for key, prior in (("a", 1), ("b", 3), ("c", 2))
    ]
    pool.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    code, out, _ = palate(
        "rerank", "--query", "x", "--candidates", pool, "--top-k", 2, "--llm", "none", "--json"
    )
    assert code == 0
    found = json.loads(out)
    assert [item["id"] for item in found["items"]] == ["b", "c"]
    assert [item["rank"] for item in found["items"]] == [1, 2]
    assert found["status"] == "fallback"
    assert found["issues"][0]["code"] == "no_model"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: Invalid JSON"),
        ("[1]", "line 1: Input should be an object"),
        ('{"text": "a"}', "line 1: id: Field required"),
        ('{"id": "a", "text": ["x"]}', "line 1: text: Input should be a valid string"),
        (
            '{"id": "a", "text": "x", "prior": "high"}',
            "line 1: prior: Input should be a valid number",
        ),
        ('{"id": null, "text": "x"}', "line 1: id: Input should be a valid string"),
        ('{"id": "a", "text": "x", "fields": []}', "line 1: fields: Input should be an object"),
    ],
)
def test_a_bad_candidate_is_one_line_and_two(
    palate: Told, tmp_path: Path, line: str, said: str
) -> None:
    pool = tmp_path / "pool.jsonl"
    pool.write_text(line + "\n", encoding="utf-8")
    code, out, err = palate("rerank", "--query", "x", "--candidates", pool, "--json")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_dialogue_over_a_pipe(palate: Told, home: Path) -> None:
    typed = "a western\n\n:like 1\n:seen 99\n:what\n:new\nthanks\n:quit\nnever read\n"
    code, out, _ = palate("chat", "--home", home, "--llm", "none", typed=typed)
    assert code == 0
    assert "› a western" in out
    assert "Western" in out
    assert 'no card "99"' in out
    assert ":quit" in out
    assert "A new conversation." in out
    assert "never read" not in out


def test_the_end_of_the_input_ends_the_dialogue(palate: Told, home: Path) -> None:
    code, out, _ = palate("chat", "--home", home, typed="hello")
    assert code == 0
    assert "› hello" in out


def test_scenarios_are_played_each_as_a_fresh_visitor(
    palate: Told, home: Path, tmp_path: Path
) -> None:
    file, out_file = tmp_path / "scenarios.jsonl", tmp_path / "out.jsonl"
    turns = [{"user": "a western", "expect": {}}, {"user": "thanks", "expect": {}}]
    file.write_text(
        "\n".join(json.dumps({"id": key, "turns": turns}) for key in ("one", "two")),
        encoding="utf-8",
    )
    code, out, _ = palate(
        "evaluate", "scenarios", "--file", file, "--out", out_file, "--home", home, "--json"
    )
    assert code == 0
    assert json.loads(out)["turns"] == 4
    lines = [json.loads(line) for line in out_file.read_text(encoding="utf-8").splitlines()]
    assert [(x["scenario_id"], x["turn"]) for x in lines] == [
        ("one", 0),
        ("one", 1),
        ("two", 0),
        ("two", 1),
    ]
    assert set(lines[0]) == {"scenario_id", "turn", "act", "slate", "reply", "asked"}
    assert lines[0]["slate"] == lines[2]["slate"]


def test_messages_are_understood_given_the_slate_they_speak_of(
    palate: Told, home: Path, tmp_path: Path
) -> None:
    file, out_file = tmp_path / "messages.jsonl", tmp_path / "out.jsonl"
    message = {
        "id": "m",
        "text": "like the second one",
        "context": {"previous_slate": ["f01", "f02"]},
    }
    file.write_text(json.dumps(message), encoding="utf-8")
    code, _, _ = palate("understand", "--file", file, "--out", out_file, "--home", home)
    assert code == 0
    line = json.loads(out_file.read_text(encoding="utf-8"))
    assert line["id"] == "m"
    assert line["parse"]["reference"] == [2]
    assert line["parse"]["liked"] == ["f02"]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_one_line_and_two(palate: Told, home: Path, command: str) -> None:
    from ui.server import listen

    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = palate(command, "--home", home, "--port", port)
    assert (code, out) == (2, "")
    assert "--port" in err


def test_an_interrupt_ends_the_dialogue_without_a_traceback(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from ui.cli import main; main()", "chat", "--home", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # A shell in the background hands down an ignored interrupt; Python would keep it so.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        assert process.stdout is not None
        assert ":quit" in process.stdout.readline() + process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_versions_are_listed_and_rolled_back_to(palate: Told, tmp_path: Path) -> None:
    home, ratings = tmp_path / "w", tmp_path / "ratings.csv"
    for users in (20, 30):
        write_ratings(ratings, users=users)
        palate("ingest", "--catalog", FILMS, "--events", ratings, "--home", home)
    code, out, _ = palate("versions", "--home", home, "--json")
    found = json.loads(out)["versions"]
    assert (code, [v["version"] for v in found]) == (0, [1, 2])
    assert [v["active"] for v in found] == [False, True]
    assert {v["items"] for v in found} == {64}
    assert all(v["encoder"].startswith("hashed") and v["bytes"] > 0 for v in found)
    code, out, _ = palate("rollback", "--home", home)
    assert (code, "version 1 is in force" in out) == (0, True)
    _, out, _ = palate("versions", "--home", home)
    assert [line.split()[0] for line in out.splitlines() if "active" in line] == ["1"]
    assert palate("recommend", "--home", home, "--llm", "none", "-k", 3)[0] == 0
    code, _, err = palate("rollback", "--home", home)
    assert (code, err.count("\n")) == (2, 1)
    assert json.loads(palate("rollback", "--to", 2, "--home", home, "--json")[1])["active"] == 2
    assert palate("versions", "--home", tmp_path / "none")[0] == 2
