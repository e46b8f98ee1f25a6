"""`manage.py healthy web|worker|scheduler`: what a container's health check asks."""

import urllib.error
import urllib.request

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError

from core.commands import CommandRefused
from smmp import env, health, pulse

TIMEOUT_S = 5


class Command(BaseCommand):
    help = "Answer 0 where the part is alive, 2 with a sentence where it is not."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("part", choices=["web", *health.OLDEST_BEAT_S])

    def handle(self, *args, part, **options):
        if part == "web":
            self._ask_web(env.whole_number("PORT", 8000, least=1, most=65535))
        else:
            self._look_for_beat(part, health.OLDEST_BEAT_S[part])

    def _ask_web(self, port: int) -> None:
        # By the name that it is reached by: any other Host is refused.
        host = next((name for name in settings.ALLOWED_HOSTS if not name.startswith((".", "*"))), "localhost")
        request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310  # nosec B310: the address is ours
                return
        except (urllib.error.URLError, OSError) as fault:
            raise CommandRefused(f"The web server does not answer ({type(fault).__name__}).") from None

    def _look_for_beat(self, part: str, oldest_s: float) -> None:
        try:
            ages = pulse.ages_s()
        except DatabaseError:
            raise CommandRefused("The database cannot be reached.") from None
        # A second scheduler stands by until the first one goes.
        age_s = min((ages[name] for name in (part, f"{part} standing by") if name in ages), default=None)
        if age_s is None or age_s > oldest_s:
            raise CommandRefused(f"The {part} has given no sign of life within {oldest_s:.0f} s.")
