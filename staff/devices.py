"""What kind of device a request comes from, and what that kind may do.

The trusted proxy asks for a client certificate and says whether it verified one. A force device
holds such a certificate; on the force's own network it is *managed*, elsewhere *off the network*.
Anything else is *personal*, and let in only by an allowance: by name, with a reason and an end.
Source: College of Policing APP social media, minimum standards: limits on personal e-mail and
devices, no logged-in accounts or stored secrets on off-network devices, unknown devices logged out.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.http import HttpRequest

from core.middleware import CERTIFICATE_VERIFIED


class DeviceClass(models.TextChoices):
    MANAGED = "managed", "Force device on the force network"
    OFF_NETWORK = "off_network", "Force device off the network"
    PERSONAL = "personal", "Personal device"


@dataclass(frozen=True)
class Policy:
    """What a session on one kind of device may do, and how long it lasts."""

    idle: timedelta
    idle_of_administrators: timedelta
    absolute: timedelta
    locks: bool
    """Idle locks the screen and keeps what is on it; otherwise idle ends the session."""
    may_take_out: bool
    """Exports, and secrets shown or enrolled: authenticator keys, recovery codes, passkeys."""
    remembered: bool
    """Whether the browser keeps a mark by which it is known again."""


_ABSOLUTE = timedelta(hours=14)
"""A shift of 12 hours overruns."""

POLICIES = {
    DeviceClass.MANAGED: Policy(
        idle=timedelta(minutes=30),
        idle_of_administrators=timedelta(minutes=15),
        absolute=_ABSOLUTE,
        locks=True,
        may_take_out=True,
        remembered=True,
    ),
    DeviceClass.OFF_NETWORK: Policy(
        idle=timedelta(minutes=10),
        idle_of_administrators=timedelta(minutes=10),
        absolute=timedelta(hours=2),
        locks=False,
        may_take_out=False,
        remembered=False,
    ),
}
POLICIES[DeviceClass.PERSONAL] = POLICIES[DeviceClass.OFF_NETWORK]


def class_of(request: HttpRequest) -> DeviceClass:
    """The kind of device behind a request. While device classes are off, every device is managed."""
    if not settings.DEVICE_CLASSES:
        return DeviceClass.MANAGED
    if not request.META.get(CERTIFICATE_VERIFIED):
        return DeviceClass.PERSONAL
    return DeviceClass.MANAGED if on_force_network(request) else DeviceClass.OFF_NETWORK


def on_force_network(request: HttpRequest) -> bool:
    """Whether the request comes from a network of the force; with none named, every network is."""
    if not settings.FORCE_NETWORKS:
        return True
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network, strict=False) for network in settings.FORCE_NETWORKS)


def policy(request: HttpRequest) -> Policy:
    """What the device behind the request may do."""
    return POLICIES[class_of(request)]


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def called(user_agent: str) -> str:
    """A browser in words that its owner recognises: "Edge on Windows". Never what it claims verbatim."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}/", user_agent)), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
