"""How long work tells how far it has come.

A progress is called as ``progress(stage, done, total)``: ``stage`` names the work in a word or
two, ``done`` counts finished units (bytes, rows, items: the stage knows), ``total`` is None where
the end is not known. It is called from the working thread and must be cheap. It raises nothing but
:class:`~retrieval.errors.Stopped`, which gives the work up.
"""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]


def silent(stage: str, done: int, total: int | None) -> None:
    """Tell nobody."""
