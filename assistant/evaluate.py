"""Playing written conversations through the very dialogue that is served."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from assistant.door import Assistant
from retrieval.errors import UnreadableFile


def play_scenarios(
    assistant: Assistant, scenarios: Iterable[dict[str, object]]
) -> Iterator[dict[str, object]]:
    """Play ``turns[].user`` of each scenario as a fresh visitor; one line of output a turn.

    Nothing else of a scenario is read: anchors and expectations are for the scorer.
    """
    for scenario in scenarios:
        session = assistant.new_session()
        turns = scenario["turns"]
        assert isinstance(turns, list)
        for number, turn in enumerate(turns):
            reply = assistant.reply(session, str(turn["user"]))
            yield {
                "scenario_id": scenario["id"],
                "turn": number,
                "act": reply.act,
                "slate": [card.id for card in reply.cards],
                "reply": reply.text,
                "asked": reply.asked,
            }


def read_lines(path: Path, required: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """The objects of a JSONL file, each checked for the keys it must have.

    Raises :class:`~retrieval.errors.UnreadableFile` naming the file, the line and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f'"{path}" cannot be read as UTF-8 text: {error}') from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            raise UnreadableFile(f'"{path}" line {number} is not JSON') from None
        missing = [k for k in required if not isinstance(found, dict) or k not in found]
        if missing:
            raise UnreadableFile(f'"{path}" line {number} lacks "{missing[0]}"')
        yield found
