"""What kind of device a request comes from, and what that kind may do."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.middleware import TrustedProxy
from staff import devices
from staff.devices import DeviceClass

PROXY, OFFICE, HOME = "10.0.0.1", "10.20.3.4", "203.0.113.9"


@pytest.fixture
def behind_a_proxy(settings):
    settings.DEVICE_CLASSES = True
    settings.TRUSTED_PROXIES = ["10.0.0.1/32"]
    settings.FORCE_NETWORKS = ["10.20.0.0/16"]

    def seen(*, via: str, source: str, certificate: str) -> DeviceClass:
        request = RequestFactory().get(
            "/", REMOTE_ADDR=via, HTTP_X_FORWARDED_FOR=source, HTTP_X_CLIENT_CERTIFICATE=certificate
        )
        TrustedProxy(lambda request: HttpResponse())(request)
        assert "HTTP_X_CLIENT_CERTIFICATE" not in request.META
        return devices.class_of(request)

    return seen


@pytest.mark.parametrize(
    ("source", "certificate", "kind"),
    [
        (OFFICE, "SUCCESS", DeviceClass.MANAGED),
        (HOME, "SUCCESS", DeviceClass.OFF_NETWORK),
        (OFFICE, "NONE", DeviceClass.PERSONAL),
        (HOME, "FAILED:expired", DeviceClass.PERSONAL),
        (HOME, "", DeviceClass.PERSONAL),
        (OFFICE, "success", DeviceClass.PERSONAL),
    ],
)
def test_certificate_and_network_tell_devices_apart(behind_a_proxy, source, certificate, kind):
    assert behind_a_proxy(via=PROXY, source=source, certificate=certificate) == kind


def test_nobody_but_the_proxy_vouches_for_a_certificate(behind_a_proxy):
    assert behind_a_proxy(via=HOME, source=OFFICE, certificate="SUCCESS") == DeviceClass.PERSONAL


def test_while_classes_are_off_every_device_counts_as_managed(behind_a_proxy, settings):
    settings.DEVICE_CLASSES = False
    assert behind_a_proxy(via=HOME, source=HOME, certificate="") == DeviceClass.MANAGED


def test_off_the_network_is_never_laxer():
    managed = devices.POLICIES[DeviceClass.MANAGED]
    for kind in (DeviceClass.OFF_NETWORK, DeviceClass.PERSONAL):
        policy = devices.POLICIES[kind]
        assert policy.idle < managed.idle
        assert policy.absolute < managed.absolute
        assert (policy.locks, policy.may_take_out, policy.remembered) == (False, False, False)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("<script>alert(1)</script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_in_known_words_alone(agent, words):
    assert devices.called(agent) == words
