"""`manage.py reset`: remove this checkout's local state."""

from django.core.management.base import BaseCommand

from smmp.local import supervisor


class Command(BaseCommand):
    help = "Remove database, files and secrets under var/, after asking."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args, yes, **options):
        raise SystemExit(supervisor.reset(ask=not yes))
