# shellcheck shell=bash
# Sourced by the other scripts: where everything is, and how the suite's Python is run.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${TOX_ENV_DIR:-$root/.venv}/bin
# Bytecode is kept in .cache/, also where the environment asks for none: a run starts hundreds of processes, and each
# would compile the same modules again.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$root/.cache/pycache"

# Runs a command of the suite in the caller's directory, in place of the shell.
suite() {
  [ -x "$root/.venv/bin/python" ] || { echo "error: no $root/.venv; run scripts/setup first" >&2; exit 1; }
  PYTHONPATH="$root" exec "$root/.venv/bin/python" -m "fixtures.cli.$1" "${@:2}"
}

# Runs the gate's tests, in place of the shell: those of the contract, without the suite's tests of itself, which
# scripts/test runs. Options go to pytest.
gate() {
  local itself
  mapfile -t itself < <("$bin"/python -c 'import sys, tomllib
print(*tomllib.load(open(sys.argv[1], "rb"))["tool"]["suite"]["harness"], sep="\n")' "$root/pyproject.toml")
  exec "$bin"/python -m pytest -m "clause and not nightly and not thorough" "${itself[@]/#/--ignore=tests/}" "$@"
}
