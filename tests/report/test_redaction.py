"""No secret and no identifier is in a report; one that is all the same fails the run."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from fixtures.report.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.report.example import ExampleRun

# Shapes that no net but the exact one knows, and one that all know.
BUCKET = "canary-bucket-7f3a9c"
INSTANCE = "i-0abc12345678def01"
SECRET = "sk-ant-api03-not-a-real-key-0123456789"

CONFTEST = f"""
import pytest
from fixtures.report.run import report_run

@pytest.fixture(scope="session", autouse=True)
def issued(request, tmp_path_factory):
    issued = []
    state = report_run(request.config)
    state.redactor.add_canaries(lambda: issued)
    log = tmp_path_factory.mktemp("logs") / "error.log"
    log.write_text("")
    state.logs.add("stack", lambda: {{"gateway.error": log}})
    state.add_stack({{"gateway": "embedded {INSTANCE}"}})
    issued.log = None
    return issued, log
""".replace("    issued.log = None\n", "")

EVERYWHERE = f"""
import logging, sys, warnings
import pytest
from fixtures.report.evidence import *

@pytest.mark.clause("F1")
@pytest.mark.parametrize("identifier", ["{INSTANCE}", "10.66.0.10", "arn:aws:s3:::{BUCKET}/key"])
def test_it(identifier, issued, evidence, request):
    issued[0].append("{BUCKET}")
    issued[1].write_text("[error] could not mask {BUCKET} for {INSTANCE}\\n")
    print("printed {BUCKET}", "Authorization: Bearer abcdefgh12345678")
    print("to stderr {INSTANCE}", file=sys.stderr)
    logging.getLogger("x").warning("logged %s, key %s", "{BUCKET}", "{SECRET}")
    request.node.user_properties.append(("name", "{BUCKET}"))
    evidence.note("noted {BUCKET}")
    evidence.figure("figure {BUCKET}", "{INSTANCE}")
    evidence.table("table {BUCKET}", ["column {BUCKET}"], [["cell {BUCKET}"]])
    evidence.plot(LatencyPlot(title="title {BUCKET}", times_s=[0, 1], latencies_ms=[1, 2],
                              bands=(Band(start_s=0, end_s=1, label="label {BUCKET}"),)))
    local = "local {BUCKET}"
    assert not {{"host": "{BUCKET}", "x-api-key": "hunter2-hunter2"}}, "asserted {INSTANCE} {BUCKET}"
"""


@pytest.mark.parametrize("options", [("-v", "--showlocals"), ("-n", "2")], ids=["one process", "xdist"])
def test_identifiers_and_secrets_are_replaced_wherever_a_test_puts_them(
    run_example: Callable[..., ExampleRun], options: tuple[str, ...]
) -> None:
    example = run_example(EVERYWHERE, *options, conftest=CONFTEST, ANTHROPIC_API_KEY=SECRET)
    assert example.verdict("F1") == "failed"
    everything = example.everything
    for word in (
        "printed",
        "to stderr",
        "logged",
        "noted",
        "figure",
        "title",
        "label",
        "asserted",
        "could not mask",
    ):
        assert f"{word} [" in everything, f"what was {word!r} is missing, so nothing is shown by its absence"
    for hidden in (BUCKET, INSTANCE, "10.66.0.10", SECRET, "abcdefgh12345678", "hunter2-hunter2"):
        assert hidden not in everything
    assert len({test["nodeid"] for test in example.data["tests"]}) == 3
    assert "had to be blotted out" not in example.output


def test_secrets_on_the_command_line_are_replaced(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example("def test_it(): pass", "-k", f"test_it or {SECRET}")
    assert "test_it or [secret " in example.data["facts"]["command line"]
    assert SECRET not in example.everything


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_an_identifier_that_redaction_misses_fails_the_run_and_is_blotted_out(
    run_example: Callable[..., ExampleRun], options: tuple[str, ...]
) -> None:
    disguises = [base64.b64encode(BUCKET.encode()).decode(), BUCKET.encode().hex(), BUCKET.upper()]
    example = run_example(
        f"""
import pytest
@pytest.mark.clause("A3")
@pytest.mark.parametrize("disguise", {disguises})
def test_it(issued, evidence, disguise):
    issued[0].append("{BUCKET}")
    evidence.note(disguise)
""",
        *options,
        conftest=CONFTEST,
    )
    assert example.exit_code == 1
    assert "1 identifier that this run sent stood in the report's index.html" in example.output
    assert "1 identifier that this run sent stood in the report's run.json" in example.output
    for disguise in disguises:
        assert disguise not in example.everything
    assert example.everything.count("[leaked identifier]") > len(disguises)
    assert "had to be blotted out (clause M1)" in example.html
    assert example.data["status"] == "tests failed"


def test_a_file_with_an_escaped_identifier_is_withheld(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example(
        f"""
def test_it(issued, evidence):
    issued[0].append("{BUCKET}")
    evidence.note("{BUCKET.replace("-", "%2D")}")
""",
        conftest=CONFTEST,
    )
    assert example.exit_code == 1
    assert "it is withheld" in example.html
    assert BUCKET.replace("-", "%2D") not in example.everything


def test_an_identifier_of_one_worker_in_the_report_of_another_fails_the_run(
    run_example: Callable[..., ExampleRun],
) -> None:
    example = run_example(
        f"""
import os
def test_first(issued, evidence):
    if os.environ["PYTEST_XDIST_WORKER"] == "gw0":
        issued[0].append("{BUCKET}")
    else:
        evidence.note("{BUCKET}")

test_second = test_first
""",
        "-n",
        "2",
        "--dist=each",
        conftest=CONFTEST,
    )
    assert example.exit_code == 1
    assert "failed: 1 identifier that this run sent stood in the report's index.html" in example.output
    assert BUCKET not in example.everything


def test_a_history_is_stored_redacted(run_example: Callable[..., ExampleRun]) -> None:
    example = run_example(
        f"""
from fixtures.history import History
from fixtures.report.run import report_run
def test_it(request, issued):
    issued[0].append("{BUCKET}")
    history = History({{"test": "it"}})
    history.info("request", process="load/1", value={{"path": "/{BUCKET}", "bytes": 12}})
    report_run(request.config).store_history(request.node.nodeid, history)
""",
        conftest=CONFTEST,
    )
    (history,) = (example.root / "reports" / "latest" / "histories").iterdir()
    text = history.read_text(encoding="utf-8")
    assert BUCKET not in text
    assert '"/[id ' in text
    assert json.loads(text.splitlines()[1])["value"]["bytes"] == 12


def test_marks_tell_values_apart_within_a_run_and_say_nothing_across_runs() -> None:
    first, second = Redactor(b"one key", {}), Redactor(b"another", {})
    assert first.text("10.0.0.1 10.0.0.2 10.0.0.1").split("] [")[0] != first.text("10.0.0.2")
    assert first.text("10.0.0.1") == first.text("10.0.0.1")
    assert first.text("10.0.0.1") != second.text("10.0.0.1")


@pytest.mark.parametrize(
    "harmless",
    [
        "127.0.0.1:8000",
        "version 110.0.0.1",
        "sampled = published + dropped",
        "password: str",
        "https://docs.aws.amazon.com/",
        "i-am-not-one",
        "AWS_EC2_001",
        "0.123456789012",
        "98765123456789012",
    ],
)
def test_what_only_resembles_a_secret_or_identifier_stays(harmless: str) -> None:
    redactor = Redactor(b"key", {"REDIS_PASSWORD": "on", "PATH": "/usr/bin"})
    redactor.add_canaries(lambda: ["123456789012"])
    assert redactor.text(harmless) == harmless


def test_values_of_secret_variables_are_replaced_wherever_they_stand() -> None:
    redactor = Redactor(b"key", {"REDIS_PASSWORD": "correct horse"})
    assert "correct horse" not in redactor.text("AUTH correct horse; redis://:correct horse@host")
