"""One prompt: its declared slots, its two parts, and strict rendering.

::

    PromptError        a prompt file is malformed, or a render was given the wrong slots
    └── UnknownPrompt  there is no prompt, or no version of it, by that name
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SLOT = re.compile(r"\$(?:(\$)|([a-z][a-z0-9_]*))")
PARTS = re.compile(
    r"\A\+\+\+\n(?P<head>.*?)\n\+\+\+\n\s*## system\n(?P<system>.*?)\n## user\n(?P<user>.*)\Z",
    re.DOTALL,
)


class PromptError(Exception):
    """A prompt file is malformed, or a render was given too few or too many slots."""


class UnknownPrompt(PromptError):
    """There is no prompt, or no version of it, by that name."""


class FrontMatter(BaseModel):
    """What stands between the ``+++`` lines of a prompt file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    version: int = Field(ge=1)
    purpose: str = Field(min_length=1)
    slots: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A loaded prompt. ``id`` (``name@vN#hash``) is recorded with every call that used it."""

    name: str
    version: int
    hash: str
    purpose: str
    slots: frozenset[str]
    system: str
    user: str

    @property
    def id(self) -> str:
        """``name@vN#`` and the first eight digits of the file's SHA-256."""
        return f"{self.name}@v{self.version}#{self.hash[:8]}"

    def render(self, **slots: str) -> tuple[str, str]:
        """The system and the user part with every slot filled, in one pass.

        A value is put in as it is: a ``$name`` inside it stays text. Raises :class:`PromptError`
        when a slot is missing, is not declared, or is not a string.
        """
        missing, extra = self.slots - slots.keys(), slots.keys() - self.slots
        if missing or extra:
            raise PromptError(
                f"prompt {self.id} takes the slots {sorted(self.slots)}: "
                f"missing {sorted(missing)}, unknown {sorted(extra)}"
            )
        wrong = sorted(name for name, value in slots.items() if not isinstance(value, str))
        if wrong:
            raise PromptError(f"prompt {self.id}: the slots {wrong} are not text")
        return self.system, fill(self.user, slots)


def fill(text: str, slots: dict[str, str]) -> str:
    """Replace each ``$name`` once, left to right; ``$$`` is a dollar sign."""
    return SLOT.sub(lambda m: "$" if m[1] else slots[m[2]], text)


def parse(text: str, hash: str, where: str) -> Prompt:
    """Read a prompt file's text. ``where`` names the file in errors.

    Raises :class:`PromptError` when a part is missing, the front matter is wrong, a declared slot
    is not used, a used one is not declared, or the system part holds a slot.
    """
    parts = PARTS.match(text)
    if parts is None:
        raise PromptError(f"{where}: needs '+++' front matter, then '## system' and '## user'")
    try:
        head = FrontMatter.model_validate(tomllib.loads(parts["head"]))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise PromptError(f"{where}: front matter: {error}") from error
    system, user = parts["system"].strip(), parts["user"].strip()
    if SLOT.search(system):
        raise PromptError(f"{where}: the system part may not hold slots")
    used = {m[2] for m in SLOT.finditer(user) if m[2]}
    if used != set(head.slots):
        raise PromptError(f"{where}: declares {sorted(head.slots)} but uses {sorted(used)}")
    return Prompt(
        name=head.name,
        version=head.version,
        hash=hash,
        purpose=head.purpose,
        slots=frozenset(used),
        system=system,
        user=user,
    )
