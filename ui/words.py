"""The words of the page in one language. They are data (``lang/``); English is the reference."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.errors import AssistantError
from retrieval.errors import RetrievalError, StorageFull

NAMES = {"en": "English", "es": "Español", "de": "Deutsch", "fr": "Français", "zh": "中文"}
"""The languages of the page, each by its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The page's words by dotted keys."""

    language: str
    messages: Mapping[str, str]

    def say(self, key: str, /, **said: object) -> str:
        """A message with its places filled. Raises KeyError for a key that no file has."""
        return self.messages[key].format(**said)

    def has(self, key: str) -> bool:
        """Whether there is a message of that key."""
        return key in self.messages

    def count(self, key: str, n: int) -> str:
        """A message in the form that goes with a number."""
        return self.say(f"{key}.{'one' if n == 1 else 'other'}", n=n)


@cache
def words(language: str) -> Words:
    """The words of a language; of one that has no file, the reference's."""
    name = language if language in NAMES else "en"
    raw = files("ui").joinpath(f"lang/{name}.toml").read_text(encoding="utf-8")
    return Words(language=name, messages=dict(_flat(tomllib.loads(raw))))


def told(error: AssistantError | RetrievalError, language: str) -> str:
    """What an error says to whoever is on the page: in their language where there are words for it,
    and then without a word of where things lie."""
    return words(language).say("page.full") if isinstance(error, StorageFull) else str(error)


def accepted(header: str) -> str:
    """The language that a browser's ``Accept-Language`` prefers among ours; English for none."""
    weighed = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.partition("-")[0].casefold()
        try:
            worth = float(weight or 1)
        except ValueError:
            continue
        if name in NAMES and worth > 0:
            weighed.append((-worth, place, name))
    return min(weighed)[2] if weighed else "en"


def _flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, held in data.items():
        if isinstance(held, str):
            yield before + key, held
        else:
            yield from _flat(held, f"{before}{key}.")


REFERENCE = words("en")
