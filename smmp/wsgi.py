"""The door for web servers."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.production")
django = get_wsgi_application()

# Only now: what they import has to find Django ready.
from core.crowd import FromMemory  # noqa: E402
from core.middleware import TrustedProxy  # noqa: E402

application = FromMemory(django, scheme_of=TrustedProxy(django).scheme_of)
# What is loaded by now stays; looking through it again and again for garbage made every fiftieth page wait.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
