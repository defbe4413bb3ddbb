"""The form a language model fills in for one message: its schema, its prompt, its answer.

The form is made from the workspace's own schema and vocabulary, and cut to a size that a small
model on a slow machine reads in seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

import prompts
from assistant.llm.tokens import encode, truncate_to_tokens
from assistant.llm.types import ChatRequest, Message
from assistant.types import Act
from assistant.understanding.context import Context
from assistant.understanding.facets import lexicon_key
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field

ACTS: tuple[Act, ...] = ("recommend", "answer", "compare", "explain", "chitchat", "undo", "profile")
"""What a person's message can ask for; the other acts are ours to choose."""

LISTED = 24
"""A facet with at most this many values has them listed; of a longer one only the name is."""

CATALOGUE_TOKENS = 320
EARLIER_TOKENS = 160
SAID_TOKENS = 60
MESSAGE_TOKENS = 300
ANSWER_TOKENS = 320
MAX_LIST = 6


class FacetWish(BaseModel):
    """A facet value as the model wrote it."""

    model_config = ConfigDict(extra="ignore")

    field: str = ""
    value: str


class Bounds(BaseModel):
    """Limits as the model wrote them; numbers written as text are read as numbers."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    field: str
    min: float | None = None
    max: float | None = None


class Comparison(BaseModel):
    """A comparison as the model wrote it."""

    model_config = ConfigDict(extra="ignore")

    field: str
    direction: str
    base: str = ""


class Form(BaseModel):
    """The filled form. Entries that do not fit are dropped one by one; the rest still counts."""

    model_config = ConfigDict(extra="ignore")

    act: str
    liked: list[str] = []
    disliked: list[str] = []
    seen: list[str] = []
    include: list[FacetWish] = []
    exclude: list[FacetWish] = []
    ranges: list[Bounds] = []
    relative: list[Comparison] = []
    more: bool = False
    text: str = ""

    @field_validator("liked", "disliked", "seen", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        entries = value[:MAX_LIST] if isinstance(value, list) else ()
        return [entry for entry in entries if isinstance(entry, str) and entry.strip()]

    @field_validator("more", mode="before")
    @classmethod
    def _flag(cls, value: object) -> bool:
        return value is True

    @field_validator("text", mode="before")
    @classmethod
    def _text(cls, value: object) -> str:
        return value if isinstance(value, str) else ""

    @field_validator("include", "exclude", mode="before")
    @classmethod
    def _facets(cls, value: object) -> list[BaseModel]:
        return _fitting(FacetWish, value)

    @field_validator("ranges", mode="before")
    @classmethod
    def _ranges(cls, value: object) -> list[BaseModel]:
        return _fitting(Bounds, value)

    @field_validator("relative", mode="before")
    @classmethod
    def _relative(cls, value: object) -> list[BaseModel]:
        return _fitting(Comparison, value)


def _fitting(shape: type[BaseModel], value: object) -> list[BaseModel]:
    kept = []
    for entry in value[:MAX_LIST] if isinstance(value, list) else ():
        try:
            kept.append(shape.model_validate(entry))
        except ValidationError:
            continue
    return kept


def request(
    vocabulary: Vocabulary, message: str, context: Context, *, deadline: float
) -> ChatRequest:
    """The request to read one message.

    The tag that fences what others wrote is random, unless nothing they wrote could imitate it:
    it is drawn only when the plain one occurs in the texts, so that the same conversation asks the
    same request again.
    """
    prompt = prompts.load("understand")
    slots = {
        "nouns": _flat(vocabulary.schema.nouns),
        "vocabulary": catalogue(vocabulary),
        "recent": earlier(context),
        "slate": _slate(context),
        "message": _flat(message, MESSAGE_TOKENS) or "(empty)",
    }
    fence = "data"
    while any(f"-{fence}" in value for value in slots.values()):
        fence = secrets.token_hex(3)
    system, user = prompt.render(**slots, fence=fence)
    return ChatRequest(
        messages=(Message(role="system", content=system), Message(role="user", content=user)),
        schema=schema(vocabulary),
        schema_name="form",
        max_tokens=ANSWER_TOKENS,
        deadline=deadline,
        prompt=prompt.id,
    )


def schema(vocabulary: Vocabulary) -> dict[str, object]:
    """The JSON schema of the form over this workspace's fields. Lists are bounded."""
    return _object(questions(vocabulary))


def questions(vocabulary: Vocabulary) -> dict[str, object]:
    """What the form asks over this workspace's fields, in order: names and their schemas."""
    facets = [f.name for f in facet_fields(vocabulary)]
    numbers = [f.name for f in vocabulary.numbers.fields] + [
        f.name for f in vocabulary.numbers.dates
    ]
    text: dict[str, object] = {"type": "string", "maxLength": 60}
    number: dict[str, object] = {"type": ["number", "null"]}
    titles = _list(text, 4)
    properties: dict[str, object] = {
        "act": {"type": "string", "enum": list(ACTS)},
        "liked": titles,
        "disliked": titles,
        "seen": titles,
    }
    if facets:
        wish = _object({"field": _one_of(facets), "value": text})
        properties |= {"include": _list(wish, MAX_LIST), "exclude": _list(wish, MAX_LIST)}
    if numbers:
        bounds = _object({"field": _one_of(numbers), "min": number, "max": number})
        comparison = _object(
            {
                "field": _one_of(numbers),
                "direction": _one_of(["higher", "lower"]),
                "base": text,
            }
        )
        properties |= {"ranges": _list(bounds, 3), "relative": _list(comparison, 2)}
    return properties | {"more": {"type": "boolean"}, "text": text}


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: object, most: int) -> dict[str, object]:
    return {"type": "array", "items": items, "maxItems": most}


def _one_of(values: Iterable[str]) -> dict[str, object]:
    return {"type": "string", "enum": list(values)}


def facet_fields(vocabulary: Vocabulary) -> tuple[Field, ...]:
    """Facets a wish may name: those that most items have come first."""
    facets = vocabulary.schema.by_role("facet")
    return tuple(sorted(facets, key=lambda f: -f.coverage))


def catalogue(vocabulary: Vocabulary) -> str:
    """The fields in words: number fields with their span, facets with their values when few.

    Cut to :data:`CATALOGUE_TOKENS`: values go before names, and rare fields before common ones.
    """
    numbers = [
        f"{f.name}{f' ({f.unit})' if f.unit else ''}"
        + (f" {f.span.low:g}-{f.span.high:g}" if f.span.count else "")
        for f in sorted(vocabulary.numbers.fields, key=lambda f: -f.field.coverage)
    ]
    lines = [_flat("numbers: " + ", ".join(numbers), CATALOGUE_TOKENS // 3)] if numbers else []
    left = CATALOGUE_TOKENS - len(encode("".join(lines)))
    values = _values(vocabulary)
    for f in facet_fields(vocabulary):
        told = values.get(f.name, ())
        line = f"{f.name}: {', '.join(told)}" if 0 < len(told) <= LISTED else f.name
        if f.kind == "person":
            line = f"{f.name}: names of people"
        elif f.kind == "flag":
            line = f"{f.name}: true"
        line = _flat(line)
        cost = len(encode(line)) + 1
        if cost > left and ":" in line:
            line = f.name
            cost = len(encode(line)) + 1
        if cost > left:
            break
        left -= cost
        lines.append(line)
    return "\n".join(lines)


def _values(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Own values of each closed facet, the most frequent first."""
    found: dict[str, dict[str, int]] = {}
    for key, values in vocabulary.facets.values.items():
        for v in values:
            plain = not (v.loose or v.part or v.flag or v.person)
            if plain and lexicon_key(v.value, vocabulary.lexicon) == key:
                found.setdefault(v.field, {})[v.value] = v.count
    return {
        name: tuple(sorted(counts, key=lambda value: (-counts[value], value)))
        for name, counts in found.items()
    }


def earlier(context: Context) -> str:
    """What was said before, oldest first, a line each, in at most :data:`EARLIER_TOKENS`.

    Our pending question is what a short answer speaks of, so it comes in first; then the person's
    messages, from the newest back.
    """
    lines = [f"recommender: {_flat(context.question, SAID_TOKENS)}"] if context.question else []
    left = EARLIER_TOKENS - sum(len(encode(line)) + 1 for line in lines)
    for said in reversed(context.recent):
        line = f"person: {_flat(said, SAID_TOKENS)}"
        left -= len(encode(line)) + 1
        if left < 0:
            break
        lines.insert(0, line)
    return "\n".join(lines) or "(nothing)"


def _slate(context: Context) -> str:
    lines = []
    for position in range(1, min(len(context.slate), 12) + 1):
        item = context.at(position)
        if item is not None:
            lines.append(f"#{position} {_flat(item.title, 16)}")
    return "\n".join(lines) or "(nothing)"


def _flat(text: str, limit: int = 200) -> str:
    """Data on one line without tags or invisible characters, in at most ``limit`` tokens."""
    shown = "".join(c if c.isprintable() else " " for c in text[: limit * 12])
    flat = " ".join(shown.split()).replace("<", "‹").replace(">", "›")
    return truncate_to_tokens(flat, limit)
