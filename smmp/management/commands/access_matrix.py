"""`manage.py access-matrix`: write docs/access-matrix.md anew, or with --check say whether it is up to date."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from core.commands import CommandRefused, keep_page
from smmp import access

PAGE = Path(settings.BASE_DIR) / "docs" / "access-matrix.md"


class Command(BaseCommand):
    help = "Write who may open what as a page for people; exit status 1 where --check finds it out of date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing; compare")

    def handle(self, *, check, **options):
        if lines := access.missing():
            raise CommandRefused(
                "These addresses have no line in smmp/access.py. Add one each:\n    " + "\n    ".join(lines)
            )
        if names := access.stale():
            raise CommandRefused(
                "smmp/access.py has lines for addresses that there are no more: " + ", ".join(names)
            )
        keep_page(PAGE, access.as_page(), check=check, command="access-matrix")
        if not check:
            self.stdout.write(f"Wrote {PAGE.relative_to(settings.BASE_DIR)}.")
