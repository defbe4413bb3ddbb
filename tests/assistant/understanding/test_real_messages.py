"""The labelled messages beside the checkout, read over the real catalogues, against a floor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.schema import infer, with_derived
from retrieval.study import Study
from retrieval.types import Item, ItemId, Schema, Value
from retrieval.values import Raw, flatten
from tests.assistant.understanding.worlds import parse_rows
from tests.shared import shared_path

DERIVED = {"n_ratings": 0.9, "mean_rating": 0.9, "n_events": 0.9}


def _catalogue(path: Path) -> tuple[Schema, list[Item]]:
    rows = [flatten(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    study = Study()
    for row in rows:
        study.add(row)
    layout = infer(study, {}, origin=path.name)
    return with_derived(layout.schema, DERIVED, {}), [_item(r, layout.schema) for r in rows]


def _item(row: dict[str, Raw], schema: Schema) -> Item:
    fields: dict[str, Value] = {}
    parts: dict[str, list[str]] = {"id": [], "title": [], "text": []}
    for f in schema.fields:
        value = row.get(f.name)
        if value is None or f.role == "ignore":
            continue
        if f.role in ("id", "title", "text"):
            parts[f.role].append(str(value))
        else:
            fields[f.name] = tuple(str(v) for v in value) if isinstance(value, list) else value
    return Item(
        id=ItemId(parts["id"][0]),
        title=parts["title"][0],
        text=" ".join(parts["text"]),
        fields=fields,
    )


@cache
def _read(domain: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    schema, items = _catalogue(shared_path("data", domain, "catalog.jsonl"))
    lines = shared_path("scenarios", "nlu_dev.jsonl").read_text("utf-8").splitlines()
    rows = [r for r in map(json.loads, lines) if r["domain"] == domain]
    engine = RulesEngine(Vocabulary.build(schema, items))
    parses = parse_rows(rows, engine, items)
    return [(row["gold"], parsed) for row, parsed in zip(rows, parses, strict=True)]


def _facts(parse: dict[str, Any], names: Iterable[str]) -> set[tuple[str, ...]]:
    """Everything a parse says under these names, as comparable tuples."""
    found: set[tuple[str, ...]] = set()
    for name in names:
        value = parse.get(name) or {}
        if isinstance(value, list):
            found |= {(name, json.dumps(v, sort_keys=True)) for v in value}
            continue
        for key, inner in value.items():
            pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
            for side, v in pairs:
                said = (
                    f"{v:g}" if isinstance(v, int | float) and not isinstance(v, bool) else str(v)
                )
                found.add((name, key, side if isinstance(side, str) else "", said.casefold()))
    return found


def _f1(domain: str, *names: str) -> float:
    right = wrong = missed = 0
    for gold, parse in _read(domain):
        wanted, got = _facts(gold, names), _facts(parse, names)
        right += len(wanted & got)
        wrong += len(got - wanted)
        missed += len(wanted - got)
    return 2 * right / (2 * right + wrong + missed)


@pytest.mark.parametrize("domain", ["films", "shop"])
def test_acts_links_and_constraints_of_real_messages_are_read(domain: str) -> None:
    pairs = _read(domain)
    assert sum(gold["act"] == parse["act"] for gold, parse in pairs) >= 0.9 * len(pairs)
    assert _f1(domain, "liked", "disliked", "seen", "reference") >= 0.9
    assert _f1(domain, "include", "exclude", "ranges") >= 0.9
    assert _f1(domain, "relative") >= 0.9
