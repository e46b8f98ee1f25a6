"""Reading on in the trail for what is worth an alert, reminding, and counting. Safe to run twice and beside itself."""

from __future__ import annotations

from celery import shared_task

from accounts.actions import connecting
from accounts.connections import connector_for
from core.actors import System
from core.errors import Refused
from insights import counting, gathering, reach
from insights.actions import alerts, meetings, reports, rollups, rumours
from insights.actions import reach as keeping
from platforms.contract import Fault

ALERTS = System("alerts")
SCORECARD = System("scorecard")
MOST_BATCHES = 20


@shared_task(name="insights.watch_trail")
def watch_trail() -> int:
    """Every entry is looked at once, in the order of transactions; each batch by itself. Every 15 seconds.

    What was left undone leaves no entry: it is looked for beside the trail.
    """
    alerts.raise_overdue(actor=ALERTS)
    read = 0
    for _ in range(MOST_BATCHES):
        batch = alerts.read_on(actor=ALERTS)
        if not batch:
            break
        read += batch
    return read


@shared_task(name="insights.remind_of_scorecard")
def remind_of_scorecard() -> int:
    """A review, an action or a record of the scorecard whose day has passed is told once (hourly)."""
    return meetings.remind(actor=SCORECARD)


@shared_task(name="insights.refresh_figures")
def refresh_figures() -> int:
    """Figures take in what came, changed or went since the last minute; answers how many hours were counted anew."""
    counted = rollups.refresh(actor=rollups.FIGURES)
    return counted.hours if counted is not None else 0


@shared_task(name="insights.pull_reach")
def pull_reach() -> int:
    """One official account whose time has come is asked about on its platform (every minute; each four times a day).

    Answers for how many posts something was kept. What the platform refuses is put off for an hour and shown.
    """
    pull = keeping.claim()
    if pull is None:
        return 0
    account = pull.official_account
    if not reach.has_room(account):
        keeping.put_off(pull=pull, fault="Its allowance is half used up; listening and answering go first.")
        return 0
    try:
        connector = connector_for(account)
        try:
            told = reach.ask(connector, reach.posts_to_ask_about(account))
        finally:
            if usage := connector.usage():
                connecting.note_usage(official_account=account, usage=usage)
    except (Fault, Refused) as fault:
        keeping.put_off(pull=pull, fault=fault.sentence)
        return 0
    return keeping.keep(pull=pull, told=told)


@shared_task(name="insights.make_reports")
def make_reports() -> int:
    """Reports that are due are made and told, with figures counted up to now; what was missed is made late (every minute)."""
    if not reports.is_any_due():
        return 0
    rollups.refresh(actor=rollups.FIGURES)
    return len(reports.make_due())


@shared_task(name="insights.gather_rumours")
def gather_rumours() -> int:
    """Comments that say the same become a rumour from the third on, within minutes (every minute)."""
    return gathering.gather()


@shared_task(name="insights.let_go_of_comments")
def let_go_of_comments() -> int:
    """Rumours let go of comments that are disposed of or withheld (hourly)."""
    return rumours.let_go(actor=gathering.RUMOURS)


@shared_task(name="insights.count_areas")
def count_areas() -> int:
    """What neighbourhoods raise, counted by the day without words (every ten minutes)."""
    return counting.count()


@shared_task(name="insights.read_moods")
def read_moods() -> int:
    """How the comments of the days before sounded, as numbers (hourly; a day is read once)."""
    return counting.read_moods()
