"""`manage.py exercise`: list, play and stop scenarios, check a scenario file, open an official profile."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

from core import clock
from core.actors import System
from core.commands import CommandRefused
from core.errors import Refused
from exercise import actions, library, queries, scenarios
from exercise.forms import speed_of

COMMAND = System("the command line")


class Command(BaseCommand):
    help = "Play scenarios on the exercise network: list, play, stop, check a file, open a profile."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", metavar="list|play|stop|check|profile", required=True)
        listing = acts.add_parser("list", help="the scenarios, and which of them plays now")
        play = acts.add_parser("play", help="start a scenario")
        play.add_argument("name")
        play.add_argument("--speed", default="1", help="scenario seconds per second: 1, 10, 60, or max")
        stop = acts.add_parser("stop", help="stop a scenario that plays")
        stop.add_argument("name")
        check = acts.add_parser("check", help="say whether a scenario file can be played")
        check.add_argument("file", type=Path)
        profile = acts.add_parser("profile", help="open an official profile and print its token, once")
        profile.add_argument("handle")
        profile.add_argument("name")
        for sub in (listing, play, stop, check, profile):
            sub.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args, act, **options):
        try:
            answer, sentence = getattr(self, f"_{act}")(options)
        except Refused as refusal:
            raise CommandRefused(refusal.sentence) from None
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else sentence)

    def _list(self, options):
        playing = {run.scenario: run for run in queries.runs(COMMAND) if run.state == "playing"}
        rows = [
            {**_about(scenario), "playing": scenario.name in playing}
            for scenario in library.playable(COMMAND)
        ]
        lines = [
            f"{row['name']:<18} {row['title']}: {row['minutes']} min, {row['comments']} comments"
            + (", playing now" if row["playing"] else "")
            for row in rows
        ]
        return rows, "\n".join(lines)

    def _play(self, options):
        try:
            speed = speed_of(options["speed"])
        except ValidationError as fault:
            raise CommandRefused(str(fault.message)) from None
        run = actions.start_run(actor=COMMAND, scenario=library.named(COMMAND, options["name"]), speed=speed)
        return (
            {"run": run.pk, "scenario": run.scenario, "speed": run.speed},
            f"“{run.title}” plays since {clock.in_london(run.started_at):%H:%M}, {run.speed_words}.",
        )

    def _stop(self, options):
        name = library.named(COMMAND, options["name"]).name
        run = actions.stop_run(actor=COMMAND, run=queries.playing(COMMAND, name))
        return {"run": run.pk, "scenario": run.scenario}, f"“{run.title}” has stopped."

    def _check(self, options):
        found = _about(scenarios.load(options["file"]))
        return found, (
            f"“{found['title']}” can be played: {found['minutes']} minutes, {found['posts']} posts, "
            f"{found['comments']} comments."
        )

    def _profile(self, options):
        profile, token = actions.open_profile(actor=COMMAND, handle=options["handle"], name=options["name"])
        return (
            {"handle": profile.handle, "token": token},
            f"@{profile.handle} is open. Its token, shown this once: {token}",
        )


def _about(scenario: scenarios.Scenario) -> dict[str, object]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "minutes": scenario.minutes,
        "posts": len(scenario.posts),
        "comments": len(scenario.comments),
    }
