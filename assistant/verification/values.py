"""Facet values, yes/no fields and stock: what an item is said to be, to have and to lack."""

from __future__ import annotations

from assistant.understanding.facets import FacetValue
from assistant.understanding.tokens import words
from assistant.verification.known import Known
from assistant.verification.people import shares
from assistant.verification.sheet import Sheet
from retrieval.filters import fold

TIES = frozenset({":", "is", "are", "the", "a", "of", "=", "comes", "in", "as", "being", "an"})
LONGEST = 6  # words of a value that are compared
ABOUT = frozenset({"about", "mentions", "of", "concerns", "tells", "speaks", "covers", "mention"})


def stock(sheet: Sheet, known: Known) -> None:
    """Whether an item is said to be in stock."""
    field = known.vocabulary.numbers.availability
    item = sheet.item
    for key, wanted in (("stock.out", False), ("stock.in", True)):
        for start, end in sheet.find(sheet.words[key]):
            if sheet.norm(start) == "gone" and start:
                continue
            said = wanted != sheet.denied(start)
            if field is None:
                sheet.claim(start, end, said, "the catalogue keeps no stock")
            else:
                state = "in stock" if item.available else "out of stock"
                sheet.claim(start, end, item.available == said, f"it is {state}")


def own(sheet: Sheet, known: Known) -> None:
    """Read the item's own values of several words as they stand, keywords among them."""
    people = {f.name for f in known.schema.fields if f.kind == "person"}
    found: dict[tuple[str, tuple[str, ...]], set[str]] = {}  # some are spelt in two ways
    for name, held in sheet.item.fields.items():
        if name in people or isinstance(held, bool | int | float):
            continue
        for value in held if isinstance(held, tuple) else (held,):
            said = words(value, known.lexicon.spelling)
            short = len(said) == 1 and said[0] not in sheet.words.glue
            if short or 1 < len(said) <= LONGEST + 2:
                found.setdefault((name, tuple(said)), set()).add(fold(value))
    for (name, parts), values in sorted(found.items(), key=lambda f: -len(f[0][1])):
        _own(sheet, known, name, values, parts)


def _own(sheet: Sheet, known: Known, name: str, values: set[str], said: tuple[str, ...]) -> None:
    for start in range(len(sheet)):
        if sheet.norm(start) != said[0] or (len(said) == 1 and _in_name(sheet, start)):
            continue
        i, n = start, 0
        while i < len(sheet) and n < len(said) and sheet.free(i):
            if sheet.tokens[i].kind != "mark":
                if sheet.norm(i) != said[n]:
                    break
                n += 1
            i += 1
        if n < len(said) or _longer(sheet, known, start, i):
            continue
        bound = _bound(sheet, known, start, i)
        if bound and name not in bound:
            continue
        facets = [f.name for f in known.schema.by_role("facet")]
        other = shares(sheet, known, start, facets, values)
        why = f"{_label(known, name)}: {known.shown(sheet.item, name)}"
        holds = not sheet.denied(start) and other is None
        sheet.claim(start, i, holds, why if other is None else f"{other} does not share it",
                    what="value")  # fmt: skip


def _in_name(sheet: Sheet, i: int) -> bool:
    """Whether a word is written as a part of a longer name."""
    near = (sheet.tokens[j] for j in (i - 1, i + 1) if 0 <= j < len(sheet))
    return sheet.tokens[i].capital and any(t.capital for t in near)


def _longer(sheet: Sheet, known: Known, start: int, end: int) -> bool:
    """Whether the words are part of a longer value that the catalogue knows."""
    places = (start - back for back in (0, 1, 2) if start >= back)
    found = ((p, _longest(sheet, known, p)[0]) for p in places)
    return any(stop >= end and (p, stop) != (start, end) and stop > start for p, stop in found)


def _bound(sheet: Sheet, known: Known, start: int, end: int) -> frozenset[str]:
    """The facets that the words beside a value name: "its colour is steel", "steel colour"."""
    i = start - 1
    while i > start - 5 and (sheet.norm(i) in TIES or sheet.norm(i) == ""):
        i -= 1
    stem, found = known.lexicon.stem, set()
    for place in (i, end):
        if place == start - 1:
            continue  # nothing ties it to the value
        if not (0 <= place < len(sheet)) or not sheet.same_sentence(place, start):
            continue
        word = stem(sheet.norm(place))
        for f in known.schema.by_role("facet"):
            if f.kind == "plain" and word in known.labels_of(f.name):
                found.add(f.name)
        if found:
            break
    return frozenset(found)


def read(sheet: Sheet, known: Known) -> None:
    """Read every value of a closed facet and every flag, each a claim."""
    i = 0
    while i < len(sheet):
        end, values = _longest(sheet, known, i)
        if end == i:
            i += 1
            continue
        _claim(sheet, known, i, end, values)
        i = end


def _longest(sheet: Sheet, known: Known, i: int) -> tuple[int, tuple[FacetValue, ...]]:
    facets, lexicon = known.vocabulary.facets, known.lexicon
    best: tuple[int, tuple[FacetValue, ...]] = (i, ())
    parts: list[str] = []
    j = i
    while j < len(sheet) and len(parts) < LONGEST and sheet.free(j):
        t = sheet.tokens[j]
        if t.kind == "mark":
            if t.text not in "-/&'’+" or not parts:
                break
        else:
            parts.append(lexicon.stem(t.norm))
            held = facets.values.get(" ".join(parts), ())
            # A keyword is read with the rest; one that is written like a name is a value.
            name = t.capital and not sheet.tokens[i].opens
            found = tuple(v for v in held if not v.loose or name)
            if found and _speaks(sheet, known, i, j + 1, found):
                best = (j + 1, found)
        j += 1
    return best


def _speaks(sheet: Sheet, known: Known, i: int, end: int, values: tuple[FacetValue, ...]) -> bool:
    """Whether words are meant as a value: not a word that every sentence has, nor the noun of the
    whole catalogue."""
    if end - i > 1:
        return True
    word, t = sheet.norm(i), sheet.tokens[i]
    own = {known.schema.noun.casefold(), known.schema.nouns.casefold()}
    if word in own or known.lexicon.stem(word) in own:
        return False
    measured = any(f.name in sheet.item.fields for f in known.labelled(word))
    if measured and not any(v.field in sheet.item.fields for v in values):
        return False  # the battery of a thing that holds for so many hours
    if all(v.synonym or v.part for v in values):
        if known.lexicon.stem(word) in known.label_words:
            return False
        return word not in sheet.words.glue and word not in known.lexicon.stop
    plain = word in sheet.words.glue and not (t.capital and not t.opens)
    labelled = sheet.norm(i - 1) in (":", "is") and plain
    return not plain or labelled


def _claim(
    sheet: Sheet, known: Known, start: int, end: int, values: tuple[FacetValue, ...]
) -> None:
    item = sheet.item
    bound = _bound(sheet, known, start, end)
    values = tuple(v for v in values if v.field in bound or not bound)
    if not values:
        why = "; ".join(f"{_label(known, f)}: {known.shown(item, f)}" for f in sorted(bound))
        sheet.claim(start, end, False, why, what="value")
        return
    own = [v for v in values if not v.synonym] or list(values)
    met = any(_holds(sheet, known, v) for v in values)
    fields = list(dict.fromkeys(v.field for v in own))
    said = sheet.text[sheet.tokens[start].start : sheet.tokens[end - 1].end]
    denied = sheet.denied(start)
    about = any(sheet.norm(j) in ABOUT for j in range(max(0, start - 3), start))
    stated = any(f in item.fields for f in fields)
    loose = all(v.loose for v in own)
    text = not met and not denied and (about or loose or not stated) and not own[0].flag
    holds = met or (text and known.says(item, said))
    holds = holds != denied
    if denied and not any(f in item.fields for f in fields) and own[0].flag:
        holds = False
    label = " or ".join(_label(known, f) for f in fields)
    why = f"{label}: {'; '.join(known.shown(item, f) for f in fields)}"
    other = shares(sheet, known, start, fields, {fold(v.value) for v in own}) if met else None
    if other is not None:
        holds, why = False, f"{other} does not share it"
    sheet.claim(start, end, holds, why, what="value")


def _holds(sheet: Sheet, known: Known, v: FacetValue) -> bool:
    return known.has(sheet.item, v.field, v.value) != v.exclude


def _label(known: Known, name: str) -> str:
    field = known.schema.find(name)
    return field.label or name if field else name
