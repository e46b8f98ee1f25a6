"""`manage.py scheduler`: the small process that wakes what is due, each second, and seals the audit trail."""

import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand

from audit.seal import keys, sealer
from core.commands import CommandRefused
from smmp.scheduler import Scheduler


class Command(BaseCommand):
    help = (
        "Wake what is due, each second, and seal the audit trail. A second one stands by. Stops on SIGTERM."
    )

    def handle(self, *args, **options):
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        if not settings.DEMO and not keys.read_all(settings.SEAL_KEYS, settings.SEAL_NAME):
            raise CommandRefused(
                f"SMMP_SEAL_SIGNERS ({settings.SEAL_KEYS}) holds no key that could seal the audit trail. "
                "Put one there; `manage.py audit new-key` makes one."
            )
        threads = sealer.start(ending)
        Scheduler().run(stop=ending.is_set)
        for thread in threads:
            thread.join(timeout=1.5)
