"""Credentials of official accounts: stored sealed, renewed before they expire, wrapped anew under a new key.

Nothing here gives a secret to anybody but a connector.
"""

from __future__ import annotations

import json
from datetime import timedelta

from django.db.models import F, Max, Q
from django.urls import reverse

from accounts import envelopes, queries
from accounts.models import Credential, OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid
from notices.actions import notify
from notices.models import Notice
from platforms.contract import Token
from staff.models import StaffMember
from staff.roles import Power

RENEWALS = System("credential renewal")
RENEWED_WITHIN = timedelta(minutes=2)
"""How long one worker may be about a renewal. Longer than any call to a platform takes."""
AHEAD = timedelta(days=7)
SHARE_AHEAD = 0.25
"""Renewed when a quarter of its life is left, and a week ahead at the latest."""
AGAIN_AFTER = timedelta(minutes=5)
LONGEST_SECRET = 10_000


@action
def store_credential(*, actor: Actor, official_account: OfficialAccount, secret: str) -> Credential:
    """A token that somebody pasted is kept sealed; the one before it is gone. Never replaced by an empty one.

    Raises NotPermitted, or NotValid for an empty or endless secret. Audits account.credential_stored
    (never the secret).
    """
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    return _store(actor, official_account, Token(secret=secret.strip()))


@action
def store_token(*, actor: Actor, official_account: OfficialAccount, token: Token) -> Credential:
    """What a platform handed out when an official account was connected, or in place of what expires.

    Raises NotPermitted, or NotValid for an empty token: the stored one stays. Audits
    account.credential_stored, or account.credential_renewed when the machinery does it.
    """
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.MANAGE_REGISTER, official_account.pk)
    return _store(actor, official_account, token)


def open_token(official_account: OfficialAccount) -> Token:
    """The credential in clear, for a connector only. Raises NotValid where none can be read."""
    live = official_account.credentials.filter(replaced_at=None).first()
    if live is None:
        raise NotValid(f"{official_account.name} has no stored token. Store one in the register.")
    try:
        content = envelopes.open_sealed(bytes(live.wrapped_key), bytes(live.sealed)).decode()
    except envelopes.Unreadable:
        raise NotValid(
            f"The token of {official_account.name} was sealed with a key that is no longer configured. "
            "Store it again."
        ) from None
    if not live.wrapped_key:
        return Token(secret=content)
    kept = json.loads(content)
    return Token(secret=kept["secret"], refresh=kept["refresh"], expires_at=live.expires_at)


@action
def claim_renewal(*, actor: Actor = RENEWALS) -> Credential | None:
    """The next credential that wants renewing is in this worker's hands for two minutes."""
    now = clock.now()
    soon = (
        Credential.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account")
        .filter(
            Q(renewing_until=None) | Q(renewing_until__lt=now),
            replaced_at=None,
            renewable=True,
            official_account__status=OfficialAccount.Status.ACTIVE,
        )
        .filter(
            Q(expires_at__lt=now + AHEAD)
            & Q(expires_at__lt=now + (F("expires_at") - F("stored_at")) * SHARE_AHEAD)
        )
        .order_by("expires_at", "id")
        .first()
    )
    if soon is None:
        return None
    soon.renewing_until = now + RENEWED_WITHIN
    soon.save(update_fields=["renewing_until"])
    return soon


@action
def note_renewal_failed(
    *, actor: Actor = RENEWALS, credential: Credential, sentence: str, lasting: bool
) -> None:
    """A fresh credential could not be had. It is tried again; where that is no use, the owner is told.

    Audits account.renewal_failed where it lasts.
    """
    account = credential.official_account
    row = Credential.objects.select_for_update().get(pk=credential.pk)
    if row.replaced_at is not None:
        return
    row.renewing_until = clock.now() + AGAIN_AFTER
    row.renewable = not lasting
    row.save(update_fields=["renewing_until", "renewable"])
    if not lasting:
        return
    record(
        actor=actor,
        event="account.renewal_failed",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"why": sentence[:300]},
    )
    notify(
        actor=actor,
        to=[account.owner],
        urgency=Notice.Urgency.PAGE,
        title=f"{account.name} has to be connected again",
        body=f"{sentence} Until then nothing will be read from it or sent to it.",
        link=reverse("accounts:account", args=[account.pk]),
        key=f"renewal:{credential.pk}",
    )


@action
def rotate(*, actor: Actor) -> int:
    """Every credential is under the newest installation key. Returns how many were wrapped anew.

    Workers go on meanwhile: the old key stays configured until this is done. Safe to run twice.
    Raises NotValid where one cannot be opened: its official account is named, and nothing is changed.
    Audits account.credentials_rotated.
    """
    rows = Credential.objects.select_for_update(of=("self",)).select_related("official_account")
    done = 0
    for row in rows.filter(replaced_at=None).order_by("id"):
        wrapped, sealed = bytes(row.wrapped_key), bytes(row.sealed)
        if wrapped and envelopes.under_newest(wrapped):
            continue
        try:
            if wrapped:
                row.wrapped_key = envelopes.wrap_anew(wrapped)
            else:
                content = _content(Token(secret=envelopes.open_sealed(b"", sealed).decode()))
                row.wrapped_key, row.sealed = envelopes.seal(content)
        except envelopes.Unreadable:
            raise NotValid(
                f"The token of {row.official_account.name} was sealed with a key that is no longer configured. "
                "Put that key back behind the new one, or store the token again; nothing was changed."
            ) from None
        row.save(update_fields=["wrapped_key", "sealed"])
        done += 1
    record(
        actor=actor,
        event="account.credentials_rotated",
        subject=None,
        subject_name="platform credentials",
        details={"count": done},
    )
    return done


def _store(actor: Actor, official_account: OfficialAccount, token: Token) -> Credential:
    if not token.secret:
        raise NotValid(
            "The token is empty. Paste the token; the stored one stays until then.", field="secret"
        )
    if len(token.secret) + len(token.refresh) > LONGEST_SECRET:
        raise NotValid("That is too long to be a token. Paste the token alone.", field="secret")
    account = OfficialAccount.objects.select_for_update().get(pk=official_account.pk)
    now = clock.now()
    before = account.credentials.filter(replaced_at=None).first()
    if before is not None:
        before.sealed = before.wrapped_key = b""
        before.replaced_at, before.renewable, before.renewing_until = now, False, None
        before.save(update_fields=["sealed", "wrapped_key", "replaced_at", "renewable", "renewing_until"])
    number = account.credentials.aggregate(last=Max("number"))["last"] or 0
    wrapped_key, sealed = envelopes.seal(_content(token))
    credential = Credential.objects.create(
        official_account=account,
        number=number + 1,
        wrapped_key=wrapped_key,
        sealed=sealed,
        expires_at=token.expires_at,
        renewable=bool(token.refresh),
        stored_at=now,
        stored_by=actor if isinstance(actor, StaffMember) else None,
    )
    record(
        actor=actor,
        event="account.credential_renewed" if actor is RENEWALS else "account.credential_stored",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"version": credential.number},
    )
    return credential


def _content(token: Token) -> bytes:
    return json.dumps({"secret": token.secret, "refresh": token.refresh}).encode()
