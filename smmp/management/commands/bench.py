"""`manage.py bench NAME`: measure, print beside the target, exit 1 on a miss."""

import argparse
import inspect
import json
import sys

from django.core.management.base import BaseCommand, CommandError

from smmp.bench import BENCHES


def at_least_one(words: str) -> int:
    """A number of things, one or more."""
    if not words.isascii() or not words.isdigit() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"“{words}” is no whole number from 1 up")
    return int(words)


def some(words: str) -> list[int]:
    """Numbers with commas between them, each one or more."""
    return [at_least_one(word.strip()) for word in words.split(",")]


class Command(BaseCommand):
    help = "Measure one part of the platform against its target; exit status 1 where it is missed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("name", choices=sorted(BENCHES), help="what to measure")
        parser.add_argument(
            "--comments",
            type=at_least_one,
            help="ingest: how many come (100,000); triage: how many are judged (20,000); "
            "claims: how many wait (20,000); surge: among how many (100,000); export: among how many (1,000,000); "
            "insights: among how many (5,000,000)",
        )
        parser.add_argument(
            "--stored", type=at_least_one, help="ingest: how many are there before (1,000,000)"
        )
        parser.add_argument("--entries", type=at_least_one, help="trail-search: among how many (1,000,000)")
        parser.add_argument(
            "--scale",
            type=at_least_one,
            help="ladder, surge-ingest: divide all times and numbers by this (1)",
        )
        parser.add_argument(
            "--rows",
            type=some,
            help="queue: among how many (10000,1000000,5000000); disposal: how many go (1000000)",
        )
        parser.add_argument(
            "--open",
            type=some,
            help="queue: of which so many are open (2000,100000), the last among the most",
        )
        parser.add_argument("--posts", type=at_least_one, help="calendar: among how many (10,000)")
        parser.add_argument("--workers", type=at_least_one, help="claims: by how many at once (16)")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *, name, **options):
        sizes = {
            key: options[key]
            for key in ("comments", "stored", "entries", "scale", "rows", "open", "workers", "posts")
            if options[key] is not None
        }
        if unknown := sizes.keys() - inspect.signature(BENCHES[name]).parameters.keys():
            raise CommandError(f"bench {name} takes no --{min(unknown)}.", returncode=2)
        figures = BENCHES[name](**sizes)
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    [
                        {
                            "what": figure.what,
                            "value": figure.value,
                            "unit": figure.unit,
                            "target": figure.target,
                            "met": figure.met,
                        }
                        for figure in figures
                    ],
                    indent=2,
                )
            )
        else:
            for figure in figures:
                bound = "at least" if figure.at_least else "at most"
                self.stdout.write(
                    f"{figure.what}: {figure.value:g} {figure.unit} "
                    f"(target: {bound} {figure.target:g}; {'met' if figure.met else 'MISSED'})"
                )
        if not all(figure.met for figure in figures):
            sys.exit(1)
