"""The door for web servers."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.production")
application = get_wsgi_application()
# What is loaded by now stays; looking through it again and again for garbage made every fiftieth page wait.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
