"""`manage.py triage --jsonl`, `triage measure`, `triage explain TEXT`, `triage try-rules`."""

import argparse
import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from core.actors import System
from core.commands import CommandRefused
from core.errors import NotValid
from moderation import teaching, trying_rules
from moderation.actions import triage as actions
from moderation.categories import USUAL_PRIORITY, Category, Priority, parent
from moderation.models import TriageJob, TriageVersion
from moderation.triage import evaluate, exemplars, judge, lines, shipped
from moderation.triage.blend import Triage
from moderation.triage.measure import marked_comments, measure
from moderation.triage.model import train

COMMAND = System("manage.py triage")
TABLE_BEGINS = "<!-- below: manage.py triage evaluate --write -->"


class Command(BaseCommand):
    help = (
        "What triage says of comments. With --jsonl: JSON Lines from standard input (id, text, optional platform, "
        "official_account, private) to JSON Lines on standard output (id, category, priority 1 to 5, risk 0 to 1, "
        "categories, findings, language, version). A line that cannot be read gets an error object on "
        "standard error; then the exit status is 1, and all other lines are answered."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = (
            "Categories, each with its parent and the priority that it usually has:\n"
            + "\n".join(
                f"  {category.value:<28}{parent(category):<12}{USUAL_PRIORITY[category]}  {category.label}"
                for category in Category
            )
        )
        parser.add_argument("--jsonl", action="store_true", help="JSON Lines in, JSON Lines out")
        parser.add_argument("--rules-only", action="store_true", help="with --jsonl: leave the model out")
        parts = parser.add_subparsers(dest="part")
        measuring = parts.add_parser("measure", help="recall and false alarms per category")
        measuring.add_argument("--json", action="store_true", help="print the figures as JSON")
        for part, kind in (
            ("calibrate", "measure each category against the force's own ordinary comments"),
            ("learn", "learn from the desk's corrections, a quarter of them held back"),
        ):
            making = parts.add_parser(part, help=f"{kind}; makes a version and tries it, live it is not")
            making.add_argument("--days", type=int, default=30, help="try it on the comments of so many days")
            making.add_argument("--json", action="store_true", help="print what it would change as JSON")
        evaluating = parts.add_parser("evaluate", help="the table of docs/triage.md, on sets written apart")
        evaluating.add_argument("--folder", type=Path, help="JSON Lines with text, label and optional group")
        evaluating.add_argument(
            "--labels",
            type=int,
            default=0,
            metavar="N",
            help="and after N labels of each category, on what was held back (two versions are made: minutes)",
        )
        evaluating.add_argument("--write", action="store_true", help="write it into docs/triage.md")
        parts.add_parser("seed", help="put the examples that ship among the desk's, and make their version")
        trying = parts.add_parser(
            "try-rules",
            help="what rules or categories switched off or on, or a floor, would change; nothing is",
        )
        trying.add_argument("--off", action="append", default=[], metavar="RULE", help="a rule or a category")
        trying.add_argument("--on", action="append", default=[], metavar="RULE", help="one that is off now")
        trying.add_argument(
            "--floor", action="append", default=[], metavar="CATEGORY=PRIORITY", help="alert from here"
        )
        trying.add_argument("--days", type=int, default=30, help="on the comments of so many days, 1 to 90")
        trying.add_argument("--without-model", action="store_true", help="the rules alone, which is faster")
        trying.add_argument("--json", action="store_true", help="print the report as JSON")
        explaining = parts.add_parser("explain", help="every finding on one text, worst first")
        explaining.add_argument("text")
        explaining.add_argument("--private", action="store_true", help="as a private message")
        explaining.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *, part, **options):
        if options["jsonl"]:
            self._lines(rules_only=options["rules_only"])
        elif part is None:
            raise CommandRefused(
                "Say what to do: manage.py triage --jsonl, measure, explain or try-rules; --help tells more."
            )
        elif part == "seed":
            added = actions.seed_exemplars(actor=COMMAND)
            version = teaching.ensure_shipped()
            self.stdout.write(f"{added} examples added; {version.name} is the version that speaks.")
        elif part == "evaluate":
            self._evaluate(options["folder"], labels=options["labels"], write=options["write"])
        elif part in ("calibrate", "learn"):
            self._make(part, days=options["days"], as_json=options["json"])
        elif part == "measure":
            self._measure(as_json=options["json"])
        elif part == "try-rules":
            self._try(options)
        else:
            self._explain(options["text"], private=options["private"], as_json=options["json"])

    def _lines(self, *, rules_only):
        if rules_only:
            triage = Triage(why_not="The model was left out.")
        else:
            triage = shipped.triage(settings.VAR_DIR / "triage")
            if triage.why_not:
                self.stderr.write(json.dumps({"warning": f"{triage.why_not} The rules carry on alone."}))
        try:
            bad = lines.run(triage, sys.stdin.buffer, sys.stdout, sys.stderr)
        except BrokenPipeError:
            sys.stdout = None  # whoever read has gone; there is nobody to tell
            return
        if bad:
            sys.exit(1)

    def _evaluate(self, folder, *, labels, write):
        base = Path(settings.BASE_DIR)
        folder = folder or base / "tests" / "triage" / "evaluation"
        try:
            given = evaluate.cases(folder)
        except (OSError, ValueError, KeyError) as error:
            raise CommandRefused(f"{folder} cannot be read: {error}.") from None
        if not given:
            raise CommandRefused(f"There are no *.jsonl files in {folder}.")
        triage = shipped.triage(settings.VAR_DIR / "triage")
        said = evaluate.judged(triage, given)
        if triage.why_not:
            self.stderr.write(f"{triage.why_not} These are the rules alone.")
        shown = evaluate.table(given, said)
        if labels:
            shown += "\n" + self._after_labels(triage, given, labels)
        if not write:
            self.stdout.write(shown)
            return
        page = base / "docs" / "triage.md"
        before, found, _ = page.read_text(encoding="utf-8").partition(TABLE_BEGINS)
        if not found:
            raise CommandRefused(f"{page} has no line “{TABLE_BEGINS}” to write below.")
        page.write_text(f"{before}{TABLE_BEGINS}\n\n{shown}", encoding="utf-8")
        self.stdout.write(f"{page} written.")

    def _after_labels(self, triage, given, most):
        if triage.encoder is None:
            raise CommandRefused(f"{triage.why_not} Without it nothing is learnt from labels.")

        def taught(labels):
            lessons = exemplars.lessons([*exemplars.shipped(), *labels])
            return Triage(train(triage.encoder, lessons), triage.encoder, why_not="")

        said, labels = evaluate.judged_after_labels(taught, given, most)
        return evaluate.table_after_labels(given, said, labels, most)

    def _make(self, part, *, days, as_json):
        if not 1 <= days <= 90:
            raise CommandRefused("Try it on the comments of 1 to 90 days.")
        kind = TriageVersion.Kind.CALIBRATED if part == "calibrate" else TriageVersion.Kind.LEARNED
        asked = actions.begin_version(actor=COMMAND, kind=kind, days=days)
        if asked.kind != kind:
            raise CommandRefused("Another version is being made. Wait for it, then ask again.")
        teaching.work_job()
        job = TriageJob.objects.select_related("version").get(pk=asked.pk)
        if job.state == TriageJob.State.FAILED:
            raise CommandRefused(job.fault)
        if job.version is None:
            raise CommandRefused(
                "A worker is making it already; the page of the versions shows how far it is."
            )
        if as_json:
            self.stdout.write(json.dumps({"version": job.version.name, **job.report}, indent=2))
            return
        said = job.report
        self.stdout.write(
            f"{job.version.name}: {job.version.exemplars} examples, {job.version.ordinary} ordinary comments "
            f"({job.version.own_ordinary} of the force's own), {job.version.labels} labels; not live yet."
        )
        self.stdout.write(
            f"Against {said['against']}, on {said['comments']} comments of {days} days: {said['higher']} higher, "
            f"{said['lower']} lower, {said['renamed']} named otherwise; at high or immediate "
            f"{said['surfaced_before']} before, {said['surfaced_after']} after. "
            f"Of its ordinary comments it would call {said['ordinary_high']:.1%} high."
        )
        for title, rows, of in (
            ("held-back category", said["categories"], "labelled"),
            ("group named in ordinary ones", said["groups"], "ordinary"),
        ):
            if rows:
                self.stdout.write(f"{title:<32}{of:>10}{'before':>8}{'after':>8}")
            for name, row in sorted(rows.items()):
                self.stdout.write(f"{name:<32}{row[of]:>10}{row['before']:>8}{row['after']:>8}")

    def _try(self, options):
        triage = teaching.triage_now(rules_only=options["without_model"])
        try:
            wished = trying_rules.wish(options["off"], options["on"], options["floor"], gone=triage.off)
            said = trying_rules.tried(wished, triage, days=options["days"])
        except NotValid as refusal:
            raise CommandRefused(refusal.sentence) from None
        if options["json"]:
            self.stdout.write(json.dumps(said, indent=2))
            return
        if said["without_model"]:
            self.stderr.write(f"{said['without_model']} This is what the rules alone would change.")
        self.stdout.write(
            f"On {said['comments']} comments of {said['days']} days: {said['higher']} higher, {said['lower']} lower, "
            f"{said['renamed']} named otherwise; at high or immediate {said['surfaced_before']} before, "
            f"{said['surfaced_after']} after. Nothing was switched."
        )
        if said["reaching"]:
            self.stdout.write(f"{'at or above, before > after':<28}" + "".join(f"{n:>16}" for n in "1234"))
        for category, row in said["reaching"].items():
            figures = "".join(f"{f'{before} > {after}':>16}" for before, after in row.values())
            self.stdout.write(f"{Category(category).label:<28}{figures}")
        for category, floor in said["floors"].items():
            self.stdout.write(
                f"A floor of {floor['priority']} for {Category(category).label.lower()} would alert the desk "
                f"{floor['alerts']} times, {floor['per_shift']} a shift."
            )
        for row in said["examples"][:10]:
            (was, before, _), (is_, after, _) = row["was"], row["now"]
            self.stdout.write(
                f"  comment {row['comment']}: {was} {before} > {is_} {after}  [{row['because']}]"
            )

    def _measure(self, *, as_json):
        folder = Path(settings.BASE_DIR) / "exercise" / "scenarios"
        comments = marked_comments(folder)
        if not comments:
            raise CommandRefused(f"There are no scenarios in {folder}.")
        figures = measure(comments)
        if as_json:
            self.stdout.write(json.dumps(figures.as_data(), indent=2))
            return
        self.stdout.write(f"{figures.version}, {figures.comments} marked comments of the exercise scenarios")
        self.stdout.write(
            f"Grave ones at priority 1 or 2: {figures.found} of {figures.grave} ({figures.recall:.0%})"
        )
        self.stdout.write(
            f"Ordinary ones at priority 1 or 2: {figures.false_alarms} of {figures.ordinary} "
            f"({figures.false_alarm_rate:.1%})"
        )
        self.stdout.write(f"Category as marked: {figures.category_right} of {figures.comments}\n\n")
        self.stdout.write(f"{'category':<28}{'grave found':>14}{'false alarms':>16}")
        for category, row in sorted(figures.by_category.items()):
            found = f"{row['found']} of {row['grave']}" if row["grave"] else "none"
            alarms = f"{row['false_alarms']} of {row['ordinary']}" if row["ordinary"] else "none"
            self.stdout.write(f"{Category(category).label:<28}{found:>14}{alarms:>16}")
        if figures.missed:
            self.stdout.write("\nGrave and not surfaced: " + ", ".join(figures.missed))

    def _explain(self, text, *, private, as_json):
        verdict = judge(text, private=private)
        if as_json:
            found = [
                {"rule": one.rule, "priority": int(one.priority), "sentence": one.sentence}
                for one in verdict.findings
            ]
            answer = {"priority": int(verdict.priority), "category": str(verdict.category), "findings": found}
            self.stdout.write(
                json.dumps({**answer, "version": verdict.version}, ensure_ascii=False, indent=2)
            )
            return
        self.stdout.write(
            f"{Priority(verdict.priority).label} ({verdict.priority}), {Category(verdict.category).label}; {verdict.version}"
        )
        for finding in verdict.findings:
            self.stdout.write(f"  {finding.priority}  {finding.sentence}  [{finding.rule}]")
        if not verdict.findings:
            self.stdout.write("  No rule found anything.")
