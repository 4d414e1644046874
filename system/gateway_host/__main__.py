"""`python3 -m system.gateway_host start|check`: run or only check the embedded gateway host.

Settings come from `KONG_*` environment variables, as with Kong. `start` becomes the nginx master process, which
takes HUP (reload), QUIT (graceful stop) and TERM (fast stop). What is wrong is said on stderr, with exit code 1.
"""

from __future__ import annotations

import argparse
import sys

from .checks import become_nginx, check_configuration, check_listeners
from .errors import HostError
from .packages import find_packages
from .prefix import prepare_prefix
from .settings import read_settings


def main() -> int:
    """Run the command line; does not return when the gateway starts."""
    parser = argparse.ArgumentParser(
        prog="python3 -m system.gateway_host", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument(
        "command", choices=("start", "check"), help="start the gateway, or only check its input"
    )
    command: str = parser.parse_args().command
    try:
        settings = read_settings()
        packages = find_packages()
        prepare_prefix(settings, packages)
        check_configuration(settings, packages)
        if command == "start":
            check_listeners(settings)
            become_nginx(settings, packages)
    except HostError as error:
        print(f"gateway host: {error}", file=sys.stderr)  # noqa: T201 - the command's output
        return 1
    print("configuration is valid")  # noqa: T201 - the command's output
    return 0


if __name__ == "__main__":
    sys.exit(main())
