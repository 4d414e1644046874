"""When a response's pieces reach the client: by the upstream's framing and the route's `response_buffering`."""

import pytest

from tests.gateway_host.held_upstream import Framing, HeldUpstream
from tests.gateway_host.host import GatewayHost
from tests.gateway_host.raw_client import RawClient

EVENTS = tuple(f"event: number\ndata: {number}\n\n".encode() for number in range(3))
#: Pieces that are passed on arrive within 2 ms; what is silent for so long is held back.
SILENCE_S = 0.15


def load(host: GatewayHost, upstream: HeldUpstream) -> None:
    configuration = f"""
_format_version: "3.0"
services:
  - name: upstream
    url: http://127.0.0.1:{upstream.port}
    routes:
      - {{ name: buffered, paths: [/buffered] }}
      - {{ name: unbuffered, paths: [/unbuffered], response_buffering: false }}
      - {{ name: neither, paths: [/neither], response_buffering: false, request_buffering: false }}
"""
    assert host.admin("POST", "/config", body=configuration.encode()).status == 201


@pytest.mark.parametrize(
    ("framing", "path"),
    [
        (Framing.CHUNKED, "/buffered"),
        (Framing.CHUNKED, "/unbuffered"),
        (Framing.CLOSE, "/unbuffered"),
        (Framing.LENGTH, "/unbuffered"),
        (Framing.CHUNKED, "/neither"),
    ],
)
def test_each_event_arrives_at_once(framing: Framing, path: str, shared_host: GatewayHost) -> None:
    with HeldUpstream(framing, EVENTS) as upstream:
        load(shared_host, upstream)
        with RawClient(shared_host.proxy_port, path) as client:
            for event in EVENTS:
                assert event not in client.data
                upstream.release()
                client.read_until(event)
            client.read_to_end()


@pytest.mark.parametrize("framing", [Framing.CLOSE, Framing.LENGTH])
def test_a_buffered_response_without_chunks_arrives_in_one_piece(
    framing: Framing, shared_host: GatewayHost
) -> None:
    with HeldUpstream(framing, EVENTS) as upstream:
        load(shared_host, upstream)
        with RawClient(shared_host.proxy_port, "/buffered") as client:
            upstream.release(len(EVENTS) - 1)
            upstream.await_request()
            assert client.stays_silent(SILENCE_S)
            upstream.release()
            assert b"".join(EVENTS) in client.read_to_end().replace(b"\r\n", b"")


@pytest.mark.parametrize(("path", "at_once"), [("/unbuffered", True), ("/buffered", False)])
def test_headers_go_at_once_only_without_buffering(
    path: str, at_once: bool, shared_host: GatewayHost
) -> None:
    with HeldUpstream(Framing.CHUNKED, EVENTS) as upstream:
        load(shared_host, upstream)
        with RawClient(shared_host.proxy_port, path) as client:
            upstream.await_request()
            if at_once:
                client.read_until(b"\r\n\r\n")
            else:
                assert client.stays_silent(SILENCE_S)
            upstream.release(len(EVENTS))
            client.read_to_end()
