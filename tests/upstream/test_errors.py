"""Errors have the documented status, body and headers, so that the SDK raises what its users catch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx
import pytest

from system.upstream.protocol import Answer, Script
from tests.upstream.emulator import Emulator, running

VALID: dict[str, Any] = {
    "model": "claude-sonnet-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "hello"}],
}


@pytest.mark.parametrize(
    ("error_type", "status", "raised"),
    [
        ("invalid_request_error", 400, anthropic.BadRequestError),
        ("authentication_error", 401, anthropic.AuthenticationError),
        ("permission_error", 403, anthropic.PermissionDeniedError),
        ("not_found_error", 404, anthropic.NotFoundError),
        ("rate_limit_error", 429, anthropic.RateLimitError),
        ("api_error", 500, anthropic.InternalServerError),
        ("overloaded_error", 529, anthropic.InternalServerError),
    ],
)
@pytest.mark.parametrize("by", ["error_type", "status"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_scripted_error_raises_the_sdk_s_class(
    sdk: anthropic.Anthropic,
    emulator: Emulator,
    error_type: str,
    status: int,
    raised: type[anthropic.APIStatusError],
    by: str,
    stream: bool,
) -> None:
    script = (
        Script(answer=Answer.ERROR, error_type=error_type)
        if by == "error_type"
        else Script(answer=Answer.ERROR, status=status)
    )
    with emulator.client.scripted(script) as handle, pytest.raises(raised) as caught:
        sdk.messages.create(**VALID, stream=stream, extra_headers=handle.headers)
    error = caught.value
    assert error.status_code == status
    assert isinstance(error.body, dict)
    assert error.body["type"] == "error"
    assert error.body["error"]["type"] == error_type
    assert error.request_id == error.body["request_id"]
    limited = error_type == "rate_limit_error"
    assert error.response.headers.get("retry-after") == ("1" if limited else None)
    assert (error.response.headers["anthropic-ratelimit-requests-remaining"] == "0") == limited
    assert error.response.headers["anthropic-ratelimit-input-tokens-reset"].endswith("Z")


def test_the_sdk_retries_a_rate_limit_after_the_time_it_is_told(emulator: Emulator) -> None:
    script = Script(answer=Answer.ERROR, error_type="rate_limit_error", headers={"Retry-After": "0"})
    with (
        emulator.client.scripted(script) as handle,
        anthropic.Anthropic(api_key="k", base_url=emulator.url, max_retries=2) as sdk,
    ):
        with pytest.raises(anthropic.RateLimitError):
            sdk.messages.create(**VALID, extra_headers=handle.headers)
        assert handle.state().requests == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": None}, "model: Input should be a valid string"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        ({"max_tokens": "64"}, "max_tokens: Input should be a valid integer"),
        ({"messages": []}, "messages: List should have at least 1 item after validation, not 0"),
        (
            {"messages": [{"role": "robot", "content": ""}]},
            "messages.0.role: Input should be 'user' or 'assistant'",
        ),
        ({"tools": {}}, "tools: Input should be a valid array"),
    ],
)
def test_a_request_of_a_wrong_shape_is_refused_with_its_field(
    http: httpx.Client, change: dict[str, Any], message: str
) -> None:
    answer = http.post("/v1/messages", json=VALID | change)
    assert answer.status_code == 400
    assert answer.json()["error"] == {"type": "invalid_request_error", "message": message}


@pytest.mark.parametrize("missing", ["model", "max_tokens", "messages"])
def test_a_missing_field_is_named(http: httpx.Client, missing: str) -> None:
    answer = http.post("/v1/messages", json={key: value for key, value in VALID.items() if key != missing})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"{missing}: Field required"


def test_a_body_that_is_not_json_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/messages", content=b'{"model": ')
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid JSON")


@pytest.mark.parametrize(
    ("method", "path", "status", "error_type"),
    [
        ("POST", "/v1/complete", 404, "not_found_error"),
        ("GET", "/v1/messages", 405, "invalid_request_error"),
    ],
)
def test_other_paths_and_methods_of_the_api_are_refused(
    http: httpx.Client, method: str, path: str, status: int, error_type: str
) -> None:
    answer = http.request(method, path, json=VALID)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == error_type


def test_more_than_32_mib_are_refused(http: httpx.Client) -> None:
    body = httpx.Request("POST", "http://x", json=VALID).content
    padding = 32 * 1024 * 1024 - len(body)
    assert http.post("/v1/messages", content=body + b" " * padding).status_code == 200
    answer = http.post("/v1/messages", content=body + b" " * (padding + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "request_too_large"


@pytest.mark.parametrize("body", [b'{"any": "json"}', b"plain text", b"\xff\xfe not UTF-8", b""])
def test_outside_the_api_s_paths_any_body_is_answered(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/", content=body)
    assert answer.status_code == 200
    assert answer.json()["content"][0]["text"] == body.decode("utf-8", "replace")


def test_a_script_can_drop_the_api_s_rules_or_ask_for_them_elsewhere(
    http: httpx.Client, emulator: Emulator
) -> None:
    with emulator.client.scripted(Script(strict=False)) as lenient:
        assert http.post("/v1/messages", content=b"{}", headers=lenient.headers).status_code == 200
    with emulator.client.scripted(Script(strict=True)) as strict:
        assert http.post("/", json=VALID, headers=strict.headers).status_code == 404


def test_a_script_can_ask_for_a_key(http: httpx.Client, emulator: Emulator) -> None:
    with emulator.client.scripted(Script(require_key=True)) as script:
        refused = http.post("/v1/messages", json=VALID, headers=script.headers)
        passed = http.post("/v1/messages", json=VALID, headers=script.headers | {"x-api-key": "k"})
    assert refused.status_code == 401
    assert refused.json()["error"]["type"] == "authentication_error"
    assert passed.status_code == 200


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    log = tmp_path_factory.mktemp("guarded") / "log"
    with running(log, {"UPSTREAM_REQUIRE_KEY": "on"}) as emulator:
        yield emulator


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/messages", {}, 401),
        ("/v1/messages", {"x-api-key": ""}, 401),
        ("/v1/messages", {"X-Api-Key": "anything"}, 200),
        ("/v1/messages/count_tokens", {}, 401),
        ("/", {}, 200),
    ],
)
def test_a_server_can_ask_for_keys_on_the_api_s_paths(
    guarded: Emulator, path: str, headers: dict[str, str], status: int
) -> None:
    assert httpx.post(guarded.url + path, json=VALID, headers=headers).status_code == status


def test_a_script_that_nobody_put_is_an_error_that_names_it(http: httpx.Client, tmp_path: Path) -> None:
    answer = http.post("/", content=b"x", headers={"X-Emulator-Script": tmp_path.name})
    assert answer.status_code == 500
    assert answer.json()["error"]["message"] == (
        f"X-Emulator-Script names the script {tmp_path.name!r}, which nobody put"
    )
