"""The dashboard's plots and its CSV."""

from __future__ import annotations

import csv
import io
from datetime import date
from xml.dom.minidom import parseString

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insight import Day, Figures, StageTime, Unmet
from ui import plots
from ui.tables import TABLES, to_csv

FIGURES = Figures(
    turns=5,
    conversations=2,
    visitors=1,
    slates=4,
    accepted=1,
    taken_up=2,
    degraded=1,
    no_match=1,
    days=(
        Day(day=date(2026, 3, 2), turns=5, slates=4, accepted=1, taken_up=2, degraded=1),
        Day(day=date(2026, 3, 3)),
    ),
    stages=(StageTime(stage="understand", turns=5, median=0.001, p95=0.25),),
    fallen_back=(("rerank", 1),),
    unmet=(
        Unmet(
            message='=HYPERLINK("https://outside.example")',
            times=2,
            visitors=1,
            wants=("price under 5", "@SUM(A1)"),
            last=1_772_442_000.0,
        ),
    ),
)


def rows(table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(FIGURES, table))))  # type: ignore[arg-type]


def test_every_table_has_its_header_and_its_rows() -> None:
    assert rows("summary")[1] == [
        *("5", "2", "1", "4", "1", "2"),
        *("0.250000", "0.500000", "0.200000", "1"),
    ]
    assert rows("days")[1:] == [
        ["2026-03-02", "5", "4", "1", "2", "1", "0.250000", "0.500000"],
        ["2026-03-03", "0", "0", "0", "0", "0", "", ""],
    ]
    assert rows("stages")[1] == ["understand", "5", "0.001000", "0.250000"]
    assert rows("degraded")[1] == ["rerank", "1"]
    assert all(len({len(row) for row in rows(table)}) == 1 for table in TABLES)


def test_no_cell_is_run_by_a_spreadsheet() -> None:
    (_, cells) = rows("unmet")
    assert cells[0].startswith("'=HYPERLINK")
    assert cells[3:] == ["price under 5; @SUM(A1)", "2026-03-02T09:00:00+00:00"]


def test_no_figures_give_headers_alone() -> None:
    for table in TABLES:
        count = len(list(csv.reader(io.StringIO(to_csv(Figures(), table)))))
        assert count == (2 if table == "summary" else 1)


HOSTILE = "<script>alert(1)</script>\" onload='x"


@pytest.mark.parametrize(
    "drawn",
    [
        plots.bars([HOSTILE] * 3, [1, 0, 7], HOSTILE),
        plots.bars([], [], "empty"),
        plots.rates([HOSTILE, "b"], [plots.Line(name=HOSTILE, values=[0.5, None])], HOSTILE),
        plots.rates([], [], "empty"),
        plots.spans([(HOSTILE, 0.1, 0.2), ("zero", 0.0, 0.0)], HOSTILE),
        plots.spans([], "empty"),
    ],
)
def test_a_plot_is_one_svg_without_scripts_styles_or_addresses(drawn: str) -> None:
    document = parseString(drawn).documentElement
    assert document is not None
    assert (document.tagName, document.getAttribute("role")) == ("svg", "img")
    names = {node.tagName for node in document.getElementsByTagName("*")}
    assert names <= {"rect", "text", "title", "line", "polyline", "circle"}
    assert "style=" not in drawn
    assert "http" not in drawn


def test_bars_are_as_high_as_their_counts() -> None:
    document = parseString(plots.bars(["a", "b", "c"], [10, 0, 5], "x")).documentElement
    assert document is not None
    heights = [float(r.getAttribute("height")) for r in document.getElementsByTagName("rect")]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)


@pytest.mark.parametrize(
    ("most", "end"), [(0.0, "10%"), (0.1, "10%"), (0.11, "20%"), (0.5, "60%"), (0.61, "100%")]
)
def test_the_scale_of_shares_ends_where_they_fit(most: float, end: str) -> None:
    drawn = plots.rates(["a", "b"], [plots.Line(name="x", values=[most, None])], "x")
    assert f">{end}</text>" in drawn
    (dot,) = parseString(drawn).getElementsByTagName("circle")
    assert plots.TOP <= float(dot.getAttribute("cy")) <= plots.HEIGHT - plots.BOTTOM


@given(st.integers(0, 10**9))
def test_a_scale_ends_in_a_round_number_that_is_enough_and_not_too_much(most: int) -> None:
    end = plots.nice(most)
    assert end // 2 * 2 == end
    assert str(end).rstrip("0") in {"1", "2", "4", "6", "8", "12", "16"}
    assert most <= end <= max(2, most * 2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0.0 ms"), (0.0004, "0.4 ms"), (0.035, "35 ms"), (0.9999, "1.0 s"), (2.14, "2.1 s")],
)
def test_a_duration_is_said_in_fit_units(seconds: float, said: str) -> None:
    assert plots.duration(seconds) == said
