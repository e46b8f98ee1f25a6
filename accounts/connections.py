"""From an entry of the register to a connector that speaks for it."""

from __future__ import annotations

import re

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
    platform = official_account.platform
    login = Login(
        base_url=base_address(platform, official_account.handle),
        handle=official_account.handle,
        secret=open_credential(official_account),
        app=settings.PLATFORM_APPS.get(platform, {}),
    )
    return registry.connect(platform, login)


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
