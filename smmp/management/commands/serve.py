"""`manage.py serve web|worker|scheduler`: become one of the platform's long-running parts."""

import os

from django.core.management.base import BaseCommand

from core.commands import CommandRefused
from smmp import env
from smmp.local import children


class Command(BaseCommand):
    help = "Replace this process with the web server, a worker or the scheduler (what containers run)."

    def add_arguments(self, parser):
        parser.add_argument("part", choices=["web", "worker", "scheduler"])

    def handle(self, *args, part, **options):
        if part == "web":
            try:
                port = env.whole_number("PORT", 8000, least=1, most=65535)
                workers = env.whole_number("SMMP_WEB_WORKERS", 2, least=1, most=64)
            except env.WrongEnvironment as wrong:
                raise CommandRefused(str(wrong)) from None
            command = children.web_command(host=env.text("SMMP_BIND", "0.0.0.0"), port=port, workers=workers)  # noqa: S104  # nosec B104
        elif part == "worker":
            command = children.worker_command()
        else:
            command = children.scheduler_command()
        os.execvp(command[0], command)
