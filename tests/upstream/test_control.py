"""The control side refuses what it can't use with one line that says what would be right."""

import json

import httpx
import pytest

from fixtures.clients.upstream import UpstreamError
from system.upstream.protocol import Answer, Script
from tests.upstream.emulator import Emulator


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({"cutz": [1]}, "cutz: Extra inputs are not permitted, not [1]"),
        ({"answer": "nothing"}, "answer: Input should be 'echo_text', 'echo_body', "),
        ({"status": 99}, "status: Input should be greater than or equal to 200, not 99"),
        ({"cuts": [3, 2]}, 'Value error, "cuts" must be ascending offsets, none twice'),
        ({"cuts": [0]}, "cuts.0: Input should be greater than 0, not 0"),
        ({"answer": "size"}, 'Value error, "size_bytes" and answer "size" belong together'),
        ({"text": "x"}, 'Value error, "text" and answer "text" belong together'),
        ({"answer": "raw", "raw": "%"}, "raw: "),
        ({"answer": "error"}, 'Value error, answer "error" needs "error_type" or "status"'),
        ({"headers": {"Content-Length": "1"}}, 'Value error, header "content-length" is set by "framing"'),
        (
            {"headers": {"X": "a\r\nb"}},
            "Value error, header 'X' has a name or value that HTTP does not allow",
        ),
        (
            {"hold_after_bytes": 2, "break_after_bytes": 1},
            'Value error, "hold_after_bytes" must not lie beyond',
        ),
        ({"chunk_delay_s": -1}, "chunk_delay_s: Input should be greater than or equal to 0, not -1"),
        ({"answer": "content", "content": [{"type": "image"}]}, "content.0: Input tag 'image' found using"),
    ],
)
def test_a_bad_script_is_refused_with_one_line(
    http: httpx.Client, script: dict[str, object], message: str
) -> None:
    answer = http.put("/_emulator/scripts/bad", content=json.dumps(script))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error.startswith(f"script 'bad': {message}")
    assert "\n" not in error
    assert http.get("/_emulator/scripts/bad").status_code == 404


def test_a_script_that_is_not_json_is_refused(http: httpx.Client) -> None:
    answer = http.put("/_emulator/scripts/bad", content=b"{")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("script 'bad': Invalid JSON")


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "nothing", 404, "nothing answers GET /_emulator/nothing"),
        ("POST", "health", 404, "nothing answers POST /_emulator/health"),
        ("GET", "scripts/unknown", 404, "no script has the id 'unknown'"),
        ("DELETE", "scripts/unknown", 404, "no script has the id 'unknown'"),
        ("POST", "scripts/unknown/release", 404, "no script has the id 'unknown'"),
        ("GET", "captures/999999999/body", 404, "no capture '999999999' is kept; the last one made is "),
        ("GET", "captures?after=-1", 400, "after='-1': a number, 0 or larger, was expected"),
        ("GET", "captures?limit=", 400, "limit='': a number, 0 or larger, was expected"),
        ("GET", "captures/export?after=" + "9" * 5000, 400, "after='999"),
    ],
)
def test_a_bad_request_is_refused_with_one_line(
    http: httpx.Client, method: str, path: str, status: int, message: str
) -> None:
    answer = http.request(method, f"/_emulator/{path}")
    assert answer.status_code == status
    assert answer.json()["error"].startswith(message)


def test_the_client_passes_the_reason_on(emulator: Emulator) -> None:
    with pytest.raises(
        UpstreamError, match=r"upstream refused GET .* \(404\): .*no script has the id 'unknown'"
    ):
        emulator.client.script_state("unknown")


def test_raw_bytes_and_blocks_survive_the_wire(http: httpx.Client, emulator: Emulator) -> None:
    script = Script(answer=Answer.RAW, raw=bytes(range(256)), headers={"X-Latin": "é"})
    with emulator.client.scripted(script) as handle:
        assert handle.state().script == script
        answer = http.post("/", headers=handle.headers)
    assert answer.content == bytes(range(256))


@pytest.mark.parametrize("raw", ["+/+/", "-_-_"])
def test_raw_takes_both_alphabets_of_base64(http: httpx.Client, raw: str) -> None:
    assert http.put("/_emulator/scripts/raw", json={"answer": "raw", "raw": raw}).status_code == 200
    assert http.post("/", headers={"X-Emulator-Script": "raw"}).content == b"\xfb\xff\xbf"
    assert http.delete("/_emulator/scripts/raw").status_code == 200
