"""A workspace as it stood before the people to be simulated came to like what they look for.

Everybody else's events are there whole, and are all that is learned from. Of the people drawn,
those whom Palate knows have their events up to the cut; the others have none. All of it lies in a
temporary folder: the workspace that was asked about is only read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.build import Parts, assemble, default_home
from assistant.llm.configured import make_model
from assistant.memory import Memory
from assistant.settings import Settings
from assistant.simulation.crowd import draw
from assistant.simulation.knowledge import Catalogue
from assistant.simulation.person import Person
from retrieval.embeddings import Encoder, make_encoder
from retrieval.errors import WorkspaceMissing
from retrieval.evaluation.log import Log
from retrieval.evaluation.replay import as_of
from retrieval.index import Index, build_index
from retrieval.ingest import BuildRequest
from retrieval.manifest import read_manifest
from retrieval.progress import Progress
from retrieval.storage.workspace import Workspace
from retrieval.types import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The parts to talk to and the people who will.

    ``learned`` counts the events that the model was trained on and ``others`` the people they come
    from. ``notes`` say what else is to be known of the run.
    """

    parts: Parts
    catalogue: Catalogue
    people: tuple[Person, ...]
    learned: int
    others: int
    notes: tuple[str, ...]


def _keep_nothing(parts: Parts, people: Iterable[Person]) -> None:
    """Let nothing that is said outlive its dialogue, so that no other finds it there."""
    for person in people:
        parts.sessions.remember(person.visitor, Memory(paused=True), 0)


@contextmanager
def held_out(settings: Settings, *, people: int, seed: int, progress: Progress) -> Iterator[World]:
    """The world of ``people`` drawn as in :func:`~assistant.simulation.crowd.draw`, gone when the
    context ends.

    Raises WorkspaceMissing, and InputError when nobody has enough history.
    """
    with ExitStack() as stack:
        home = settings.home or default_home()
        source = stack.enter_context(Workspace.open(home))
        version = source.versions.active()
        if version is None:
            raise WorkspaceMissing(f'"{home}" holds no index yet; run: palate ingest')
        log = log_of(source)
        crowd = draw(log, people=people, seed=seed)
        items = as_of(log, crowd.others)
        folder = Path(tempfile.mkdtemp(prefix="palate-simulate-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        earlier = source.versions.path(version)
        build_index(
            BuildRequest(
                items=items,
                events=lambda: iter(crowd.others),
                schema=log.schema,
                kinds=log.kinds,
                directory=folder / "index",
                cache=folder / "vectors.cache",
                earlier=earlier,
                progress=progress,
            ),
            encoder=_builder(read_manifest(earlier).encoder, settings),
        )
        here = stack.enter_context(Workspace.open(folder / "home", write=True, command="simulate"))
        here.events.append(crowd.others)
        for visitor, past in crowd.pasts.items():
            here.events.append([replace(e, user=UserId(visitor)) for e in past])
        index = Index.open(folder / "index")
        stack.callback(index.close)
        parts = assemble(
            here,
            settings,
            make_model(settings),
            index=index,
            items=items,
            schema=log.schema,
            kinds=log.kinds,
            version=version,
            home=home,
        )
        _keep_nothing(parts, crowd.people)
        yield World(
            parts=parts,
            catalogue=crowd.catalogue,
            people=crowd.people,
            learned=len(crowd.others),
            others=len({e.user for e in crowd.others}),
            notes=crowd.notes,
        )


def log_of(workspace: Workspace) -> Log:
    """Everything that happened in a workspace, and with what."""
    return Log(
        items=tuple(sorted(workspace.catalogue.all(), key=lambda item: item.id)),
        events=tuple(workspace.events.all()),
        schema=workspace.schema(),
        kinds=workspace.kinds(),
        described=True,
        notes=(),
    )


def _builder(built: str, settings: Settings) -> Encoder:
    """The encoder that built the version in force, so that its vectors are taken over."""
    for kind in ("minilm", "minilm-int8", "hashed"):
        encoder = make_encoder(kind)
        if encoder.name == built:
            return encoder
    return make_encoder(settings.encoder)
