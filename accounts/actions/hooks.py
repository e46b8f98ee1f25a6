"""Webhooks of the register: made, given new secrets, told of changes, tried again, switched off and ended."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.urls import reverse

from accounts import envelopes, hooks, queries, told
from accounts.models import Hook, HookCall, RegisterState, ServiceIdentity
from accounts.queries import people_with
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

State = HookCall.State
LEASE = timedelta(minutes=2)
MOST_OF_A_SERVICE = 5
REGISTER = System("register")


def check_address(address: str) -> str:
    """The address in one form. Asks the name server, so before the action. Raises NotValid with what to give."""
    address = address.strip()
    if why := hooks.allowed(address):
        raise NotValid(why, field="address")
    return address


@action
def add_hook(*, actor: StaffMember, service: ServiceIdentity, address: str) -> tuple[Hook, str]:
    """The service is told there of changes from now on. Answers the secret, for once: it is kept sealed.

    address: as check_address gives it. Raises NotPermitted, NotValid (told there already, five already),
    TransitionNotAllowed (the service is retired). Audits hook.added.
    """
    queries.require(actor, Power.MANAGE_STAFF)
    service = ServiceIdentity.objects.select_for_update().select_related("member").get(pk=service.pk)
    if not service.member.active:
        raise TransitionNotAllowed(f"{service} is retired.")
    live = Hook.objects.filter(service=service, ended_at=None)
    if live.filter(address=address).exists():
        raise NotValid("It is told there already.", field="address")
    if live.count() >= MOST_OF_A_SERVICE:
        raise NotValid(f"A service has at most {MOST_OF_A_SERVICE} webhooks. End one first.", field="address")
    if not Hook.objects.filter(ended_at=None).exists():
        # The first begins from how things stand: what was before, the program reads through the API.
        _keep_shown(told.everything())
    secret = _new_secret()
    wrapped, sealed = envelopes.seal(secret.encode())
    hook = Hook.objects.create(
        service=service,
        address=address,
        wrapped_key=wrapped,
        sealed=sealed,
        secret_made_at=clock.now(),
        made_by=actor,
        made_at=clock.now(),
    )
    _note(actor, hook, "hook.added")
    return hook, secret


@action
def renew_secret(*, actor: StaffMember, hook: Hook) -> str:
    """A new secret signs from now on; the one before signs beside it for 24 hours. Answers the new one, for once.

    Raises NotPermitted, TransitionNotAllowed (ended). Audits hook.secret_renewed.
    """
    row = _locked(actor, hook)
    secret = _new_secret()
    row.former_wrapped_key, row.former_sealed = row.wrapped_key, row.sealed
    row.former_until = clock.now() + hooks.FORMER_FOR
    row.wrapped_key, row.sealed = envelopes.seal(secret.encode())
    row.secret_made_at = clock.now()
    row.save()
    _note(actor, row, "hook.secret_renewed")
    return secret


@action
def try_hook(*, actor: StaffMember, hook: Hook) -> HookCall:
    """It is told something that means nothing, so that the program can be tried. Audits hook.tested.

    Raises NotPermitted, TransitionNotAllowed (ended, or switched off).
    """
    row = _locked(actor, hook)
    if row.stopped_at is not None:
        raise TransitionNotAllowed("It is switched off. Switch it on first; what waits is then told.")
    call = _call(row, {"event": hooks.TEST, "version": hooks.VERSION, "at": clock.now().isoformat()}, None)
    call.save(force_insert=True)
    _note(actor, row, "hook.tested")
    return call


@action
def send_again(*, actor: StaffMember, call: HookCall) -> HookCall:
    """What was told or given up is told once more, under the same key. Audits hook.sent_again.

    Raises NotPermitted, TransitionNotAllowed (it waits already, the webhook is ended or switched off).
    """
    row = HookCall.objects.select_for_update().get(pk=call.pk)
    hook = _locked(actor, row.hook)
    if row.state == State.WAITING:
        raise TransitionNotAllowed("It waits to be sent already.")
    if hook.stopped_at is not None:
        raise TransitionNotAllowed("It is switched off. Switch it on first.")
    row.state, row.ended_at, row.due_at, row.tries = State.WAITING, None, clock.now(), 0
    row.save(update_fields=["state", "ended_at", "due_at", "tries"])
    _note(actor, hook, "hook.sent_again")
    return row


@action
def switch_on(*, actor: StaffMember, hook: Hook) -> Hook:
    """After it was switched off for failing: what waits is told now. Audits hook.switched_on.

    Raises NotPermitted, TransitionNotAllowed.
    """
    row = _locked(actor, hook)
    if row.stopped_at is None:
        raise TransitionNotAllowed("It is not switched off.")
    row.stopped_at, row.failures = None, 0
    row.save(update_fields=["stopped_at", "failures"])
    row.calls.filter(state=State.WAITING).update(due_at=clock.now())
    _note(actor, row, "hook.switched_on")
    return row


@action
def end_hook(*, actor: StaffMember, hook: Hook) -> Hook:
    """Nothing is told there any more, and what waits is given up. Audits hook.ended.

    Raises NotPermitted, TransitionNotAllowed (ended already).
    """
    row = _locked(actor, hook)
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    row.calls.filter(state=State.WAITING).update(
        state=State.FAILED, ended_at=clock.now(), why="The webhook was ended."
    )
    _note(actor, row, "hook.ended")
    return row


@action
def note_changes(*, actor: Actor = REGISTER) -> int:
    """What differs from what programs were last told is to be told now, to each that may see it. Answers how many.

    Compared with the register itself, so that no way of changing it is missed, and nothing is told twice. Where
    there is no live webhook the register is not read. Audits hook.changes_noted where there were any.
    """
    with connection.cursor() as cursor:
        # One at a time, whoever else begins finds what this one told.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('accounts.register_hooks'))")
        if not cursor.fetchone()[0]:
            return 0
    live = list(
        Hook.objects.filter(ended_at=None, service__member__active=True).select_related("service__member")
    )
    if not live:
        return 0
    before = {row.official_account_id: row.shown for row in RegisterState.objects.all()}
    now = told.everything()
    changed = [pk for pk, entry in now.items() if before.get(pk) != entry]
    _keep_shown({pk: now[pk] for pk in changed})
    calls = []
    for hook in live:
        seen = set(queries.register(hook.service.member).values_list("pk", flat=True)) if changed else set()
        for pk in changed:
            if pk in seen:
                fields = sorted(key for key in now[pk] if before.get(pk, {}).get(key) != now[pk][key])
                change = "changed" if pk in before else "added"
                calls.append(_call(hook, hooks.payload(change, now[pk], fields), pk))
    HookCall.objects.bulk_create(calls)
    if calls:
        record(actor=actor, event="hook.changes_noted", shown_ids=changed, details={"count": len(calls)})
    return len(calls)


@action
def claim_calls(*, actor: Actor = REGISTER, most: int = 20) -> list[HookCall]:
    """Calls that are due, for one try each; nobody else takes them for LEASE. The try is counted before it is made."""
    at = clock.now()
    due = list(
        HookCall.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("hook__service__member")
        .filter(
            state=State.WAITING,
            due_at__lte=at,
            hook__ended_at=None,
            hook__stopped_at=None,
            hook__service__member__active=True,
        )
        .order_by("due_at", "id")[:most]
    )
    for call in due:
        call.tries += 1
        call.due_at, call.tried_at = at + LEASE, at
        call.save(update_fields=["tries", "due_at", "tried_at"])
    return due


@action
def note_tried(*, actor: Actor = REGISTER, call: HookCall, tried: hooks.Tried) -> HookCall:
    """What came of a try: taken, to be tried again later, or given up; ten in a row switch the webhook off.

    Audits hook.told, hook.given_up and hook.stopped.
    """
    row = HookCall.objects.select_for_update().get(pk=call.pk)
    hook = (
        Hook.objects.select_for_update(of=("self",))
        .select_related("service__member", "service__owner")
        .get(pk=row.hook_id)
    )
    if row.state != State.WAITING or row.tries != call.tries:
        return row  # somebody else's try by now
    row.status, row.why = tried.status, tried.why[:200]
    if not tried.why:
        row.state, row.ended_at = State.SENT, clock.now()
        hook.failures = 0
        hook.save(update_fields=["failures"])
        row.save()
        _note(actor, hook, "hook.told")
        return row
    hook.failures += 1
    hook.save(update_fields=["failures"])
    if tried.for_good or row.tries > len(hooks.WAITS):
        row.state, row.ended_at = State.FAILED, clock.now()
        _note(actor, hook, "hook.given_up")
    else:
        row.due_at = clock.now() + hooks.WAITS[row.tries - 1]
    row.save()
    if hook.failures >= hooks.STOPS_AFTER and hook.stopped_at is None:
        hook.stopped_at = clock.now()
        hook.save(update_fields=["stopped_at"])
        _note(actor, hook, "hook.stopped")
        _tell(actor, hook)
    return row


@action
def wrap_secrets_anew(*, actor: Actor) -> int:
    """Every secret is under the newest installation key. Answers how many were wrapped anew. Audits hook.secrets_wrapped.

    Raises NotValid where one cannot be opened.
    """
    done = 0
    for row in Hook.objects.select_for_update(of=("self",)).filter(ended_at=None).order_by("id"):
        try:
            for name in ("wrapped_key", "former_wrapped_key"):
                wrapped = bytes(getattr(row, name))
                if wrapped and not envelopes.under_newest(wrapped):
                    setattr(row, name, envelopes.wrap_anew(wrapped))
                    done += 1
        except envelopes.Unreadable:
            raise NotValid(
                f"The secret of the {row} was sealed with a key that is no longer configured. Put that key back "
                "behind the new one, or give the webhook a new secret; nothing was changed."
            ) from None
        row.save(update_fields=["wrapped_key", "former_wrapped_key"])
    if done:
        record(actor=actor, event="hook.secrets_wrapped", details={"count": done})
    return done


def _keep_shown(entries: Mapping[int, Mapping[str, Any]]) -> None:
    RegisterState.objects.bulk_create(
        [
            RegisterState(official_account_id=pk, shown=entry, changed_at=clock.now())
            for pk, entry in entries.items()
        ],
        update_conflicts=True,
        unique_fields=["official_account"],
        update_fields=["shown", "changed_at"],
    )


def _call(hook: Hook, payload: dict[str, Any], pk: int | None) -> HookCall:
    now = clock.now()
    return HookCall(hook=hook, payload=payload, official_account_id=pk, made_at=now, due_at=now)


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _locked(actor: StaffMember, hook: Hook) -> Hook:
    queries.require(actor, Power.MANAGE_STAFF)
    row = Hook.objects.select_for_update(of=("self",)).select_related("service__member").get(pk=hook.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("This webhook was ended. Add a new one.")
    return row


def _tell(actor: Actor, hook: Hook) -> None:
    to: Sequence[StaffMember] = [hook.service.owner, *people_with(Power.MANAGE_STAFF)]
    notify(
        actor=actor,
        to=to,
        urgency=Notice.Urgency.SOON,
        title=f"The webhook of {hook.service} is switched off"[:160],
        body=f"{hooks.STOPS_AFTER} tries in a row failed. What it is to be told waits until somebody switches it on.",
        link=reverse("accounts:hook", args=[hook.pk]),
        key=f"hook {hook.pk} {clock.now():%Y%m%dT%H%M%S}",
    )


def _note(actor: Actor, hook: Hook, event: str) -> None:
    record(actor=actor, event=event, subject=hook, subject_name=str(hook)[:200])
