"""The pipelines run what exists, with no more rights than they need, and their linters do see what is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GATE = ROOT / ".github" / "workflows" / "gate.yml"
NIGHT = ROOT / ".github" / "workflows" / "nightly-chaos.yml"
BIN = Path(sys.executable).parent


def read(path: Path) -> dict[Any, Any]:
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return workflow


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_has_a_time_limit_and_rights_of_its_own(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 150, name
        written = [right for right, level in job["permissions"].items() if level == "write"]
        assert written == (["issues"] if name == "tell" else []), name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_scripts_exist(path: Path) -> None:
    for step in steps(read(path)):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
        for script in re.findall(r"(?<![\w/`])scripts/[\w-]+", step.get("run", "")):
            assert (ROOT / script).is_file(), script


def test_the_gate_covers_the_versions_that_users_run() -> None:
    matrix = read(GATE)["jobs"]["docker"]["strategy"]["matrix"]
    assert [version.rsplit(".", 1)[0] for version in matrix["kong"]] == ["3.4", "3.7", "3.9"]
    assert [image.split("-")[0] for image in matrix["redis"]] == ["redis:7.4", "redis:8", "valkey/valkey:8"]


def test_a_night_begins_at_an_odd_minute_and_tells_of_its_failure() -> None:
    workflow = read(NIGHT)
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as a boolean
    assert int(triggers["schedule"][0]["cron"].split()[0]) % 2 == 1
    assert set(triggers["workflow_dispatch"]["inputs"]) == {"seed", "minutes", "kong_image", "redis_image"}
    told = workflow["jobs"]["tell"]["steps"][0]
    assert told["if"] == "needs.chaos.result != 'success'"
    assert "--replay" in told["run"]


@pytest.mark.parametrize(
    ("wrong", "right", "tool"),
    [
        ("@v4", r"@[0-9a-f]{40}", ["zizmor", "--offline", "--quiet"]),
        (
            "timeout-hours: 1",
            r"timeout-minutes: \d+",
            ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        ),
        ("name:  gate", r"name: gate", ["yamllint", "--strict", "-c", str(ROOT / ".yamllint.yml")]),
    ],
    ids=["security", "schema", "format"],
)
def test_each_linter_sees_what_it_is_there_for(
    tmp_path: Path, wrong: str, right: str, tool: list[str]
) -> None:
    broken = tmp_path / ".github" / "workflows" / "gate.yml"
    broken.parent.mkdir(parents=True)
    for text, code in [
        (GATE.read_text(encoding="utf-8"), 0),
        (re.sub(right, wrong, GATE.read_text(encoding="utf-8"), count=1), None),
    ]:
        broken.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [str(BIN / tool[0]), *tool[1:], str(broken)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode == 0) == (code == 0), done.stdout + done.stderr
