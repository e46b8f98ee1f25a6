"""`manage.py scheduler`: the small process that wakes what is due, each second."""

import signal
import threading

from django.core.management.base import BaseCommand

from smmp.scheduler import Scheduler


class Command(BaseCommand):
    help = "Wake what is due, each second. A second one stands by. Stops on SIGTERM."

    def handle(self, *args, **options):
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        Scheduler().run(stop=ending.is_set)
