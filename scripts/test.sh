#!/bin/sh
# Everything: checks first, then all tests on two processes, on an embedded database of their own.
# While the checks run, the other core migrates the tests' database and compiles what they import.
set -e
cd "$(dirname "$0")/.."
.venv/bin/python -m pytest --collect-only -qq >/dev/null 2>&1 &
ahead=$!
sh scripts/check.sh || { kill $ahead; wait $ahead; exit 1; }
wait $ahead || true
exec .venv/bin/python -m pytest -n 2 --dist loadgroup "$@"
