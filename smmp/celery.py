"""The Celery application: workers do what the scheduler found due. A message only says "wake up"."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.production")

app = Celery("smmp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
