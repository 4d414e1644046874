"""A run's file says on what it was made: the command that repeats it says so too, and what differs is told."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from fixtures.chaos.header import NoRunFile, read_recipe
from fixtures.chaos.replay import replay_command
from fixtures.chaos.routes import ROUTES
from fixtures.chaos.setting import Setting
from fixtures.cli.command import app_of
from fixtures.cli.judge import judge_stored
from tests.chaos.stored import COMMIT, about_of, store

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = {"kong": "kong:3.4.2", "redis": "valkey/valkey:8-alpine"}


def test_the_command_names_all_that_a_run_was_made_on(tmp_path: Path) -> None:
    about = about_of(kind="docker", workers=4, images=IMAGES, mutant="F1-blocks")
    path = store(tmp_path / "a run.jsonl", about)
    assert replay_command(path) == (
        "SUITE_KONG_IMAGE=kong:3.4.2 SUITE_REDIS_IMAGE=valkey/valkey:8-alpine "
        f"scripts/chaos --replay '{path}' --stack docker --workers 4 --mutant F1-blocks"
    )


def test_the_command_for_an_external_system_leaves_open_where_that_is(tmp_path: Path) -> None:
    path = store(tmp_path / "run.jsonl", about_of(kind="external", faultable=["redis", "upstream"]))
    assert replay_command(path) == (
        f"scripts/chaos --replay {path} --stack external --stack-file SYSTEM.toml --allow-faults redis,upstream"
    )


def test_a_stored_run_is_judged_no_sooner_than_it_can_be_run_again(tmp_path: Path) -> None:
    # The file of a run that was killed cannot be judged, and the night's issue needs the command all the same.
    path = store(tmp_path / "run.jsonl", about_of())
    done = CliRunner().invoke(app_of(judge_stored), [str(path), "--again"])
    assert done.exit_code == 0
    assert done.stdout == f"scripts/chaos --replay {path} --stack local --workers 2\n"


def test_routes_are_read_back_as_they_were_configured_and_not_as_they_are_now(tmp_path: Path) -> None:
    assert read_recipe(store(tmp_path / "run.jsonl", about_of())).routes == ROUTES
    about = about_of()
    about["configuration"]["routes"][0]["batch_size"] = 3
    recipe = read_recipe(store(tmp_path / "other.jsonl", about))
    assert recipe.routes[0].masker.event_batch_size == 3
    del about["configuration"]["routes"][0]["channel"]
    with pytest.raises(NoRunFile, match="lacks or garbles 'channel'"):
        read_recipe(store(tmp_path / "garbled.jsonl", about))


def test_what_differs_is_told_a_line_each() -> None:
    about = about_of(
        kind="docker", images=IMAGES, versions={"stack": "docker", "redis": "8.0", "docker": "29"}
    )
    then = Setting.of(about)
    now = Setting.of(
        {
            **about_of(workers=4, mutant="F1-blocks"),
            "suite": {"commit": COMMIT[::-1], "changed": True},
            "contract": "another",
        }
    )
    assert then.differences(now) == [
        "stack: docker then, local now",
        "workers: 2 then, 4 now",
        "image of kong: kong:3.4.2 then, none now",
        "image of redis: valkey/valkey:8-alpine then, none now",
        f"suite: {COMMIT[:12]} then, {COMMIT[::-1][:12]} with changes now",
        f"contract: {about['contract']} then, another now",
        "redis: 8.0 then, 7.0.15 now",
        "docker: 29 then, none now",
        "mutant: none then, F1-blocks now",
    ]


def test_what_is_the_same_or_not_known_is_no_difference() -> None:
    then = Setting.of(about_of())
    assert then.differences(then) == []
    assert then.differences(dataclasses.replace(then, suite="")) == []
