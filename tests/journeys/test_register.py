"""An official account from request to closure, an impostor from the public's report to its end, and the public's list."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from accounts import actions as accounts
from accounts import public
from accounts.models import Impostor, Mandate, OfficialAccount
from smmp.seed.force import SEED
from tests.browser import check_accessibility, check_both_looks

pytestmark = pytest.mark.more

WITHIN_S = 60
"""What the public reads of the register is right by then (issue: in step within 60 s)."""
WANTED = {
    "handle": "@roads@social.example",
    "name": "Wealdshire Roads Policing",
    "purpose": "Closures and road safety",
    "audience": "Drivers",
    "reasons": "Nobody reaches drivers before they set out",
    "content_plan": "Closures as they happen, one post a week on safety",
    "trained": "The roads team, trained in May",
}


def take(page: Page, step: str, words: str | None = None) -> None:
    """One step of an account's page: its form, filled in and sent."""
    form = page.locator(f"form#{step}")
    if words is not None:
        form.locator("[name=words]").fill(words)
    form.get_by_role("button").click()


def says(page: Page, words: str) -> None:
    expect(page.locator(".toast").get_by_text(words).first).to_be_visible()


def refused(page: Page, words: str) -> None:
    expect(page.locator(".error, .refusal, .messages, main").get_by_text(words).first).to_be_visible()


def tick(page: Page, says_it: str, words: str = "") -> None:
    point = page.locator("#checklist li").filter(has_text=says_it)
    if words:
        point.locator("[name=words]").fill(words)
    point.get_by_role("button").click()


def tick_all(page: Page, words: str = "") -> None:
    """Every point that is left, each by its own button."""
    left = page.locator("#checklist button[value=yes]")
    while left.count():
        before = left.count()
        if words:
            point = page.locator("#checklist li").filter(has=page.locator("button[value=yes]")).first
            point.locator("[name=words]").fill(words)
        left.first.click()
        expect(left).to_have_count(before - 1)


def until_public(page: Page, name: str, *, shown: bool = True) -> float:
    """How many seconds until the public's list says so."""
    began = time.monotonic()
    while time.monotonic() - began < WITHIN_S:
        page.goto("/public/accounts/")
        if bool(page.get_by_role("heading", name=name).count()) == shown:
            return time.monotonic() - began
        page.wait_for_timeout(1000)
    raise AssertionError(f"the public's list is not right after {WITHIN_S} s")


def test_four_people_take_an_account_from_request_to_closure_and_see_each_refusal(
    served,
    wealdshire,
    browser_of,
    new_page,
    ben_osei,
    helen_achebe,
    joan_pritchard,
    victoria_lang,
    amira_hussain,
):
    # Given Ben, who asks for one and is told what is missing
    ben = browser_of(ben_osei)
    ben.goto("/register/wanted/new/")
    ben.get_by_role("button", name="Ask for it").click()
    refused(ben, "Choose a platform.")
    check_accessibility(ben)
    ben.get_by_label("Platform", exact=True).select_option("mastodon")
    for name, value in WANTED.items():
        ben.locator(f"main [name={name}]").fill(value)
    ben.locator("[name=owner]").select_option(label=victoria_lang.called)
    ben.locator("[name=kind]").select_option("team")
    ben.get_by_role("button", name="Ask for it").click()
    says(ben, "It is asked for.")
    row = Mandate.objects.get(handle="roads@social.example")
    page = f"/register/wanted/{row.pk}/"

    # Then he judges nothing of it himself, and whoever has no part in it finds nothing
    expect(ben.locator("form#assess_comms, form#assess_infosec, form#approve")).to_have_count(0)
    amira = browser_of(amira_hussain)
    answer = amira.goto(f"{page}particulars/")
    assert answer is not None
    assert answer.status == 403

    # When communications and information security assess it, with words
    helen, joan, victoria = (browser_of(one) for one in (helen_achebe, joan_pritchard, victoria_lang))
    helen.goto("/")
    expect(helen.get_by_text(WANTED["name"]).first).to_be_visible()
    helen.goto(page)
    expect(helen.locator("form#assess_infosec, form#approve")).to_have_count(0)
    take(helen, "assess_comms", " ")
    refused(helen, "Say how you judge it")
    check_both_looks(helen)
    take(helen, "assess_comms", "Needed")
    says(helen, "Your assessment for communications is recorded.")
    victoria.goto(page)
    expect(victoria.locator("form#approve")).to_have_count(0)
    joan.goto(page)
    take(joan, "assess_infosec", "With keys")
    says(joan, "Your assessment for information security is recorded.")
    expect(joan.locator("form#approve")).to_have_count(0)
    victoria.goto(page)
    take(victoria, "approve", "")
    refused(victoria, "Say why it may be opened.")
    take(victoria, "approve", "Within policy")
    says(victoria, "It is approved.")

    # And Ben opens it by the checklist, which holds him to what is recorded
    ben.goto(page)
    take(ben, "finish")
    refused(ben, "not ticked yet")
    tick(ben, "shared mailbox register")
    refused(ben, "address among the particulars")
    ben.get_by_role("link", name="Change what is recorded").click()
    ben.get_by_label("Address it is registered with").fill("nonsense")
    ben.get_by_role("button", name="Record it").click()
    refused(ben, "Give an e-mail address.")
    ben.get_by_label("Address it is registered with").fill("roads@wealdshire.example")
    ben.get_by_label("Where the vault keeps its password").fill("social/roads")
    ben.get_by_label("Recovery routes").fill("Key in the safe")
    ben.get_by_label("Its profile as the platform shows it").fill("In an emergency 999, otherwise 101")
    ben.get_by_label("Profile picture").select_option("yes")
    ben.get_by_role("button", name="Record it").click()
    says(ben, "Recorded.")
    tick_all(ben)
    take(ben, "finish")
    says(ben, "The checklist is done.")
    expect(ben.get_by_text("A second person looks at it and opens it.").first).to_be_visible()
    expect(ben.locator("form#open")).to_have_count(0)

    # Then a second person opens it, and the public reads of it within a minute, on a phone without scripts
    victoria.goto(page)
    take(victoria, "open")
    says(victoria, "It is open")
    phone = new_page(width=320, height=640, scripts=False)
    until_public(phone, WANTED["name"])
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320
    phone.get_by_label("Handle, or link of its page").fill("@roads@social.example")
    phone.get_by_role("button", name="Check it").click()
    expect(phone.get_by_role("heading", name="Yes, it is ours")).to_be_visible()

    # When it is reviewed, suspended, taken up again, and asked to be closed
    take(victoria, "review", "")
    refused(victoria, "Say what you found")
    take(victoria, "review", "Run well")
    says(victoria, "The review is recorded.")
    ben.goto(page)
    take(ben, "suspend", "Odd sign-in")
    says(ben, "It is suspended")
    take(ben, "resume", "It was us")
    says(ben, "It is taken up again.")
    take(ben, "end", "The team is gone")
    says(ben, "The checklist of closing begins.")
    expect(ben.locator("form#close")).to_have_count(0)
    tick(ben, "kept or released")
    refused(ben, "what was decided")
    victoria.goto(page)
    take(victoria, "close", "")
    refused(victoria, "not ticked")
    check_both_looks(victoria)

    # Then it is closed by a second person once everything is ticked, and the public reads of it no more
    ben.goto(page)
    tick_all(ben, "Kept by the force")
    victoria.goto(page)
    take(victoria, "close", "")
    says(victoria, "It is closed for good.")
    expect(victoria.get_by_text("Nothing now.")).to_be_visible()
    assert OfficialAccount.objects.get(mandate=row).status == "closed"
    until_public(phone, WANTED["name"], shown=False)


def test_a_look_alike_is_found_and_followed_until_it_is_gone(
    served, wealdshire, browser_of, new_page, helen_achebe, joan_pritchard
):
    accounts.register_account(
        actor=SEED,
        platform="x",
        handle="wealdshirepolice",
        name="Wealdshire Police",
        owner=wealdshire.people["victoria_lang"],
    )
    odd = "we\u0430ldshirepo1ice"  # a Cyrillic letter, and a digit for another
    public.forget()

    # Given somebody who checks what wrote to them, and reports it, on a phone without scripts
    somebody = new_page(width=320, height=640, scripts=False)
    somebody.goto("/public/accounts/check/")
    somebody.get_by_label("Handle, or link of its page").fill(f"https://x.com/{odd}")
    somebody.get_by_role("button", name="Check it").click()
    expect(somebody.get_by_role("heading", name="No, it only looks like one of ours")).to_be_visible()
    somebody.get_by_role("link", name="Report it to us").click()
    somebody.get_by_label("What it does, in your words").fill("It asks for a code that was sent to me")
    somebody.get_by_role("button", name="Report it").click()
    expect(somebody.get_by_role("heading", level=1)).to_have_text("Thank you")

    # When Helen compares a list of handles as well, of which only look-alikes are kept
    helen = browser_of(helen_achebe)
    helen.goto("/register/impostors/")
    expect(helen.get_by_role("row").filter(has_text=odd)).to_be_visible()
    compare = helen.locator("form").filter(has_text="Compare a list")
    compare.get_by_label("Platform").select_option("x")
    compare.get_by_label("Handles, one a line").fill(f"jo_harrow\n{odd}\nwealdshirepolice_uk\nmo_k")
    compare.get_by_role("button", name="Compare them with ours").click()
    says(helen, "4 compared")
    assert set(Impostor.objects.values_list("handle", flat=True)) == {odd, "wealdshirepolice_uk"}
    check_both_looks(helen)

    # And follows it: what its page shows, the report to the platform, the asking again
    helen.get_by_role("link", name=odd).click()
    take(helen, "confirm", " ")
    refused(helen, "Write down what its page shows")
    take(helen, "confirm", "Our crest, our name, asks for codes. 29 November 2026.")
    says(helen, "The public check warns of it")
    helen.locator("#report-reference").fill("X-998877")
    take(helen, "report", "By X's own form for impersonation")
    says(helen, "You are reminded to ask again.")
    take(helen, "warn", "On our own page and on X")
    joan = browser_of(joan_pritchard)
    joan.goto(helen.url)
    take(joan, "chase", "X asks for a proof of who we are; sent")
    says(joan, "Noted.")

    # Then the public is warned, and it is gone, with how long that took
    began = time.monotonic()
    warned = somebody.get_by_role("heading", name="No. It pretends to be us")
    while not warned.count() and time.monotonic() - began < WITHIN_S:
        somebody.wait_for_timeout(1000)
        somebody.goto(f"/public/accounts/check/?account=https://x.com/{odd}")
    expect(warned).to_be_visible()
    take(helen, "take_down", "Its page answers that it does not exist")
    says(helen, "It is gone. Well done.")
    expect(helen.get_by_text("Gone after")).to_be_visible()
    check_both_looks(helen)
    row = Impostor.objects.get(handle=odd)
    assert (row.state, row.reference, row.took is not None) == ("taken_down", "X-998877", True)
    helen.goto("/register/impostors/")
    expect(helen.get_by_text("1 taken down")).to_be_visible()
