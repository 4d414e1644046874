"""Settings of the backend, read from the environment; every name is the field's name in capitals."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AnyHttpUrl, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRET_FIELDS: Final = frozenset({"redis_password"})
_SHOWN_VALUE_CHARS: Final = 80


class InvalidSettingsError(Exception):
    """One or more settings are not usable.

    Attributes:
        lines: One line per bad setting: its name, the value as given (never a secret), what would be right.
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """What the environment says; `docs/backend.md` has the table.

    The description of each field is the end of the sentence "expected …" that a bad value is answered with.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    enable_redis_events: bool = Field(default=True, description="true or false")
    event_log_rate_limit: int = Field(
        default=100, ge=0, le=10_000, description="an integer from 0 to 10000 (lines/s)"
    )
    node_env: Annotated[Literal["development", "production"], BeforeValidator(_lower)] = Field(
        default="development", description="development or production"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = Field(
        default="info", description="debug, info, warning or error"
    )
    redis_host: str = Field(default="127.0.0.1", min_length=1, description="a host name or an address")
    redis_port: int = Field(default=6379, ge=1, le=65_535, description="a port from 1 to 65535")
    redis_username: str | None = Field(default=None, description="a user name of the Redis ACL")
    redis_password: SecretStr | None = Field(default=None, description="the password of the Redis user")
    redis_event_channel: str = Field(
        default="kong:masking:events", min_length=1, description="a channel name"
    )
    redis_heartbeat_s: float = Field(
        default=3.0, ge=0.1, le=3600, allow_inf_nan=False, description="a number of seconds from 0.1 to 3600"
    )
    redis_backoff_max_s: float = Field(
        default=2.0, ge=0.1, le=3600, allow_inf_nan=False, description="a number of seconds from 0.1 to 3600"
    )
    event_max_bytes: int = Field(
        default=1_048_576, ge=1_024, le=268_435_456, description="an integer from 1024 to 268435456 (bytes)"
    )
    recent_events: int = Field(
        default=200, ge=1, le=10_000, description="an integer from 1 to 10000 (events)"
    )
    gateway_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("http://127.0.0.1:8000"), description="an http:// or https:// address"
    )
    gateway_timeout_s: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="a number of seconds above 0, at most 3600",
    )
    backend_host: str = Field(default="127.0.0.1", min_length=1, description="an address of this machine")
    backend_port: int = Field(
        default=3000, ge=0, le=65_535, description="a port from 0 to 65535 (0: any free one)"
    )


def _line(name: str, value: Any) -> str:
    field = Settings.model_fields[name]
    shown = "(not shown)" if name in _SECRET_FIELDS else repr(value)
    if len(shown) > _SHOWN_VALUE_CHARS:
        shown = shown[:_SHOWN_VALUE_CHARS] + "…"
    return f"setting {name.upper()}={shown} is not usable: expected {field.description}"


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        environment: The process environment; it is only used to show bad values as they were given.

    Returns:
        The settings, complete and in range.

    Raises:
        InvalidSettingsError: A value is of the wrong form or out of range.
    """
    try:
        return Settings()
    except ValidationError as error:
        given = {name.lower(): value for name, value in environment.items()}
        names = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors(include_url=False))
        raise InvalidSettingsError([_line(name, given.get(name)) for name in names]) from None
