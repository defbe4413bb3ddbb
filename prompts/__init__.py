"""The texts that models are given: versioned files, loaded by name and rendered strictly.

    prompt = load("rerank")
    system, user = prompt.render(count="10", ...)

A file ``<name>/v<N>.md`` begins with TOML between ``+++`` lines, then holds a ``## system`` and a
``## user`` part. The system part has no slots, so nothing that a person or a catalogue wrote can
enter it (and servers can keep it cached). A released file never changes: ``released.lock`` holds
its hash, and a test holds the two together. This package imports nothing of ours.
"""

from __future__ import annotations

from prompts.catalogue import digest, load, names, released, versions
from prompts.prompt import Prompt, PromptError, UnknownPrompt

__all__ = [
    "Prompt",
    "PromptError",
    "UnknownPrompt",
    "digest",
    "load",
    "names",
    "released",
    "versions",
]
