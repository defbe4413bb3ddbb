"""The checker of texts: what somebody wrote about an item, held to the workspace.

It reads the text alone and knows nothing of how it came about: not the claims that the product
made, not the model's evidence. Each reader takes the words it understands; what nobody understands
must stand in the item's own words. What cannot be verified does not hold; courtesy that states
nothing is no claim.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.verification import (
    amounts,
    awards,
    comparing,
    dates,
    leftovers,
    likes,
    naming,
    people,
    relations,
    values,
)
from assistant.verification.known import Known
from assistant.verification.sheet import Checked, Person, Sheet, Subject
from assistant.verification.words import load
from retrieval.types import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a text came to: its claims in order; a text without any claims nothing and holds."""

    claims: tuple[Checked, ...]

    @property
    def holds(self) -> bool:
        """Whether every claim holds."""
        return all(c.holds for c in self.claims)


class Checker:
    """Checks texts about the items of one workspace. Holds no state between texts."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._words = load()

    def holds(self, text: str, item: Item) -> bool:
        """Whether a text that speaks of the item alone is true."""
        return self.check(text, item).holds

    def check(
        self, text: str, item: Item, *, person: Person | None = None, above: Item | None = None
    ) -> Verdict:
        """The claims of a text about an item, each held to what is known.

        ``person`` is who is addressed ("you liked …"), ``above`` the item of the card above, which
        a comparison without a name speaks of. Takes time linear in the length of the text, plus
        one pass over the items for each superlative.
        """
        known, spelling = self.known, dict(self.known.lexicon.spelling)
        subject = Subject(item=item, person=person, above=above)
        sheet = Sheet(text, subject, self._words, spelling)
        leftovers.quotes(sheet, known)
        likes.read(sheet, known)
        relations.read(sheet, known)
        naming.own_title(sheet, known)
        leftovers.courtesies(sheet)
        values.own(sheet, known)
        comparing.read(sheet, known)
        awards.read(sheet, known)
        people.read(sheet, known)
        values.stock(sheet, known)
        values.read(sheet, known)
        comparing.plain(sheet, known)
        dates.read(sheet, known)
        amounts.read(sheet, known)
        relations.settle(sheet, known)
        leftovers.titles(sheet, known)
        leftovers.rest(sheet, known)
        return Verdict(claims=tuple(c for _, c in sorted(sheet.claims, key=lambda p: p[0])))
