"""From an error to an exit code and one line on standard error.

0 is success, 2 is a usage or input error, 1 is a failure, 130 an interrupt. An error nobody named
is a defect: it keeps its traceback (Python leaves with 1).
"""

from __future__ import annotations

import os
import sys

import typer

from assistant.errors import AssistantError, SettingsError
from retrieval.errors import InputError, RetrievalError, WorkspaceError
from retrieval.storage.room import is_full
from ui.plain import one_line

# Typer carries its own copy of Click in recent releases and uses the real one in older ones; this
# finds the root of usage errors in either.
_USAGE = typer.BadParameter.__mro__[2]

INTERRUPTED = 130


def exit_code(error: BaseException) -> int | None:
    """Tell the person what went wrong, and give the exit code; None for an error nobody named."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has enough. Point it at nothing, or Python complains at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if isinstance(error, _USAGE):
        path = getattr(getattr(error, "ctx", None), "command_path", "palate")
        say(f"{_message(error)} (see {path} --help)")
        return 2
    if isinstance(error, InputError | WorkspaceError | SettingsError):
        say(str(error))
        return 2
    if isinstance(error, RetrievalError | AssistantError):
        say(str(error))
        return 1
    if isinstance(error, OSError) and is_full(error):
        where = f' "{error.filename}"' if error.filename else ""
        say(f"cannot write{where}: {error.strerror or error}; make room and try again")
        return 1
    return None


def say(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"palate: {one_line(message)}\n")


def _message(error: BaseException) -> str:
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    return str(text).rstrip(". ")
