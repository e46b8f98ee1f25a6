"""How many wrong guesses one source has for one name. Keyed hashes only, no name and no address."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

MOST_FAILURES = 10
PAUSE = timedelta(minutes=15)
SLOWED = timedelta(seconds=15)
"""Between two tries from a network of the force, once there were ten wrong ones."""
KEPT_FOR = timedelta(days=1)


def key_for(purpose: str, name: str, source: str) -> str:
    """The keyed hash of a name and a source together: a whole force sits behind one address, so that
    the source alone would shut everybody out. An IPv6 source counts as its /64 network."""
    try:
        address = ipaddress.ip_address(source)
        if address.version == 6:
            source = str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        source = "unknown"
    return salted_hmac(
        f"staff.throttle.{purpose}", f"{name.strip().casefold()}\n{source}", algorithm="sha256"
    ).hexdigest()


def is_of_force(source: str) -> bool:
    """Whether the address lies in one of the force's own networks (SMMP_FORCE_NETWORKS)."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in settings.FORCE_NETWORKS)
