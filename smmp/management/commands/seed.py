"""`manage.py seed`: reference data, and the demonstration force where this is a demonstration."""

from django.conf import settings
from django.core.management.base import BaseCommand

from exercise import scenarios
from exercise.actions.runs import start_run
from exercise.models import Run
from smmp.seed import (
    appeals,
    approving,
    briefs,
    community,
    continuity,
    desk,
    force,
    intelligence,
    listening,
    moving,
    oncall,
    outbox,
    oversight,
    people,
    planning,
    programs,
    queue,
    reference,
    referrals,
    register,
    retention,
    rumours,
    shifts,
    standing,
)


class Command(BaseCommand):
    help = (
        "Fill reference data; under demo settings also make the demonstration force, and the first time "
        "play An ordinary Saturday. Safe to repeat."
    )

    def add_arguments(self, parser):
        parser.add_argument("--reference-only", action="store_true", help="leave out the demonstration force")

    def handle(self, *args, reference_only, **options):
        reference.make()
        if settings.DEMO and not reference_only:
            made = force.make()
            oversight.make(made)
            people.make(made)
            oncall.make(made)
            referrals.make(made)
            programs.make(made)
            queue.make(made)
            listening.make(made)
            outbox.make(made)
            desk.make(made)
            intelligence.make(made)
            shifts.make(made)
            planning.make(made)
            appeals.make(made)
            community.make(made)
            register.make(made)
            approving.make(made)
            moving.make(made)
            retention.make(made)
            standing.make(made)
            continuity.make(made)
            briefs.make(made)
            rumours.make(made)
            if not Run.objects.exists():
                start_run(actor=force.SEED, scenario=scenarios.named("ordinary-saturday"), speed=10)
