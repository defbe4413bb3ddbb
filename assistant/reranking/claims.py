"""Checking what the model says of an item against the item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.reranking.answer import QUOTE, RawClaim
from assistant.reranking.present import inert, value_text
from assistant.types import Claim
from retrieval.filters import fold
from retrieval.orders import is_order
from retrieval.types import Candidate

TEXT = "text"
"""The name under which a candidate's text is quoted."""

LONGEST = 64
"""Characters of a field's name that claims may speak of: enough for a path, too few for a speech.
"""

LEAST = 3
"""Letters a quotation from the text needs; a shorter one proves nothing."""

LONG = 4 * QUOTE
"""Characters from which a quotation is dropped unread. Many endpoints do not hold a model to the
length it was asked for; a fact is one all the same."""

MOST = 50
"""Claims of one answer that are looked at."""

REACH = 20_000
"""Characters of a text in which a quotation is looked for; a model is shown far fewer."""


def fields_of(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """The field names claims may speak of, in the order of their first appearance.

    They become part of the answer's schema, which stands outside the fence and which some endpoints
    put into the system part: a name that is long, or is not shown as it is written, is left out.
    """
    names: dict[str, None] = {}
    for candidate in candidates:
        held = (name for name in candidate.fields if len(name) <= LONGEST and inert(name) == name)
        names.update(dict.fromkeys(held))
    if any(candidate.text for candidate in candidates):
        names[TEXT] = None
    return tuple(names)


def check(
    claims: Sequence[RawClaim], candidates: Sequence[Candidate], places: Mapping[str, int]
) -> tuple[dict[int, tuple[Claim, ...]], int]:
    """The claims that hold, by the candidate's position, and how many do not.

    A claim holds when the quoted words stand in that field (or text) of that very candidate, as
    whole words, compared folded. A claim made twice is kept once and is not counted as wrong.
    """
    held: dict[int, dict[tuple[str, str], Claim]] = {}
    dropped = max(0, len(claims) - MOST)
    for raw in claims[:MOST]:
        place = places.get(raw.item.strip().lower())
        claim = None if place is None else verify(raw, candidates[place])
        if place is None or claim is None:
            dropped += 1
        else:
            held.setdefault(place, {}).setdefault((claim.field, fold(raw.quote)), claim)
    return {place: tuple(found.values()) for place, found in held.items()}, dropped


def verify(raw: RawClaim, candidate: Candidate) -> Claim | None:
    """The claim, phrased from the evidence alone; None when the evidence is not there."""
    if len(raw.quote) > LONG:
        return None
    quote = inert(raw.quote).strip(" \"'.,;…")
    value = candidate.fields.get(raw.field)
    if value is not None:
        held = value if isinstance(value, tuple) else (value_text(value),)
        meant = [v for v in held if _says(v, quote)]
        if not meant:  # several values quoted at once: each part must be one of them
            plain = {v: _plain(v[:REACH]) for v in held}
            said = [[v for v in held if plain[v] == _plain(part)] for part in quote.split(",")]
            meant = [v for found in said for v in found] if all(said) else []
        if not meant:
            return None
        name = raw.field.rpartition(".")[2].replace("_", " ")
        values = tuple(dict.fromkeys(meant))
        text = f"{name}: {', '.join(values)}"
        return Claim(kind="fact", text=text, field=raw.field, values=values)
    if raw.field == TEXT and len(quote) >= LEAST and _says(candidate.text, quote):
        if is_order(quote):  # it was not shown, and it is not to be read out
            return None
        return Claim(kind="query", text=f"“{quote}”", field=TEXT, values=(quote,))
    return None


def _says(text: str, words: str) -> bool:
    """Whether the words stand in the text as whole words, in order, compared folded."""
    return bool(_plain(words).strip()) and _plain(words) in _plain(text[:REACH])


def _plain(text: str) -> str:
    """Folded, with everything but letters and digits as single spaces, and a space at each end."""
    return f" {' '.join(''.join(c if c.isalnum() else ' ' for c in fold(inert(text))).split())} "
