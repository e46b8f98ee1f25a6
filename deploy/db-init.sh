#!/bin/sh
# The three database roles and the empty database (smmp/database.py says what each role may do).
# The Postgres image runs this once, as its superuser, when the data volume is new. On a server of
# your own: SMMP_SECRETS=/path/to/secrets POSTGRES_USER=postgres sh deploy/db-init.sh
set -eu
export SMMP_SECRETS="${SMMP_SECRETS:-/run/secrets}"
# Passwords go from the files into psql's memory, never onto a command line that others could list.
psql -X -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner_secret `cat "$SMMP_SECRETS/db_owner_password"`
\set app_secret `cat "$SMMP_SECRETS/db_app_password"`
SET log_statement = 'none';
SET password_encryption = 'scram-sha-256';
CREATE ROLE smmp_owner LOGIN PASSWORD :'owner_secret';
CREATE ROLE smmp_app LOGIN PASSWORD :'app_secret';
CREATE ROLE smmp_disposer NOLOGIN;
GRANT smmp_disposer TO smmp_owner;
CREATE DATABASE smmp OWNER smmp_owner;
REVOKE CONNECT ON DATABASE smmp FROM PUBLIC;
GRANT CONNECT ON DATABASE smmp TO smmp_app;
SQL
