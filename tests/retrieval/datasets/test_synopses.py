"""What is said of the built-in films agrees with their catalogue, and no two texts say the same."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from retrieval.datasets.synopses import Synopsis, read, vocabulary
from retrieval.errors import UnreadableFile
from tests.retrieval.datasets.proofread import Proof, main, sentences

HEAT = Synopsis(
    id="tt0113277",
    text=(
        "A patient thief and the policeman who hunts him turn out to be much alike in a crime story"
        " that takes its time. Both live for their work and lose those they love to it. When the"
        " shooting starts it is loud and deadly."
    ),
    tags=("heist", "obsession", "very long"),
)


@pytest.fixture(scope="module")
def proof(built_in_files: Path) -> Proof:
    lines = (built_in_files / "films.jsonl").read_text("utf-8").splitlines()
    return Proof([json.loads(line) for line in lines], vocabulary())


def faults(proof: Proof, text: str = HEAT.text, **other: object) -> list[str]:
    """Of the sample above with another text, id or other tags."""
    told = Synopsis(**{"id": HEAT.id, "tags": HEAT.tags, "text": text} | other)  # type: ignore[arg-type]
    return [fault.removeprefix(f"{told.id}: ") for fault in proof.faults([told])]


def test_what_is_shipped_has_no_fault(proof: Proof) -> None:
    shipped = read()
    assert shipped
    assert proof.faults(shipped) == []


def test_the_most_rated_films_are_told(built_in_files: Path) -> None:
    told = {s.id for s in read()}
    with (built_in_files / "ratings.csv").open(encoding="utf-8", newline="") as lines:
        ratings = Counter(row["item"] for row in csv.DictReader(lines))
    assert len(told) == 800
    # Films of equally many ratings share the last places.
    least = ratings.most_common(800)[-1][1]
    assert {film for film, n in ratings.items() if n > least} <= told
    assert all(ratings[film] >= least for film in told)


def test_the_sample_has_no_fault(proof: Proof) -> None:
    assert faults(proof) == []


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        (" Tom Hanks has a small part.", "Tom Hanks had no hand in it"),
        (" It was directed by Steven Spielberg.", "Steven Spielberg is not among its directors"),
        (" It was directed by Spielberg.", "Spielberg is not among its directors"),
        (" It was directed by Al Pacino.", "Al Pacino is not among its directors"),
        (" It was written by Nobody Known.", "Nobody Known is not among its writers"),
        (" It stars Al Pacino and Tom Hanks.", "Tom Hanks is not among its cast"),
        (" It is a comedy.", '"comedy": Comedy is not among its genres'),
        (" It is a Western story.", '"Western": Western is not among its genres'),
        (" It plays like a war film.", '"war film": War is not among its genres'),
        (" It was made in 1996.", "it is of 1995, not of 1996"),
        (" This 1996 film is loud.", "it is of 1995, not of 1996"),
        (" It resembles Die Hard.", '"Die Hard" is the title of another film'),
    ],
)
def test_a_fact_that_is_not_the_films_is_found(proof: Proof, added: str, fault: str) -> None:
    first, second, _ = sentences(HEAT.text)
    assert faults(proof, f"{first} {second}{added}") == [fault]


@pytest.mark.parametrize(
    "added",
    [
        "It was directed by Michael Mann in 1995 and stars Al Pacino.",
        "Mann's crime story is set in Los Angeles in the summer of 1994.",
        "The war between them is a family drama as well, and a thriller.",
        "Heat is the word for what comes around the corner.",
    ],
)
def test_a_fact_that_is_the_films_may_be_named(proof: Proof, added: str) -> None:
    first, second, _ = sentences(HEAT.text)
    assert faults(proof, f"{first} {second} {added}") == []


def test_a_person_whose_life_it_tells_may_be_named_but_not_credited(proof: Proof) -> None:
    told = (
        "Howard Hughes builds aeroplanes and makes films, faster and bigger than anybody, while a"
        " fear of dirt slowly shuts him in. A long and glittering portrait of ambition and illness"
    )
    aviator: dict[str, object] = {"id": "tt0338751", "tags": ("ambition", "madness", "very long")}
    assert faults(proof, f"{told}.", **aviator) == []
    found = faults(proof, f"{told}, directed by Howard Hughes.", **aviator)
    assert found == ["Howard Hughes is not among its directors"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Too short. It is.", "4 words, wanted are 30 to 80"),
        (" ".join(["word"] * 80) + ". One more.", "82 words, wanted are 30 to 80"),
        (" ".join(["word"] * 40) + ".", "1 sentences, wanted are 2 or 3"),
        (HEAT.text + " It is long.", "4 sentences, wanted are 2 or 3"),
        (HEAT.text[:-1], "it should be one line of plain sentences, each with its stop"),
        (
            HEAT.text.replace("loud", '"loud"'),
            "no quotation marks, curly apostrophes or long dashes",
        ),
    ],
)
def test_a_text_keeps_to_its_form(proof: Proof, text: str, fault: str) -> None:
    assert faults(proof, text) == [fault]


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        (("heist", "very long"), "2 tags, wanted are 3 to 8"),
        (("heist", "heist", "very long"), "a tag is there twice"),
        (("heist", "robbery", "very long"), 'the tag "robbery" is not in the vocabulary'),
        (("heist", "obsession", "tense"), '"very long" is for 150 minutes or more; it lasts 170'),
    ],
)
def test_tags_come_from_the_vocabulary(proof: Proof, tags: tuple[str, ...], fault: str) -> None:
    assert faults(proof, tags=tags) == [fault]


def test_an_id_must_be_a_films(proof: Proof) -> None:
    assert faults(proof, id="tt0000000") == ["no film of the catalogue has this id"]


def test_a_film_is_told_once_and_no_two_share_a_sentence_or_most_of_one(proof: Proof) -> None:
    alien = (
        "The crew of a freighter in space lets something hungry aboard. In empty corridors they"
        " fight for their work and lose those they love. The film is quiet and then merciless."
    )
    other = Synopsis(id="tt0078748", text=alien, tags=("space", "tense", "monsters"))
    assert proof.faults([HEAT, other]) == [
        'tt0078748: "for their work and lose those they" is also said of tt0113277'
    ]
    assert proof.faults([HEAT, HEAT]) == ["tt0113277: it has two synopses"]


def test_texts_do_not_all_begin_alike(proof: Proof) -> None:
    ids = ["tt0113277", "tt0078748", "tt0062622", "tt0211915", "tt0107048"]
    told = [
        Synopsis(id=film, text=f"There is a {' '.join([f'{n}x'] * 30)}. It ends {n}.", tags=())
        for n, film in enumerate(ids)
    ]
    assert [f for f in proof.faults(told) if "begins" in f] == [
        'tt0107048: "there is a" begins 5 texts'
    ]
    assert not [f for f in proof.faults(told[1:]) if "begins" in f]


def test_the_program_says_what_is_wrong_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "told.jsonl"
    path.write_text('{"id": "tt0000000", "synopsis": "Nothing.", "tags": []}\n', "utf-8")
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "tt0000000: no film of the catalogue has this id",
        "1 synopses, 1 faults",
    ]
    path.write_text("", "utf-8")
    assert main([str(path)]) == 0


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": "tt1", "synopsis": "A text."}',
        '{"id": "tt1", "synopsis": "A text.", "tags": "space"}',
        '{"id": 1, "synopsis": "A text.", "tags": []}',
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "told.jsonl"
    path.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(UnreadableFile, match="line 2"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.jsonl"):
        read(tmp_path / "none.jsonl")
