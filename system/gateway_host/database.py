"""Settings of the database, as Kong names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import SettingError
from .numbers import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

DATABASES = ("off", "postgres")


@dataclass(frozen=True)
class PostgresSettings:
    """Where the entities are kept with `KONG_DATABASE=postgres`."""

    host: str
    port: int
    user: str
    password: str
    database: str
    timeout_ms: int


def database_of(environment: Mapping[str, str]) -> str:
    """Whether entities are kept in a database: one of `DATABASES`.

    Raises:
        SettingError: it is none of these.
    """
    # Kong's own default is postgres; the host's users start it without a database.
    database = environment.get("KONG_DATABASE", "off")
    if database not in DATABASES:
        raise SettingError(f"KONG_DATABASE={database!r} is unknown; one of: {', '.join(DATABASES)}")
    return database


def postgres_of(environment: Mapping[str, str]) -> PostgresSettings:
    """Read the settings `KONG_PG_*`."""
    return PostgresSettings(
        host=environment.get("KONG_PG_HOST", "127.0.0.1"),
        port=whole_number(environment, "KONG_PG_PORT", "5432"),
        user=environment.get("KONG_PG_USER", "kong"),
        password=environment.get("KONG_PG_PASSWORD", ""),
        database=environment.get("KONG_PG_DATABASE", "kong"),
        timeout_ms=whole_number(environment, "KONG_PG_TIMEOUT", "5000"),
    )
