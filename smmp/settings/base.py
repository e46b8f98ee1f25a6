"""What every installation shares. Values that differ by installation come from `smmp.env`."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from smmp import env

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.text("SMMP_VAR", BASE_DIR / "var"))

FORCE_NAME = env.text("SMMP_FORCE_NAME", "Wealdshire Police")
PUBLIC_CONTACT = env.text("SMMP_PUBLIC_CONTACT", "")
"""Where the public asks about the force's algorithmic tools: an e-mail address, shown on the public record."""
SECURITY_CONTACT = env.text("SMMP_SECURITY_CONTACT", "")
"""Where somebody reports a weakness of the platform: an e-mail address or https:// address, in security.txt."""
POLICE_DATA_HOSTS = env.names("SMMP_POLICE_DATA_HOSTS") or ["data.police.uk"]
"""Hosts from which areas may be imported by address: nothing else is asked."""
PUBLIC_KEPT_FOR_S = 15
"""How long a public page is given again from memory; with PUBLIC_MAX_AGE_S, a change shows within 45 seconds."""
PUBLIC_MAX_AGE_S = 30
PUBLIC_ASKS_A_MINUTE = 240
"""Public pages that one source may ask for a minute beyond what is in memory, per web process."""
THRIVE_PLUS = env.switch("SMMP_THRIVE_PLUS", False)
"""Whether assessments ask for prevention and intervention as well (THRIVE+)."""
NATION = env.text("SMMP_NATION", "england_wales", choices=("england_wales", "scotland", "northern_ireland"))
"""Whose bank holidays service levels know (core.working)."""
WORKING_HOURS = env.hours("SMMP_WORKING_HOURS", "08:00-18:00")
"""London time, Monday to Friday: when the clocks of service levels run. Clocks of risk always run."""
DEMO = False
"""True only under `smmp.settings.demo` and `.test`: pages that sign in with one click exist only then."""

SECRET_KEY = env.text("SMMP_SECRET_KEY", "set-me")
SECRET_KEY_FALLBACKS = env.names("SMMP_SECRET_KEY_FALLBACKS")
DEBUG = False
ALLOWED_HOSTS = env.names("SMMP_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("SMMP_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    # The rooms, from the ground up (docs/decisions/0002-rooms.md).
    "core",
    "audit",
    "platforms",
    "staff",
    "notices",
    "media",
    "exercise",
    "accounts",
    "retention",
    "publishing",
    "moderation",
    "escalation",
    "insights",
    "smmp",
]

MIDDLEWARE = [
    "core.middleware.TrustedProxy",
    "core.middleware.RequestId",
    "core.crowd.Crowd",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "staff.middleware.RefusalsInTrail",
    "staff.middleware.SignedInTwice",
    "core.middleware.Refusals",
]

# The API for programs (accounts.operations): keys alone, JSON alone.
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Social media management platform",
    "DESCRIPTION": "For programs of the force. Every answer holds what the key's own live grants reach.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_REQUEST": True,
    # Several components have a field “kind”: each set of choices has its own name, the same in every release.
    "ENUM_NAME_OVERRIDES": {"LockdownKind": ["pause", "compromise"]},
}

ROOT_URLCONF = "smmp.urls"
WSGI_APPLICATION = "smmp.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "smmp.frame.frame",
            ],
            "builtins": ["core.templatetags.show"],
        },
    }
]

# Database. The application role reads and writes; the owner role migrates (docs/decisions/0003-database-roles.md).
DATABASE_ROLE = env.text("SMMP_DATABASE_ROLE", "app", choices=("app", "owner"))
DATABASES = {
    "default": {
        **env.database("DATABASE_OWNER_URL" if DATABASE_ROLE == "owner" else "DATABASE_URL"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "staff.StaffMember"
AUTHENTICATION_BACKENDS = ["accounts.backend.GrantBackend"]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "staff:sign_in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "staff.passwords.NoListedWords"},
    {"NAME": "staff.passwords.NotLeaked"},
]
GUESSABLE_WORDS = env.names("SMMP_GUESSABLE_WORDS")
"""Further words that no password is mostly made of: places, nicknames of stations (staff.passwords)."""
LEAKED_PASSWORDS = env.file_of_sha1("SMMP_LEAKED_PASSWORDS")
"""The force's own copy of a list of leaked passwords; empty for none."""
OTP_TOTP_ISSUER = FORCE_NAME
DEVICE_CLASSES = env.switch("SMMP_DEVICE_CLASSES", False)
"""Whether devices are told apart by client certificate and network (staff.devices)."""
FORCE_NETWORKS = env.networks("SMMP_FORCE_NETWORKS")
"""Networks (CIDR) of the force. With none named, no network counts as outside. Many wrong passwords from there
slow a name down and never lock it."""
FORCE_MAIL_DOMAINS = [name.lower().lstrip("@") for name in env.names("SMMP_MAIL_DOMAINS")]
"""Domains of the force's own e-mail. With none named, no address counts as personal."""
OTP_WEBAUTHN_RP_ID_CALLABLE = "staff.passkeys.domain"
OTP_WEBAUTHN_RP_NAME = FORCE_NAME
OTP_WEBAUTHN_HELPER_CLASS = "staff.passkeys.Helper"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
OTP_WEBAUTHN_SUPPORTED_COSE_ALGORITHMS = [-7, -257]
PASSKEY_FOR_ADMINISTRATORS = env.switch("SMMP_PASSKEY_FOR_ADMINISTRATORS", True)
"""Whoever may add staff or give grants holds a passkey before they administer. Production refuses False."""
SESSION_COOKIE_AGE = int(timedelta(hours=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
DEVICE_COOKIE_NAME = "known_device"
"""A random mark by which a force device is known again; it opens nothing."""
PARKED_COOKIE_NAME = "parked"
"""The locked sessions of those who share a desk, signed (staff.switching)."""
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "smmp.pages.csrf_failure"

# Single sign-on (docs/operations.md). Off while no issuer is named.
OIDC_ISSUER = env.text("SMMP_OIDC_ISSUER", "")
OIDC_NAME = env.text("SMMP_OIDC_NAME", "The force’s sign-on")
OIDC_CLIENT_ID = env.text("SMMP_OIDC_CLIENT_ID") if OIDC_ISSUER else ""
OIDC_CLIENT_SECRET = env.text("SMMP_OIDC_CLIENT_SECRET") if OIDC_ISSUER else ""
OIDC_SCOPES = env.names("SMMP_OIDC_SCOPES", "openid,email,profile")
OIDC_SUBJECT_CLAIM = env.text("SMMP_OIDC_SUBJECT_CLAIM", "sub", choices=("sub", "oid"))
OIDC_EMAILS = env.text("SMMP_OIDC_EMAILS", "verified", choices=("verified", "trusted"))
"""Whose address binds a first sign-on: one that the token calls verified, or any that this provider says."""
OIDC_GROUPS_CLAIM = env.text("SMMP_OIDC_GROUPS_CLAIM", "")
OIDC_MFA_AMR = env.names("SMMP_OIDC_MFA_AMR", "mfa")
OIDC_MFA_ACR = env.names("SMMP_OIDC_MFA_ACR")
OIDC_CREATE = env.switch("SMMP_OIDC_CREATE", False)
OIDC_PASSWORDS = env.text("SMMP_OIDC_PASSWORDS", choices=("everyone", "named")) if OIDC_ISSUER else "everyone"
OIDC_PASSWORD_PEOPLE = [email.lower() for email in env.names("SMMP_OIDC_PASSWORD_PEOPLE")]
"""Who may sign in with a password beside single sign-on, for the day the provider is down."""
if OIDC_ISSUER and "openid" not in OIDC_SCOPES:
    raise env.WrongEnvironment("SMMP_OIDC_SCOPES must contain openid.")
if OIDC_ISSUER and OIDC_PASSWORDS == "named" and not OIDC_PASSWORD_PEOPLE:
    raise env.WrongEnvironment(
        "SMMP_OIDC_PASSWORD_PEOPLE names nobody: while the provider is down nobody could sign in."
    )

# Words and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("cy", _("Welsh"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# Static files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("SMMP_STATIC", BASE_DIR / "staticfiles"))
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_STORE = Path(env.text("SMMP_MEDIA", VAR_DIR / "media"))
"""Folder of the content-addressed file store (media.storage); never served by address."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# Browser policy: no inline script, no inline style, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = env.networks("SMMP_TRUSTED_PROXIES")
"""Networks (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed. Nobody's by default."""

# Work in the background. Postgres is the truth; a message only says "wake up".
REDIS_URL = env.broker("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "smmp"
CELERY_DB_REUSE_MAX = 2**62  # never by Celery: smmp.celery.keep_connections does
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "visibility_timeout": 120,
}

# E-mail
DEFAULT_FROM_EMAIL = env.text("SMMP_MAIL_FROM", "smmp@wealdshire.example")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("SMMP_SMTP_HOST", "localhost")
EMAIL_PORT = env.whole_number("SMMP_SMTP_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("SMMP_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("SMMP_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.switch("SMMP_SMTP_TLS", False)
EMAIL_TIMEOUT = 10

REPORTS_ATTACHED = env.switch("SMMP_REPORTS_ATTACHED", True)
"""Whether a report's PDF goes along with its e-mail (insights). Off: a link alone, for everybody."""

# Texts and e-mail through GOV.UK Notify, and the force's own Teams or Slack channel (notices.ways)
NOTIFY_KEY = env.text("SMMP_NOTIFY_KEY", "")
"""The API key of the force's GOV.UK Notify service. Empty: no texts leave; e-mail goes by SMTP."""
NOTIFY_ADDRESS = env.address("SMMP_NOTIFY_ADDRESS", schemes=("https", "http")) or (
    "https://api.notifications.service.gov.uk"
)
NOTIFY_SMS_TEMPLATE = env.text("SMMP_NOTIFY_SMS_TEMPLATE", "")
"""Id of the template of texts; its one personalisation field is ((message))."""
NOTIFY_EMAIL_TEMPLATE = env.text("SMMP_NOTIFY_EMAIL_TEMPLATE", "")
"""Id of the template of e-mails, with ((subject)) and ((message)). Empty: e-mail goes by SMTP."""
NOTIFY_CALLBACK_TOKEN = env.text("SMMP_NOTIFY_CALLBACK_TOKEN", "")
"""Bearer token with which GOV.UK Notify hands over texts that were sent back. Empty: the address is not there."""
TEAMS_WEBHOOK = env.https_address("SMMP_TEAMS_WEBHOOK")
SLACK_WEBHOOK = env.https_address("SMMP_SLACK_WEBHOOK")
HOOKS_INSIDE = tuple(env.text("SMMP_HOOKS_INSIDE", "").split())
"""Addresses of the force's own network, blanks between them, that webhooks of the register may go to (accounts.hooks)."""
CONTROL_ROOM_WEBHOOK = env.https_address("SMMP_CONTROL_ROOM_WEBHOOK")
"""Where calls for service are posted, signed (notices.ways). Empty: by e-mail, else read out by telephone."""
CONTROL_ROOM_SECRET = env.text("SMMP_CONTROL_ROOM_SECRET", "")
"""The shared secret of that signature, at least 32 characters."""
CONTROL_ROOM_EMAIL = env.text("SMMP_CONTROL_ROOM_EMAIL", "")
CONTROL_ROOM_PHONE = env.text("SMMP_CONTROL_ROOM_PHONE", "")
"""Read to whoever has to ring it."""
TEXTS_FOLDER: Path | None = None
"""Where texts and channel messages are put as files in place of being sent: the demonstration and the tests."""

# Watching the platform itself
METRICS_TOKEN = env.text("SMMP_METRICS_TOKEN", "")
"""Bearer token of /metrics. Empty means that the address does not exist."""

# The audit trail on its way to the force's security monitoring (audit.stream). Off without an address.
SIEM_SYSLOG = env.host_and_port("SMMP_SIEM_SYSLOG")
SIEM_HTTPS = env.https_address("SMMP_SIEM_HTTPS")
SIEM_HTTPS_TOKEN = env.text("SMMP_SIEM_HTTPS_TOKEN", "")
SIEM_CA = env.readable_file("SMMP_SIEM_CA")
"""File of the certificate authorities that vouch for both; empty for the machine's own."""
SIEM_HOSTNAME = env.text("SMMP_SIEM_HOSTNAME", (ALLOWED_HOSTS or ["smmp"])[0])
"""How this platform calls itself in syslog messages."""

# The seal of the audit trail (docs/decisions/0016-seals.md)
SEAL_KEYS = Path(env.text("SMMP_SEAL_SIGNERS", VAR_DIR / "seal" / "keys"))
"""Folder of the private keys that sign checkpoints. Only the scheduler reads it."""
SEAL_NAME = env.text("SMMP_SEAL_NAME", "wealdshire.example/audit")
"""What the trail is called in its checkpoints; fixed by the first key."""
SEAL_FOLDER = env.text("SMMP_SEAL_FOLDER", "")
"""A folder outside the database that checkpoints are added to; empty for none."""
SEAL_SYSLOG = env.address("SMMP_SEAL_SYSLOG", schemes=("tls", "tcp", "udp"))
SEAL_SYSLOG_CA = env.text("SMMP_SEAL_SYSLOG_CA", "")
SEAL_HTTPS = env.address("SMMP_SEAL_HTTPS", schemes=("https", "http"))
SEAL_HTTPS_TOKEN = env.text("SMMP_SEAL_HTTPS_TOKEN", "")

# Platforms (docs/decisions/0006-connectors.md). The base address can point at a local server.
PUBLIC_ADDRESS = env.web_address("SMMP_ADDRESS", "http://127.0.0.1:8000")
EXERCISE_ADDRESS = env.web_address("SMMP_EXERCISE_ADDRESS", PUBLIC_ADDRESS)
BLUESKY_ADDRESS = env.web_address("SMMP_BLUESKY_ADDRESS", "https://bsky.social")
X_ADDRESS = env.web_address("SMMP_X_ADDRESS", "https://api.x.com")
FACEBOOK_ADDRESS = env.web_address("SMMP_FACEBOOK_ADDRESS", "https://graph.facebook.com")
INSTAGRAM_ADDRESS = env.web_address("SMMP_INSTAGRAM_ADDRESS", "https://graph.facebook.com")
YOUTUBE_ADDRESS = env.web_address("SMMP_YOUTUBE_ADDRESS", "https://youtube.googleapis.com")
YOUTUBE_HUB_ADDRESS = env.web_address("SMMP_YOUTUBE_HUB_ADDRESS", "https://pubsubhubbub.appspot.com")
RETENTION_BULK_LIMIT = env.whole_number("SMMP_RETENTION_BULK_LIMIT", 5_000, least=0, most=10_000_000)
"""A disposal of more records than this waits for two people."""
OUTBOX_UNDO_S = env.whole_number("SMMP_OUTBOX_UNDO_S", 5, least=0, most=60)
OUTBOX_APART_S = env.seconds_by_name("SMMP_OUTBOX_APART_S")
OUTBOX_PACED = env.switch("SMMP_OUTBOX_PACED", True)
READ_BACK_DELAYS_S = env.seconds_by_name("SMMP_READ_BACK_DELAYS_S")
MASTODON_ADDRESS = env.address("SMMP_MASTODON_ADDRESS", schemes=("https", "http"))
"""Empty: the server that the handle of each official account names (@force@mastodon.example)."""
PLATFORM_APPS = {
    "x": {
        "client_id": env.text("SMMP_X_CLIENT_ID", ""),
        "client_secret": env.text("SMMP_X_CLIENT_SECRET", ""),
        "bearer": env.text("SMMP_X_APP_BEARER", ""),
    },
    "facebook": {
        "client_id": env.text("SMMP_FACEBOOK_CLIENT_ID", ""),
        "client_secret": env.text("SMMP_FACEBOOK_CLIENT_SECRET", ""),
    },
    "instagram": {
        "client_id": env.text("SMMP_INSTAGRAM_CLIENT_ID", ""),
        "client_secret": env.text("SMMP_INSTAGRAM_CLIENT_SECRET", ""),
    },
    "youtube": {
        "client_id": env.text("SMMP_YOUTUBE_CLIENT_ID", ""),
        "client_secret": env.text("SMMP_YOUTUBE_CLIENT_SECRET", ""),
    },
    "mastodon": {
        "client_id": env.text("SMMP_MASTODON_CLIENT_ID", ""),
        "client_secret": env.text("SMMP_MASTODON_CLIENT_SECRET", ""),
    },
}
"""The force's own registration with each platform, which its official accounts are connected through."""
CREDENTIAL_KEYS = env.sealing_keys("SMMP_CREDENTIAL_KEYS")
"""Fernet keys that seal platform credentials, newest first."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "filters": {"faults_only": {"()": "core.logs.FaultsOnly"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "ERROR"},
        "django.request": {"filters": ["faults_only"]},
        "django.security": {"level": "INFO"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "otp_webauthn.E030",  # origins come from PUBLIC_ADDRESS, in staff.passkeys.Helper
    "auth.W004",  # e-mail is unique whatever its case, by a constraint on lower(email)
    "guardian.W001",  # answers come from accounts.backend alone; guardian knows no time
]
