"""The model's answer: the schema it is held to, and reading it whatever it is.

Handles in, handles out: only the handles of this request count, each once. Digits in prose, ranks,
ids and handles of other requests mean nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from assistant.llm.structured import objects, without_reasoning
from assistant.reranking.handles import WORD
from assistant.reranking.types import Issue

MAX_ENTRIES = 500
"""Entries of a list that are looked at; a longer one is a model that is stuck."""

QUOTE = 80
"""Characters of a quotation: enough for a fact, too short for a speech."""


class RawClaim(BaseModel):
    """A claim as the model wrote it, not yet checked."""

    model_config = ConfigDict(extra="ignore")

    item: str = ""
    field: str = ""
    quote: str = ""


class RawAnswer(BaseModel):
    """An answer as the model wrote it. Entries of a wrong type are dropped, not guessed at."""

    model_config = ConfigDict(extra="ignore")

    ranking: list[object]
    claims: list[RawClaim] = []

    @field_validator("claims", mode="before")
    @classmethod
    def _only_claims(cls, value: object) -> list[RawClaim]:
        kept = []
        for entry in value[:MAX_ENTRIES] if isinstance(value, list) else ():
            try:
                kept.append(RawClaim.model_validate(entry))
            except ValidationError:
                kept.append(RawClaim())  # counted, and fails its check
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What could be read: positions of candidates, best first, and what had to be put right.

    ``clean`` says that nothing had to be.
    """

    positions: tuple[int, ...] = ()
    claims: tuple[RawClaim, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether the answer was taken as it stood."""
        return not self.issues


def schema(
    handles: Sequence[str], wanted: int, fields: Sequence[str], claims: int
) -> dict[str, object]:
    """The JSON schema of an answer: ``wanted`` of exactly these handles, at most ``claims`` claims.

    The claims are left out altogether when there may be none.
    """
    handle: dict[str, object] = {"type": "string", "enum": list(handles)}
    properties: dict[str, object] = {
        "ranking": {"type": "array", "items": handle, "minItems": wanted, "maxItems": wanted}
    }
    if claims and fields:
        claim = {
            "item": handle,
            "field": {"type": "string", "enum": list(fields)},
            "quote": {"type": "string", "maxLength": QUOTE},
        }
        properties["claims"] = {
            "type": "array",
            "maxItems": claims,
            "items": {
                "type": "object",
                "properties": claim,
                "required": list(claim),
                "additionalProperties": False,
            },
        }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read(text: str, handles: Sequence[str], wanted: int) -> Order:
    """The order in the text, with an issue for everything that was wrong with it.

    A JSON object with a ``ranking`` is looked for first (a cut one gives what of it is whole);
    failing that, the handles themselves in the order of their first mention, as long as at least
    half of those wanted are mentioned: less is talk about items, not a ranking of them. No
    positions when nothing was found. Time is linear in the text.
    """
    places = {name: place for place, name in enumerate(handles)}
    whole = text.rstrip().endswith("}")
    best = Order()
    for found in objects(text):
        try:
            raw = RawAnswer.model_validate(found)
        except ValidationError:
            continue
        order = _resolve(raw, places, wanted)
        if len(order.positions) > len(best.positions):
            best = order
    if best.positions:
        if not whole and not text.rstrip().endswith("```"):
            loose = Issue(code="cut_answer", detail="the answer did not end with its JSON")
            return Order(positions=best.positions, claims=best.claims, issues=(*best.issues, loose))
        return best
    return _scan(without_reasoning(text), places, wanted)


def _resolve(raw: RawAnswer, places: dict[str, int], wanted: int) -> Order:
    """Positions named by a JSON answer; unknown and repeated ones are dropped and counted."""
    positions: dict[int, None] = {}
    unknown = repeated = 0
    for entry in raw.ranking[:MAX_ENTRIES]:
        name = entry.get("id", entry.get("item")) if isinstance(entry, dict) else entry
        place = places.get(name.strip().lower()) if isinstance(name, str) else None
        if place is None:
            unknown += 1
        elif place in positions:
            repeated += 1
        else:
            positions[place] = None
    issues = []
    if len(raw.ranking) > MAX_ENTRIES:
        issues.append(Issue(code="too_long", detail=f"{len(raw.ranking)} entries were listed"))
    if unknown:
        issues.append(Issue(code="unknown_handle", detail=f"{unknown} dropped"))
    if repeated:
        issues.append(Issue(code="repeated_handle", detail=f"{repeated} dropped"))
    missing = wanted - len(positions)
    if missing > 0:
        issues.append(
            Issue(code="missing_handle", detail=f"{missing} of {wanted} keep their prior order")
        )
    return Order(positions=tuple(positions), claims=tuple(raw.claims), issues=tuple(issues))


def mentions(text: str, handles: Container[str]) -> Iterator[str]:
    """The handles of this request that stand in the text as whole words, in order, with repeats."""
    for match in WORD.finditer(text):
        name = match[0].lower()
        if name in handles:
            yield name


def _scan(text: str, places: dict[str, int], wanted: int) -> Order:
    """Positions by first mention in text that holds no JSON answer."""
    positions = tuple(dict.fromkeys(places[name] for name in mentions(text, places)))
    if not positions or 2 * len(positions) < wanted:
        return Order()
    issues = [Issue(code="no_json", detail="the handles were read from text without JSON")]
    if len(positions) < wanted:
        missing = wanted - len(positions)
        issues.append(
            Issue(code="missing_handle", detail=f"{missing} of {wanted} keep their prior order")
        )
    return Order(positions=positions, issues=tuple(issues))
