"""The words of `scripts/chaos`: what reaches the stack, what a file restores, and what is refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from fixtures.chaos.recipes import parsed_weights
from fixtures.cli.chaos import app
from fixtures.errors import FaultError, OptionError, SuiteError
from fixtures.images.wanted import IMAGE_NAMES, variable_of
from fixtures.stack.drivers import Driver
from tests.chaos.stored import about_of, store

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.stack.base import StackOptions

GATEWAY = ("--stack=external", "--gateway-url=http://gw:8000", "--redis-url=redis://cache")


class Made(SuiteError):  # noqa: N818  (named by the fact)
    """Raised in place of a stack."""

    def __init__(self, kind: str, options: StackOptions, made_with: dict[str, Any]) -> None:
        super().__init__(kind)
        self.kind, self.options, self.made_with = kind, options, made_with


@pytest.fixture(autouse=True)
def no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the command end where it would start a stack, and the environment ask for no image."""

    def driver(name: str) -> Driver:
        def make(options: StackOptions, **made_with: Any) -> Any:
            raise Made(name, options, made_with)

        return Driver(name, make)  # type: ignore[arg-type]

    monkeypatch.setattr("fixtures.chaos.stacks.driver_named", driver)
    for name in IMAGE_NAMES:
        monkeypatch.delenv(variable_of(name), raising=False)


def asked(*words: str) -> BaseException | None:
    """What the command raises when it is to list the faults of its stack."""
    return CliRunner().invoke(app, [*words, "--list"]).exception


def made_by(*words: str) -> Made:
    error = asked(*words)
    assert isinstance(error, Made), repr(error)
    return error


def refusal(*words: str) -> str:
    error = CliRunner().invoke(app, list(words)).exception
    assert isinstance(error, OptionError), repr(error)
    assert "\n" not in str(error)
    return str(error)


def test_containers_run_the_images_that_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_KONG_IMAGE", "kong:3.4.2")
    images = made_by("--stack", "docker").made_with["images"]
    assert (images.kong, images.redis) == ("kong:3.4.2", "redis:7.4-alpine")


@pytest.fixture
def docker_run(tmp_path: Path) -> str:
    """The file of a run on containers."""
    images = {"kong": "kong:3.4.2", "redis": "redis:8-alpine"}
    return str(store(tmp_path / "run.jsonl", about_of(kind="docker", workers=4, images=images)))


@pytest.mark.parametrize("option", ["--replay", "--shrink"])
def test_a_run_is_repeated_on_what_it_was_made_on(docker_run: str, option: str) -> None:
    made = made_by(option, docker_run)
    images = made.made_with["images"]
    assert (made.kind, made.options.workers) == ("docker", 4)
    assert (images.kong, images.redis) == ("kong:3.4.2", "redis:8-alpine")


def test_what_is_said_in_so_many_words_goes_before_the_file(
    docker_run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUITE_REDIS_IMAGE", "valkey/valkey:8-alpine")
    # The very defaults count as well, once they are given.
    made = made_by("--replay", docker_run, "--stack", "local", "--workers", "2")
    assert (made.kind, made.options.workers) == ("local", 2)
    assert made_by("--replay", docker_run).made_with["images"].redis == "valkey/valkey:8-alpine"


def test_a_run_of_a_broken_system_is_repeated_on_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, list[str]]] = []

    def run_mutated(name: str, words: list[str]) -> int:
        told.append((name, words))
        return 1

    monkeypatch.setattr("fixtures.cli.chaos.run_mutated", run_mutated)
    monkeypatch.chdir(tmp_path)
    store(tmp_path / "run.jsonl", about_of(mutant="F1-blocks"))
    words = ("--replay", "run.jsonl", "--out", "again.jsonl", "--html", "night.html")
    assert CliRunner().invoke(app, list(words)).exit_code == 1
    assert told == [
        (
            "F1-blocks",
            [
                f"--html={tmp_path}/night.html",
                f"--nights={tmp_path}/reports/nights",
                f"--replay={tmp_path}/run.jsonl",
                f"--out={tmp_path}/again.jsonl",
                "--as-mutant=F1-blocks",
            ],
        )
    ]
    assert made_by("--replay", "run.jsonl", "--mutant=").kind == "local"
    assert made_by("--replay", "run.jsonl", "--as-mutant=F1-blocks").kind == "local"
    assert len(told) == 1
    assert refusal("--replay", "run.jsonl", *GATEWAY) == (
        "--mutant=F1-blocks: cannot be put into an external system; give --mutant="
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate", "50"], "--rate=50.0: is what the file of --replay says already; leave it out"),
        (["--seed", "7"], "--seed=7: is what the file of --replay says already"),
        (["--minutes", "1"], "--minutes=1.0: is what the file of --replay says already"),
        (["--faults", "redis_stop"], "--faults=redis_stop: is what the file of --replay says already"),
        (["--weight", "redis_stop=2"], "--weight=redis_stop=2: is what the file of --replay says already"),
        (["--at-once", "1"], "--at-once=1: is what the file of --replay says already"),
        (["--calm", "8"], "--calm=8.0: is what the file of --replay says already"),
        (["--soak", "5m"], "--soak=5m: is what the file of --replay says already"),
        (["--shrink", "b.jsonl"], "--shrink=b.jsonl: is a second file beside that of --replay"),
        (["--clause", "F1"], "--clause=F1: is for --shrink"),
        (["--shrink-minutes", "5"], "--shrink-minutes=5.0: is for --shrink"),
        (["--nights", "n"], "--nights=n: is for --html"),
        (["--allow-faults", "redis"], "--allow-faults=redis: is for --stack=external, not --stack=docker"),
        (
            ["--stack", "local", "--stack-file", "s"],
            "--stack-file=s: is for --stack=external, not --stack=local",
        ),
        ([*GATEWAY, "--workers", "2"], "--workers=2: is for --stack=local or docker"),
    ],
)
def test_an_option_that_would_be_ignored_in_a_replay_is_refused(
    docker_run: str, words: list[str], said: str
) -> None:
    assert refusal("--replay", docker_run, *words).startswith(said)


def test_an_option_that_would_be_ignored_elsewhere_is_refused(docker_run: str) -> None:
    assert refusal("--shrink", docker_run, "--rate", "50").startswith(
        "--rate=50.0: is what the file of --shrink"
    )
    assert refusal("--shrink", docker_run, "--html", "n.html").startswith(
        "--html=n.html: is the report of one"
    )
    assert refusal("--soak", "5m", "--faults", "noop").startswith("--faults=noop: is about faults")


def test_an_external_system_is_broken_by_permission_only(docker_run: str) -> None:
    wanted = (
        "--allow-faults=nothing: must name what of the external system may be broken over the wire "
        "(given: gateway, redis); --soak 5m runs without faults"
    )
    assert refusal(*GATEWAY) == wanted
    assert refusal("--replay", docker_run, *GATEWAY) == wanted
    assert refusal(*GATEWAY, "--allow-faults=cache").startswith(
        "--allow-faults=cache: unknown component 'cache'"
    )
    assert refusal("--stack=external").startswith("--stack=external: needs --gateway-url, or --stack-file")
    external = made_by(*GATEWAY, "--allow-faults=redis").made_with["external"]
    assert external.allow_faults == {"redis"}
    assert made_by(*GATEWAY).made_with["external"].allow_faults == frozenset()


def test_weights_are_told_by_name() -> None:
    assert parsed_weights(["redis_stop=3", "wire_error=0"], faults=()) == {"redis_stop": 3, "wire_error": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["redis_stop"], "--weight=redis_stop: must be NAME=N, N from 0 "),
        (["redis_stop=-1"], "--weight=redis_stop=-1: must be NAME=N"),
        (["redis_stop=1.5"], "--weight=redis_stop=1.5: must be NAME=N"),
        (["redis_stop=1001"], r"--weight=redis_stop=1001: must be NAME=N, N from 0 \(never\) to 1000"),
        (["redis_stop=1", "redis_stop=2"], "redis_stop has the weight 1 already; say it once"),
        (
            ["redis_kill=2"],
            "--weight=redis_kill=2: redis_kill is not drawn in this run; name it in --faults too",
        ),
    ],
)
def test_a_weight_that_cannot_be_is_told_in_one_line(words: list[str], said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        parsed_weights(words, faults=["redis_stop"])
    assert "\n" not in str(caught.value)


def test_a_weight_of_what_is_never_drawn_or_not_known_is_told() -> None:
    with pytest.raises(OptionError, match="noop is not drawn in this run"):
        parsed_weights(["noop=2"], faults=())
    with pytest.raises(FaultError, match="there is no fault 'redis_nosuch'; known: noop"):
        parsed_weights(["redis_nosuch=2"], faults=())
