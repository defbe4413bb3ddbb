"""True and false texts about the items of a workspace, made by program from its catalogue.

For ``faithfulness.py``: the wordings are not the product's own, and a false text says what a true
one says with one thing wrong.
"""

from __future__ import annotations

from collections.abc import Callable

from faithfulness_material import Material

from retrieval.filters import fold, number, texts
from retrieval.types import Field, Item

Made = tuple[Item, str | None, str]
"""The item, the person it is said to, and the text."""


class Makers(Material):
    """Makes true and false texts about the items of one workspace."""

    def makers(self) -> list[tuple[str, Callable[[bool], Made | None]]]:
        """The kinds of text that this catalogue has material for."""
        found: list[tuple[str, Callable[[bool], Made | None]]] = []
        if self.field("year") or self.field(role="date"):
            found += [("year", self.year), ("decade", self.decade)]
        if [f for f in self.field("person") if f.coverage > 0.05]:
            found += [("person", self.person), ("role", self.role)]
        if self.field("price"):
            found += [("price", self.price), ("bound", self.bound)]
        if self.field("plain", role="facet"):
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
        return found

    # Each gives None where the item it drew has no material.
    def year(self, true: bool) -> Made | None:
        item = self.chance.choice(self.plain)
        y = self.year_of(item)
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

    def decade(self, true: bool) -> Made | None:
        item = self.chance.choice(self.plain)
        y = self.year_of(item)
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

    def person(self, true: bool) -> Made | None:
        item = self.chance.choice(self.plain)
        own = self.names(item)
        if not own:
            return None
        f, name = self.chance.choice(own)
        if not true:
            other = [
                v
                for _ in range(20)
                for g, v in self.names(self.chance.choice(self.items))
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

    def role(self, true: bool) -> Made | None:
        """Right people in a wrong role."""
        item = self.chance.choice(self.plain)
        own = self.names(item)
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
        return item, None, self._role_text(f, name, item)

    def price(self, true: bool) -> Made | None:
        item = self.chance.choice(self.plain)
        f = self.field("price")[0]
        x = number(item.fields.get(f.name))
        if x is None:
            return None
        if not true:
            x += (
                self.chance.choice([-10, -5, 5, 20, 50, 1])
                if x > 20
                else self.chance.choice([3, 7])
            )
        p = f"{x:.2f}".removesuffix(".00")
        return item, None, self.say(
            "It costs €{p}.", "Yours for {p} euros.", "The price is {p} EUR.", "Priced at €{p}.",
            "At {p} euros it is a fair choice.", "Sells for €{p}.", "{t} costs {p} euros.",
            p=p, t=item.title,
        )  # fmt: skip

    def bound(self, true: bool) -> Made | None:
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

    def facet(self, true: bool) -> Made | None:
        item = self.chance.choice(self.plain)
        own = self.values(item)
        if not own:
            return None
        f, v = self.chance.choice(own)
        if not true:
            others = self.others(f, item)
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

    def absent(self, true: bool) -> Made | None:
        """What it is not."""
        item = self.chance.choice(self.plain)
        own = self.values(item)
        if not own:
            return None
        f, v = self.chance.choice(own)
        if true:
            others = self.others(f, item)
            if not others:
                return None
            v = self.chance.choice(others)
        return item, None, self.say("It is not {v}.", "No {v} here.", "This is not {v}.", v=v)

    def measure(self, true: bool) -> Made | None:
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

    def rating(self, true: bool) -> Made | None:
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

    def liked(self, true: bool) -> Made | None:
        user = self.chance.choice(sorted(self.people))
        person = self.people[user]
        if true:
            pool = sorted(person.liked)
        else:
            pool = [i.id for i in self.plain if i.id not in person.had and i.id not in person.liked]
        other = self.by_id.get(self.chance.choice(pool))
        if other is None or other not in self.plain:
            return None
        item = self.chance.choice([i for i in self.plain if i.id != other.id])
        return item, user, self.say(
            "Because you liked {o}.", "You loved {o}.", "You enjoyed {o}, so here is this.",
            "Since you enjoyed {o}.", "Picked for you because you liked {o}.",
            "You gave {o} a high rating, and you liked {o}.", "As you liked “{o}”.",
            "You have told us that you loved {o}.", o=other.title,
        )  # fmt: skip

    def co_liked(self, true: bool) -> Made | None:
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
            "{n} people who liked {o} also liked this.", "{n} viewers who enjoyed {o} liked it.",
            "{n} others who loved {o} also loved it.", n=n, o=other.title,
        )  # fmt: skip

    def stock(self, true: bool) -> Made | None:
        item = self.chance.choice(self.plain)
        said = item.available == true
        return item, None, self.say(
            *(("In stock.", "It is available now.", "You can have it: in stock.")
              if said else ("Out of stock.", "It is sold out.", "Currently unavailable."))
        )  # fmt: skip

    def award(self, true: bool) -> Made | None:
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

    def quote(self, true: bool) -> Made | None:
        item = self.chance.choice(
            [i for i in self.chance.sample(self.plain, 40) if len(i.text) > 80] or self.plain
        )
        source = item if true else self.chance.choice(self.plain)
        words = source.text.split()
        if len(words) < 12:
            return None
        at = self.chance.randrange(len(words) - 5)
        q = " ".join(words[at : at + 4]).strip(".,;:!?\"'“”()-")
        if '"' in q or "“" in q or "”" in q or (not true and fold(q) in fold(item.text)):
            return None
        return (
            item,
            None,
            self.say(
                'Its description says "{q}".',
                'The text mentions "{q}".',
                "It speaks of “{q}”.",
                q=q,
            ),
        )

    def near(self, true: bool) -> Made | None:
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

    def compared(self, true: bool) -> Made | None:
        item, other = self.chance.sample(self.plain, 2)
        options: list[tuple[str, float, float]] = []
        y, z = self.year_of(item), self.year_of(other)
        if y is not None and z is not None and y != z:
            options.append(("newer" if (y > z) == true else "older", y, z))
        for f in self.field("price"):
            a, b = number(item.fields.get(f.name)), number(other.fields.get(f.name))
            if a is not None and b is not None and a != b:
                options.append(("cheaper" if (a < b) == true else "more expensive", a, b))
        for f in self.schema.by_role("number"):
            pair = {"weight": ("lighter", "heavier"), "running time": ("shorter", "longer")}.get(
                f.label
            )
            a, b = number(item.fields.get(f.name)), number(other.fields.get(f.name))
            if pair and a is not None and b is not None and a != b:
                options.append((pair[0] if (a < b) == true else pair[1], a, b))
        if not options:
            return None
        word = self.chance.choice(options)[0]
        return item, None, self.say("{w} than {o}.", "It is {w} than {o}.", "{t} is {w} than {o}.",
                                    w=word, o=other.title, t=item.title)  # fmt: skip

    def titled(self, true: bool) -> Made | None:
        item, other = self.chance.sample(self.plain, 2)
        if " " not in item.title or " " not in other.title:
            return None
        t = item.title if true else other.title
        return item, None, self.say('This is "{t}".', "The title is “{t}”.", "Called “{t}”.", t=t)

    def both(self, true: bool) -> Made | None:
        """Two statements, of which one is wrong in a false text."""
        item = self.chance.choice(self.plain)
        y, own, people = self.year_of(item), self.values(item), self.names(item)
        if y is None or not own:
            return None
        f, v = self.chance.choice(own)
        if not true:
            if self.chance.random() < 0.5:
                y += self.chance.choice([-9, -3, 2, 5])
            else:
                others = self.others(f, item)
                if not others:
                    return None
                v = self.chance.choice(others)
        tail = ""
        if people and self.chance.random() < 0.6:
            tail = self.say(
                " and you will find {n} among its names", n=self.chance.choice(people)[1]
            )
        return item, None, self.say(
            "From {y}, {v}{z}.", "{v}, released in {y}{z}.", "It is from {y} and counts as {v}{z}.",
            "{t}: {v}, {y}{z}.", y=y, v=v, t=item.title, z=tail,
        )  # fmt: skip
