"""A real force's installation. Refuses to start with demo switches, default secrets or an embedded database."""

from urllib.parse import urlsplit

from smmp import env
from smmp.settings.base import *  # noqa: F403
from smmp.settings.base import (
    CONTROL_ROOM_SECRET,
    CONTROL_ROOM_WEBHOOK,
    CREDENTIAL_KEYS,
    DATABASES,
    DEVICE_CLASSES,
    OIDC_ISSUER,
    PASSKEY_FOR_ADMINISTRATORS,
    REDIS_URL,
    SECRET_KEY,
    STORAGES,
    TRUSTED_PROXIES,
)

if env.switch("SMMP_DEMO", False):
    raise env.WrongEnvironment("SMMP_DEMO is on: the demonstration pages never run in production.")
if SECRET_KEY == "set-me" or len(SECRET_KEY) < 50:
    raise env.WrongEnvironment("SMMP_SECRET_KEY is missing, the default, or shorter than 50 characters.")
if not CREDENTIAL_KEYS:
    raise env.WrongEnvironment("SMMP_CREDENTIAL_KEYS is empty: platform tokens could not be sealed.")
if not PASSKEY_FOR_ADMINISTRATORS:
    raise env.WrongEnvironment(
        "SMMP_PASSKEY_FOR_ADMINISTRATORS is off: in production an administrator needs a passkey."
    )
if not REDIS_URL:
    raise env.WrongEnvironment("REDIS_URL is not set.")
if env.text("SMMP_EMBEDDED", "") and not env.switch("SMMP_ALLOW_EMBEDDED_DATABASE", False):
    raise env.WrongEnvironment(
        "The embedded database is for demonstration. Set DATABASE_URL and DATABASE_OWNER_URL, "
        "or SMMP_ALLOW_EMBEDDED_DATABASE=on if you have decided to run on it."
    )

if not env.is_set("SMMP_DEVICE_CLASSES"):
    raise env.WrongEnvironment(
        "SMMP_DEVICE_CLASSES is not set: say on where the proxy verifies client certificates of force "
        "devices, or off to treat every device as a force device."
    )
if DEVICE_CLASSES and not TRUSTED_PROXIES:
    raise env.WrongEnvironment(
        "SMMP_DEVICE_CLASSES is on, but SMMP_TRUSTED_PROXIES names no proxy whose word on certificates counts."
    )
if CONTROL_ROOM_WEBHOOK and len(CONTROL_ROOM_SECRET) < 32:
    raise env.WrongEnvironment(
        "SMMP_CONTROL_ROOM_WEBHOOK is set, so SMMP_CONTROL_ROOM_SECRET needs at least 32 characters."
    )
if OIDC_ISSUER and not OIDC_ISSUER.startswith("https://"):
    raise env.WrongEnvironment("SMMP_OIDC_ISSUER must begin with https://.")

env.text("SMMP_SEAL_SIGNERS")
env.text("SMMP_HOSTS")
env.text("SMMP_ADDRESS")
SEAL_NAME = env.text("SMMP_SEAL_NAME", f"{urlsplit(env.text('SMMP_ADDRESS')).hostname}/audit")
DATABASES["default"]["CONN_MAX_AGE"] = 300
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
PARKED_COOKIE_NAME = "__Host-parked"
DEVICE_COOKIE_NAME = "__Host-known_device"
SECURE_SSL_REDIRECT = env.switch("SMMP_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = env.switch("SMMP_HSTS_PRELOAD", True)
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
