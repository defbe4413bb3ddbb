"""Whether everything that is configured would work, looked at before anybody is served.

Opens the workspace for reading, so a server that runs is not disturbed, and changes nothing.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.build import active_version, count_rules, default_home, load_lists
from assistant.errors import AssistantError
from assistant.llm.blocking import blocking
from assistant.llm.complete import complete
from assistant.llm.configured import make_model
from assistant.llm.types import ChatModel, ChatRequest, Message
from assistant.settings import PREFIX, Settings
from retrieval.embeddings import query_encoder
from retrieval.errors import RetrievalError
from retrieval.index import Index
from retrieval.storage.workspace import Workspace

COLLECTOR = 5.0
"""Seconds that the collector of traces may take to answer."""

PATIENCE = 20.0
"""Seconds that the language model may take to say one word."""

ROOM = 3
"""Times the size of the active index that must be free on the disk: a build stands beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: ``ok``, a ``warning`` that serving would live with, or a ``fault`` that
    would keep it from starting or from what was asked for. ``told`` says what was found."""

    name: str
    verdict: Literal["ok", "warning", "fault"]
    told: str


def checkup(settings: Settings, model: ChatModel | None = None) -> tuple[Finding, ...]:
    """What was found, in the order that a start would come to it; never raises for what is wrong
    with the configuration. ``model`` takes the place of the configured one."""
    looks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("settings", _settings),
        ("workspace", _workspace),
        ("encoder", _encoder),
        ("rules", _rules),
        ("lists", _lists),
    )
    found: list[Finding] = []
    for name, look in looks:
        found.append(_looked(name, look, settings))
        if found[-1].name == "workspace" and found[-1].verdict == "fault":
            break  # what lies in it cannot be looked at
    return (
        *found,
        _disk(settings),
        _model(model or make_model(settings)),
        *((_traces(settings),) if settings.traces else ()),
    )


def _looked(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name=name, verdict="ok", told=look(settings))
    except (RetrievalError, AssistantError, OSError) as error:
        return Finding(name=name, verdict="fault", told=str(error))


def _settings(settings: Settings) -> str:
    told = ", ".join(_set(settings))
    return told or "none set, the defaults are in force"


def _set(settings: Settings) -> Iterator[str]:
    """The settings that differ from the defaults; of a secret only that it is there."""
    for name, about in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value != about.default:
            said = "(set)" if hasattr(value, "get_secret_value") else value
            yield f"{PREFIX}{name.upper()}={said}"


def _opened(settings: Settings) -> Workspace:
    return Workspace.open(settings.home or default_home())


def _index(workspace: Workspace) -> tuple[int, Index]:
    version = active_version(workspace)
    return version, Index.open(workspace.versions.path(version))


def _workspace(settings: Settings) -> str:
    with _opened(settings) as workspace:
        version, index = _index(workspace)
        items = len(index.ids)
        index.close()
        writable = os.access(workspace.home, os.W_OK)
        if not writable:
            raise PermissionError(f"{workspace.home} cannot be written to by this user")
        return f"{items:,} items, index version {version} in {workspace.home}"


def _encoder(settings: Settings) -> str:
    with _opened(settings) as workspace:
        _, index = _index(workspace)
        try:
            encoder = query_encoder(index.manifest.encoder, settings.encoder)
            index.check(encoder)
            encoder.encode(["one sentence"])
        finally:
            index.close()
    return f"{encoder.name}, {encoder.dimensions} dimensions"


def _rules(settings: Settings) -> str:
    rules = count_rules(settings)
    idle = [rule.name for rule, items in rules if not items]
    told = f"{len(rules)} in order" if rules else "none"
    return f"{told}; of no item: {', '.join(idle)}" if idle else told


def _lists(settings: Settings) -> str:
    with _opened(settings) as workspace:
        lists = load_lists(workspace.home, settings)
    return f"{len(lists)} in order" if lists else "none"


def _disk(settings: Settings) -> Finding:
    home = settings.home or default_home()
    place = next((p for p in (home, *home.parents) if p.exists()), home)
    free = shutil.disk_usage(place).free
    index = sum(f.stat().st_size for f in home.rglob("*") if f.is_file()) if home.is_dir() else 0
    short = free < max(ROOM * index, 1_000_000_000)
    told = f"{free / 1e9:,.1f} GB free"
    if short:
        told += f"; a rebuild beside this workspace of {index / 1e9:,.1f} GB may need more"
    return Finding(name="disk", verdict="warning" if short else "ok", told=told)


def _model(model: ChatModel | None) -> Finding:
    if model is None:
        return Finding(name="model", verdict="ok", told="none, the rules engine serves alone")
    request = ChatRequest(
        messages=(Message(role="user", content="Say yes."),), max_tokens=8, deadline=PATIENCE
    )
    since = time.perf_counter()
    try:
        blocking(complete(model, request))
    except AssistantError as error:
        told = f"{error}; until it answers, the rules engine serves and the replies say so"
        return Finding(name="model", verdict="warning", told=told)
    took = time.perf_counter() - since
    return Finding(name="model", verdict="ok", told=f"{model.name} says a word in {took:.1f} s")


def _traces(settings: Settings) -> Finding:
    if settings.traces == "console":
        return Finding(name="traces", verdict="ok", told="on standard error")
    try:
        from assistant.traces import answers

        if answers(COLLECTOR):
            return Finding(name="traces", verdict="ok", told="the collector takes them")
    except AssistantError as error:
        return Finding(name="traces", verdict="fault", told=str(error))
    told = (
        f"the collector did not take them within {COLLECTOR:.0f} s; see OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    return Finding(name="traces", verdict="warning", told=f"{told}. Visitors are served without")
