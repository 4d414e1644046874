"""The host answers the recorded exchanges as Kong 3.9.1 did; what differs is on a list, with its reason."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from fixtures.stack.ports import PortBlock
from tests.gateway_host.allowed_differences import ALLOWED_DIFFERENCES, AllowedDifference
from tests.gateway_host.comparison import Difference, differences
from tests.gateway_host.host import RECORDED, ROOT, GatewayHost
from tests.gateway_host.probe_upstream import probe_upstream
from tests.gateway_host.replay import Replay

EXCHANGES = [
    json.loads(line)["name"]
    for line in (RECORDED / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()
]


def allows(entry: AllowedDifference, found: Difference) -> bool:
    return fnmatchcase(found.exchange, entry.exchange) and fnmatchcase(found.place, entry.place)


@pytest.fixture(scope="module")
def found(
    probe_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[Difference]]]:
    """All differences, by exchange."""
    directory = tmp_path_factory.mktemp("conformance")
    hosts = directory / "hosts"
    hosts.write_text("127.0.0.1 localhost upstream\n", encoding="utf-8")
    configuration = (RECORDED / "probe" / "kong.yml").read_text(encoding="utf-8")
    dead = PortBlock()
    with probe_upstream() as upstream_port:
        host = GatewayHost(
            directory,
            configuration.replace("upstream:8080", f"upstream:{upstream_port}"),
            probe_root,
            environment={"KONG_DNS_HOSTSFILE": str(hosts)},
        )
        with host:
            plugin_id = json.loads(host.admin("GET", "/plugins").body)["data"][0]["id"]
            replay = Replay(host, upstream_port, dead.take(), plugin_id)
            yield {name: differences(name, kong, here) for name, (kong, here) in replay.responses().items()}
    dead.release()


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_answers_as_kong_does(exchange: str, found: dict[str, list[Difference]]) -> None:
    unexplained = [
        difference
        for difference in found[exchange]
        if not any(allows(entry, difference) for entry in ALLOWED_DIFFERENCES)
    ]
    assert unexplained == []


@pytest.mark.parametrize("entry", ALLOWED_DIFFERENCES, ids=lambda entry: entry.title)
def test_every_allowed_difference_still_occurs(
    entry: AllowedDifference, found: dict[str, list[Difference]]
) -> None:
    assert any(allows(entry, difference) for group in found.values() for difference in group)


@pytest.mark.parametrize("entry", ALLOWED_DIFFERENCES, ids=lambda entry: entry.title)
def test_every_allowed_difference_is_explained(entry: AllowedDifference) -> None:
    assert f"### {entry.title}\n" in (ROOT / "docs" / "kong.md").read_text(encoding="utf-8")
