"""Whose fault it is that Lua code raised an error: the plugin's, which is a verdict, or its driver's, which is none."""

from __future__ import annotations

from fixtures.failures import ClauseViolated

_PLUGIN = "aws-masker/"


def breakdown(what: str, log: str) -> Exception:
    """What to raise when a call failed.

    Args:
        what: Which call, in words.
        log: nginx's; the last line of an error names the file in which it was raised.
    """
    line = next((line for line in reversed(log.splitlines()) if "[error]" in line), "")
    kind = ClauseViolated if _PLUGIN in line else RuntimeError
    return kind(f"{what}:\n{log}")
