"""Lists of items that are proposed whatever is asked: what an editor chose, and what is trending.

Each list is a source of recall of its own and appears in the trace of a ranking under its own name.
An editor's lists are a TOML file of the workspace::

    [[lists]]
    name = "staff picks"
    items = ["L3", "L17"]
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.errors import RulesError, UnreadableFile
from retrieval.kinds import EventKinds
from retrieval.storage.events import EventLog
from retrieval.types import ItemId

LATELY = 0.05
"""Share of the log, its newest events, that counts as lately: a fortnight where people are busy, a
year where they are not."""

PEOPLE = 3
"""People that an item needs lately: one who works through a back catalogue is no trend."""

LONGEST = 100
"""Trending items that are proposed; further down the rise is hard to tell from chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """A named list, the best first. Ids that the catalogue does not hold are passed over."""

    name: str
    ids: tuple[ItemId, ...]
    kind: Literal["editorial", "trending"] = "editorial"

    @property
    def label(self) -> str:
        """What a trace calls it: ``trending``, or ``list "staff picks"``."""
        return "trending" if self.kind == "trending" else f'list "{self.name}"'


def trending(log: EventLog, kinds: EventKinds) -> ItemList:
    """What people turned to lately more than they used to, the steepest rise first.

    The newest :data:`LATELY` of the events that have a time are set against all before them, both
    counted in different people per item; kinds of events that speak against an item do not count.
    Nothing reads a clock: a log that ended last year has the trends of last year. Empty for a log
    without times.
    """
    since = log.moment(LATELY)
    if since is None:
        return ItemList(name="trending", ids=(), kind="trending")
    good = [k.name for k in kinds.values() if k.weight > 0]
    found = rising(log.people(good, since=since), log.people(good, before=since))
    return ItemList(name="trending", ids=found[:LONGEST], kind="trending")


def rising(recent: Mapping[ItemId, int], earlier: Mapping[ItemId, int]) -> tuple[ItemId, ...]:
    """Items whose share of people rose, the surest rise first, ties by id.

    With ``r`` people lately, ``e = R * (earlier + 1) / (E + items)`` were to be expected of an item
    that kept its share (add-one smoothed, so that a new item has one to rise from). The order is
    ``(r - e) / sqrt(e)``, the deviation of a Poisson count in standard deviations; what is not
    above 0, or has fewer than :data:`PEOPLE`, is left out. Empty when nothing is recent.
    """
    items = set(recent) | set(earlier)
    total, before = sum(recent.values()), sum(earlier.values())
    scored = []
    for item, people in recent.items():
        expected = total * (earlier.get(item, 0) + 1) / (before + len(items))
        if people >= PEOPLE and people > expected:
            scored.append((-(people - expected) / math.sqrt(expected), item))
    return tuple(item for _, item in sorted(scored))


class _ListPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    items: tuple[str, ...]


class _ListsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    lists: tuple[_ListPart, ...] = ()


def load(path: Path) -> tuple[ItemList, ...]:
    """The lists of a file, in its order.

    UnreadableFile when it is missing or no text; RulesError, naming list and setting, when it is
    not in the format or gives one name twice.
    """
    try:
        parts = _ListsFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig"))).lists
    except OSError as e:
        raise UnreadableFile(f"lists file {path}: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise UnreadableFile(f"lists file {path} is not UTF-8 text") from e
    except tomllib.TOMLDecodeError as e:
        raise RulesError(f"{path.name} is not TOML: {e}") from e
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        where = ".".join(str(p + 1 if isinstance(p, int) else p) for p in first["loc"])
        raise RulesError(f"{path.name}: {where}: {first['msg']}") from e
    names = [p.name for p in parts]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise RulesError(f'{path.name}: two lists are called "{twice}"; rename one')
    return tuple(
        ItemList(name=p.name, ids=tuple(ItemId(i) for i in dict.fromkeys(p.items))) for p in parts
    )
