"""Numbers among the `KONG_*` settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping


def number(environment: Mapping[str, str], name: str, default: str, *, minimum: float) -> float:
    """Read a number of at least `minimum`.

    Raises:
        SettingError: it is none.
    """
    text = environment.get(name, default)
    try:
        value = float(text)
    except ValueError:
        value = minimum - 1
    if value < minimum:
        raise SettingError(f"{name}={text!r} is not a number of at least {minimum:g}")
    return value


def whole_number(environment: Mapping[str, str], name: str, default: str) -> int:
    """Read a whole number of at least 0.

    Raises:
        SettingError: it is none.
    """
    value = number(environment, name, default, minimum=0)
    if value != int(value):
        raise SettingError(f"{name}={environment[name]!r} is not a whole number")
    return int(value)
