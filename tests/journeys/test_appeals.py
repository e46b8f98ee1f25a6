"""Every page of a public appeal with axe and on a phone; and one from its writing until it is gone on every channel."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from exercise.actions import messages
from exercise.models import Message, Profile
from moderation.models import Comment, Tip
from publishing.models import Appeal, Post, TakeDown
from smmp.seed import appeals as appeals_seed
from smmp.seed import force as force_seed
from smmp.seed import outbox
from smmp.seed import register as register_seed
from tests.browser import check_both_looks
from tests.publishing.appeals import picture

pytestmark = pytest.mark.more


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
            page.set_viewport_size({"width": 320 if person is None else 390, "height": 640})
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{path} is {over} px too wide on a phone"


FOUR = ("wealdshire-police", "harrowfield-police", "saltmere-police", "wealdshire-missing")
WORDS = (
    "Jon Harrow, 71, has been missing from Saltmere since Sunday. He wears a green coat. "
    "Have you seen him? Ring 101, or 999 if you see him now."
)


def until(page: Page, address: str, seen: Callable[[], bool], *, within_s: float = 60) -> None:
    """The page, opened anew until it shows what is waited for."""
    began = time.monotonic()
    while True:
        page.goto(address)
        if seen():
            return
        assert time.monotonic() - began < within_s, f"{address} does not show it after {within_s:.0f} s"
        page.wait_for_timeout(500)


def standing() -> set[str]:
    """On which profiles of the exercise network the appeal stands."""
    rows = Message.objects.filter(text=WORDS, deleted_at=None)
    return set(rows.values_list("author__handle", flat=True))


def test_a_missing_person_is_asked_for_on_four_accounts_until_he_is_found_and_it_is_gone(
    at_work, browser_of, new_page, public, leah_brandt, helen_achebe, amira_hussain, sergeant_okafor, tmp_path
):
    force_seed._exercise_account(
        at_work, "wealdshire-missing", "Wealdshire Missing People", "Who is missing", "Digital desk", ""
    )
    (tmp_path / "jon.png").write_bytes(picture())

    # Given Leah, who writes an appeal down and is told what is missing
    leah = browser_of(leah_brandt)
    leah.goto("/publishing/appeals/")
    leah.locator("a[href='/publishing/appeals/new/']").first.click()
    leah.get_by_label("The public is asked about").select_option("missing")
    leah.get_by_label("What it is about").fill("Jon Harrow, Saltmere")
    leah.get_by_label("Force reference").fill("MP-2026-0318")
    leah.get_by_label("Legal basis").select_option("vital_interests")
    leah.get_by_label("Why asking the public is necessary").fill(
        "Somebody by the quay may know where he went."
    )
    leah.get_by_label("The risk assessment").fill("High risk: dementia.")
    leah.get_by_label("Officer in the case who agreed").fill("PS Okafor, Monday at 08:30")
    for box in leah.locator("[name=accounts]").all():
        box.check()
    leah.get_by_role("button", name="Write it down").click()
    expect(leah.locator(".toast")).to_contain_text("Add a picture, then write its post.")
    leah.get_by_label("What the public should read").fill(WORDS)
    leah.get_by_role("button", name="Write its post").click()
    expect(leah.get_by_text("Write down who of the family agreed").first).to_be_visible()
    check_both_looks(leah)
    leah.get_by_role("link", name="Change").click()
    leah.get_by_label("Who of the family agreed").fill("Daughter, by telephone on Monday at 08:10")
    leah.get_by_role("button", name="Keep").click()
    leah.locator("[name=picture]").set_input_files(tmp_path / "jon.png")
    leah.get_by_label("What it shows").fill("A man of about seventy with short white hair and a green coat")
    leah.get_by_label("Taken down on").fill((clock.today() + timedelta(days=20)).isoformat())
    leah.get_by_role("button", name="Add it").click()
    leah.get_by_label("What the public should read").fill(WORDS)
    leah.get_by_role("button", name="Write its post").click()
    appeal = Appeal.objects.get()
    post = Post.objects.get()
    leah.goto(f"/publishing/compose/{post.pk}/")
    leah.locator("[name=q_custody]").select_option("no")
    leah.locator("[name=q_shows]").select_option("may")
    leah.locator("#keep").click()
    leah.locator("[name=q_shows_why]").fill("The family agreed")
    leah.locator("#submit").click()
    expect(leah.get_by_text("Waiting for approval").first).to_be_visible()

    # When Helen approves what she read, it goes out on all four as one
    helen = browser_of(helen_achebe)
    helen.goto(f"/publishing/posts/{post.pk}/")
    helen.get_by_role("button", name="Approve version").click()
    until(leah, f"/publishing/appeals/{appeal.pk}/", lambda: standing() == set(FOUR))
    until(
        leah, f"/publishing/appeals/{appeal.pk}/", lambda: leah.get_by_role("link", name="Tips").count() > 0
    )
    check_both_looks(leah)

    # And the public tells by a comment, by a private message, and on a form without an account
    under = Message.objects.get(text=WORDS, author__handle="saltmere-police")
    public("I saw a man in a green coat by Saltmere quay at half past three.", under=under)
    messages.write_as_public(
        actor=sergeant_okafor,
        handle="jo_harrow",
        name="Jo Harrow",
        text="He was on the 14 bus to Harrowfield this morning.",
        private_to=Profile.objects.get(handle="wealdshire-missing"),
    )
    phone = new_page(width=390, height=844, scripts=False)
    phone.goto(f"/public/appeals/{appeal.key}/")
    phone.get_by_role("link", name="Tell us what you know").click()
    phone.get_by_role("button", name="Send it").click()
    expect(phone.locator(".error").first).to_be_visible()
    phone.get_by_label("What do you know?").fill("A man like him sat in the church hall in Harrowfield.")
    phone.get_by_label("Its exact place").fill("53.1010, -1.3020")
    phone.get_by_label("A photo or video").set_input_files(tmp_path / "jon.png")
    phone.get_by_role("button", name="Send it").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Thank you")

    # Then all of it stands in one inbox, with a map; the message is put in by hand
    amira = browser_of(amira_hussain)
    until(
        amira,
        f"/desk/tips/appeals/{appeal.pk}/",
        lambda: amira.get_by_text("Saltmere quay").count() * amira.get_by_text("church hall").count() > 0,
    )
    until(amira, "/desk/", lambda: Comment.objects.filter(text__contains="14 bus").exists())
    message = Comment.objects.get(text__contains="14 bus")
    amira.goto(f"/desk/tips/appeals/{appeal.pk}/")
    expect(amira.get_by_role("heading", name="Where")).to_be_visible()
    take = amira.locator("section", has_text="Something from elsewhere").last
    take.get_by_label("Number of a comment or message").fill(str(message.pk))
    take.get_by_role("button", name="Put it in").click()
    expect(amira.get_by_text("14 bus").first).to_be_visible()
    check_both_looks(amira)
    assert set(Tip.objects.values_list("way", flat=True)) >= {"comment", "form"}
    assert Tip.objects.count() == 3
    amira.goto(f"/desk/tips/appeals/{appeal.pk}/")
    amira.get_by_role("article").filter(has_text="church hall").get_by_role("link").first.click()
    amira.locator("[name=passed_as]").first.check()
    amira.get_by_label("What it tells, in a few words").fill("Seen in the church hall an hour ago")
    amira.get_by_role("button", name="Make it a case").click()
    expect(amira.locator(".state, .toast").first).to_be_visible()

    # When he is found, Leah closes it
    leah.goto(f"/publishing/appeals/{appeal.pk}/")
    leah.locator("[name=outcome][value=found]").check()
    leah.get_by_label("Who said so, and when").fill("PS Okafor, at 15:10")
    leah.get_by_role("button", name="Close it and take it down on 4 channels").click()

    # Then it is gone on each, and was seen to be gone on each
    until(
        leah,
        f"/publishing/appeals/{appeal.pk}/",
        lambda: leah.get_by_text("seen to be gone everywhere").count() > 0,
    )
    assert standing() == set()
    assert TakeDown.objects.filter(state=TakeDown.State.DONE, done_how=TakeDown.How.READ).count() == 4
    check_both_looks(leah)
    # A page of the public may be given from memory for 15 seconds more
    asked_until = time.monotonic() + 60
    while (answer := phone.goto(f"/public/appeals/{appeal.key}/")) is None or answer.status != 410:
        assert time.monotonic() < asked_until
        time.sleep(1)
    street = new_page()
    street.goto("/exercise/")
    expect(street.get_by_text("Jon Harrow")).to_have_count(0)
