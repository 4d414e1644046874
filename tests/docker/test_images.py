"""Which image runs, who may ask for it, and what is said when it cannot be had."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from fixtures.errors import NoEngine, NoImage, PortTaken
from fixtures.images.choose import choose_image
from fixtures.images.context import digest, repository_files
from fixtures.images.engine import connect
from fixtures.images.labels import STANDS_IN_FOR
from fixtures.images.offline.wheels import REQUIREMENTS
from fixtures.images.wanted import Images, wanted_images
from fixtures.stack.base import Component, StackOptions
from fixtures.stack.component import ROOT
from fixtures.stack.docker import DockerStack
from tests.docker.support import redis_stack
from tests.stack.rigs import left_on

if TYPE_CHECKING:
    from docker import DockerClient

# In one process: each start sweeps the engine, which others would see.
pytestmark = pytest.mark.xdist_group("docker")

NOWHERE = "aws-masker/never-built:0"


def test_an_unknown_image_is_one_clear_line_and_leaves_nothing(engine: DockerClient) -> None:
    stack = redis_stack(images=Images(redis=NOWHERE))
    with pytest.raises(NoImage, match=f"image {NOWHERE} is not on this engine, cannot be pulled") as refused:
        stack.start()
    assert "\n" not in str(refused.value)
    assert left_on(engine, stack.name) == []
    assert not stack.directory.exists()


def test_a_name_that_is_none_is_one_clear_line(engine: DockerClient) -> None:
    with pytest.raises(NoImage) as refused:
        choose_image(engine, "Not A Name")
    assert "Not A Name" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_local_image_of_the_wanted_name_goes_before_its_stand_in(engine: DockerClient) -> None:
    wanted = "aws-masker/test-official:1"
    anything = choose_image(engine, wanted_images().redis)
    engine.images.get(anything.reference).tag(wanted)
    try:
        chosen = choose_image(engine, wanted)
        assert (chosen.reference, chosen.stands_in) == (wanted, False)
    finally:
        engine.images.remove(wanted)


def test_what_is_built_on_a_stand_in_is_none_itself(engine: DockerClient) -> None:
    chosen = choose_image(engine, wanted_images().python)
    if not chosen.stands_in:
        pytest.skip("the official image is here")
    labels = engine.images.get(chosen.reference).labels
    assert labels[STANDS_IN_FOR] == chosen.wanted
    assert "standin" in chosen.reference


def test_no_engine_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(NoEngine, match=r"no container engine answers at unix:///.*nobody\.sock") as refused:
        connect()
    assert "\n" not in str(refused.value)
    with pytest.raises(NoEngine):
        redis_stack().start()


def test_a_taken_port_is_one_clear_line(engine: DockerClient) -> None:
    with redis_stack() as first:
        taken = first.addresses.redis_port
        options = StackOptions(components=frozenset({Component.REDIS}), ports={"redis": taken})
        stack = DockerStack(options, images=wanted_images())
        with pytest.raises(PortTaken, match=f"127.0.0.1:{taken}"):
            stack.start()
    assert left_on(engine, stack.name) == []


@pytest.mark.parametrize("listed", REQUIREMENTS)
def test_an_image_installs_the_versions_of_the_project(listed: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned = {(wanted := Requirement(line)).name.lower(): str(wanted.specifier) for line in project}
    lines = [line for line in (ROOT / listed).read_text().splitlines() if not line.startswith("#")]
    installed = {(found := Requirement(line)).name.lower(): str(found.specifier) for line in lines}
    assert all(version.startswith("==") for version in installed.values())
    assert {name: installed[name] for name in pinned.keys() & installed} == {
        name: pinned[name] for name in pinned.keys() & installed
    }


def test_the_digest_of_an_image_changes_with_every_part_of_it() -> None:
    files = repository_files("system/backend/Dockerfile")
    changed = {name: content + b" " for name, content in files.items()}
    assert len({digest(files), digest(changed), digest(files, "base"), digest({**files, "more": b""})}) == 4
