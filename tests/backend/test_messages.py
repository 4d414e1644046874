"""Messages: events, batches, and what is neither."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.promises import promised
from system.backend.messages import MalformedMessageError, parse_message
from tests.backend.events import batch, encoded, event, events

pytestmark = pytest.mark.clause("K2")

SCHEMA = Path(__file__).resolve().parents[2] / "docs/event.schema.json"

INSTANCE = "i-0123456789abcdef0"


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = event()
    change(document)
    return encoded(document)


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"event_type": "\xff"}',
    "not an object": b"[]",
    "a number": b"1",
    "deeply nested": b"[" * 100_000,
    "no source": changed(lambda it: it.pop("source")),
    "node empty": changed(lambda it: it["source"].update(node="")),
    "node too long": changed(lambda it: it["source"].update(node="n" * 256)),
    "boot empty": changed(lambda it: it["source"].update(boot="")),
    "boot too long": changed(lambda it: it["source"].update(boot="b" * 129)),
    "worker below 0": changed(lambda it: it["source"].update(worker=-1)),
    "seq of 0": changed(lambda it: it["source"].update(seq=0)),
    "seq a text": changed(lambda it: it["source"].update(seq="1")),
    "seq a fraction": changed(lambda it: it["source"].update(seq=1.5)),
    "seq too large": changed(lambda it: it["source"].update(seq=2**60)),
    "unknown type": changed(lambda it: it.update(event_type=INSTANCE)),
    "request id an identifier": changed(lambda it: it.update(request_id=INSTANCE)),
    "request id with a newline": changed(lambda it: it.update(request_id="0" * 32 + "\n")),
    "time not a number": changed(lambda it: it["details"].update(processing_time_ms=float("nan"))),
    "time negative": changed(lambda it: it["details"].update(processing_time_ms=-1)),
    "details missing": changed(lambda it: it.pop("details")),
    "counts not counts": changed(lambda it: it["details"].update(patterns={INSTANCE: INSTANCE})),
    "empty batch": batch([]),
    "batch of 101": batch(events(range(1, 102))),
    "batch without events": encoded({"timestamp": 1.0, "event_type": "batch"}),
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_event_and_no_batch_is_malformed_and_its_content_is_not_repeated(payload: bytes) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        parse_message(payload)
    assert INSTANCE not in str(caught.value)


@pytest.mark.thorough
@given(st.binary(max_size=300) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(encoded))
def test_any_bytes_are_read_or_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        parse_message(payload)


@pytest.mark.parametrize("masked", [True, False])
def test_what_these_tests_publish_is_what_the_schema_describes(masked: bool) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    validator.validate(event(masked=masked))
    validator.validate(json.loads(batch([event(1), event(2, masked=masked)])))


def test_an_event_may_have_whole_numbers_and_unknown_fields() -> None:
    message = parse_message(changed(lambda it: it.update(timestamp=1_790_000_000, tomorrow={"more": [1]})))
    assert (message.form, len(message.events), message.malformed) == ("single", 1, ())


@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_batch_gives_its_events_in_order(count: int) -> None:
    with promised(f"a batch of {count} is not taken", MalformedMessageError):
        message = parse_message(batch(events(range(1, count + 1))))
    assert message.form == "batch"
    assert [item.source.seq for item in message.events] == list(range(1, count + 1))


def test_a_bad_event_in_a_batch_costs_only_itself() -> None:
    bad: list[Any] = [json.loads(payload) for name, payload in MALFORMED.items() if name.startswith("seq")]
    message = parse_message(batch([event(1), *bad, event(2), INSTANCE]))
    assert [item.source.seq for item in message.events] == [1, 2]
    assert len(message.malformed) == len(bad) + 1
    assert INSTANCE not in str(message.malformed)
