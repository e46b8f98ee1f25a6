"""Having a platform call us when there is news, so that it is read at once and not at the next turn."""

from __future__ import annotations

import logging

from django.conf import settings

from accounts.actions import connecting, credentials
from accounts.connections import base_address
from accounts.models import OfficialAccount, PlatformLink
from core.actors import Actor
from core.errors import NotValid
from platforms import registry
from platforms.contract import Fault, Login
from platforms.youtube import webhook as youtube_hub

_log = logging.getLogger(__name__)


def address_of(platform: str) -> str:
    """The address of ours that a platform calls. Raises NotValid where it could not be reached from outside."""
    address = f"{settings.PUBLIC_ADDRESS}/hooks/{platform}/"
    if not address.startswith("https://"):
        raise NotValid("Platforms call HTTPS addresses alone. Set SMMP_ADDRESS to the public one.")
    return address


def have_x_call(*, actor: Actor) -> int:
    """X calls the address for every official account on X that has a token. Answers for how many.

    An address that X holds already is not given twice; one that X gave up is left to be checked again there.
    Raises NotValid where the app's own bearer token is not configured, or X refuses. Audits
    platform.call_registered.
    """
    address = address_of("x")
    bearer = settings.PLATFORM_APPS["x"].get("bearer", "")
    if not bearer:
        raise NotValid(
            "X registers an address only for the app itself: set SMMP_X_APP_BEARER to the bearer token of the "
            "force’s developer app, then try again."
        )
    webhook = registry.webhook("x")
    if webhook is None:
        raise NotValid("X calls nobody here.")
    app = Login(base_url=base_address("x"), handle="", secret=bearer)
    try:
        if address in webhook.registered(login=app):
            raise NotValid("X calls this address already. Remove it in the developer console to begin anew.")
        webhook_id = webhook.register(login=app, address=address)
        subscribed = 0
        for account in OfficialAccount.objects.filter(
            platform="x", status=OfficialAccount.Status.ACTIVE, credentials__replaced_at=None
        ).exclude(credentials=None):
            link = PlatformLink.objects.filter(official_account=account).first()
            if link is None or not link.external_id:
                continue  # never tested, so its number at X is not known
            token = credentials.open_token(account)
            login = Login(
                base_url=base_address("x"),
                handle=account.handle,
                secret=token.secret,
                account_id=link.external_id,
            )
            webhook.subscribe(login=login, webhook_id=webhook_id)
            subscribed += 1
    except Fault as fault:
        raise NotValid(fault.sentence) from None
    connecting.note_calls(actor=actor, platform="x", count=subscribed)
    return subscribed


def have_youtube_call(*, actor: Actor) -> int:
    """YouTube's hub calls our address when a channel of the force has a new video. Answers for how many channels.

    A subscription ends by itself after ten days at most: `renew_calls` asks again each day. Raises NotValid where the
    force is not registered with Google (its secret signs the calls), and where the hub did not take every
    channel; the others are asked for all the same. Audits platform.call_registered.
    """
    secret = settings.PLATFORM_APPS["youtube"].get("client_secret", "")
    if not secret:
        raise NotValid("Set SMMP_YOUTUBE_CLIENT_SECRET first: what follows from it signs the calls.")
    asked, refused = _ask_the_hub(actor, address_of("youtube"), secret)
    if refused:
        raise NotValid(
            f"YouTube’s hub took {asked} of {asked + len(refused)} channels. It said of the first that it did not "
            f"take: {refused[0]}"
        )
    return asked


def renew_calls() -> int:
    """Subscriptions that end by themselves are asked for again. Answers for how many channels."""
    secret = settings.PLATFORM_APPS["youtube"].get("client_secret", "")
    if not secret or not settings.PUBLIC_ADDRESS.startswith("https://"):
        return 0
    asked, refused = _ask_the_hub(connecting.CALLS, address_of("youtube"), secret)
    if refused:
        _log.warning("YouTube's hub did not take %s channels: they are asked in turns", len(refused))
    return asked


def _ask_the_hub(actor: Actor, address: str, secret: str) -> tuple[int, list[str]]:
    """How many channels the hub took, and what it said of the others."""
    links = PlatformLink.objects.filter(
        official_account__platform="youtube", official_account__status=OfficialAccount.Status.ACTIVE
    ).exclude(external_id="")
    refused = []
    for link in links.order_by("official_account"):
        try:
            youtube_hub.subscribe(
                hub=settings.YOUTUBE_HUB_ADDRESS, address=address, channel=link.external_id, secret=secret
            )
        except Fault as fault:
            refused.append(fault.sentence)
    asked = len(links) - len(refused)
    if asked:
        connecting.note_calls(actor=actor, platform="youtube", count=asked)
    return asked, refused
