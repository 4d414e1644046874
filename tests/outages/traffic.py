"""Prompts with an identifier of their own each, whose replies must bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.lab.prompts import conversation, to_bytes
from fixtures.workload.sender import Request

if TYPE_CHECKING:
    from fixtures.lab.lab import Lab, LabRoute
    from fixtures.workload.sender import Reply


class Traffic:
    """Makes requests for a workload and counts those that have begun and those that were answered.

    That the upstream got placeholders only is judged by the leak guard, over every request.

    Args:
        lab: Issues the identifiers.
        routes: Where to, in turn.
    """

    def __init__(self, lab: Lab, *routes: LabRoute) -> None:
        self._lab = lab
        self._paths = [route.path for route in routes]
        self.begun = 0
        self.answered = 0

    def build(self, number: int) -> Request:
        """The request of a number."""
        self.begun += 1
        canary = self._lab.canary()
        path = self._paths[number % len(self._paths)]
        return Request(
            path, to_bytes(conversation(f"look at {canary.text} please")), expected=canary.identifier
        )

    def check(self, request: Request, reply: Reply) -> str | None:
        """What is wrong with a reply: its status, or that it does not hold the identifier that was sent."""
        self.answered += 1
        if reply.status != 200:
            return f"status {reply.status}"
        return None if request.expected.encode() in reply.body else "the identifier was not restored"
