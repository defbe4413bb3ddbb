"""Handles that are loose, unknown, repeated, too few or too many."""

from __future__ import annotations

import json
from collections.abc import Callable

from assistant.reranking.handles import DIGITS, LETTERS
from tests.assistant.reranking.hostile.family import Asked, Said, family, ranking


@family
def loose_handles(a: Asked) -> Said:
    order = a.order()
    wide = {ord(c): ord(c) + 0xFEE0 for c in LETTERS + DIGITS}
    forms: list[Callable[[str], str]] = [
        str.upper, str.title, lambda h: f" {h}", lambda h: f"{h}\n", lambda h: f'"{h}"',
        lambda h: f"[{h}]", lambda h: f"id: {h}", lambda h: f"{h},", lambda h: f"({h}).",
        lambda h: f"\x00{h}\x07", lambda h: f"\u202e{h}\u202c", lambda h: f"\ufeff{h}",
        lambda h: h.translate(wide), lambda h: f"{h}🎬", lambda h: f"\t{h}\r\n",
        lambda h: f"1. {h}", lambda h: f"{h}\ud800",
    ]  # fmt: skip
    form = a.rng.choice(forms)
    return Said(json.dumps({"ranking": [form(h) for h in order]}), order)


@family
def glued(a: Asked) -> Said:
    return Said(a.pick("", "_", "x", "0").join(a.order()) + a.other(), None)


@family
def tight_or_airy(a: Asked) -> Said:
    order = a.order()
    airy = json.dumps({"ranking": order}, indent=a.rng.randint(0, 4))
    tight = json.dumps({"ranking": order}, separators=(",", ":"))
    return Said(a.pick(airy, tight, f"\r\n\t{tight}\n\n"), order)


@family
def other_requests(a: Asked) -> Said:
    names = [a.other() for _ in range(a.wanted)]
    return Said(a.pick(ranking(names), " > ".join(names)), ())


@family
def unknown_among_them(a: Asked) -> Said:
    order = a.order()
    names: list[object] = list(order)
    for extra in (a.other(), a.words(), None, 3, [order[0]], ""):
        names.insert(a.rng.randint(0, len(names)), extra)
    return Said(ranking(names), order)


@family
def repeated(a: Asked) -> Said:
    order = a.order()
    return Said(ranking([h for h in order for _ in range(a.rng.randint(1, 4))]), order)


@family
def one_only(a: Asked) -> Said:
    return Said(ranking([a.rng.choice(a.handles)] * a.rng.randint(1, 60)), None)


@family
def more_than_wanted(a: Asked) -> Said:
    return Said(ranking(a.rng.sample(a.handles, len(a.handles))), None)


@family
def input_order(a: Asked) -> Said:
    order = a.handles[: a.wanted]
    return Said(ranking(order), order)


@family
def reversed_order(a: Asked) -> Said:
    order = a.handles[::-1][: a.wanted]
    return Said(ranking(order), order)


@family
def extra_keys(a: Asked) -> Said:
    order = a.order()
    return Said(
        ranking(order, **{a.pick("explanation", "scores", "", "Ranking"): a.words()}), order
    )


@family
def unasked_claims(a: Asked) -> Said:
    order = a.order()
    claims: object = a.rng.choice(
        [
            "a string", None, 7, {}, [1, None, "x"], [[]], [{"item": 3, "field": [], "quote": {}}],
            [{"item": order[0], "field": "colour", "quote": "never said"}],
            [{"item": a.other(), "field": "colour", "quote": "c0"}],
            [{"item": h, "field": "colour", "quote": "c0"} for h in order] * 9,
            [{"item": order[0], "field": "text", "quote": "text," * 20_000}],
            [{"item": order[0], "field": "\ud800", "quote": "\ud800"}],
        ]
    )  # fmt: skip
    return Said(json.dumps({"ranking": order, "claims": claims}), order)


@family
def control_characters(a: Asked) -> Said:
    order = a.order()
    bad = a.pick(
        "\x00", "\x1b[2J", "\u202e", "\u200b", "\ud800", "\udfff", "\ufffe", "👩‍👩‍👧", "\x85"
    )
    return Said(f"{bad}{ranking(order)}{bad}", order)


@family
def noise(a: Asked) -> Said:
    points = [0, 7, 34, 39, 44, 91, 93, 123, 125, 0x301, 0x202E, 0xD800, 0xFF21, 0x1F600, 0x4E00]
    return Said("".join(chr(a.rng.choice(points)) for _ in range(a.rng.randint(1, 80))), ())


@family
def json_confetti(a: Asked) -> Said:
    pieces = ['{"', "{", "}", "[", "]", '"', ",", ":", "ranking", '{"ranking": [', *a.handles]
    return Said("".join(a.rng.choices(pieces, k=a.rng.randint(1, 60))), None)
