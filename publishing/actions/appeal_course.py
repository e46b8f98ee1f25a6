"""The steps of an appeal that need nobody: live, due for review, taken down, seen to be gone. Each is safe to run twice."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.urls import reverse

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import Refused
from notices.actions import notify
from notices.models import Notice
from publishing import queries_appeals
from publishing.actions import outbox, posts, take_downs
from publishing.appeal_facts import facts_of
from publishing.models import Appeal, AppealChange, Delivery, Post, TakeDown
from publishing.workflow import APPEAL, POST
from staff.models import StaffMember

APPEALS = System("appeals")


@action
def carry_on(*, actor: Actor = APPEALS, appeal: Appeal) -> bool:
    """The next step of one appeal that needs nobody: live, due for review, take-downs begun, seen to be gone.

    Answers whether anything was done; another worker's appeal is left alone.
    Audits appeal.live, appeal.due, appeal.overdue, take_down.begun, appeal.verified.
    """
    row = (
        Appeal.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("owner", "closed_by")
        .filter(pk=appeal.pk)
        .first()
    )
    if row is None:
        return False
    if row.state == Appeal.State.DRAFT:
        return _has_gone_out(actor, row)
    if row.state in (Appeal.State.LIVE, Appeal.State.REVIEW):
        return _is_due(actor, row)
    return _comes_down(actor, row)


def _has_gone_out(actor: Actor, appeal: Appeal) -> bool:
    if not queries_appeals.any_out(appeal):
        return False
    go_live(actor=actor, appeal=appeal)
    return True


def go_live(*, actor: Actor, appeal: Appeal) -> None:
    """Some of it stands on a platform. Within the transaction that locked it. Audits appeal.live."""
    appeal.state, appeal.live_at = APPEAL.next(appeal.state, "go_live"), clock.now()
    appeal.save(update_fields=["state", "live_at"])
    note_change(appeal, actor=actor, event="live", audited="appeal.live")


def _is_due(actor: Actor, appeal: Appeal) -> bool:
    today, done = clock.today(), False
    if appeal.state == Appeal.State.LIVE and appeal.review_on <= today:
        appeal.state = APPEAL.next(appeal.state, "fall_due")
        appeal.save(update_fields=["state"])
        note_change(appeal, actor=actor, event="due for review", audited="appeal.due")
        tell(appeal, actor=actor, says="is to be reviewed today", key=f"due:{appeal.review_on}")
        done = True
    if appeal.review_on < today and appeal.climbed_on != appeal.review_on:
        appeal.climbed_on, appeal.needs_case = appeal.review_on, "review"
        appeal.save(update_fields=["climbed_on", "needs_case"])
        note_change(appeal, actor=actor, event="review overdue", audited="appeal.overdue")
        tell(appeal, actor=actor, says="was not reviewed in time", key=f"overdue:{appeal.review_on}")
        done = True
    return done


def _comes_down(actor: Actor, appeal: Appeal) -> bool:
    """Begins what has not begun, also of what went out after it was closed; verified when nothing is left."""
    assert appeal.closed_by is not None
    found = list(queries_appeals.standing(appeal).filter(take_down=None))
    if found and appeal.state != Appeal.State.CLOSING:
        appeal.state = APPEAL.next(appeal.state, "find_another")
        # One that was given up may turn out to have been on its way.
        appeal.live_at = appeal.live_at or clock.now()
        appeal.save(update_fields=["state", "live_at"])
        note_change(
            appeal, actor=actor, event="another found", audited="appeal.closing", why="It went out late"
        )
    for delivery in found:
        take_downs.begin(
            actor=actor,
            delivery=delivery,
            why=f"Appeal {appeal.reference} is over: {appeal.get_outcome_display().lower()}",
            appeal=appeal,
            words=appeal.words_after,
        )
    if found or appeal.state != Appeal.State.CLOSING:
        return bool(found)
    left = TakeDown.objects.filter(standing__variant__post__appeal_post__appeal=appeal)
    if left.exclude(state=TakeDown.State.DONE).exists() or queries_appeals.on_its_way(appeal).exists():
        return keep_back(appeal.closed_by, appeal)
    appeal.state, appeal.verified_at = APPEAL.next(appeal.state, "verify"), clock.now()
    appeal.save(update_fields=["state", "verified_at"])
    note_change(appeal, actor=actor, event="seen to be gone", audited="appeal.verified")
    tell(appeal, actor=actor, says="is gone everywhere, as read back", key="verified")
    return True


def keep_back(actor: StaffMember, appeal: Appeal) -> bool:
    """What has not gone out never will. What is on its way this moment is taken down once it stands."""
    done = False
    for post in Post.objects.filter(appeal_post__appeal=appeal).exclude(
        state__in=[Post.State.PUBLISHED, Post.State.WITHDRAWN]
    ):
        if POST.allows(post.state, "withdraw"):
            try:
                with transaction.atomic():
                    posts.withdraw_post(actor=actor, post=post, why=f"Appeal {appeal.reference} is over")
                done = True
                continue
            except Refused:
                pass
        for delivery in Delivery.objects.filter(
            variant__post=post,
            kind=Delivery.Kind.POST,
            state__in=[Delivery.State.SCHEDULED, Delivery.State.REJECTED],
        ):
            outbox.withdraw(actor=APPEALS, delivery=delivery, why=f"Appeal {appeal.reference} is over")
            done = True
    return done


@action
def case_opened(*, actor: Actor, appeal: Appeal) -> None:
    """The overdue review is in a case: the fact is taken back. Audits appeal.case_opened."""
    row = Appeal.objects.select_for_update().get(pk=appeal.pk)
    row.needs_case = ""
    row.save(update_fields=["needs_case"])
    record(actor=actor, event="appeal.case_opened", subject=row, subject_name=row.reference)


def note_change(appeal: Appeal, *, actor: Actor, event: str, audited: str, why: str = "") -> None:
    """What became of it stands in its story and in the trail."""
    facts = {name: str(value) for name, value in asdict(facts_of(appeal)).items() if value}
    AppealChange.objects.create(
        appeal=appeal,
        event=event,
        state=appeal.state,
        by=actor if isinstance(actor, StaffMember) else None,
        at=clock.now(),
        why=why[:500],
        content={**facts, "owner": appeal.owner.called},
    )
    record(
        actor=actor,
        event=audited,
        subject=appeal,
        subject_name=appeal.reference,
        reason=why,
        details={
            "kind": appeal.get_kind_display(),
            "official_accounts": queries_appeals.account_ids_of(appeal),
        },
    )


def tell(appeal: Appeal, *, actor: Actor, says: str, key: str) -> None:
    """Whoever answers for it is told, once per occasion."""
    notify(
        actor=actor,
        to=queries_appeals.who_answers(appeal),
        urgency=Notice.Urgency.SOON,
        title=f"Appeal {appeal.reference} {says}",
        link=reverse("publishing:appeal", args=[appeal.pk]),
        key=f"appeal:{appeal.pk}:{key}",
    )
