"""`manage.py checks-page`: write docs/checks.md anew, or with --check say whether it is up to date."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.commands import CommandRefused
from publishing.checks import page

PAGE = Path(settings.BASE_DIR) / "docs" / "checks.md"


class Command(BaseCommand):
    help = "Write what posts are read for as a page for people; exit status 1 where --check finds it out of date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing; compare")

    def handle(self, *, check, **options):
        written = page.as_markdown()
        if not check:
            try:
                PAGE.write_text(written, encoding="utf-8")
            except OSError as error:
                raise CommandRefused(f"{PAGE} could not be written: {error.strerror}.") from None
            self.stdout.write(f"Wrote {PAGE.relative_to(settings.BASE_DIR)}.")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != written:
            raise CommandError("docs/checks.md is out of date. Run manage.py checks-page.")
