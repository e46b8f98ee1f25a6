"""The desk in a real browser: keys, typing that is kept, a list that stays where it is, axe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core import clock
from moderation.actions import desk
from moderation.models import Clause, Comment, Decision, Note, ReplyDraft
from publishing.models import Delivery
from smmp.seed import force
from tests.browser import PHONE, check_accessibility, check_both_looks, sign_in
from tests.moderation.comments import a_comment


@pytest.fixture
def wealdshire_at_work(committed_db, able_platform):
    made = force.make()
    account = made.accounts["wealdshire-police"]
    now = clock.now()
    comments = [
        a_comment(account, f"Comment number {n}", priority=2, received_at=now - timedelta(minutes=9 - n))
        for n in range(3)
    ]
    return made, account, comments


def test_the_desk_is_worked_by_keys_and_nothing_typed_is_lost(browser_page, wealdshire_at_work):
    made, _account, (first, second, _third) = wealdshire_at_work
    page = browser_page
    sign_in(page, made.people["amira_hussain"])
    page.goto("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#open-comment[value='{first.pk}']", state="attached")
    assert page.url.split("?")[0].endswith(f"/comments/{first.pk}/")
    page.keyboard.press("c")
    page.wait_for_selector("text=You have it until")
    # One key changes the priority and one takes it back; lowering it asks why, in place, with the choice kept.
    page.keyboard.press("1")
    page.wait_for_selector(".decided >> text=high → ")
    assert Comment.objects.get(pk=first.pk).priority == 1
    page.keyboard.press("u")
    page.wait_for_selector(".decided >> text=immediate → ")
    assert Comment.objects.get(pk=first.pk).priority == 2
    page.keyboard.press("4")
    page.wait_for_selector("#problem >> text=why nobody is at risk")
    assert Comment.objects.get(pk=first.pk).priority == 2
    assert page.is_checked("input[type=radio][name=priority][value='4']")
    page.fill("#sort-why", "Asks about 1 road")
    page.keyboard.press("Enter")
    page.wait_for_selector(".decided >> text=Asks about 1 road")
    assert Comment.objects.get(pk=first.pk).priority == 4
    # Beside an open menu the keys are the menu's.
    page.keyboard.press("t")
    page.focus("input[type=radio][name=priority][value='4']")
    page.keyboard.press("3")
    assert page.is_checked("input[type=radio][name=priority][value='3']")
    assert Comment.objects.get(pk=first.pk).priority == 4
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.wait_for_selector(".decided >> text=, high.")
    assert Comment.objects.get(pk=first.pk).priority == 2
    page.keyboard.press("r")
    page.keyboard.type("We are on our way, hj")
    page.wait_for_selector("#draft-kept >> text=draft kept")
    assert ReplyDraft.objects.get().text == "We are on our way, hj"
    page.reload()
    assert page.input_value("#reply-text") == "We are on our way, hj"
    # A colleague has decided meanwhile: the sentence names them, and the words stay in the box.
    Comment.objects.filter(pk=first.pk).update(claimed_by=None, claimed_until=None)
    desk.no_action(actor=made.people["tom_beckett"], comment=first, revision_number=1)
    page.click("text=Send public reply")
    page.wait_for_selector("#problem >> text=Tom Beckett has decided on this comment already")
    assert page.input_value("#unsent-text") == "We are on our way, hj"
    check_accessibility(page)
    desk.reopen(actor=made.people["tom_beckett"], comment=first)
    page.reload()
    assert page.input_value("#reply-text") == "We are on our way, hj"
    page.focus("#reply-text")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".decided >> text=Replied by you")
    assert page.locator("#unsent-text").count() == 0
    assert Delivery.objects.get().text == "We are on our way, hj"
    # A note, a hide by its clause, and undo, on the next one.
    page.focus(f"#open-{first.pk}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#open-comment[value='{second.pk}']", state="attached")
    page.keyboard.press("p")
    page.keyboard.type("Known to us")
    desk.add_note(actor=made.people["tom_beckett"], comment=second, text="So do we")
    page.click("text=Show it")
    page.wait_for_selector(".note >> text=So do we")
    page.keyboard.press("p")
    assert page.input_value("#note-text") == "Known to us"
    page.keyboard.press("Meta+Enter")
    page.wait_for_selector(".note >> text=Known to us")
    assert Note.objects.order_by("id").last().text == "Known to us"
    page.keyboard.press("h")
    page.check(f"input[name=clause][value='{Clause.objects.get(slug='spam').pk}']")
    check_accessibility(page)
    page.click("text=Hide this comment")
    page.wait_for_selector(".decided >> text=Hidden by you")
    page.keyboard.press("u")
    page.wait_for_selector("text=Nobody has it")
    assert list(Decision.objects.filter(comment=second).values_list("kind", flat=True)) == ["hide", "unhide"]


def test_the_list_stays_where_it_is_and_the_focus_with_it(browser_page, wealdshire_at_work):
    made, account, (first, second, third) = wealdshire_at_work
    page = browser_page
    sign_in(page, made.people["amira_hussain"])
    page.goto("/desk/")
    page.focus(f"#open-{second.pk}")
    urgent = a_comment(account, "Help me", priority=1)
    desk.claim(actor=made.people["tom_beckett"], comment=first)
    page.wait_for_selector("#waiting >> text=1 new above, 1 immediate")
    page.wait_for_selector(f"[data-comment='{first.pk}'].done >> text=Tom Beckett has it")
    order = page.eval_on_selector_all("#rows .row", "rows => rows.map(row => Number(row.dataset.comment))")
    assert order == [first.pk, second.pk, third.pk]
    assert page.evaluate("document.activeElement.id") == f"open-{second.pk}"
    page.keyboard.press(".")
    page.wait_for_selector(f"#open-{urgent.pk}")
    assert page.locator("#waiting a").count() == 0
    # A key that is held down counts once: nothing is claimed unread.
    for _ in range(5):
        page.keyboard.down("n")
    page.wait_for_selector(f"#open-comment[value='{urgent.pk}']", state="attached")
    page.keyboard.up("n")
    assert Comment.objects.get(claimed_by=made.people["amira_hussain"]).pk == urgent.pk


def test_the_desk_passes_axe_on_a_phone_and_on_a_wide_screen(browser_page, wealdshire_at_work):
    made, _account, (first, *_) = wealdshire_at_work
    sign_in(browser_page, made.people["sergeant_okafor"])
    for address in (
        "/desk/",
        "/desk/?queue=mine",
        f"/desk/comments/{first.pk}/",
        "/desk/guidelines/?lang=cy",
    ):
        browser_page.goto(address)
        check_both_looks(browser_page)


def test_the_desk_works_on_a_phone_without_scripts(new_page, wealdshire_at_work):
    made, _account, (first, *_) = wealdshire_at_work
    page = new_page(width=PHONE["width"], height=PHONE["height"], scripts=False)
    sign_in(page, made.people["amira_hussain"])
    page.goto("/desk/")
    page.click(f"#open-{first.pk}")
    page.click("button:has-text('Claim')")
    page.click("label:has-text('Public reply')")
    page.fill("#reply-text", "Yes, it is open.")
    page.click("text=Send public reply")
    assert page.locator(".decided").inner_text().strip().startswith("Replied by you")
    page.click("text=Undo")
    expect(page.locator("text=Nobody has it")).to_have_count(1)
    page.click("a.back")
    assert page.locator("h1").inner_text() == "Needs me now"
