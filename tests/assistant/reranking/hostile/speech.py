"""What is said instead of a ranking, or around it: reasoning, refusals, errors, echoes."""

from __future__ import annotations

import json

from tests.assistant.reranking.hostile.family import Asked, Said, family, ranking


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
