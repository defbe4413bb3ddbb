"""What a text says of people and other items: "you liked X", "close to X", "12 people who liked X".

Each is held to what was measured: the person's own events, the cosine of two items, the number of
people who like both.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.verification.known import Known, Named
from assistant.verification.sheet import Person, Sheet
from retrieval.types import ItemId

CLOSE = 0.45  # cosine from which two items are said to be close
SUPPORT = 5  # people who must like both before that is said
LIFT = 1.0  # below that, liking one speaks against the other
TASTE = 2  # liked items that must share a value before it is called a taste

_JOIN = frozenset({",", "and", "or", "&", "plus", "both"})
_QUOTES = frozenset({'"', "“", "”", "'", "‘", "’", "«", "»"})
_ITSELF = frozenset({"it", "this", "that", "them"})


def read(sheet: Sheet, known: Known) -> None:
    """Read every sentence that ties the item to a person or to other items."""
    _favourites(sheet, known)
    _verbs(sheet, known)
    _near(sheet, known)
    _new(sheet)


def own_title(sheet: Sheet, known: Known) -> None:
    """Read the item's own title wherever it stands."""
    own = [t.norm for t in sheet.tokens]
    wanted = known.vocabulary.titles
    i = 0
    while i < len(sheet):
        found = known.titles_at(sheet, i)
        if found is not None and sheet.item.id in found.items and sheet.free(i, found.end):
            big = sheet.tokens[i].capital or sheet.tokens[i].quoted or found.end - i > 2
            if big and wanted.exact(" ".join(w for w in own[i : found.end] if w.isalnum() or "'" in w)):
                if found.year is not None:
                    why = f"it is of {_years(sheet, known)}, not {found.year}"
                    sheet.claim(i, found.end, False, why, what="own")
                else:
                    sheet.cover(i, found.end, "own")
                i = found.end
                continue
        i += 1


def _years(sheet: Sheet, known: Known) -> str:
    return ", ".join(map(str, sorted(known.years(sheet.item)))) or "no known year"


# --- what the person did


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
                if _conditional(sheet, since):
                    _alike(sheet, known, since, end)
                else:
                    _objects(sheet, known, since, end, kind)
            elif who == "people":
                _people(sheet, known, since, end)
    for start, end in sheet.find(words["likes.conditional"]):
        if sheet.free(start, end):
            _alike(sheet, known, start, end)
    for i in range(len(sheet)):
        if sheet.norm(i) == "fans" and sheet.norm(i + 1) == "of" and sheet.free(i, i + 2):
            _people(sheet, known, i, i + 2)


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


def _conditional(sheet: Sheet, you: int) -> bool:
    return sheet.norm(you - 1) in ("if", "whether", "should")


def _objects(sheet: Sheet, known: Known, since: int, start: int, kind: str) -> None:
    """The things that a person is said to have liked or had, each a claim."""
    i, first = start, True
    while i < len(sheet):
        named = _first(sheet, known, i) if first else named_at(sheet, known, i)
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
        i = _stars(sheet, known, found, _closing(sheet, found.end))
        after = sheet.skip(i, _JOIN)
        if after == i:
            return
        i = after
    if first:
        _taste(sheet, known, since, start, kind)


def _first(sheet: Sheet, known: Known, i: int) -> tuple[int, Named] | None:
    """The title behind a verb, words such as "already" and "the film" between."""
    while i < len(sheet):
        named = named_at(sheet, known, i)
        after = sheet.words["likes.fillers"].at(sheet.tokens, i)
        if named is not None or after == i:
            return named
        i = after
    return None


def _graded(sheet: Sheet, end: int) -> str:
    """What "you gave X …" says: that it was liked, where a good mark follows; else that it was
    rated."""
    for i in range(end, min(end + 4, len(sheet))):
        if sheet.words["sense.high"].at(sheet.tokens, i) > i:
            return "liked"
    return "had"


def _stars(sheet: Sheet, known: Known, found: Named, i: int) -> int:
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
        end < len(sheet) and sheet.tokens[end].kind == "number" and sheet.norm(end - 1) in ("of", "/")
    ):
        end += 1
    why = f"you rated it {held[-1]:g}" if held else "no rating of yours is known"
    sheet.claim(j, end, bool(held) and held[-1] == t.value, why)
    return end


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


def _meant(sheet: Sheet, i: int, found: Named) -> bool:
    """Whether a form that is a title is meant as one: it is written like a name, or is long."""
    if sheet.norm(i) in _ITSELF and not sheet.tokens[i].capital:
        return False
    own = [t for t in sheet.tokens[i : found.end] if t.kind != "mark"]
    return any(t.capital or t.quoted or t.kind == "number" for t in own) or len(own) > 1


def _closing(sheet: Sheet, i: int) -> int:
    return i + (sheet.norm(i) in _QUOTES)


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
    while end < len(sheet) and sheet.same_sentence(start, end) and sheet.norm(end) not in (",", "-", "–"):
        end += 1
    person = sheet.subject.person
    i = sheet.skip(start, frozenset({"the", "a", "an", "films", "movies", "books", "some", "other", "many", "of", "by", "with"}))
    if i >= end or sheet.norm(i) in ("it", "this", "that", "these", "so", "to", "more", "about", "in"):
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


# --- what others did, and how near two items are


def _people(sheet: Sheet, known: Known, since: int, start: int) -> None:
    """ "12 people who liked X also liked this"."""
    named = _first(sheet, known, start)
    end = start
    while end < len(sheet) and sheet.same_sentence(since, end):
        end += 1
    if named is None:
        return  # "people love it" is read with what is left
    begin, found = named
    counts = [n for n in range(max(0, since - 4), since) if sheet.same_sentence(n, since)]
    said = next((n for n in reversed(counts) if sheet.tokens[n].kind == "number"), None)
    pairs = [known.together(other, sheet.item.id) for other in found.items]
    support, lift = max(pairs)
    if said is not None:
        value = sheet.tokens[said].value
        holds = any(n == value for n, _ in pairs) and support >= SUPPORT
        over = sheet.words["sense.over"].before(sheet.tokens, said) < said
        holds = holds or (over and value is not None and support > value >= SUPPORT)
    else:
        holds = support >= SUPPORT and lift >= LIFT
    first = since if said is None else said
    tail = _also(sheet, found.end, end)
    why = f"{support} people like both" if support >= SUPPORT else "too few people like both"
    sheet.claim(first, tail, holds, why, what=f"title:{found.items[0]}")


def _also(sheet: Sheet, i: int, end: int) -> int:
    """Where "also liked this" ends behind a title; the title's own end where it does not come."""
    for j in range(i, min(end, i + 9)):
        if sheet.norm(j) in _ITSELF or sheet.norm(j) == "one":
            return j + 1
    return _closing(sheet, i)


def _alike(sheet: Sheet, known: Known, since: int, start: int) -> None:
    """ "If you liked X" promises that the item is like X."""
    named = _first(sheet, known, start)
    if named is None:
        return
    begin, found = named
    holds, why = near(sheet, known, found.items)
    sheet.claim(begin, found.end, holds, why, what=f"title:{found.items[0]}", since=since)
    sheet.cover(max(0, since), begin)


def near(sheet: Sheet, known: Known, items: Sequence[ItemId]) -> tuple[bool, str]:
    """Whether the item is close to one of these: in meaning, or by the people who like both."""
    here = [i for i in items if i in known.items]
    if not here:
        return False, "nothing of that name is in the catalogue"
    cosine = float(known.similarity([sheet.item.id], here).max())
    support, lift = max(known.together(i, sheet.item.id) for i in here)
    holds = cosine >= CLOSE or (support >= SUPPORT and lift >= 2 * LIFT)
    return holds, f"measured likeness {cosine:.2f}"


def _near(sheet: Sheet, known: Known) -> None:
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
        j = sheet.skip(_closing(sheet, i), _JOIN)
        named = named_at(sheet, known, j) if j > i else None
        if named is None:
            return
        begin, found = named
        holds, why = near(sheet, known, found.items)
        sheet.claim(begin, found.end, holds, why, what=f"title:{found.items[0]}")
        i = found.end


def _new(sheet: Sheet) -> None:
    person = sheet.subject.person
    for start, end in sheet.find(sheet.words["sense.new"]):
        had = person is not None and sheet.item.id in person.had
        why = "the person had it before" if had else "nothing of it is on record for the person"
        sheet.claim(start, end, person is not None and not had, why)


def settle(sheet: Sheet, known: Known) -> None:
    """ "Like X" where no fact of the sentence could be shared: then the likeness is measured."""
    for spot in [s for s in sheet.spots if s.what.startswith("shares:")]:
        sentence = sheet.sentence(spot.start)
        if any(s.start in sentence for s in sheet.spots if s.what in ("person", "value", "number")):
            continue
        holds, why = near(sheet, known, (ItemId(spot.what.removeprefix("shares:")),))
        sheet.claim(spot.start, spot.end, holds, why)
