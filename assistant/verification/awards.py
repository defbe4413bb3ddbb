"""Prizes. A catalogue seldom knows them; what it does not know does not hold."""

from __future__ import annotations

from assistant.understanding.fields import label_words
from assistant.verification.known import Known
from assistant.verification.sheet import Sheet
from retrieval.filters import number


def read(sheet: Sheet, known: Known) -> None:
    """Read every mention of a prize as one claim of its sentence."""
    words = sheet.words
    done: set[int] = set()
    for key in ("awards.words", "awards.signs"):
        for start, end in sheet.find(words[key]):
            sentence = sheet.sentence(start)
            if sentence.start in done or not sheet.free(start, end):
                continue
            if _claim(sheet, known, start, end):
                done.add(sentence.start)


def _claim(sheet: Sheet, known: Known, start: int, end: int) -> bool:
    stem = known.lexicon.stem
    first, last = _reach(sheet, start, end)
    span = range(first, last)
    said = {stem(sheet.norm(i)) for i in span}
    fields = [
        f
        for f in known.schema.by_role("number")
        if f.kind == "plain" and label_words(f, known.lexicon) & said
    ]
    text = sheet.text[sheet.tokens[first].start : sheet.tokens[last - 1].end]
    nominated = any(sheet.words["awards.nominated"].at(sheet.tokens, i) > i for i in span)
    denied = sheet.denied(first) or any(
        sheet.norm(i) in ("no", "not", "never", "without") for i in span
    )
    if fields and not nominated:
        held = number(sheet.item.fields.get(fields[0].name)) or 0.0
        counts = [_count(sheet, known, i) for i in span]
        wanted = next((c for c in counts if c is not None), None)
        special = any(
            sheet.norm(i) in ("best", "for") for i in range(first, min(len(sheet), last + 1))
        )
        holds = held >= 1 if wanted is None else held == wanted
        holds = (held == 0) if denied and wanted is None else holds != denied
        why = f"{fields[0].label or fields[0].name}: {held:g}"
        if special and not denied:
            holds, why = False, f"{why}; what for is not known"
        sheet.claim(first, last, holds, why, what="award")
        return True
    if _in_field(sheet, known, span) or (len(span) > 2 and known.says(sheet.item, text)):
        return False
    if (
        known.says(sheet.item, text)
        and sheet.words["awards.words"].at(sheet.tokens, start) == start
    ):
        return False  # "winning" that the item's own text has
    sheet.claim(first, last, False, "the catalogue knows no such award", what="award")
    return True


def _reach(sheet: Sheet, start: int, end: int) -> tuple[int, int]:
    """The words of the claim: from the sign of winning to the name of the prize."""
    words = sheet.words
    first, last = start, end
    sentence = sheet.sentence(start)
    for i in sentence:
        for key in ("awards.words", "awards.signs"):
            stop = words[key].at(sheet.tokens, i)
            if stop > i and sheet.free(i, stop):
                first, last = min(first, i), max(last, stop)
    while (
        first > sentence.start
        and sheet.free(first - 1)
        and (
            sheet.tokens[first - 1].kind == "number"
            or sheet.norm(first - 1)
            in (
                "no",
                "an",
                "a",
                "the",
                "any",
                "of",
                "two",
                "three",
                "four",
                "five",
                "never",
                "not",
                "won",
            )
        )
    ):
        first -= 1
    return first, last


def _count(sheet: Sheet, known: Known, i: int) -> float | None:
    t = sheet.tokens[i]
    if t.kind == "number":
        return t.value
    n = known.lexicon.numbers.get(t.norm)
    return float(n) if n is not None and t.norm != "one" else 1.0 if t.norm == "one" else None


def _in_field(sheet: Sheet, known: Known, span: range) -> bool:
    """Whether a facet of the item names the prize; then it is read as a value."""
    said = " ".join(sheet.norm(i) for i in span)
    return any(
        isinstance(v, tuple) and any(said in known.lexicon.key(x) for x in v)
        for v in sheet.item.fields.values()
    )
