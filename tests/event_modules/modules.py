"""The event side's pure Lua modules as a function: a private nginx runs a list of calls and ends."""

from __future__ import annotations

import json
import string
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.lua.breakdown import breakdown

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NGINX_MODULES = Path("/usr/lib/nginx/modules")

# Starting nginx and a few thousand calls take a tenth of a second.
RUN_TIMEOUT_S = 20.0


def run(calls: list[dict[str, Any]]) -> list[Any]:
    """Runs the calls in one Lua VM.

    Args:
        calls: Each with `operation`, a name in driver.lua, and its arguments.

    Returns:
        One answer per call.

    Raises:
        ClauseViolated: A module of the plugin raised an error; the message is nginx's error log.
        RuntimeError: The calls failed otherwise.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        template = string.Template((HERE / "nginx.conf.template").read_text(encoding="utf-8"))
        config = directory / "nginx.conf"
        config.write_text(
            template.substitute(
                directory=directory,
                modules=NGINX_MODULES,
                root=ROOT,
                driver=HERE / "driver.lua",
            ),
            encoding="utf-8",
        )
        (directory / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
        log = directory / "error.log"
        subprocess.run(
            ["nginx", "-p", str(directory), "-e", str(log), "-c", str(config)],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=RUN_TIMEOUT_S,
        )
        answers = directory / "answers.json"
        if not answers.exists():
            raise breakdown("the calls failed", log.read_text(errors="replace"))
        result: list[Any] = json.loads(answers.read_bytes())
        return result
