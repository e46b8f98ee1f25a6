"""From an entry of the register to a connector that speaks for it."""

from __future__ import annotations

from django.conf import settings

from accounts.actions import open_credential
from accounts.models import OfficialAccount
from core.errors import NotValid
from platforms import registry
from platforms.contract import Connector, Login


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
    login = Login(
        base_url=_base_url(official_account.platform),
        handle=official_account.handle,
        secret=open_credential(official_account),
    )
    return registry.connect(official_account.platform, login)


def _base_url(platform: str) -> str:
    # Read at each call, so that a local network can stand in for the real one.
    addresses = {
        "exercise": settings.EXERCISE_ADDRESS,
        "bluesky": settings.BLUESKY_ADDRESS,
    }
    try:
        return addresses[platform]
    except KeyError:
        raise NotValid(f"No address is configured for “{platform}”.") from None
