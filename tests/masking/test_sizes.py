"""Masking does not depend on the size of a body, on how it arrives, or on where nginx keeps it meanwhile."""

import pytest

from fixtures.lab.lab import Lab
from fixtures.lab.prompts import padded_to

KIB = 1024
MIB = 1024 * KIB

# The stack's client_body_buffer_size is 8k. On Kong a body that arrives together with its headers may be twice as
# long before it is spooled, so both borders are walked.
BORDER_SIZES = [border + offset for border in (8 * KIB, 16 * KIB) for offset in (-1, 0, 1)]


@pytest.mark.clause("M3", "M1")
@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_bodies_around_the_buffer_size_are_masked(lab: Lab, chunked: bool) -> None:
    route = lab.route()
    for size in [*BORDER_SIZES, 100_000, MIB]:
        canary = lab.canary()
        exchange = lab.post(route, padded_to(size, canary.text), chunked=chunked)
        assert exchange.status == 200, f"{size} bytes"
        assert exchange.upstream.body == exchange.sent.replace(canary.identifier.encode(), b"AWS_EC2_001"), (
            f"{size} bytes"
        )
        assert exchange.upstream.header("Content-Length") == str(len(exchange.upstream.body))
        assert exchange.upstream.header("Transfer-Encoding") is None
    lab.evidence.figure("largest body", MIB, "bytes")


@pytest.mark.clause("M3")
@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
@pytest.mark.parametrize("limit", [4 * KIB, 64 * KIB], ids=["kept in memory", "spooled"])
def test_a_body_above_max_request_size_is_refused_and_not_forwarded(
    lab: Lab, limit: int, chunked: bool
) -> None:
    route = lab.route(max_request_size=limit)
    refused_before = lab.ledger().count("refused.too_large")
    for size, status in ((limit - 1, 200), (limit, 200), (limit + 1, 413), (2 * limit, 413)):
        exchange = lab.post(route, padded_to(size, lab.canary().text), chunked=chunked)
        assert exchange.status == status, f"{size} bytes"
        assert len(exchange.captures) == (status == 200), f"{size} bytes"
        if status == 413:
            assert exchange.json()["request_id"] == exchange.request_id
    refused = lab.ledger().count("refused.too_large") - refused_before
    assert lab.evidence.figure("refused in the ledger", refused, equals=2).holds


@pytest.mark.long
@pytest.mark.clause("M3")
def test_a_body_of_max_request_size_is_masked_and_one_byte_more_refused(lab: Lab) -> None:
    route = lab.route()
    limit = route.masker.max_request_size
    canary = lab.canary()
    exchange = lab.post(route, padded_to(limit, canary.text))
    assert exchange.status == 200
    # Placeholder and identifier differ in length; everything else is compared without a second copy of 32 MB.
    assert exchange.upstream.body.endswith(b"AWS_EC2_001" + exchange.sent[-len(b'"}]}') :])
    lab.evidence.figure("time for the largest body", exchange.elapsed_s, "s")
    assert lab.post(route, padded_to(limit + 1, lab.canary().text)).status == 413
