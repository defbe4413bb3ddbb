"""The tables of ``docs/benchmarks/history.md`` from what ``palate evaluate history`` told.

palate evaluate history --ratings FILE --json > films.json
python benchmarks/history.py films.json [more.json …] > tables.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MEASURES = ("ndcg@10", "recall@10", "precision@10", "map@10", "mrr@10", "hit@10")
LISTS = ("coverage@10", "gini@10", "tail_recall@10", "novelty@10", "diversity@10")
TITLES = {"user": "each history cut in its own time", "time": "all cut at one moment"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def figure(x: float | None) -> str:
    """Four decimals without the zero in front; a dash for what there is none of."""
    return "–" if x is None else f"{x:.4f}".replace("0.", ".", 1) if abs(x) < 1 else f"{x:.2f}"


def ratio(group: Mapping[str, Any], of: str = "ratio", interval: str = "interval") -> str:
    """A ratio with its interval; a dash where there is nothing to compare with."""
    if group[of] is None:
        return "–"
    low, high = group[interval]
    return f"{group[of]:.3f} ({low:.2f} to {high:.2f})"


def section(split: Mapping[str, Any], users: int) -> str:
    """The tables of one split."""
    title = TITLES[split["split"]] if split["order"] == "time" else "each history cut at random"
    systems = {"**Palate**": split["palate"], **split["peers"]}
    names = [n for n in (*MEASURES, *LISTS) if n in split["palate"]]
    chosen = {
        name: ", ".join(f"{k} {v:g}" for k, v in grid["chosen"].items())
        for name, grid in split["grids"].items()
    }
    groups = {**split["buckets"], **split["spans"]}
    if split["newcomers"] is not None:
        groups["newcomers"] = split["newcomers"]
    same, slate = split["same_filter"], split["slate"]
    parts = [
        f"### {title[0].upper()}{title[1:]}: {users:,} users\n",
        f"nDCG@10 over the best peer (`{split['best_peer']}`): **{ratio(split)}**. With everything "
        f"rated left out for the peers too: {ratio(same)} over `{same['best_peer']}`, "
        f"{figure(same['peers'][same['best_peer']])}.\n",
        table(
            ["", *names, "chosen"],
            [
                [n, *(figure(f.get(m)) for m in names), chosen.get(n, "")]
                for n, f in systems.items()
            ],
        ),
        f"The slate: nDCG@10 {figure(slate['ndcg@10'])}, "
        + ", ".join(f"{n} {figure(slate[n])}" for n in LISTS if n in slate)
        + f"; it costs {slate['accuracy_cost']:.1%} of the ranking's accuracy.\n",
        table(
            [
                *("known likes", "users", "Palate"),
                *("its best scorer", "", "over it", "best peer", "", "over it"),
            ],
            [
                [
                    name,
                    f"{g['users']:,}",
                    figure(g["palate"]),
                    figure(g["parts"].get(g["best_part"])),
                    g["best_part"] or "",
                    ratio(g, "over_part", "part_interval"),
                    figure(g["peers"][g["best_peer"]]),
                    g["best_peer"],
                    ratio(g),
                ]
                for name, g in groups.items()
            ],
        ),
    ]
    return "\n".join(parts)


def main() -> None:
    """Print the tables of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    for path in parser.parse_args().files:
        told = json.loads(path.read_text(encoding="utf-8"))
        data, seconds = told["data"], sum(told["seconds"].values())
        print(
            f"## {path.stem}\n\n{data['events']:,} events, {data['users']:,} users, "
            f"{data['items_with_events']:,} of {data['items']:,} items with events; users from "
            f"{told['at_least']} positive items; {seconds:.0f} s.\n"
        )
        for reason in told["void"]:
            print(f"**Void**: {reason}\n")
        print(section(told, told["users"]))
        if "time" in told:
            print(section(told["time"], told["time"]["users"]))


if __name__ == "__main__":
    main()
