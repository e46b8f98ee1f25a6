#!/bin/sh
# Gather and compress static files as production serves them. Production settings insist on secrets
# and addresses; these are thrown away with this process.
# collect-static.sh PYTHON [manage.py options]
set -eu
python=$1
shift
secret=$("$python" -c "import secrets; print(secrets.token_urlsafe(64))")
key=$("$python" -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())")
exec env DJANGO_SETTINGS_MODULE=smmp.settings.production \
    SMMP_SECRET_KEY="$secret" SMMP_CREDENTIAL_KEYS="$key" SMMP_SEAL_SIGNERS=/none \
    SMMP_HOSTS=build.invalid SMMP_ADDRESS=https://build.invalid \
    SMMP_DEVICE_CLASSES=off \
    DATABASE_URL=postgresql:///none DATABASE_OWNER_URL=postgresql:///none REDIS_URL=redis://build.invalid \
    "$python" manage.py collectstatic --no-input --verbosity 0 "$@"
