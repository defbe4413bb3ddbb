"""The model's answer: the schema it is held to, and reading it whatever it is.

Handles in, handles out: only the handles of this request count, each once. Digits in prose, ranks,
ids and handles of other requests mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from assistant.llm.structured import located, without_reasoning
from assistant.reranking.handles import WORD
from assistant.reranking.listing import WIDE, listing, one_way
from assistant.reranking.types import Issue

MAX_ENTRIES = 500
"""Entries of a list that are looked at; a longer one is a model that is stuck."""

ENTRY = 200
"""Characters of one entry in which its handle is looked for."""

QUOTE = 80
"""Characters of a quotation: enough for a fact, too short for a speech."""

SAID = {"ranking", "claims"}
NAMES = ("id", "item", "handle")
"""Keys under which an entry that is an object names its item."""

RANKING = re.compile(r'"ranking"\s*:')


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
        for entry in value[:MAX_ENTRIES] if isinstance(value, list) else (value,):
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


def read(text: str, handles: Sequence[str], wanted: int, claims: int | None = None) -> Order:
    """The order in the text, with an issue for everything that was wrong with it. ``claims`` is how
    many were asked for (None: any number).

    JSON objects with a ``ranking`` are looked for first (a cut one gives what of it is whole). The
    one that names most of the items wanted is the answer, for a draft is shorter as a rule than
    what comes of it; of several such the last, for a model that writes two means the second.
    Failing that, or where it is broken and names fewer, the handles are read from text that lists
    them (:mod:`.listing`), as long as at least half of those wanted stand in it: less is talk about
    items, not a ranking of them. An empty ranking is an answer too: nothing is looked for beside
    it. No positions when nothing was found, whatever the text says: a refusal is never taken for
    the prior order. Time is linear in the text.
    """
    places = {name: place for place, name in enumerate(handles)}
    best, rankings, empty, broken = Order(), 0, False, True
    for found in located(text):
        if "ranking" not in found.value:
            continue
        try:
            raw = RawAnswer.model_validate(found.value)
        except ValidationError:
            continue
        if not raw.ranking or not one_way(_numbers(raw.ranking[:MAX_ENTRIES])):
            empty = True  # nothing, or scores that the list does not follow: what is meant is open
            continue
        order = _resolve(raw, places, wanted)
        if not order.positions:
            continue
        rankings += 1
        if min(wanted, len(order.positions)) >= min(wanted, len(best.positions)):
            issues = (*order.issues, *_beside(found.value, raw, places, claims))
            if not found.whole:
                loose = Issue(code="cut_answer", detail="the answer did not end with its JSON")
                issues = (*issues, loose)
            elif not found.alone:
                loose = Issue(code="loose_json", detail="other text stood beside the JSON")
                issues = (*issues, loose)
            elif len(RANKING.findall(text)) > 1:
                rankings += 1
            best, broken = replace(order, issues=issues), not found.whole
    if rankings > 1:
        detail = "several rankings were given; the last of the fullest counts"
        return replace(best, issues=(*best.issues, Issue(code="several_answers", detail=detail)))
    if empty or not broken or len(best.positions) >= wanted:
        return best
    listed = _scan(without_reasoning(text), places, wanted)
    return listed if len(listed.positions) > len(best.positions) else best


def _resolve(raw: RawAnswer, places: Mapping[str, int], wanted: int) -> Order:
    """Positions named by a JSON answer; unknown and repeated ones are dropped and counted."""
    positions: dict[int, None] = {}
    unknown = repeated = loose = 0
    for entry in raw.ranking[:MAX_ENTRIES]:
        name = _name(entry, places)
        if name is None:
            unknown += 1
            continue
        loose += name != entry
        if places[name] in positions:
            repeated += 1
        else:
            positions[places[name]] = None
    issues = []
    if len(raw.ranking) > MAX_ENTRIES:
        issues.append(Issue(code="too_long", detail=f"{len(raw.ranking)} entries were listed"))
    if unknown:
        issues.append(Issue(code="unknown_handle", detail=f"{unknown} dropped"))
    if repeated:
        issues.append(Issue(code="repeated_handle", detail=f"{repeated} dropped"))
    if loose:
        issues.append(Issue(code="loose_handle", detail=f"{loose} were not written as shown"))
    missing = wanted - len(positions)
    if missing > 0:
        issues.append(_missing(missing, wanted))
    elif missing < 0:
        issues.append(Issue(code="extra_handle", detail=f"{-missing} more than the {wanted} asked"))
    return Order(positions=tuple(positions), claims=tuple(raw.claims), issues=tuple(issues))


def _name(entry: object, places: Mapping[str, int]) -> str | None:
    """The handle that an entry names; None where it names none of these, or more than one."""
    if isinstance(entry, dict):
        entry = next((entry[key] for key in NAMES if key in entry), None)
    if not isinstance(entry, str):
        return None
    if entry in places:
        return entry
    named = set(mentions(entry[:ENTRY].translate(WIDE), places))
    return named.pop() if len(named) == 1 else None


def _numbers(entries: Sequence[object]) -> list[float]:
    """The number beside each entry that is an object; none where one has not exactly one."""
    numbers: list[float] = []
    for entry in entries:
        if not isinstance(entry, dict):
            return []
        own = [v for v in entry.values() if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(own) != 1:
            return []
        numbers += own
    return numbers


def _beside(
    value: Mapping[str, object], raw: RawAnswer, places: Mapping[str, int], claims: int | None
) -> Iterator[Issue]:
    """What an answer holds beside its ranking that was not asked for."""
    extra = len(value.keys() - SAID)
    if extra:
        yield Issue(code="extra_key", detail=f"{extra} passed over")
    if claims is not None and len(raw.claims) > claims:
        yield Issue(code="extra_claim", detail=f"{len(raw.claims)} given, {claims} asked for")
    loose = sum(c.item not in places and c.item.strip().lower() in places for c in raw.claims)
    if loose:
        yield Issue(code="loose_handle", detail=f"{loose} in claims were not written as shown")
    long = sum(len(c.quote) > QUOTE for c in raw.claims)
    if long:
        yield Issue(code="long_quote", detail=f"{long} longer than {QUOTE} characters")


def _missing(missing: int, wanted: int) -> Issue:
    return Issue(code="missing_handle", detail=f"{missing} of {wanted} keep their prior order")


def mentions(text: str, handles: Container[str]) -> Iterator[str]:
    """The handles of this request that stand in the text as whole words, in order, with repeats."""
    for match in WORD.finditer(text):
        name = match[0].lower()
        if name in handles:
            yield name


def _scan(text: str, places: Mapping[str, int], wanted: int) -> Order:
    """Positions as listed in text that holds no JSON answer."""
    positions = listing(text, places, wanted)
    if not positions or 2 * len(positions) < wanted:
        return Order()
    issues = [Issue(code="no_json", detail="the handles were read from text without such JSON")]
    if len(positions) < wanted:
        issues.append(_missing(wanted - len(positions), wanted))
    return Order(positions=positions, issues=tuple(issues))
