"""What names hint at: the lists of ``schema_names.toml``, compared in snake case."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("schema_names.toml")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^0-9A-Za-z_\u0080-\U0010ffff]+")


def snake(name: str) -> str:
    """A field's own name in snake case: ``attributes.screenSize`` gives ``screen_size``."""
    last = name.rpartition(".")[2] or name
    return _OTHER.sub("_", _HUMP.sub("_", last)).strip("_").lower() or last.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """What an item is called when one of ``fields`` (lists of names) is there in full."""

    noun: str
    nouns: str
    fields: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The hints. Each list is in order of preference."""

    roles: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]
    phrases: Mapping[str, str]
    nouns: tuple[Noun, ...]
    events: Mapping[str, tuple[str, ...]]
    money: frozenset[str]
    ends: tuple[str, ...]
    nameless: frozenset[str]
    absent: frozenset[str]
    availability: Mapping[str, bool]

    def is_role(self, role: str, name: str) -> bool:
        """Whether the name is one that fields of that role tend to have."""
        return _match(self.roles[role], name) is not None

    def is_kind(self, kind: str, name: str) -> bool:
        """Whether the name is one that fields of that kind tend to have."""
        return _match(self.kinds[kind], name) is not None

    def preference(self, role: str, name: str) -> int | None:
        """The place of the name in the role's list, 0 the best; None when it is not there."""
        return _match(self.roles[role], name)

    def label(self, name: str) -> tuple[str, str]:
        """What a person reads and the unit: ``weight_g`` gives ``("weight", "g")``."""
        words = snake(name)
        unit = ""
        head, _, tail = words.rpartition("_")
        if head and tail in self.units:
            words, unit = head, self.units[tail]
        for pattern, phrase in self.phrases.items():
            if fnmatchcase(words, pattern):
                kept = words.removeprefix(pattern.rstrip("*")).removesuffix(pattern.lstrip("*"))
                return phrase.format(kept.replace("_", " ")), unit
        return words.replace("_", " "), unit

    def noun_of(
        self, names: Iterable[str], *, key: str, title: str, origin: str = ""
    ) -> tuple[str, str]:
        """The noun and its plural for a catalogue with these fields, ``key`` its id.

        Where no list of fields is there in full, the title or the id may say it (``hotel_name`` is
        the name of a hotel), else the file that all came from (``courses.jsonl``). Item, items when
        unsure.
        """
        held = {snake(n) for n in names}
        for noun in self.nouns:
            if any(wanted <= held for wanted in noun.fields):
                return noun.noun, noun.nouns
        for name in (snake(title), snake(key)):
            for end in self.ends:
                head = name.removesuffix(end)
                if head != name and head.isalpha() and head not in self.nameless:
                    return head, _plural(head)
        stem = origin.partition(".")[0].casefold()
        singular = f"{stem[:-3]}y" if stem.endswith("ies") else stem.removesuffix("s")
        plural = singular != stem and singular.isalpha() and _plural(singular) == stem
        if plural and singular not in self.nameless:
            return singular, stem
        return "item", "items"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def _match(patterns: tuple[str, ...], name: str) -> int | None:
    word = snake(name)
    return next((i for i, p in enumerate(patterns) if p == word or fnmatchcase(word, p)), None)


@cache
def names() -> Names:
    """The hints that come with the package, read once."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    roles = dict(table["roles"])
    absent = frozenset(roles.pop("absent"))
    return Names(
        roles={k: tuple(v) for k, v in roles.items()},
        kinds={k: tuple(v) for k, v in table["kinds"].items()},
        units=table["units"],
        phrases=table["phrases"],
        nouns=tuple(
            Noun(noun=n["noun"], nouns=n["nouns"], fields=tuple(frozenset(f) for f in n["fields"]))
            for n in table["nouns"]
        ),
        events={k: tuple(v) for k, v in table["events"].items()},
        money=frozenset(table["money"]["units"]),
        ends=tuple(table["item_names"]["ends"]),
        nameless=frozenset(table["item_names"]["nameless"]),
        absent=absent,
        availability={
            **dict.fromkeys(table["availability"]["yes"], True),
            **dict.fromkeys(table["availability"]["no"], False),
        },
    )
