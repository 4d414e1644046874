"""Settings from the environment: defaults, and one clear line for each bad value."""

import os
import re
from pathlib import Path

import pytest

from system.backend.settings import InvalidSettingsError, Settings, load_settings

pytestmark = pytest.mark.no_clause("what settings are taken is documented, not promised")

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "backend.md"
TABLE_COLUMNS = 4

BAD = [
    ("ENABLE_REDIS_EVENTS", "perhaps", "true or false"),
    ("EVENT_LOG_RATE_LIMIT", "-1", "an integer from 0 to 10000"),
    ("EVENT_LOG_RATE_LIMIT", "many", "an integer from 0 to 10000"),
    ("NODE_ENV", "staging", "development or production"),
    ("LOG_LEVEL", "loud", "debug, info, warning or error"),
    ("REDIS_PORT", "tcp://10.0.0.1:6379", "a port from 1 to 65535"),
    ("REDIS_HEARTBEAT_S", "0", "a number of seconds from 0.1 to 3600"),
    ("REDIS_HEARTBEAT_S", "nan", "a number of seconds from 0.1 to 3600"),
    ("REDIS_BACKOFF_MAX_S", "inf", "a number of seconds from 0.1 to 3600"),
    ("EVENT_MAX_BYTES", "10", "an integer from 1024 to 268435456"),
    ("RECENT_EVENTS", "0", "an integer from 1 to 10000"),
    ("GATEWAY_URL", "gateway:8000", "an http:// or https:// address"),
    ("GATEWAY_TIMEOUT_S", "0", "a number of seconds above 0"),
    ("BACKEND_PORT", "65536", "a port from 0 to 65535"),
]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def documented_defaults() -> dict[str, str]:
    """Name of each setting to its default, as the table of `docs/backend.md` has them."""
    defaults: dict[str, str] = {}
    for line in DOCUMENTATION.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`([A-Z_]+)`", cells[0])
        if names and len(cells) == TABLE_COLUMNS:
            values = cells[2].replace("`", "").split(", ")
            defaults |= zip(names, values * len(names) if len(values) == 1 else values, strict=True)
    return defaults


def as_documented(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value).rstrip("/")


def test_without_any_setting_the_documented_defaults_hold() -> None:
    settings = load_settings(os.environ)
    assert settings.event_log_rate_limit == 100
    assert settings.redis_event_channel == "kong:masking:events"
    assert settings.enable_redis_events
    assert settings.redis_password is None
    held = {name.upper(): as_documented(getattr(settings, name)) for name in Settings.model_fields}
    assert held == documented_defaults()


def test_an_empty_value_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_PASSWORD", "")
    monkeypatch.setenv("EVENT_LOG_RATE_LIMIT", "")
    settings = load_settings(os.environ)
    assert (settings.redis_password, settings.event_log_rate_limit) == (None, 100)


def test_vocabularies_do_not_mind_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_ENV", "Production")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    settings = load_settings(os.environ)
    assert (settings.node_env, settings.log_level) == ("production", "warning")


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_a_bad_value_is_answered_with_its_name_itself_and_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(os.environ)
    (line,) = caught.value.lines
    assert f"{name}={value!r}" in line
    assert expected in line


def test_every_bad_value_has_its_line_and_no_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_PASSWORD", "hunter2")
    assert "hunter2" not in repr(load_settings(os.environ))
    monkeypatch.setenv("REDIS_PORT", "0")
    monkeypatch.setenv("BACKEND_PORT", "x")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(os.environ)
    assert len(caught.value.lines) == 2
    assert "hunter2" not in str(caught.value)
