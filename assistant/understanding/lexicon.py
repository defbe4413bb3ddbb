"""The words of a language as data: cue phrases, numbers, bounds, adjectives, synonyms.

Everything English stands in ``lang/en.toml``; this module only turns the file into look-ups.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from assistant.understanding.tokens import words
from retrieval.types import Kind

Degree = Literal["plain", "comparative", "superlative"]
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjective:
    """What an adjective says: ``direction`` on the number fields it is about.

    ``kind`` or ``fields`` (words of a label, in order of preference) name those fields, where none
    has such a word ``units`` does (what is measured in minutes is long or short); ``soft`` is the
    plain word that stands when no field holds the quality. ``counts`` tells whether this form
    is a wish by itself ("cheap") or only in a comparison ("new"); ``attributive`` that it is one
    right before the noun of the thing ("an old western"). ``keep`` leaves the words in the
    free text too.
    """

    direction: Literal["higher", "lower"]
    degree: Degree = "plain"
    kind: Kind | None = None
    fields: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    soft: str | None = None
    counts: bool = True
    attributive: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonym:
    """Other words for values: ``to`` as a catalogue may spell them, or ``label=value``.

    ``exclude`` turns the sense round ("wired" is not wireless), ``first`` stops at the first target
    that exists, ``keep`` leaves the words in the free text as well.
    """

    to: tuple[str, ...]
    exclude: bool = False
    first: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language. Phrases are tuples of compared words; a trie keyed by the first word finds
    them.
    """

    spelling: Mapping[str, Phrase]
    cues: Mapping[Phrase, frozenset[str]]
    numbers: Mapping[str, int]
    multipliers: Mapping[str, int]
    decades: Mapping[str, int]
    decade_parts: Mapping[str, tuple[int, int]]
    months: Mapping[str, int]
    ordinals: Mapping[str, int]
    adjectives: Mapping[Phrase, tuple[Adjective, ...]]
    synonyms: Mapping[Phrase, tuple[Synonym, ...]]
    field_words: Mapping[Phrase, frozenset[str]]
    field_labels: Mapping[Phrase, frozenset[str]]
    units: Mapping[str, tuple[str, float]]
    unit_names: Mapping[str, str]
    conversions: Mapping[str, Mapping[str, float]]
    unit_default: Mapping[str, str]
    scales: tuple[tuple[str, ...], ...]
    stop: frozenset[str]
    common: frozenset[str]
    plurals: tuple[tuple[str, str], ...]
    irregular: Mapping[str, str]
    lists: Mapping[str, frozenset[str]]
    nouns: Mapping[str, frozenset[str]]
    known: frozenset[str]
    longest: Mapping[str, int] = field(default_factory=dict)
    child: int = 0
    child_as: str = ""

    def stem(self, word: str) -> str:
        """The singular of a word by the language's endings; short words are left alone."""
        if word in self.irregular:
            return self.irregular[word]
        if len(word) > 3:
            for ending, instead in self.plurals:
                if word.endswith(ending):
                    return word[: len(word) - len(ending)] + instead
        return word

    def key(self, text: str) -> str:
        """A phrase in the form in which facet values are compared: singular words, one space."""
        return " ".join(self.stem(w) for w in words(text))

    def group(self, name: str) -> frozenset[str]:
        """A named list of single words (articles, common, money ...); empty when there is none."""
        return self.lists.get(name, frozenset())


def phrase(text: str) -> Phrase:
    """A phrase of the data file as the tuple of words it is matched by; a lone mark stays
    itself.
    """
    return tuple(words(text)) or ((text.strip(),) if text.strip() else ())


@cache
def lexicon(language: str = "en") -> Lexicon:
    """The lexicon of a language. Raises FileNotFoundError for one that is not shipped."""
    raw = files("assistant.understanding").joinpath(f"lang/{language}.toml").read_bytes()
    return _build(tomllib.loads(raw.decode("utf-8")))


def own_adjectives(words: Lexicon, scales: Mapping[str, Sequence[str]]) -> Lexicon:
    """The lexicon with the ends of a catalogue's own scales as adjectives: who has wines from dry
    to sweet may ask for a sweeter one. ``scales`` are by field, from least to most."""
    found = {p: list(held) for p, held in words.adjectives.items()}
    for name, steps in scales.items():
        for step, direction in ((steps[-1], "higher"), (steps[0], "lower"))[: len(steps)]:
            p = phrase(step)
            forms: list[tuple[Degree, Phrase]] = [("plain", p)]
            forms += [(degree, (form,)) for degree, form in _degrees(p[0]) if len(p) == 1]
            for degree, form in forms:
                found.setdefault(form, []).append(
                    Adjective(
                        direction="higher" if direction == "higher" else "lower",
                        degree=degree,
                        fields=(name,),
                        counts=degree != "plain",
                    )
                )
    return replace(
        words,
        adjectives={p: tuple(held) for p, held in found.items()},
        known=words.known | {w for p in found for w in p},
    )


@cache
def softs() -> frozenset[str]:
    """The plain words of the soft qualities that have adjectives of their own ("funny")."""
    adjectives = (a for held in lexicon().adjectives.values() for a in held)
    return frozenset(a.soft for a in adjectives if a.soft)


def _build(data: Mapping[str, Any]) -> Lexicon:
    spelling = {k: tuple(v.split()) for k, v in data["spelling"].items()}
    cues = _cues(data)
    adjectives = _adjectives(data)
    synonyms = _synonyms(data["synonym"])
    field_words = _inverted(data["field_words"])
    field_labels = _inverted(data["field_labels"])
    stop = frozenset(data["stop"].split())
    common = frozenset(data["common"].split())
    lists = {
        "articles": frozenset(data["articles"]),
        "conjunctions": frozenset(data["conjunctions"]),
        "alternatives": frozenset(data["alternatives"]),
        "pronouns": frozenset(data["pronouns"]),
        "money": frozenset(data["money"]["words"]),
        "stars": frozenset(data["stars"]["words"]),
        "free": frozenset(data["free"]["words"]),
        "free_of": frozenset(data["free"]["not_before"]),
        "months": frozenset(data["months"]),
        "fillers": frozenset(data["bounds"]["fillers"]),
        "joiner": frozenset(data["bounds"]["joiner"]),
        "count_nouns": frozenset(data["counts"]["nouns"]),
        "loose": frozenset(data["labels"]["loose"]),
        "maker": frozenset(data["labels"]["maker"]),
        "granted": frozenset(data["labels"]["granted"]),
        "age": frozenset(data["age"]["labels"]),
        "others": frozenset(data["people"]["others"]),
        "self": frozenset(data["people"]["self"]),
        **{f"position_{k}": frozenset(v) for k, v in data["positions"].items()},
    }
    known = {
        w
        for table in (cues, adjectives, synonyms, field_words, field_labels)
        for p in table
        for w in p
    }
    known |= stop | common | set(spelling) | {w for p in spelling.values() for w in p}
    for name in ("numbers", "multipliers", "decades", "decade_parts", "ordinals", "units"):
        known |= set(data[name])
    known |= lists["money"] | lists["stars"] | lists["position_not_after"] | lists["free_of"]
    return Lexicon(
        spelling=spelling,
        cues=cues,
        numbers=data["numbers"],
        multipliers=data["multipliers"],
        decades=data["decades"],
        decade_parts={k: (v[0], v[1]) for k, v in data["decade_parts"].items()},
        months=data["months"],
        ordinals=data["ordinals"],
        adjectives=adjectives,
        synonyms=synonyms,
        child=data["age"].get("child", 0),
        child_as=data["age"].get("as", ""),
        field_words=field_words,
        field_labels=field_labels,
        units={k: (v[0], float(v[1])) for k, v in data["units"].items()},
        unit_names=data["unit_names"],
        conversions=data["unit_conversions"],
        unit_default=data["unit_default"],
        scales=tuple(tuple(v) for v in data["scales"].values()),
        stop=stop,
        common=common,
        plurals=tuple((e, i) for e, i in data["plurals"]),
        irregular=data["irregular"],
        lists=lists,
        nouns={k: frozenset(v) for k, v in data["nouns"].items()},
        known=frozenset(known),
        longest=_longest((cues, adjectives, synonyms, field_words, field_labels)),
    )


def _cues(data: Mapping[str, Any]) -> dict[Phrase, frozenset[str]]:
    found: dict[Phrase, set[str]] = {}

    def add(name: str, phrases: Iterable[str]) -> None:
        for text in phrases:
            found.setdefault(phrase(text), set()).add(name)

    for name, phrases in data["cues"].items():
        add(name, phrases)
    for name, phrases in data["bounds"].items():
        if name not in ("joiner", "fillers"):
            add(f"bound_{name}", phrases)
    for name, phrases in data["refuse"].items():
        add(f"refuse_{name}", phrases)
    for name in ("group", "age", "counts"):
        for side in ("before", "after"):
            add(f"{name}_{side}", data[name].get(side, ()))
    judging = data["judging"]
    for side in ("good", "bad"):
        for verb in judging["verbs"]:
            for degree in judging["degrees"]:
                add(f"{side}_after", (f"{verb} {degree} {word}" for word in judging[side]))
    add("whole", data["positions"]["whole"])
    add("pointing", data["positions"]["pointing"])
    found.pop((), None)
    return {p: frozenset(names) for p, names in found.items()}


def _adjectives(data: Mapping[str, Any]) -> dict[Phrase, tuple[Adjective, ...]]:
    found: dict[Phrase, list[Adjective]] = {}
    for row in data["adjective"]:
        plain = {phrase(w) for w in row.get("plain_words", ())}
        attributive = {phrase(w) for w in row.get("attributive", ())}
        base = [phrase(w) for w in row["words"]]
        about = {"direction": row["direction"], "kind": row.get("kind"), "soft": row.get("soft")}
        about["fields"] = tuple(row.get("fields", ()))
        about["units"] = tuple(row.get("units", ()))
        forms: dict[Phrase, Degree] = {}
        for p in base:
            forms[p] = "plain"
            if len(p) == 1:
                for degree, form in _degrees(p[0]):
                    forms[(form,)] = degree
        forms.update({phrase(w): "comparative" for w in row.get("comparatives", ())})
        forms.update({phrase(w): "superlative" for w in row.get("superlatives", ())})
        for p in plain:
            forms.setdefault(p, "plain")
        for p, degree in forms.items():
            counts = degree != "plain" or row.get("plain", False) or p in plain
            before_noun = p in attributive and degree == "plain"
            found.setdefault(p, []).append(
                Adjective(degree=degree, counts=counts, attributive=before_noun, **about)
            )
    for row in data["wish"]:
        for w in row["words"]:
            adjective = Adjective(
                direction=row["direction"],
                kind=row.get("kind"),
                fields=tuple(row.get("fields", ())),
                keep=row.get("keep", False),
            )
            # A whole phrase says more than the adjective of the same words.
            found[phrase(w)] = [adjective]
    return {p: tuple(v) for p, v in found.items()}


_DOUBLED = re.compile(r"[^aeiou][aeiou][bdgmnpt]$")


def _degrees(word: str) -> list[tuple[Degree, str]]:
    """The comparative and superlative of a short adjective: cheaper, heaviest, bigger, simplest."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        root = word[:-1] + "i"
    elif word.endswith("e"):
        root = word[:-1]
    elif _DOUBLED.search(word) and len(word) <= 4:
        root = word + word[-1]
    else:
        root = word
    return [("comparative", root + "er"), ("superlative", root + "est")]


def _synonyms(rows: Iterable[Mapping[str, Any]]) -> dict[Phrase, tuple[Synonym, ...]]:
    found: dict[Phrase, list[Synonym]] = {}
    for row in rows:
        some = {phrase(w) for w in row.get("keep_some", ())}
        for w in row["words"]:
            p = phrase(w)
            synonym = Synonym(
                to=tuple(row["to"]),
                exclude=row.get("not", False),
                first=row.get("first", False),
                keep=row.get("keep", False) or p in some,
            )
            found.setdefault(p, []).append(synonym)
    return {p: tuple(v) for p, v in found.items()}


def _inverted(table: Mapping[str, Iterable[str]]) -> dict[Phrase, frozenset[str]]:
    found: dict[Phrase, set[str]] = {}
    for name, phrases in table.items():
        for text in phrases:
            found.setdefault(phrase(text), set()).add(name)
    return {p: frozenset(names) for p, names in found.items()}


def _longest(tables: Iterable[Mapping[Phrase, object]]) -> dict[str, int]:
    """The number of words of the longest phrase that begins with each word."""
    longest: dict[str, int] = {}
    for table in tables:
        for p in table:
            longest[p[0]] = max(longest.get(p[0], 0), len(p))
    return longest
