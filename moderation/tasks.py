"""The desk's own clockwork: comments taken in, outcomes noted, claims that ran out set free. Each is safe to run twice."""

from __future__ import annotations

from celery import shared_task

from core import clock
from core.actors import System
from moderation import act_reviews as reading_act_reviews
from moderation import (
    fetching,
    inquiries,
    paper_log,
    platforms_down,
    polling,
    private_messages,
    queries,
    restrictions,
    surging,
    teaching,
)
from moderation.actions import (
    act_reviews,
    blocks,
    desk,
    guard,
    guidelines,
    meetings,
    messaging,
    outcomes,
    paper,
    quality,
    rehoming,
    tips,
    welfare,
    working,
)
from moderation.actions import inquiries as inquiring
from publishing import queries_meetings

HANDLES = System("proof of handles")


@shared_task(name="moderation.poll_due")
def poll_due() -> int:
    """Ask every official account whose turn it is for what is new (every second)."""
    return polling.poll_due()


@shared_task(name="moderation.sweep_due")
def sweep_due() -> int:
    """Read recent threads whole, so that what a poll missed is found (every 30 seconds)."""
    return polling.sweep_due()


@shared_task(name="moderation.fetch_attachments")
def fetch_attachments() -> int:
    """Keep pictures and videos that came with comments as they are now, because authors delete (every 2 seconds)."""
    return fetching.fetch_due()


@shared_task(name="moderation.watch_sources")
def watch_sources() -> int:
    """Note which official accounts have become deaf, and tell people (every 15 seconds)."""
    return polling.watch()


@shared_task(name="moderation.watch_platforms")
def watch_platforms() -> int:
    """Say of platforms on which several official accounts fail that they are down, and when they are back (every 15 seconds)."""
    return platforms_down.watch()


@shared_task(name="moderation.look_for_paper")
def look_for_paper() -> int:
    """Look for lines of paper logs in what has been read since (every 10 minutes)."""
    return sum(paper.look_for(line=line) for line in paper_log.looked_for())


@shared_task(name="moderation.note_outcomes")
def note_outcomes() -> int:
    """Note what became of every reply and hide that has arrived, was refused or was withdrawn."""
    due = queries.outcomes_due()
    for decision in due:
        outcomes.note_outcome(decision=decision)
    return len(due)


@shared_task(name="moderation.release_claims")
def release_claims() -> int:
    """Free every comment whose lease has run out."""
    return desk.release_stale_claims()


@shared_task(name="moderation.pass_up_skipped")
def pass_up_skipped() -> int:
    """What everybody on shift has passed over goes to the supervisors; old signs of life go (every minute)."""
    working.sweep_presence()
    return working.pass_up_skipped()


@shared_task(name="moderation.guidelines_due")
def guidelines_due() -> int:
    """Put the guidelines whose date has come in force (every two seconds)."""
    return int(guidelines.put_due_in_force() is not None)


@shared_task(name="moderation.prove_handles")
def prove_handles() -> int:
    """Answer those whose code has come from the handle that wrote the comment (every 10 seconds)."""
    return sum(inquiring.prove(actor=HANDLES, inquiry=asked) for asked in inquiries.unproved())


@shared_task(name="moderation.end_blocks")
def end_blocks() -> int:
    """Blocks whose date has come are lifted on the platform, or put in front of a person (every 10 seconds)."""
    due = restrictions.ended(clock.now())
    for block in due:
        blocks.end(block=block)
    return len(due)


@shared_task(name="moderation.remind_act_reviews")
def remind_act_reviews() -> int:
    """Deletions and blocks that nobody else looked at in time: whoever may is told once (every 10 minutes)."""
    return sum(act_reviews.remind(row=row) for row in reading_act_reviews.overdue(clock.now()))


@shared_task(name="moderation.remind_second_looks")
def remind_second_looks() -> int:
    """Second looks that fall due, or are overdue: whoever may answer is told, once each (every 10 minutes)."""
    return sum(inquiring.remind(row=row) for row in inquiries.falling_due())


@shared_task(name="moderation.answer_unread")
def answer_unread() -> int:
    """Whoever writes privately in hours when nobody reads has an honest first answer (every 5 seconds)."""
    return sum(messaging.answer_unread(comment=comment) for comment in private_messages.unanswered_now())


@shared_task(name="moderation.sweep_look_ups")
def sweep_look_ups() -> int:
    """Look-ups that no count can reach any more are gone (daily)."""
    return guard.sweep_look_ups()


@shared_task(name="moderation.rehome")
def rehome() -> int:
    """Comments that people who have left had in hand go to their heirs (every 3 seconds)."""
    return sum(rehoming.rehome_claim(comment=comment) for comment in queries.claims_of_leavers())


@shared_task(name="moderation.triage_due")
def triage_due() -> int:
    """Have the model read what the rules have read (every second)."""
    return teaching.read_due()


@shared_task(name="moderation.triage_jobs")
def triage_jobs() -> int:
    """Make the version of triage that somebody asked for, and try it (every five seconds)."""
    return teaching.work_job()


@shared_task(name="moderation.watch_surges")
def watch_surges() -> int:
    """Count comments by the hour and notice where far more than usual comes (every minute)."""
    return surging.watch()


@shared_task(name="moderation.group_surges")
def group_surges() -> int:
    """Find what says the same in running surges (every five seconds)."""
    return surging.group_due()


@shared_task(name="moderation.draw_samples")
def draw_samples() -> int:
    """Draw a few of last month's decisions of each person for a supervisor to look over (once a month)."""
    drawn = quality.draw_last_month(actor=System("dip samples"))
    return drawn.samples if drawn is not None else 0


@shared_task(name="moderation.sweep_exposures")
def sweep_exposures() -> int:
    """What somebody met long ago is gone (daily)."""
    return welfare.sweep()


@shared_task(name="moderation.gather_tips")
def gather_tips() -> int:
    """What was told under the posts of appeals is in their inboxes, with what says the same (every two seconds)."""
    return tips.gather() + tips.group_alike()


@shared_task(name="moderation.look_at_questions")
def look_at_questions() -> int:
    """Triage reads what the public asked in meetings, so that a cry for help is not left to wait (every 2 seconds)."""
    return sum(meetings.look_at(question=question) for question in queries_meetings.unread())
