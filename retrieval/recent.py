"""An encoder that remembers what it read last.

The messages of a conversation speak in every later turn again, and so do the wishes in them; only
the newest has not been read before.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.embeddings import Encoder
from retrieval.vector_cache import text_key

RECENT = 1_024  # texts: a megabyte and a half


class RecentEncoder:
    """The vectors of ``encoder``, the last :data:`RECENT` of them kept in memory.

    They are kept by a hash of their text, never with the text itself, and nowhere but in memory.
    Safe to share between threads. See :class:`retrieval.embeddings.Encoder`.
    """

    def __init__(self, encoder: Encoder, size: int = RECENT) -> None:
        self._encoder = encoder
        self._size = size
        self._known: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the encoder behind."""
        return self._encoder.name

    @property
    def dimensions(self) -> int:
        """Length of the vectors; may load the model."""
        return self._encoder.dimensions

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """See :class:`retrieval.embeddings.Encoder`; ``progress`` is called once, at the end."""
        keys = [text_key(text) for text in texts]
        held: dict[bytes, NDArray[np.float32]] = {}
        with self._lock:
            for key in keys:
                if key in self._known:
                    self._known.move_to_end(key)
                    held[key] = self._known[key]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        if new:
            found = dict(zip(new, self._encoder.encode(list(new.values())), strict=True))
            held |= found
            with self._lock:
                self._known |= found
                while len(self._known) > self._size:
                    self._known.popitem(last=False)
        if progress is not None:
            progress(len(texts))
        shape = (len(texts), self.dimensions)
        return np.array([held[key] for key in keys], dtype=np.float32).reshape(shape)

    def forget(self) -> None:
        """Forget every text that was read."""
        with self._lock:
            self._known.clear()
