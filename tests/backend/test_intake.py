"""K2 and K5: every form of message on the real channel, and what is counted."""

import socket
import threading
import time
from pathlib import Path

import pytest

from fixtures.stack.ports import HOST
from tests.backend.events import BOOT_B, CHANNEL, batch, encoded, event, events
from tests.backend.rig import Backend, Rig, publish
from tests.backend.test_messages import MALFORMED

UNLIMITED = ("--client-output-buffer-limit", "pubsub", "0", "0", "0")

HUGE_BYTES = 100_000_000


def padded(size: int, seq: int) -> bytes:
    """A valid event of exactly `size` bytes."""
    document = event(seq) | {"padding": ""}
    document["padding"] = "x" * (size - len(encoded(document)))
    return encoded(document)


def publish_huge(port: int) -> None:
    """Publishes `HUGE_BYTES` once, over a plain socket: no copies that keep this process busy, no retries."""
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n" % (len(CHANNEL), CHANNEL.encode()))
        connection.sendall(b"$%d\r\n" % HUGE_BYTES)
        connection.sendall(bytes(HUGE_BYTES))
        connection.sendall(b"\r\n")
        with connection.makefile("rb") as replies:
            assert replies.readline() == b":1\r\n"


def memory_peak_kib(backend: Backend) -> int:
    status = Path(f"/proc/{backend.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


@pytest.mark.thorough
@pytest.mark.clause("K2", "K5")
def test_single_events_and_batches_are_taken(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    publish(control, encoded(event(1)))
    publish(control, batch(events([2, 3])))
    publish(control, batch([event(4, masked=False)]))
    backend.until_received(3)
    stats = backend.client.stats()
    assert (stats.messages.single, stats.messages.batch, stats.messages.malformed) == (1, 2, 0)
    assert stats.events.by_type == {"data_masked": 3, "data_unmasked": 1}
    assert [item["seq"] for item in backend.client.recent()] == [1, 2, 3, 4]
    assert [item["seq"] for item in backend.client.recent(limit=1)] == [4]


@pytest.mark.thorough
@pytest.mark.clause("K2", "K5")
def test_malformed_messages_are_counted_and_skipped(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    for payload in MALFORMED.values():
        assert publish(control, payload) == 1
    publish(control, batch([event(1), {"event_type": "data_masked"}, 7]))
    publish(control, encoded(event(2)))
    backend.until_received(len(MALFORMED) + 2)
    stats = backend.client.stats()
    assert stats.messages.malformed == len(MALFORMED)
    assert stats.events.malformed == 2
    assert (stats.events.received, stats.events.lost) == (2, 0)
    assert stats.subscription.confirmations == 1
    skipped = [line for line in backend.lines() if "message skipped" in line]
    assert len(skipped) == 1, "a storm of malformed messages is no storm of lines"


@pytest.mark.thorough
@pytest.mark.clause("K2")
def test_the_only_malformed_event_of_a_batch_is_skipped_and_told(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    publish(control, batch([event(1), {"event_type": "data_masked"}, event(2)]))
    publish(control, encoded(event(3)))
    backend.until_received(2)
    stats = backend.client.stats()
    assert (stats.events.received, stats.events.malformed, stats.messages.malformed) == (3, 1, 0)
    assert stats.subscription.confirmations == 1
    (skipped,) = [line for line in backend.lines() if "message skipped" in line]
    assert "malformed event in a batch" in skipped


@pytest.mark.thorough
@pytest.mark.clause("K2")
def test_a_message_of_the_limit_is_taken_and_one_byte_more_is_skipped(rig: Rig) -> None:
    limit = 4_096
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend(EVENT_MAX_BYTES=str(limit))
    publish(control, padded(limit, 1))
    publish(control, padded(limit + 1, 2))
    publish(control, encoded(event(3)))
    backend.until_received(3)
    stats = backend.client.stats()
    assert (stats.messages.oversized, stats.messages.malformed, stats.messages.single) == (1, 0, 2)
    assert stats.events.lost == 1, "what was skipped is missing in the count, and said so"


@pytest.mark.thorough
@pytest.mark.measures
@pytest.mark.clause("K2")
def test_an_event_of_100_mb_neither_kills_nor_stalls_it(rig: Rig) -> None:
    rig.start_redis(*UNLIMITED)
    control = rig.redis()
    backend = rig.subscribed_backend()
    publish(control, encoded(event(1)))
    backend.until_received(1)
    peak_before_kib = memory_peak_kib(backend)
    publisher = threading.Thread(target=publish_huge, args=(rig.redis_port,))
    publisher.start()
    waits_s: list[float] = []

    def taken() -> bool:
        begun = time.monotonic()
        oversized = backend.client.stats().messages.oversized
        waits_s.append(time.monotonic() - begun)
        return oversized == 1

    backend.until(taken, "the message to be counted")
    publisher.join()
    publish(control, encoded(event(2)))
    backend.until_received(3)
    stats = backend.client.stats()
    assert (stats.events.received, stats.subscription.confirmations) == (2, 1)
    # The limit, a read and what an allocator keeps of them; the message itself would need 100 MB.
    assert memory_peak_kib(backend) - peak_before_kib < 16 * 1024
    assert max(waits_s) < 1.0, "a second without an answer is a stall"


@pytest.mark.thorough
@pytest.mark.clause("K1", "K2")
def test_when_redis_drops_it_over_a_huge_message_it_comes_back(rig: Rig) -> None:
    """With Redis' default output limit (32 MB) a subscriber is cut off instead of getting the message."""
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    publish_huge(rig.redis_port)
    backend.until(lambda: backend.client.stats().subscription.reconnects == 1, "a new subscription")
    publish(control, encoded(event(1)))
    backend.until(lambda: backend.client.stats().events.received == 1, "the next event")


@pytest.mark.clause("K5")
def test_losses_are_counted_per_source_from_the_first_number_on(rig: Rig) -> None:
    rig.start_redis()
    control = rig.redis()
    backend = rig.subscribed_backend()
    published = [
        *events([4, 5, 8]),  # 1-3 lost before the first, 6-7 lost between
        *events([1, 2], worker=1),  # another worker: nothing
        *events([1, 2], boot=BOOT_B),  # worker 0 restarted: nothing
        *events([4], boot=BOOT_B),  # 3 lost
        *events([8, 2], worker=0),  # 8 again; 2 late, so one less is lost
    ]
    publish(control, batch(published))
    backend.until_received(1)
    stats = backend.client.stats()
    assert (stats.events.lost, stats.events.lost_before_first) == (5, 2)
    assert (stats.events.duplicated, stats.events.late) == (1, 1)
    assert stats.events.by_type == {"data_masked": 9}
    assert stats.sources.tracked == 3
    assert [(gap.first, gap.last) for gap in stats.recent_gaps] == [(1, 3), (6, 7), (3, 3)]


@pytest.mark.clause("K5")
def test_a_loss_while_it_was_away_is_counted(rig: Rig) -> None:
    server = rig.start_redis()
    backend = rig.subscribed_backend()
    publish(rig.redis(), encoded(event(1)))
    backend.until_received(1)
    server.end()
    backend.until(lambda: not backend.client.health().redis.subscribed, "the loss to be noticed")
    rig.start_redis()
    backend.until_subscribed()
    publish(rig.redis(), encoded(event(5)))
    backend.until_received(2)
    assert backend.client.stats().events.lost == 3


@pytest.mark.thorough
@pytest.mark.clause("K5")
def test_recent_events_are_bounded(rig: Rig) -> None:
    rig.start_redis()
    backend = rig.subscribed_backend(RECENT_EVENTS="5")
    publish(rig.redis(), batch(events(range(1, 51))))
    backend.until_received(1)
    assert [item["seq"] for item in backend.client.recent(limit=1000)] == [46, 47, 48, 49, 50]
