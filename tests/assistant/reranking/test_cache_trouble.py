"""The cache on files that are damaged, held, full, gone, or used by many at once."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import ErasureFailed
from assistant.reranking import cache_file
from assistant.reranking.cache import RankCache
from tests.assistant.reranking.conftest import MARK, Make, stored


def spoil(path: Path, raw: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    opened: Make, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(path, b"no database at all" * 500)
    with caplog.at_level(logging.WARNING):
        cache = opened()
    assert "cache.damaged" in caplog.text
    assert path.with_name("ranks.db.damaged").read_bytes().startswith(b"no database")
    cache.put("k", {"n": 1})
    assert opened().get("k") == {"n": 1}


def test_a_file_damaged_while_in_use_is_set_aside(opened: Make, path: Path) -> None:
    one, other = opened(entries=1), opened(entries=1)
    for n in range(200):
        one.put(str(n), {"said": MARK + "x" * 1000}, "ann")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        for page in range(1, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    for cache in (one, other):
        for n in range(200):
            cache.get(str(n), "ann")
            cache.put(f"new{n}", {"n": n}, "ann")
    assert path.with_name("ranks.db.damaged").exists()
    assert opened().get("new199", "ann") == {"n": 199}
    assert one.get("new199", "ann") == {"n": 199}
    one.erase("ann")
    assert MARK.encode() not in stored(path.parent)
    assert other.get("new199", "ann") is None


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=40))))
@settings(max_examples=40)
def test_whatever_stands_in_the_file_no_wrong_value_is_found_and_erasing_erases(
    tmp_path_factory: pytest.TempPathFactory, blows: list[tuple[float, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("blows") / "ranks.db"
    cache = RankCache(path)
    for n in range(30):
        cache.put(f"k{n}", {"n": n, "said": f"{MARK}-{n % 2}" * 20}, f"u{n % 2}")
    cache.close()
    raw = bytearray(path.read_bytes())
    for where, what in blows:
        place = int(where * len(raw))
        raw[place : place + len(what)] = what
    path.write_bytes(raw)
    cache = RankCache(path)
    for n in range(30):
        found = cache.get(f"k{n}", f"u{n % 2}")
        assert found in (None, {"n": n, "said": f"{MARK}-{n % 2}" * 20})
        assert cache.get(f"k{n}", f"u{(n + 1) % 2}") is None
        cache.put(f"k{n}", {"n": -n}, "new")
    try:
        cache.erase("u0")
    except ErasureFailed:  # as much may be wrong as makes it look like another program's file
        return
    finally:
        cache.close()
    cache = RankCache(path)
    assert all(cache.get(f"k{n}", "u0") is None for n in range(30))
    assert f"{MARK}-0".encode() not in stored(path.parent)
    cache.close()


@pytest.mark.parametrize(
    "blow",
    [
        "UPDATE rank_facts SET value = zeroblob(64) WHERE name = 'secret'",
        "DELETE FROM rank_facts",
        "PRAGMA application_id = 0",
    ],
)
def test_a_file_that_cannot_know_its_users_any_more_is_erased_whole(
    opened: Make, path: Path, blow: str
) -> None:
    cache = opened()
    cache.put("k", {"said": MARK}, "ann")
    cache.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(blow)
    again = opened()
    assert again.get("k", "ann") is None
    again.erase("ann")
    assert MARK.encode() not in stored(path.parent)


def test_another_programs_database_is_left_as_it_is(
    opened: Make, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE precious (x)")
    before = path.read_bytes()
    cache = opened()
    assert "another program" in caplog.text
    cache.put("k", {"n": 1})
    assert cache.get("k") == {"n": 1}
    assert cache.erase("") == 1
    cache.close()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_made_only_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a file").write_text("")
    cache = RankCache(tmp_path / "a file" / "ranks.db")
    assert "cache.failed" in caplog.text
    cache.put("k", {"n": 1})
    assert cache.get("k") == {"n": 1}
    assert cache.erase("") == 1
    cache.close()


def test_a_folder_in_the_place_of_the_file_only_logs_but_cannot_be_erased(tmp_path: Path) -> None:
    cache = RankCache(tmp_path)
    cache.put("k", {"n": 1})
    assert cache.get("k") == {"n": 1}
    with pytest.raises(ErasureFailed, match="erase again"):
        cache.erase("")
    assert cache.get("k") is None
    cache.close()


FULL = """
import resource, sys
from pathlib import Path
from assistant.reranking.cache import RankCache
cache = RankCache(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for n in range(50):
    cache.put(str(n), {"said": "x" * 20_000})
print([cache.get(str(n)) is not None for n in range(50)] == [True] * 50)
"""


def test_a_full_disk_only_logs(path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "True"
    assert "cache.failed" in run.stderr


def test_a_file_held_by_another_process_only_logs(
    opened: Make, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = opened()
    cache.put("a", {"n": 1})
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        cache.put("b", {"n": 2})
        assert "locked" in caplog.text
        assert cache.get("a") == {"n": 1}
        assert cache.get("b") == {"n": 2}
    cache.put("c", {"n": 3})
    assert opened().get("c") == {"n": 3}


def test_an_erasure_that_another_reader_holds_up_says_so_and_can_be_repeated(
    opened: Make, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_file, "PATIENT", 10)
    cache = opened()
    cache.put("k", {"said": MARK}, "ann")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM rank_entries").fetchall()
        with pytest.raises(ErasureFailed, match="erase again"):
            cache.erase("ann")
        assert cache.get("k", "ann") is None
    cache.erase("ann")
    assert MARK.encode() not in stored(path.parent)


def test_a_file_deleted_while_in_use_is_begun_anew(opened: Make, path: Path) -> None:
    cache = opened()
    cache.put("a", {"n": 1})
    for file in path.parent.iterdir():
        file.unlink()
    cache.put("b", {"n": 2})
    assert opened().get("b") == {"n": 2}


CROWD = """
import sys
from pathlib import Path
from assistant.reranking.cache import RankCache
cache = RankCache(Path(sys.argv[1]))
for n in range(100):
    cache.put(f"{sys.argv[2]}-{n}", {"n": n}, "ann")
    found = cache.get(f"{sys.argv[2]}-{n // 2}", "ann")
    assert found == {"n": n // 2}, found
cache.close()
"""


def test_processes_that_start_at_once_share_a_new_file(path: Path) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", CROWD, str(path), str(n)], stderr=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    said = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [0] * 4, said
    cache = RankCache(path)
    if not any(said):  # a busy machine may have cost an entry, which is logged
        assert all(cache.get(f"{r}-{n}", "ann") == {"n": n} for r in range(4) for n in range(100))
        assert cache.erase("ann") == 400
    cache.close()


FORK = """
import os, sys
from pathlib import Path
from assistant.reranking.cache import RankCache
cache = RankCache(Path(sys.argv[1]))
cache.put("a", {"n": 1})
child = os.fork()
if not child:
    found = cache.get("a")
    cache.put("b", {"n": 2})
    cache.close()
    os._exit(found != {"n": 1})
assert os.waitpid(child, 0)[1] == 0
cache.put("c", {"n": 3})
print(cache.get("a"), cache.get("b"), cache.get("c"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_cache_lives_on_after_a_fork(path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FORK, str(path)], capture_output=True, text=True, check=True
    )
    assert (run.stdout.strip(), run.stderr) == ("{'n': 1} {'n': 2} {'n': 3}", "")


def test_threads_share_a_cache(opened: Make) -> None:
    cache = opened(entries=5)
    wrong: list[object] = []

    def work(name: str) -> None:
        for n in range(60):
            cache.put(str(n), {"of": name, "n": n}, name)
            found = cache.get(str(n), name)
            if found != {"of": name, "n": n}:
                wrong.append(found)
        if cache.erase(name) != 60:
            wrong.append(name)

    threads = [threading.Thread(target=work, args=(f"u{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
