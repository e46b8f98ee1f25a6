"""A desk left alone: the curtain falls, nothing typed is lost, the alarm goes on, each opens their own."""

from __future__ import annotations

from playwright.sync_api import expect

from core.actors import System
from notices.actions import notify
from notices.models import Notice
from tests.browser import check_one_look, sign_in
from tests.journeys.test_factors import code_of


def test_a_desk_left_alone_locks_and_keeps_what_was_typed(new_page, leah_brandt):
    # Given Leah, half way through a post
    page = new_page()
    page.clock.install()
    sign_in(page, leah_brandt)
    page.goto("/publishing/compose/")
    box = page.locator("textarea").first
    box.fill("Road closed at Mill Lane")

    # When she is away for half an hour, and something needs her meanwhile
    notify(actor=System("test"), to=[leah_brandt], urgency=Notice.Urgency.PAGE, title="A case needs you")
    page.clock.fast_forward("30:05")

    # Then nothing can be read, the alarm is there, and Escape opens nothing
    lock = page.get_by_role("dialog", name="Locked")
    expect(lock).to_be_visible()
    expect(box).not_to_be_visible()
    expect(lock.get_by_text("One alarm waits for you.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    check_one_look(page)

    # And a wrong code opens nothing, the right one gives everything back
    lock.get_by_label("Code").fill("abcdefghij")
    lock.get_by_role("button", name="Unlock").click()
    expect(lock.get_by_text("That code is not right")).to_be_visible()
    lock.get_by_label("Code").fill(code_of(leah_brandt))
    lock.get_by_role("button", name="Unlock").click()
    expect(lock).not_to_be_visible()
    expect(box).to_have_value("Road closed at Mill Lane")


def test_a_locked_screen_opens_without_scripts_too(new_page, leah_brandt):
    page = new_page(scripts=False, width=390, height=844)
    sign_in(page, leah_brandt)
    page.goto("/profile/")
    page.locator("summary").first.click()
    page.get_by_role("button", name="Lock the screen").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.goto("/publishing/")
    page.get_by_role("textbox", name="Code").fill(code_of(leah_brandt))
    page.get_by_role("button", name="Unlock").click()
    page.wait_for_url("**/publishing/")


def test_the_pages_about_sessions_and_devices(new_page, ben_osei, leah_brandt):
    elsewhere = new_page()
    sign_in(elsewhere, leah_brandt)
    page = new_page()
    sign_in(page, leah_brandt)
    page.goto("/profile/sessions/")
    check_one_look(page)
    page.get_by_role("button", name="End the session on Chrome on Linux").click()
    expect(page.locator(".toast")).to_contain_text("has ended")
    elsewhere.goto("/profile/")
    expect(elsewhere.get_by_text("ended from another device")).to_be_visible()
    sign_in(page, ben_osei)
    page.goto("/devices/")
    check_one_look(page)
