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
# An Ed25519 key in PKCS #8: sixteen bytes that say so, then 32 random ones.
seal_key() {
    echo "-----BEGIN PRIVATE KEY-----"
    { printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040'; head -c 32 /dev/urandom; } | base64
    echo "-----END PRIVATE KEY-----"
}
mkdir -p seal
chmod 755 seal
[ -n "$(ls seal)" ] || seal_key > seal/1.pem
# `make-secrets.sh FOLDER another-seal-key` puts one more there, for `manage.py audit rotate-key`.
[ "${2:-}" != another-seal-key ] || seal_key > "seal/$(($(ls seal | wc -l) + 1)).pem"
chmod 444 seal/*.pem
# The folder is closed to everybody but its owner; the files in it can be open.
chmod 700 .
echo "Secrets are in $(pwd). Keep a copy of credential_keys, secret_key and seal/ apart from the database backups."
