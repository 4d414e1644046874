"""What a run watches besides the stack."""

import subprocess
import sys

import psutil
import pytest

from fixtures.chaos.watch import wire_proxies
from fixtures.wait import eventually

pytestmark = pytest.mark.no_clause("it is about the suite's own eyes")


def test_a_child_that_waits_to_be_reaped_is_no_proxy_and_no_reason_to_fail() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        ended = psutil.Process(child.pid)
        eventually(lambda: ended.status() == psutil.STATUS_ZOMBIE, timeout_s=10, what="the child to end")
        assert child.pid not in wire_proxies()
    finally:
        child.wait()
