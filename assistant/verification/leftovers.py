"""Quotations, and what nobody has read: names and words that only the item's own text can bear."""

from __future__ import annotations

from assistant.understanding.tokens import words as plain
from assistant.verification.known import Known
from assistant.verification.sheet import Sheet

_PAIRS = {'"': '"', "“": "”", "„": "“", "«": "»", "‘": "’"}
_ALIKE = 5  # letters that two forms of one word have in common at their beginning


def quotes(sheet: Sheet, known: Known) -> None:
    """Quoted words stand in the item as they are; a quoted title is read as one."""
    i = 0
    while i < len(sheet):
        closing = _PAIRS.get(sheet.tokens[i].text)
        end = (
            next(
                (
                    j
                    for j in range(i + 1, len(sheet))
                    if sheet.tokens[j].text in (closing, "”", '"')
                ),
                i,
            )
            if closing
            else i
        )
        if end <= i + 1:
            i += 1
            continue
        text = sheet.text[sheet.tokens[i].end : sheet.tokens[end].start]
        title = known.titles_at(sheet, i + 1)
        if sheet.free(i + 1, end) and not (title is not None and title.end >= end):
            holds = known.says(sheet.item, text.strip(" ….,;!?"))
            why = "it stands in the item's own words" if holds else "the item does not say this"
            sheet.claim(i, end + 1, holds != sheet.denied(i), why)
        i = end + 1


def courtesies(sheet: Sheet) -> None:
    """What is said to be kind, and the words that say that a wish is met."""
    for key in ("courtesy", "sense.fit", "sense.explored"):
        for start, end in sheet.find(sheet.words[key]):
            sheet.cover(start, end)


def titles(sheet: Sheet, known: Known) -> None:
    """The title of another item without anything that ties it to this one."""
    i = 0
    while i < len(sheet):
        found = known.titles_at(sheet, i) if sheet.free(i) else None
        if found is not None and sheet.free(i, found.end) and sheet.item.id not in found.items:
            own = [t for t in sheet.tokens[i : found.end] if t.kind != "mark"]
            named = all(t.capital or t.kind == "number" or len(t.norm) < 4 for t in own)
            text = sheet.text[own[0].start : own[-1].end]
            quoted = own[0].quoted
            if (quoted or (named and len(own) > 1 and not own[0].opens)) and not known.says(
                sheet.item, text
            ):
                sheet.claim(i, found.end, False, "that is another item")
                i = found.end
                continue
        i += 1


def rest(sheet: Sheet, known: Known) -> None:
    """Every run of words that is left: it must stand in the item, or say nothing."""
    own = known.stems(sheet.item)
    start = None
    for i in range(len(sheet) + 1):
        idle = i == len(sheet) or not sheet.free(i) or not content(sheet, known, i)
        if idle:
            if start is not None:
                _run(sheet, known, start, i, own)
            start = None
        elif start is None:
            start = i


def content(sheet: Sheet, known: Known, i: int) -> bool:
    """Whether a token states something by itself."""
    t = sheet.tokens[i]
    if t.kind == "mark":
        return False
    if t.kind == "number":
        return True
    name = t.capital and not t.opens
    glue = t.norm in sheet.words.glue or t.norm in known.label_words
    glue = glue or known.lexicon.stem(t.norm) in known.label_words
    glue = glue or t.norm in (known.schema.noun, known.schema.nouns)
    if len(t.norm) < 2:
        return False
    return name or not glue


def _run(sheet: Sheet, known: Known, start: int, end: int, own: frozenset[str]) -> None:
    missing = [i for i in range(start, end) if not borne(sheet, known, i, own)]
    text = sheet.text[sheet.tokens[start].start : sheet.tokens[end - 1].end]
    capital = [
        i for i in range(start, end) if sheet.tokens[i].capital and not sheet.tokens[i].opens
    ]
    holds = not missing
    why = "it stands in the item's own words"
    if holds and len(capital) > 1 and capital[-1] - capital[0] == len(capital) - 1:
        name = sheet.text[sheet.tokens[capital[0]].start : sheet.tokens[capital[-1]].end]
        if not known.says(sheet.item, name):
            holds, missing = False, capital
    if not holds:
        said = sheet.text[sheet.tokens[missing[0]].start : sheet.tokens[missing[-1]].end]
        why = f"nothing the catalogue holds of it says {said}"
    denied = sheet.denied(start)
    if denied:
        holds, why = False, f"nothing shows that {text} does not hold"
    sheet.claim(start, end, holds, why)


def borne(sheet: Sheet, known: Known, i: int, own: frozenset[str]) -> bool:
    """Whether the item says the word, or another form of it."""
    word = sheet.norm(i)
    stem = known.lexicon.stem(word)
    if word in own or stem in own or plain(word)[:1] == [""]:
        return True
    head = word[: max(_ALIKE, len(word) - 3)]
    return len(word) > _ALIKE and any(
        w.startswith(head) and abs(len(w) - len(word)) < 4 for w in own
    )
