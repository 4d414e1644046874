"""A setting that a component cannot use ends the start of the stack: one message with name and value, nothing left."""

from __future__ import annotations

import pytest

from fixtures.errors import ComponentExited
from fixtures.stack.base import StackOptions
from fixtures.stack.local import LocalStack
from tests.stack.support import left_of

PLUGIN_OFF = {"KONG_PLUGINS": "bundled"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (StackOptions(log_level="loud"), "KONG_LOG_LEVEL='loud' is unknown; one of: debug, info, notice"),
        (StackOptions(client_body_buffer_size="lots"), '"client_body_buffer_size" directive invalid value'),
        (StackOptions(workers=0), "KONG_NGINX_WORKER_PROCESSES='0' is neither 'auto' nor a positive number"),
        (StackOptions(gateway_env=PLUGIN_OFF), "plugin 'aws-masker' not enabled; add it to the 'plugins'"),
        (
            StackOptions(backend_env={"EVENT_LOG_RATE_LIMIT": "many"}),
            "EVENT_LOG_RATE_LIMIT='many' is not usable: expected an integer from 0 to 10000",
        ),
        (
            StackOptions(backend_env={"NODE_ENV": "staging"}),
            "NODE_ENV='staging' is not usable: expected development or production",
        ),
    ],
    ids=["log level", "buffer size", "workers", "plugin not enabled", "rate limit", "environment"],
)
@pytest.mark.no_clause("what settings are taken is documented, not promised")
def test_a_stack_with_a_bad_setting_names_it_and_leaves_nothing(options: StackOptions, said: str) -> None:
    stack = LocalStack(options)
    with pytest.raises(ComponentExited) as refused:
        stack.start()
    assert said in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert left_of(stack.name, stack.directory, []) == []
