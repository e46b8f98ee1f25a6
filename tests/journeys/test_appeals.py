"""A missing-person appeal goes out on four official accounts, collects tips, closes, and is seen to be gone on each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts import actions as register
from core import clock
from core.actors import System
from exercise.models import Message
from moderation.models import Comment, Tip
from publishing.models import Appeal, Delivery, TakeDown
from smmp.seed import appeals as appeals_seed
from smmp.seed import outbox
from smmp.seed import register as register_seed
from tests.browser import check_accessibility, check_both_looks
from tests.journeys.test_ladder import until
from tests.publishing.appeals import picture

pytestmark = pytest.mark.xdist_group("journeys")
WORDS = (
    "Have you seen Jonas Peverell? He is 71 and was last seen at Saltmere station on Sunday. He wears a green coat. "
    "Ring 101, or 999 if you see him now."
)


def standing():
    return Delivery.objects.filter(kind="post", state="sent", text__startswith="Have you seen Jonas")


def test_an_appeal_from_the_first_word_to_the_last_channel(
    browser_of, new_page, at_work, public, settings, leah_brandt, helen_achebe, amira_hussain, victoria_lang
):
    # Given three official accounts on the exercise network, and one that is worked by hand
    settings.DEMO = True
    register.register_account(
        actor=System("journey"),
        platform="nextdoor",
        handle="wealdshire-police",
        name="Wealdshire on Nextdoor",
        owner=victoria_lang,
    )
    leah = browser_of(leah_brandt)
    leah.goto("/publishing/appeals/")
    check_both_looks(leah)
    leah.get_by_role("link", name="New appeal").click()
    check_both_looks(leah)

    # When Leah writes an appeal down, and forgets who of the family agreed
    leah.get_by_label("What it is about").fill("Jonas Peverell, Saltmere")
    leah.get_by_label("Force reference").fill("MP-2026-0318")
    leah.get_by_label("Why asking the public is necessary").fill("Somebody may know where he went.")
    leah.get_by_label("Officer in the case who agreed").fill("PS Okafor, 08:30")
    leah.get_by_label("The risk assessment").fill("High risk: he has dementia, and it freezes at night.")
    for name in ("Wealdshire Police", "Harrowfield", "Saltmere", "Wealdshire on Nextdoor"):
        leah.get_by_role("checkbox", name=name).check()
    leah.get_by_role("button", name="Write it down").click()
    expect(leah.get_by_role("heading", level=1)).to_contain_text("Jonas Peverell")
    leah.get_by_label("What the public should read").fill(WORDS)
    leah.get_by_role("button", name="Write its post").click()
    expect(leah.get_by_text("Write down who of the family agreed")).to_be_visible()
    expect(leah.get_by_label("What the public should read")).to_have_value(WORDS)
    leah.get_by_role("link", name="Change", exact=True).click()
    leah.get_by_label("Who of the family agreed").fill("His daughter, by telephone at 08:10")
    leah.get_by_role("button", name="Keep").click()

    # And adds a picture with its day, then its post, which she finishes in compose
    leah.get_by_text("Add a picture").click()
    leah.locator("input[type=file]").set_input_files(
        {"name": "jonas.png", "mimeType": "image/png", "buffer": picture()}
    )
    leah.get_by_label("What it shows").fill("A man of about seventy with short white hair and a green coat")
    leah.get_by_label("Taken down on").fill((clock.today() + timedelta(days=20)).isoformat())
    leah.get_by_role("button", name="Add it").click()
    expect(leah.get_by_text("Down on").first).to_be_visible()
    check_both_looks(leah)
    leah.get_by_label("What the public should read").fill(WORDS)
    leah.get_by_role("button", name="Write its post").click()
    leah.get_by_label("Is it a picture from custody?").select_option("no")
    leah.get_by_label("Does it show a face").select_option("may")
    leah.locator("#keep").click()
    leah.get_by_label("Why it may be shown").fill("The family agreed")
    leah.locator("#submit").click()
    expect(leah.get_by_text("Waiting for approval").first).to_be_visible()

    # Then Helen approves it, and it stands on three of them by itself and on the fourth by hand
    helen = browser_of(helen_achebe)
    helen.goto("/publishing/approvals/")
    helen.get_by_role("button", name="Approve version").click()
    until(lambda: standing().count() == 3, "it stands on the exercise network")
    until(lambda: Delivery.objects.filter(kind="post").exclude(held_why="").exists(), "Nextdoor waits")
    leah.goto("/publishing/outbox/")
    leah.get_by_label("Link to it").fill("https://nextdoor.example/p/1")
    leah.get_by_role("button", name="It is done").click()
    until(lambda: standing().count() == 4, "it stands on Nextdoor")
    until(lambda: Appeal.objects.get().state == "live", "it is live")
    appeal = Appeal.objects.get()

    # When somebody of the public, without scripts and on a phone, tells what they saw, with a photo
    street = new_page(width=390, height=844, scripts=False)
    street.goto("/public/appeals/")
    street.get_by_role("link", name="Missing person").click()
    expect(street.get_by_role("img", name="A man of about seventy")).to_be_visible()
    street.get_by_role("link", name="Tell us what you know").click()
    street.get_by_label("What do you know?").fill(
        "I saw him by the viaduct at four, he went to the allotments."
    )
    street.get_by_label("Where was it?").fill("Saltmere viaduct")
    street.get_by_label("A photo or video").set_input_files(
        {"name": "seen.png", "mimeType": "image/png", "buffer": picture((60, 60, 90))}
    )
    street.get_by_label("Your telephone number").fill("07700 900123")
    street.get_by_role("button", name="Send it").click()
    expect(street.get_by_role("heading", name="Thank you")).to_be_visible()

    # And another writes under the post
    ours = Message.objects.filter(text__startswith="Have you seen Jonas").first()
    public("Is that the man who feeds the ducks at the mill pond every day?", under=ours)
    until(lambda: Comment.objects.filter(text__contains="mill pond").exists(), "the comment is taken in")
    until(lambda: Tip.objects.count() == 2, "both are in the inbox")

    # Then Amira reads both in one inbox, and the sighting is a case in two steps
    amira = browser_of(amira_hussain)
    amira.goto(f"/desk/tips/appeals/{appeal.pk}/")
    expect(amira.get_by_text("feeds the ducks")).to_be_visible()
    check_both_looks(amira)
    amira.get_by_role("link", name=Tip.objects.get(way="form").reference).first.click()
    check_both_looks(amira)
    amira.get_by_role("button", name="Show how to reach them").click()
    expect(amira.get_by_text("07700 900123")).to_be_visible()
    amira.get_by_label("Sighting").check()
    amira.get_by_label("What it tells, in a few words").fill("Seen by the viaduct at four")
    amira.get_by_role("button", name="Make it a case").click()
    until(lambda: not Tip.objects.exclude(needs_case="").exists(), "its case is open")
    amira.get_by_role("link", name="Its case").click()
    expect(amira.get_by_role("heading", name="Tips on an appeal")).to_be_visible()
    check_accessibility(amira)

    # When he is found and Leah closes the appeal
    leah.goto(f"/publishing/appeals/{appeal.pk}/")
    leah.get_by_label("Found", exact=True).check()
    leah.get_by_label("Who said so, and when").fill("PS Okafor, 17:40: found safe")
    leah.get_by_role("button", name="Close it and take it down on 4 channels").click()

    # Then the public page says only that it has ended, and each channel is seen to be gone
    answer = street.goto(f"/public/appeals/{appeal.key}/")
    assert answer is not None
    assert answer.status == 410
    assert "Peverell" not in street.content()
    until(lambda: TakeDown.objects.filter(state="done").count() == 3, "three are read back as gone")
    until(lambda: TakeDown.objects.filter(state="by_hand").exists(), "Nextdoor is left to people")
    until(
        lambda: Delivery.objects.filter(kind="delete", state="scheduled").exclude(held_why="").exists(),
        "its deletion waits to be done by hand",
    )
    leah.goto(f"/publishing/appeals/{appeal.pk}/")
    check_both_looks(leah)
    expect(leah.get_by_text("Verified gone")).to_have_count(3)
    leah.get_by_role("button", name="It is gone").click()
    expect(leah.get_by_text("then tick that you have seen it gone")).to_be_visible()
    leah.get_by_label("I opened it there, and it is gone").check()
    leah.get_by_role("button", name="It is gone").click()
    until(lambda: Appeal.objects.get().state == "verified", "all four are gone")
    leah.reload()
    expect(leah.get_by_text("Verified gone")).to_have_count(4)
    leah.get_by_role("button", name="Close the file").click()
    expect(leah.get_by_text("The file is closed")).to_be_visible()
    leah.goto("/publishing/appeals/?which=over")
    expect(leah.get_by_text("4 of 4 seen to be gone")).to_be_visible()
    leah.goto("/publishing/shown/?which=over")
    check_both_looks(leah)


def test_no_page_of_an_appeal_has_a_violation(
    browser_of, new_page, served, wealdshire, settings, leah_brandt, helen_achebe, amira_hussain
):
    settings.DEMO = True
    outbox.make(wealdshire)
    register_seed.make(wealdshire)
    appeals_seed.make(wealdshire)
    live, due, gone = (Appeal.objects.get(state=state) for state in ("live", "under_review", "verified"))
    tip = Tip.objects.filter(contact__isnull=False).get()
    looks = {
        leah_brandt: [f"/publishing/appeals/{one.pk}/" for one in (live, due, gone)]
        + [
            f"/publishing/appeals/{live.pk}/change/",
            "/publishing/appeals/",
            "/publishing/appeals/?which=over",
            "/",
        ],
        helen_achebe: ["/publishing/shown/", "/publishing/shown/?which=over"],
        amira_hussain: ["/desk/tips/", f"/desk/tips/appeals/{live.pk}/", f"/desk/tips/{tip.pk}/", "/"],
        None: [
            "/public/appeals/",
            f"/public/appeals/{live.key}/",
            f"/public/appeals/{live.key}/tell/",
            f"/public/appeals/{live.key}/told/?reference=ABCD-EFGH",
            f"/public/appeals/{gone.key}/",
        ],
    }
    for person, paths in looks.items():
        page = browser_of(person) if person is not None else new_page()
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == (410 if path == f"/public/appeals/{gone.key}/" else 200), path
            check_both_looks(page)
            page.set_viewport_size({"width": 320, "height": 640})
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{path} is {over} px too wide at 320 px"
