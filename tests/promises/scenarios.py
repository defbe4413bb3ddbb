"""Written conversations laid on the same rules: their own expectations say what was demanded."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from retrieval.types import Item, ItemId
from tests.promises.check import Fault, Rule
from tests.promises.demands import amount, plain, said

Expected = Mapping[str, Any]
Slates = list[tuple[ItemId, ...]]

BOUNDS: Mapping[str, Callable[[float, float], bool]] = {
    "lt": lambda x, y: x < y,
    "lte": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "gte": lambda x, y: x >= y,
}


def faults(
    turns: Sequence[Expected], slates: Slates, items: Mapping[ItemId, Item]
) -> list[list[Fault]]:
    """The faults of each turn of one scenario.

    ``turns`` hold ``expect`` with ``all_items`` (what every item must meet), ``forbid_items``,
    ``forbid_refs`` and ``forbid_shown`` (what must not come back) and ``max_items``. What one turn
    forbids stays away later, except where a turn is to show an earlier slate again.
    """
    found: list[list[Fault]] = []
    gone: set[ItemId] = set()
    for n, (turn, slate) in enumerate(zip(turns, slates, strict=True)):
        expect = turn["expect"]
        earlier = [s for s in slates[:n] if s]
        last = earlier[-1] if earlier else ()
        gone |= {ItemId(str(i)) for i in expect.get("forbid_items", ())}
        places = [int(ref.partition("#")[2]) for ref in expect.get("forbid_refs", ())]
        gone |= {last[p - 1] for p in places if p <= len(last)}
        shown = expect.get("forbid_shown")
        gone |= set(last if shown == "previous" else sum(earlier, ()) if shown else ())
        here = [Fault(rule="repeat", detail=i) for i in slate if i in gone]
        if "same_as_turn" in expect or expect.get("slate") in ("no_new", "empty"):
            here = []
        if len(set(slate)) < len(slate):
            here.append(Fault(rule="duplicate", detail=f"{slate}"))
        if len(slate) > expect.get("max_items", 12):
            here.append(Fault(rule="too many", detail=f"{len(slate)}"))
        for id_ in slate:
            item = items.get(id_)
            if item is None or item.retired:
                here.append(Fault(rule="retired", detail=id_))
                continue
            broken = [p for p in expect.get("all_items", ()) if not _met(item, p, earlier, items)]
            rule: Rule = "constraint"
            here += [Fault(rule=rule, detail=f"{id_} breaks {p}") for p in broken]
        found.append(here)
    return found


def _met(item: Item, predicate: Expected, earlier: Slates, items: Mapping[ItemId, Item]) -> bool:
    """Whether an item is as one predicate says; a reference that leads nowhere says nothing."""
    op, wanted = predicate["op"], predicate.get("value")
    held = _held(item, predicate["field"], items)
    if isinstance(wanted, Mapping):
        wanted = _referred(wanted, earlier, items)
        if wanted is None:
            return True
    number = amount(held) if not isinstance(held, tuple) else None
    if op in BOUNDS:
        return number is not None and BOUNDS[op](number, float(wanted))
    if op == "between":
        return number is not None and wanted[0] <= number <= wanted[1]
    if op == "exists":
        return (held is not None) == (wanted is not False)
    values = set(said(held))
    asked = {plain(str(v)) for v in (wanted if isinstance(wanted, list) else [wanted])}
    if op in ("text_any", "text_none"):
        whole = " ".join(values)
        return any(v in whole for v in asked) == (op == "text_any")
    if op in ("ne", "not_in", "not_contains", "contains_none"):
        return not values & asked
    if op == "contains_all":
        return asked <= values
    same = number is not None and isinstance(wanted, int | float) and number == float(wanted)
    return same or bool(values & asked)


def _held(item: Item, field: str, items: Mapping[ItemId, Item]) -> Any:
    """A field of an item; ``text`` is its title, text and lists together, ``in_stock`` and the like
    the availability where no field of that name is held."""
    if field == "text":
        lists = (" ".join(v) for v in item.fields.values() if isinstance(v, tuple))
        facts = (f"{k.rpartition('.')[2]} {v}" for k, v in item.fields.items())
        return " | ".join((item.title, item.text, *lists, *facts))
    if field == "title":
        return item.title
    if field in item.fields:
        return item.fields[field]
    known = any(field in other.fields for other in items.values())
    return item.available if field.endswith("stock") and not known else None


def _referred(value: Expected, earlier: Slates, items: Mapping[ItemId, Item]) -> float | None:
    """The number that a reference to the last slate, or to an item, leads to; None for none."""
    ref = str(value["ref"])
    base, _, field = ref.partition(".")
    if base.startswith("item:"):
        ids: Iterable[ItemId] = (ItemId(base[5:]),)
    elif not earlier:
        return None
    elif base.startswith("slate#"):
        place = base[6:]
        at = len(earlier[-1]) if place == "last" else int(place)
        ids = earlier[-1][at - 1 : at]
    else:
        ids = earlier[-1]
        how, _, field = field.partition(".")
    known = [x for i in ids if i in items and (x := amount(items[i].fields.get(field))) is not None]
    if not known:
        return None
    fold = {"min": min, "max": max, "median": statistics.median}
    x = fold[how](known) if base == "slate" else known[0]
    return float(x) * value.get("mul", 1) + value.get("add", 0)
