"""Whole ways through the desk in real browsers: a hidden comment comes back, a crime gets its number, a shift changes hands."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from accounts import actions as accounts
from accounts.actions import services
from core import clock
from escalation import tasks
from escalation.models import Case, Handover, Referral
from exercise.models import Message
from moderation.actions import desk, saved_replies
from moderation.models import Clause, Comment, Inquiry
from publishing.models import Delivery
from smmp.seed import oncall
from staff.roles import Role
from tests import comments
from tests.browser import PATIENCE_MS, PHONE, check_both_looks

pytestmark = pytest.mark.more


def until(page: Page, happened, what: str) -> None:
    """Give the platform's own work its time."""
    for _ in range(PATIENCE_MS // 250):
        if happened():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"the platform did not get to {what}")


def test_somebody_finds_out_why_their_comment_was_hidden_and_gets_it_back(
    browser_of, new_page, public, our_post, amira_hussain, helen_achebe
):
    # Given a comment on the network that Amira hides, so that the public no longer sees it
    written = public("You lot could not find the viaduct with a map", under=our_post)
    phone = new_page(width=390, height=844)
    until(phone, lambda: Comment.objects.filter(external_id=str(written.pk)).exists(), "the comment")
    comment = Comment.objects.get(external_id=str(written.pk))
    desk.hide(
        actor=amira_hussain, comment=comment, revision_number=1, clause=Clause.objects.get(slug="abuse")
    )
    hidden = Message.objects.filter(pk=written.pk, hidden_at__isnull=False)
    until(phone, hidden.exists, "hiding it on the network")
    until(phone, lambda: Comment.objects.filter(pk=comment.pk, hidden_at__isnull=False).exists(), "noting it")
    phone.goto(f"/exercise/post/{our_post.pk}/")
    expect(phone.locator("main")).not_to_contain_text("with a map")

    # When its author asks with its link, they get a code and nothing else
    phone.goto("/public/why-hidden/")
    phone.locator("input[name=link]").fill(comment.url)
    phone.get_by_role("button", name="Ask").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Send us this code")
    expect(phone.locator("main")).not_to_contain_text("Abuse")

    # And once the handle that wrote it has sent the code, the clause and the way on
    public(Inquiry.objects.get().code, under=our_post)
    until(phone, lambda: Inquiry.objects.filter(proved_at__isnull=False).exists(), "the proof")
    phone.get_by_role("button", name="I have sent it").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("We hid your comment")
    expect(phone.locator("#clause")).to_have_text("Abuse and insults")
    phone.get_by_role("textbox").fill("It was criticism, not abuse")
    phone.get_by_role("button", name="Ask for a second look").click()
    expect(phone.locator("#look")).to_be_visible()

    # Then Amira, who hid it, cannot answer, and Helen overturns it
    decider = browser_of(amira_hussain)
    decider.goto("/desk/second-looks/")
    if decider.get_by_role("link", name="Yours").count():
        decider.get_by_role("link", name="Yours").click()
        expect(decider.get_by_role("button", name="Answer the author")).to_have_count(0)
    helen = browser_of(helen_achebe)
    helen.goto("/")
    helen.get_by_role("link", name="second look").first.click()
    helen.get_by_role("link", name="Look again").click()
    expect(helen.locator("main")).to_contain_text("with a map")
    helen.get_by_label("Show it again").check()
    helen.get_by_label("What its author reads").fill("You criticised us, and you may.")
    helen.get_by_role("button", name="Answer the author").click()

    # And the public sees the comment again, and its author the answer
    until(phone, lambda: not hidden.exists(), "showing it again")
    phone.reload()
    expect(phone.locator("main")).to_contain_text("You criticised us, and you may.")
    phone.goto(f"/exercise/post/{our_post.pk}/")
    expect(phone.locator("main")).to_contain_text("with a map")


def test_a_crime_reported_comes_back_with_its_number_through_the_api_and_its_author_is_told(
    browser_of, served, wealdshire, force_account, amira_hussain, ben_osei
):
    # Given somebody who tells the force of a burglary, and Amira who hands it to the control room from its case
    oncall.make(wealdshire)
    saved_replies.add(
        actor=amira_hussain,
        level="personal",
        title="Your report",
        text="Your report is recorded under {incident number}.",
        categories=["crime_report"],
    )
    told = comments.write(
        force_account, "They broke in next door and took the bikes", at=clock.now() - timedelta(minutes=20)
    )
    comments.escalate(told, amira_hussain, "crime_report", "A burglary an hour ago")
    tasks.open_cases()
    case = Case.objects.get()
    page = browser_of(amira_hussain)
    page.goto(f"/cases/{case.pk}/refer/control_room/")
    page.locator("[name=what]").fill("Burglary of a shed, two bicycles taken")
    page.locator("[name=where]").fill("Saltmere Road, Harrowfield")
    page.locator("[name=crime]").check()
    page.get_by_role("button", name="Hand it to the control room").click()
    expect(page.locator("main")).to_contain_text("left for an incident number")
    expect(page.locator("main")).to_contain_text("24 hours from the first message")

    # When the control room's own program asks what waits and sends the number back
    service = services.add_service(
        actor=ben_osei,
        name="Command and control",
        purpose="Numbers",
        owner=ben_osei,
        networks=["127.0.0.0/8"],
    )
    token = services.make_key(actor=ben_osei, service=service, until=clock.now() + timedelta(days=1))[1]
    accounts.give_grant(
        actor=ben_osei,
        person=service.member,
        role=Role.CONTROL_ROOM,
        until=clock.now() + timedelta(days=30),
        why="Numbers of calls",
    )
    with httpx.Client(base_url=served, headers={"Authorization": f"Bearer {token}"}) as program:
        (waiting,) = program.get("/api/v1/calls?waiting=true").json()["items"]
        numbers = {
            "incident_number": "0412",
            "incident_on": clock.today().isoformat(),
            "crime_number": "48/1234/26",
        }
        answer = program.post(
            f"/api/v1/calls/{waiting['id']}/numbers", json=numbers, headers={"Idempotency-Key": "walk-0001"}
        )
        assert answer.status_code == 200, answer.text

    # Then it stands on the case, the countdown is over, and the reply with the number is one press away
    page.goto(f"/cases/{case.pk}/")
    expect(page.locator("#live")).to_contain_text("incident 0412")
    expect(page.locator("#live")).to_contain_text("48/1234/26")
    page.get_by_role("button", name="Put it into the reply").click()
    box = page.locator("#reply-text")
    assert "0412" in box.input_value()
    check_both_looks(page)
    page.get_by_role("button", name="Send public reply").click()
    expect(page.locator("#talk")).to_contain_text("Replied by you")
    assert "0412" in Delivery.objects.get().text
    made = Referral.objects.get()
    assert (made.answered_by_name, made.crime_number) == ("Command and control", "48/1234/26")


def test_a_shift_is_handed_over_and_signed_by_both(
    browser_of, served, force_account, amira_hussain, tom_beckett
):
    # Given an open risk, and Amira at the end of her night
    comments.write(force_account, "Somebody is on the bridge", category="suicide_self_harm", priority=1)
    amira = browser_of(amira_hussain)
    amira.goto("/cases/handover/")
    check_both_looks(amira)

    # When she signs without saying to whom, she is told; and then signs for Tom
    amira.get_by_role("button", name="Sign and hand over").click()
    expect(amira.locator("main")).to_contain_text("Choose who takes over.")
    amira.get_by_label("Who takes over").select_option(label=tom_beckett.called)
    amira.get_by_label("What the lists do not say").fill("The bridge team rings at six")
    amira.get_by_role("button", name="Sign and hand over").click()
    expect(amira.get_by_role("heading", level=1)).to_contain_text("Tom Beckett")
    expect(amira.locator("main")).to_contain_text("Waits for the signature of Tom Beckett")
    check_both_looks(amira)

    # Then Tom is led to it from his first page on a phone, reads it, and signs as well
    tom = browser_of(tom_beckett, **PHONE)
    tom.goto("/")
    tom.get_by_role("link", name="hands the shift over to you").first.click()
    expect(tom.locator("main")).to_contain_text("The bridge team rings at six")
    check_both_looks(tom)
    tom.get_by_role("button", name="Sign and take over").click()
    expect(tom.locator("main")).to_contain_text("Signed by both")
    amira.reload()
    expect(amira.locator("main")).to_contain_text("Signed by both")
    assert Handover.objects.get().complete_at is not None
