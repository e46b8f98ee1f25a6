"""The Celery application: workers do what the scheduler found due. A message only says "wake up"."""

from __future__ import annotations

import os

from celery import Celery, Task
from celery.signals import task_prerun, worker_init
from django.db import close_old_connections

from core import context

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.production")


class SmmpTask(Task):
    """Gives each run an id of its own, so that its log lines and audit entries belong together."""

    abstract = True

    def __call__(self, *args, **kwargs):
        with context.request():
            return super().__call__(*args, **kwargs)


app = Celery("smmp", task_cls=SmmpTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def keep_connections(**_: object) -> None:
    """A thread keeps its connection from task to task, as a page does: until it is broken or CONN_MAX_AGE old.

    Celery would connect anew for each: CELERY_DB_REUSE_MAX keeps it from that.
    """
    close_old_connections()


GIVES_WAY = 10
"""How much a worker gives way to whoever waits for a page on the same machine (nice, 0 to 19)."""


@worker_init.connect
def give_way(**_: object) -> None:
    """Reading and sorting what comes in a surge takes all the time there is; nobody at the desk waits for it."""
    os.nice(GIVES_WAY)
