"""Files, variables and options that name images mean the same to the tests, the doctor, chaos and what makes ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.chaos.stacks import StackChoice
from fixtures.cli.docker_ready import BAD_INPUT, make_ready
from fixtures.errors import OptionError
from fixtures.images import settings
from fixtures.images.wanted import IMAGE_NAMES, Images, variable_of, wanted_images
from fixtures.pytest_plugin.options import read_options
from fixtures.stack.docker import DockerStack

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory in the project's place, and no variable that names an image."""
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    for name in IMAGE_NAMES:
        monkeypatch.delenv(variable_of(name), raising=False)
    return tmp_path


def test_an_option_goes_before_the_environment_that_before_pyproject_and_that_before_tox(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wanted_images() == Images()
    (project / "tox.ini").write_text(
        "[tox]\nenv_list = gate\n[testenv]\nset_env = A = {tox_root}/%s\n[suite]\n"
        "kong_image = kong:tox\nredis_image = redis:tox\npostgres_image = postgres:tox\npython_image = python:tox\n"
    )
    (project / "pyproject.toml").write_text(
        '[tool.suite]\nharness = ["unit"]\n'
        'kong_image = "kong:project"\nredis_image = "redis:project"\npostgres_image = "postgres:project"\n'
    )
    monkeypatch.setenv("SUITE_KONG_IMAGE", "kong:variable")
    monkeypatch.setenv("SUITE_REDIS_IMAGE", "redis:variable")
    assert wanted_images({"kong": "kong:option", "redis": None}) == Images(
        kong="kong:option", redis="redis:variable", postgres="postgres:project", python="python:tox"
    )
    assert wanted_images(of_run={"redis": "redis:run", "python": "python:run"}) == Images(
        kong="kong:variable", redis="redis:variable", postgres="postgres:project", python="python:run"
    )


def test_tests_and_chaos_run_what_a_file_says(project: Path, request: pytest.FixtureRequest) -> None:
    (project / "tox.ini").write_text("[suite]\nkong_image = kong:file\n")
    assert read_options(request.config).images.kong == "kong:file"
    stack = StackChoice(kind="docker", workers=1).make()
    assert isinstance(stack, DockerStack)
    assert stack.images.kong == "kong:file"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "pyproject.toml",
            '[tool.suite]\nkng_image = "kong:3.4"\n',
            r"pyproject.toml \[tool.suite\] kng_image=kong:3.4: is no image of the suite; known: kong_image, ",
        ),
        (
            "pyproject.toml",
            "[tool.suite]\nkong_image = 3.4\n",
            "kong_image=3.4: must be an image's name, such as",
        ),
        ("pyproject.toml", "[tool.suite\n", "pyproject.toml=.*: must be TOML: "),
        (
            "tox.ini",
            "[suite]\nkong_image =\n",
            r"tox.ini \[suite\] kong_image=: must be an image's name, such as",
        ),
        (
            "tox.ini",
            "kong_image = kong:3.4\n",
            "tox.ini=.*: must be an ini file: File contains no section headers",
        ),
    ],
)
def test_what_a_file_says_amiss_is_one_clear_line(
    project: Path, file: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / file).write_text(text)
    with pytest.raises(OptionError, match=message) as refused:
        wanted_images()
    assert "\n" not in str(refused.value)
    assert make_ready() == BAD_INPUT
    assert capsys.readouterr().err == f"[test-docker] {refused.value}\n"
