"""What is recorded of an official account beside its course: its particulars, who administers it there, the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from accounts import governance, queries
from accounts.actions import project_grants
from accounts.models import (
    Mandate,
    MandateStep,
    NamingRule,
    NativeAdministrator,
    OfficialAccount,
)
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.no_secrets import refuse_secret
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

KEPT = (
    "kind",
    "name",
    "purpose",
    "profile_url",
    "audience",
    "neighbourhood",
    "team",
    "owner",
    "deputy",
    "asset_owner",
    "officer",
    "consented_on",
    "safety_checked_on",
    "named_publicly",
    "posting_ends_on",
    "mailbox",
    "vault_entry",
    "recovery",
    "force_device_only",
    "off_network",
    "verified",
    "verified_route",
    "continuity",
    "run",
    "bio",
    "has_picture",
    "seen_on",
)
"""What is changed among the particulars. Handle and platform are the account itself and never change."""
SHARED = ("name", "purpose", "profile_url", "neighbourhood", "team", "owner")
"""Of these the official account has a copy, which the rest of the platform reads."""
NO_SECRETS = ("vault_entry", "recovery", "off_network", "continuity")
"""Where somebody may be tempted to write the password itself."""


@action
def change_particulars(*, actor: Actor, mandate: Mandate, seen: str = "", **given: Any) -> Mandate:
    """What is recorded of an official account, or of one that is being opened, is changed.

    seen: `changed_at` in ISO form, as the page showed it; empty: as it stands. Raises NotPermitted, NotValid
    (an address that serves another account, a publicly named officer without consent, words that read like a
    password), ChangedSinceSeen.
    Audits mandate.changed with the names of what differs.
    """
    row = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate.pk)
    _require(actor, row)
    if row.state in (Mandate.State.CLOSED, Mandate.State.REFUSED, Mandate.State.WITHDRAWN):
        raise TransitionNotAllowed("It is over, so what is recorded of it stays as it is.")
    if seen and seen != row.changed_at.isoformat():
        raise ChangedSinceSeen(
            "Somebody changed it while you wrote. Look at what stands now, then change it."
        )
    was = {field: getattr(row, field) for field in KEPT}
    for field, value in given.items():
        if field not in KEPT:
            raise NotValid(f"There is no particular called {field}.")
        setattr(row, field, value.strip() if isinstance(value, str) else value)
    _check(row)
    changed = [field for field in KEPT if getattr(row, field) != was[field]]
    if not changed:
        raise NotValid("Everything stands as you have it. Nothing was changed.")
    for field in NO_SECRETS:
        if field in changed:
            refuse_secret(getattr(row, field), field=field)
    if "neighbourhood" in changed and isinstance(actor, StaffMember):
        # Grants over a neighbourhood reach its accounts, so that this gives power over the account.
        queries.require_over_all(actor, Power.MANAGE_REGISTER)
    row.changed_at = clock.now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as wrong:
        if "mandate_mailbox_once" not in str(wrong):
            raise
        raise NotValid("This address serves another official account already.", field="mailbox") from None
    _copy(actor, row, changed)
    MandateStep.objects.create(
        mandate=row,
        event="change",
        words=", ".join(field.replace("_", " ") for field in changed)[:1000],
        state=row.state,
        due_on=row.due_on,
        by=actor if isinstance(actor, StaffMember) else None,
        at=row.changed_at,
    )
    record(
        actor=actor,
        event="mandate.changed",
        subject=row,
        subject_name=row.name,
        official_account_id=row.official_account_id,
        details={"changed": changed},
    )
    return row


def _check(row: Mandate) -> None:
    if not row.name:
        raise NotValid("Give the name that the public sees.", field="name")
    if row.kind == Mandate.Kind.OFFICER and row.officer is None:
        raise NotValid("Choose the officer whose name it bears.", field="officer")
    if row.kind != Mandate.Kind.OFFICER:
        row.officer = row.consented_on = row.safety_checked_on = row.posting_ends_on = None
        row.named_publicly = False
    if row.named_publicly and (row.consented_on is None or row.safety_checked_on is None):
        raise NotValid(
            "The public list names an officer only with consent and a safety check: give both days.",
            field="named_publicly",
        )
    for field in ("consented_on", "safety_checked_on", "seen_on"):
        if (day := getattr(row, field)) is not None and day > clock.today():
            raise NotValid("That day is still to come.", field=field)
    if row.verified == Mandate.Verified.APPLIED and not row.verified_route:
        raise NotValid("Say how it was applied for.", field="verified_route")
    if row.off_network and row.force_device_only:
        raise NotValid(
            "It is said to be used on force devices only. Take that back, or name nobody.",
            field="off_network",
        )


def _copy(actor: Actor, row: Mandate, changed: list[str]) -> None:
    shared = [field for field in SHARED if field in changed]
    if row.official_account_id is None or not shared:
        return
    account = OfficialAccount.objects.select_for_update().get(pk=row.official_account_id)
    for field in shared:
        setattr(account, field, getattr(row, field))
    account.save(update_fields=shared)
    record(
        actor=actor,
        event="account.changed",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"changed": shared},
    )
    if "neighbourhood" in shared:
        project_grants()


@action
def begin_particulars(*, actor: StaffMember, official_account: OfficialAccount) -> Mandate:
    """An official account from before there were mandates has one, with what is known. Safe to run twice.

    Raises NotPermitted. Audits mandate.changed where it is made.
    """
    queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    account = OfficialAccount.objects.select_for_update().get(pk=official_account.pk)
    found = Mandate.objects.filter(official_account=account).first()
    if found is not None:
        return found
    now = clock.now()
    state = {
        OfficialAccount.Status.SUSPENDED: Mandate.State.SUSPENDED,
        OfficialAccount.Status.CLOSED: Mandate.State.CLOSED,
    }.get(OfficialAccount.Status(account.status), Mandate.State.ACTIVE)
    row = Mandate.objects.create(
        official_account=account,
        state=state,
        due_on=None if state == Mandate.State.CLOSED else clock.today() + governance.FIRST_REVIEW_AFTER,
        kind=Mandate.Kind.TEAM if account.team_id or account.neighbourhood_id else Mandate.Kind.FORCE,
        platform=account.platform,
        handle=account.handle,
        name=account.name,
        purpose=account.purpose,
        profile_url=account.profile_url,
        neighbourhood=account.neighbourhood,
        team=account.team,
        owner=account.owner,
        reasons="It existed before the register knew its particulars",
        requested_at=account.registered_at,
        changed_at=now,
    )
    MandateStep.objects.create(
        mandate=row, event="enter", state=row.state, due_on=row.due_on, by=actor, at=now
    )
    record(
        actor=actor,
        event="mandate.changed",
        subject=row,
        subject_name=row.name,
        official_account_id=account.pk,
        details={"changed": ["begun"]},
    )
    return row


# Who administers it on the platform


@action
def note_administrator(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    name: str,
    role: str,
    person: StaffMember | None = None,
) -> NativeAdministrator:
    """Somebody read on the platform that this person holds that role there.

    Raises NotPermitted, NotValid (no name or role, noted already). Audits account.administrator_noted.
    """
    _require_on(actor, official_account)
    name, role = " ".join(name.split()), " ".join(role.split())
    if not name:
        raise NotValid("Give the name as the platform shows it.", field="name")
    if not role:
        raise NotValid("Give the role as the platform calls it.", field="role")
    row = NativeAdministrator(
        official_account=official_account,
        name=name[:120],
        role=role[:80],
        person=person,
        checked_at=clock.now(),
        checked_by=actor if isinstance(actor, StaffMember) else None,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise NotValid(f"{name} stands in the list already.", field="name") from None
    _note_on(actor, official_account, "account.administrator_noted", name=name, role=role)
    return row


@action
def check_administrators(*, actor: StaffMember, official_account: OfficialAccount) -> int:
    """The person has looked on the platform: the list is as it is there. Answers how many stand in it.

    Raises NotPermitted, NotValid (nobody stands in it). Audits account.administrators_checked.
    """
    _require_on(actor, official_account)
    rows = NativeAdministrator.objects.filter(official_account=official_account, removed_at=None)
    count = rows.update(checked_at=clock.now(), checked_by=actor)
    if not count:
        raise NotValid("Nobody stands in the list. Add who administers it on the platform.")
    _note_on(actor, official_account, "account.administrators_checked", count=count)
    return count


@action
def remove_administrator(*, actor: StaffMember, administrator: NativeAdministrator) -> NativeAdministrator:
    """The person has removed them on the platform, or they are gone from it.

    Raises NotPermitted, TransitionNotAllowed (removed already). Audits account.administrator_removed.
    """
    row = (
        NativeAdministrator.objects.select_for_update(of=("self",))
        .select_related("official_account")
        .get(pk=administrator.pk)
    )
    _require_on(actor, row.official_account)
    if row.removed_at is not None:
        raise TransitionNotAllowed("They were taken off the list already.")
    row.removed_at, row.removed_by = clock.now(), actor
    row.save(update_fields=["removed_at", "removed_by"])
    _note_on(actor, row.official_account, "account.administrator_removed", name=row.name, role=row.role)
    return row


# The rules of names and profiles


@action
def add_rule(*, actor: Actor, kind: str, text: str, why: str, platforms: Iterable[str] = ()) -> NamingRule:
    """A rule of names and profiles holds from now on; the report names what breaks it.

    platforms: where; none: everywhere. Raises NotPermitted, NotValid. Audits naming.rule_added.
    """
    _require_rules(actor)
    text, why = " ".join(text.split()), why.strip()
    where = sorted(set(platforms))
    if kind not in NamingRule.Kind.values:
        raise NotValid("Choose what the rule is about.", field="kind")
    if kind == NamingRule.Kind.PICTURE:
        text = ""
    elif not text:
        raise NotValid("Give the words that the rule is about.", field="text")
    if not why:
        raise NotValid("Say why, in a few words.", field="why")
    if set(where) - registry.NAMES.keys():
        raise NotValid("Choose platforms of the list.", field="platforms")
    row = NamingRule(
        kind=kind,
        text=text,
        platforms=where,
        why=why[:300],
        set_by=actor if isinstance(actor, StaffMember) else None,
        set_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise NotValid("There is this rule already.", field="text") from None
    record(actor=actor, event="naming.rule_added", subject=row, subject_name=str(row), reason=row.why)
    return row


@action
def end_rule(*, actor: StaffMember, rule: NamingRule) -> NamingRule:
    """The rule holds no longer. Raises NotPermitted, TransitionNotAllowed. Audits naming.rule_ended."""
    _require_rules(actor)
    row = NamingRule.objects.select_for_update().get(pk=rule.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("This rule has ended already.")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    record(actor=actor, event="naming.rule_ended", subject=row, subject_name=str(row))
    return row


def may_set_rules(viewer: StaffMember) -> bool:
    """Whether they keep the rules: who keeps the register, and who assesses for communications."""
    return Power.MANAGE_REGISTER in queries.authority_of(viewer).over_all or queries.may(
        viewer, Power.ASSESS_ACCOUNTS
    )


def _require_rules(actor: Actor) -> None:
    if isinstance(actor, StaffMember) and not may_set_rules(actor):
        queries.require_over_all(actor, Power.MANAGE_REGISTER)


def _require(actor: Actor, row: Mandate) -> None:
    if not isinstance(actor, StaffMember):
        if actor.actor_kind != "system":
            raise NotPermitted("Sign in first.")
    elif row.official_account_id is not None:
        queries.require(actor, Power.MANAGE_REGISTER, row.official_account_id)
    else:
        queries.require_over_all(actor, Power.MANAGE_REGISTER)


def _require_on(actor: Actor, account: OfficialAccount) -> None:
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.MANAGE_REGISTER, account.pk)
    elif actor.actor_kind != "system":
        raise NotPermitted("Sign in first.")


def _note_on(actor: Actor, account: OfficialAccount, event: str, **details: Any) -> None:
    record(
        actor=actor,
        event=event,
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details=details,
    )
