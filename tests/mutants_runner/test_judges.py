"""Which errors are judgements: what the backend's own code raises where nobody expected it is one."""

from __future__ import annotations

import httpx
import pytest

from fixtures.mutants.verdicts import judges
from system.backend.messages import MalformedMessageError, parse_message


def test_an_error_that_the_backends_code_raises_in_a_test_is_a_judgement() -> None:
    with pytest.raises(MalformedMessageError) as raised:
        parse_message(b"{")
    assert judges(raised.value, phase="call")
    assert not judges(raised.value, phase="setup")


def test_an_error_of_the_test_itself_is_none() -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int("x")
    assert not judges(raised.value, phase="call")


@pytest.mark.parametrize(("status", "is_judgement"), [(500, True), (503, False), (404, False)])
def test_an_answer_that_the_systems_code_failed_is_a_judgement(status: int, is_judgement: bool) -> None:
    response = httpx.Response(status, request=httpx.Request("GET", "http://backend.example/stats"))
    with pytest.raises(httpx.HTTPStatusError) as raised:
        response.raise_for_status()
    assert judges(raised.value, phase="call") is is_judgement
