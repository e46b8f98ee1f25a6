#!/bin/sh
# Taste and types, before any test runs. Every line must pass.
set -e
cd "$(dirname "$0")/.."
B=.venv/bin
export DJANGO_SETTINGS_MODULE=smmp.settings.demo
$B/ruff check -q .
$B/ruff format -q --check .
$B/djade --check $(git ls-files "templates/*.html") >/dev/null 2>&1 || { echo "djade: templates are not formatted; run .venv/bin/djade templates/**/*.html"; exit 1; }
$B/lint-imports --no-cache >/dev/null || $B/lint-imports --no-cache
env DATABASE_URL=postgresql:///none DATABASE_OWNER_URL=postgresql:///none $B/mypy
$B/python -W ignore manage.py makemigrations --check --dry-run >/dev/null
sh scripts/check_deploy.sh
echo "checks passed"
