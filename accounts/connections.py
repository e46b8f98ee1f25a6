"""From an entry of the register to a connector that speaks for it; connecting, testing and renewing.

Nothing here writes: each step asks accounts.actions, and sockets open between transactions.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import threading
import time
from dataclasses import dataclass, fields
from importlib import import_module
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.actions import connecting, credentials
from accounts.models import Credential, OfficialAccount, PlatformLink
from core.actors import Actor
from core.errors import NotValid
from core.prepared import Prepared
from platforms import registry
from platforms.contract import (
    Capability,
    Connector,
    Fault,
    Limits,
    Login,
    OutcomeUnknown,
    PermanentFault,
    Token,
)
from staff.models import StaffMember


def connector_for(official_account: OfficialAccount) -> Connector:
    """A connector signed in as the official account; nothing has been asked of the platform yet.

    Raises NotValid where the official account is suspended or closed, has no token that can be
    read, or is on a platform without a connector: nothing can be polled or sent then.
    """
    if official_account.status != OfficialAccount.Status.ACTIVE:
        raise NotValid(
            f"{official_account.name} is {official_account.get_status_display().lower()}, so nothing is "
            "read from it or sent to it. Activate it in the register first."
        )
    return _connector(official_account)


KEPT_IDLE_S = 4.0
"""A connection left alone for longer is not used again: platforms close idle ones, the soonest after 5 seconds,
and a request that meets the closing has an unknown outcome."""


@dataclass
class _Kept:
    connector: Connector
    mark: tuple[object, ...]
    used_at: float


_OURS = threading.local()


def kept_connector(official_account: OfficialAccount) -> Connector:
    """`connector_for`, with the HTTP session that this thread used for it a moment ago where that still stands.

    Asked before each act: a credential that was replaced, another address, server or registration, and a
    suspended official account are noticed here, in one statement. Raises NotValid like connector_for.
    """
    mark = _mark(official_account)
    kept: dict[tuple[int, int], _Kept] = _OURS.__dict__.setdefault("kept", {})
    place = (os.getpid(), official_account.pk)
    known = kept.pop(place, None)
    if mark is None:
        return connector_for(official_account)
    if known is None or known.mark != mark or time.monotonic() - known.used_at > KEPT_IDLE_S:
        known = _Kept(connector_for(official_account), mark, 0.0)
    known.used_at = time.monotonic()
    kept[place] = known
    return known.connector


def forget_connector(official_account: OfficialAccount) -> None:
    """Something went wrong on its connection: the next act opens one anew."""
    _OURS.__dict__.get("kept", {}).pop((os.getpid(), official_account.pk), None)


def _mark(official_account: OfficialAccount) -> tuple[object, ...] | None:
    """What a connector of the official account is made from, but for the secret; None where it has no credential."""
    row = _MADE_FROM.first(account=official_account.pk)
    if row is None:
        return None
    _, platform, handle, _, _ = row
    app = tuple(sorted(settings.PLATFORM_APPS.get(platform, {}).items()))
    return (*row, base_address(platform, handle), app)


def _made_from(*, account: int) -> QuerySet[Credential, Any]:
    live = Credential.objects.filter(
        official_account_id=account,
        replaced_at=None,
        official_account__status=OfficialAccount.Status.ACTIVE,
    )
    return (
        live.values_list("id", "official_account__platform", "official_account__handle")
        .annotate(
            external_id=F("official_account__link__external_id"),
            limits=F("official_account__link__limits"),
        )
        .order_by()
    )


_MADE_FROM = Prepared(_made_from)


def _connector(official_account: OfficialAccount) -> Connector:
    platform = official_account.platform
    if platform in registry.BY_HAND:
        return registry.connect(platform, Login(base_url="", handle=official_account.handle, secret=""))
    token = credentials.open_token(official_account)
    link = PlatformLink.objects.filter(official_account=official_account).first()
    return _with(token, official_account, link=link)


def _with(token: Token, official_account: OfficialAccount, *, link: PlatformLink | None = None) -> Connector:
    """A connector that speaks with this token, whether or not it is stored yet.

    link: what the platform said of the official account before.
    """
    platform = official_account.platform
    login = Login(
        base_url=base_address(platform, official_account.handle),
        handle=official_account.handle,
        secret=token.secret,
        refresh=token.refresh,
        account_id=link.external_id if link is not None else "",
        limits=limits_of(link),
        app=settings.PLATFORM_APPS.get(platform, {}),
    )
    return registry.connect(platform, login)


def limits_of(link: PlatformLink | None) -> Limits | None:
    """What a post may be for this official account, where accounts or servers differ and it was asked."""
    known = {field.name for field in fields(Limits)}
    said = {name: value for name, value in (link.limits if link is not None else {}).items() if name in known}
    return Limits(**said) if {"post_length", "reply_length"} <= said.keys() else None


def base_address(platform: str, handle: str = "") -> str:
    """Where a platform's calls go: as the settings say, or the server that the handle names.

    Read at each call, so that a local network can stand in for the real one.
    Raises NotValid where neither says it.
    """
    address = getattr(settings, f"{platform.upper()}_ADDRESS", "") if platform in registry.CONNECTORS else ""
    if not address and platform == "mastodon":
        server = handle.lstrip("@").partition("@")[2]
        if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", server):
            address = f"https://{server}"
    if not address:
        raise NotValid(f"No address is configured for “{platform}”.")
    return address


# Connecting by the platform's own page (OAuth 2, RFC 6749 with RFC 7636)


def can_connect(platform: str) -> bool:
    """Whether the platform has a page on which somebody allows us to speak, and the force is registered there."""
    return _oauth(platform) is not None and bool(settings.PLATFORM_APPS.get(platform, {}).get("client_id"))


def begin(*, actor: StaffMember, official_account: OfficialAccount, redirect: str) -> str:
    """The address of the platform's page on which somebody allows us to speak for the official account.

    Raises NotPermitted, NotValid (the platform has none, or the force is not registered there).
    """
    platform = official_account.platform
    oauth = _oauth(platform)
    if oauth is None or not can_connect(platform):
        raise NotValid(
            f"{registry.NAMES.get(platform, platform)} is connected by a token that you paste, or the force’s "
            "registration with it is not configured (docs/operations.md)."
        )
    state, verifier = connecting.begin_connecting(actor=actor, official_account=official_account)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    try:
        return oauth.authorise_url(
            app=_app(official_account),
            redirect=redirect,
            state=state,
            challenge=challenge,
        )
    except Fault as fault:
        raise NotValid(fault.sentence) from None


def finish(*, actor: StaffMember, platform: str, state: str, code: str, redirect: str) -> OfficialAccount:
    """What the platform sent somebody back with becomes a stored credential, and is tested.

    Raises NotValid or NotPermitted (forged, used, old or somebody else's answer; the platform takes the
    code no more; the credential is for another account than the register says): nothing is stored then.
    """
    account, verifier = connecting.take_answer(actor=actor, platform=platform, state=state)
    oauth = _oauth(platform)
    if oauth is None or not code:
        raise NotValid("The platform did not allow it. Open the official account and connect it again.")
    try:
        token = oauth.exchange(
            base_url=base_address(platform, account.handle),
            app=_app(account),
            code=code,
            verifier=verifier,
            redirect=redirect,
        )
        identity = _with(token, account).check()
    except Fault as fault:
        raise NotValid(f"It is not connected. {fault.sentence}") from None
    credentials.store_token(actor=actor, official_account=account, token=token)
    connecting.note_checked(actor=actor, official_account=account, identity=identity)
    return account


def _app(official_account: OfficialAccount) -> dict[str, str]:
    """The force's registration, with the server and the handle that it is used for."""
    return {
        **settings.PLATFORM_APPS[official_account.platform],
        "base_url": base_address(official_account.platform, official_account.handle),
        "handle": official_account.handle,
    }


def _oauth(platform: str) -> ModuleType | None:
    if platform not in registry.CONNECTORS:
        return None
    try:
        return import_module(f"platforms.{platform}.oauth")
    except ModuleNotFoundError:
        return None


# Testing and renewing


def check(*, actor: Actor, official_account: OfficialAccount) -> PlatformLink:
    """The platform is asked whose the credential is, and what it answers is kept.

    Raises NotValid where nothing can be asked (no token, suspended). A fault of the platform is no
    error: it stands in the answer.
    """
    connector = connector_for(official_account)
    try:
        identity = connector.check()
    except Fault as fault:
        return connecting.note_fault(actor=actor, official_account=official_account, fault=fault)
    if usage := connector.usage():
        connecting.note_usage(official_account=official_account, usage=usage)
    return connecting.note_checked(actor=actor, official_account=official_account, identity=identity)


def renew_due() -> int:
    """Every credential that will expire is renewed ahead of it. Answers how many were taken in hand."""
    taken = 0
    while (credential := credentials.claim_renewal()) is not None:
        taken += 1
        account = credential.official_account
        try:
            token = _connector(account).renew()
        except Fault as fault:
            credentials.note_renewal_failed(
                credential=credential,
                sentence=fault.sentence,
                lasting=isinstance(fault, (PermanentFault, OutcomeUnknown)),
            )
        except NotValid as refusal:
            credentials.note_renewal_failed(credential=credential, sentence=refusal.sentence, lasting=True)
        else:
            if token is None:
                credentials.note_renewal_failed(
                    credential=credential, sentence="The platform had no fresh token to give.", lasting=False
                )
            else:
                credentials.store_token(actor=credentials.RENEWALS, official_account=account, token=token)
    return taken


# What an ability needs, for the page


@dataclass(frozen=True)
class Ability:
    """One thing that an official account may be able to do: whether it can now, and what to know or do instead."""

    capability: Capability
    can: bool
    why: str = ""

    @property
    def name(self) -> str:
        return ABILITIES[self.capability]


ABILITIES: dict[Capability, str] = {
    Capability.LISTEN: "Read what the public writes",
    Capability.PUBLISH_TEXT: "Publish words",
    Capability.PUBLISH_IMAGES: "Publish pictures",
    Capability.PUBLISH_VIDEO: "Publish videos",
    Capability.ALT_TEXT: "Give pictures an alternative text",
    Capability.NATIVE_SCHEDULE: "Leave a post with the platform until its time",
    Capability.EDIT: "Change a post",
    Capability.REPLY: "Reply",
    Capability.PRIVATE_MESSAGES: "Read and answer private messages",
    Capability.HIDE: "Hide a comment",
    Capability.UNHIDE: "Show a hidden comment again",
    Capability.DELETE_OWN: "Delete our own words",
    Capability.DELETE_OTHERS: "Delete others’ words",
    Capability.BLOCK: "Block a commenter",
    Capability.MUTE: "Mute a commenter",
    Capability.WEBHOOKS: "Be told at once of what is new",
    Capability.SEARCH_ACCOUNTS: "Search for accounts that pretend to be us",
    Capability.METRICS: "Read followers and what came of posts",
    Capability.CHOSEN_KEY: "Send twice without posting twice",
}


def abilities(official_account: OfficialAccount, link: PlatformLink | None) -> list[Ability]:
    """What can be done on the official account, from what its platform offers and its credential allows."""
    kind = registry.connector_class(official_account.platform)
    held = link.scopes if link is not None else None
    found = []
    for capability in ABILITIES:
        needed = kind.scopes.get(capability, "")
        if capability not in kind.capabilities:
            found.append(Ability(capability, can=False, why=kind.why_not.get(capability, "")))
        elif held is not None and needed and needed not in held:
            why = (
                f"The credential lacks the scope “{needed}”. Connect the official account again and allow it."
            )
            found.append(Ability(capability, can=False, why=why))
        else:
            found.append(Ability(capability, can=True, why=kind.cautions.get(capability, "")))
    return found
