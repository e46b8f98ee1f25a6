"""Who stands in for an approver who is away, from when until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import OfficialAccount
from accounts.queries import authority_of, may
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing.models import Cover
from staff.models import StaffMember
from staff.roles import Power

LONGEST = timedelta(days=60)


@action
def name_cover(
    *, actor: StaffMember, cover: StaffMember, since: datetime, until: datetime, why: str
) -> Cover:
    """From then until then notices and trays of the actor are the cover's too, who stands in for their role and teams.

    The cover approves by rights of their own, on every official account on which the actor does, when it is named and at
    each act; what either of them wrote is approved by neither in the other's name.
    Raises NotPermitted, NotValid (the field is named). Audits cover.named.
    """
    held = authority_of(actor).account_ids(Power.APPROVE_POSTS)
    if not held:
        raise NotPermitted("You approve no posts, so nobody has to stand in for you.")
    if cover.pk == actor.pk:
        raise NotValid("Choose somebody else.", field="cover")
    if since >= until:
        raise NotValid("It ends before it begins.", field="until")
    now = clock.now()
    if until <= now:
        raise NotValid("It is over already. Choose a later end.", field="until")
    if until - since > LONGEST:
        raise NotValid(
            "It lasts at most 60 days. For longer, ask your service administrator for a grant.", field="until"
        )
    lacks = held - authority_of(cover).account_ids(Power.APPROVE_POSTS)
    if lacks:
        names = OfficialAccount.objects.filter(pk__in=lacks).order_by("name").values_list("name", flat=True)
        first = ", ".join(list(names)[:3])
        more = f" and {len(lacks) - 3} more" if len(lacks) > 3 else ""
        raise NotValid(
            f"{cover.called} may not approve posts on {first}{more}. Choose somebody who may, or ask your service "
            "administrator for a grant until then.",
            field="cover",
        )
    why = reason(why, "Say why, in a few words: leave, training, nights.", most=300)
    try:
        with transaction.atomic():
            made = Cover.objects.create(
                approver=actor, cover=cover, since=since, until=until, why=why, named_at=now
            )
    except IntegrityError as fault:
        if "cover_one_at_a_time" not in str(fault):
            raise
        raise NotValid(
            "Somebody stands in for you in that time already. End that first.", field="since"
        ) from None
    record(
        actor=actor,
        event="cover.named",
        subject=made,
        subject_name=cover.called,
        reason=why,
        details={"since": since.isoformat(), "until": until.isoformat()},
    )
    notify(
        actor=actor,
        to=[cover],
        urgency=Notice.Urgency.SOON,
        title=f"You stand in for {actor.called} with approvals",
        body=f"From {_words(since)} until {_words(until)}.",
        link=reverse("publishing:covers"),
        key=f"cover:{made.pk}",
    )
    return made


@action
def end_cover(*, actor: StaffMember, cover: Cover) -> Cover:
    """Nobody stands in any more; those concerned are told.

    By either of the two, or by whoever sets safeguards. Raises NotPermitted, TransitionNotAllowed. Audits cover.ended.
    """
    row = Cover.objects.select_for_update(of=("self",)).select_related("approver", "cover").get(pk=cover.pk)
    if actor.pk not in (row.approver_id, row.cover_id) and not may(actor, Power.SET_SAFEGUARDS):
        raise NotPermitted("This is between two colleagues: one of them ends it, or whoever sets safeguards.")
    if row.ended_at is not None or row.until <= clock.now():
        raise TransitionNotAllowed("It is over already.")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    record(actor=actor, event="cover.ended", subject=row, subject_name=row.cover.called)
    notify(
        actor=actor,
        to=[one for one in (row.approver, row.cover) if one.pk != actor.pk],
        urgency=Notice.Urgency.SOON,
        title=f"{row.cover.called} stands in for {row.approver.called} no longer",
        body="Approvals go to both as before.",
        link=reverse("publishing:covers"),
        key=f"cover:{row.pk}:ended",
    )
    return row


def _words(instant: datetime) -> str:
    london = clock.in_london(instant)
    return f"{london:%H:%M} on {london.day} {london:%B}"
