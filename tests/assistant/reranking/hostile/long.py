"""A megabyte of something."""

from __future__ import annotations

from tests.assistant.reranking.hostile.family import MEGABYTE, Asked, Said, heavy, ranking


@heavy
def much_of_one(a: Asked) -> Said:
    unit = a.pick(
        "a ", "{", "}", "[", "]", '"', "\\", "<think>", "</think>", '{"a":', '{"', "\x00", "{}",
        "`", '{"ranking":[', "[1,", "9", "\u0301\u0316", "\ud800", "\n", "=b2b2",
    )  # fmt: skip
    return Said(unit * (MEGABYTE // len(unit)), ())


@heavy
def much_of_handles(a: Asked) -> Said:
    unit = a.pick(" ", ",", "\n", '","').join(a.rng.sample(a.handles, len(a.handles)))
    return Said((unit + a.pick(" ", ", ")) * (MEGABYTE // len(unit)), None)


@heavy
def long_list(a: Asked) -> Said:
    return Said(ranking(a.rng.choices(a.handles, k=MEGABYTE // 10)), None)


@heavy
def long_before(a: Asked) -> Said:
    return Said(a.pick("lorem ", "{ ", "<think>x</think>") * 60_000 + ranking(a.order()), None)


@heavy
def long_claims(a: Asked) -> Said:
    order = a.order()
    quote = a.pick("text,", "c0", "text of 1 ") * 10_000
    claims = [{"item": h, "field": f, "quote": quote} for h in order for f in ("text", "colour")]
    return Said(ranking(order, claims=claims[:3]), order)
