"""An emulator for the tests of this folder."""

from collections.abc import Iterator

import anthropic
import httpx
import pytest

from tests.upstream.emulator import Emulator, running


@pytest.fixture(scope="package")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("upstream") / "log") as emulator:
        yield emulator


@pytest.fixture
def http(emulator: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=emulator.url, trust_env=False) as client:
        yield client


@pytest.fixture
def sdk(emulator: Emulator) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="sk-ant-test", base_url=emulator.url, max_retries=0) as client:
        yield client
