"""What distressing things somebody met, counted for themselves; their own settings; and a gentle word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid
from moderation import queries_welfare as queries
from moderation.models import Comfort, Comment, Exposure, WelfareRule
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

KEPT = timedelta(days=93)
WELFARE = System("welfare")


@action
def choose(*, actor: StaffMember, blur: bool, grey: bool, tell_me: bool) -> Comfort:
    """How the person wants pictures shown, and whether they are spoken to. Audits welfare.chosen, without what."""
    comfort, _ = Comfort.objects.update_or_create(
        person=actor, defaults={"blur": blur, "grey": grey, "tell_me": tell_me}
    )
    record(actor=actor, event="welfare.chosen", subject_name="their own settings")
    return comfort


@action
def set_rule(*, actor: StaffMember, per_day: int, sentence: str, turn_to: str) -> WelfareRule:
    """From how many distressing things a day on people are spoken to, with which words, and where they can turn.

    Raises NotPermitted, NotValid (no number, no words). Audits welfare.rule_set.
    """
    require(actor, Power.CHECK_DECISIONS)
    if not 1 <= per_day <= 1000:
        raise NotValid("Choose a number from 1 to 1,000.", field="per_day")
    for field, words in (("sentence", sentence), ("turn_to", turn_to)):
        if not words.strip():
            raise NotValid("Leave this in words: people read it when they need it.", field=field)
    rule, _ = WelfareRule.objects.update_or_create(
        pk=1,
        defaults={
            "per_day": per_day,
            "sentence": sentence.strip(),
            "turn_to": turn_to.strip(),
            "set_by": actor,
            "set_at": clock.now(),
        },
    )
    record(
        actor=actor,
        event="welfare.rule_set",
        subject=rule,
        subject_name=str(rule),
        details={"per_day": per_day},
    )
    return rule


def note_comments(*, actor: StaffMember, comments: Iterable[Comment]) -> int:
    """Distressing ones among the comments that somebody reads count for them, once a day each. Answers how many today.

    A part of the actions that note what was read. Who has met a lot is spoken to once that day.
    """
    return _count(actor, Exposure.What.COMMENT, [one.pk for one in comments if queries.is_distressing(one)])


def note_picture(*, actor: StaffMember, attachment_id: int) -> int:
    """A picture of the public that somebody opened counts for them, once a day. A part of what notes the opening."""
    return _count(actor, Exposure.What.PICTURE, [attachment_id])


def _count(actor: StaffMember, what: str, ids: list[int]) -> int:
    if not ids or actor.kind != StaffMember.Kind.PERSON:
        return 0
    day = clock.today()
    Exposure.objects.bulk_create(
        (Exposure(person=actor, day=day, what=what, subject_id=pk) for pk in ids), ignore_conflicts=True
    )
    met = queries.met_on(actor, day)
    rule = queries.rule()
    if met >= rule.per_day and queries.comfort_of(actor).tell_me:
        notify(
            actor=WELFARE,
            to=[actor],
            urgency=Notice.Urgency.FYI,
            title="A word about yourself",
            body=f"{rule.sentence} {rule.turn_to}",
            link=reverse("moderation:welfare"),
            key=f"welfare-{day.isoformat()}",
        )
    return met


@action
def sweep(*, actor: Actor = WELFARE) -> int:
    """What somebody met longer ago than KEPT is gone. Answers how many rows."""
    gone, _ = Exposure.objects.filter(day__lt=clock.today() - KEPT).delete()
    return gone
