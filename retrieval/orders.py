"""What a text says to a machine instead of of the item it belongs to.

Whoever writes a listing may write orders into it, for the program that ranks or describes it
(Greshake et al., "Not what you've signed up for", AISec 2023). Such a sentence is no fact of the
item: it is left out of what is stored, searched, shown to a model and read out to a person. The
sentences are known by how they speak: patterns in ``orders.toml``, by language. A list of patterns
finds what it was written for and its like; whatever it misses meets the fences behind it (handles,
claims that are checked, hard constraints). Text is only ever taken away, a sentence at a time.

Characters that show nothing are no hiding place, and letters that look like Latin ones are read as
those.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing (Unicode's Default_Ignorable_Code_Point, beyond the format
characters): a row of variation selectors spells out any bytes to a model that reads them."""

DROPPED = frozenset({"Cf", "Co", "Cn", "Cs"})
"""Categories that show nothing either: format, private, unassigned, surrogate."""

LONGEST = 600
"""Characters of a sentence that are looked at in one piece; a longer one is looked at in several,
so that what is searched grows with the text and no faster."""

STUFFED = 3
"""Times that a sentence is said from which it is stuffing."""

SIGN = 4
"""Letters of a word that tell whether a group of patterns is worth trying."""

_COMMENT = ("<!--", "-->")
_END = re.compile(
    r"(?<=[.!?…])(?=\s)|(?<=[.!?…][\"”’')])(?=\s)|(?<=[。！？])|(?<=[\]\"]})|(?<=\n)|(?<=-->)"
)
_PARTS = "items?|request|message|catalogue|shown|earlier|system|user|assistant|instructions?|prompt"
_TAG = re.compile(rf"<\|\w+\|>|\[/?INST\]|</?(?:{_PARTS})(?:-\w+)?>", re.IGNORECASE)
_CODES = re.compile(r"(?:\b[a-z]\d[a-z]\b[\s,;]*){6,}")  # handles of a prompt, one after the other
_REVERSED = re.compile("\u202e([^\u202c\n]*)\u202c?")
_ROLE = re.compile(r"^\s*(?:user|assistant|human)\s*:\s*", re.IGNORECASE)
_ALIKE = str.maketrans(
    "асеіорхуАВСЕНКМОРТХαονρΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aceiopxyABCEHKMOPTXaovpABEZHIKMNOPTYX"
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_LATIN = re.compile("[a-zA-Z]")
_WORD = re.compile(r"\w+")


def is_order(text: str) -> bool:
    """Whether any sentence of the text is an order to a machine."""
    return any(_is_order(piece) for piece in _END.split(visible(text)))


def cleared(text: str) -> str:
    """The text without its sentences that are orders; the very text where it has none.

    Empty where nothing else is left. What the readers of a page do not see, HTML comments, goes
    too, and so does whatever stands between tags that a prompt may have, and a sentence of several
    words that is said :data:`STUFFED` times or more: it is there to be found and not to be read, as
    is known of web pages (Gyöngyi and Garcia-Molina, "Web spam taxonomy", AIRWeb 2005). In time
    linear in the text.
    """
    seen = visible(text)
    pieces = _END.split(_CODES.sub("\n", _untagged(_uncommented(seen))))
    often = {
        said for said, n in Counter(map(_words, pieces)).items() if n >= STUFFED and " " in said
    }
    kept = [_break(p) if _words(p) in often or _is_order(p) else _ROLE.sub("", p) for p in pieces]
    joined = "".join(kept)
    return text if joined == seen else joined.strip()


def _break(sentence: str) -> str:
    """The line break that a sentence ends with, which stays when it goes."""
    return "\n" if sentence.endswith("\n") else ""


def _words(sentence: str) -> str:
    return " ".join(_WORD.findall(sentence.casefold()))


def visible(text: str) -> str:
    """The text without the characters that show nothing, and in the order that they give it: what
    stands behind a right-to-left override is read from its end."""
    if text.isascii():
        return text
    text = _REVERSED.sub(lambda m: m[1][::-1], text)
    text = UNSEEN.sub("", text)
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in DROPPED)


def _is_order(sentence: str) -> bool:
    step = LONGEST - 100  # pieces overlap, so that no order lies on a border
    pieces = (sentence[at : at + LONGEST] for at in range(0, max(1, len(sentence) - 100), step))
    return any(_said_to_machines(_folded(piece)) for piece in pieces)


def _said_to_machines(text: str) -> bool:
    words = {w[:SIGN] for w in _WORD.findall(text)}
    if not text.isascii():
        words.update(text)
    return any(
        group.pattern.search(text)
        for group in _groups()
        if not any(words.isdisjoint(line) for line in group.signs)
    )


def _folded(text: str) -> str:
    """Lower case on one line, with letters of other alphabets inside a Latin word read as the ones
    they look like."""
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKC", text)
    if _FOREIGN.search(text):
        text = _WORD.sub(lambda m: _latin(m[0]), text)
    return " ".join(text.casefold().split())


def _latin(word: str) -> str:
    """A word read as Latin where every letter of it is Latin or looks so, and not one that is
    written in its own alphabet alone, as most foreign words hold letters that look like nothing."""
    if not _FOREIGN.search(word):
        return word
    read = word.translate(_ALIKE)
    return word if _FOREIGN.search(read) or not _LATIN.search(read) else read


def _untagged(text: str) -> str:
    """The text without what reaches from the first to the last of several tags of a prompt."""
    tags = list(_TAG.finditer(text))
    if len(tags) < 2:
        return text
    return f"{text[: tags[0].start()]}\n{text[tags[-1].end() :]}"


def _uncommented(text: str) -> str:
    """The text without HTML comments; one that is not closed goes on to the end."""
    opens, closes = _COMMENT
    if opens not in text:
        return text
    kept, at = [], 0
    while (start := text.find(opens, at)) >= 0:
        kept.append(text[at:start])
        end = text.find(closes, start)
        if end < 0:
            return "".join(kept)
        at = end + len(closes)
    return "".join((*kept, text[at:]))


@dataclass(frozen=True, slots=True)
class _Group:
    """Patterns of one kind, and the words without which none of them can match."""

    signs: tuple[frozenset[str], ...]
    pattern: re.Pattern[str]


@cache
def _groups() -> tuple[_Group, ...]:
    source = files("retrieval").joinpath("orders.toml").read_text(encoding="utf-8")
    data = tomllib.loads(source)
    return tuple(
        _Group(
            signs=tuple(frozenset(line.split()) for line in group["signs"]),
            pattern=re.compile("|".join(_filled(p, data["words"]) for p in group["patterns"])),
        )
        for group in data["group"]
    )


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    for name, meaning in words.items():
        pattern = pattern.replace(f"{{{name}}}", meaning)
    return pattern
