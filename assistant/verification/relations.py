"""How an item is tied to others: "close to X", "if you liked X", "12 people who liked X".

Each is held to what was measured: the cosine of two items, the number of people who like both.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.verification.known import Known
from assistant.verification.leftovers import borne, content
from assistant.verification.naming import ITSELF, JOINS, closing, named_at, named_behind
from assistant.verification.sheet import Sheet
from retrieval.filters import texts
from retrieval.types import Item, ItemId

CLOSE = 0.45  # cosine from which two items are said to be close
LIFT = 1.0  # below that, liking one speaks against the other


def near(sheet: Sheet, known: Known, items: Sequence[ItemId]) -> tuple[bool, str]:
    """Whether the item is close to one of these: in meaning, or by the people who like both."""
    here = [i for i in items if i in known.items]
    if not here:
        return False, "nothing of that name is in the catalogue"
    cosine = float(known.similarity([sheet.item.id], here).max())
    support, lift = max(known.together(i, sheet.item.id) for i in here)
    holds = cosine >= CLOSE or (support >= known.k_anonymity and lift >= 2 * LIFT)
    return holds, f"measured likeness {cosine:.2f}"


def people(sheet: Sheet, known: Known, since: int, start: int) -> None:
    """ "12 people who liked X also liked this"."""
    named = named_behind(sheet, known, start)
    end = start
    while end < len(sheet) and sheet.same_sentence(since, end):
        end += 1
    if named is None:
        return  # "people love it" is read with what is left
    _, found = named
    counts = [n for n in range(max(0, since - 4), since) if sheet.same_sentence(n, since)]
    said = next((n for n in reversed(counts) if sheet.tokens[n].kind == "number"), None)
    pairs = [known.together(other, sheet.item.id) for other in found.items]
    support, lift = max(pairs)
    if said is not None:
        value = sheet.tokens[said].value
        holds = any(n == value for n, _ in pairs) and support >= known.k_anonymity
        over = sheet.words["sense.over"].before(sheet.tokens, said) < said
        holds = holds or (over and value is not None and support > value >= known.k_anonymity)
    else:
        holds = support >= known.k_anonymity and lift >= LIFT
    first = since if said is None else said
    tail = _also(sheet, found.end, end)
    why = (
        f"{support} people like both"
        if support >= known.k_anonymity
        else "too few people like both"
    )
    sheet.claim(first, tail, holds, why, what=f"title:{found.items[0]}")


def _also(sheet: Sheet, i: int, end: int) -> int:
    """Where "also liked this" ends behind a title; the title's own end where it does not come."""
    for j in range(i, min(end, i + 9)):
        if sheet.norm(j) in ITSELF or sheet.norm(j) == "one":
            return j + 1
    return closing(sheet, i)


def alike(sheet: Sheet, known: Known, since: int, start: int) -> None:
    """ "If you liked X" promises that the item is like X."""
    named = named_behind(sheet, known, start)
    if named is None:
        return
    begin, found = named
    holds, why = near(sheet, known, found.items)
    sheet.claim(begin, found.end, holds, why, what=f"title:{found.items[0]}", since=since)
    sheet.cover(max(0, since), begin)


def read(sheet: Sheet, known: Known) -> None:
    """ "Similar to X" is measured; "like X" behind a fact says that X shares it, and is read with
    the facts."""
    for start, end in sheet.find(sheet.words["similar.near"]):
        named = named_at(sheet, known, end)
        if named is None:
            continue
        begin, found = named
        holds, why = near(sheet, known, found.items)
        sheet.claim(begin, found.end, holds, why, what=f"title:{found.items[0]}", since=start)
        sheet.cover(start, begin)
        _more(sheet, known, found.end)
    for start, end in sheet.find(sheet.words["similar.like"]):
        i = end
        named = named_at(sheet, known, i)
        if named is None or not sheet.free(start, end):
            continue
        begin, found = named
        sheet.cover(start, begin)
        sheet.cover(begin, found.end, f"shares:{found.items[0]}")


def _more(sheet: Sheet, known: Known, i: int) -> None:
    while True:
        j = sheet.skip(closing(sheet, i), JOINS)
        named = named_at(sheet, known, j) if j > i else None
        if named is None:
            return
        begin, found = named
        holds, why = near(sheet, known, found.items)
        sheet.claim(begin, found.end, holds, why, what=f"title:{found.items[0]}")
        i = found.end


def _values(item: Item) -> frozenset[str]:
    """What the facets of an item hold, folded."""
    held = (v for v in item.fields.values() if isinstance(v, str | tuple))
    return frozenset(text for value in held for text in texts(value))


def settle(sheet: Sheet, known: Known) -> None:
    """ "Like X" where no fact of the sentence could be shared: then the likeness is measured."""
    for spot in [s for s in sheet.spots if s.what.startswith("shares:")]:
        sentence = sheet.sentence(spot.start)
        if any(s.start in sentence for s in sheet.spots if s.what in ("person", "value", "number")):
            continue
        other = ItemId(spot.what.removeprefix("shares:"))
        tied = {
            i
            for s in sheet.spots
            if s.what.partition(":")[0] in ("title", "own", "shares", "than")
            for i in range(s.start, s.end)
        }
        said = [i for i in sentence if i < spot.start and i not in tied]
        own = [i for i in said if content(sheet, known, i)]
        both = _values(sheet.item) & _values(known.items[other])
        shared = [i for i in said if sheet.norm(i) in both]
        holds, why = near(sheet, known, (other,))
        if shared and not own:  # a value that sentences are made of as well: "love, like X"
            holds, why = True, f"{known.items[other].title} has it too"
        if own:
            holds = all(borne(sheet, known, i, known.stems(known.items[other])) for i in own)
            why = f"{known.items[other].title} {'says' if holds else 'does not say'} it too"
        sheet.claim(spot.start, spot.end, holds, why)
