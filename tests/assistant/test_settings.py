"""Settings come from the environment and are refused when they cannot be meant."""

from __future__ import annotations

import pytest

from assistant.errors import SettingsError
from assistant.settings import load


def test_nothing_set_means_no_model() -> None:
    assert not load({}).uses_model()


def test_a_key_alone_is_enough_for_the_hosted_service() -> None:
    settings = load({"OPENAI_API_KEY": "k"})
    assert settings.uses_model()
    assert settings.llm_base_url is None


def test_llm_none_wins_over_a_configured_endpoint() -> None:
    assert not load({"PALATE_LLM_BASE_URL": "http://127.0.0.1:1/v1"}, llm="none").uses_model()


def test_an_unknown_setting_is_named_with_the_likely_one() -> None:
    with pytest.raises(SettingsError, match='"PALATE_LLM_MODLE"; did you mean "PALATE_LLM_MODEL"'):
        load({"PALATE_LLM_MODLE": "x"})


def test_a_value_out_of_range_is_named() -> None:
    with pytest.raises(SettingsError, match="PALATE_SLATE_SIZE"):
        load({"PALATE_SLATE_SIZE": "40"})


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="must start with http"):
        load({"PALATE_LLM_BASE_URL": "localhost:8080"})


def test_the_key_never_shows_in_the_settings() -> None:
    assert "hunter2" not in repr(load({"PALATE_LLM_API_KEY": "hunter2"}))
