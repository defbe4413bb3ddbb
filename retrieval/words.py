"""Text as the words it is searched by: folded, without accents, stemmed.

Chinese, Japanese and Korean runs, which are written without spaces, become overlapping pairs of
characters (a single character stays alone); other words are stemmed as English (M. F. Porter,
"Snowball: a language for stemming algorithms", 2001), which leaves most foreign words as they are.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

from retrieval.filters import fold

# Kana, the CJK ideographs (with their first extension and the compatibility block), Hangul: both
# whole syllables and the parts that folding takes them apart into.
_CJK = "\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUNS = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_FIRST_CJK = "\u1100"
_ENDING = re.compile("['\u2019](?=\\w{1,2}\\b)")

_stemmers = threading.local()


def words(text: str) -> list[str]:
    """The folded words of a text, in order, not stemmed. Empty for a text without any.

    An apostrophe before an ending joins (``Schindler's`` is ``schindlers``, as people often type
    it); any other divides (``L'Avventura`` holds ``avventura``).
    """
    found: list[str] = []
    for run in _RUNS.findall(_ENDING.sub("", fold(text))):
        if run[0] >= _FIRST_CJK and len(run) > 1 and _is_cjk(run[0]):
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(run)
    return found


def _is_cjk(character: str) -> bool:
    return re.match(f"[{_CJK}]", character) is not None


def stems(text: str) -> list[str]:
    """:func:`words`, each stemmed."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


def _stemmer() -> Any:
    # A stemmer keeps the word it works on in itself, so each thread has its own.
    held = getattr(_stemmers, "english", None)
    if held is None:
        import Stemmer

        held = _stemmers.english = Stemmer.Stemmer("english")
    return held
