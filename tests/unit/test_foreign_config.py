"""A configuration that somebody else made stays beside the suite's own."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.foreign_config import beside, same_config

OWN: dict[str, Any] = {
    "_format_version": "3.0",
    "services": [{"name": "llm", "url": "http://u", "routes": [{"name": "plain", "paths": ["/plain"]}]}],
    "plugins": [{"name": "aws-masker", "route": "plain", "config": {}}],
}


def found() -> dict[str, Any]:
    """A configuration as `GET /config` answers it."""
    return {
        "_format_version": "3.0",
        "_transform": False,
        "services": [{"id": "s1", "name": "llm", "host": "old"}, {"id": "s2", "name": "shop", "host": "h"}],
        "routes": [
            {"id": "r1", "name": "plain", "service": "s1", "paths": ["/plain"]},
            {"id": "r2", "name": "theirs", "service": "s1", "paths": ["/theirs"]},
            {"id": "r3", "name": None, "service": "s2", "paths": ["/shop"]},
        ],
        "plugins": [
            {"id": "p1", "name": "aws-masker", "route": "r1", "service": None},
            {"id": "p2", "name": "cors", "route": "r3", "service": None},
            {"id": "p3", "name": "file-log", "route": None, "service": "s1"},
        ],
        "consumers": [{"id": "c1", "username": "joe"}],
    }


def test_foreign_entities_stay_and_keep_what_they_refer_to() -> None:
    merged = beside(found(), OWN)
    assert merged["_transform"] is False
    assert merged["consumers"] == found()["consumers"]
    assert [route["id"] for route in merged["routes"]] == ["r2", "r3"]
    assert [plugin.get("id") for plugin in merged["plugins"]] == ["p2", "p3", None]
    services = {service["name"]: service for service in merged["services"]}
    assert services["shop"] == found()["services"][1]
    # The foreign route and plugin of the service of that name still find it.
    assert services["llm"] == {**OWN["services"][0], "id": "s1"}


def test_an_empty_gateway_gets_the_suites_configuration() -> None:
    assert beside({"_format_version": "3.0", "_transform": False}, OWN) == {**OWN, "_transform": False}
    assert beside({}, OWN) == OWN


def test_merging_changes_neither_of_both() -> None:
    foreign = found()
    beside(foreign, OWN)
    assert foreign == found()
    assert "id" not in OWN["services"][0]


def test_order_and_times_of_making_do_not_count() -> None:
    other = found()
    other["routes"].reverse()
    other["plugins"][0]["updated_at"] = 5
    other["upstreams"] = []
    assert same_config(found(), other)


@pytest.mark.parametrize(("kind", "field"), [("routes", "paths"), ("services", "host"), ("plugins", "name")])
def test_every_other_difference_counts(kind: str, field: str) -> None:
    other = found()
    other[kind][0][field] = "different"
    assert not same_config(found(), other)
    assert not same_config(found(), {**found(), kind: found()[kind][1:]})
