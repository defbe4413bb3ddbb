"""A service that is killed with -9 while it is written to has everything that it acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kills import Rounds, Way
from tests.workspaces import film_workspace


@pytest.mark.parametrize("way", ["count", "moment", "erase"])
def test_what_was_acknowledged_before_a_kill_is_there_after_the_next_start(
    tmp_path: Path, way: Way
) -> None:
    home = film_workspace(tmp_path / "home")
    found = Rounds(home, seed=3, encoder="hashed").run(1, (way,))
    assert found.faults == []
    assert found.kills == {way: 1}
    assert found.acknowledged.total()
