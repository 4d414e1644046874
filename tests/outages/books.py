"""What became of the events: the plugin's ledger against the requests that were sent and what the tap received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.checkers import delivery, ledger_balance
from fixtures.checkers.base import Figure, conclude, none_expected
from fixtures.checkers.received import received_events
from fixtures.wait import eventually

if TYPE_CHECKING:
    from fixtures.checkers.base import Verdict
    from fixtures.history import History
    from fixtures.lab.lab import Lab

# An empty queue after an outage: the backlog of seconds leaves within a fraction of one.
_SETTLED_TIMEOUT_S = 10.0
_UNCONFIRMED = "events.dropped.unconfirmed"


def read_ledger(lab: Lab) -> None:
    """Writes a `ledger` entry into the history."""
    response = lab.admin.request("GET", "/aws-masker/stats").raise_for_status()
    lab.history.info("ledger", process="ledger", value={"ledger": response.json()})


def settle(lab: Lab) -> None:
    """Waits until no event waits and the tap has what was published, and reads the ledger.

    A request's last event is made when the client has its answer already, so an empty queue alone says nothing:
    the ledger has to know of two events for each request since it was first read.

    Raises:
        TimedOut: Events still wait, or were never made.
    """
    answered = sum(pair.completion is not None for pair in lab.history.pairs("request"))
    before = lab.history.ops(f="ledger")[:1]
    sampled_before = before[0].value["ledger"]["counters"]["events.sampled"] if before else 0

    def settled() -> bool:
        ledger = lab.ledger()
        return ledger.waiting == 0 and ledger.sampled - sampled_before >= 2 * answered

    eventually(
        settled,
        timeout_s=_SETTLED_TIMEOUT_S,
        interval_s=0.05,
        what=f"the gateway's queues to empty after {answered} requests",
    )
    lab.tap.fence()
    read_ledger(lab)


def check_tap(history: History, *, cut_on_the_way: int = 0) -> Verdict:
    """Judges what the tap received while connected against what the ledger says was published (clause F4).

    Allowed, with the reason: a message that Redis executed while the tap was not subscribed had no receiver, and
    Redis says so in its reply (`messages.without_subscriber`; the stack runs no other subscriber); a message that
    Redis did not answer may have been executed (`unconfirmed`).

    Args:
        history: With `request` pairs, all answered, `event` entries of one-event messages, and `ledger` entries of
            before and after.
        cut_on_the_way: Events at most that Redis had sent to the tap when the fault's end cut the connection.
    """
    gained = ledger_balance.delta(history)
    sent = [pair.completion.value["request_id"] for pair in history.pairs("request") if pair.completion]
    expected = delivery.expected_of(sent)
    events = received_events(history)
    received = {(event.request_id, event.event_type) for event in events}
    most = gained["events.published"] - gained["messages.without_subscriber"] + gained[_UNCONFIRMED]
    least = most - gained[_UNCONFIRMED] - cut_on_the_way
    measured = [
        Figure(
            "sampled meanwhile",
            gained["events.sampled"],
            bound=f"{len(expected)}, two per request",
            holds=gained["events.sampled"] == len(expected),
        ),
        Figure("published while the tap was away", gained["messages.without_subscriber"]),
        Figure("unconfirmed", gained[_UNCONFIRMED]),
        Figure(
            "received by the tap",
            len(events),
            bound=f"{least} to {most}: published while it was subscribed, and unconfirmed ones that did arrive",
            holds=least <= len(events) <= most,
        ),
        none_expected("received twice", len(events) - len({event.event_id for event in events})),
        none_expected("of no request", len(received - expected)),
    ]
    return conclude("tap against ledger", measured)
