"""The demonstration shows one of each that the outbox needs a person for."""

from __future__ import annotations

from publishing import sending
from publishing.models import Delivery
from smmp.seed import outbox


def test_the_demonstration_has_one_of_each_and_is_made_once(wealdshire):
    outbox.make(wealdshire)
    outbox.make(wealdshire)
    sending.send_due()
    found = {row.official_account.platform + " " + row.state: row for row in Delivery.objects.all()}
    assert Delivery.objects.count() == 4
    assert found["nextdoor scheduled"].held_why.startswith("It is due. Publish it on Nextdoor")
    assert "could not go out by" in found["exercise scheduled"].held_why
    assert found["exercise rejected"].fault_raw
    assert found["exercise unknown"].unsettled_why
    assert sending.settle_due() == 0
