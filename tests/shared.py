"""Where the larger real data lies that some tests use, and how they do without it.

The data is a folder called ``shared`` beside the checkout. It is no part of the project; a test
that wants it asks here and is skipped, with the path as its reason, where it is absent.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
"""The root of the checkout: the folder that holds ``pyproject.toml``."""

SHARED = ROOT.parent / "shared"


def shared_path(*parts: str) -> Path:
    """The file or folder ``shared/<parts>``; skips the calling test when it does not exist.

    Works inside a test, inside a fixture and at the top of a test module.
    """
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data absent: {'/'.join(parts)}", allow_module_level=True)
    return path
