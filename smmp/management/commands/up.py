"""`manage.py up`: the whole platform on this machine, in this terminal."""

from django.core.management.base import BaseCommand

from smmp.local import supervisor


class Command(BaseCommand):
    help = "Start database, broker, web, worker and scheduler, and stop them together. PORT changes the port."
    requires_system_checks = []

    def handle(self, *args, **options):
        host, port = supervisor.main_port()
        raise SystemExit(supervisor.up(host=host, port=port))
