"""Arrays on disk: one ``.npy`` file each, opened memory-mapped, beside a JSON manifest.

No pickles. A plain ``.npy`` can be mapped where an archive cannot, so opening takes no longer for
a large model than for a small one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError

MANIFEST = "manifest.json"


def save(directory: Path, arrays: Mapping[str, NDArray[np.generic]], manifest: object) -> None:
    """Write the arrays under their names, then the manifest; the directory is made.

    Names are file names without an ending. The manifest comes last: where it is, all is.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array, allow_pickle=False)
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")


def manifest(directory: Path) -> str:
    """The text of the manifest. StoreError where there is none."""
    try:
        return (directory / MANIFEST).read_text(encoding="utf-8")
    except OSError as error:
        raise _broken(directory, error) from error


def load(directory: Path, name: str) -> NDArray[np.generic]:
    """One array, memory-mapped and read-only. StoreError where it is missing or damaged."""
    try:
        array: NDArray[np.generic] = np.load(
            directory / f"{name}.npy", mmap_mode="r", allow_pickle=False
        )
    except (OSError, ValueError) as error:
        raise _broken(directory, error) from error
    return array


def _broken(directory: Path, error: Exception) -> StoreError:
    return StoreError(
        f'the collaborative part "{directory}" cannot be read ({error}): ingest the data again'
    )
