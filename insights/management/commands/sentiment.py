"""`manage.py sentiment`: how often software tells rightly how words sound, on texts written apart from its examples."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from core import clock
from core.commands import CommandRefused
from insights import sentiment
from moderation.triage.encoder import EncoderMissing


class Command(BaseCommand):
    help = "Measure how words sound on texts written apart from the examples."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="as data")
        parser.add_argument("--write", action="store_true", help="keep the figures for the pages")

    def handle(self, *, json: bool, write: bool, **options):
        texts = Path(settings.BASE_DIR) / "tests" / "insights" / "sentiment.yaml"
        try:
            figures = sentiment.measure(texts, on=clock.today())
        except EncoderMissing as missing:
            raise CommandRefused(f"{missing} Nothing can be measured without it.") from None
        except OSError:
            raise CommandRefused(
                f"There are no texts to measure on at {texts}. They come with the source code."
            ) from None
        if write:
            sentiment.write(figures)
        self.stdout.write(_as_json(figures) if json else _in_words(figures))


def _as_json(figures: dict) -> str:
    return json.dumps(figures, indent=1)


def _in_words(figures: dict) -> str:
    rows = [
        f"{name:<11} {row['found']:>3} of {row['texts']:>3} found; {row['rightly']:>3} of {row['called_so']:>3} called so rightly"
        for name, row in figures["classes"].items()
    ]
    return "\n".join([f"{figures['right']} of {figures['texts']} right ({figures['share']:.0%})", *rows])
