#!/bin/sh
# Everything: checks first, then all tests on two processes, on an embedded database of their own.
set -e
cd "$(dirname "$0")/.."
sh scripts/check.sh
exec .venv/bin/python -m pytest -n 2 --dist loadgroup "$@"
