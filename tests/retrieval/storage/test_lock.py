"""One process at a time owns the writer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.errors import WorkspaceBusy
from retrieval.storage.workspace import Workspace
from tests.shared import ROOT

HOLDER = """
import sys
from pathlib import Path
from retrieval.storage.workspace import Workspace
workspace = Workspace.open(Path(sys.argv[1]), write=True, command="palate ingest --catalog a.csv")
sys.stdout.write("held\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_second_writer_is_told_who_the_first_one_is_and_a_dead_one_is_no_obstacle(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceBusy) as busy:
            Workspace.open(tmp_path, write=True)
        assert f"process {holder.pid}" in str(busy.value)
        assert "palate ingest --catalog a.csv" in str(busy.value)
        holder.kill()
        holder.wait()
    assert (tmp_path / "writer.json").exists()
    Workspace.open(tmp_path, write=True).close()
    assert not (tmp_path / "writer.json").exists()


def test_the_same_process_cannot_write_twice_at_once(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, write=True), pytest.raises(WorkspaceBusy, match=str(os.getpid())):
        Workspace.open(tmp_path, write=True)
    Workspace.open(tmp_path, write=True).close()


def test_a_note_about_the_owner_that_cannot_be_read_is_no_obstacle(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, write=True):
        (tmp_path / "writer.json").write_text("{")
        with pytest.raises(WorkspaceBusy, match="another process"):
            Workspace.open(tmp_path, write=True)
