#!/bin/sh
# Make every secret that docker-compose.yml reads, once, in deploy/secrets/ (or the folder named).
# What is there already is never replaced. The certificate and its key you put there yourself:
# tls_certificate (with the chain) and tls_key.
set -eu
umask 077
folder=${1:-"$(dirname "$0")/secrets"}
mkdir -p "$folder"
cd "$folder"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
keep() { # keep NAME VALUE: write a secret unless it is there. Containers read the file as other users.
    [ -s "$1" ] || printf '%s' "$2" > "$1"
    chmod 444 "$1"
}

keep db_super_password "$(random)"
keep db_owner_password "$(random)"
keep db_app_password "$(random)"
keep redis_password "$(random)"
keep secret_key "$(random)$(random)"
keep metrics_token "$(random)"
# Empty until your mail server wants one.
[ -e smtp_password ] || : > smtp_password
chmod 444 smtp_password
# A Fernet key: 32 random bytes in URL-safe base64 with its padding.
keep credential_keys "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"
keep database_url "postgresql://smmp_app:$(cat db_app_password)@db:5432/smmp"
keep database_owner_url "postgresql://smmp_owner:$(cat db_owner_password)@db:5432/smmp"
keep redis_url "redis://:$(cat redis_password)@redis:6379/0"
keep redis_auth "requirepass $(cat redis_password)"
# The folder is closed to everybody but its owner; the files in it can be open.
chmod 700 .
echo "Secrets are in $(pwd). Keep a copy of credential_keys and secret_key apart from the database backups."
