"""Surges: counted by the hour, suggested by software, started and ended by people, and decided group by group.

A decision for a group is made comment by comment through the desk's own single actions, each in its own
transaction: a comment that shows a sign of risk, or that a colleague took meanwhile, refuses by itself and
stays open. Software groups and suggests; it decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import OfficialAccount
from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, Refused, TransitionNotAllowed
from moderation import queries_surges as queries
from moderation.actions import desk
from moderation.alike import Group
from moderation.models import Clause, Comment, HourCount, Surge, SurgeAct, SurgeGroup, SurgeItem
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power, Role

COUNTED_BACK = timedelta(weeks=queries.WEEKS)
"""An official account whose hours were never counted is counted so far back, once."""
WHY_LENGTH = 300


# Counting and suggesting


@action
def count_hours(*, actor: Actor, account: OfficialAccount) -> int:
    """The counts by the hour stand as the comments say, up to the present hour. Answers how many changed.

    Safe to run beside itself. Only the last two hours are counted again: an hour that is over is settled
    once a whole hour has passed.
    """
    now = clock.now()
    last = (
        HourCount.objects.filter(official_account=account)
        .order_by("-begins_at")
        .values_list("begins_at", flat=True)
        .first()
    )
    this = queries.full_hour(now)
    begins = queries.full_hour(now - COUNTED_BACK) if last is None else min(last, this - timedelta(hours=1))
    counts = queries.hours_of(account, begins, now + timedelta(seconds=1))
    known = dict(
        HourCount.objects.filter(official_account=account, begins_at__gte=begins).values_list(
            "begins_at", "comments"
        )
    )
    counts.setdefault(this, 0)
    changed = [
        HourCount(official_account=account, begins_at=at, comments=n)
        for at, n in sorted(counts.items())
        if known.get(at) != n
    ]
    HourCount.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["official_account", "begins_at"],
        update_fields=["comments"],
    )
    return len(changed)


@action
def watch(*, actor: Actor, account: OfficialAccount) -> Surge | None:
    """Far more than usual on this official account is suggested as a surge, with the reason; once at a time.

    A suggestion that nobody took and that has passed lapses. Surge mode is never started nor ended here.
    Audits surge.suggested, surge.lapsed.
    """
    now = clock.now()
    standing = queries.open_surge(account)
    if standing is not None:
        if standing.state == Surge.State.SUGGESTED:
            _lapse_if_over(actor, standing, now)
        return None
    said = queries.explained(account, now)
    if said is None or _was_dismissed(account, now):
        return None
    try:
        with transaction.atomic():
            surge = Surge.objects.create(
                official_account=account,
                state=Surge.State.SUGGESTED,
                since=datetime.fromisoformat(said.since),
                noticed_at=now,
                said=said.as_data(),
            )
    except IntegrityError:
        return None  # another worker was first
    _audit(
        actor,
        "surge.suggested",
        surge,
        details={"came": said.came, "minutes": said.minutes, "usual": said.usual, "weeks": said.weeks},
    )
    notify(
        actor=actor,
        to=people_with(role=Role.DESK_SUPERVISOR, official_account_id=account.pk),
        urgency=Notice.Urgency.SOON,
        title=f"More than usual on {account.name}",
        body=f"{said.came:,} comments in {said.minutes} minutes; usual at this hour: {said.usual:g}.",
        link=reverse("moderation:surge", args=[surge.pk]),
        key=f"surge-{surge.pk}",
    )
    return surge


def _was_dismissed(account: OfficialAccount, now: datetime) -> bool:
    """What a person called no surge is not suggested again within two hours."""
    return Surge.objects.filter(
        official_account=account, state=Surge.State.DISMISSED, over_at__gt=now - timedelta(hours=2)
    ).exists()


def _lapse_if_over(actor: Actor, surge: Surge, now: datetime) -> None:
    locked = _locked(surge)
    if locked.state == Surge.State.SUGGESTED and queries.is_over(locked, now):
        locked.state, locked.over_at = Surge.State.LAPSED, now
        locked.over_why = "It passed by itself"
        locked.save()
        _audit(actor, "surge.lapsed", locked)


# Surge mode


@action
def start(
    *, actor: StaffMember, account: OfficialAccount, why: str = "", since: datetime | None = None
) -> Surge:
    """Surge mode begins on an official account, on one's own or by agreeing to the suggestion that stands.

    since: from when on comments belong to it, where nothing was suggested; half an hour ago by default.
    Raises NotPermitted, TransitionNotAllowed (it runs already), NotValid (no reason where none was suggested).
    Audits surge.started; the supervisors and the communications officers are told.
    """
    require(actor, Power.HIDE_COMMENTS, account.pk)
    now = clock.now()
    standing = queries.open_surge(account)
    surge = _locked(standing) if standing is not None else None
    if surge is not None and surge.state == Surge.State.RUNNING:
        raise TransitionNotAllowed(f"Surge mode is on already: {surge.started_by} started it.")
    if surge is None or surge.state != Surge.State.SUGGESTED:
        if not _short(why):
            raise NotValid("Say why, in a few words: colleagues read it in the banner.", field="why")
        since = since or now - timedelta(minutes=30)
        if not now - timedelta(hours=24) <= since <= now:
            raise NotValid("It can have begun within the last 24 hours.", field="since")
        surge = Surge(official_account=account, since=since)
    surge.state, surge.why = Surge.State.RUNNING, _short(why)
    surge.started_by, surge.started_at = actor, now
    try:
        with transaction.atomic():
            surge.save()
    except IntegrityError:
        raise TransitionNotAllowed("A colleague has started surge mode this moment.") from None
    _audit(actor, "surge.started", surge, why=surge.why, details={"suggested": surge.noticed_at is not None})
    told = {
        person.pk: person
        for power in (Power.HIDE_COMMENTS, Power.WRITE_POSTS)
        for person in people_with(power, official_account_id=account.pk)
        if person.pk != actor.pk
    }
    notify(
        actor=actor,
        to=told.values(),
        urgency=Notice.Urgency.FYI,
        title=f"Surge mode is on for {account.name}",
        body=surge.why or "Far more comes than usual.",
        link=reverse("moderation:surge", args=[surge.pk]),
        key=f"surge-on-{surge.pk}",
    )
    return surge


@action
def dismiss(*, actor: StaffMember, surge: Surge, why: str) -> Surge:
    """A person says that this is no surge: it is not suggested again for two hours.

    Raises NotPermitted, TransitionNotAllowed (it is running or over), NotValid (no reason). Audits surge.dismissed.
    """
    surge = _locked(surge)
    require(actor, Power.HIDE_COMMENTS, surge.official_account_id)
    if surge.state != Surge.State.SUGGESTED:
        raise TransitionNotAllowed("This is no suggestion any more. Read the page again.")
    _over(actor, surge, Surge.State.DISMISSED, why)
    _audit(actor, "surge.dismissed", surge, why=surge.over_why)
    return surge


@action
def end(*, actor: StaffMember, surge: Surge, why: str) -> Surge:
    """Surge mode is over and its report is kept. Comments that are open stay open.

    Raises NotPermitted, TransitionNotAllowed (it is not running), NotValid (no reason). Audits surge.ended.
    """
    surge = _locked(surge)
    require(actor, Power.HIDE_COMMENTS, surge.official_account_id)
    if surge.state != Surge.State.RUNNING:
        raise TransitionNotAllowed("Surge mode is not on here. Read the page again.")
    count_hours(actor=System("surges"), account=surge.official_account)
    surge.report = queries.report_of(surge, clock.now())
    _over(actor, surge, Surge.State.ENDED, why)
    _audit(actor, "surge.ended", surge, why=surge.over_why, details={"came": surge.report["came"]})
    return surge


def _over(actor: StaffMember, surge: Surge, state: Surge.State, why: str) -> None:
    if not _short(why):
        raise NotValid("Say why, in a few words.", field="why")
    surge.state, surge.over_why = state, _short(why)
    surge.over_by, surge.over_at = actor, clock.now()
    surge.save()


# Groups


@action
def keep_groups(
    *, actor: Actor, surge: Surge, found: Sequence[Group], revisions: dict[int, int]
) -> Surge | None:
    """What says the same stands as this grouping found it; a group that is no more is empty.

    Only groups of COLLAPSED_FROM and more are kept. None where the surge is over.
    """
    locked = _locked(surge)
    if locked.state != Surge.State.RUNNING:
        return None
    kept = {one.first: one for one in found if len(one.ids) >= queries.COLLAPSED_FROM}
    SurgeGroup.objects.filter(surge=locked).exclude(first_id__in=kept).exclude(ids=[]).update(
        ids=[], revisions=[]
    )
    SurgeGroup.objects.bulk_create(
        [
            SurgeGroup(surge=locked, first_id=first, ids=one.ids, revisions=[revisions[pk] for pk in one.ids])
            for first, one in sorted(kept.items())
        ],
        update_conflicts=True,
        unique_fields=["surge", "first_id"],
        update_fields=["ids", "revisions"],
        batch_size=500,
    )
    locked.grouped_at, locked.looked_at = clock.now(), len(revisions)
    locked.save(update_fields=["grouped_at", "looked_at"])
    return locked


# One decision for many


@action
def begin(
    *,
    actor: StaffMember,
    group: SurgeGroup,
    kind: str,
    seen: Sequence[tuple[int, int]],
    clause: Clause | None = None,
    why: str = "",
) -> SurgeAct:
    """A person decides for the comments that the preview showed; each is decided next, by itself.

    seen: comment and revision, as the preview had them; none but those of the group are taken.
    Raises NotPermitted, TransitionNotAllowed (surge mode is over), NotValid (nothing left, too many, no clause,
    a reason too long). Audits surge.group_decided.
    """
    surge = _locked(group.surge)
    power = Power.HIDE_COMMENTS if kind == SurgeAct.Kind.HIDE else Power.WORK_COMMENTS
    require(actor, power, surge.official_account_id)
    if surge.state != Surge.State.RUNNING:
        raise TransitionNotAllowed("Surge mode is over: decide on these comments one by one.")
    if blind := queries.grouping_is_off():
        raise TransitionNotAllowed(blind)
    if kind not in SurgeAct.Kind.values:
        raise NotValid("Choose what is to be done with them.", field="kind")
    if kind == SurgeAct.Kind.HIDE:
        if clause is None:
            raise NotValid("Choose the clause of the published guidelines that they break.", field="clause")
        desk.published_clause(clause, why)
    if len(why.strip()) > desk.WHY_LENGTH:
        raise NotValid(f"The reason is longer than {desk.WHY_LENGTH} characters. Shorten it.", field="why")
    of_group = set(group.ids)
    items = [(pk, revision) for pk, revision in dict(seen).items() if pk in of_group]
    if not items:
        raise NotValid("Nothing is left of this group: colleagues were faster, or its words have changed.")
    if len(items) > queries.MOST_AT_ONCE:
        raise NotValid(f"At most {queries.MOST_AT_ONCE} comments are decided at once.")
    act = SurgeAct.objects.create(
        surge=surge,
        group=group,
        kind=kind,
        clause=clause if kind == SurgeAct.Kind.HIDE else None,
        why=why.strip(),
        by=actor,
        at=clock.now(),
    )
    SurgeItem.objects.bulk_create(
        SurgeItem(act=act, comment_id=pk, revision_number=revision) for pk, revision in items
    )
    _audit(
        actor,
        "surge.group_decided",
        surge,
        why=act.why,
        shown_ids=[pk for pk, _ in items],
        details={"what": str(act.get_kind_display()), "comments": len(items)},
    )
    return act


def carry_out(*, actor: StaffMember, act: SurgeAct, for_s: float | None = None) -> SurgeAct:
    """Every comment of the act that waits is decided, each by the single action of the desk and alone.

    for_s: after so many seconds the rest is left for the next call, which goes on where this one stopped.
    Raises TransitionNotAllowed where somebody else made the decision.
    """
    if act.by_id != actor.pk:
        raise TransitionNotAllowed(f"{act.by} made this decision and goes on with it.")
    until = None if for_s is None else time.monotonic() + for_s
    for pk in act.items.filter(state=SurgeItem.State.WAITING).values_list("pk", flat=True):
        decide_one(actor=actor, item_id=pk)
        if until is not None and time.monotonic() > until:
            break
    return finish(actor=actor, act=act)


@action
def decide_one(*, actor: StaffMember, item_id: int) -> SurgeItem:
    """One comment of a group is decided as a person would decide it alone; a refusal is kept with its sentence.

    Audits what the single action audits.
    """
    item = SurgeItem.objects.select_for_update(of=("self",)).select_related("act__clause").get(pk=item_id)
    if item.state != SurgeItem.State.WAITING:
        return item
    act = item.act
    comment = Comment.objects.select_for_update().filter(pk=item.comment_id).first()
    said = "It is not held any more." if comment is None else queries.why_alone(comment)
    if comment is not None and not said:
        try:
            with transaction.atomic():
                if act.kind == SurgeAct.Kind.HIDE and act.clause is not None:
                    decision = desk.hide(
                        actor=actor,
                        comment=comment,
                        revision_number=item.revision_number,
                        clause=act.clause,
                        why=act.why,
                    )
                else:
                    decision = desk.no_action(
                        actor=actor, comment=comment, revision_number=item.revision_number, why=act.why
                    )
        except Refused as refusal:
            said = refusal.sentence
        else:
            item.state, item.decision_id = SurgeItem.State.DONE, decision.pk
    if said:
        item.state, item.says = SurgeItem.State.REFUSED, said[:400]
    item.save(update_fields=["state", "says", "decision_id"])
    return item


@action
def finish(*, actor: StaffMember, act: SurgeAct) -> SurgeAct:
    """Nothing of the act waits any more. Audits surge.group_done with how many were done and left out."""
    locked = (
        SurgeAct.objects.select_for_update(of=("self",))
        .select_related("surge__official_account")
        .get(pk=act.pk)
    )
    if locked.finished_at is None and not locked.items.filter(state=SurgeItem.State.WAITING).exists():
        locked.finished_at = clock.now()
        locked.save(update_fields=["finished_at"])
        counts = {str(state): n for state, n in queries.results(locked)}
        _audit(
            actor,
            "surge.group_done",
            locked.surge,
            details={"done": counts.get("done", 0), "left_out": counts.get("refused", 0)},
        )
    return locked


def undo(*, actor: StaffMember, act: SurgeAct, for_s: float | None = None) -> SurgeAct:
    """Every comment that the act decided waits again, as far as each can be taken back: those that cannot say why.

    A hide that has left is shown again on the platform. for_s: as for carry_out. Raises NotPermitted, TransitionNotAllowed (undone already).
    """
    act = begin_undo(actor=actor, act=act)
    until = None if for_s is None else time.monotonic() + for_s
    for pk in act.items.filter(state=SurgeItem.State.DONE).values_list("pk", flat=True):
        undo_one(actor=actor, item_id=pk)
        if until is not None and time.monotonic() > until:
            break
    return act


@action
def begin_undo(*, actor: StaffMember, act: SurgeAct) -> SurgeAct:
    """What waits of it will not be done, and what was done is taken back next. Audits surge.group_undone."""
    locked = (
        SurgeAct.objects.select_for_update(of=("self",))
        .select_related("surge__official_account")
        .get(pk=act.pk)
    )
    power = Power.HIDE_COMMENTS if locked.kind == SurgeAct.Kind.HIDE else Power.WORK_COMMENTS
    require(actor, power, locked.surge.official_account_id)
    if locked.undone_at is not None and not locked.items.filter(state=SurgeItem.State.DONE).exists():
        raise TransitionNotAllowed("This was undone already.")
    if locked.undone_at is None:
        locked.undone_at, locked.undone_by = clock.now(), actor
        locked.finished_at = locked.finished_at or locked.undone_at
        locked.save(update_fields=["undone_at", "undone_by", "finished_at"])
        locked.items.filter(state=SurgeItem.State.WAITING).update(
            state=SurgeItem.State.REFUSED, says="Undone before its turn came."
        )
        _audit(
            actor,
            "surge.group_undone",
            locked.surge,
            details={"comments": locked.items.filter(state=SurgeItem.State.DONE).count()},
        )
    return locked


@action
def undo_one(*, actor: StaffMember, item_id: int) -> SurgeItem:
    """One comment of an undone act waits for the desk again, or says why it stays. Audits what the single action audits."""
    item = SurgeItem.objects.select_for_update(of=("self",)).select_related("act").get(pk=item_id)
    if item.state != SurgeItem.State.DONE:
        return item
    comment = Comment.objects.select_for_update().filter(pk=item.comment_id).first()
    said = "It is not held any more."
    if comment is not None:
        said = desk.why_not_taken_back(comment, item.decision_id)
    if comment is not None and not said:
        try:
            with transaction.atomic():
                if item.act.kind == SurgeAct.Kind.HIDE:
                    desk.unhide(
                        actor=actor,
                        comment=comment,
                        revision_number=comment.revision_number,
                        why="The decision for the group was undone",
                    )
                else:
                    desk.reopen(actor=actor, comment=comment, why="The decision for the group was undone")
        except Refused as refusal:
            said = refusal.sentence
    item.state, item.says = (SurgeItem.State.STAYS, said[:400]) if said else (SurgeItem.State.UNDONE, "")
    item.save(update_fields=["state", "says"])
    return item


# What the actions share


def _locked(surge: Surge) -> Surge:
    Surge.objects.select_for_update().only("pk").get(pk=surge.pk)
    return Surge.objects.select_related("official_account", "started_by").get(pk=surge.pk)


def _short(why: str) -> str:
    why = " ".join(why.split())
    if len(why) > WHY_LENGTH:
        raise NotValid(f"The reason is longer than {WHY_LENGTH} characters. Shorten it.", field="why")
    return why


def _audit(
    actor: Actor,
    event: str,
    surge: Surge,
    *,
    why: str = "",
    shown_ids: Sequence[int] = (),
    details: dict | None = None,
) -> None:
    record(
        actor=actor,
        event=event,
        subject=surge,
        subject_name=f"surge on {surge.official_account.name}",
        official_account_id=surge.official_account_id,
        reason=why,
        shown_ids=shown_ids,
        details=details,
    )
