"""Second factors in a real browser: asked for again in the middle of the work."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from publishing.actions import lockdown
from publishing.models import LockdownRelease
from staff import passkeys, sessions
from tests.browser import HOST, check_one_look, sign_in


def code_of(person) -> str:
    device = TOTPDevice.objects.get(user=person, confirmed=True)
    app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    app.time = time.time()
    return f"{app.token():06d}"


def grow_stale() -> None:
    """Six minutes pass since everybody's second factor."""
    for row in Session.objects.all():
        session = row.get_decoded()
        session[sessions.PROVED] -= 360
        row.session_data = Session.objects.encode(session)
        row.save()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_that_was_sent_waits_for_the_code_and_goes_on(new_page, sergeant_okafor, scripts):
    # Given a lockdown, and Daniel who signed in six minutes ago
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Rehearsal")
    page = new_page(scripts=scripts)
    sign_in(page, sergeant_okafor)
    page.goto(f"/publishing/lockdown/{lock.pk}/")
    grow_stale()

    # When he asks to end it
    page.get_by_label("Why it can end").fill("The rehearsal is “over”\\")
    page.get_by_role("button", name="Ask to end it").click()

    # Then nothing has happened yet; a wrong code says so, and the right one goes on with his words
    expect(page.get_by_role("heading", name="One thing before that")).to_be_visible()
    if scripts:
        check_one_look(page)
    assert not LockdownRelease.objects.exists()
    page.get_by_role("textbox", name="Code").fill("abcdefghij")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("That code is not right")).to_be_visible()
    page.get_by_role("textbox", name="Code").fill(code_of(sergeant_okafor))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"**/publishing/lockdown/{lock.pk}/")
    assert LockdownRelease.objects.get().why == "The rehearsal is “over”\\"


def test_a_persona_of_the_demonstration_proves_it_with_one_click(new_page, sergeant_okafor):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Rehearsal")
    page = new_page()
    sign_in(page, sergeant_okafor)
    page.goto(f"/publishing/lockdown/{lock.pk}/")
    grow_stale()
    page.get_by_label("Why it can end").fill("Over")
    page.get_by_role("button", name="Ask to end it").click()
    page.get_by_role("button", name="Demonstration: prove it").click()
    page.wait_for_url(f"**/publishing/lockdown/{lock.pk}/")
    assert LockdownRelease.objects.exists()

    # And the same where a page is opened
    grow_stale()
    page.goto("/profile/password/")
    expect(page.get_by_role("heading", name="Your code once more")).to_be_visible()
    check_one_look(page)
    page.get_by_role("button", name="Demonstration: prove it").click()
    page.wait_for_url("**/profile/password/")


def with_security_key(page):
    """A security key is plugged in: Chromium's virtual authenticator."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    number = wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return wire, number


def at_localhost(page, person):
    """Signed in at the address at which passkeys work in a demonstration."""
    sign_in(page, person)
    for cookie in page.context.cookies(f"http://{HOST}/"):
        page.context.add_cookies([{**cookie, "domain": "localhost"}])
    return passkeys.address()


def test_a_security_key_is_set_up_and_lets_in_and_proves_again(new_page, amira_hussain):
    amira_hussain.set_password("harbour-lantern-thistle-42")
    amira_hussain.save()
    page = new_page()
    wire, number = with_security_key(page)
    here = at_localhost(page, amira_hussain)

    # Given Amira opens her second factors and sets up her key
    page.goto(f"{here}/profile/factors/")
    check_one_look(page)
    page.get_by_label("What you call it").fill("Blue key")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("rowheader", name="Blue key")).to_be_visible()
    check_one_look(page)

    # The same key is not set up twice, and the page says so
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_text("holds a passkey of yours")).to_be_visible()

    # When she signs in anew, then the key is enough beside her password
    page.context.clear_cookies()
    page.goto(f"{here}/profile/")
    page.get_by_label("E-mail").fill(amira_hussain.email)
    page.get_by_label("Password").fill("harbour-lantern-thistle-42")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    check_one_look(page)
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/profile/")

    # And six minutes later it proves her again; a person who takes the key away is told what happened
    grow_stale()
    page.goto(f"{here}/profile/password/")
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": True})
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    page.get_by_label("Present password").fill("x")
    grow_stale()
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("heading", name="One thing before that")).to_be_visible()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
