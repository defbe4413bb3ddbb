"""Catalogues of domains that no data file knows: fields are named from a seed, truth is kept.

A domain says what things there are and what each of their fields may be called; a seed chooses the
names, the values and the items. What a turn should come to is worked out from the rows alone.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

ITEMS = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One domain: names that each part may go by, and the values that it may have.

    ``sort`` is a single-valued facet, ``traits`` a multi-valued one, ``level`` a facet with an
    order, ``flag`` a yes or no, ``size`` a number with a unit in its name, ``maker`` who makes it.
    A pair of ``size`` is the name with the word for more of it.
    """

    thing: str
    words: tuple[str, ...]
    sort: tuple[str, ...]
    sorts: tuple[str, ...]
    traits: tuple[str, ...]
    trait_values: tuple[str, ...]
    level: tuple[str, ...]
    levels: tuple[str, ...]
    flag: tuple[str, ...]
    size: tuple[tuple[str, str, str], ...]
    maker: tuple[str, ...]
    makers: tuple[str, ...]
    people: tuple[str, ...]
    names: tuple[str, ...]


DOMAINS = (
    Domain(
        thing="rug",
        words=("woven by hand", "for a hall", "thick pile", "faded tones", "a plain border"),
        sort=("weave", "technique"),
        sorts=("kilim", "gabbeh", "soumak", "shag"),
        traits=("fibres", "yarns"),
        trait_values=("wool", "silk", "jute", "cotton", "hemp"),
        level=("softness", "pile_feel"),
        levels=("firm", "medium", "soft"),
        flag=("reversible", "fringed"),
        size=(("length_cm", "longer", "cm"), ("span_cm", "longer", "cm")),
        maker=("workshop_brand", "manufacturer"),
        makers=("Ardent Loom", "Brackwell Mill", "Corvale Weavers", "Dunmarsh House"),
        people=("weaver", "designer"),
        names=("Ilse Marrow", "Teo Quillan", "Nadia Fenwright", "Oskar Belling", "Runa Castell"),
    ),
    Domain(
        thing="tea",
        words=("picked in spring", "a malty cup", "from a steep slope", "pan fired", "slow dried"),
        sort=("leaf", "family"),
        sorts=("oolong", "sencha", "pu-erh", "rooibos"),
        traits=("notes_of", "aromas"),
        trait_values=("apricot", "chestnut", "orchid", "cedar", "caramel"),
        level=("strength", "body"),
        levels=("mild", "medium", "strong"),
        flag=("organic", "decaffeinated"),
        size=(("steep_minutes", "longer", "minutes"), ("infusion_minutes", "longer", "minutes")),
        maker=("producer", "estate_brand"),
        makers=("Ellery Gardens", "Fosswick Leaf", "Gantry Hill", "Harrowmere Tea"),
        people=("blender_creator", "author"),
        names=("Mira Oswin", "Jonas Tarn", "Petra Lindqvar", "Abel Norcott", "Sunniva Rask"),
    ),
    Domain(
        thing="tour",
        words=("along the river", "past old walls", "with a packed lunch", "under big skies"),
        sort=("terrain", "setting"),
        sorts=("glacier", "vineyard", "lagoon", "canyon"),
        traits=("activities", "highlights"),
        trait_values=("kayaking", "climbing", "birding", "snorkelling", "caving"),
        level=("difficulty", "effort"),
        levels=("easy", "moderate", "hard"),
        flag=("guided", "overnight"),
        size=(("duration_hours", "longer", "hours"), ("total_hours", "longer", "hours")),
        maker=("operator", "company"),
        makers=("Juniper Trails", "Kestrel Outings", "Larkspur Ways", "Mossgate Tours"),
        people=("guide", "host"),
        names=("Lena Dorrit", "Ivo Hallam", "Greta Sorrel", "Milos Vane", "Asta Brennick"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One catalogue: its rows by id in file order, and what each part is called in it."""

    domain: Domain
    rows: Mapping[str, Row]
    sort: str
    traits: str
    level: str
    flag: str
    size: str
    maker: str
    people: str
    price: str
    year: str
    nested: bool

    def label(self, name: str) -> str:
        """What a person calls a field: its own words without the unit."""
        last = name.rpartition(".")[2]
        return last.removesuffix(f"_{self.unit}").removesuffix("_cm").replace("_", " ")

    @property
    def sold_out(self) -> set[str]:
        """The items that cannot be had."""
        return {key for n, key in enumerate(self.rows) if n % 9 == 0}

    @property
    def unit(self) -> str:
        """The unit of the size as it is written."""
        return next(u for name, _, u in self.domain.size if self.size.endswith(name))

    def value(self, key: str, name: str) -> Any:
        """The value of an item's field; None where it has none. Dots lead into what is nested."""
        held: Any = self.rows[key]
        for part in name.split("."):
            held = held.get(part) if isinstance(held, Mapping) else None
        return held

    def common(self, name: str) -> str:
        """The value of a facet that most items have."""
        counts: Counter[str] = Counter()
        for key in self.rows:
            held = self.value(key, name)
            counts.update(held if isinstance(held, list) else [held])
        return max(sorted(counts), key=lambda v: counts[v])

    def write(self, path: Path) -> Path:
        """The catalogue as JSON lines."""
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows.values())
        path.write_text("".join(lines), encoding="utf-8")
        return path


def make(domain: Domain, seed: int) -> World:
    """A catalogue of the domain with names and values drawn from the seed."""
    chance = random.Random(seed)
    nested = chance.random() < 0.5
    size, _, _ = chance.choice(domain.size)
    names = {
        "sort": chance.choice(domain.sort),
        "traits": chance.choice(domain.traits),
        "level": chance.choice(domain.level),
        "flag": chance.choice(domain.flag),
        "maker": chance.choice(domain.maker),
        "people": chance.choice(domain.people),
        "price": chance.choice(("price", "cost", "price_eur")),
        "year": chance.choice(("year", "founded", "since")),
    }
    title, key = f"{domain.thing}_name", chance.choice((f"{domain.thing}_id", "ref"))
    stock = chance.choice(("in_stock", "available", "units_left"))
    rows: dict[str, Row] = {}
    for n in range(ITEMS):
        sort, maker = domain.sorts[n % 4], domain.makers[(n // 4) % 4]
        own = {names["level"]: domain.levels[(n // 2) % 3], size: 20 + 5 * ((7 * n) % 31)}
        row = {
            key: f"{domain.thing[0].upper()}{n:03d}",
            title: f"{maker.split()[0]} {_invented(n)} {sort.title()}",
            names["sort"]: sort,
            names["traits"]: chance.sample(domain.trait_values, chance.choice((1, 2, 2, 3))),
            names["maker"]: maker,
            names["people"]: domain.names[(n // 3) % 5],
            names["flag"]: n % 3 != 0,
            names["price"]: 12 + (n * 11) % 97,
            names["year"]: 1950 + (n * 13) % 74,
            stock: (n % 9) * 3 if stock == "units_left" else n % 9 != 0,
            "about": f"{chance.choice(domain.words)}, {chance.choice(domain.words)}.",
            **({"details": own} if nested else own),
        }
        rows[str(row[key])] = row
    inside = "details." if nested else ""
    return World(
        domain=domain,
        rows=rows,
        nested=nested,
        size=inside + size,
        level=inside + names.pop("level"),
        **names,
    )


def _invented(n: int) -> str:
    """A word that no language has, another for each number."""
    heads, tails = ("Zor", "Quel", "Vam", "Trix", "Plon", "Kreb"), ("ith", "ando", "ug", "essa")
    return heads[n % 6] + tails[(n // 6) % 4] + ("", "vin", "mor")[(n // 24) % 3]
