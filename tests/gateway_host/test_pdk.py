"""The PDK as plugins see it: values, argument errors, phase errors, and what the host does not have."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway_host.host import GatewayHost
from tests.gateway_host.probe_upstream import probe_upstream


@pytest.fixture(scope="module")
def host(own_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayHost]:
    """A host whose plugin runs the Lua that a request brings."""
    with probe_upstream() as port:
        configuration = f"""
_format_version: "3.0"
services:
  - name: upstream
    url: http://localhost:{port}/base
    routes:
      - {{ name: all, paths: [/] }}
      - {{ name: regex, paths: ["~/v\\\\d+/(?<kind>[a-z]+)$"], strip_path: true }}
      - {{ name: kept, paths: [/kept], strip_path: false, preserve_host: true }}
      - {{ name: unbuffered, paths: [/unbuffered], request_buffering: false, response_buffering: false }}
      - {{ name: unbuffered-request, paths: [/streamed-request], request_buffering: false }}
      - {{ name: unbuffered-response, paths: [/streamed-response], response_buffering: false }}
plugins:
  - {{ name: workbench }}
"""
        directory = tmp_path_factory.mktemp("pdk")
        with GatewayHost(directory, configuration, own_root, plugins="workbench") as running:
            yield running


def evaluate(
    host: GatewayHost, lua: str, *, phase: str = "access", path: str = "/a%2Fb/../c?x=1&y"
) -> dict[str, Any]:
    answer = host.proxy("POST", path, body=b"hello", headers={"X-Phase": phase, "X-Lua": lua, "X-Twice": "1"})
    text = answer.header("X-Result") if phase == "header_filter" else answer.body.decode()
    assert text is not None
    result: dict[str, Any] = json.loads(text)
    return result


@pytest.mark.parametrize(
    ("lua", "values"),
    [
        ("return kong.request.get_method(), kong.request.get_scheme()", ["POST", "http"]),
        ("return kong.request.get_raw_path(), kong.request.get_path()", ["/a%2Fb/../c", "/c"]),
        ("return kong.request.get_raw_query(), kong.request.get_query_arg('x')", ["x=1&y", "1"]),
        ("return kong.request.get_query().y, kong.request.get_query_arg('z')", [True, None]),
        ("return kong.request.get_header('X-Twice'), kong.request.get_header('No')", ["1", None]),
        ("return kong.request.get_headers()['x-twice']", ["1"]),
        ("return kong.request.get_raw_body()", ["hello"]),
        ("return kong.router.get_route().name, kong.router.get_service().name", ["all", "upstream"]),
        ("return kong.version, kong.version_num", ["3.9.1", 3009001]),
        ("kong.ctx.plugin.a = 1; return kong.ctx.plugin.a, kong.ctx.shared.a", [1, None]),
        ("return kong.client.get_ip()", ["127.0.0.1"]),
        ("return #ngx.var.kong_request_id, ngx.var.kong_request_id ~= ngx.var.request_id", [32, True]),
        ("return kong.request.get_id, kong.arg", [None, None]),
        ("return (require 'cjson').encode('a/b')", ['"a/b"']),
    ],
)  # fmt: skip
def test_values(lua: str, values: list[object], host: GatewayHost) -> None:
    expected = [*values, None, None, None][:3]
    assert evaluate(host, lua) == {"values": expected}


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("/a", "http"),
        ("/unbuffered", "unbuffered"),
        ("/streamed-request", "unbuffered"),
        ("/streamed-response", "unbuffered"),
    ],
)
def test_the_proxy_mode_is_called_as_in_kongs_template(path: str, mode: str, host: GatewayHost) -> None:
    assert evaluate(host, "return ngx.var.kong_proxy_mode", path=path)["values"][0] == mode


@pytest.mark.parametrize(
    ("lua", "message"),
    [
        ("kong.request.get_header(1)", "header name must be a string"),
        ("kong.request.get_headers(0)", "max_headers must be >= 1"),
        ("kong.request.get_query(1001)", "max_args must be <= 1000"),
        ("kong.response.exit('200')", "code must be a number"),
        ("kong.response.exit(600)", "code must be a number between 100 and 599"),
        ("kong.response.exit(200, 1)", "body must be a nil, string or table"),
        ("kong.response.exit(200, '', 'h')", "headers must be a nil or table"),
        ("kong.service.request.set_raw_body({})", "body must be a string"),
        ("kong.service.request.set_path('x')", "path must start with /"),
        ("kong.service.request.set_method('FETCH')", "invalid method: FETCH"),
        ("kong.service.request.set_header('X', nil)", 'invalid header value for "X": got nil'),
        ("kong.response.get_status()", "in access phase (only in: response, header_filter, body_filter, log, error,"),
        ("kong.cache:get('x')", "kong.cache.get is not provided by the embedded gateway host"),
        ("kong.db.consumers:select()", "kong.db.consumers is not provided by the embedded gateway host"),
        ("kong.client.get_consumer()", "kong.client.get_consumer is not provided by the embedded gateway host"),
        ("kong.service.set_upstream('x')", "kong.service.set_upstream is not provided by the embedded gateway host"),
        ("kong.service.request.enable_buffering()", "kong.service.request.enable_buffering is not provided"),
        ("kong.request.get_id()", "attempt to call field 'get_id' (a nil value)"),
        ("kong.nonsense.x()", "attempt to index field 'nonsense' (a nil value)"),
    ],
)  # fmt: skip
def test_errors(lua: str, message: str, host: GatewayHost) -> None:
    assert message in evaluate(host, lua)["err"]


@pytest.mark.parametrize(
    ("phase", "lua", "message"),
    [
        ("header_filter", "kong.service.request.set_raw_body('x')", "in header_filter phase (only in: rewrite,"),
        ("header_filter", "kong.request.get_raw_body()", "in header_filter phase (only in: rewrite, access, response"),
        ("body_filter", "kong.response.set_header('a', 'b')", "in body_filter phase (only in: rewrite, access,"),
        ("header_filter", "ngx.sleep(0)", "API disabled in the context of header_filter_by_lua*"),
    ],
)  # fmt: skip
def test_phase_errors(phase: str, lua: str, message: str, host: GatewayHost) -> None:
    assert message in evaluate(host, lua, phase=phase)["err"]


def test_the_source_of_a_response_is_known(host: GatewayHost) -> None:
    assert host.proxy("GET", "/").header("X-Source") == "service"
    assert (
        host.proxy("GET", "/", headers={"X-Phase": "access", "X-Lua": "return 1"}).header("X-Source")
        == "exit"
    )


@pytest.mark.parametrize(
    ("path", "upstream_path"),
    [
        ("/", "/base"),
        ("/x/y?q=1", "/base/x/y?q=1"),
        ("/v12/things", "/base"),
        ("/v12/things/more", "/base/v12/things/more"),
        ("/kept/x", "/base/kept/x"),
        ("//x/./y/", "/base/x/y/"),
        ("/%7Euser%2fa", "/base/~user%2Fa"),
    ],
)
def test_the_upstream_path_is_kongs(path: str, upstream_path: str, host: GatewayHost) -> None:
    assert json.loads(host.proxy("GET", path).body)["path"] == upstream_path


def test_what_a_client_says_of_itself_is_passed_on_as_kong_does(host: GatewayHost) -> None:
    sent = {
        "X-Forwarded-For": "10.1.1.1",
        "Via": "1.1 proxy",
        "Connection": "X-Hop, keep-alive",
        "X-Hop": "1",
        "X-Kong-Request-Id": "mine",
    }
    answer = host.proxy("GET", "/kept", headers=sent)
    received = json.loads(answer.body)["headers"]
    assert received["X-Forwarded-For"] == "10.1.1.1, 127.0.0.1"
    assert received["Via"] == "1.1 proxy, 1.1 kong/3.9.1"
    assert received["Host"] == f"127.0.0.1:{host.proxy_port}"
    assert "X-Hop" not in received
    assert received["X-Kong-Request-Id"] == answer.header("X-Kong-Request-Id") != "mine"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("application/xml", "application/xml; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/png, application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
    ],
)
def test_error_pages_follow_the_accept_header(accept: str, content_type: str, host: GatewayHost) -> None:
    headers = {"Accept": accept, "X-Phase": "access", "X-Lua": "return kong.response.error(503)"}
    answer = host.proxy("GET", "/", headers=headers)
    assert (answer.status, answer.header("Content-Type")) == (503, content_type)
    assert b"The upstream server is currently unavailable" in answer.body
    assert (answer.header("X-Kong-Request-Id") or "?").encode() in answer.body
