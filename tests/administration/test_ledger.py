"""The ledger tells what happened, as JSON and as Prometheus text, with the same numbers."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from fixtures.clients.admin import connections_to_reach_all
from fixtures.lab.prompts import conversation, padded_to, to_bytes
from fixtures.wait import eventually
from system.upstream.protocol import Answer, Script
from tests.administration.prometheus import NotPrometheusError, parse
from tests.administration.quiet import settled

if TYPE_CHECKING:
    from fixtures.clients.ledger import Ledger
    from fixtures.lab.lab import Lab
    from tests.administration.prometheus import Labels, Metric

NOTHING_IN_IT = "nothing to mask is the point"
# Names of the JSON that are a metric with a label: what stands behind the last dot is the label's value.
FAMILIES = {
    "refused": "reason",
    "responses_skipped": "reason",
    "events.dropped": "cause",
    "messages.refused": "cause",
    "connections.failed": "cause",
}


@pytest.mark.clause("A3")
def test_every_counter_grows_by_exactly_what_was_done(lab: Lab) -> None:
    route = lab.monitored_route(max_request_size=4000, max_response_size=20_000, event_flush_interval=0.05)
    settled(lab)
    before = lab.ledger()
    first, second = lab.canary().text, lab.canary().text
    # Twice masked with three spans, and restored; the model adds a placeholder that was never issued.
    lab.post(route, conversation(f"{first} and {second}, again {first}"))
    lab.post(
        route,
        conversation(f"{first} and {second}, again {first}"),
        script=Script(suffix_text=" see AWS_EC2_077"),
    )
    lab.post(route, conversation("nothing to hide"), without_canary=NOTHING_IN_IT)
    # Its response is known to be too large to be restored: no placeholder of it is looked at.
    lab.post(route, conversation(first), script=Script(answer=Answer.SIZE, size_bytes=30_000))
    for size in (4001, 5000):
        lab.post(route, padded_to(size, first))
    compressed = gzip.compress(to_bytes(conversation(first)))
    encoded = {"Content-Encoding": "gzip"}
    lab.post(route, compressed, headers=encoded, without_canary="it is compressed")
    for _ in range(3):
        lab.post(route, b"[1, " + lab.canary().identifier.encode())
    settled(lab)
    changes = lab.ledger().change_since(before)
    opened = changes.pop("connections.opened", 0)
    assert changes == {
        "requests": 10,
        "masked_requests": 3,
        "identifiers_masked": 3 + 3 + 1,
        "placeholders_seen": 3 + 4,
        "placeholders_restored": 3 + 3,
        "placeholders_residual": 1,
        "responses_skipped.too_large": 1,
        "refused.too_large": 2,
        "refused.encoding": 1,
        "refused.not_json": 3,
        "events.sampled": 8,
        "events.published": 8,
        "messages.published": 8,
    }
    assert lab.evidence.figure("connections opened", opened, at_most=lab.stack.options.workers).holds
    lab.evidence.table("what the ledger counted", ("counter", "by how much"), list(changes.items()))


@pytest.mark.clause("A3")
def test_a_ledger_read_twice_without_traffic_tells_the_same(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.05)
    lab.post(route)
    settled(lab)
    first, second = lab.ledger(), lab.ledger()
    assert first.counters == second.counters
    assert first.since == second.since
    assert sorted(worker.worker for worker in first.workers) == list(range(lab.stack.options.workers))
    assert sum(worker.waiting for worker in first.workers) == first.waiting == 0


@pytest.mark.clause("A3")
def test_json_and_prometheus_text_tell_the_same_numbers(lab: Lab) -> None:
    # Every worker has told both once, so that a text that was kept would be an old one.
    for _ in range(connections_to_reach_all(lab.stack.options.workers)):
        both(lab)
    route = lab.monitored_route(max_request_size=4000, event_flush_interval=0.05)
    lab.post(route)
    lab.post(route, padded_to(4001, lab.canary().text))
    settled(lab)
    ledger, text = both(lab)
    metrics = parse(text)
    assert flattened(metrics) == expected(ledger)
    kinds = {name: metric.kind for name, metric in metrics.items()}
    assert kinds["aws_masker_requests_total"] == "counter"
    assert kinds["aws_masker_events_waiting"] == "gauge"
    told = sum(len(metric.samples) for metric in metrics.values())
    assert lab.evidence.figure("samples that both tell alike", told, at_least=len(ledger.counters)).holds


@pytest.mark.clause("A3")
def test_the_floor_of_the_lua_heap_is_the_lowest_of_what_went_before(lab: Lab) -> None:
    route = lab.monitored_route(event_flush_interval=0.05)

    def told() -> list[tuple[float, float]]:
        lab.post(route)
        return [(w.figures["lua_heap_floor_kb"], w.figures["lua_heap_kb"]) for w in lab.ledger().workers]

    # Every request makes garbage, so a later reading finds more than there was after the one before.
    found = eventually(
        lambda: next(((floor, heap) for floor, heap in told() if floor != heap), None),
        timeout_s=10,
        what="a heap above its floor",
    )
    assert found is not None
    floor, heap = found
    assert lab.evidence.figure("floor of the heap", floor, "KiB", below=heap).holds
    assert floor > 0


@pytest.mark.clause("A3")
def test_the_ledger_is_served_in_the_documented_media_types_on_the_admin_api_only(lab: Lab) -> None:
    stats = lab.admin.request("GET", "/aws-masker/stats")
    metrics = lab.admin.request("GET", "/aws-masker/metrics")
    assert stats.headers["Content-Type"].startswith("application/json")
    assert metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=UTF-8"
    for page in ("stats", "metrics"):
        assert lab.admin.request("POST", f"/aws-masker/{page}").status_code == 405
        assert lab.client.get(f"/aws-masker/{page}").status_code == 404


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# HELP a_total x\n# TYPE a_total counter\na_total 1", "does not end"),
        ("# TYPE a_total counter\na_total 1\n", "TYPE of a_total without HELP"),
        ("# HELP a_total x\na_total 1\n", "does not stand below its TYPE"),
        ("# HELP a x\n# TYPE a counter\na 1\n", "a is a counter"),
        ("# HELP a x\n# TYPE a gauge\na 1\na 2\n", "second sample"),
        ('# HELP a x\n# TYPE a gauge\na{b="1",} 2\n', "neither"),
        ("# HELP a x\n# TYPE a gauge\na NULL\n", "neither"),
        ("# HELP a x\n# TYPE a gauge\n# HELP a x\n", "HELP twice"),
    ],
)
@pytest.mark.no_clause("a test of the test's own reader")
def test_the_reader_of_the_text_refuses_what_is_malformed(text: str, problem: str) -> None:
    with pytest.raises(NotPrometheusError, match=problem):
        parse(text)


def both(lab: Lab) -> tuple[Ledger, str]:
    """JSON and text of the same moment: the JSON was the same before and after the text was read."""

    def unchanged() -> tuple[Ledger, str] | None:
        before, text, after = lab.ledger(), lab.admin.metrics_text(), lab.ledger()
        return (after, text) if before == after else None

    found = eventually(unchanged, timeout_s=10, what="a moment in which the ledger stands still")
    assert found is not None
    return found


def expected(ledger: Ledger) -> dict[tuple[str, Labels], float]:
    """The JSON as metrics, by the documented rule of their names."""
    found: dict[tuple[str, Labels], float] = {}
    for name, count in ledger.counters.items():
        family, _, value = name.rpartition(".")
        labels: Labels = ((FAMILIES[family], value),) if family in FAMILIES else ()
        base = family if labels else name
        found[f"aws_masker_{base.replace('.', '_')}_total", labels] = count
    for worker in ledger.workers:
        labels = (("pid", str(worker.pid)), ("worker", str(worker.worker)))
        found["aws_masker_events_waiting", labels] = worker.waiting
        for heap in ("lua_heap", "lua_heap_floor"):
            found[f"aws_masker_{heap}_bytes", labels] = int(worker.figures[f"{heap}_kb"] * 1024)
        for gauge in ("timers_pending", "timers_running"):
            found[f"aws_masker_{gauge}", labels] = worker.figures[gauge]
    found["aws_masker_start_time_seconds", ()] = round(ledger.since, 3)
    return found


def flattened(metrics: dict[str, Metric]) -> dict[tuple[str, Labels], float]:
    return {
        (name, labels): value for name, metric in metrics.items() for labels, value in metric.samples.items()
    }
