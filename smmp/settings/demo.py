"""The demonstration force on one machine: `make run`. Never a real installation.

The supervisor (`manage.py up`) makes the secrets and the embedded database under `var/` and
passes their addresses in the environment.
"""

from smmp import env
from smmp.settings.base import *  # noqa: F403
from smmp.settings.base import VAR_DIR

DEMO = True
PUBLIC_CONTACT = env.text("SMMP_PUBLIC_CONTACT", "digital.desk@wealdshire.example")
PASSKEY_FOR_ADMINISTRATORS = env.switch("SMMP_PASSKEY_FOR_ADMINISTRATORS", False)
"""The cast signs in by one click and holds no key."""
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
TEXTS_FOLDER = VAR_DIR / "texts"
CONTROL_ROOM_SECRET = "demonstration-demonstration-demonstration"
CONTROL_ROOM_PHONE = env.text("SMMP_CONTROL_ROOM_PHONE", "01632 960110")
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SEAL_FOLDER = env.text("SMMP_SEAL_FOLDER", VAR_DIR / "seal" / "checkpoints")
