#!/bin/sh
# `check --deploy` under production settings, with throw-away values where secrets would stand.
set -e
cd "$(dirname "$0")/.."
secret=$(.venv/bin/python -c "import secrets; print(secrets.token_urlsafe(64))")
key=$(.venv/bin/python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())")
env DJANGO_SETTINGS_MODULE=smmp.settings.production SMMP_SECRET_KEY="$secret" SMMP_CREDENTIAL_KEYS="$key" SMMP_SEAL_SIGNERS=/none \
    SMMP_HOSTS=smmp.wealdshire.example SMMP_ADDRESS=https://smmp.wealdshire.example \
    SMMP_DEVICE_CLASSES=off \
    DATABASE_URL=postgresql:///none DATABASE_OWNER_URL=postgresql:///none REDIS_URL=redis://localhost \
    .venv/bin/python manage.py check --deploy --fail-level WARNING >/dev/null
