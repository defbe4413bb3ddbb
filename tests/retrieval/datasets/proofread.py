"""Synopses held against the catalogue and against each other.

    python -m tests.retrieval.datasets.proofread FILE.jsonl…

Prints one fault a line, ``id: what is wrong``, and exits with 1 when there is any. Files given
together are read as one, so that sentences are compared across them.

A program cannot know whether a sentence is true. It can know that a person, a genre, a year or a
film that is named is the film's own, and that no two texts say the same; where a capital letter or
an ordinary word misleads it, the sentence can be said another way.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from retrieval.datasets import demo
from retrieval.datasets.synopses import Synopsis, read, vocabulary

Row = Mapping[str, object]

WORDS = (30, 80)
SENTENCES = (2, 3)
TAGS = (3, 8)
RUN = 7  # words in a row that two films may not share
OPENING = 3  # words with which a text begins
ALIKE = 4  # texts that may begin so
LONG = ("very long", 150)  # the tag that says so, and the minutes from which it is true

CREDITS = {
    "directors": r"directed by|director",
    "writers": r"written by|screenplay by|script by|writer",
    "cast": r"starring|stars|played by|voiced by|performed by|actor|actress",
}
"""The fields of people, and the words by which a text claims that a name stands there."""

GENRES = {
    "Action": r"action (?:KIND)",
    "Adventure": r"adventure (?:KIND)",
    "Animation": r"animated|animation|cartoons?",
    "Biography": r"biograph\w+|biopics?",
    "Comedy": r"comed(?:y|ies)|romcoms?",
    "Crime": r"crime (?:KIND)",
    "Documentary": r"documentar(?:y|ies)",
    "Drama": r"dramas?|melodramas?",
    "Family": r"family (?:films?|movies?|pictures?|adventures?)",
    "Fantasy": r"fantasy (?:KIND)",
    "History": r"historical (?:KIND)|history (?:KIND)",
    "Horror": r"horror (?:KIND)|horrors",
    "Music": r"music (?:KIND)",
    "Musical": r"musicals?",
    "Mystery": r"mystery (?:KIND)|whodunn?its?",
    "Romance": r"romantic (?:KIND)|romance (?:KIND)|romcoms?",
    "Sci-Fi": r"sci-fi|science[- ]fiction",
    "Sport": r"sports? (?:KIND)",
    "Thriller": r"thrillers?",
    "War": r"war (?:KIND)",
    "Western": r"westerns?",
}
"""How a text names each genre of the catalogue; words that mean other things as well count only
before a word for a film."""

KIND = (
    "films?|movies?|pictures?|stor(?:y|ies)|tales?|comed(?:y|ies)|dramas?|thrillers?|epics?|"
    "adventures?|romances?|sagas?|fables?|yarns?|capers?|classics?|mystery|western|musical"
)

SETTING = re.compile(
    r"\b(?:in|of|by|during|since|until|around|between|and|to|early|late|about|summer|winter|spring|"
    r"autumn|after|before|year)\s+$"
)
"""Before a year in which the film plays, as against the one it was made in."""

MADE = re.compile(r"\b(?:made|released|filmed|shot)\s+(?:in|around|about)\s+$")

PLACES = frozenset(
    {
        "Hong Kong", "Las Vegas", "Los Angeles", "Monte Carlo", "New England", "New Jersey",
        "New Mexico", "New Orleans", "New York", "New York City", "New Zealand", "Pearl Harbor",
        "Rio Grande", "San Francisco", "South Africa", "Wall Street", "White House",
    }
)  # fmt: skip
"""Titles of films, or names of people, that a text means as places."""

LIVES = frozenset({"Biography", "Documentary"})
"""Genres of films about real people, who may be named without having had a hand in the film."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_TITLED = re.compile(r"\b(Dr|Mr|Mrs|Ms|St|Jr|Sr|vs|Lt|Sgt|Capt|Col|[A-Z])\.")
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*"
_NAME = rf"{_CAPITAL}(?: (?:(?:of|the|and|de|del|di|da|du|van|von|la|le) )*{_CAPITAL})+"
_NAMED = rf"{_NAME}|{_CAPITAL}"
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def sentences(text: str) -> list[str]:
    """The sentences of a text; the dot of "Dr." or of an initial ends none."""
    return [s for s in _SENTENCE.split(_TITLED.sub(r"\1", text.strip())) if s]


def words(text: str) -> list[str]:
    """The words of a text, small."""
    return [w.casefold() for w in _WORD.findall(text)]


@dataclass(frozen=True)
class Proof:
    """A catalogue to hold synopses against; ``rows`` are those of :func:`demo.films`."""

    rows: Sequence[Row]
    tags: Mapping[str, str]

    @cached_property
    def films(self) -> dict[str, Row]:
        """The rows by id."""
        return {str(row["id"]): row for row in self.rows}

    @cached_property
    def people(self) -> frozenset[str]:
        """Everybody who had a hand in some film and has more than one name."""
        return frozenset(name for row in self.rows for name in _people(row) if " " in name)

    @cached_property
    def titles(self) -> frozenset[str]:
        """The titles that are told from ordinary words by two capitals, the article left aside."""
        return frozenset(
            title
            for row in self.rows
            if len(re.findall(rf"\b{_CAPITAL}", _plain(title := str(row["title"])))) > 1
        )

    def faults(self, found: Sequence[Synopsis]) -> list[str]:
        """What is wrong with the synopses, one by one and taken together; empty for nothing."""
        out = [f"{s.id}: {fault}" for s in found for fault in self._own(s)]
        return [*out, *_repeats(found)]

    def _own(self, s: Synopsis) -> Iterator[str]:
        row = self.films.get(s.id)
        if row is None:
            yield "no film of the catalogue has this id"
            return
        yield from _form(s)
        yield from self._tags(s, row)
        yield from _years(s.text, row)
        yield from _genres(s.text, row)
        yield from self._names(s.text, row)

    def _tags(self, s: Synopsis, row: Row) -> Iterator[str]:
        low, high = TAGS
        if not low <= len(s.tags) <= high:
            yield f"{len(s.tags)} tags, wanted are {low} to {high}"
        if len(set(s.tags)) < len(s.tags):
            yield "a tag is there twice"
        for tag in s.tags:
            if tag not in self.tags:
                yield f'the tag "{tag}" is not in the vocabulary'
        tag, minutes = LONG
        runtime = row.get("runtime")
        if isinstance(runtime, int) and (tag in s.tags) != (runtime >= minutes):
            yield f'"{tag}" is for {minutes} minutes or more; it lasts {runtime}'

    def _names(self, text: str, row: Row) -> Iterator[str]:
        own, title = frozenset(_people(row)), str(row["title"])
        lives = not LIVES.isdisjoint(_texts(row.get("genres")))
        credited = dict(_credits(text))
        for name, field in credited.items():
            if not any(name in (held, held.split(" ")[-1]) for held in _texts(row.get(field))):
                yield f"{name} is not among its {field}"
        for name in dict.fromkeys(_runs(text)):
            if name in PLACES or name in title or name in credited:
                continue
            if name in self.people and name not in own and not lives:
                yield f"{name} had no hand in it"
            elif name in self.titles and name not in own:
                yield f'"{name}" is the title of another film'


def _form(s: Synopsis) -> Iterator[str]:
    count, told = len(s.text.split()), len(sentences(s.text))
    if not WORDS[0] <= count <= WORDS[1]:
        yield f"{count} words, wanted are {WORDS[0]} to {WORDS[1]}"
    if not SENTENCES[0] <= told <= SENTENCES[1]:
        yield f"{told} sentences, wanted are {SENTENCES[0]} or {SENTENCES[1]}"
    if s.text != " ".join(s.text.split()) or not s.text.endswith((".", "!", "?")):
        yield "it should be one line of plain sentences, each with its stop"
    if set(s.text) & set('"“”„«»‘’—'):
        yield "no quotation marks, curly apostrophes or long dashes"


def _years(text: str, row: Row) -> Iterator[str]:
    for year in re.finditer(r"\b(?:18|19|20)\d\d\b(?!s)", text):
        before = text[: year.start()]
        meant = bool(SETTING.search(before)) and not MADE.search(before)
        if not meant and int(year[0]) != row.get("year"):
            yield f"it is of {row.get('year')}, not of {year[0]}"


def _genres(text: str, row: Row) -> Iterator[str]:
    held = _texts(row.get("genres"))
    for genre, said in GENRES.items():
        pattern = rf"\b(?:{said.replace('KIND', KIND)})\b"
        if genre not in held and (named := re.search(pattern, text, re.IGNORECASE)):
            yield f'"{named[0]}": {genre} is not among its genres'


def _credits(text: str) -> Iterator[tuple[str, str]]:
    """Names and the field that the words before them claim, a list of names in one."""
    for field, said in CREDITS.items():
        pattern = rf"\b(?:{said})\s+((?:{_NAMED})(?:(?:, and |, | and )(?:{_NAMED}))*)"
        for claim in re.finditer(pattern, text):
            for name in re.split(r", and |, | and ", claim[1]):
                yield _bare(name), field


def _runs(text: str) -> Iterator[str]:
    """Every part of every row of capitals that could be a name or a title: the longest first."""
    for row in re.finditer(_NAME, text):
        parts = row[0].split(" ")
        for length in range(len(parts), 1, -1):
            for start in range(len(parts) - length + 1):
                yield _bare(" ".join(parts[start : start + length]))


def _bare(name: str) -> str:
    return re.sub(r"'s$|[.,'-]+$", "", name)


def _plain(title: str) -> str:
    return re.sub(r"^(?:The|A|An) ", "", title)


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else []


def _people(row: Row) -> list[str]:
    return [name for field in CREDITS for name in _texts(row.get(field))]


def _repeats(found: Sequence[Synopsis]) -> Iterator[str]:
    """Films told twice, and what two films share: a sentence, a row of words, a way to begin."""
    seen: set[str] = set()
    told: dict[tuple[str, ...], str] = {}
    begun: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for s in found:
        if s.id in seen:
            yield f"{s.id}: it has two synopses"
            continue
        seen.add(s.id)
        begun[tuple(words(s.text)[:OPENING])].append(s.id)
        for sentence in sentences(s.text):
            said = words(sentence)
            size = min(RUN, len(said))
            runs = [tuple(said[n : n + size]) for n in range(len(said) - size + 1)]
            shared = next((run for run in runs if told.get(run, s.id) != s.id), None)
            if shared:
                yield f'{s.id}: "{" ".join(shared)}" is also said of {told[shared]}'
            for run in runs:
                told.setdefault(run, s.id)
    for opening, ids in begun.items():
        if len(ids) > ALIKE:
            yield f'{ids[-1]}: "{" ".join(opening)}" begins {len(ids)} texts'


def main(paths: Sequence[str]) -> int:
    """Proofread the files together."""
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    found = [s for path in paths for s in read(Path(path))]
    faults = Proof(demo.films(), vocabulary()).faults(found)
    print(*faults, f"{len(found)} synopses, {len(faults)} faults", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
