"""Passkeys: set up, named, used, removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django_otp_webauthn.models import WebAuthnCredential

from audit.actions import record
from core import clock
from core.acting import action, action_on_oneself
from core.errors import NotFound, NotValid, TransitionNotAllowed
from staff import passkeys, queries
from staff.actions import factors, letters
from staff.models import Ceremony, Letter, StaffMember
from staff.passkeys import CeremonyRefused

VALID_FOR = timedelta(minutes=5)
MOST_PASSKEYS = 10


@action
def begin(*, actor: StaffMember, kind: str) -> tuple[dict[str, Any], int]:
    """What the browser needs for a ceremony, and the ceremony's number, which the session keeps.

    Raises TransitionNotAllowed where the person has ten passkeys already.
    """
    helper = passkeys.Helper(HttpRequest())
    if kind == Ceremony.Kind.ENROL:
        if queries.passkeys(actor).count() >= MOST_PASSKEYS:
            raise TransitionNotAllowed("You have ten passkeys. Remove one that you do not use first.")
        options, state = helper.register_begin(actor)
    else:
        options, state = helper.authenticate_begin(user=actor, require_user_verification=False)
    ceremony = Ceremony.objects.create(
        member=actor, kind=kind, challenge=state["challenge"], begun_at=clock.now()
    )
    return options, ceremony.pk


def finish_enrolment(
    *, actor: StaffMember, ceremony: object, given: str, name: str
) -> tuple[WebAuthnCredential, list[str]]:
    """The passkey counts from now on. The first second factor brings ten recovery codes, answered once.

    Raises NotValid. Audits staff.passkey_enrolled (and staff.recovery_codes_made), or staff.passkey_refused.
    """
    try:
        challenge = _challenge(actor, ceremony, Ceremony.Kind.ENROL)
        answer = passkeys.answer(given)
        credential, verified = passkeys.judge_enrolment(answer, challenge=challenge)
        device = passkeys.Helper(HttpRequest()).create_credential(
            actor, verified, credential, {} if _odd_extensions(answer) else answer
        )
        device.name = (name.replace("\x00", "").strip() or "Passkey")[:60]
        return _keep(actor=actor, device=device)
    except CeremonyRefused as refusal:
        _note_refusal(actor=actor, event="staff.passkey_refused", why=refusal.why)
        raise NotValid(refusal.sentence, field="passkey") from None


def _odd_extensions(answer: dict[str, Any]) -> bool:
    said = answer.get("clientExtensionResults")
    return not isinstance(said, dict) or not isinstance(said.get("credProps", {}), dict)


def _challenge(actor: StaffMember, ceremony: object, kind: str) -> str:
    row = _take(actor=actor, ceremony=ceremony, kind=kind) if isinstance(ceremony, int) else None
    if row is None or clock.now() - row.begun_at > VALID_FOR:
        raise CeremonyRefused("late")
    return row.challenge


@action
def _take(*, actor: StaffMember, ceremony: int, kind: str) -> Ceremony | None:
    """The ceremony, which is over with this: whatever comes of it, its challenge is never used again."""
    row = Ceremony.objects.select_for_update().filter(pk=ceremony, member=actor, kind=kind).first()
    if row is not None:
        Ceremony.objects.filter(pk=row.pk).delete()
    return row


@action_on_oneself
def _keep(*, actor: StaffMember, device: WebAuthnCredential) -> tuple[WebAuthnCredential, list[str]]:
    first = not queries.has_factor(actor)
    device.confirmed = True
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:
        raise CeremonyRefused("twice") from None
    record(
        actor=actor,
        event="staff.passkey_enrolled",
        subject=actor,
        subject_name=actor.called,
        details={"name": device.name},
    )
    letters.queue(actor, Letter.Kind.FACTOR, what="a passkey was set up for your sign-in.")
    return device, factors.renew_recovery_codes(actor=actor) if first else []


def prove(
    *, actor: StaffMember, ceremony: object, given: str, right: str, wrong: str, page: str = ""
) -> WebAuthnCredential:
    """The passkey that answered. right, wrong: the events that stand in the trail.

    Raises NotValid. Audits what it is told to, with `why` for a refusal.
    """
    try:
        challenge = _challenge(actor, ceremony, Ceremony.Kind.PROVE)
        return _judge(actor=actor, challenge=challenge, given=given, event=right, page=page)
    except CeremonyRefused as refusal:
        _note_refusal(actor=actor, event=wrong, why=refusal.why, page=page)
        raise NotValid(refusal.sentence, field="passkey") from None


@action
def _judge(*, actor: StaffMember, challenge: str, given: str, event: str, page: str) -> WebAuthnCredential:
    answer = passkeys.answer(given)
    hashed = WebAuthnCredential.get_credential_id_sha256(passkeys.credential_id(answer))
    # Of their own alone: somebody else's passkey reads the same as one that there is not.
    device = (
        queries.passkeys(actor).select_for_update(of=("self",)).filter(credential_id_sha256=hashed).first()
    )
    if device is None:
        raise CeremonyRefused("unknown")
    verified = passkeys.judge_proof(
        answer, challenge=challenge, public_key=device.public_key, count=device.sign_count
    )
    device.sign_count = verified.new_sign_count
    device.backup_state = verified.credential_backed_up
    device.set_last_used_timestamp(commit=False)
    device.save(update_fields=["sign_count", "backup_state", "last_used_at"])
    details = {"by": "passkey"} | ({"page": page} if page else {})
    record(actor=actor, event=event, subject=actor, subject_name=actor.called, details=details)
    return device


@action
def _note_refusal(*, actor: StaffMember, event: str, why: str, page: str = "") -> None:
    details = {"by": "passkey", "why": why} | ({"page": page} if page else {})
    record(actor=actor, event=event, subject=actor, subject_name=actor.called, details=details)


@action_on_oneself
def rename(*, actor: StaffMember, pk: int, name: str) -> WebAuthnCredential:
    """The passkey goes by another name. Raises NotFound, NotValid. Audits staff.passkey_renamed."""
    device = _own(actor, pk)
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= 60:
        raise NotValid("Give the passkey a name of at most 60 letters, such as “Desk key”.", field="name")
    device.name = name
    device.save(update_fields=["name"])
    record(
        actor=actor,
        event="staff.passkey_renamed",
        subject=actor,
        subject_name=actor.called,
        details={"name": name},
    )
    return device


@action_on_oneself
def remove(*, actor: StaffMember, pk: int) -> None:
    """The passkey counts no longer; sessions that stand on it ask for another factor.

    Raises NotFound, TransitionNotAllowed (the last factor; an administrator's last passkey).
    Audits staff.passkey_removed.
    """
    device = _own(actor, pk)
    others = queries.passkeys(actor).exclude(pk=pk).exists()
    if not others and not queries.has_app(actor):
        raise TransitionNotAllowed("That is your last second factor. Set up another one first.")
    if not others and queries.must_have_passkey(actor):
        raise TransitionNotAllowed(
            "An administrator keeps at least one passkey. Set up the new one first, then remove this one."
        )
    name = device.name
    device.delete()
    record(
        actor=actor,
        event="staff.passkey_removed",
        subject=actor,
        subject_name=actor.called,
        details={"name": name},
    )
    letters.queue(actor, Letter.Kind.FACTOR, what="a passkey of your sign-in was removed.")


def _own(actor: StaffMember, pk: int) -> WebAuthnCredential:
    # Locked, so that of two removals at once the second sees what is left.
    device = queries.passkeys(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    if device is None:
        raise NotFound("You have no such passkey. It may have been removed already.")
    return device
