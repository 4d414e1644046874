"""What `POST /config` accepts and refuses: every kind of field, references, forms of the body."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.gateway_host.host import Answer, GatewayHost

# Two services of one name get one id, which is found first.
DUPLICATE = (
    "uniqueness violation: 'services' entity with primary key set to"
    " '7041cde9-8c59-5f9c-8db7-8b4f18051223' already declared"
)
HEAD = '_format_version: "3.0"\n'


def post(host: GatewayHost, configuration: dict[str, Any] | str, **headers: str) -> Answer:
    text = configuration if isinstance(configuration, str) else json.dumps(configuration)
    return host.admin("POST", "/config", body=text.encode(), headers=headers)


def refusal(host: GatewayHost, configuration: dict[str, Any]) -> Any:
    answer = post(host, {"_format_version": "3.0", **configuration})
    assert answer.status == 400
    return json.loads(answer.body)["fields"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("flag", "yes", "expected a boolean"),
        ("flag", None, "required field missing"),
        ("count", 0, "value must be greater than 0"),
        ("count", 1.5, "expected an integer"),
        ("share", 2, "value should be between 0 and 1"),
        ("share", "half", "expected a number"),
        ("word", "c", "expected one of: a, b"),
        ("word", 1, "expected a string"),
        ("word", "", "length must be at least 1"),
        ("code", "x1", "invalid value: x1"),
        ("short", "long", "length must be at most 3"),
        ("list", {"a": 1}, "expected an array"),
        ("list", [1, "two"], [None, "expected an integer"]),
        ("set", 1, "expected a set"),
        ("map", [1], "expected a map"),
        ("map", {"a": "b"}, {"a": "expected a number"}),
        ("host", "a:80", "must not have a port"),
        ("host", "a b", "invalid value: a b"),
        ("sni", "10.0.0.1", "must not be an IP"),
        ("port", 65536, "value should be between 0 and 65535"),
        ("timeout", -1, "value should be between 0 and 2147483646"),
        ("secret", 5, "expected a string"),
        ("needed", 1, "expected a record"),
        ("needed", {"depth": "x"}, {"depth": "expected an integer"}),
        ("needed", {"width": 1}, {"width": "unknown field"}),
        ("nonsense", 1, "unknown field"),
    ],
)
def test_a_bad_value_is_refused_in_kongs_words(
    field: str, value: object, message: object, shared_host: GatewayHost
) -> None:
    plugin = {"name": "typed", "config": {field: value}}
    assert refusal(shared_host, {"plugins": [plugin]}) == {"plugins": [{"config": {field: message}}]}


def test_defaults_are_filled_in_and_the_rest_is_null(shared_host: GatewayHost) -> None:
    assert post(shared_host, {"_format_version": "3.0", "plugins": [{"name": "typed"}]}).status == 201
    config = json.loads(shared_host.admin("GET", "/plugins").body)["data"][0]["config"]
    assert (config["flag"], config["port"], config["needed"]) == (True, 80, {"depth": 3})
    assert config["count"] is None


@pytest.mark.parametrize(
    ("configuration", "fields"),
    [
        ({"services": [{"name": "a"}]}, {"services": [{"host": "required field missing"}]}),
        ({"services": [{"url": "nowhere"}]}, {"services": [{"url": "missing host in url"}]}),
        ({"services": {"a": 1}}, {"services": "expected an array"}),
        (
            {"services": [{"host": "a", "routes": [{"name": "r", "paths": ["x"]}]}]},
            {"services": [{"routes": [{"paths": ["should start with: / (fixed path) or ~/ (regex path)"]}]}]},
        ),
        (
            {"routes": [{"name": "r"}]},
            {
                "routes": [
                    {"@entity": ["must set one of 'methods', 'hosts', 'headers', 'paths' when 'protocols' is 'http'"]}
                ]
            },
        ),
        (
            {"services": [{"host": "a", "name": "twice"}, {"host": "b", "name": "twice"}]},
            {"services": [None, DUPLICATE]},
        ),
        ({"consumers": [{"username": "u"}]}, {"consumers": "not provided by the embedded gateway host"}),
    ],
)  # fmt: skip
def test_a_bad_entity_is_refused_where_it_stands(
    configuration: dict[str, Any], fields: dict[str, Any], shared_host: GatewayHost
) -> None:
    found = refusal(shared_host, configuration)
    for kind, errors in fields.items():
        last = errors[-1] if isinstance(errors, list) else errors
        actual = found[kind][-1] if isinstance(errors, list) else found[kind]
        # A service without a usable URL lacks other fields, too.
        assert actual == last or (isinstance(actual, dict) and last.items() <= actual.items())


CONFIGURATION = (
    f"{HEAD}services: [{{ name: s, url: 'http://127.0.0.1:1/p', routes: [{{ name: r, paths: [/] }}] }}]\n"
)
BOUNDARY = "x5x"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", json.dumps({"config": CONFIGURATION})),
        (
            "application/json",
            json.dumps({"_format_version": "3.0", "services": [{"name": "s", "host": "h"}]}),
        ),
        ("text/yaml", CONFIGURATION),
        ("application/x-www-form-urlencoded", urlencode({"config": CONFIGURATION})),
        (
            f"multipart/form-data; boundary={BOUNDARY}",
            (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="config"; filename="kong.yml"\r\n\r\n'
                f"{CONFIGURATION}\r\n--{BOUNDARY}--\r\n"
            ),
        ),
    ],
)
def test_each_form_of_a_configuration_is_accepted(
    content_type: str, body: str, shared_host: GatewayHost
) -> None:
    assert post(shared_host, body, **{"Content-Type": content_type}).status == 201
    services = json.loads(shared_host.admin("GET", "/services").body)["data"]
    assert [service["name"] for service in services] == ["s"]


def test_entities_are_found_by_name_id_and_parent(shared_host: GatewayHost) -> None:
    post(shared_host, CONFIGURATION)
    service = json.loads(shared_host.admin("GET", "/services/s").body)
    assert (service["port"], service["path"]) == (1, "/p")
    assert json.loads(shared_host.admin("GET", f"/services/{service['id']}").body) == service
    routes = json.loads(shared_host.admin("GET", "/services/s/routes").body)["data"]
    assert [route["service"]["id"] for route in routes] == [service["id"]]
    assert json.loads(shared_host.admin("GET", "/routes/r/plugins").body)["data"] == []
    assert shared_host.admin("GET", "/services/none/routes").status == 404
    assert shared_host.admin("PUT", "/routes/r").status == 405


def test_an_exported_configuration_can_be_posted_again(shared_host: GatewayHost) -> None:
    post(shared_host, CONFIGURATION)
    before = shared_host.admin("GET", "/routes").body
    exported = json.loads(shared_host.admin("GET", "/config").body)["config"]
    assert post(shared_host, exported).status == 201
    assert shared_host.admin("GET", "/routes").body == before


def test_a_configuration_beyond_10_mb_is_refused(shared_host: GatewayHost) -> None:
    assert post(shared_host, HEAD + "#" * 10_500_000).status == 413
