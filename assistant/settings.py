"""Everything that can be set, read once in the composition root.

Settings come from the environment (``PALATE_*``). An unknown ``PALATE_`` name is refused, because
a misspelt setting that is silently ignored costs an afternoon.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from assistant.errors import SettingsError

PREFIX = "PALATE_"
HOSTED = "https://api.openai.com/v1"
DEFAULT_MODEL = "gpt-4o-mini"  # used when only a key for the hosted service is given


class Settings(BaseModel):
    """Palate's settings. Times are in seconds; token figures bound one call.

    ``explore`` is the share of a slate's places for little-known items. What other people liked is
    told only where at least ``k_anonymity`` of them stand behind it. ``rules`` and ``lists`` are
    files; without them ``rules.toml``, ``rules.json`` and ``lists.toml`` of the workspace's folder
    are read where they are. ``rerank_url`` is a Cohere-compatible rerank endpoint, which
    ``palate rerank`` asks instead of a language model. ``versions_kept`` index versions stay on
    disk to roll back to. Conversations without a turn for ``retention_days`` are deleted when a
    writer starts, with what is remembered of whoever said nothing to be remembered since; by
    default nothing is. ``owner_password_hash`` opens the owner's page to whoever knows the password
    (``palate owner password --print`` makes it); without it the one kept in the workspace does.
    ``upload_mb`` is the most that page takes at a time, in millions of bytes. Of the API,
    ``api_rate`` is the requests a minute of one key and of one address, ``api_turns`` how many
    turns, recommendations and re-rankings are worked on at once, ``api_seconds`` how long a request
    may take, ``api_origins`` the other hosts ("https://shop.example"; several parted by commas)
    whose pages a browser may let ask. ``traces`` says where spans go: to a collector, which the
    variables of OpenTelemetry name (``otlp``), to standard error (``console``), or nowhere.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path | None = None
    encoder: str = "minilm"
    llm: Literal["auto", "none"] = "auto"
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None
    llm_understand_seconds: float = Field(default=20.0, gt=0, le=600)
    llm_rerank_seconds: float = Field(default=40.0, gt=0, le=600)
    llm_prompt_tokens: int = Field(default=3000, ge=500, le=200_000)
    llm_attempts: int = Field(default=3, ge=1, le=10)
    rerank_url: str | None = None
    rerank_model: str = "default"
    rerank_api_key: SecretStr | None = None
    slate_size: int = Field(default=6, ge=1, le=12)
    rerank_candidates: int = Field(default=12, ge=2, le=100)
    explore: float = Field(default=0.1, ge=0, le=1)
    k_anonymity: int = Field(default=5, ge=2, le=10_000)
    rules: Path | None = None
    lists: Path | None = None
    versions_kept: int = Field(default=2, ge=2, le=100)
    retention_days: float | None = Field(default=None, gt=0)
    owner_password_hash: SecretStr | None = None
    upload_mb: int = Field(default=200, ge=1, le=100_000)
    api_rate: int = Field(default=600, ge=1, le=1_000_000)
    api_turns: int = Field(default=64, ge=1, le=1000)
    api_seconds: float = Field(default=120.0, gt=0, le=3600)
    api_origins: str = ""
    traces: Literal["", "otlp", "console"] = ""

    @field_validator("api_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for one in value.replace(",", " ").split():
            if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?", one):
                raise ValueError(f'"{one}" is no origin; write it like https://shop.example')
        return value

    @field_validator("llm_base_url", "rerank_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value

    def uses_model(self) -> bool:
        """Whether a language model is configured and wanted."""
        return self.llm != "none" and (
            self.llm_base_url is not None or self.llm_api_key is not None
        )


def load(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, with explicit overrides winning (None overrides nothing).

    ``OPENAI_API_KEY`` alone is enough for the hosted service. Raises
    :class:`~assistant.errors.SettingsError` naming the setting and the remedy.
    """
    env = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for key, raw in env.items():
        if key.startswith(PREFIX) and raw != "":
            name = key.removeprefix(PREFIX).lower()
            if name not in Settings.model_fields:
                near = difflib.get_close_matches(name, Settings.model_fields, n=1)
                hint = f'; did you mean "{PREFIX}{near[0].upper()}"?' if near else ""
                raise SettingsError(f'unknown setting "{key}"{hint}')
            values[name] = raw
    if "llm_api_key" not in values and env.get("OPENAI_API_KEY"):
        values["llm_api_key"] = env["OPENAI_API_KEY"]
    values.update({k: v for k, v in overrides.items() if v is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f'setting "{PREFIX}{name.upper()}": {first["msg"]}') from None
