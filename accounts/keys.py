"""Keys of service identities: how they look, and how one is told from a wrong one.

A key reads "smmp_PREFIX_SECRET". The prefix is shown and finds the row; of the secret, 256 bits from the system's
random source, only an HMAC-SHA256 under the installation's key is kept (docs/decisions, service identities).
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import string

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import ApiKey, ServiceActor

_FORM = re.compile(r"smmp_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_LETTERS = string.ascii_lowercase + string.digits


def new() -> tuple[str, str, str]:
    """A fresh key: the whole of it, its prefix, and the digest to keep."""
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    return f"smmp_{prefix}_{secret}", prefix, _digest(secret, settings.SECRET_KEY)


def read(text: str) -> ApiKey | None:
    """The key's row, whether it is live or not; None for what is no key of ours."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    found = ApiKey.objects.select_related("service__member", "service__owner").filter(prefix=form[1]).first()
    kept = found.digest if found is not None else ""
    # Every configured signing key is tried, and a key that is unknown costs as much as a wrong one.
    fits = [
        hmac.compare_digest(_digest(form[2], signing_key), kept)
        for signing_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return found if any(fits) else None


def actor(key: ApiKey) -> ServiceActor:
    """The service identity as whoever acts with that key."""
    found = ServiceActor.objects.get(pk=key.service.member_id)
    found.api_key = key
    return found


def comes_from(key: ApiKey, address: str) -> bool:
    """Whether the address lies in one of the networks from which the key is taken."""
    try:
        source = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(source in ipaddress.ip_network(network) for network in key.service.networks)


def _digest(secret: str, signing_key: str) -> str:
    return salted_hmac("accounts.api_key", secret, secret=signing_key, algorithm="sha256").hexdigest()
