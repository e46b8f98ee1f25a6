#!/bin/sh
# Everything: checks first, then all tests on two processes, on an embedded database of their own.
# While taste is checked, the other core migrates the tests' database and compiles what they import; types are
# checked beside the first tests, say at once what is wrong, and fail the whole at its end.
set -e
cd "$(dirname "$0")/.."
.venv/bin/python -m pytest --collect-only -qq >/dev/null 2>&1 &
ahead=$!
sh scripts/check.sh taste || { kill $ahead; wait $ahead; exit 1; }
wait $ahead || true
sh scripts/check.sh types &
types=$!
failed=0
.venv/bin/python -m pytest -n 2 --dist loadgroup "$@" || failed=$?
wait $types || { echo "types do not fit: see above, or run make check"; exit 1; }
exit $failed
