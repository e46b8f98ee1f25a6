"""Second factors in a real browser: asked for again in the middle of the work."""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from publishing.actions import lockdown
from publishing.models import Lockdown
from staff import sessions
from tests.browser import check_both_looks, sign_in

pytestmark = pytest.mark.xdist_group("journeys")


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
    lockdown.start_lockdown(actor=sergeant_okafor, why="Rehearsal")
    page = new_page(scripts=scripts)
    sign_in(page, sergeant_okafor)
    page.goto("/publishing/lockdown/")
    grow_stale()

    # When he lifts it
    page.get_by_label("Why it is lifted").fill("The rehearsal is “over”\\")
    page.get_by_role("button", name="Lift the lockdown").click()

    # Then nothing has happened yet; a wrong code says so, and the right one goes on with his words
    expect(page.get_by_role("heading", name="One thing before that")).to_be_visible()
    if scripts:
        check_both_looks(page)
    assert Lockdown.objects.filter(lifted_at=None).exists()
    page.get_by_role("textbox", name="Code").fill("abcdefghij")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("That code is not right")).to_be_visible()
    page.get_by_role("textbox", name="Code").fill(code_of(sergeant_okafor))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/publishing/outbox/")
    assert Lockdown.objects.get().lifted_why == "The rehearsal is “over”\\"


def test_a_persona_of_the_demonstration_proves_it_with_one_click(new_page, sergeant_okafor):
    lockdown.start_lockdown(actor=sergeant_okafor, why="Rehearsal")
    page = new_page()
    sign_in(page, sergeant_okafor)
    page.goto("/publishing/lockdown/")
    grow_stale()
    page.get_by_label("Why it is lifted").fill("Over")
    page.get_by_role("button", name="Lift the lockdown").click()
    page.get_by_role("button", name="Demonstration: prove it").click()
    page.wait_for_url("**/publishing/outbox/")
    assert not Lockdown.objects.filter(lifted_at=None).exists()

    # And the same where a page is opened
    grow_stale()
    page.goto("/profile/password/")
    expect(page.get_by_role("heading", name="Your code once more")).to_be_visible()
    check_both_looks(page)
    page.get_by_role("button", name="Demonstration: prove it").click()
    page.wait_for_url("**/profile/password/")
