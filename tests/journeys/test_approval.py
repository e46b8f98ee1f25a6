"""A neighbourhood officer's post from a phone through approval to the network; an edit caught; a late yes; steps; a call."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts import actions as accounts
from core import clock
from publishing.actions import posts
from publishing.models import Delivery, Post
from smmp.seed.force import SEED
from staff.roles import Role
from tests.browser import check_one_look

PATIENCE_MS = 20_000
PHONE = {"width": 390, "height": 844}


def on_the_network(page, words: str) -> None:
    for _ in range(PATIENCE_MS // 500):
        page.goto("/exercise/")
        if page.get_by_text(words).count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text(words)).to_have_count(1)


def fits(page) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px too wide"


def test_a_neighbourhood_officers_post_from_a_phone_to_the_network(
    browser_of, new_page, at_work, pc_nair, helen_achebe
):
    # Given PC Nair in the street, with a phone
    street = browser_of(pc_nair, **PHONE)
    street.goto("/publishing/field/")
    street.get_by_label("Words").fill("The lost dog of Mill Lane is home again. Thank you, Harrowfield.")
    street.get_by_role("button", name="Keep and check").click()
    expect(street.get_by_text("Needs one approver").first).to_be_visible()
    check_one_look(street)
    street.get_by_role("button", name="Send for approval by").click()
    expect(street.get_by_text("Waiting for approval").first).to_be_visible()
    post = Post.objects.get()

    # When Helen, on a phone too, asks her something before she decides
    helen = browser_of(helen_achebe, **PHONE)
    helen.goto(f"/publishing/posts/{post.pk}/")
    approve = helen.get_by_role("button", name="Approve version")
    expect(approve).to_be_in_viewport()
    fits(helen)
    check_one_look(helen)
    helen.locator("summary", has_text="Ask").click()
    helen.get_by_label("What you want to know").fill("Did its owner agree?")
    helen.get_by_role("button", name="Ask, it waits meanwhile").click()
    expect(helen.get_by_text("Did its owner agree?").first).to_be_visible()

    # Then the officer answers from her first page
    street.goto("/")
    street.get_by_role("link", name=re.compile("^Answer")).click()
    street.get_by_label("Your answer").fill("Yes, she asked us to.")
    street.get_by_role("button", name="Answer").click()
    expect(street.get_by_text("Yes, she asked us to.").first).to_be_visible()

    # And an edit after approval is caught: it comes back, and nothing goes out
    at = clock.now() + timedelta(hours=2)
    post.refresh_from_db()
    posts.edit_post(
        actor=pc_nair,
        post=post,
        version_seen=post.version,
        account_ids=[one.official_account_id for one in post.variants.filter(removed_at=None)],
        words=post.words,
        publish_at=at,
    )
    posts.submit_post(actor=pc_nair, post=post, version_seen=Post.objects.get().version)
    helen.goto("/publishing/approvals/")
    helen.get_by_role("button", name="Approve version").click()
    expect(helen.get_by_text("Approved. It goes out").first).to_be_visible()
    street.goto(f"/publishing/compose/{post.pk}/")
    street.get_by_label("Words for all").fill("The lost dog of Mill Lane is home. Thank you, Harrowfield.")
    street.locator("#keep").click()
    expect(street.locator("#kept-at, .muted", has_text="Kept").first).to_be_visible()
    post.refresh_from_db()
    assert post.state == Post.State.DRAFT
    assert set(Delivery.objects.values_list("state", flat=True)) == {"withdrawn"}

    # When the words are approved as they stand, at once
    post.refresh_from_db()
    posts.edit_post(
        actor=pc_nair,
        post=post,
        version_seen=post.version,
        account_ids=[one.official_account_id for one in post.variants.filter(removed_at=None)],
        words=post.words,
        publish_at=None,
    )
    posts.submit_post(actor=pc_nair, post=post, version_seen=Post.objects.get().version)
    helen.goto(f"/publishing/posts/{post.pk}/")
    expect(helen.get_by_text("are marked").first).to_be_visible()
    helen.get_by_role("button", name="Approve version").click()

    # Then the public reads it, once
    on_the_network(new_page(), "The lost dog of Mill Lane is home. Thank you")


def test_a_late_yes_asks_for_another_time_and_sends_nothing_by_itself(
    browser_of, at_work, leah_brandt, helen_achebe, force_account
):
    # Given a post whose time passed while it waited
    at = clock.now() + timedelta(hours=1)
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="The market at Saltmere is on.",
        title="Market",
        publish_at=at,
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    Post.objects.update(publish_at=clock.now() - timedelta(minutes=5))

    # When Helen finds it under "Expired", on a phone
    helen = browser_of(helen_achebe, **PHONE)
    helen.goto("/publishing/approvals/expired/")
    fits(helen)
    check_one_look(helen)
    helen.get_by_role("link", name="Approve it for another time").click()
    expect(helen.get_by_text("does not go out by itself: say when").first).to_be_visible()
    check_one_look(helen)
    helen.get_by_role("button", name="Approve for this time").click()
    expect(helen.get_by_text("Say when it goes out instead").first).to_be_visible()
    assert not Delivery.objects.exists()

    # Then it goes at the time that she gives, and not before
    tomorrow = clock.in_london(clock.now() + timedelta(days=1))
    helen.get_by_label("Goes out at, London time").first.fill(f"{tomorrow:%Y-%m-%d}T10:00")
    helen.get_by_role("button", name="Approve for this time").click()
    expect(helen.get_by_text("Approved. It goes out").first).to_be_visible()
    assert Delivery.objects.get().state == "scheduled"
    assert Delivery.objects.get().due_at > clock.now()


@pytest.mark.more
def test_steps_a_call_and_a_look_afterwards(
    browser_of,
    new_page,
    at_work,
    ben_osei,
    joan_pritchard,
    leah_brandt,
    helen_achebe,
    sergeant_okafor,
    tom_beckett,
):
    # Given Ben writes that everything takes two, on the pages of the steps
    accounts.give_grant(actor=SEED, person=tom_beckett, role=Role.COMMS_APPROVER, why="Cover")
    ben = browser_of(ben_osei)
    ben.goto("/publishing/approvals/steps/")
    ben.get_by_role("button", name="Write the next version").click()
    ben.locator("summary", has_text="Add a rule").click()
    ben.get_by_label("What it is for").fill("Everything, for now")
    ben.get_by_label("Who approves it").select_option("two")
    check_one_look(ben)
    ben.get_by_role("button", name="Add this rule").click()
    expect(ben.get_by_text("Everything, for now").first).to_be_visible()
    ben.get_by_label("What is different and why").fill("Inspection of last year")
    ben.get_by_role("button", name="Put it in force").click()
    expect(ben.get_by_text("In force from now on").first).to_be_visible()

    # When Leah writes a post, she reads what it will need before she sends it
    leah = browser_of(leah_brandt)
    leah.goto("/publishing/compose/")
    leah.get_by_label("Wealdshire Police").first.check()
    leah.get_by_label("Words for all").fill("Quay Street is open again after the fire.")
    expect(leah.get_by_text("Needs two approvers").first).to_be_visible()
    leah.locator("#submit").click()
    expect(leah.get_by_text("Waiting for approval").first).to_be_visible()
    post = Post.objects.get()

    # And Helen approves, and gold on the telephone, whose call Daniel takes
    helen = browser_of(helen_achebe)
    helen.goto("/publishing/approvals/")
    helen.get_by_role("button", name="as the first of two").click()
    expect(helen.get_by_text("it waits for somebody else’s approval").first).to_be_visible()
    daniel = browser_of(sergeant_okafor, **PHONE)
    daniel.goto(f"/publishing/posts/{post.pk}/")
    daniel.get_by_role("link", name="said yes on the telephone").click()
    fits(daniel)
    daniel.get_by_role("button", name="Record their approval").click()
    expect(daniel.get_by_text("Give the name of whoever approved it").first).to_be_visible()
    check_one_look(daniel)
    daniel.get_by_label("Who approved it").fill("Superintendent Rhian Powell")
    daniel.get_by_label("As what").select_option("gold")
    daniel.get_by_label("How you know that it is them").select_option("called_back")
    daniel.get_by_label("That number").fill("01632 960555")
    daniel.get_by_label("I read out the words").check()
    daniel.get_by_role("button", name="Record their approval").click()
    expect(daniel.get_by_text("The call is confirmed afterwards").first).to_be_visible()
    check_one_look(daniel)

    # Then it goes out, and Tom confirms the call
    on_the_network(new_page(), "Quay Street is open again after the fire.")
    tom = browser_of(tom_beckett, **PHONE)
    tom.goto("/publishing/approvals/afterwards/")
    fits(tom)
    check_one_look(tom)
    tom.get_by_label("Fine").check()
    tom.get_by_label("Why, or how you made sure").fill("I rang her back at the office")
    tom.get_by_role("button", name="I have looked at it").click()
    expect(tom.get_by_text("Nothing waits to be looked at.")).to_be_visible()

    # And Helen names somebody to stand in for her
    helen.goto("/publishing/approvals/cover/")
    helen.get_by_label("Who stands in for you").select_option(label=tom_beckett.called)
    until = clock.in_london(clock.now() + timedelta(days=2))
    helen.get_by_label("Until, London time").fill(f"{until:%Y-%m-%dT%H:%M}")
    helen.get_by_label("Why").fill("Leave")
    helen.get_by_role("button", name="They stand in for me").click()
    expect(helen.get_by_text("stands in for you", exact=False).first).to_be_visible()
    check_one_look(helen)

    # When Ben asks for less, Joan has to confirm it
    ben.goto("/publishing/approvals/steps/")
    ben.get_by_role("button", name="Write the next version").click()
    ben.get_by_role("button", name="Take it out").first.click()
    expect(ben.get_by_text("two approvers before, one approver now").first).to_be_visible()
    ben.get_by_label("What is different and why").fill("The fire is out")
    ben.get_by_role("button", name="Ask a second person").click()
    expect(ben.get_by_role("button", name="Confirm, it holds from now on")).to_have_count(0)
    joan = browser_of(joan_pritchard)
    joan.goto("/publishing/approvals/steps/")
    check_one_look(joan)
    joan.get_by_role("button", name="Confirm, it holds from now on").click()
    expect(joan.get_by_text("In force from now on").first).to_be_visible()
