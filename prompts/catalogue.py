"""Finding prompt files: by name, by version, and the hashes of the released ones."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from prompts.prompt import Prompt, PromptError, UnknownPrompt, parse

HERE = Path(__file__).resolve().parent
VERSION = re.compile(r"v([1-9][0-9]*)\.md")


def names() -> tuple[str, ...]:
    """The names of all prompts, in alphabetical order."""
    return tuple(sorted({path.parent.name for path in HERE.glob("*/v*.md")}))


def versions(name: str) -> tuple[int, ...]:
    """The versions of a prompt, ascending. Raises :class:`UnknownPrompt` when there are none."""
    found = []
    if name in names():
        matches = (VERSION.fullmatch(path.name) for path in (HERE / name).iterdir())
        found = sorted(int(m[1]) for m in matches if m)
    if not found:
        raise UnknownPrompt(f"no prompt is called {name!r}; there are {', '.join(names())}")
    return tuple(found)


@lru_cache(maxsize=64)
def load(name: str, version: int | None = None) -> Prompt:
    """The prompt ``name``, in its newest version unless one is given.

    Raises :class:`UnknownPrompt` when there is none and :class:`PromptError` when the file is
    malformed or says another name or version than its path.
    """
    known = versions(name)
    chosen = known[-1] if version is None else version
    if chosen not in known:
        raise UnknownPrompt(f"prompt {name!r} has the versions {list(known)}, not {chosen}")
    path = HERE / name / f"v{chosen}.md"
    text = path.read_text(encoding="utf-8")
    prompt = parse(text, digest(text), f"prompts/{name}/{path.name}")
    if (prompt.name, prompt.version) != (name, chosen):
        raise PromptError(
            f"prompts/{name}/{path.name} calls itself {prompt.name} v{prompt.version}"
        )
    return prompt


def digest(text: str) -> str:
    """SHA-256 of a prompt file's text, in hexadecimal; the same for any line ending on disk."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def released() -> dict[str, str]:
    """Path below ``prompts/`` to the hash it was released with, as ``released.lock`` says."""
    lines = (HERE / "released.lock").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {path: hash for hash, path in pairs}
