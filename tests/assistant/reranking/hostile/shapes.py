"""JSON that is broken, or of another shape than was asked for."""

from __future__ import annotations

import json

from tests.assistant.reranking.hostile.family import Asked, Said, family, ranking


@family
def nearly_json(a: Asked) -> Said:
    order = a.order()
    text = ranking(order)
    made = {
        "trailing comma": text.replace("]}", ",],}"),
        "comment": text.replace("[", "[ // the best first\n"),
        "block comment": "/* ranking */" + text.replace("]", " /* end */ ]"),
        "single quotes": text.replace('"', "'"),
        "typographic": text.replace('"', "”"),
        "no quotes": text.replace('"', ""),
        "no commas": text.replace(",", ""),
        "python": str({"ranking": order}),
        "unclosed": text[:-1],
        "equals": text.replace(":", " ="),
        "missing bracket": text.replace("]", ""),
    }
    return Said(made[a.pick(*made)], None if a.wanted < 2 else order)


@family
def not_a_number(a: Asked) -> Said:
    order = a.order()
    bad: object = a.rng.choice([float("nan"), float("inf"), -float("inf"), 10**400, 1e-300])
    return Said(ranking([*order, bad], score=bad), order)


@family
def huge_number(a: Asked) -> Said:
    return Said(f'{{"ranking": [{"9" * a.rng.randint(4_000, 9_000)}]}}', ())


@family
def wrong_types(a: Asked) -> Said:
    value: object = a.rng.choice(
        [None, True, False, 7, -1.5, "", "x", {}, [], [[]], [{}], [None], [True, False], [[[]]]]
    )
    return Said(json.dumps({a.pick("ranking", "ranking", "order"): value}), ())


@family
def ranking_is_text(a: Asked) -> Said:
    order = a.order()
    return Said(
        json.dumps({"ranking": a.pick(" > ", ", ").join(order)}), None if a.wanted < 2 else order
    )


@family
def ranking_is_nested(a: Asked) -> Said:
    order = a.order()
    made = a.rng.choice([[list(order)], [[h] for h in order], {"ids": order}, [[list(order)]]])
    return Said(json.dumps({"ranking": made}), None if a.wanted < 2 else order)


@family
def ranking_is_a_map(a: Asked) -> Said:
    order = a.order()
    made = {str(k): h for k, h in enumerate(order, 1)}
    return Said(json.dumps({"ranking": made}), None if a.wanted < 2 else order)


@family
def top_level_list(a: Asked) -> Said:
    order = a.order()
    return Said(json.dumps(order), None if a.wanted < 2 else order)


@family
def wrapped(a: Asked) -> Said:
    order = a.order()
    key = a.pick("result", "answer", "output", "data")
    return Said(json.dumps({key: {"ranking": order}}), None if a.wanted < 2 else order)


@family
def entries_are_objects(a: Asked) -> Said:
    order = a.order()
    key = a.pick("id", "item", "handle")
    return Said(ranking([{key: h, "rank": k} for k, h in enumerate(order, 1)]), order)


@family
def scores_for_an_order(a: Asked) -> Said:
    """Scores in the order shown, not their own: which of the two is meant is not known."""
    if len(a.handles) < 4:
        return Said(json.dumps(dict.fromkeys(a.handles, 0.5)), () if len(a.handles) != 2 else None)
    scores = [0.5, *a.rng.choice([(0.2, 0.9, 0.4), (0.7, 0.1, 0.6)])]
    scores += [round(a.rng.random(), 3) for _ in a.handles[4:]]
    pairs = list(zip(a.handles, scores, strict=True))
    made: list[object] = [
        ranking([{"id": h, "score": s} for h, s in pairs]),
        json.dumps({"scores": dict(pairs)}),
        json.dumps(dict(pairs)),
        "\n".join(f"{h}: {s:.3f}" for h, s in pairs),
    ]
    return Said(str(a.rng.choice(made)), ())


@family
def the_same_score_for_all(a: Asked) -> Said:
    order = a.rng.sample(a.handles, len(a.handles))
    score = a.rng.choice([0, 1, 0.5, 10])
    return Said(ranking([{"id": h, "score": score} for h in order]), () if len(order) > 1 else None)
