"""The pipelines run what exists, with no more rights than they need, and their linters do see what is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.cli.mutants import REPORT
from fixtures.images.wanted import Images
from tests.chaos.stored import about_of, store
from tests.judging.made import made

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
            assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40}", step["uses"])
        for script in re.findall(r"(?<![\w/`])scripts/[\w-]+", step.get("run", "")):
            assert (ROOT / script).is_file(), script


def test_the_gate_covers_the_versions_that_users_run() -> None:
    matrix = read(GATE)["jobs"]["docker"]["strategy"]["matrix"]
    assert [version.rsplit(".", 1)[0] for version in matrix["kong"]] == ["3.4", "3.7", "3.9"]
    redis = [image.split("-")[0] for image in matrix["redis"]]
    assert redis == ["redis:6.2", "redis:7.4", "redis:8", "valkey/valkey:8"]


def test_the_gate_runs_the_database_and_the_suite_itself_and_keeps_the_kill_table() -> None:
    jobs = read(GATE)["jobs"]
    ran = {name: [step.get("run", "") for step in job["steps"]] for name, job in jobs.items()}
    [database] = [run for run in ran["docker"] if "tests/" in run]
    assert database.startswith("scripts/run --stack=docker -m clause ")
    [file] = re.findall(r"tests/\S+", database)
    assert "Database.POSTGRES" in (ROOT / file).read_text(encoding="utf-8")
    assert jobs["docker"]["env"]["SUITE_POSTGRES_IMAGE"] == Images().postgres
    assert 'scripts/test -m "not nightly"' in ran["harness"]
    [kept] = [step["with"] for step in jobs["mutants"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert ROOT / kept["path"] == REPORT


def test_a_night_begins_at_an_odd_minute_and_tells_of_its_failure() -> None:
    workflow = read(NIGHT)
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as a boolean
    assert int(triggers["schedule"][0]["cron"].split()[0]) % 2 == 1
    assert set(triggers["workflow_dispatch"]["inputs"]) == {"seed", "minutes", "kong_image", "redis_image"}
    jobs = workflow["jobs"]
    assert set(jobs["tell"]["needs"]) == set(jobs) - {"tell"}
    for part in jobs["tell"]["needs"]:
        assert f"needs.{part}.result == 'success'" in jobs["tell"]["env"]["RESULT"]
        assert f"needs.{part}.result" in jobs["tell"]["steps"][0]["env"]["PARTS"]


def test_a_night_runs_what_takes_too_long_for_a_change() -> None:
    said = [" ".join(step.get("run", "").split()) for step in steps(read(NIGHT))]
    assert {
        "scripts/test -m nightly",
        "scripts/mutants",
        "scripts/run --stack=docker -m nightly tests/conformance",
        "scripts/run --stack=docker -m thorough tests/administration/test_changes_with_a_database.py",
    } <= set(said)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A directory in which a step of a workflow can be run."""
    for name in ("scripts", ".venv", "fixtures", "system"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "reports" / "chaos").mkdir(parents=True)
    return tmp_path


def run_step(step: dict[str, Any], workspace: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=workspace,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def step_of_night(name: str) -> dict[str, Any]:
    return next(step for step in steps(read(NIGHT)) if step.get("id") == name)


@pytest.mark.parametrize("file", ["night.jsonl.gz", "night.jsonl"], ids=["ended", "killed"])
def test_a_nights_issue_holds_the_whole_command_that_runs_it_again(workspace: Path, file: str) -> None:
    images = {"kong": "kong:3.4.2", "redis": "valkey/valkey:8-alpine"}
    about = about_of(kind="docker", workers=3, images=images, mutant="F1-blocks")
    store(workspace / "reports" / "chaos" / file, about)
    night = read(NIGHT)["jobs"]
    output = workspace / "output"
    done = run_step(step_of_night("run"), workspace, GITHUB_OUTPUT=str(output))
    assert done.returncode == 0, done.stderr
    assert night["chaos"]["outputs"]["replay"] == "${{ steps.run.outputs.replay }}"
    name, _, replay = output.read_text(encoding="utf-8").strip().partition("=")
    assert name == "replay"
    assert replay == (
        "SUITE_KONG_IMAGE=kong:3.4.2 SUITE_REDIS_IMAGE=valkey/valkey:8-alpine scripts/chaos "
        f"--replay reports/chaos/{file} --stack docker --workers 3 --mutant F1-blocks"
    )

    told = night["tell"]["steps"][0]
    assert told["env"]["REPLAY"] == "${{ needs.chaos.outputs.replay }}"
    gh = workspace / "gh"
    gh.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    gh.chmod(0o755)
    path = f"{workspace}:{os.environ['PATH']}"
    issue = run_step(told, workspace, PATH=path, RUN_ID="42", GITHUB_SHA="0" * 40, REPLAY=replay).stdout
    assert f"    {replay}\n" in issue
    # The artifact has to land where the command looks for it.
    artifacts = [
        step["with"] for step in night["chaos"]["steps"] if "upload-artifact" in step.get("uses", "")
    ]
    assert [(artifact["name"], artifact["path"]) for artifact in artifacts] == [
        ("night-${{ github.run_id }}", "reports/")
    ]
    assert "gh run download 42 --name night-42 --dir reports\n" in issue
    assert f"git checkout {'0' * 40}\n" in issue


def test_a_nights_report_is_written_and_kept_for_the_next_to_compare_with(workspace: Path) -> None:
    stored = workspace / "reports" / "chaos" / "night.jsonl.gz"
    made(chaos_s=20).store(stored)
    page = step_of_night("page")
    done = run_step(page, workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<title>aws-masker: night of" in stored.with_name("night.html").read_text(encoding="utf-8")
    assert (workspace / "reports" / "nights" / "nights.jsonl").is_file()

    night = read(NIGHT)["jobs"]["chaos"]["steps"]
    ran = next(step for step in night if "scripts/chaos" in step.get("run", ""))
    assert f"--out {stored.relative_to(workspace)}" in ran["run"]
    restored = next(step for step in night if "cache/restore@" in step.get("uses", ""))
    saved = next(step for step in night if "cache/save@" in step.get("uses", ""))
    assert restored["with"]["path"] == saved["with"]["path"] == "reports/nights"
    assert restored["with"]["key"] == saved["with"]["key"]
    assert saved["with"]["key"].startswith(restored["with"]["restore-keys"])
    assert night.index(restored) < night.index(page) < night.index(saved)
    assert "always()" in page["if"]
    assert "always()" in saved["if"]


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
