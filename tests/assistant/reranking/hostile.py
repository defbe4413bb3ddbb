"""Hostile answers of a model, made for the handles that a request shows; the same for a seed.

Each family is a way in which models and the servers before them go wrong. Where it is plain what an
answer means, the family says so: an ``order`` that any reader would find in it, or none at all,
which must count as a failure. Everything else is open, and must only be survived.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from assistant.reranking.handles import DIGITS, LETTERS

MEGABYTE = 1_000_000

RARE = 400
"""One of so many replies is a megabyte long."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply. ``order`` lists the handles that it plainly ranks, the best first; empty where it
    plainly ranks nothing; None where that is open."""

    text: str
    order: tuple[str, ...] | None = None


class Asked:
    """What a family may use: the ``handles`` as shown, how many are ``wanted``, chance."""

    def __init__(self, rng: random.Random, handles: Sequence[str], wanted: int) -> None:
        self.rng = rng
        self.handles = tuple(handles) or ("b2c", "k7d", "x9z")
        self.wanted = max(1, min(wanted, len(self.handles)))

    def order(self) -> tuple[str, ...]:
        """As many as are wanted in any order but the one they are shown in."""
        while True:
            found = tuple(self.rng.sample(self.handles, self.wanted))
            if len(found) < 2 or found != tuple(h for h in self.handles if h in found):
                return found

    def pick(self, *choices: str) -> str:
        """One of them."""
        return self.rng.choice(choices)

    def other(self) -> str:
        """A handle of another request."""
        while True:
            name = "".join(map(self.rng.choice, (LETTERS, DIGITS, LETTERS)))
            if name not in self.handles:
                return name

    def words(self) -> str:
        """Prose of no meaning, without handles."""
        some = ("of", "the", "item", "night", "3", "12", "wie", "для", "これは", "très", "?", "—")
        return " ".join(self.rng.choices(some, k=self.rng.randint(1, 12)))


Family = Callable[[Asked], Said]
FAMILIES: dict[str, Family] = {}
HEAVY: dict[str, Family] = {}


def family(make: Family) -> Family:
    """Add a family under its name."""
    FAMILIES[make.__name__] = make
    return make


def heavy(make: Family) -> Family:
    """Add a family whose replies are long."""
    HEAVY[make.__name__] = make
    return make


def ranking(names: Sequence[object], **more: object) -> str:
    """The shape that is asked for."""
    return json.dumps({"ranking": list(names), **more}, ensure_ascii=False)


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


@family
def reasoning_closed(a: Asked) -> Said:
    order, mark = a.order(), a.pick("think", "thinking", "THINK", "reasoning", "thought")
    fake = ranking(a.rng.sample(a.handles, len(a.handles)))
    return Said(f"<{mark}>{a.words()} {fake}</{mark}>\n{ranking(order)}", order)


@family
def reasoning_after(a: Asked) -> Said:
    order = a.order()
    fake = ranking(a.rng.sample(a.handles, len(a.handles)))
    return Said(f"{ranking(order)}<think>or rather {fake}</think>", order)


@family
def reasoning_never_opened(a: Asked) -> Said:
    order = a.order()
    fake = ranking(a.rng.sample(a.handles, len(a.handles)))
    return Said(f"{a.pick('', a.words())}{fake}</think>{ranking(order)}", order)


@family
def reasoning_unclosed(a: Asked) -> Said:
    fake = ranking(a.rng.sample(a.handles, len(a.handles)))
    return Said(f"<think>{a.words()} {a.pick(fake, ' > '.join(a.handles))}", ())


@family
def reasoning_nested(a: Asked) -> Said:
    fake = ranking(a.rng.sample(a.handles, len(a.handles)))
    order = a.order()
    return Said(f"<think><think>{fake}</think>{fake}</think>{ranking(order)}", order)


REFUSALS = (
    "I'm sorry, but I can't help with that.", "As an AI language model, I cannot rank items.",
    "I cannot comply with this request as it may violate our policies.", "No.", "N/A", "None",
    "Es tut mir leid, dabei kann ich nicht helfen.", "Je suis désolé, je ne peux pas répondre.",
    "Lo siento, no puedo ayudarte con eso.", 
    "申し訳ありませんが、お手伝いできません。", "抱歉，我无法提供帮助。",
    "К сожалению, я не могу помочь.", "عذراً، لا أستطيع المساعدة في ذلك.",
    "죄송하지만 도와드릴 수 없습니다.",
    "Mi dispiace, non posso.", "Üzgünüm, bu konuda yardımcı olamam.",
    "माफ़ कीजिए, मैं मदद नहीं कर सकता।",
    "The items are all fine, 1 to 3.", "Which of the 10 would you like me to rank first?",
)  # fmt: skip


@family
def refusal(a: Asked) -> Said:
    return Said(f"{a.pick('', a.words() + chr(10))}{a.pick(*REFUSALS)}", ())


@family
def refusal_as_json(a: Asked) -> Said:
    made: list[dict[str, object]] = [
        {"refusal": a.pick(*REFUSALS)}, {"error": a.pick(*REFUSALS)},
        {"ranking": [], "reason": f"cannot rank {', '.join(a.order())}"},
        {"ranking": None, "reason": a.words()}, {"ranking": [a.pick(*REFUSALS)]},
    ]  # fmt: skip
    return Said(json.dumps(a.rng.choice(made)), ())


@family
def refusal_that_names_items(a: Asked) -> Said:
    one, two = a.rng.choice(a.handles), a.rng.choice(a.handles)
    made = (
        f"I cannot compare {one} with {two}.", f"Sorry, {one} and {two} look alike to me.",
        f"Neither {one} nor {two} nor {a.rng.choice(a.handles)} fits.", f"{one} is unclear to me.",
    )  # fmt: skip
    return Said(a.pick(*made), ())


@family
def error_string(a: Asked) -> Said:
    made = (
        "Error: rate limit exceeded", "Error code: 429 - {'error': {'message': 'slow down'}}",
        '{"error": {"message": "overloaded", "type": "server_error", "code": 503}}',
        "<html><head><title>502 Bad Gateway</title></head><body>nginx/1.25.3</body></html>",
        "upstream connect error or disconnect/reset before headers. reset reason: 111",
        'Traceback (most recent call last):\n  File "app.py", line 12, in run\n    x[3]\n'
        "IndexError: list index out of range", "null", "undefined", "[object Object]", "NaN",
        "{}", "[]", '""', "0", "-1", "true", "data: [DONE]", "<!DOCTYPE html>",
        "CUDA out of memory",
    )  # fmt: skip
    return Said(f"{a.pick(*made)}{a.pick('', ' ' + str(a.rng.randint(0, 10**6)))}", ())


@family
def blank(a: Asked) -> Said:
    space = ("", " ", "\n", "\t", "\r\n", "\u3000", "\u200b", "\ufeff", "\x00")
    return Said("".join(a.rng.choices(space, k=a.rng.randint(0, 12))), ())


@family
def prompt_quoted_back(a: Asked) -> Said:
    lines = "\n".join(f"colour: {a.words()} | text: {a.words()} | id: {h}" for h in a.handles)
    schema = json.dumps({"type": "object", "properties": {"items": {"enum": a.handles}}})
    made = (f"You asked: <items>\n{lines}\n</items>", lines, schema, json.dumps(a.handles))
    return Said(a.pick(*made), () if len(a.handles) > 1 else None)


@family
def prompt_quoted_then_ranked(a: Asked) -> Said:
    order = a.order()
    lines = "\n".join(f"colour: {a.words()} | id: {h}" for h in a.handles)
    listed = " > ".join(order)
    return Said(f"{lines}\n\nMy ranking: {a.pick(ranking(order), listed)}", None)


@family
def grades(a: Asked) -> Said:
    grade = a.pick(
        *"01234", "5", "9", "-1", "2.5", "3.", " 4\n", "４", "iv", "4/4", "Grade: 3", "33"
    )
    return Said(grade, ())


@family
def scattered_handles(a: Asked) -> Said:
    return Said(" ".join(f"{a.words()} {h}" for h in a.rng.choices(a.handles, k=9)), None)


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


@dataclass(frozen=True, slots=True)
class Hostile:
    """One reply of a family; a function of what is shown, so that it can be given to any call."""

    family: str
    seed: str

    def said(self, handles: Sequence[str], wanted: int) -> Said:
        """The reply to a request that shows these handles."""
        make = FAMILIES.get(self.family) or HEAVY[self.family]
        return make(Asked(random.Random(self.seed), handles, wanted))


def replies(seed: int) -> Iterator[Hostile]:
    """Replies without end: the families by turns, and now and then a long one."""
    names, long = list(FAMILIES), list(HEAVY)
    for number in count():
        one = long[number // RARE % len(long)] if number % RARE == RARE - 1 else ""
        yield Hostile(one or names[number % len(names)], f"{seed} {number}")
