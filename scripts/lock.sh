#!/bin/sh
# Resolve the lock files anew: hashes, every platform, no download addresses. Needs uv.
set -e
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)."; exit 2; }
options="--quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url"
uv pip compile $options requirements.in -o requirements.lock
uv pip compile $options -c requirements.lock requirements-dev.in -o requirements-dev.lock
uv pip compile $options -c requirements-dev.lock requirements-judges.in -o requirements-judges.lock
