"""What holds for every test: no network, no unlisted skip under CI, the same settings."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Iterator
from pathlib import Path

for _name in [name for name in os.environ if name.startswith(("PALATE_", "OPENAI_"))]:
    del os.environ[_name]  # a key or an endpoint of the developer's own must not reach a test
os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    TOKENIZERS_PARALLELISM="false",
    GRADIO_ANALYTICS_ENABLED="False",
    ANONYMIZED_TELEMETRY="False",
    OPENBLAS_NUM_THREADS="1",
)

import pytest  # noqa: E402  (the switches above come before anything that could read them)
from hypothesis import settings as hypothesis_settings  # noqa: E402

from tests.network import Guard  # noqa: E402
from tests.once import Once  # noqa: E402

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
SKIPS = Path(__file__).with_name("ci_skips.txt")

# No deadline: the machine may be busy, and no test of ours is a stop-watch.
hypothesis_settings.register_profile("palate", deadline=None, derandomize=CI, print_blob=True)
hypothesis_settings.load_profile("palate")

guard = Guard()
sys.addaudithook(guard)

skipped: dict[str, str] = {}


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that reached for the network, also where the code under test hid the refusal."""
    guard.attempts.clear()
    yield
    attempts, guard.attempts = guard.attempts, []
    if attempts:
        pytest.fail(f"reached for the network: {', '.join(attempts)}", pytrace=False)


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped:
        where = report.longrepr
        reason = where[2] if isinstance(where, tuple) else getattr(report, "wasxfail", str(where))
        skipped[report.nodeid] = reason.removeprefix("Skipped: ")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember each skipped test and its reason."""
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember each module that skipped itself whole."""
    _note_skip(report)


def unlisted(skips: dict[str, str], listing: str) -> dict[str, str]:
    """The skips that no line of the list allows; a line without a reason allows nothing."""
    lines = [line.split(" | ", 1) for line in listing.splitlines() if not line.startswith("#")]
    allowed = [line[0].strip() for line in lines if len(line) == 2 and line[1].strip()]
    return {
        node: reason
        for node, reason in skips.items()
        if not any(fnmatch.fnmatchcase(node, pattern) for pattern in allowed)
    }


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under CI a skip that is not on the list fails the run."""
    if CI and exitstatus == 0 and unlisted(skipped, SKIPS.read_text(encoding="utf-8")):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the skips that failed the run."""
    if not CI:
        return
    for node, reason in unlisted(skipped, SKIPS.read_text(encoding="utf-8")).items():
        terminalreporter.write_line(
            f"skipped, and not on {SKIPS.name}, so this run fails: {node} ({reason})", red=True
        )


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What takes long to make and is only read: made by the first test process that asks."""
    base = tmp_path_factory.getbasetemp()
    return Once(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def built_in_files(once: Once) -> Path:
    """The folder of the built-in films and their ratings, as the product writes them."""
    from retrieval.datasets import demo

    return once.make("built-in-files", demo.write)


@pytest.fixture(scope="session")
def built_in_home(once: Once, built_in_files: Path) -> Path:
    """A workspace of the 400 most rated built-in films with their ratings; copy it to write."""
    from tests.workspaces import built_in_workspace

    return once.make("built-in", lambda folder: built_in_workspace(folder, built_in_files)) / "home"


@pytest.fixture(scope="session")
def built_in_shop(once: Once) -> Path:
    """The built-in shop as ``palate demo --shop`` makes it; copy it to write."""
    from ui.cli.demo import build_shop

    return once.make("built-in-shop", lambda folder: build_shop(folder / "home")) / "home"
