"""Items that a text names by their titles."""

from __future__ import annotations

from assistant.verification.known import Known, Named
from assistant.verification.sheet import Sheet

WHOLE = 0.85  # how much of a title its own name must be
JOINS = frozenset({",", "and", "or", "&", "plus", "both"})
ITSELF = frozenset({"it", "this", "that", "them"})

_QUOTES = frozenset({'"', "“", "”", "'", "‘", "’", "«", "»"})


def own_title(sheet: Sheet, known: Known) -> None:
    """Read the item's own title wherever it stands."""
    i = 0
    while i < len(sheet):
        found = known.titles_at(sheet, i, least=WHOLE)
        if found is not None and sheet.item.id in found.items and sheet.free(i, found.end):
            if _in_person(sheet, known, i, found.end):
                i += 1
                continue
            big = sheet.tokens[i].capital or sheet.tokens[i].quoted or found.end - i > 2
            if big:
                if found.year is not None:
                    why = f"it is of {_years(sheet, known)}, not {found.year}"
                    sheet.claim(i, found.end, False, why, what="own")
                else:
                    sheet.cover(i, found.end, "own")
                i = found.end
                continue
        i += 1


def _in_person(sheet: Sheet, known: Known, start: int, end: int) -> bool:
    """Whether the words end the name of a person whom the catalogue knows."""
    people = known.vocabulary.facets.people
    names = (
        " ".join(sheet.norm(j) for j in range(first, end))
        for first in range(max(0, start - 3), start)
    )
    return any(name in people for name in names)


def _years(sheet: Sheet, known: Known) -> str:
    return ", ".join(map(str, sorted(known.years(sheet.item)))) or "no known year"


def named_at(sheet: Sheet, known: Known, i: int) -> tuple[int, Named] | None:
    """A title at a token, behind quotes, an article or a word such as "the film"."""
    j = i
    for _ in range(4):
        if not sheet.free(j):
            return None
        found = known.titles_at(sheet, j)
        if found is not None and _meant(sheet, j, found):
            return j, found
        if sheet.norm(j) in _QUOTES or sheet.norm(j) in ("the", "a", "an", "film", "movie", "book"):
            j += 1
            continue
        return None
    return None


def named_behind(sheet: Sheet, known: Known, i: int) -> tuple[int, Named] | None:
    """The title behind a verb, words such as "already" and "the film" between."""
    while i < len(sheet):
        named = named_at(sheet, known, i)
        after = sheet.words["likes.fillers"].at(sheet.tokens, i)
        if named is not None or after == i:
            return named
        i = after
    return None


def _meant(sheet: Sheet, i: int, found: Named) -> bool:
    """Whether a form that is a title is meant as one: it is written like a name, or is long."""
    if sheet.norm(i) in ITSELF and not sheet.tokens[i].capital:
        return False
    own = [t for t in sheet.tokens[i : found.end] if t.kind != "mark"]
    return any(t.capital or t.quoted or t.kind == "number" for t in own) or len(own) > 1


def closing(sheet: Sheet, i: int) -> int:
    """The token behind a closing quotation mark; the same where none stands."""
    return i + (sheet.norm(i) in _QUOTES)
