"""Who may write on a platform itself, past what is written and approved here: declared, with a reason and an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts import queries
from accounts.models import NativeUse, OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.models import StaffMember
from staff.roles import Power

LONGEST = timedelta(days=31)


@action
def declare(
    *,
    actor: StaffMember,
    official_account: OfficialAccount,
    person: StaffMember,
    since: datetime | None,
    until: datetime,
    why: str,
) -> NativeUse:
    """What this person writes on the platform itself in that time raises no alert (moderation.native).

    since: now where it is empty; it reaches back at most a day, for what was begun in haste. until: at most
    31 days after it. Raises NotPermitted (also for oneself), NotValid. Audits account.native_declared.
    """
    queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    now = clock.now()
    begins = since or now
    if person.pk == actor.pk:
        raise NotPermitted("Nobody declares this for themselves. Ask another administrator.")
    if not person.active:
        raise NotValid("This person has left. Choose somebody who works here.", field="person")
    if not why.strip():
        raise NotValid("Say why it cannot be written here.", field="why")
    if begins < now - timedelta(days=1):
        raise NotValid("Begin at most a day ago: what was written before stays an alert.", field="since")
    if until <= max(begins, now):
        raise NotValid("Choose an end that is still to come, and after the beginning.", field="until")
    if until - begins > LONGEST:
        raise NotValid("Declare 31 days at most, and declare it anew after that.", field="until")
    use = NativeUse.objects.create(
        official_account=official_account,
        person=person,
        since=begins,
        until=until,
        why=" ".join(why.split())[:300],
        declared_by=actor,
        declared_at=now,
    )
    _note(actor, use, "account.native_declared", {"until": until.isoformat(), "why": use.why})
    return use


@action
def end(*, actor: StaffMember, use: NativeUse) -> NativeUse:
    """From now on what is written on the platform itself raises an alert again.

    Raises NotPermitted, TransitionNotAllowed (over already). Audits account.native_ended.
    """
    row = (
        NativeUse.objects.select_for_update(of=("self",))
        .select_related("official_account", "person")
        .get(pk=use.pk)
    )
    queries.require(actor, Power.MANAGE_REGISTER, row.official_account_id)
    if row.ends_at <= clock.now():
        raise TransitionNotAllowed("It is over already.")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    _note(actor, row, "account.native_ended")
    return row


def _note(actor: StaffMember, use: NativeUse, event: str, details: dict[str, str] | None = None) -> None:
    account = use.official_account
    record(
        actor=actor,
        event=event,
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"person": use.person.called, **(details or {})},
    )
