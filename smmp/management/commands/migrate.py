"""`manage.py migrate`: Django's, then the rights of each database role."""

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from smmp.database import apply_grants
from smmp.migrating import MigrationExecutor

migrate.MigrationExecutor = MigrationExecutor  # type: ignore[attr-defined]


class Command(migrate.Command):
    help = "Bring the database up to date, then give each database role its rights."

    def handle(self, *args, **options):
        super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied") or options.get("app_label"):
            return
        try:
            apply_grants()
        except LookupError as missing:
            raise CommandError(str(missing), returncode=2) from None
