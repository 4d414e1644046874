"""What is in the repository: the product only, in modules of a size that a reader can hold."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A module has one idea. The few that are longer say here why that idea can't be cut.
LINES_MAX = 400
LONGER: dict[str, str] = {}

# Paths of one machine and leftovers of work in progress have no place in what others clone.
FORBIDDEN = re.compile(r"/work/(main|shared)|/root/|\bTO" + r"DO\b|\bFIX" + r"ME\b")


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if name.endswith(suffixes) and (ROOT / name).is_file()]


@pytest.mark.parametrize("suffix", [".py", ".lua"])
def test_modules_are_short_enough_to_be_read(suffix: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked(suffix)
    }
    assert lengths, f"no tracked {suffix} file: this test would prove nothing"
    assert {name: lines for name, lines in lengths.items() if lines > LINES_MAX and name not in LONGER} == {}


def test_files_speak_of_the_product_only() -> None:
    files = [
        path for path in tracked(".py", ".lua", ".md", ".toml", ".ini", ".yml") if path != Path(__file__)
    ]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert wrong == []
