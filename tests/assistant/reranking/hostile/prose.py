"""Rankings in prose, lists, tables and drafts."""

from __future__ import annotations

import json

from tests.assistant.reranking.hostile.family import Asked, Said, family, ranking


@family
def clean(a: Asked) -> Said:
    order = a.order()
    return Said(ranking(order), order)


@family
def digits_in_prose(a: Asked) -> Said:
    n = a.rng.randint(2, 9)
    numbers = a.rng.sample(range(1, n + 1), n)
    form = a.pick("[{}]", "({})", "#{}", "{}", "item {}")
    said = a.pick(" > ", ", ", "\n", " ≻ ").join(form.format(k) for k in numbers)
    return Said(f"Of the {n} passages, my ranking is {said}{a.pick('', '.', chr(10))}", ())


@family
def numbers_for_handles(a: Asked) -> Said:
    n = a.wanted
    numbers: list[object] = [a.rng.choice([0, -1, n, n + 1, 1.5, 10**30]) for _ in range(n)]
    one = [*range(1, n + 1)]
    a.rng.shuffle(one)
    made = a.rng.choice([numbers, one, [str(k) for k in one], [[k] for k in one], [0, 0, 0, -1]])
    return Said(ranking(made), ())


@family
def prose_list(a: Asked) -> Said:
    order = a.order()
    form = a.pick("[{}]", "{}", "({})", "**{}**", "`{}`", "“{}”")
    said = a.pick(" > ", ", ", " ≻ ", ">", " → ").join(form.format(h) for h in order)
    text = f"Of the {len(a.handles)} items, my ranking is {said}{a.pick('', '.', chr(10))}"
    return Said(text, order if a.wanted > 1 else None)


@family
def numbered_list(a: Asked) -> Said:
    order = a.order()
    mark = a.pick("{}. {}", "{}) {}", "#{} – {}", "{}: id: {}")
    said = "\n".join(mark.format(k, h) for k, h in enumerate(order, 1))
    return Said(f"{a.words()}\n{said}\n{a.words()}", order if a.wanted > 1 else None)


@family
def explained_list(a: Asked) -> Said:
    order = a.order()
    said = "\n".join(f"{k}. {h}: {a.words()} ({h})" for k, h in enumerate(order, 1))
    return Said(f"Here you are!\n\n{said}", None)


@family
def markdown_table(a: Asked) -> Said:
    order = a.order()
    rows = "\n".join(f"| {k} | {h} |" for k, h in enumerate(order, 1))
    return Said(f"| rank | id |\n|---|---|\n{rows}", order if a.wanted > 1 else None)


@family
def fence(a: Asked) -> Said:
    order = a.order()
    mark = a.pick("```", "````", "~~~")
    head = a.pick("", "json", "JSON", " python")
    return Said(f"{mark}{head}\n{ranking(order)}\n{mark}{a.pick('', chr(10))}", order)


@family
def prose_around(a: Asked) -> Said:
    order = a.order()
    before, after = a.words(), a.words()
    return Said(f"{before} {ranking(order)} {a.pick('', after)}", order)


@family
def drafts_and_final(a: Asked) -> Said:
    order = a.order()
    drafts = [ranking(a.rng.sample(order, a.rng.randint(1, len(order)))) for _ in range(3)]
    many = drafts * a.rng.choice([1, 1, 5])
    return Said("\n".join([*many, f"Final: {ranking(order)}"]), order)


@family
def final_and_remark(a: Asked) -> Said:
    order = a.order()
    remark = ranking([order[0]]) if len(order) > 1 else ""
    return Said(f"{ranking(order)} The first is {remark}", order)


@family
def same_key_twice(a: Asked) -> Said:
    order = a.order()
    draft = json.dumps(a.rng.sample(order, len(order)))
    return Said(f'{{"ranking": {draft}, "ranking": {json.dumps(order)}}}', order)


@family
def cut(a: Asked) -> Said:
    text = ranking(a.order(), claims=[{"item": a.handles[0], "field": "f", "quote": a.words()}])
    return Said(text[: a.rng.randint(1, len(text) - 1)], None)


@family
def cut_behind_a_brace(a: Asked) -> Said:
    order = a.order()
    claims = [{"item": order[0], "field": "f", "quote": "q"}]
    return Said(ranking(order, claims=claims)[:-2], order)
