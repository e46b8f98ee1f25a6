"""An officer's post from a phone, by a second person's yes, to the exercise network and to Bluesky's own server software.

`make test-bluesky` brings the network up and runs this; plain runs leave it out.
"""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from accounts import actions as accounts
from accounts.actions import credentials
from exercise.models import Message
from publishing import sending
from publishing.models import Delivery, Post
from smmp.seed.force import SEED
from tests.browser import PHONE, sign_in
from tests.live.test_bluesky_end_to_end import records_of
from tests.live.test_bluesky_network import Person, address  # noqa: F401 - a fixture

pytestmark = pytest.mark.live_bluesky
WORDS = "The footbridge at Mill Lane is open again. Thank you for your patience, Harrowfield."
WITHIN_S = 40


def test_an_officers_post_goes_from_a_phone_by_approval_to_both_networks(
    address,  # noqa: F811
    served,
    settings,
    new_page,
    wealdshire,
    pc_nair,
    helen_achebe,
):
    # Given the team of Harrowfield, which has an account on Bluesky as well
    police = Person(address, "harrowfield")
    settings.BLUESKY_ADDRESS = address
    account = accounts.register_account(
        actor=SEED,
        platform="bluesky",
        handle=police.handle,
        name="Harrowfield Police on Bluesky",
        owner=wealdshire.people["victoria_lang"],
        neighbourhood=wealdshire.neighbourhoods["Harrowfield"],
    )
    credentials.store_credential(actor=SEED, official_account=account, secret=police.secret)

    # When PC Nair writes on her telephone and sends it for approval
    street = new_page(**PHONE)
    sign_in(street, pc_nair)
    street.goto("/publishing/field/")
    for box in street.locator("[name=accounts]").all():
        box.check()
    street.get_by_label("Words").fill(WORDS)
    street.get_by_role("button", name="Keep and check").click()
    street.get_by_role("button", name="Send for approval by").click()
    expect(street.get_by_text("Waiting for approval").first).to_be_visible()
    sending.send_due()
    assert WORDS not in records_of(police).values(), "nothing leaves before somebody else says yes"

    # And Helen approves it
    helen = new_page(**PHONE)
    sign_in(helen, helen_achebe)
    helen.goto(f"/publishing/posts/{Post.objects.get().pk}/")
    helen.get_by_role("button", name="Approve version").click()

    # Then it stands on both networks, once each
    until = time.monotonic() + WITHIN_S
    while Delivery.objects.exclude(state=Delivery.State.SENT).exists() and time.monotonic() < until:
        sending.send_due()
        time.sleep(0.5)
    assert list(records_of(police).values()).count(WORDS) == 1
    assert Message.objects.filter(text=WORDS, author__handle="harrowfield-police").count() == 1
    assert set(Delivery.objects.values_list("approver", flat=True)) == {helen_achebe.pk}
