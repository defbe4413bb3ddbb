"""The answers of a model that fills in every question of the form with whatever is at hand."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence

from assistant.understanding.form import ACTS, MAX_LIST, facet_fields
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Item
from tests.labelled_messages import Labelled


def invented(
    message: Labelled, vocabulary: Vocabulary, items: Sequence[Item], chance: random.Random
) -> str:
    """A form of the message's own words and numbers under fields, sides and judgements that are
    drawn, with titles of the catalogue and positions nobody spoke of."""
    said = re.findall(r"\w+", message.text) or ["x"]
    runs = [" ".join(said[i:j]) for i in range(len(said)) for j in range(i + 1, i + 4)]
    numbers = [float(n) for n in re.findall(r"\d{1,9}", message.text)] or [5.0]
    facets = [f.name for f in facet_fields(vocabulary)] or [""]
    limits = [f.name for f in vocabulary.numbers.fields] or [""]
    titles = ["#1", "#2", *(item.title for item in chance.choices(items, k=2))]

    def wish() -> dict[str, str]:
        return {"field": chance.choice(facets), "value": chance.choice(runs)}

    def limit() -> dict[str, object]:
        number = chance.choice(numbers)
        low, high = (number if chance.random() < 0.6 else None for _ in range(2))
        return {"field": chance.choice(limits), "min": low, "max": high}

    def comparison() -> dict[str, str]:
        return {
            "field": chance.choice(limits),
            "direction": chance.choice(["higher", "lower"]),
            "base": chance.choice(["shown", "usual", *titles]),
        }

    return json.dumps(
        {
            "act": chance.choice(ACTS),
            "liked": [*chance.sample(titles, 2), chance.choice(runs)],
            "disliked": [chance.choice(titles), chance.choice(runs)],
            "seen": [chance.choice(runs)],
            "include": [wish() for _ in range(MAX_LIST)],
            "exclude": [wish() for _ in range(3)],
            "ranges": [limit() for _ in range(3)],
            "relative": [comparison() for _ in range(2)],
            "more": chance.random() < 0.5,
            "text": " ".join(chance.sample(said, (len(said) + 1) // 2)),
        }
    )
