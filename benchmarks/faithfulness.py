"""How well the checker of texts tells true from false, and whether what Palate displays is true.

    python benchmarks/faithfulness.py texts --home DIR            300 true and 300 false texts
    python benchmarks/faithfulness.py replies --home DIR          500 replies of the rules engine
    python benchmarks/faithfulness.py replies --home DIR --llm auto --turns 20
    python benchmarks/faithfulness.py cost --home DIR             what the reasons of a turn take

The texts are made by program from the catalogue, from a seed, in wordings that are not the
product's own; a false one says what a true one says with one thing wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import Assistant
from assistant.door import Verdict
from retrieval.filters import fold, number, texts
from retrieval.types import Field, Item, ItemId, UserId

SEED = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One text with what it is: its kind, and whether it is true."""

    id: str
    item: str
    user: str | None
    text: str
    kind: str
    true: bool


def _all(item: Item, field: Field) -> tuple[str, ...]:
    """The text values of a field."""
    held = item.fields.get(field.name)
    return held if isinstance(held, tuple) else (held,) if isinstance(held, str) else ()


class Makers:
    """Makes true and false texts about the items of one workspace."""

    def __init__(self, assistant: Assistant, chance: random.Random) -> None:
        parts = assistant.parts
        self.schema = parts.schema
        self.items = [i for i in parts.retriever.items.values() if not i.retired and i.fields]
        self.by_id = parts.retriever.items
        self.noun = self.schema.noun
        self.chance = chance
        self.taste = parts.taste
        self.together = parts.retriever.index.collaborative.together
        self.similarity = parts.retriever.similarity
        users = sorted({e.user for e in parts.workspace.events.all()})
        chance.shuffle(users)
        self.people = {u: self.taste.person(u) for u in users[:60]}
        self.people = {u: p for u, p in self.people.items() if len(p.liked) > 3}
        titles = Counter(fold(i.title) for i in self.items)
        self.plain = [i for i in self.items if titles[fold(i.title)] == 1 and 3 < len(i.title) < 45]

    def field(self, *kinds: str, role: str = "") -> list[Field]:
        return [
            f
            for f in self.schema.fields
            if (f.kind in kinds if kinds else True) and (not role or f.role == role)
        ]

    def say(self, *wordings: str, **said: object) -> str:
        return self.chance.choice(wordings).format(noun=self.noun, **said)

    def makers(self) -> list[tuple[str, Callable[[bool], Line | None]]]:
        """The kinds of text that this catalogue has material for."""
        found: list[tuple[str, Callable[[bool], tuple[Item, str | None, str] | None]]] = []
        if self.field("year") or self.field(role="date"):
            found += [("year", self.year), ("decade", self.decade)]
        if [f for f in self.field("person") if f.coverage > 0.05]:
            found += [("person", self.person), ("role", self.role)]
        if self.field("price"):
            found += [("price", self.price), ("bound", self.bound)]
        if [f for f in self.field("plain", role="facet")]:
            found += [("facet", self.facet), ("absent", self.absent)]
        if [f for f in self.field("plain", role="number") if f.unit]:
            found.append(("measure", self.measure))
        if self.field("rating"):
            found.append(("rating", self.rating))
        if self.people:
            found += [("liked", self.liked), ("liked", self.liked), ("co_liked", self.co_liked)]
        if self.field(role="availability"):
            found.append(("stock", self.stock))
        found += [("award", self.award), ("quote", self.quote), ("near", self.near)]
        found += [("compared", self.compared), ("title", self.titled), ("both", self.both)]
        return found  # type: ignore[return-value]

    # Each gives (item, user, text), or None where the item it drew has no material.

    def _year(self, item: Item) -> int | None:
        for f in (*self.field("year"), *self.field(role="date")):
            x = number(item.fields.get(f.name))
            if x is not None:
                return int(x)
        return None

    def year(self, true: bool):
        item = self.chance.choice(self.plain)
        y = self._year(item)
        if y is None:
            return None
        if not true:
            y += self.chance.choice([-11, -4, -2, -1, 1, 2, 3, 7])
        return item, None, self.say(
            "It came out in {y}.", "{t} dates from {y}.", "A {y} {noun}.", "First released in {y}",
            "Made in {y}, and still a good choice.", "This one is from {y}.", "{t} ({y})",
            "You may enjoy this {y} release.", "Year of release: {y}.", "Launched back in {y}.",
            y=y, t=item.title,
        )  # fmt: skip

    def decade(self, true: bool):
        item = self.chance.choice(self.plain)
        y = self._year(item)
        if y is None or not 1930 <= y < 2000:
            return None
        d = y // 10 * 10
        if not true:
            d = self.chance.choice([x for x in range(1930, 2000, 10) if x != d])
        short = f"{d % 100}s"
        return item, None, self.say(
            "A {noun} of the {d}s.", "From the {d}s, as you wished.", "It is a {s} {noun}.",
            "Straight out of the {d}s!", d=d, s=short,
        )  # fmt: skip

    def _people(self, item: Item) -> list[tuple[Field, str]]:
        return [
            (f, v)
            for f in self.field("person")
            for v in _all(item, f)
            if " " in v
        ]

    def person(self, true: bool):
        item = self.chance.choice(self.plain)
        own = self._people(item)
        if not own:
            return None
        f, name = self.chance.choice(own)
        if not true:
            other = [
                v
                for _ in range(20)
                for g, v in self._people(self.chance.choice(self.items))
                if g.name == f.name and fold(v) not in {fold(x) for _, x in own}
            ]
            if not other:
                return None
            name = self.chance.choice(other)
            if self.chance.random() < 0.2:
                name = self.chance.choice(
                    ["Jonas Perrilow", "Mirela Askatovic", "Tam O'Hanningway", "Edda Vosslund"]
                )
        return item, None, self._role_text(f, name, item)

    def _role_text(self, f: Field, name: str, item: Item) -> str:
        last = f.name.rpartition(".")[2]
        wordings = {
            "directors": (
                "{n} directed it.", "Directed by {n}.", "{n} is the director.", "A film by {n}.",
                "Helmed by {n}, so you might like it.", "The director is {n}.",
                "{t} was directed by {n}.", "It has {n} in the director's chair.",
            ),
            "cast": (
                "{n} stars in it.", "With {n}.", "You will see {n} in it.", "Starring {n}.",
                "{n} plays in this one.", "Features {n} in a leading role.", "The cast has {n}.",
                "{t} stars {n}.", "Among its actors: {n}.",
            ),
            "writers": ("Written by {n}.", "{n} wrote it.", "The screenplay is by {n}."),
            "author": ("Written by {n}.", "By {n}.", "{n} wrote this book.", "The author is {n}."),
            "authors": ("Written by {n}.", "By {n}.", "{n} wrote this book.", "The author is {n}."),
        }.get(last, ("The {l} is {n}.", "{l}: {n}.", "{n} is behind it."))  # fmt: skip
        return self.say(*wordings, n=name, t=item.title, l=f.label or last)

    def role(self, true: bool):
        """Right people in a wrong role."""
        item = self.chance.choice(self.plain)
        own = self._people(item)
        if not own:
            return None
        f, name = self.chance.choice(own)
        if not true:
            fields = [
                g
                for g in self.field("person")
                if g.name != f.name
                and g.name in item.fields
                and fold(name) not in texts(item.fields[g.name])
            ]
            if not fields:
                return None
            f = self.chance.choice(fields)
            if f.name.rpartition(".")[2] == "writers" and fold(name) in texts(item.fields[f.name]):
                return None
        return item, None, self._role_text(f, name, item)

    def price(self, true: bool):
        item = self.chance.choice(self.plain)
        f = self.field("price")[0]
        x = number(item.fields.get(f.name))
        if x is None:
            return None
        if not true:
            x += self.chance.choice([-10, -5, 5, 20, 50, 1]) if x > 20 else self.chance.choice([3, 7])
        p = f"{x:.2f}".removesuffix(".00")
        return item, None, self.say(
            "It costs €{p}.", "Yours for {p} euros.", "The price is {p} EUR.", "Priced at €{p}.",
            "At {p} euros it is a fair choice.", "Sells for €{p}.", "{t} costs {p} euros.",
            p=p, t=item.title,
        )  # fmt: skip

    def bound(self, true: bool):
        item = self.chance.choice(self.plain)
        f = self.field("price")[0]
        x = number(item.fields.get(f.name))
        if x is None:
            return None
        step = max(5, int(x * 0.15))
        under = self.chance.random() < 0.5
        b = int(x) + step if under == true else max(1, int(x) - step)
        wordings = (
            ("Under {b} euros.", "It costs less than €{b}.", "Below your limit of €{b}.",
             "Cheaper than {b} euros.", "At most €{b}.", "It stays under €{b}.")
            if under
            else ("Over {b} euros.", "More than €{b}.", "It costs at least €{b}.",
                  "Above {b} euros.")
        )  # fmt: skip
        return item, None, self.say(*wordings, b=b)

    def _values(self, item: Item) -> list[tuple[Field, str]]:
        found = []
        for f in self.field("plain", role="facet"):
            if f.name.rpartition(".")[2] not in ("tags", "keywords", "currency"):
                found += [(f, v) for v in _all(item, f)]
        return found

    def _others(self, f: Field, item: Item) -> list[str]:
        own = set(texts(item.fields[f.name]))
        out = {
            v
            for _ in range(30)
            for g, v in self._values(self.chance.choice(self.items))
            if g.name == f.name and fold(v) not in own
        }
        return sorted(out)

    def facet(self, true: bool):
        item = self.chance.choice(self.plain)
        own = self._values(item)
        if not own:
            return None
        f, v = self.chance.choice(own)
        if not true:
            others = self._others(f, item)
            if not others:
                return None
            v = self.chance.choice(others)
        label = (f.label or f.name.rpartition(".")[2]).lower()
        if f.multi:
            return item, None, self.say(
                "It belongs to {v}.", "Filed under {v}.", "{t} is listed as {v}.",
                "Its {l}: {v}.", "Counts as {v}.", v=v, l=label, t=item.title,
            )  # fmt: skip
        return item, None, self.say(
            "Its {l} is {v}.", "{l}: {v}.", "The {l} of this one is {v}.", "It comes with {l} {v}.",
            v=v, l=label,
        )  # fmt: skip

    def absent(self, true: bool):
        """What it is not."""
        item = self.chance.choice(self.plain)
        own = self._values(item)
        if not own:
            return None
        f, v = self.chance.choice(own)
        if true:
            others = self._others(f, item)
            if not others:
                return None
            v = self.chance.choice(others)
        return item, None, self.say("It is not {v}.", "No {v} here.", "This is not {v}.", v=v)

    def measure(self, true: bool):
        item = self.chance.choice(self.plain)
        own = [
            (f, x)
            for f in self.field("plain", role="number")
            if f.unit and f.unit not in ("USD", "EUR") and (x := number(item.fields.get(f.name)))
        ]
        if not own:
            return None
        f, x = self.chance.choice(own)
        if not true:
            x = round(x * self.chance.choice([0.6, 0.8, 1.3, 1.7]) + 3)
        label = (f.label or f.name).lower()
        return item, None, self.say(
            "{l}: {x} {u}.", "Its {l} is {x} {u}.", "It has a {l} of {x} {u}.", "With {x} {u} {l}.",
            l=label, x=f"{x:g}", u=f.unit,
        )  # fmt: skip

    def rating(self, true: bool):
        item = self.chance.choice(self.plain)
        f = self.chance.choice(self.field("rating"))
        x = number(item.fields.get(f.name))
        if x is None:
            return None
        if not true:
            x = x - 1.3 if x > 2.5 else x + 1.4
            held = (number(item.fields.get(g.name)) for g in self.field("rating"))
            if any(y is not None and abs(y - x) < 0.5 for y in held):
                return None
        r = f"{x:.0f}%" if f.unit == "%" else f"{x:.1f}"
        return item, None, self.say(
            "Rated {r} on average.", "People give it {r}.", "It scores {r}.", "Its rating is {r}.",
            "With a rating of {r}, a good choice.", r=r,
        )  # fmt: skip

    def liked(self, true: bool):
        user = self.chance.choice(sorted(self.people))
        person = self.people[user]
        if true:
            pool = sorted(person.liked)
        else:
            pool = [i.id for i in self.plain if i.id not in person.had and i.id not in person.liked]
        other = self.by_id.get(self.chance.choice(pool))
        if other is None or other not in self.plain:
            return None
        near = [i for i in self.plain if i.id != other.id]
        item = self.chance.choice(near)
        return item, user, self.say(
            "Because you liked {o}.", "You loved {o}.", "You enjoyed {o}, so here is this.",
            "Since you enjoyed {o}.", "Picked for you because you liked {o}.",
            "You gave {o} a high rating, and you liked {o}.", "As you liked “{o}”.",
            "You have told us that you loved {o}.", o=other.title,
        )  # fmt: skip

    def co_liked(self, true: bool):
        item = self.chance.choice(self.plain)
        other = self.chance.choice(self.plain)
        n, lift = self.together(other.id, item.id)
        if true and (n < 5 or lift < 1):
            return None
        if not true and n >= 4:
            n += self.chance.choice([-3, 4, 9, 20])
        elif not true:
            n = self.chance.choice([6, 12, 40])
        return item, None, self.say(
            "{n} people who liked {o} also liked this.", "{n} viewers who enjoyed {o} liked it too.",
            "{n} others who loved {o} also loved it.", n=n, o=other.title,
        )  # fmt: skip

    def stock(self, true: bool):
        item = self.chance.choice(self.plain)
        said = item.available == true
        return item, None, self.say(
            *(("In stock.", "It is available now.", "You can have it: in stock.")
              if said else ("Out of stock.", "It is sold out.", "Currently unavailable."))
        )  # fmt: skip

    def award(self, true: bool):
        item = self.chance.choice(self.plain)
        f = self.schema.find("oscars")
        if f is not None:
            x = int(number(item.fields.get(f.name)) or 0)
            if true and x:
                return item, None, self.say("It won {x} Oscars.", "Winner of {x} Oscars.", x=x)
            if not true and not x:
                return item, None, self.say(
                    "It won an Oscar.", "Oscar-winning.", "Winner of 2 Oscars.",
                    "It won the Golden Globe for best drama.",
                )  # fmt: skip
            return None
        if true:
            return None
        return item, None, self.say(
            "It won the Palme d'Or.", "An award-winning {noun}.", "Winner of three Oscars.",
            "It took home the Golden Lion.", "Nominated for five Academy Awards.",
            "Winner of the Red Dot award.", "It received the Pulitzer Prize.",
            "Named best {noun} of the year by the Academy.", "It won a design prize.",
        )  # fmt: skip

    def quote(self, true: bool):
        item = self.chance.choice([i for i in self.chance.sample(self.plain, 40) if len(i.text) > 80] or self.plain)
        source = item if true else self.chance.choice(self.plain)
        words = source.text.split()
        if len(words) < 12:
            return None
        at = self.chance.randrange(len(words) - 5)
        q = " ".join(words[at : at + 4]).strip(".,;:!?\"'“”()-")
        if '"' in q or "“" in q or "”" in q or (not true and fold(q) in fold(item.text)):
            return None
        return item, None, self.say(
            'Its description says "{q}".', 'The text mentions "{q}".', "It speaks of “{q}”.", q=q
        )

    def near(self, true: bool):
        item = self.chance.choice(self.plain)
        for _ in range(60):
            other = self.chance.choice(self.plain)
            if other.id == item.id:
                continue
            cosine = float(self.similarity([item.id], [other.id])[0, 0])
            n, lift = self.together(other.id, item.id)
            close = cosine >= 0.47 or (n >= 5 and lift >= 2.1)
            far = cosine < 0.3 and n < 5
            if close if true else far:
                return item, None, self.say(
                    "Similar to {o}.", "Much like {o}.", "In the vein of {o}.", "It resembles {o}.",
                    "Close in spirit to {o}.", o=other.title,
                )  # fmt: skip
        return None

    def compared(self, true: bool):
        item, other = self.chance.sample(self.plain, 2)
        options: list[tuple[str, float, float]] = []
        y, z = self._year(item), self._year(other)
        if y is not None and z is not None and y != z:
            options.append(("newer" if (y > z) == true else "older", y, z))
        for f in self.field("price"):
            a, b = number(item.fields.get(f.name)), number(other.fields.get(f.name))
            if a is not None and b is not None and a != b:
                options.append(("cheaper" if (a < b) == true else "more expensive", a, b))
        for f in self.schema.by_role("number"):
            pair = {"weight": ("lighter", "heavier"), "running time": ("shorter", "longer")}.get(f.label)
            a, b = number(item.fields.get(f.name)), number(other.fields.get(f.name))
            if pair and a is not None and b is not None and a != b:
                options.append((pair[0] if (a < b) == true else pair[1], a, b))
        if not options:
            return None
        word = self.chance.choice(options)[0]
        return item, None, self.say("{w} than {o}.", "It is {w} than {o}.", "{t} is {w} than {o}.",
                                    w=word, o=other.title, t=item.title)  # fmt: skip

    def titled(self, true: bool):
        item, other = self.chance.sample(self.plain, 2)
        if " " not in item.title or " " not in other.title:
            return None
        t = item.title if true else other.title
        return item, None, self.say('This is "{t}".', "The title is “{t}”.", "Called “{t}”.", t=t)

    def both(self, true: bool):
        """Two statements, of which one is wrong in a false text."""
        item = self.chance.choice(self.plain)
        y, own, people = self._year(item), self._values(item), self._people(item)
        if y is None or not own:
            return None
        f, v = self.chance.choice(own)
        if not true:
            if self.chance.random() < 0.5:
                y += self.chance.choice([-9, -3, 2, 5])
            else:
                others = self._others(f, item)
                if not others:
                    return None
                v = self.chance.choice(others)
        tail = ""
        if people and self.chance.random() < 0.6:
            tail = self.say(" and you will find {n} among its names", n=self.chance.choice(people)[1])
        return item, None, self.say(
            "From {y}, {v}{z}.", "{v}, released in {y}{z}.", "It is from {y} and counts as {v}{z}.",
            "{t}: {v}, {y}{z}.", y=y, v=v, t=item.title, z=tail,
        )  # fmt: skip


def lines(assistant: Assistant, n: int, seed: int) -> Iterator[Line]:
    """``n`` true and ``n`` false texts, the kinds by turns."""
    for true in (True, False):
        chance = random.Random(f"{seed}-{true}")
        makers = Makers(assistant, chance)
        kinds = makers.makers()
        made = tried = 0
        while made < n and tried < 200 * n:
            kind, make = kinds[tried % len(kinds)]
            tried += 1
            found = make(true)
            if found is None:
                continue
            item, user, text = found  # type: ignore[misc]
            made += 1
            yield Line(
                id=f"{'t' if true else 'f'}{made}", item=item.id, user=user, text=text, kind=kind,
                true=true,
            )  # fmt: skip


def check_texts(assistant: Assistant, n: int, seed: int, out: Path | None) -> dict[str, object]:
    """Verdicts of the checker over generated texts, by kind."""
    todo = list(lines(assistant, n, seed))
    wrong: list[tuple[Line, Verdict]] = []
    seconds = []
    for line in todo:
        begin = time.perf_counter()
        verdict = assistant.verify(line.item, line.text, user=line.user)
        seconds.append(time.perf_counter() - begin)
        if verdict.holds != line.true:
            wrong.append((line, verdict))
    for line, verdict in wrong:
        told = "; ".join(f"{'+' if c.holds else '-'} {c.text} [{c.why}]" for c in verdict.claims)
        print(f"{'FALSE ALARM' if line.true else 'MISSED'} {line.kind} {line.item}: {line.text} => {told}",
              file=sys.stderr)  # fmt: skip
    if out is not None:
        rows = (
            {"id": x.id, "item": x.item, "text": x.text, **({"user": x.user} if x.user else {})}
            for x in todo
        )
        out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    true = [x for x in todo if x.true]
    false = [x for x in todo if not x.true]
    missed = [x for x, _ in wrong if not x.true]
    alarms = [x for x, _ in wrong if x.true]
    return {
        "true": len(true),
        "false": len(false),
        "caught": round(1 - len(missed) / len(false), 4),
        "false_alarms": round(len(alarms) / len(true), 4),
        "kinds": dict(Counter(x.kind for x in false)),
        "missed": dict(Counter(x.kind for x in missed)),
        "alarms": dict(Counter(x.kind for x in alarms)),
        "median_ms": round(1000 * statistics.median(seconds), 2),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one measurement and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["texts"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path)
    said = parser.parse_args(arguments)
    with Assistant.open(said.home, llm="none", write=False) as assistant:
        print(json.dumps(check_texts(assistant, said.n, said.seed, said.out), indent=1))


if __name__ == "__main__":
    main()
