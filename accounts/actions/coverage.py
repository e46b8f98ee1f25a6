"""Who watches an official account when, and what it risks where nobody does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from accounts.models import OfficialAccount, UnwatchedRisk, WatchHours
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid
from staff.models import StaffMember, Team
from staff.roles import Power


@action
def add_hours(
    *,
    actor: Actor,
    account: OfficialAccount,
    team: Team,
    days: Iterable[int],
    from_hour: int,
    until_hour: int,
) -> WatchHours:
    """A team watches the official account on these days in these hours, on London clocks.

    days: 0 Monday to 6 Sunday. from_hour 0 to 23, until_hour 1 to 24; one that is not later runs into the next
    day. Raises NotPermitted, NotValid (no day, hours that there are not, the same hours of the team twice).
    Audits account.watch_changed.
    """
    _require(actor, account)
    chosen = sorted(set(days))
    if not chosen or not set(chosen) <= set(range(7)):
        raise NotValid("Choose the days on which it is watched.", field="days")
    if not (0 <= from_hour <= 23 and 1 <= until_hour <= 24):
        raise NotValid("Choose full hours from 0 to 24.", field="from_hour")
    OfficialAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if WatchHours.objects.filter(
        official_account=account,
        team=team,
        days=chosen,
        from_hour=from_hour,
        until_hour=until_hour,
        ended_at=None,
    ).exists():
        raise NotValid(f"{team.name} has these hours already.", field="team")
    row = WatchHours.objects.create(
        official_account=account,
        team=team,
        days=chosen,
        from_hour=from_hour,
        until_hour=until_hour,
        set_by=actor if isinstance(actor, StaffMember) else None,
        set_at=clock.now(),
    )
    _audit(actor, account, "account.watch_changed", {"team": team.name, "change": "begins", **_hours(row)})
    return row


@action
def end_hours(*, actor: StaffMember, watch: WatchHours) -> WatchHours:
    """The team does not watch in these hours any more. Ended already changes nothing. Audits account.watch_changed."""
    row = (
        WatchHours.objects.select_for_update(of=("self",))
        .select_related("team", "official_account")
        .get(pk=watch.pk)
    )
    _require(actor, row.official_account)
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now(), actor
        row.save(update_fields=["ended_at", "ended_by"])
        _audit(
            actor,
            row.official_account,
            "account.watch_changed",
            {"team": row.team.name, "change": "ends", **_hours(row)},
        )
    return row


@action
def record_risk(
    *,
    actor: Actor,
    account: OfficialAccount,
    risk: str,
    instead: str,
    borne_by: StaffMember,
    review_on: date,
) -> UnwatchedRisk:
    """It stands recorded what it risks that the official account is not watched around the clock, and who bears it.

    instead: what happens meanwhile, e.g. what the public is told. It replaces what stood before, which is kept.
    Source: APP social media. Raises NotPermitted, NotValid (no words, a date that has passed). Audits
    account.unwatched_risk_recorded.
    """
    _require(actor, account)
    risk, instead = risk.strip(), instead.strip()
    if not risk:
        raise NotValid("Say what may be missed while nobody watches.", field="risk")
    if not instead:
        raise NotValid("Say what happens meanwhile: what the public is told, who is called.", field="instead")
    if review_on <= clock.today():
        raise NotValid("Choose a day to come on which it is looked at again.", field="review_on")
    OfficialAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    now = clock.now()
    UnwatchedRisk.objects.filter(official_account=account, replaced_at=None).update(replaced_at=now)
    row = UnwatchedRisk.objects.create(
        official_account=account,
        risk=risk,
        instead=instead,
        borne_by=borne_by,
        review_on=review_on,
        recorded_by=actor if isinstance(actor, StaffMember) else None,
        recorded_at=now,
    )
    _audit(
        actor,
        account,
        "account.unwatched_risk_recorded",
        {"borne_by": borne_by.called, "review_on": review_on.isoformat()},
        risk,
    )
    return row


def _require(actor: Actor, account: OfficialAccount) -> None:
    if isinstance(actor, StaffMember):
        require(actor, Power.MANAGE_REGISTER, account.pk)
    elif actor.actor_kind != "system":
        raise NotPermitted("Sign in first.")


def _hours(row: WatchHours) -> dict[str, object]:
    return {"days": row.days, "from_hour": row.from_hour, "until_hour": row.until_hour}


def _audit(actor: Actor, account: OfficialAccount, event: str, details: dict, why: str = "") -> None:
    record(
        actor=actor,
        event=event,
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        reason=why,
        details=details,
    )
