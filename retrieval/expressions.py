"""Conditions on items in words: ``price < 500 and brand in ("A", "B") and not missing(ram_gb)``.

A small language for people who run a catalogue, read into a :data:`~retrieval.filters.Filter`, and
nothing else: no attribute is looked up, nothing is called, no code is run. ``docs/rules.md`` is its
reference. From the loosest to the tightest::

    either     = both {"or" both}
    both       = one {"and" one}
    one        = "not" one | "(" either ")" | test
    test       = field ("==" | "!=" | "<" | "<=" | ">" | ">=") value
               | field ["not"] "in" "(" value {"," value} ")"
               | "missing" "(" field ")" | "says" "(" text {"," text} ")" | "listed" "(" text ")"
    value      = number | text | "true" | "false"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal

from retrieval.errors import ExpressionError
from retrieval.filters import (
    AllOf,
    Among,
    AnyOf,
    Filter,
    Has,
    Known,
    Not,
    Says,
    Within,
    number,
    texts,
)
from retrieval.types import Field, ItemId, Schema

LONGEST = 4_000  # characters of one expression
DEEPEST = 40  # brackets and nots inside one another

Kind = Literal["number", "text", "name", "quoted", "sign", "end"]
Scalar = float | str | bool
NO_LISTS: Mapping[str, tuple[ItemId, ...]] = MappingProxyType({})

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | `(?P<quoted>[^`]+)`
    | (?P<name>[^\W\d][\w-]*(?:\.[\w-]+)*)
    | (?P<sign><=|>=|==|!=|&&|\|\||\S)
    )""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = ("<=", ">=", "==", "!=", "<", ">", "(", ")", ",")
_MEANT = {
    "=": "write == to compare",
    "&&": 'write "and"',
    "&": 'write "and"',
    "||": 'write "or"',
    "|": 'write "or"',
    "!": 'write "not"',
    "[": "write a list in round brackets",
    '"': "a text that begins here is not closed",
    "'": "a text that begins here is not closed",
    "`": "a field name that begins here is not closed",
}
_KEYWORDS = ("and", "or", "not", "in", "true", "false")
_FUNCTIONS = ("missing", "says", "listed")


def parse(text: str, schema: Schema, lists: Mapping[str, tuple[ItemId, ...]] = NO_LISTS) -> Filter:
    """The filter that an expression means, for a catalogue of this schema.

    A field is written with its full name or, where that is unambiguous, with its last part; the
    catalogue's id field stands for the item itself. ``lists`` are the named lists that
    ``listed("…")`` may ask for. Raises :class:`~retrieval.errors.ExpressionError`, which names the
    column (from 1) and the remedy, for anything that is not in the language, a field that there is
    not (with the nearest name), and a comparison that the field's role makes pointless.
    """
    if len(text) > LONGEST:
        raise ExpressionError(
            LONGEST + 1, f"an expression has at most {LONGEST} characters, this one {len(text)}"
        )
    return _Parser(text, schema, lists).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    column: int


class _Parser:
    """Recursive descent over the tokens; each method reads one rule of the grammar."""

    def __init__(self, text: str, schema: Schema, lists: Mapping[str, tuple[ItemId, ...]]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self._schema = schema
        self._lists = lists

    def whole(self) -> Filter:
        """The whole expression; nothing may follow it."""
        found = self._either()
        rest = self._next()
        if rest.kind != "end":
            raise ExpressionError(
                rest.column, f'"{rest.text}" was not expected here; join conditions with and, or'
            )
        return found

    def _either(self) -> Filter:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Filter:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self) -> Filter:
        start = self._peek()
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(start.column, f"more than {DEEPEST} brackets inside one another")
        if self._take("not"):
            found: Filter = Not(self._one())
        elif self._take("("):
            found = self._either()
            self._expect(")")
        else:
            found = self._test()
        self._depth -= 1
        return found

    def _test(self) -> Filter:
        token = self._next()
        if token.kind == "name" and _folded(token) in _FUNCTIONS and self._peek().text == "(":
            return self._function(token)
        if token.kind == "end":
            raise ExpressionError(
                token.column, "a condition was expected, the expression ends here"
            )
        if token.kind not in ("name", "quoted") or _is_keyword(token):
            raise ExpressionError(token.column, f'"{token.text}" stands where a field was expected')
        field = self._field(token)
        if self._take("not"):
            if not self._take("in"):
                raise ExpressionError(self._peek().column, 'after "field not" comes "in (…)"')
            return Not(self._listing(field))
        if self._take("in"):
            return self._listing(field)
        sign = self._next()
        if sign.kind != "sign" or sign.text not in _SIGNS[:6]:
            remedy = f"{token.text} == true" if field.kind == "flag" else f"{token.text} == …"
            raise ExpressionError(
                sign.column, f'after the field "{token.text}" comes a comparison, such as {remedy}'
            )
        at = self._peek()
        value = self._value()
        if sign.text == "==":
            return _equal(field, value, at.column)
        if sign.text == "!=":
            return Not(_equal(field, value, at.column))
        return _beyond(field, sign, value, at.column)

    def _function(self, name: _Token) -> Filter:
        self._expect("(")
        if _folded(name) == "missing":
            token = self._next()
            if token.kind not in ("name", "quoted"):
                raise ExpressionError(token.column, "missing() takes the name of a field")
            field = self._field(token)
            self._expect(")")
            return Not(Known(field.name))
        at = self._peek()
        words = self._values_to_bracket()
        if not words or not all(isinstance(w, str) and w.strip() for w in words):
            raise ExpressionError(at.column, f"{_folded(name)}() takes text in quotes")
        if _folded(name) == "says":
            return Says(tuple(str(w) for w in words))
        if len(words) != 1 or words[0] not in self._lists:
            there = _near(str(words[0]), list(self._lists)) or (
                f"there are {', '.join(self._lists)}" if self._lists else "there are none"
            )
            raise ExpressionError(at.column, f'there is no list "{words[0]}"; {there}')
        return Among(frozenset(self._lists[str(words[0])]))

    def _listing(self, field: Field) -> Filter:
        self._expect("(")
        at = self._peek()
        values = self._values_to_bracket()
        if not values:
            raise ExpressionError(at.column, "a list needs at least one value")
        tests = [_equal(field, value, at.column) for value in values]
        if all(isinstance(t, Has) for t in tests):
            return Has(field.name, tuple(v for t in tests if isinstance(t, Has) for v in t.values))
        if all(isinstance(t, Among) for t in tests):
            return Among(frozenset(i for t in tests if isinstance(t, Among) for i in t.ids))
        return tests[0] if len(tests) == 1 else AnyOf(tuple(tests))

    def _values_to_bracket(self) -> list[Scalar]:
        values: list[Scalar] = []
        while not self._take(")"):
            if values:
                self._expect(",")
                if self._take(")"):
                    break
            values.append(self._value())
        return values

    def _value(self) -> Scalar:
        token = self._next()
        if token.kind == "number":
            return float(token.text)
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        if token.kind == "name" and _folded(token) in ("true", "false"):
            return _folded(token) == "true"
        if token.kind == "name":
            raise ExpressionError(
                token.column, f'"{token.text}" is no value; put text in quotes: "{token.text}"'
            )
        if token.kind == "end":
            raise ExpressionError(token.column, "a value was expected, the expression ends here")
        raise ExpressionError(token.column, f'"{token.text}" stands where a value was expected')

    def _field(self, token: _Token) -> Field:
        field = self._schema.find(token.text)
        if field is None:
            names = [f.name for f in self._schema.fields]
            several = [n for n in names if n.rpartition(".")[2] == token.text]
            if several:
                remedy = f"it could be {' or '.join(several)}; write the full name"
            else:
                remedy = _near(token.text, names) or f"there are {', '.join(names[:20])}"
            raise ExpressionError(token.column, f'there is no field "{token.text}"; {remedy}')
        if field.role in ("title", "text"):
            raise ExpressionError(
                token.column, f'"{field.name}" is running text; ask for its words: says("…")'
            )
        if field.role in ("ignore", "image"):
            raise ExpressionError(
                token.column,
                f'the schema gives "{field.name}" the role "{field.role}", so its values are not '
                "kept; give it another role in the schema file",
            )
        return field

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _take(self, text: str) -> bool:
        """Go past the keyword or sign if it is the next token."""
        token = self._peek()
        same = token.kind in ("name", "sign") and _folded(token) == text
        if same:
            self._next()
        return same

    def _expect(self, sign: str) -> None:
        token = self._next()
        if token.kind != "sign" or token.text != sign:
            got = "the expression ends" if token.kind == "end" else f'"{token.text}" stands'
            raise ExpressionError(token.column, f'"{sign}" was expected where {got}')


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while (found := _TOKEN.match(text, at)) is not None:
        kind: Kind
        for kind in ("number", "text", "quoted", "name", "sign"):
            if found[kind] is not None:
                break
        column = found.start(kind) + (0 if kind == "quoted" else 1)
        if kind == "sign" and found[kind] not in _SIGNS:
            remedy = _MEANT.get(found[kind], "it is no part of the language")
            raise ExpressionError(column, f'"{found[kind]}" cannot be read; {remedy}')
        tokens.append(_Token(kind, found[kind], column))
        at = found.end()
    return [*tokens, _Token("end", "", len(text.rstrip()) + 1)]


def _folded(token: _Token) -> str:
    """Keywords may be written in capitals."""
    return token.text.lower()


def _is_keyword(token: _Token) -> bool:
    return token.kind == "name" and _folded(token) in _KEYWORDS


def _equal(field: Field, value: Scalar, column: int) -> Filter:
    """The field holds the value: of a facet one of its values, of a number or date the same."""
    if field.role == "id":
        return Among(frozenset({ItemId(_written(value))}))
    if field.role in ("number", "date"):
        x = _as_number(field, value, column)
        return Within(field.name, x, x)
    if field.kind == "flag" and not isinstance(value, bool):
        raise ExpressionError(column, f'"{field.name}" is true or false, without quotes')
    return Has(field.name, (_written(value),))


def _beyond(field: Field, sign: _Token, value: Scalar, column: int) -> Filter:
    if field.role not in ("number", "date"):
        raise ExpressionError(
            sign.column,
            f'"{field.name}" holds no number; {sign.text} compares numbers and dates, '
            "for the rest there are == and in",
        )
    x = _as_number(field, value, column)
    low, high = (x, None) if sign.text[0] == ">" else (None, x)
    return Within(field.name, low, high, strict=len(sign.text) == 1)


def _as_number(field: Field, value: Scalar, column: int) -> float:
    x = number(value)
    if x is None:
        what = "a date" if field.role == "date" else "a number"
        example = '"2024-01-31" or 2024' if field.role == "date" else "500"
        raise ExpressionError(column, f'"{field.name}" is {what}; compare it with {example}')
    return x


def _written(value: Scalar) -> str:
    return value if isinstance(value, str) else texts(value)[0]


def _near(name: str, known: list[str]) -> str:
    """A hint at the nearest known name; empty when none comes near."""
    by_key = {k.casefold(): k for k in known}
    by_key |= {k.rpartition(".")[2].casefold(): k for k in known}
    near = get_close_matches(name.casefold(), list(by_key), n=1, cutoff=0.6)
    return f'did you mean "{by_key[near[0]]}"?' if near else ""
