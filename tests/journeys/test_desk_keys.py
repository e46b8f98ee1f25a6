"""The desk by keyboard alone: where the focus is after each act, and what becomes of what is typed meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from moderation.actions import desk, surges
from moderation.models import Comment, Decision
from tests.browser import PHONE, check_accessibility
from tests.moderation.comments import a_comment


@pytest.fixture
def comment(served, wealdshire, amira_hussain, force_account) -> Comment:
    """At high risk, and Amira's."""
    found = a_comment(force_account, "My dog cut her paw in the bandstand", priority=2)
    Comment.objects.filter(pk=found.pk).update(
        category="suicide_self_harm", findings=[{"rule": "cut", "sentence": "Somebody hurts themselves"}]
    )
    desk.claim(actor=amira_hussain, comment=found)
    return found


@pytest.fixture
def page(comment, browser_of, amira_hussain) -> Page:
    page = browser_of(amira_hussain)
    page.goto(f"/desk/comments/{comment.pk}/")
    return page


def test_a_refusal_puts_the_cursor_where_the_words_are_wanted(page, comment):
    # When Amira brings it below high, the page asks why, and she types on
    page.keyboard.press("4")
    why = page.locator("#sort-why")
    expect(why).to_be_focused()
    expect(why).to_have_attribute("aria-describedby", "problem")
    page.keyboard.type("none was hurt: no person")
    page.keyboard.press("Enter")
    # Then it is done, nothing that she typed was a key of the page, and the focus stays in the conversation
    expect(page.get_by_role("status").filter(has_text="Category changed by you")).to_be_visible()
    expect(page.locator("#talk-title")).to_be_focused()
    comment.refresh_from_db()
    assert (comment.priority, comment.claimed_by_id is not None) == (4, True)
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="can wait → ")).to_be_visible()
    expect(page.locator("#talk-title")).to_be_focused()


def test_what_triage_says_is_typed_over_and_the_focus_is_not_lost_with_the_sheet(page, comment):
    page.keyboard.press("e")
    expect(page.locator("#escalate-why")).to_be_focused()
    expect(page.locator("#escalate-why")).to_have_value("Somebody hurts themselves")
    page.keyboard.type("Alone and bleeding")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Escalated by you")).to_be_visible()
    expect(page.locator("#talk-title")).to_be_focused()
    assert Decision.objects.get(comment=comment, kind="escalate").why == "Alone and bleeding"


@pytest.mark.parametrize(("key", "box"), [("e", "#escalate-why"), ("r", "#reply-text")])
def test_what_is_typed_while_an_answer_is_under_way_stays(page, comment, key, box):
    # Given an answer that takes its time
    held = []
    page.route(re.compile("/category/$"), lambda route: held.append(route))
    page.keyboard.press("1")
    # When Amira goes on, and it comes while she types
    page.keyboard.press(key)
    expect(page.locator(box)).to_be_focused()
    page.keyboard.type("not so ")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.get_by_role("status").filter(has_text="Category changed by you")).to_be_attached()
    expect(page.locator(box)).to_be_focused()
    page.keyboard.type("now")
    # Then all of it stands in her box, and no letter of it was a key
    expect(page.locator(box)).to_have_value("not so now")
    assert page.url.endswith(f"/desk/comments/{comment.pk}/")


def test_on_a_phone_the_comment_is_read_above_its_decisions_however_many_banners_there_are(
    page, comment, wealdshire, amira_hussain
):
    # Given three banners over a conversation on a phone
    for account in list(wealdshire.accounts.values())[:3]:
        surges.start(actor=amira_hussain, account=account, why="Far more comes than we can read one by one")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.reload()
    expect(page.locator(".banner")).to_have_count(3)
    # Then the words can be read, and every decision is reached and opens in sight
    words = page.locator(".quote.focus p").first.bounding_box()
    foot = page.locator(".foot").bounding_box()
    assert words is not None
    assert foot is not None
    assert words["y"] + words["height"] <= foot["y"]
    page.locator(".act > summary", has_text="Category").press("Enter")
    expect(page.locator("#sort-category")).to_be_focused()
    expect(page.locator("#sort-category")).to_be_in_viewport()
    assert (
        page.evaluate(
            "(sheet => sheet.scrollWidth - sheet.clientWidth)(document.querySelector('.act[open] > .sheet'))"
        )
        == 0
    )
    check_accessibility(page)


def test_nothing_in_a_conversation_lengthens_the_page(page, comment, force_account):
    for number in range(9):
        a_comment(
            force_account,
            f"Answer {number}: " + "where was it? " * 30,
            conversation=comment.conversation,
            priority=4,
        )
    page.set_viewport_size({"width": 1280, "height": 640})
    page.reload()
    assert page.locator(".thread .vh").count() > 4
    assert page.evaluate("document.documentElement.scrollHeight") == 640
