"""From a message in any language to its language and its words in the reference language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.understanding.chart import Chart, Mention, find_cues
from assistant.understanding.facet_links import closed_spans
from assistant.understanding.facets import lexicon_key
from assistant.understanding.gloss import Gloss
from assistant.understanding.glossary import LANGUAGES, Piece, Words, glossary, pieces
from assistant.understanding.languages import detect
from assistant.understanding.title_links import link_titles
from assistant.understanding.tokens import MAX_CHARACTERS, MAX_TOKENS, Token, tokenise
from assistant.understanding.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Interpreted:
    """A message with its language; ``text`` is what the reference language would say."""

    language: str
    text: str


class Interpreter:
    """Tells the language of a message and puts it into the words that the rules know."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._own = frozenset(
            key
            for key, values in vocabulary.facets.values.items()
            if any(not (v.loose or v.synonym or v.part) for v in values)
        )

    def interpret(self, message: str, before: str) -> Interpreted:
        """The message as the rules read it; ``before`` is the language of the conversation."""
        text = message[:MAX_CHARACTERS]
        found = pieces(text)[:MAX_TOKENS]
        before = before if before in LANGUAGES else LANGUAGES[0]
        lexicon = self._vocabulary.lexicon
        own = {i for i, p in enumerate(found) if self._is_own((p.form,))}
        language = detect(found, lexicon, silent=own, before=before)
        if language == before == LANGUAGES[0]:
            return Interpreted(language, message)
        names = self._names(text)
        named = {i for m in names for i in _covered(m, found)}
        language = detect(found, lexicon, silent=own | named, before=before)
        if language == LANGUAGES[0]:
            return Interpreted(language, message)
        words = glossary(language)
        kept = {}
        for m in names:
            inside = _covered(m, found)
            if [text[found[i].start].isupper() for i in inside[:2]] == [False, True]:
                inside = inside[1:]  # a word of the sentence that the title may begin with
            strange = any(not words.speaks(found[i].form) for i in inside if not found[i].mark)
            if inside and (m.quoted or strange):
                kept[inside[0]] = inside[-1] + 1
        found = [words.as_written(p) for p in found]
        gloss = Gloss(
            text=text, pieces=found, words=words, reference=lexicon, own=self._is_own,
            held=self._is_held, kept=kept,
        )  # fmt: skip
        return Interpreted(language, gloss.whole())

    def _is_own(self, forms: Words) -> bool:
        """Whether the catalogue has a value of these words."""
        stem = self._vocabulary.lexicon.stem
        return " ".join(stem(w) for w in forms) in self._own

    def _is_held(self, text: str) -> bool:
        """Whether words of the reference lead to a closed value of the catalogue."""
        found = self._vocabulary.facets.values.get(lexicon_key(text, self._vocabulary.lexicon), ())
        return any(not v.loose for v in found)

    def _names(self, text: str) -> list[_Name]:
        """The titles and full names in a message, before a word of it is put into others."""
        vocabulary = self._vocabulary
        tokens = tokenise(text, vocabulary.lexicon.spelling)
        chart = Chart(tokens, find_cues(tokens, vocabulary.lexicon))
        spans = closed_spans(tokens, chart, vocabulary)
        people = [m for m in spans if m.values[0].person and m.end - m.start > 1]
        titles = link_titles(tokens, chart, vocabulary, spans)
        names = [_name(m, tokens) for m in (*titles, *people)]
        names += [_as_spelt(m, tokens) for m in spans if _is_spelt(m, tokens, text)]
        return sorted(names, key=lambda n: n.start)


@dataclass(frozen=True, slots=True)
class _Name:
    start: int
    end: int
    quoted: bool


def _name(m: Mention, tokens: Sequence[Token]) -> _Name:
    return _Name(tokens[m.start].start, tokens[m.end - 1].end, tokens[m.start].quoted)


def _is_spelt(m: Mention, tokens: Sequence[Token], text: str) -> bool:
    """Whether several words stand there as the catalogue spells a value of its own: "Film-Noir"
    in French is no black film."""
    written = text[tokens[m.start].start : tokens[m.end - 1].end]
    return m.end - m.start > 1 and any(v.value == written for v in m.values)


def _as_spelt(m: Mention, tokens: Sequence[Token]) -> _Name:
    return replace(_name(m, tokens), quoted=True)


def _covered(name: _Name, found: Sequence[Piece]) -> list[int]:
    return [i for i, p in enumerate(found) if name.start <= p.start and p.end <= name.end]
