"""Writes what is made of the catalogue; with `--check`, says what is not up to date and ends with status 1."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from system.kong.catalogue import documentation, lua
from system.kong.catalogue.data import Catalogue, CatalogueError, load

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = Path("system/kong/plugins/aws-masker")


def generated(catalogue: Catalogue) -> dict[Path, str]:
    """Path from the root of the repository → what must stand there."""
    return {
        PLUGIN / "catalogue_rules.lua": lua.rules(catalogue),
        PLUGIN / "catalogue_ids.lua": lua.ids(catalogue),
        PLUGIN / "catalogue_families.lua": lua.families(catalogue),
        Path("docs/catalogue.md"): documentation.page(catalogue),
    }


def stale(catalogue: Catalogue) -> list[Path]:
    """The generated files that are not what they must be."""
    files = generated(catalogue).items()
    return [p for p, text in files if not (ROOT / p).is_file() or (ROOT / p).read_text("utf-8") != text]


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m system.kong.catalogue", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; status 1 when a file is not up to date"
    )
    is_check = parser.parse_args().check
    try:
        catalogue = load()
    except CatalogueError as error:
        sys.stderr.write(f"catalogue.toml: {error}\n")
        return 1
    old = stale(catalogue)
    for path in old:
        if not is_check:
            (ROOT / path).write_text(generated(catalogue)[path], encoding="utf-8")
        sys.stdout.write(f"{'not up to date' if is_check else 'written'}: {path}\n")
    return int(is_check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
