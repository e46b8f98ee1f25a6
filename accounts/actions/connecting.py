"""Connecting official accounts to their platforms: on the way there, what the platform says, what else is connected."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from accounts import envelopes, queries
from accounts.models import Allowance, ConnectAttempt, ConnectedApp, OfficialAccount, PlatformLink, Spending
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from platforms.contract import Fault, Identity, Usage
from staff.models import StaffMember
from staff.roles import Power

CONNECTING = System("connections")
CALLS = System("calls by platforms")
ATTEMPT_LASTS = timedelta(minutes=10)
KEPT_FOR = timedelta(days=1)


@action
def begin_connecting(*, actor: StaffMember, official_account: OfficialAccount) -> tuple[str, str]:
    """Somebody goes to the platform to allow us to speak for the official account.

    Returns the state and the PKCE verifier (RFC 7636), both good once and for ten minutes.
    Raises NotPermitted, TransitionNotAllowed (closed). Audits account.connecting.
    """
    queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    account = OfficialAccount.objects.select_for_update().get(pk=official_account.pk)
    if account.status == OfficialAccount.Status.CLOSED:
        raise TransitionNotAllowed("This official account is closed for good, so it is not connected.")
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    wrapped, sealed = envelopes.seal(verifier.encode())
    ConnectAttempt.objects.create(
        official_account=account,
        by=actor,
        state_digest=_digest(state),
        wrapped_key=wrapped,
        verifier=sealed,
        begun_at=clock.now(),
    )
    _note(actor, account, "account.connecting")
    return state, verifier


@action
def take_answer(*, actor: StaffMember, platform: str, state: str) -> tuple[OfficialAccount, str]:
    """The platform sent somebody back. The official account that it is about, and the verifier.

    Raises NotPermitted (the answer to somebody else's attempt), or NotValid (forged, used or older than
    ten minutes). Nothing is stored yet.
    """
    row = (
        ConnectAttempt.objects.select_for_update(of=("self",))
        .select_related("official_account")
        .filter(state_digest=_digest(state), official_account__platform=platform)
        .first()
    )
    if row is None or row.used_at is not None or clock.now() - row.begun_at > ATTEMPT_LASTS:
        raise NotValid(
            "This answer from the platform was used already, is older than ten minutes, or was not asked for. "
            "Open the official account and connect it again."
        )
    if row.by_id != actor.pk:
        raise NotPermitted("Somebody else began this. Open the official account and connect it yourself.")
    queries.require(actor, Power.MANAGE_REGISTER, row.official_account_id)
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    try:
        verifier = envelopes.open_sealed(bytes(row.wrapped_key), bytes(row.verifier)).decode()
    except InvalidToken:
        raise NotValid("The installation's key was changed meanwhile. Connect it again.") from None
    return row.official_account, verifier


@action
def note_refused_answer(*, actor: StaffMember, platform: str, why: str) -> None:
    """An answer from a platform that was forged, used before, too old or somebody else's leaves a trace.

    Audits account.connection_refused.
    """
    record(
        actor=actor,
        event="account.connection_refused",
        subject_name=platform[:20],
        details={"why": why[:300]},
    )


@action
def note_checked(*, actor: Actor, official_account: OfficialAccount, identity: Identity) -> PlatformLink:
    """The credential works, and the platform says whose it is: what it said is kept.

    Raises NotPermitted. Audits account.connection_checked when a person asked, or when it had failed before.
    """
    _may(actor, official_account)
    link = _locked_link(official_account)
    failed_before = bool(link.fault)
    link.external_id = identity.external_id[:300]
    link.handle, link.name = identity.handle[:300], identity.name[:300]
    link.scopes = sorted(identity.scopes) if identity.scopes is not None else None
    link.limits = asdict(identity.limits) if identity.limits is not None else {}
    link.settings = {str(key)[:100]: str(value)[:300] for key, value in identity.settings.items()}
    link.checked_at = clock.now()
    link.fault = link.fault_raw = ""
    link.fault_at = None
    link.save()
    if failed_before or isinstance(actor, StaffMember):
        _note(actor, official_account, "account.connection_checked", {"outcome": "it works"})
    return link


@action
def note_fault(*, actor: Actor, official_account: OfficialAccount, fault: Fault) -> PlatformLink:
    """The platform refused the credential or did not answer: the sentence and the raw answer are kept.

    Raises NotPermitted. Audits account.connection_checked where a person asked or it had worked before.
    """
    _may(actor, official_account)
    link = _locked_link(official_account)
    worked_before = not link.fault
    link.fault, link.fault_raw = fault.sentence[:500], fault.raw[:2000]
    link.fault_at = clock.now()
    link.save()
    if worked_before or isinstance(actor, StaffMember):
        _note(actor, official_account, "account.connection_checked", {"outcome": fault.sentence[:300]})
    return link


@action
def note_usage(
    *, actor: Actor = CONNECTING, official_account: OfficialAccount, usage: Sequence[Usage]
) -> None:
    """What a platform said about what is left of its allowances is kept for the next call to read."""
    now = clock.now()
    for said in usage:
        if said.counted is not None and said.limit and said.resets_at is not None:
            _add_up(official_account.platform, said, said.limit, said.resets_at)
    rows = [
        Allowance(
            official_account=official_account,
            endpoint=said.endpoint[:120],
            share_used=min(max(said.share_used, 0.0), 1.0),
            limit=said.limit,
            remaining=said.remaining,
            resets_at=said.resets_at,
            read_at=now,
        )
        for said in sorted(usage, key=lambda said: said.endpoint)
        if said.counted is None
    ]
    Allowance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["official_account", "endpoint"],
        update_fields=["share_used", "limit", "remaining", "resets_at", "read_at"],
    )


def _add_up(platform: str, said: Usage, limit: int, resets_at: datetime) -> None:
    """What one process used is added to what all others did; each official account there has the same left.

    The row of the period is locked by its update, so that no two processes overwrite one another.
    """
    Spending.objects.bulk_create(
        [Spending(platform=platform, endpoint=said.endpoint[:120], resets_at=resets_at)],
        ignore_conflicts=True,
    )
    period = Spending.objects.filter(platform=platform, endpoint=said.endpoint[:120], resets_at=resets_at)
    period.update(used=F("used") + (said.counted or 0))
    used = min(limit, period.values_list("used", flat=True)[0])
    now = clock.now()
    Allowance.objects.bulk_create(
        [
            Allowance(
                official_account_id=pk,
                endpoint=said.endpoint[:120],
                share_used=used / limit,
                limit=limit,
                remaining=limit - used,
                resets_at=resets_at,
                read_at=now,
            )
            for pk in OfficialAccount.objects.filter(platform=platform)
            .exclude(status=OfficialAccount.Status.CLOSED)
            .order_by("pk")
            .values_list("pk", flat=True)
        ],
        update_conflicts=True,
        unique_fields=["official_account", "endpoint"],
        update_fields=["share_used", "limit", "remaining", "resets_at", "read_at"],
    )


@action
def note_diagnosis(*, actor: Actor, platform: str, act: str) -> None:
    """Somebody reads from a platform by command, beside the desk: it stands in the trail.

    Audits account.diagnosed.
    """
    record(
        actor=actor, event="account.diagnosed", subject_name=registry.NAMES[platform], details={"act": act}
    )


@action
def note_calls(*, actor: Actor, platform: str, count: int) -> None:
    """A platform was given our address to call. Audits platform.call_registered."""
    record(
        actor=actor,
        event="platform.call_registered",
        subject_name=registry.NAMES[platform],
        details={"count": count},
    )


# What else is connected on the platform


@action
def note_app(
    *,
    actor: StaffMember,
    official_account: OfficialAccount,
    name: str,
    need: str = "",
    approved_by: StaffMember | None = None,
    review_on: date | None = None,
) -> ConnectedApp:
    """Another program was seen on the official account's own settings page, and is in the inventory.

    Source: APP social media, minimum standards: only critically necessary third-party apps. One without
    a critical need, an approver or a review date is to be removed on the platform: the owner is told.
    review_on: London calendar date, later than today.
    Raises NotPermitted, or NotValid (no name, listed already, a date gone by). Audits account.app_noted.
    """
    queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    app = ConnectedApp(official_account=official_account, name=" ".join(name.split())[:120])
    if not app.name:
        raise NotValid("Give the name of the program as the platform shows it.", field="name")
    _describe(app, need, approved_by, review_on)
    app.noted_at = app.checked_at = clock.now()
    app.noted_by = app.checked_by = actor
    try:
        with transaction.atomic():
            app.save(force_insert=True)
    except IntegrityError:
        raise NotValid(f"{app.name} is in the list already.", field="name") from None
    _note_app(actor, app, "account.app_noted")
    _ask_for_removal(app)
    return app


@action
def change_app(
    *,
    actor: StaffMember,
    app: ConnectedApp,
    need: str,
    approved_by: StaffMember | None,
    review_on: date | None,
) -> ConnectedApp:
    """Need, approver and review date of another program are as given; it counts as looked at now.

    Raises NotPermitted, NotValid, TransitionNotAllowed (removed already). Audits account.app_noted.
    """
    row = _locked_app(actor, app)
    _describe(row, need, approved_by, review_on)
    row.checked_at, row.checked_by = clock.now(), actor
    row.save()
    _note_app(actor, row, "account.app_noted")
    _ask_for_removal(row)
    return row


@action
def remove_app(*, actor: StaffMember, app: ConnectedApp) -> ConnectedApp:
    """Somebody has removed the other program on the platform, and signs for it.

    Raises NotPermitted, TransitionNotAllowed (removed already). Audits account.app_removed.
    """
    row = _locked_app(actor, app)
    row.removed_at, row.removed_by = clock.now(), actor
    row.save(update_fields=["removed_at", "removed_by"])
    _note_app(actor, row, "account.app_removed")
    return row


@action
def sweep_attempts(*, actor: Actor = CONNECTING) -> int:
    """Attempts to connect that are a day old leave nothing behind. Nothing of them was stored."""
    gone, _ = ConnectAttempt.objects.filter(begun_at__lt=clock.now() - KEPT_FOR).delete()
    return gone


def _may(actor: Actor, official_account: OfficialAccount) -> None:
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)


def _locked_link(official_account: OfficialAccount) -> PlatformLink:
    PlatformLink.objects.get_or_create(official_account=official_account)
    return PlatformLink.objects.select_for_update().get(official_account=official_account)


def _locked_app(actor: StaffMember, app: ConnectedApp) -> ConnectedApp:
    row = (
        ConnectedApp.objects.select_for_update(of=("self",)).select_related("official_account").get(pk=app.pk)
    )
    queries.require(actor, Power.MANAGE_REGISTER, row.official_account_id)
    if row.removed_at is not None:
        raise TransitionNotAllowed(f"{row.name} is recorded as removed already.")
    return row


def _describe(app: ConnectedApp, need: str, approved_by: StaffMember | None, review_on: date | None) -> None:
    if review_on is not None and review_on <= clock.today():
        raise NotValid("Choose a day after today for the review.", field="review_on")
    app.need, app.approved_by, app.review_on = " ".join(need.split())[:300], approved_by, review_on


def _ask_for_removal(app: ConnectedApp) -> None:
    if not app.lacks:
        return
    account = app.official_account
    notify(
        actor=CONNECTING,
        to=[account.owner],
        urgency=Notice.Urgency.SOON,
        title=f"Remove {app.name} from {account.name}"[:160],
        body=f"It is connected on the platform with {app.lacks}. Remove it there and sign for it, or complete the entry.",
        link=reverse("accounts:account", args=[account.pk]) + "#apps",
        key=f"app:{app.pk}",
    )


def _note(actor: Actor, account: OfficialAccount, event: str, details: dict[str, str] | None = None) -> None:
    record(
        actor=actor,
        event=event,
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details=details,
    )


def _note_app(actor: Actor, app: ConnectedApp, event: str) -> None:
    _note(actor, app.official_account, event, {"app": app.name, "lacks": app.lacks})


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
