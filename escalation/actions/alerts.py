"""Two steps from a machine's finding to a call: the desk is alerted, and a person says whether it is so."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts import queries as accounts
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotFound, NotValid, TransitionNotAllowed
from escalation import queries_alerts
from escalation.actions import cases
from escalation.models import Alert, Case, PathwayVersion
from moderation import queries as desk_queries
from moderation.actions import desk
from moderation.models import Comment
from staff.models import StaffMember
from staff.roles import Power

TRIAGE = System("triage")


@action
def raise_alert(*, actor: Actor = TRIAGE, comment: Comment, version: PathwayVersion) -> Alert | None:
    """The desk is alerted to a comment that a machine found; nobody beyond the desk is.

    Once per comment, whatever runs at the same time (alert_once_per_comment); anew where its author has written
    something else since it was stood down, or something more urgent while it waits. Answers None where there is
    nothing to do any more: decided, in an alert, below the floor. Audits desk_alert.raised.
    """
    found = (
        Comment.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=comment.pk, state=Comment.State.OPEN, needs_case="")
        .first()
    )
    if found is None or found.category not in version.categories or found.priority > version.floor:
        return None
    if queries_alerts.standing(found):
        return None
    # The trail keeps what became of the alert before.
    Alert.objects.filter(comment=found).delete()
    at = clock.now()
    alert = Alert(
        comment=found,
        official_account_id=found.official_account_id,
        version=version,
        category=found.category,
        priority=found.priority,
        likeness=queries_alerts.likeness_of(found, version),
        raised_at=at,
        desk_by=at + timedelta(minutes=version.desk_minutes),
    )
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError:
        return None
    _record(actor, "desk_alert.raised", alert)
    return alert


@action
def look(*, actor: StaffMember, alert: Alert) -> Alert:
    """Somebody at the desk has the alert in front of them: it is seen, and they have its minutes once more.

    So are those of nearly the same words, whose words the page shows with it. Only the first look counts, so
    that looking cannot put it off for ever. Audits desk_alert.viewed with the comments.
    """
    found = _locked(alert)
    accounts.require(actor, Power.WORK_COMMENTS, found.official_account_id)
    alike = queries_alerts.alike(actor, found) if found.state == Alert.State.OPEN else []
    for one in [found, *_open_ones([other.pk for other in alike])]:
        if one.state == Alert.State.OPEN and one.seen_at is None:
            _see(one, actor)
    record(
        actor=actor,
        event="desk_alert.viewed",
        subject=found,
        subject_name=f"alert {found.pk}",
        official_account_id=found.official_account_id,
        shown_ids=[found.comment_id, *(other.comment_id for other in alike)],
    )
    return found


@action
def confirm(
    *,
    actor: StaffMember,
    alert: Alert,
    why: str,
    category: str = "",
    alike: bool = False,
    into: Case | None = None,
) -> Case:
    """It is so: a case is open, the comment is decided as escalated, and the first level is called.

    category: what it really is, where not what the machine found. alike: the open alerts of nearly the same words
    are confirmed with it, each by itself, as evidence of the same case. into: that case. Raises NotPermitted, NotValid (no reason),
    TransitionNotAllowed (answered by somebody else meanwhile). Audits what escalating a comment and opening a
    case audit.
    """
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("commenter", "official_account", "conversation", "claimed_by")
        .filter(pk=alert.comment_id)
        .first()
    )
    if comment is None:
        raise NotFound("The comment of this alert has been disposed of.")
    found = _locked(alert)
    accounts.require(actor, Power.ESCALATE, found.official_account_id)
    _refuse_if_settled(found)
    why = " ".join(why.split())
    if not why or len(why) > 500:
        raise NotValid("Say why in a few words, up to 500 characters: command reads it first.", field="why")
    fear = category or found.category
    if comment.state == Comment.State.OPEN and desk_queries.holder(comment) in (None, actor):
        # A colleague who has it claimed decides on it themselves; the call does not wait for them.
        desk.escalate(
            actor=actor, comment=comment, revision_number=comment.revision_number, category=fear, why=why
        )
        comment.refresh_from_db(fields=["state", "needs_case", "category", "priority"])
        comment.needs_case = ""
        comment.save(update_fields=["needs_case"])
    case = cases.for_comment(actor, comment, fear, why, into=into)
    Alert.objects.filter(pk=found.pk).update(why=why)
    for other in queries_alerts.alike(actor, found) if alike else ():
        confirm(actor=actor, alert=other, why=why, category=category, into=case)
    return case


@action
def stand_down(*, actor: StaffMember, alert: Alert, why: str, alike: bool = False) -> int:
    """It is not so, with the reason: the alert calls nobody. The comment stays in its queue, undecided.

    alike: the open alerts of nearly the same words go with it; each is entered by itself. Answers how many.
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (answered already). Audits desk_alert.stood_down.
    """
    found = _locked(alert)
    accounts.require(actor, Power.WORK_COMMENTS, found.official_account_id)
    _refuse_if_settled(found)
    why = " ".join(why.split())
    if not why or len(why) > 500:
        raise NotValid("Say why it is no risk, in up to 500 characters.", field="why")
    others = [other.pk for other in queries_alerts.alike(actor, found)] if alike else []
    down = [found, *_open_ones(others)]
    for one in down:
        one.state = Alert.State.STOOD_DOWN
        one.settled_at = clock.now()
        one.settled_by = actor
        one.settled_by_name = actor.called
        one.why = why
        if one.seen_at is None:
            one.seen_at, one.seen_by = one.settled_at, actor
        one.save()
        _record(actor, "desk_alert.stood_down", one)
    return len(down)


@action
def pass_on(*, actor: Actor, alert: Alert) -> Case | None:
    """The desk has left it for as long as its pathway allows: a case is opened and the ladder begins without it.

    Where one of nearly the same words has opened a case already, it is evidence of that one.

    A comment that somebody works on at this moment counts as seen, once. Answers None where there was nothing
    to do. Audits desk_alert.seen, or desk_alert.passed_on and what opening a case audits.
    """
    comment = (
        Comment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("commenter", "official_account", "conversation", "claimed_by")
        .filter(pk=alert.comment_id)
        .first()
    )
    if comment is None:
        return None
    at = clock.now()
    found = (
        Alert.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("version__pathway")
        .filter(pk=alert.pk, state=Alert.State.OPEN, desk_by__lte=at)
        .first()
    )
    if found is None:
        return None
    claimed = desk_queries.holder(comment)
    if found.seen_at is None and claimed is not None:
        _see(found, claimed)
        _record(actor, "desk_alert.seen", found)
        return None
    who = (
        f"{found.seen_by.called} looked at it, and nobody"
        if found.seen_by is not None
        else "Nobody at the desk"
    )
    why = (
        f"{who} answered its alert within {found.version.desk_minutes} minutes. "
        "Found by triage; no person has said that it is so."
    )
    _record(actor, "desk_alert.passed_on", found)
    return cases.for_comment(actor, comment, found.category, why, into=queries_alerts.case_of_alike(found))


@action
def sweep(*, actor: Actor) -> int:
    """Alerts whose comment was disposed of go with it; they held none of its words. Audits desk_alert.swept."""
    gone = Alert.objects.exclude(state=Alert.State.OPEN).exclude(
        comment__in=Comment.objects.all().values("pk")
    )
    ids = list(gone.filter(case=None).values_list("pk", flat=True)[:5000])
    if ids:
        Alert.objects.filter(pk__in=ids).delete()
        record(actor=actor, event="desk_alert.swept", details={"count": len(ids)})
    return len(ids)


def _see(alert: Alert, person: StaffMember) -> None:
    at = clock.now()
    alert.seen_at, alert.seen_by = at, person
    alert.desk_by = max(alert.desk_by, at + timedelta(minutes=alert.version.desk_minutes))
    alert.save(update_fields=["seen_at", "seen_by", "desk_by"])


def _locked(alert: Alert) -> Alert:
    found = (
        Alert.objects.select_for_update(of=("self",))
        .select_related("version__pathway", "official_account")
        .filter(pk=alert.pk)
        .first()
    )
    if found is None:
        raise NotFound("This alert is gone: the words were changed, and another stands in its place.")
    return found


def _open_ones(ids: list[int]) -> list[Alert]:
    return list(
        Alert.objects.select_for_update(of=("self",))
        .select_related("version__pathway", "official_account")
        .filter(pk__in=ids, state=Alert.State.OPEN)
        .order_by("pk")
    )


def _refuse_if_settled(alert: Alert) -> None:
    if alert.state != Alert.State.OPEN:
        who = alert.settled_by_name or "the platform"
        raise TransitionNotAllowed(
            f"This alert has been answered: {alert.get_state_display().lower()} by {who}. Nothing more is needed."
        )


def _record(actor: Actor, event: str, alert: Alert) -> None:
    record(
        actor=actor,
        event=event,
        subject=alert,
        subject_name=f"alert {alert.pk}: {alert.version.pathway.title}",
        official_account_id=alert.official_account_id,
        details={"comment": alert.comment_id, "pathway_version": alert.version.number},
    )


@action
def list_alerts(*, actor: StaffMember, alerts: list[Alert]) -> None:
    """The person was shown these alerts, without words. Audits desk_alerts.listed with their comments."""
    record(actor=actor, event="desk_alerts.listed", shown_ids=[alert.comment_id for alert in alerts])
