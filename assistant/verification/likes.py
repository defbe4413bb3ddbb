"""What a text says that the person liked, had or bought, held to their own events."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.verification.known import LONGEST, Known, Named
from assistant.verification.naming import JOINS, closing, named_at, named_behind
from assistant.verification.relations import alike, people
from assistant.verification.sheet import Person, Sheet
from retrieval.types import ItemId

TASTE = 2  # liked items that must share a value before it is called a taste


def read(sheet: Sheet, known: Known) -> None:
    """Read every sentence about what the person did, or did not yet."""
    _favourites(sheet, known)
    _verbs(sheet, known)
    _new(sheet)


def _favourites(sheet: Sheet, known: Known) -> None:
    """ "Your love of X", "your favourite X"."""
    for start, end in sheet.find(sheet.words["likes.noun"]):
        if sheet.norm(start - 1) in ("your", "own") or sheet.norm(start - 2) == "your":
            _objects(sheet, known, start - 1, end, "liked")


def _verbs(sheet: Sheet, known: Known) -> None:
    words = sheet.words
    for kind in ("disliked", "bought", "liked", "gave", "had"):
        for start, end in sheet.find(words[f"likes.{kind}"]):
            if not sheet.free(start, end):
                continue
            subject = _subject(sheet, start)
            if subject is None:
                continue
            who, since = subject
            if who == "you":
                if _behind(sheet, known, since, end, kind):
                    continue
                if _conditional(sheet, since):
                    alike(sheet, known, since, end)
                else:
                    _objects(sheet, known, since, end, kind)
            elif who == "people":
                people(sheet, known, since, end)
    for start, end in sheet.find(words["likes.conditional"]):
        if sheet.free(start, end):
            alike(sheet, known, start, end)
    for i in range(len(sheet)):
        if sheet.norm(i) == "fans" and sheet.norm(i + 1) == "of" and sheet.free(i, i + 2):
            people(sheet, known, i, i + 2)


def _subject(sheet: Sheet, verb: int) -> tuple[str, int] | None:
    """Whose verb it is, "you" or "people", and where the words of it begin; None for others."""
    fillers, people = sheet.words["likes.fillers"], sheet.words["likes.people"]
    i = verb - 1
    while i >= 0 and fillers.at(sheet.tokens, i) > i:
        i -= 1
    if i < 0 or not sheet.same_sentence(i, verb):
        return None
    if sheet.norm(i) == "you":
        return "you", i
    if sheet.norm(i) in ("who", "that", "whom") and people.at(sheet.tokens, i - 1) > i - 1:
        return "people", i - 1
    if people.at(sheet.tokens, i) > i:
        return "people", i
    return None


def _behind(sheet: Sheet, known: Known, you: int, end: int, kind: str) -> bool:
    """ "X, which you liked": the thing stands before; whether it is said so."""
    i = you - 1
    which = sheet.norm(i) in ("which", "that")
    i -= which
    i -= sheet.norm(i) == ","
    if not which:
        return False
    for start in range(max(0, i - LONGEST), i + 1):
        named = named_at(sheet, known, start) if sheet.tokens[start].capital else None
        found = known.titles_at(sheet, start)
        if named is None or found is None or not i <= found.end <= i + 1:
            continue
        graded = "liked" if kind == "gave" else kind
        holds, why = _did(sheet.subject.person, found.items, graded, known)
        sheet.claim(you - which, end, holds, why)
        return True
    return False


def _conditional(sheet: Sheet, you: int) -> bool:
    return sheet.norm(you - 1) in ("if", "whether", "should")


def _objects(sheet: Sheet, known: Known, since: int, start: int, kind: str) -> None:
    """The things that a person is said to have liked or had, each a claim."""
    i, first = start, True
    while i < len(sheet):
        named = named_behind(sheet, known, i) if first else named_at(sheet, known, i)
        if named is None:
            break
        begin, found = named
        if kind == "gave":
            kind = _graded(sheet, found.end)
        holds, why = _did(sheet.subject.person, found.items, kind, known)
        if found.year is not None:
            holds, why = False, f"nothing of that name is of {found.year}"
        what = f"title:{found.items[0]}"
        sheet.claim(begin, found.end, holds, why, what=what, since=since if first else -1)
        if first:
            sheet.cover(max(0, since), begin)
        first = False
        i = _stars(sheet, found, closing(sheet, found.end))
        after = sheet.skip(i, JOINS)
        if after == i:
            return
        i = after
    if first:
        _taste(sheet, known, since, start, kind)


def _graded(sheet: Sheet, end: int) -> str:
    """What "you gave X …" says: that it was liked, where a good mark follows; else that it was
    rated."""
    for i in range(end, min(end + 4, len(sheet))):
        if sheet.words["sense.high"].at(sheet.tokens, i) > i:
            return "liked"
    return "had"


def _stars(sheet: Sheet, found: Named, i: int) -> int:
    """The rating that somebody is said to have given: "you rated X 5 stars"."""
    j = i + (sheet.norm(i) in ("with", "at", "a", "as", "by", ","))
    j += sheet.norm(j) in ("a", "giving", "it")
    t = sheet.tokens[j] if j < len(sheet) else None
    if t is None or t.kind != "number" or sheet.norm(i) == ",":
        return i
    person = sheet.subject.person
    held = [v for item, v in (person.rated if person else ()) if item in found.items]
    end = j + 1
    while sheet.norm(end) in ("star", "stars", "out", "of", "/") or (
        end < len(sheet)
        and sheet.tokens[end].kind == "number"
        and sheet.norm(end - 1) in ("of", "/")
    ):
        end += 1
    why = f"you rated it {held[-1]:g}" if held else "no rating of yours is known"
    sheet.claim(j, end, bool(held) and held[-1] == t.value, why)
    return end


def _did(
    person: Person | None, items: Sequence[ItemId], kind: str, known: Known
) -> tuple[bool, str]:
    title = known.items[items[0]].title if items[0] in known.items else items[0]
    if person is None:
        return False, "nobody is named whose likes could be looked up"
    held = {
        "liked": person.liked,
        "disliked": person.disliked,
        "bought": person.bought,
        "had": person.had,
    }[kind]
    met = any(i in held for i in items)
    verb = {"liked": "liked", "disliked": "disliked", "bought": "bought", "had": "had"}[kind]
    return met, f"{'it is' if met else 'nothing is'} on record that {title} was {verb}"


def _taste(sheet: Sheet, known: Known, since: int, start: int, kind: str) -> None:
    """ "You like westerns": a value that several liked items share; else an unknown thing."""
    end = start
    while (
        end < len(sheet)
        and sheet.same_sentence(start, end)
        and sheet.norm(end) not in (",", "-", "–")
    ):
        end += 1
    person = sheet.subject.person
    i = sheet.skip(
        start,
        frozenset(
            {
                "the",
                "a",
                "an",
                "films",
                "movies",
                "books",
                "some",
                "other",
                "many",
                "of",
                "by",
                "with",
            }
        ),
    )
    if i >= end or sheet.norm(i) in (
        "it",
        "this",
        "that",
        "these",
        "so",
        "to",
        "more",
        "about",
        "in",
    ):
        return
    for stop in range(min(end, i + 5), i, -1):
        values = _values(sheet, known, i, stop)
        if not values:
            continue
        liked = [known.items[x] for x in (person.liked if person else ()) if x in known.items]
        n = max(sum(known.has(x, name, value) for x in liked) for name, value in values)
        holds = kind == "liked" and n >= TASTE
        sheet.claim(i, stop, holds, f"{n} of the items that were liked have it", since=since)
        sheet.cover(max(0, since), i)
        return
    if any(t.capital or t.quoted for t in sheet.tokens[i:end] if t.kind == "word"):
        sheet.claim(i, end, False, "nothing of that name is in the catalogue", since=since)
        sheet.cover(max(0, since), i)
    elif since >= 0 and kind in ("liked", "disliked", "bought"):
        why = "what is said of the person cannot be looked up"
        sheet.claim(since, end, False, why)


def _values(sheet: Sheet, known: Known, i: int, stop: int) -> list[tuple[str, str]]:
    facets, lexicon = known.vocabulary.facets, known.lexicon
    own = [t.norm for t in sheet.tokens[i:stop] if t.kind == "word"]
    found = [*facets.values.get(" ".join(lexicon.stem(w) for w in own), ())]
    found += facets.people.get(" ".join(own), ())
    return [(v.field, v.value) for v in found if not v.exclude]


def _new(sheet: Sheet) -> None:
    person = sheet.subject.person
    for start, end in sheet.find(sheet.words["sense.new"]):
        had = person is not None and sheet.item.id in person.had
        why = "the person had it before" if had else "nothing of it is on record for the person"
        sheet.claim(start, end, person is not None and not had, why)
