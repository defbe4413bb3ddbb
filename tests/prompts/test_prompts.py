"""Prompt files: released ones never change, all render, and rendering is strict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts
from prompts.catalogue import HERE
from prompts.prompt import Prompt, PromptError, UnknownPrompt, parse

FILES = [(name, version) for name in prompts.names() for version in prompts.versions(name)]

TEXT = """+++
name = "sample"
version = 1
purpose = "for a test"
slots = ["first", "second"]
+++
## system
Fixed words.
## user
$first and $second, for $$5.
"""


def sample() -> Prompt:
    return parse(TEXT, prompts.digest(TEXT), "sample")


@pytest.mark.parametrize(("name", "version"), FILES)
def test_every_file_renders_and_leaves_no_slot_behind(name: str, version: int) -> None:
    prompt = prompts.load(name, version)
    system, user = prompt.render(**{slot: f"<{slot}>" for slot in prompt.slots})
    assert system
    assert all(f"<{slot}>" in user for slot in prompt.slots)
    assert "$" not in system + user


@pytest.mark.parametrize(("name", "version"), FILES)
def test_a_released_file_never_changes(name: str, version: int) -> None:
    path = f"{name}/v{version}.md"
    assert prompts.released().get(path) == prompts.load(name, version).hash, (
        f"prompts/{path} differs from released.lock: write v{version + 1}.md instead, "
        "or add the line of a new file to the lock"
    )


def test_the_lock_names_only_files_that_exist() -> None:
    assert all((HERE / path).is_file() for path in prompts.released())


def test_the_newest_version_is_loaded_when_none_is_named() -> None:
    for name in prompts.names():
        assert prompts.load(name).version == prompts.versions(name)[-1]


def test_the_id_says_name_version_and_hash() -> None:
    prompt = prompts.load("rerank")
    assert prompt.id == f"rerank@v{prompt.version}#{prompt.hash[:8]}"


@given(st.text(), st.text())
def test_values_are_put_in_as_they_are_and_never_filled_again(first: str, second: str) -> None:
    system, user = sample().render(first=first, second=second)
    assert system == "Fixed words."
    assert user == f"{first} and {second}, for $5."


def test_a_slot_name_inside_a_value_stays_text() -> None:
    _, user = sample().render(first="$second $$", second="$first")
    assert user == "$second $$ and $first, for $5."


@pytest.mark.parametrize("slots", [{}, {"first": "a"}, {"first": "a", "second": "b", "third": "c"}])
def test_a_missing_or_extra_slot_is_an_error(slots: dict[str, str]) -> None:
    with pytest.raises(PromptError, match=r"takes the slots \['first', 'second'\]"):
        sample().render(**slots)


def test_a_value_that_is_not_text_is_an_error() -> None:
    with pytest.raises(PromptError, match="not text"):
        sample().render(first="a", second=3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Fixed words.", "Fixed $first."), "may not hold slots"),
        (('"second"]', '"second", "third"]'), "declares"),
        (('slots = ["first", "second"]', 'slots = ["first"]'), "uses"),
        (("version = 1", "version = 0"), "front matter"),
        (("version = 1", "version ="), "front matter"),
        (("## user", "## person"), "needs"),
        (('purpose = "for a test"', 'colour = "red"'), "front matter"),
    ],
)
def test_a_malformed_file_is_named_with_what_is_wrong(change: tuple[str, str], said: str) -> None:
    with pytest.raises(PromptError, match=said):
        parse(TEXT.replace(*change), "0", "sample")


def test_an_unknown_prompt_or_version_is_named() -> None:
    with pytest.raises(UnknownPrompt, match="no prompt is called 'nosuch'"):
        prompts.load("nosuch")
    with pytest.raises(UnknownPrompt, match="has the versions"):
        prompts.load("rerank", 999)
    with pytest.raises(UnknownPrompt):
        prompts.load("../prompts")
