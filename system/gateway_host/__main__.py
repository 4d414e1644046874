"""`python3 -m system.gateway_host start|check|migrations bootstrap`: run, check or prepare the embedded gateway host.

Settings come from `KONG_*` environment variables, as with Kong. `start` becomes the nginx master process, which
takes HUP (reload), QUIT (graceful stop) and TERM (fast stop). What is wrong is said on stderr, with exit code 1.
"""

from __future__ import annotations

import argparse
import sys

from .checks import become_nginx, check_configuration, check_listeners, run_task
from .errors import HostError
from .packages import find_packages
from .prefix import prepare_prefix
from .settings import read_settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m system.gateway_host", description=__doc__.split("\n", 1)[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("start", help="start the gateway")
    commands.add_parser("check", help="only check its input")
    migrations = commands.add_parser("migrations", help="prepare the database of KONG_DATABASE=postgres")
    migrations.add_argument("action", choices=("bootstrap",), help="make the tables; harmless when repeated")
    return parser.parse_args()


def main() -> int:
    """Run the command line; does not return when the gateway starts."""
    command: str = _arguments().command
    try:
        settings = read_settings()
        packages = find_packages()
        prepare_prefix(settings, packages)
        if command == "migrations":
            print(run_task(settings, packages, "bootstrap"))  # noqa: T201 - the command's output
            return 0
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
