"""Files as people have them: they work, or give one clear line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retrieval.datasets.files import events_beside, open_catalog, open_events
from retrieval.datasets.movielens import natural
from retrieval.datasets.source import Row, Rows, Source
from retrieval.errors import UnreadableFile
from tests.shared import shared_path


def rows_of(source: Source) -> list[Row]:
    return list(source.rows(lambda _done, _total: None))


def write(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_content(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "title", "note"], ["1", "A", "x"], ["2", "B", "y"]]
    path = write(tmp_path, "t.csv", "\n".join(delimiter.join(line) for line in lines))
    source = open_catalog(path)
    assert source.columns == ("id", "title", "note")
    assert [dict(r.values) for r in rows_of(source)] == [
        {"id": "1", "title": "A", "note": "x"},
        {"id": "2", "title": "B", "note": "y"},
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_accents_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "id,title\n1,Café Müller\n2,Amélie à la mer\n"
    path = write(tmp_path, "t.csv", text, encoding)
    assert [r.values["title"] for r in rows_of(open_catalog(path))] == [
        "Café Müller",
        "Amélie à la mer",
    ]


def test_an_accent_late_in_a_latin_file_is_read_too(tmp_path: Path) -> None:
    text = "id,title\n" + "".join(f"{i},Plain title {i}\n" for i in range(90_000)) + "x,Café\n"
    path = write(tmp_path, "t.csv", text, "latin-1")
    assert rows_of(open_catalog(path))[-1].values["title"] == "Café"


def test_a_few_bad_bytes_cost_their_own_rows_only(tmp_path: Path) -> None:
    content = "id,title\n1,Café\n2,Müller\n".encode() + b"3,Br\xff\xfeken\n" + "4,Ünder\n".encode()
    found = rows_of(open_catalog(write(tmp_path, "t.csv", content)))
    assert [r.problem for r in found] == ["", "", "bad_encoding", ""]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(tmp_path: Path, end: str) -> None:
    path = write(tmp_path, "t.csv", end.join(("id,title", "1,A", "2,B", "")))
    assert [r.values["id"] for r in rows_of(open_catalog(path))] == ["1", "2"]


def test_rows_carry_the_line_where_they_start_and_blank_lines_count_as_records(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "t.csv", 'id,title\n1,"two\nlines"\n\n2,B,extra\n3\n4,D\n')
    found = rows_of(open_catalog(path))
    assert [(r.line, r.record, r.problem) for r in found] == [
        (2, 1, ""),
        (4, 2, "blank_line"),
        (5, 3, "too_many_columns"),
        (6, 4, "too_few_columns"),
        (7, 5, ""),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    body = "".join(f"{i},Title {i}\n" for i in range(5000))
    path = write(tmp_path, "t.csv", f'id,title\n0,"Never closed\n{body}')
    found = rows_of(open_catalog(path))
    assert [r.problem for r in found if r.problem] == ["unclosed_quote"]
    assert len(found) == 5001
    assert found[-1].line == 5002


def test_a_huge_cell_and_a_huge_line_cost_their_own_rows_only(tmp_path: Path) -> None:
    content = f"id,title\n1,{'x' * 200_000}\n2,{'y' * 9_000_000}\n3,C\n"
    found = rows_of(open_catalog(write(tmp_path, "t.csv", content)))
    assert [(r.line, r.problem) for r in found] == [(2, "huge_cell"), (3, "huge_row"), (4, "")]
    assert all(len(cell) < 300_000 for r in found for cell in r.raw)


def test_broken_lines_of_jsonl_are_marked_and_the_rest_is_read(tmp_path: Path) -> None:
    text = '{"id": 1}\n{"id": 2\n[3]\n\n"four"\n{"id": NaN, "t": "x"}\nnull\n{"id": 5}'
    found = rows_of(open_catalog(write(tmp_path, "t.jsonl", text)))
    assert [r.problem for r in found] == [
        "",
        "broken_json",
        "not_an_object",
        "blank_line",
        "not_an_object",
        "",
        "broken_json",
        "",
    ]
    assert found[5].values == {"id": None, "t": "x"}
    assert [r.line for r in found] == list(range(1, 9))


def test_parquet_is_read_with_its_nested_columns(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "tags": [["a"], []], "more": [{"x": 1}, {"x": None}]})
    pq.write_table(table, tmp_path / "t.parquet")
    source = open_catalog(tmp_path / "t.parquet")
    assert source.columns == ("id", "tags", "more")
    assert dict(rows_of(source)[0].values) == {"id": 1, "tags": ["a"], "more": {"x": 1}}


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), tmp_path / "really_parquet.csv")
    assert rows_of(open_catalog(tmp_path / "really_parquet.csv"))[0].values == {"id": 1}
    path = write(tmp_path, "really_jsonl.csv", '{"id": 1}\n')
    assert rows_of(open_catalog(path))[0].values == {"id": 1}


HTML = "<!DOCTYPE html><html><body>Not found</body></html>"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        ("a.csv", gzip.compress(b"id,title\n1,A\n", mtime=0), "gzip"),
        ("a.xlsx", b"PK\x03\x04" + bytes(50), "Excel"),
        ("a.csv", "", "is empty"),
        ("a.csv", " \n\n ", "white space"),
        ("a.jsonl", HTML, "web page"),
        ("a.csv", HTML, "web page"),
        ("a.json", '[{"id": 1}]', "JSON array"),
        ("a.json", '{\n  "id": 1\n}', "one JSON document"),
        ("a.jsonl", '{"id": 1\n{"id": 2\n', "no line holds a whole JSON object"),
        ("a.jsonl", "some words\nand more\n", "no line holds a whole JSON object"),
        ("a.csv", "just one column\n1\n2\n", "one column only"),
        ("a.csv", "1,31,2.5,1260759144\n1,1029,3.0,1260759179\n", "no header"),
        ("a.csv", "id,title,title\n1,A,B\n", 'two columns called "title"'),
        ("a.csv", "\nid,title\n1,A\n", "blank line"),
        ("a.parquet", "id,title\n1,A\n", "not a Parquet file"),
        ("a.parquet", b"PAR1" + bytes(40), "not a whole Parquet file"),
    ],
)
def test_a_file_that_is_not_what_it_claims_gives_one_clear_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(UnreadableFile) as error:
        rows_of(open_catalog(path))
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert name in str(error.value)


def test_a_missing_file_and_a_foreign_folder_give_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="does not exist"):
        open_catalog(tmp_path / "none.csv")
    with pytest.raises(UnreadableFile, match=r"without movies\.csv"):
        open_catalog(tmp_path)
    with pytest.raises(UnreadableFile, match=r"without ratings\.csv"):
        open_events(tmp_path)


def test_a_parquet_file_that_breaks_off_says_where(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"id": list(range(5000)), "t": [f"title {i}" for i in range(5000)]}), path
    )
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + bytes(2000) + whole[2200:])
    with pytest.raises(UnreadableFile, match=r"t\.parquet breaks off after row"):
        rows_of(open_catalog(path))


def test_a_movielens_folder_gives_films_with_years_genres_tags_and_its_ratings(
    tmp_path: Path,
) -> None:
    write(
        tmp_path,
        "movies.csv",
        "movieId,title,genres\n"
        '1,"Long Night, The (1947)",Drama|Crime\n'
        "2,No Year Known,(no genres listed)\n",
    )
    write(
        tmp_path, "tags.csv", "userId,movieId,tag,timestamp\n1,1,Moody,5\n2,1,moody,6\n2,1,slow,7\n"
    )
    write(tmp_path, "ratings.csv", "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n")
    found = [dict(r.values) for r in rows_of(open_catalog(tmp_path))]
    assert found[0] == {
        "movieId": "1",
        "title": "The Long Night",
        "year": 1947,
        "genres": ["Drama", "Crime"],
        "tags": ["moody", "slow"],
    }
    assert (found[1]["title"], found[1]["year"], found[1]["genres"]) == ("No Year Known", None, [])
    beside = events_beside(tmp_path)
    assert beside is not None
    assert len(rows_of(beside)) == 1


def test_the_real_movielens_folder_is_read(tmp_path: Path) -> None:
    folder = shared_path("data", "films", "ml-latest-small")
    found = rows_of(open_catalog(folder))
    assert len(found) == 9742
    assert not [r for r in found if r.problem]
    assert found[0].values["title"] == "Toy Story"
    assert sum(r.values["year"] is not None for r in found) > 9700


def test_articles_go_back_to_the_front() -> None:
    assert natural("Cité des enfants perdus, La") == "La Cité des enfants perdus"
    assert natural("Postman, The (Postino, Il)") == "The Postman (Postino, Il)"
    assert natural("Good, the Bad and the Ugly, The") == "The Good, the Bad and the Ugly"
    assert natural("Yes, Minister") == "Yes, Minister"


def test_rows_made_in_memory_are_a_source_that_can_be_read_again() -> None:
    source = Rows("films", lambda: enumerate([{"id": 1}, {"id": 2}], start=1), total=2)
    assert [(r.line, r.record, dict(r.values)) for r in rows_of(source)] == [
        (1, 1, {"id": 1}),
        (2, 2, {"id": 2}),
    ]
    assert rows_of(source) == rows_of(source)


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "id,title\n" + "".join(f"{i},T\n" for i in range(2000)))
    calls: list[tuple[int, int | None]] = []
    list(open_catalog(path).rows(lambda done, total: calls.append((done, total))))
    size = path.stat().st_size
    assert calls[-1] == (size, size)
    assert [d for d, _ in calls] == sorted(d for d, _ in calls)
