"""Closed decisions drawn at random each month, marked by a supervisor who does not know whose they are, and answered."""

from __future__ import annotations

from datetime import date, datetime
from random import SystemRandom

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation.models import Decision, DipDraw, DipSample
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

PER_PERSON = 3
"""Decisions drawn of one person in a month; fewer where they made fewer."""
LENGTH = 1000


@action
def draw_last_month(*, actor: Actor) -> DipDraw | None:
    """A few closed decisions of everybody in the last whole month wait to be looked over; None where they do already.

    Drawn at random, and laid down in a random order, so that their places say nothing of whose they are. Exercises
    do not count, but where the whole installation is a demonstration. Audits quality.drawn.
    """
    this = clock.today().replace(day=1)
    month = clock.add_months(this, -1)
    if DipDraw.objects.filter(month=month).exists():
        return None
    try:
        with transaction.atomic():
            draw = DipDraw.objects.create(month=month, drawn_at=clock.now(), samples=0)
    except IntegrityError:
        return None  # another worker was first
    chosen = _chosen(_begins(month), _begins(this))
    SystemRandom().shuffle(chosen)
    drawn = {
        decision.pk: decision for decision in Decision.objects.filter(pk__in=chosen).select_related("comment")
    }
    DipSample.objects.bulk_create(
        DipSample(
            draw=draw,
            decision_id=pk,
            comment_id=drawn[pk].comment_id,
            official_account_id=drawn[pk].comment.official_account_id,
            person_id=drawn[pk].by_id or 0,
            kind=drawn[pk].kind,
            clause_id=drawn[pk].clause_id,
            decided_at=drawn[pk].at,
        )
        for pk in chosen
    )
    draw.samples = len(chosen)
    draw.save(update_fields=["samples"])
    record(
        actor=actor,
        event="quality.drawn",
        subject=draw,
        subject_name=str(draw),
        details={"samples": len(chosen)},
    )
    return draw


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.LONDON)


def _chosen(since: datetime, until: datetime) -> list[int]:
    """PER_PERSON decisions of each person, any of theirs as likely as any other: one pass, a reservoir for each."""
    rows = Decision.objects.filter(
        kind__in=Decision.CLOSING,
        at__gte=since,
        at__lt=until,
        by__isnull=False,
        by__kind=StaffMember.Kind.PERSON,
        by__active=True,
    )
    if not settings.DEMO:
        rows = rows.filter(comment__official_account__exercise=False)
    rng = SystemRandom()
    held: dict[int, list[int]] = {}
    seen: dict[int, int] = {}
    for pk, person in rows.order_by().values_list("pk", "by_id").iterator(chunk_size=5000):
        mine = held.setdefault(person or 0, [])
        seen[person or 0] = seen.get(person or 0, 0) + 1
        if len(mine) < PER_PERSON:
            mine.append(pk)
        elif (place := rng.randrange(seen[person or 0])) < PER_PERSON:
            mine[place] = pk
    return [pk for mine in held.values() for pk in mine]


@action
def mark(*, actor: StaffMember, sample: DipSample, mark: str, sentence: str) -> DipSample:
    """A supervisor says how a colleague's decision was; only then is it shown whose it is, and they are told.

    Raises NotPermitted (also for one's own), TransitionNotAllowed (marked already), NotValid (no mark, no sentence).
    Audits quality.marked.
    """
    row = _locked(sample)
    require(actor, Power.CHECK_DECISIONS, row.official_account_id)
    if row.person_id == actor.pk:
        raise NotPermitted("This one is yours: a colleague looks it over.")
    if row.mark:
        raise TransitionNotAllowed(f"{row.marked_by} has looked it over already.")
    if mark not in DipSample.Mark.values:
        raise NotValid("Say whether it was right, arguable or wrong.", field="mark")
    row.mark, row.sentence = (
        mark,
        _words(sentence, "Say why, in a sentence: the person reads it.", "sentence"),
    )
    row.marked_by, row.marked_at = actor, clock.now()
    row.save()
    _audit(actor, "quality.marked", row, {"mark": str(row.get_mark_display()), "whose": row.person.called})
    notify(
        actor=actor,
        to=[row.person],
        urgency=Notice.Urgency.FYI,
        title="A decision of yours was looked over",
        body="Read what your supervisor thinks of it, and answer if you like.",
        link=reverse("moderation:feedback"),
        key=f"dip-{row.pk}",
    )
    return row


@action
def answer(*, actor: StaffMember, sample: DipSample, words: str) -> DipSample:
    """Whose decision it was says what they think of the mark, once.

    Raises NotPermitted (somebody else's), TransitionNotAllowed (not marked, or answered), NotValid. Audits
    quality.answered; whoever marked is told.
    """
    row = _locked(sample)
    if row.person_id != actor.pk:
        raise NotPermitted("This is somebody else’s decision.")
    if not row.mark or row.answer:
        raise TransitionNotAllowed(
            "There is nothing to answer: it is not marked yet, or you answered already."
        )
    row.answer, row.answered_at = _words(words, "Write your answer first.", "answer"), clock.now()
    row.save()
    _audit(actor, "quality.answered", row, {})
    if row.marked_by is not None:
        notify(
            actor=actor,
            to=[row.marked_by],
            urgency=Notice.Urgency.FYI,
            title=f"{actor.called} answered what you said of a decision",
            link=reverse("moderation:sample", args=[row.pk]),
            key=f"dip-answer-{row.pk}",
        )
    return row


@action
def note_read(*, actor: StaffMember, sample: DipSample) -> None:
    """Somebody read a drawn decision with the words it was about. Audits quality.viewed (DPA 2018 s.62)."""
    record(
        actor=actor,
        event="quality.viewed",
        subject=sample,
        subject_name=f"drawn decision {sample.pk}",
        official_account_id=sample.official_account_id,
        shown_ids=[sample.comment_id],
    )


def _locked(sample: DipSample) -> DipSample:
    DipSample.objects.select_for_update().only("pk").get(pk=sample.pk)
    return DipSample.objects.select_related("person", "marked_by", "official_account").get(pk=sample.pk)


def _words(words: str, missing: str, field: str) -> str:
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise NotValid(missing, field=field)
    if len(words) > LENGTH:
        raise NotValid(f"It is {len(words):,} characters long; {LENGTH:,} fit.", field=field)
    return words


def _audit(actor: Actor, event: str, row: DipSample, details: dict[str, str]) -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=f"drawn decision {row.pk}",
        official_account_id=row.official_account_id,
        details=details,
    )
