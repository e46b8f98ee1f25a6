"""The tests: demo pages on, quick password hashing, letters kept in memory, work done at once."""

from smmp.settings.demo import *  # noqa: F403

SECRET_KEY = "tests-only-tests-only-tests-only-tests-only-tests-only"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CREDENTIAL_KEYS = ["b2ZmaWNpYWwtYWNjb3VudHMtdGVzdC1rZXktMDAwMDE="]
METRICS_TOKEN = "tests-only"
ALLOWED_HOSTS = ["*"]
REDIS_URL = ""
CELERY_BROKER_URL = None
SEAL_FOLDER = ""
OUTBOX_UNDO_S = 0
OUTBOX_PACED = False
PUBLIC_KEPT_FOR_S = 0
PUBLIC_ASKS_A_MINUTE = 0
WHITENOISE_AUTOREFRESH = True
"""Each test client makes the middleware anew; the folders of static files need not be read through for it."""
