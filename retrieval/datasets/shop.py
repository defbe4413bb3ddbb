"""The built-in shop: 120 products of our own invention, their roles, and a few business rules.

Makers, products and prices are invented, and nobody ever bought anything there: it has no events,
so that what is recommended rests on what the products are. Every file lies beside this module; the
README there says how the products were written and checked.
"""

from __future__ import annotations

import json
from pathlib import Path

from retrieval.types import ItemId, ids

CATALOG = Path(__file__).with_name("shop.jsonl")
"""One product a line: id, title, description, category, brand, price in euros, stock, attributes of
its category, tags, the day it came out."""

SCHEMA = Path(__file__).with_name("shop.toml")
"""The roles of the fields, and messages to begin with."""

RULES = Path(__file__).with_name("shop_rules.toml")
"""Business rules over the shop, one of each kind that changes an order."""


def products() -> tuple[ItemId, ...]:
    """The ids of all products, in the order of the file."""
    lines = CATALOG.read_text(encoding="utf-8").splitlines()
    return ids([json.loads(line)["id"] for line in lines])
