"""`manage.py checks-page`: write docs/checks.md anew, or with --check say whether it is up to date."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from core.commands import keep_page
from publishing.checks import page

PAGE = Path(settings.BASE_DIR) / "docs" / "checks.md"


class Command(BaseCommand):
    help = "Write what posts are read for as a page for people; exit status 1 where --check finds it out of date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing; compare")

    def handle(self, *, check, **options):
        keep_page(PAGE, page.as_markdown(), check=check, command="checks-page")
        if not check:
            self.stdout.write(f"Wrote {PAGE.relative_to(settings.BASE_DIR)}.")
