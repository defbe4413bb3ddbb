"""What can be said about an item, as typed claims with their evidence.

:func:`gather` lists everything that holds, the most telling first; :func:`choose` gives each card
of a slate its own, so that no two cards carry the same sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from assistant.constraints import Constraint
from assistant.explanation import phrasing
from assistant.explanation.evidence import Evidence
from assistant.explanation.standing import Weighted, leading, rated, traded
from assistant.explanation.wording import Wording
from assistant.types import Claim, ClaimKind
from retrieval.filters import fold, phrase, texts, words_of
from retrieval.types import Field, Item, Value

CLOSE = 0.45  # cosine from which two items are said to be close in theme
LIFT = 1.3  # how much likelier than by chance that must be
PER_CARD = 2
_MET = {"year": 0.45}  # the card shows the year anyway
RARE = 0.05  # share of the catalogue below which a value is telling


def gather(item: Item, evidence: Evidence, above: Item | None = None) -> list[Weighted]:
    """Every claim that holds for the item, the most telling first; never empty for a titled item
    that has at least one facet, number or person. ``above`` is the item of the card above."""
    found = [
        *_wanted(item, evidence),
        *_words(item, evidence),
        *_related(item, evidence),
        *rated(item, evidence),
        *leading(item, evidence),
        *(traded(item, above, evidence) if above is not None else ()),
        *_facts(item, evidence),
    ]
    return sorted(found, key=lambda w: -w.weight)


def choose(
    items: Sequence[Item],
    found: Sequence[Sequence[Weighted]],
    per_card: int = PER_CARD,
    *,
    true: Callable[[int, Claim], bool] = lambda _place, _claim: True,
) -> tuple[tuple[Claim, ...], ...]:
    """Claims for each item, in order; a sentence is used once in a slate, a kind once in a card.

    A kind that its neighbours already used weighs less, so that a slate does not say one thing six
    times in other words. ``true`` says of a claim about the item at a place whether it holds; it is
    asked of those alone that would be shown, since asking costs more than choosing.
    """
    used: set[str] = set()
    kinds: dict[ClaimKind, int] = {}
    out = []
    for place, (_item, options) in enumerate(zip(items, found, strict=True)):
        picked: list[Claim] = []
        false: list[Weighted] = []
        while len(picked) < per_card:
            open_ = [
                w
                for w in options
                if w.claim.text not in used
                and w not in false
                and w.claim.kind not in {c.kind for c in picked}
            ]
            if not open_:
                break
            best = max(open_, key=lambda w: w.weight - 0.12 * kinds.get(w.claim.kind, 0))
            if not true(place, best.claim):
                false.append(best)
                continue
            picked.append(best.claim)
            used.add(best.claim.text)
            kinds[best.claim.kind] = kinds.get(best.claim.kind, 0) + 1
        out.append(tuple(picked))
    return tuple(out)


def _wanted(item: Item, evidence: Evidence) -> Iterator[Weighted]:
    """Constraints of this request that the item meets, said with the item's own values."""
    for c in evidence.constraints:
        known = evidence.schema.find(c.field) if c.field else None
        if known is None or known.name not in item.fields:
            continue
        text, values = _meets(c, known, item, evidence.wording)
        if text:
            yield Weighted(
                claim=Claim(kind="constraint", text=text, field=known.name, values=values),
                weight=_MET.get(known.kind, 0.7) if c.kind == "range" else 0.6,
            )


def _meets(c: Constraint, known: Field, item: Item, words: Wording) -> tuple[str, tuple[str, ...]]:
    held = item.fields[known.name]
    if c.kind == "range":
        return phrasing.bounded(known, item, c.low, c.high, compared=c.compared, words=words), (
            phrasing.value(held, known, item.fields),
        )
    if c.kind != "include":
        return "", ()
    wanted = {fold(v) for v in c.values}
    if isinstance(held, tuple):
        met = tuple(v for v in held if fold(v) in wanted)
    else:
        met = (phrasing.value(held, known, item.fields),) if wanted & set(texts(held)) else ()
    said = _shown(met, held, known, item, words)
    return (words.say("as_asked", fact=said), met) if met else ("", ())


def _shown(met: tuple[str, ...], held: Value, known: Field, item: Item, words: Wording) -> str:
    """A met wish in the words of the language; ``met`` itself stays as the checker reads it."""
    shown = (
        met if isinstance(held, tuple) else (phrasing.value(held, known, item.fields, words=words),)
    )
    return phrasing.value_fact(known, shown, words)


def _words(item: Item, evidence: Evidence) -> Iterator[Weighted]:
    """Words of the request that stand in the item's own text."""
    if not evidence.words:
        return
    said = words_of(item)
    met = tuple(w for w in evidence.words if phrase(w) in said)[:3]
    if met:
        words = evidence.wording
        quoted = words.join([f"“{w}”" for w in met])
        yield Weighted(
            claim=Claim(kind="query", text=words.say("speaks_of", words=quoted), values=met),
            weight=0.65 + 0.1 * len(met),
        )


def _related(item: Item, evidence: Evidence) -> Iterator[Weighted]:
    """What ties the item to something the person likes."""
    mine = _values(item, evidence)
    for liked in evidence.liked:
        other = liked.item
        title = phrasing.short_title(other)
        bonus = 0.2 if liked.now else 0.0
        for known, own in mine:
            both = _common(own, other, known)
            telling = [v for v in both if evidence.share(known.name, v) <= RARE]
            if telling:
                values = tuple(telling[:2])
                yield Weighted(
                    claim=Claim(
                        kind="shared",
                        text=phrasing.shared(known, values, title, evidence.wording),
                        field=known.name,
                        values=values,
                        items=(other.id,),
                    ),
                    weight=_telling(known) + bonus,
                )
        cosine = evidence.similarity(item.id, other.id)
        if cosine >= CLOSE:
            yield Weighted(
                claim=Claim(
                    kind="liked_item",
                    text=evidence.wording.say(
                        "close_to_liked" if liked.known else "close_to", title=title
                    ),
                    items=(other.id,),
                    measure=round(cosine, 3),
                ),
                weight=0.35 + 0.4 * cosine + bonus,
            )
        support, lift = evidence.together(other.id, item.id)
        if support >= evidence.k_anonymity and lift >= LIFT:
            yield Weighted(
                claim=Claim(
                    kind="co_liked",
                    text=evidence.wording.say("co_liked", n=support, title=title),
                    items=(other.id,),
                    measure=float(support),
                ),
                weight=0.6 + bonus + min(lift, 5.0) / 50,
            )


def _telling(known: Field) -> float:
    """What it tells that a value is shared: a person most, a studio or a country least."""
    if not known.embedded:
        return 0.3
    return 0.75 if known.kind == "person" else 0.55


def _values(item: Item, evidence: Evidence) -> list[tuple[Field, dict[str, str]]]:
    """The item's facets that hold anything, each with its values by how they are compared."""
    found = []
    for known in evidence.schema.by_role("facet"):
        held = item.fields.get(known.name)
        if held is not None and known.kind != "flag":
            each = held if isinstance(held, tuple) else (str(held),)
            found.append((known, dict(zip(_folded(each), each, strict=True))))
    return found


def _common(mine: Mapping[str, str], other: Item, known: Field) -> tuple[str, ...]:
    theirs = other.fields.get(known.name)
    if theirs is None:
        return ()
    folded = _folded(theirs)
    return (
        () if mine.keys().isdisjoint(folded) else tuple(v for f, v in mine.items() if f in folded)
    )


# A slate compares the same values again and again.
_folded = lru_cache(maxsize=20_000)(texts)


def _facts(item: Item, evidence: Evidence) -> Iterator[Weighted]:
    """Plain facts, the rarer the better; they make a card's words its own."""
    asked = {c.field for c in evidence.constraints}
    for known in evidence.schema.fields:
        held = item.fields.get(known.name)
        if held is None or known.role not in ("facet", "number") or known.derived:
            continue
        if known.name in asked:
            continue  # that it is what was asked for is said by another claim, or goes without
        if isinstance(held, bool) and not held:
            continue  # "not wireless" is no reason
        values = (
            held[: phrasing.NAMES_SHOWN]
            if isinstance(held, tuple)
            else (phrasing.value(held, known, item.fields),)
        )
        if not values or known.kind in ("popularity", "price"):
            continue
        share = min(evidence.share(known.name, v) for v in values)
        telling = 0.3 if known.kind == "person" else 0.25 if known.role == "facet" else 0.1
        yield Weighted(
            claim=Claim(
                kind="fact",
                text=phrasing.fact(
                    known, _said(held, known, item, evidence.wording), evidence.wording
                ),
                field=known.name,
                values=tuple(values),
            ),
            weight=telling - 0.2 * min(share, 1.0),
        )


def _said(held: Value, known: Field, item: Item, words: Wording) -> tuple[str, ...]:
    """The values of a plain fact as the language writes them."""
    if isinstance(held, tuple):
        return held[: phrasing.NAMES_SHOWN]
    return (phrasing.value(held, known, item.fields, words=words),)
