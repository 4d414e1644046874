"""A lazy module is not imported by being collected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.lazy import lazy_module

ROOT = Path(__file__).resolve().parents[2]


def test_what_pytest_looks_for_imports_nothing_and_a_name_does() -> None:
    code = (
        "import inspect, sys\nfrom fixtures.lazy import lazy_module\nmodule = lazy_module('colorsys')\n"
        "inspect.unwrap(module); getattr(module, '_pytestfixturefunction', None); callable(module)\n"
        "assert 'colorsys' not in sys.modules\nassert module.ONE_THIRD\nassert 'colorsys' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_a_module_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"):
        lazy_module("no_such_module")
