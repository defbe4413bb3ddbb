"""Who is said to have made an item, acted in it or written it."""

from __future__ import annotations

from assistant.understanding.fields import label_words
from assistant.verification.known import Known
from assistant.verification.sheet import Sheet
from assistant.verification.words import Role
from retrieval.filters import fold, texts
from retrieval.types import Field, Item, ItemId

REACH = 14  # words between a role and the last name of its list
_BETWEEN = frozenset({
    "is", "are", "was", "were", "the", "a", "here", "in", "who", "also", "it",
    "that", "by", "his", "her", "has", "have", "includes", "include", "lists",
})  # fmt: skip


def read(sheet: Sheet, known: Known) -> None:
    """Read every name of a person, or of a maker behind its role, each a claim."""
    i = 0
    while i < len(sheet):
        end = _name(sheet, known, i)
        if end == i:
            i += 1
            continue
        _claim(sheet, known, i, end)
        i = end


def _name(sheet: Sheet, known: Known, i: int) -> int:
    """Where the name of a known person that begins at a token ends; ``i`` for none."""
    facets = known.vocabulary.facets
    best = i
    parts: list[str] = []
    j = i
    while j < len(sheet) and len(parts) < 6:
        t = sheet.tokens[j]
        if not sheet.free(j) or (t.kind == "mark" and t.text not in ".-'’"):
            break
        if t.kind != "mark":
            parts.append(t.norm)
            if " ".join(parts) in facets.people and (len(parts) > 1 or _lone(sheet, i)):
                best = j + 1
        j += 1
    if best > i:
        return best
    t = sheet.tokens[i]
    surname = t.capital and not t.opens and sheet.free(i) and t.norm in facets.surnames
    follows = i + 1 < len(sheet) and sheet.tokens[i + 1].capital and sheet.free(i + 1)
    leads = i > 0 and sheet.tokens[i - 1].capital and not sheet.tokens[i - 1].opens
    common = t.norm in known.lexicon.common or t.norm in facets.values
    alone = surname and not follows and not leads and not common
    return i + 1 if alone and _said_role(sheet, i, i + 1)[0] is not None else i


def _lone(sheet: Sheet, i: int) -> bool:
    """Whether one word is meant as a name: written like one, and no word that sentences need."""
    t = sheet.tokens[i]
    return t.capital and t.norm not in sheet.words.glue and not t.opens


def _claim(sheet: Sheet, known: Known, start: int, end: int) -> None:
    role, since = _said_role(sheet, start, end)
    if role is not None and since >= 0:
        sheet.cover(since, role.before.at(sheet.tokens, since))
    fields = _fields(known, role) if role else _anybody(known)
    key = " ".join(
        t.norm for t in sheet.tokens[start:end] if t.kind == "word" or t.kind == "number"
    )
    facets = known.vocabulary.facets
    values = facets.people.get(key) or facets.surnames.get(key, ())
    names = {fold(v.value) for v in values}
    met = any(names & set(_held(sheet.item, f)) for f in fields)
    elsewhere = role is None and known.says(
        sheet.item, sheet.text[sheet.tokens[start].start : sheet.tokens[end - 1].end]
    )
    holds = (met or elsewhere) != sheet.denied(since if 0 <= since < start else start)
    label = " or ".join(f.label or f.name for f in fields) or (role.name if role else "person")
    said = "; ".join(known.shown(sheet.item, f.name) for f in fields) or "nothing"
    shared = shares(sheet, known, start, [f.name for f in fields], names)
    why = f"{label}: {said}"
    if met and shared is not None:
        holds, why = False, f"{shared} does not share it"
    sheet.claim(start, end, holds, why, what="person", since=since)


def _held(item: Item, field: Field) -> tuple[str, ...]:
    held = item.fields.get(field.name)
    return () if held is None else texts(held)


def shares(sheet: Sheet, known: Known, i: int, fields: list[str], values: set[str]) -> str | None:
    """The title of an item that the sentence says shares one of the values and that does not; None
    when all do."""
    for spot in sheet.spots:
        if not spot.what.startswith("shares:") or not sheet.same_sentence(spot.start, i):
            continue
        other = known.items[ItemId(spot.what.removeprefix("shares:"))]
        twins = [o for o in known.items.values() if o.title == other.title]
        if not any(
            values & set(texts(o.fields[n])) for o in twins for n in fields if n in o.fields
        ):
            return other.title
    return None


def _anybody(known: Known) -> list[Field]:
    return [f for f in known.schema.fields if f.kind == "person"]


def _fields(known: Known, role: Role) -> list[Field]:
    """The fields that hold a role, by their labels."""
    stem = known.lexicon.stem
    wanted = {stem(w) for w in role.labels}
    return [f for f in known.schema.by_role("facet") if label_words(f, known.lexicon) & wanted]


def _said_role(sheet: Sheet, start: int, end: int) -> tuple[Role | None, int]:
    """The role that a name is given, and where its words begin; None when none is said."""
    after = end
    while sheet.norm(after) in _BETWEEN and after < end + 2:
        after += 1
    for role in sheet.words.roles:
        for i in range(end, after + 1):
            stop = role.after.at(sheet.tokens, i)
            if stop > i and sheet.norm(stop) != "by" and sheet.same_sentence(start, i):
                sheet.cover(i, stop)
                return role, -1
    for i in range(start - 1, max(-1, start - REACH), -1):
        if not sheet.same_sentence(i, start):
            break
        longest = max(
            ((role.before.at(sheet.tokens, i), n) for n, role in enumerate(sheet.words.roles)),
            key=lambda p: (p[0], -p[1]),
        )
        if longest[0] > i and _reaches(sheet, longest[0], start):
            return sheet.words.roles[longest[1]], i
    return None, -1


def _reaches(sheet: Sheet, i: int, start: int) -> bool:
    """Whether only names, commas and small words stand between a role and a name."""
    for j in range(i, start):
        t = sheet.tokens[j]
        small = t.norm in _BETWEEN or t.norm in ("and", "or", "&", ",", ":", ".", "-", "'", "’")
        if not (small or t.capital or not sheet.free(j)):
            return False
    return True
