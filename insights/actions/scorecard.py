"""What people record of the duties of the APP, and the waivers that two of them agree on."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.queries import may, people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.no_secrets import refuse_secret
from core.typed import reason
from insights import duties, scorecard
from insights.models import DutyRecord, DutyWaiver
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LONGEST_REVIEW = timedelta(days=366)
LONGEST_WAIVER = timedelta(days=366)


@action
def record_duty(
    *,
    actor: Actor,
    duty: str,
    owner: StaffMember,
    says: str,
    words: str = "",
    gap: str = "",
    document: str = "",
    review_on: date | None = None,
) -> DutyRecord:
    """Where a duty stands, as the actor sees it, and who answers for it. The record before it stays as history.

    says: DutyRecord.Says; where no figures judge the duty, not FIGURES. By who keeps the scorecard, or the duty's own
    owner, who does not hand it on. Raises NotFound, NotPermitted, NotValid. Audits scorecard.recorded, without words.
    """
    of = duties.duty(duty)
    if isinstance(actor, StaffMember):
        _require_recorder(actor, duty, owner)
    words, gap, document = words.strip(), gap.strip(), " ".join(document.split())
    if says not in DutyRecord.Says.values or (says == DutyRecord.Says.FIGURES and not of.evidence):
        raise NotValid("Say where it stands.", field="says")
    if not may(owner, Power.SEE_SCORECARD):
        raise NotValid("Choose an owner who works here and can open the scorecard.", field="owner")
    if says == DutyRecord.Says.MET and not words:
        raise NotValid("Say in a sentence how it is met.", field="words")
    if says == DutyRecord.Says.MET and review_on is None:
        raise NotValid("Give the day on which somebody looks at it again.", field="review_on")
    if says in (DutyRecord.Says.PARTLY, DutyRecord.Says.NOT_MET) and not gap:
        raise NotValid("Say what is lacking, and what is done about it.", field="gap")
    if review_on is not None and not clock.today() < review_on <= clock.today() + LONGEST_REVIEW:
        raise NotValid("Give a day to come, within a year.", field="review_on")
    for field, text in (("words", words), ("gap", gap), ("document", document)):
        refuse_secret(text, field=field)
    row = DutyRecord.objects.create(
        duty=duty,
        owner=owner,
        says=says,
        words=words[:1000],
        gap=gap[:1000],
        document=document[:200],
        review_on=review_on,
        by=actor if isinstance(actor, StaffMember) else None,
        at=clock.now(),
    )
    record(
        actor=actor,
        event="scorecard.recorded",
        subject=row,
        subject_name=of.says,
        details={"duty": duty, "says": says, "owner": owner.called},
    )
    if not isinstance(actor, StaffMember) or owner.pk != actor.pk:
        notify(
            actor=actor,
            to=[owner],
            urgency=Notice.Urgency.FYI,
            title=f"You answer for a duty of the APP: {of.says}",
            body="See where it stands, and record what you do about it.",
            link=reverse("insights:duty", args=[duty]),
            key=f"duty-owner:{duty}:{owner.pk}",
        )
    return row


@action
def ask_waiver(*, actor: Actor, duty: str, reason: str, until: date) -> DutyWaiver:
    """The force would do without a duty until that day, once somebody else agrees; those who may are told.

    Raises NotFound, NotPermitted, NotValid, TransitionNotAllowed (one is open). Audits scorecard.waiver_asked.
    """
    of = duties.duty(duty)
    if isinstance(actor, StaffMember):
        require(actor, Power.KEEP_SCORECARD)
    else:
        raise NotPermitted("A waiver is asked for by a person.")
    why = reason.strip()
    if len(why) < 10:
        raise NotValid("Say why the force does without it, and what it does instead.", field="reason")
    if len(why) > 600:
        raise NotValid("Say it in at most 600 characters.", field="reason")
    if not clock.today() < until <= clock.today() + LONGEST_WAIVER:
        raise NotValid("Give a day to come, within a year: a waiver ends.", field="until")
    refuse_secret(why, field="reason")
    over = DutyWaiver.objects.select_for_update().filter(duty=duty, ended_at=None, until__lt=clock.today())
    over.update(ended_at=clock.now(), ended_why="Its day came.")
    row = DutyWaiver(duty=duty, reason=why, until=until, asked_by=actor, asked_at=clock.now())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise TransitionNotAllowed(
            "This duty is waived, or a waiver waits for a second person. End that one first."
        ) from None
    record(
        actor=actor,
        event="scorecard.waiver_asked",
        subject=row,
        subject_name=of.says,
        reason=why,
        details={"duty": duty, "until": until.isoformat()},
    )
    notify(
        actor=actor,
        to=[one for one in people_with(Power.KEEP_SCORECARD) if one.pk != actor.pk],
        urgency=Notice.Urgency.SOON,
        title=f"A waiver waits for a second person: {of.says}",
        body=f"Asked for by {actor.called}, until {until:%-d %B %Y}.",
        link=reverse("insights:duty", args=[duty]),
        key=f"waiver:{row.pk}",
    )
    return row


@action
def agree_waiver(*, actor: StaffMember, waiver: DutyWaiver) -> DutyWaiver:
    """A second person agrees, and the duty is waived until its day.

    Raises NotPermitted (also for whoever asked), TransitionNotAllowed. Audits scorecard.waiver_agreed.
    """
    row = _open(actor, waiver)
    if row.agreed_at is not None:
        raise TransitionNotAllowed("Somebody has agreed to it already.")
    if row.asked_by_id == actor.pk:
        raise NotPermitted("You asked for this waiver. A second person agrees to it, or refuses it.")
    row.agreed_by, row.agreed_at = actor, clock.now()
    row.save(update_fields=["agreed_by", "agreed_at"])
    _note(actor, row, "scorecard.waiver_agreed")
    return row


@action
def end_waiver(*, actor: StaffMember, waiver: DutyWaiver, why: str) -> DutyWaiver:
    """It is refused, taken back, or over before its day; the duty stands as it stands.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (over already). Audits scorecard.waiver_ended.
    """
    row = _open(actor, waiver)
    why = reason(why, "Say why, in a few words.", most=300)
    row.ended_by, row.ended_at, row.ended_why = actor, clock.now(), why
    row.save(update_fields=["ended_by", "ended_at", "ended_why"])
    _note(actor, row, "scorecard.waiver_ended", why=why)
    return row


def _open(actor: StaffMember, waiver: DutyWaiver) -> DutyWaiver:
    require(actor, Power.KEEP_SCORECARD)
    row = DutyWaiver.objects.select_for_update().get(pk=waiver.pk)
    if row.ended_at is not None or row.until < clock.today():
        raise TransitionNotAllowed("This waiver is over. Reload the page.")
    return row


def _note(actor: StaffMember, row: DutyWaiver, event: str, *, why: str = "") -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=duties.name(row.duty),
        reason=why,
        details={"duty": row.duty, "until": row.until.isoformat()},
    )


def _require_recorder(actor: StaffMember, duty: str, owner: StaffMember) -> None:
    require(actor, Power.SEE_SCORECARD)
    of = scorecard.owner_of(duty)
    if of is not None and of.pk == actor.pk and owner.pk == actor.pk:
        return
    require(actor, Power.KEEP_SCORECARD)
