"""The composition root: from settings to a dialogue. Everything is made here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.constraints import Facts
from assistant.dialogue import Dialogue
from assistant.engines import Engines
from assistant.explanation.evidence import Statistics
from assistant.llm.configured import make_model
from assistant.llm.types import ChatModel
from assistant.memory import DAY
from assistant.sessions import Sessions, now
from assistant.settings import Settings
from assistant.taste import Taste
from assistant.traced import dialogue_with, make_traces
from assistant.understanding.vocabulary import Vocabulary
from assistant.verification.check import Checker
from assistant.verification.known import Known
from retrieval import rules_file
from retrieval.columns import Columns
from retrieval.embeddings import Encoder, make_encoder, query_encoder
from retrieval.errors import EncoderError, WorkspaceError, WorkspaceMissing
from retrieval.index import Index, build_index, signature
from retrieval.ingest import BuildRequest, IngestReport, ingest, refresh
from retrieval.kinds import EventKinds
from retrieval.lists import ItemList, trending
from retrieval.lists import load as lists_file
from retrieval.pool import main_facet
from retrieval.progress import Progress, silent
from retrieval.retriever import Retriever
from retrieval.rules import Rule, spoken_of
from retrieval.storage.workspace import Workspace
from retrieval.types import Item, Schema

if TYPE_CHECKING:
    from assistant.traces import Traces

RISING = 30
"""Items at the top of the list of what is trending that a reason may call so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything an open workspace consists of; the workspace and the traces are closed by their
    owner."""

    settings: Settings
    workspace: Workspace
    schema: Schema
    retriever: Retriever
    facts: Facts
    vocabulary: Vocabulary
    sessions: Sessions
    taste: Taste
    engines: Engines
    checker: Checker
    dialogue: Dialogue
    traces: Traces | None = None


def default_home() -> Path:
    """Where a workspace lives when nothing says otherwise: the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("palate") / "workspace"


def open_parts(
    settings: Settings, *, write: bool, command: str = "", model: ChatModel | None = None
) -> Parts:
    """Open the workspace and make everything that a dialogue over it needs.

    ``model`` takes the place of the configured one. ``write`` takes the workspace's writer. Raises
    :class:`~retrieval.errors.WorkspaceMissing` when nothing was ingested there, and
    :class:`~retrieval.errors.WorkspaceBusy` when another process owns the writer.
    """
    home = settings.home or default_home()
    workspace = Workspace.open(home, write=write, command=command)
    try:
        if write and settings.retention_days is not None:
            workspace.personal.expire(now() - settings.retention_days * DAY)
        traces = make_traces(settings)
        chat = make_model(settings, traces, model)
        return make_parts(workspace, settings, chat, traces=traces)
    except BaseException:
        workspace.close()
        raise


def make_parts(
    workspace: Workspace,
    settings: Settings,
    model: ChatModel | None,
    *,
    sessions: Sessions | None = None,
    traces: Traces | None = None,
) -> Parts:
    """Everything over an open workspace, with the model given or with the rules engine alone."""
    version = active_version(workspace)
    schema = workspace.schema()
    parts = assemble(
        workspace,
        settings,
        model,
        index=Index.open(workspace.versions.path(version)),
        items=list(workspace.catalogue.all()),
        schema=schema,
        kinds=workspace.kinds(),
        version=version,
        home=workspace.home,
        sessions=sessions,
        traces=traces,
    )
    parts.retriever.withdraw(workspace.changes.retired())
    return parts


def active_version(workspace: Workspace) -> int:
    """The index version in force. Raises WorkspaceMissing where nothing was built yet."""
    version = workspace.versions.active()
    if version is None:
        raise WorkspaceMissing(
            f'"{workspace.home}" holds no index yet; run: palate ingest --catalog FILE --home '
            f'"{workspace.home}"'
        )
    return version


def assemble(
    workspace: Workspace,
    settings: Settings,
    model: ChatModel | None,
    *,
    index: Index,
    items: Sequence[Item],
    schema: Schema,
    kinds: EventKinds,
    version: int,
    home: Path,
    sessions: Sessions | None = None,
    traces: Traces | None = None,
) -> Parts:
    """The parts over an index and items that need not be the workspace's own.

    ``workspace`` keeps the events and the sessions; the business rules and the lists lie in
    ``home``. A measurement hands in what was known at an earlier time. ``sessions`` are those that
    run already, where there are some.
    """
    encoder = query_encoder(index.manifest.encoder, settings.encoder)
    index.check(encoder)
    lists = load_lists(home, settings)
    rising = trending(workspace.events, kinds)
    retriever = Retriever(
        index,
        items,
        encoder,
        rules=load_rules(home, settings, schema, lists),
        lists=(*lists, rising),
        facet=(main := main_facet(items, schema)),
        telling=[f.name for f in schema.by_role("facet") if f.embedded],
        explore=settings.explore,
    )
    vocabulary = Vocabulary.build(schema, items)
    facts = Facts(
        schema=schema,
        items=retriever.items,
        count=retriever.count,
        scale=vocabulary.scale,
        kind=vocabulary.kind,
        kinds=frozenset(vocabulary.held),
        main=main,
    )
    sessions = sessions or Sessions(workspace.sessions)
    taste = Taste(
        workspace.events,
        kinds,
        schema,
        Statistics.of(items, schema),
        trending=rising.ids[:RISING],
        k_anonymity=settings.k_anonymity,
    )
    engines = make_engines(settings, vocabulary, retriever, model)
    checker = Checker(
        Known(
            retriever.items,
            vocabulary,
            similarity=retriever.similarity,
            together=index.collaborative.together,
            trending=rising.ids,
            k_anonymity=settings.k_anonymity,
        )
    )
    dialogue = dialogue_with(traces)(
        retriever=retriever,
        facts=facts,
        sessions=sessions,
        taste=taste,
        engines=engines,
        checker=checker,
        index_version=version,
        slate_size=settings.slate_size,
    )
    return Parts(
        settings=settings,
        workspace=workspace,
        schema=schema,
        retriever=retriever,
        facts=facts,
        vocabulary=vocabulary,
        sessions=sessions,
        taste=taste,
        engines=engines,
        checker=checker,
        dialogue=dialogue,
        traces=traces,
    )


def load_rules(
    home: Path, settings: Settings, schema: Schema, lists: Sequence[ItemList]
) -> tuple[Rule, ...]:
    """The business rules in force; none where there is no file.

    Raises RulesError or UnreadableFile for a file that is there but wrong, and for one that was set
    and is not there: rules that are silently not in force cost more than a late start.
    """
    beside = (home / "rules.toml", home / "rules.json")
    path = settings.rules or next((p for p in beside if p.is_file()), None)
    if path is None:
        return ()
    return rules_file.load(path, schema, {one.name: one.ids for one in lists})


def count_rules(settings: Settings) -> tuple[tuple[Rule, int], ...]:
    """The rules that would be in force, each with the number of items it speaks of.

    Opens the workspace for reading. Raises as :func:`load_rules` does, and WorkspaceMissing; a file
    that was set must be there.
    """
    with Workspace.open(settings.home or default_home()) as workspace:
        schema = workspace.schema()
        lists = load_lists(workspace.home, settings)
        rules = load_rules(workspace.home, settings, schema, lists)
        columns = Columns(list(workspace.catalogue.all()))
    return tuple((r, int(columns.mask(spoken_of(r)).sum())) for r in rules)


def load_lists(home: Path, settings: Settings) -> tuple[ItemList, ...]:
    """The editor's lists; none where there is no file. Raises as :func:`load_rules` does."""
    beside = home / "lists.toml"
    path = settings.lists or (beside if beside.is_file() else None)
    return () if path is None else lists_file(path)


def make_engines(
    settings: Settings, vocabulary: Vocabulary, retriever: Retriever, model: ChatModel | None
) -> Engines:
    """The engines with the model, or with the rules engine alone."""
    if model is None:
        return Engines(vocabulary=vocabulary, items=retriever.items)
    from assistant.reranking import Limits, Reranker

    return Engines(
        vocabulary=vocabulary,
        items=retriever.items,
        model=model,
        reranker=Reranker(
            model=model,
            strategy="window",  # one call: somebody is waiting
            limits=Limits(
                deadline=settings.llm_rerank_seconds,
                prompt_tokens=settings.llm_prompt_tokens,
                listed=settings.slate_size,
                concurrency=settings.api_turns,  # one call a turn: the turns are bounded already
            ),
        ),
        understand_seconds=settings.llm_understand_seconds,
        candidates=settings.rerank_candidates,
    )


def ingest_into(
    home: Path,
    *,
    settings: Settings,
    catalog: Path | None = None,
    events: Path | None = None,
    schema: Path | None = None,
    prune: bool = False,
    progress: Progress = silent,
) -> IngestReport:
    """Read a catalogue and events into a workspace and build its index with the set encoder.

    The model is loaded when the first text must be embedded, so a run that changes nothing is
    quick; another encoder builds another index version.
    """
    encoder = make_encoder(settings.encoder)
    return ingest(
        home,
        catalog=catalog,
        events=events,
        schema=schema,
        build=_with(encoder),
        signature=signature(encoder),
        keep=settings.versions_kept,
        prune=prune,
        progress=progress,
    )


def ingest_served(
    parts: Parts,
    *,
    catalog: Path | None = None,
    events: Path | None = None,
    schema: Path | None = None,
    changes: bool = False,
    progress: Progress = silent,
) -> IngestReport:
    """:func:`ingest_into` the workspace that these parts serve, with the encoder that it was built
    with unless another one is set. WorkspaceError when this process is not its writer."""
    if not parts.workspace.writable:
        raise WorkspaceError(
            f"{parts.workspace.home} was opened for reading; open it as its writer"
        )
    encoder = _encoder_of(parts)
    return refresh(
        parts.workspace,
        catalog=catalog,
        events=events,
        schema=schema,
        build=_with(encoder),
        signature=signature(encoder),
        keep=parts.settings.versions_kept,
        changes=changes,
        progress=progress,
    )


def renewed(parts: Parts) -> Parts:
    """Parts over what the workspace holds now, loaded and ready to answer. Sessions, model, what
    was counted of it, who listens to the turns and where their spans go stay."""
    new = make_parts(
        parts.workspace,
        parts.settings,
        parts.engines.model,
        sessions=parts.sessions,
        traces=parts.traces,
    )
    new.dialogue.faithfulness = parts.dialogue.faithfulness
    new.dialogue.listeners = parts.dialogue.listeners
    new.retriever.prepare()
    return new


def _with(encoder: Encoder) -> Callable[[BuildRequest], None]:
    def build(request: BuildRequest) -> None:
        build_index(request, encoder=encoder)

    return build


def _encoder_of(parts: Parts) -> Encoder:
    built, settings = parts.retriever.index.manifest.encoder, parts.settings
    if "encoder" not in settings.model_fields_set:
        for kind in ("minilm", "minilm-int8", "hashed"):
            try:
                encoder = make_encoder(kind)
            except EncoderError:  # its package is not installed, so it is not the one
                continue
            if encoder.name == built:
                return encoder
    return make_encoder(settings.encoder)
