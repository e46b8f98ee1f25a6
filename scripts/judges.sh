#!/bin/sh
# The outside judges: bandit over the code, `check --deploy`, and tools that attack the started product.
# Everything must pass. docs/security-testing.md says what each looks for.
set -e
cd "$(dirname "$0")/.."
SMMP_VENV=.venv-judges "${PYTHON:-python3}" scripts/setup.py requirements-judges.lock
echo "bandit ..."
.venv-judges/bin/bandit -q -ll -c pyproject.toml -r core audit platforms staff notices media exercise accounts retention publishing moderation escalation insights smmp
echo "check --deploy ..."
sh scripts/check_deploy.sh
exec .venv-judges/bin/python scripts/judges.py "$@"
