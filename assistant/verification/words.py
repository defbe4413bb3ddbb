"""The phrases that the checker reads, from ``lang/en.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.understanding.lexicon import lexicon
from assistant.understanding.tokens import Token, words


@dataclass(frozen=True, slots=True)
class Phrases:
    """A set of phrases, found by their first word; the longest one wins."""

    by_first: Mapping[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> Phrases:
        """The phrases as the words they are compared by."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for text in phrases:
            said = tuple(words(text, lexicon().spelling))
            if said:
                found.setdefault(said[0], set()).add(said)
        return cls({k: tuple(sorted(v, key=lambda p: (-len(p), p))) for k, v in found.items()})

    def at(self, tokens: Sequence[Token], i: int) -> int:
        """Where the longest phrase that begins at token ``i`` ends; ``i`` when none does."""
        if not 0 <= i < len(tokens):
            return i
        for said in self.by_first.get(tokens[i].norm, ()):
            end = i + len(said)
            if end <= len(tokens) and all(
                t.norm == w for t, w in zip(tokens[i:end], said, strict=True)
            ):
                return end
        return i

    def before(self, tokens: Sequence[Token], i: int, reach: int = 5) -> int:
        """Where the longest phrase that ends right before token ``i`` begins; ``i`` for none."""
        for start in range(max(0, i - reach), i):
            if any(start + len(p) == i for p in self.by_first.get(tokens[start].norm, ())) and (
                self._exact(tokens, start, i)
            ):
                return start
        return i

    def _exact(self, tokens: Sequence[Token], start: int, end: int) -> bool:
        said = tuple(t.norm for t in tokens[start:end])
        return said in self.by_first.get(said[0], ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role that a person or a maker has: the label words of its fields, and its phrases."""

    name: str
    labels: frozenset[str]
    before: Phrases
    after: Phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything the file holds; ``sets`` are phrases by ``table.key``."""

    roles: tuple[Role, ...]
    sets: Mapping[str, Phrases]
    glue: frozenset[str]

    def __getitem__(self, key: str) -> Phrases:
        return self.sets[key]


@cache
def load() -> Words:
    """The words of the language that the checker reads."""
    raw = files("assistant.verification").joinpath("lang/en.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(raw)
    roles = tuple(
        Role(
            name=name,
            labels=frozenset(held["labels"]),
            before=Phrases.of(held["before"]),
            after=Phrases.of(held["after"]),
        )
        for name, held in data["roles"].items()
    )
    sets = {
        f"{table}.{key}": Phrases.of(held)
        for table in ("likes", "similar", "awards", "stock", "sense")
        for key, held in data[table].items()
    }
    sets["courtesy"] = Phrases.of(data["courtesy"]["phrases"])
    glue = frozenset(words(data["glue"]["words"])) | frozenset(words(data["courtesy"]["words"]))
    return Words(roles=roles, sets=sets, glue=glue)
