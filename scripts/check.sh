#!/bin/sh
# Taste and types. Every line must pass. `check.sh taste` and `check.sh types` do one half each.
set -e
cd "$(dirname "$0")/.."
B=.venv/bin
export DJANGO_SETTINGS_MODULE=smmp.settings.demo
types() {
    env DATABASE_URL=postgresql:///none DATABASE_OWNER_URL=postgresql:///none $B/mypy
}
if [ "$1" = types ]; then types; exit; fi
$B/ruff check -q .
$B/ruff format -q --check .
$B/djade --check $(git ls-files "templates/*.html") >/dev/null 2>&1 || { echo "djade: templates are not formatted; run .venv/bin/djade templates/**/*.html"; exit 1; }
$B/lint-imports --no-cache >/dev/null || $B/lint-imports --no-cache
$B/python -W ignore manage.py makemigrations --check --dry-run >/dev/null
sh scripts/check_deploy.sh
if [ "$1" != taste ]; then types; fi
echo "checks passed"
