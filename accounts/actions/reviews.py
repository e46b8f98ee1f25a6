"""Looking again at who may do what: the force's policy, and campaigns in which leaders confirm each grant."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import queries, reviews
from accounts.actions import end_grant
from accounts.models import AccessPolicy, Campaign, Confirmation, Grant
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

REVIEWS = System("access reviews")
BOUNDS = {
    "dormant_after_days": (7, 365),
    "grants_end_within_days": (1, 90),
    "unused_after_days": (30, 365),
    "confirm_within_days": (3, 90),
}
"""Least and most days of each period of the policy."""


@action
def change_policy(*, actor: StaffMember, unconfirmed: str, each_quarter: bool, **days: int) -> AccessPolicy:
    """How long somebody may be away, and what becomes of what nobody confirms, from now on.

    Raises NotPermitted, NotValid (a period out of bounds). Audits access.policy_changed.
    """
    queries.require(actor, Power.GIVE_GRANTS)
    policy = AccessPolicy.objects.select_for_update().get()
    for name, (least, most) in BOUNDS.items():
        if not least <= days[name] <= most:
            raise NotValid(f"Choose from {least} to {most} days.", field=name)
        setattr(policy, name, days[name])
    if unconfirmed not in AccessPolicy.Unconfirmed.values:
        raise NotValid("Choose what becomes of a grant that nobody confirms.", field="unconfirmed")
    policy.unconfirmed, policy.each_quarter = AccessPolicy.Unconfirmed(unconfirmed), each_quarter
    policy.save()
    record(
        actor=actor,
        event="access.policy_changed",
        subject=policy,
        details={**days, "unconfirmed": policy.get_unconfirmed_display(), "each_quarter": each_quarter},
    )
    return policy


@action
def open_campaign(*, actor: Actor, title: str, due_at: datetime | None = None) -> Campaign:
    """Every live grant waits for its leader to say keep or end, by a due date; each leader is told.

    Raises NotPermitted, NotValid (no title, taken, due date passed), TransitionNotAllowed (one is
    open). Audits recertification.opened.
    """
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.GIVE_GRANTS)
    policy = AccessPolicy.objects.get()
    at = clock.now()
    title = " ".join(title.split())[:120]
    if not title:
        raise NotValid("Give it a title, such as “4th quarter of 2026”.", field="title")
    due = due_at or at + timedelta(days=policy.confirm_within_days)
    if due <= at:
        raise NotValid("The due date has passed. Choose a later one.", field="due_at")
    if Campaign.objects.filter(settled_at=None).exists():
        raise TransitionNotAllowed("A recertification is open already. It is over after its due date.")
    campaign = Campaign(
        title=title,
        opened_by=actor if isinstance(actor, StaffMember) else None,
        opened_at=at,
        due_at=due,
        unconfirmed=policy.unconfirmed,
    )
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
    except IntegrityError:
        raise NotValid(f"There was a recertification called “{title}” already.", field="title") from None
    rows = [
        Confirmation(campaign=campaign, grant=grant, leader=leader)
        for grant, leader in reviews.grants_with_leaders()
    ]
    Confirmation.objects.bulk_create(rows)
    record(
        actor=actor,
        event="recertification.opened",
        subject=campaign,
        subject_name=campaign.title,
        details={"grants": len(rows), "due_at": due.isoformat(), "unconfirmed": campaign.unconfirmed},
    )
    _tell(campaign, {row.leader_id: row.leader for row in rows}.values(), what="to confirm", key="opened")
    return campaign


@action
def decide(*, actor: StaffMember, confirmation: Confirmation, verdict: str, why: str = "") -> Confirmation:
    """The leader keeps the grant, or ends it at this second with a reason.

    The leader it was asked of decides, or somebody who gives grants; nobody decides on a grant of
    their own. Raises NotPermitted, NotValid (no reason for an end), TransitionNotAllowed (decided, or
    the campaign is over). Audits recertification.decided, and grant.ended.
    """
    row = (
        Confirmation.objects.select_for_update(of=("self",))
        .select_related("campaign", "grant__person", "grant__team", "leader")
        .get(pk=confirmation.pk)
    )
    if row.leader_id != actor.pk and not queries.may(actor, Power.GIVE_GRANTS):
        raise NotPermitted(f"{row.leader.called} was asked to confirm this grant.")
    grant = row.grant
    of_own_team = grant.team is not None and row.leader_id != actor.pk and queries.in_team(actor, grant.team)
    if grant.person_id == actor.pk or of_own_team:
        raise NotPermitted("Nobody confirms a grant of their own. Ask another administrator.")
    if row.verdict or row.campaign.settled_at is not None:
        raise TransitionNotAllowed("This grant was decided on already, or the recertification is over.")
    if verdict not in (Confirmation.Verdict.KEEP, Confirmation.Verdict.END):
        raise NotValid("Choose keep or end.", field="verdict")
    if verdict == Confirmation.Verdict.KEEP and _is_over(grant):
        raise TransitionNotAllowed("This grant is over already, so there is nothing to keep.")
    if verdict == Confirmation.Verdict.END and not why.strip():
        raise NotValid("Say why the grant ends: its holder may ask.", field="why")
    row.verdict, row.why = Confirmation.Verdict(verdict), " ".join(why.split())[:300]
    row.decided_by, row.decided_at = actor, clock.now()
    if verdict == Confirmation.Verdict.END and not _is_over(grant):
        # A leader need not give grants to end one of their people's: the platform does it in their name.
        end_grant(actor=REVIEWS, grant=grant, why=f"{actor.called}, {row.campaign.title}: {row.why}"[:300])
    row.save(update_fields=["verdict", "why", "decided_by", "decided_at"])
    record(
        actor=actor,
        event="recertification.decided",
        subject=grant,
        subject_name=str(grant.person or grant.team),
        reason=row.why,
        details={"what": row.get_verdict_display().lower(), "role": grant.get_role_display()},
    )
    return row


@action
def remind(*, actor: Actor = REVIEWS, campaign: Campaign) -> int:
    """Three days before it is due, whoever has not decided is reminded, and the administrators are told.

    Safe to repeat: each is told once. Answers how many leaders have not decided. Audits notice.given.
    """
    late = {
        row.leader_id: row.leader
        for row in reviews.still_to_decide(campaign.confirmations.all()).select_related("leader")
    }
    if late:
        _tell(campaign, late.values(), what="still to confirm", key="reminded")
        notify(
            actor=actor,
            to=queries.people_with(Power.GIVE_GRANTS),
            urgency=Notice.Urgency.SOON,
            title=f"{campaign.title}: {len(late)} leaders have not confirmed everything",
            body="; ".join(sorted(leader.called for leader in late.values()))[:600],
            link=reverse("accounts:campaign", args=[campaign.pk]),
            key=f"campaign {campaign.pk} late",
        )
    return len(late)


@action
def settle(*, actor: Actor = REVIEWS, campaign: Campaign) -> int:
    """The due date has passed: what nobody confirmed is ended, or shown, as the campaign says.

    Safe to run twice and two at once. Answers how many grants nobody had confirmed.
    Audits recertification.settled, and grant.ended for each that ends.
    """
    found = (
        Campaign.objects.select_for_update(skip_locked=True)
        .filter(pk=campaign.pk, settled_at=None, due_at__lte=clock.now())
        .first()
    )
    if found is None:
        return 0
    open_rows = list(
        Confirmation.objects.select_for_update(of=("self",))
        .select_related("grant__person", "grant__team", "grant__official_account", "grant__neighbourhood")
        .filter(campaign=found, verdict="")
    )
    for row in open_rows:
        if _is_over(row.grant):
            row.verdict = Confirmation.Verdict.RAN_OUT
        elif found.unconfirmed == AccessPolicy.Unconfirmed.END:
            end_grant(actor=actor, grant=row.grant, why=f"Nobody confirmed it: {found.title}"[:300])
            row.verdict = Confirmation.Verdict.ENDED
        else:
            row.verdict = Confirmation.Verdict.FLAGGED
        row.decided_at = clock.now()
        row.save(update_fields=["verdict", "decided_at"])
    found.settled_at = clock.now()
    found.save(update_fields=["settled_at"])
    count = sum(row.verdict != Confirmation.Verdict.RAN_OUT for row in open_rows)
    record(
        actor=actor,
        event="recertification.settled",
        subject=found,
        subject_name=found.title,
        details={"count": count, "what": found.get_unconfirmed_display().lower()},
    )
    notify(
        actor=actor,
        to=queries.people_with(Power.GIVE_GRANTS),
        urgency=Notice.Urgency.SOON if count else Notice.Urgency.FYI,
        title=f"{found.title} is over: {count} not confirmed",
        body=f"What nobody confirmed: {found.get_unconfirmed_display().lower()}.",
        link=reverse("accounts:campaign", args=[found.pk]),
        key=f"campaign {found.pk} settled",
    )
    return count


def _tell(campaign: Campaign, leaders, *, what: str, key: str) -> None:
    due = clock.in_london(campaign.due_at)
    notify(
        actor=REVIEWS,
        to=leaders,
        urgency=Notice.Urgency.SOON,
        title=f"{campaign.title}: grants of your people {what}",
        body=f"Say keep or end for each by {due:%-d %B %Y at %H:%M}. "
        f"What nobody confirms: {campaign.get_unconfirmed_display().lower()}.",
        link=reverse("accounts:confirm"),
        key=f"campaign {campaign.pk} {key}",
    )


def _is_over(grant: Grant) -> bool:
    return grant.expiry_recorded or (grant.until is not None and grant.until <= clock.now())
