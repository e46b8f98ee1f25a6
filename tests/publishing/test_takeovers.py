"""A guest writes for a day: by house rules, on a grant that ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import requests
from accounts.models import GrantRequest
from accounts.queries import may
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from publishing.actions import campaigns, posts, takeovers
from publishing.models import Campaign, Post
from staff.roles import POWERS, Power, Role


@pytest.fixture
def takeover(clock_at, leah_brandt, pc_nair, force_account):
    """PC Nair is asked to write on Wealdshire Police tomorrow."""
    campaign = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.TAKEOVER,
        name="A day with PC Nair",
        purpose="Show a day",
        account_ids=[force_account.pk],
        starts_at=clock.now() + timedelta(hours=1),
        ends_at=clock.now() + timedelta(hours=9),
    )
    return takeovers.name_guest(actor=leah_brandt, campaign=campaign, guest=pc_nair, rules="Be kind.")


def test_without_rules_accepted_and_a_grant_given_it_does_not_start_and_it_ends_by_itself(
    takeover, leah_brandt, pc_nair, ben_osei, force_account, clock_at
):
    campaign = takeover.campaign
    with pytest.raises(TransitionNotAllowed, match="has not accepted"):
        campaigns.start_campaign(actor=leah_brandt, campaign=campaign)
    with pytest.raises(NotFound):
        takeovers.accept_rules(actor=leah_brandt, takeover=takeover, rules_seen="Be kind.")
    with pytest.raises(NotValid, match="changed after you opened"):
        takeovers.accept_rules(actor=pc_nair, takeover=takeover, rules_seen="Be rude.")
    takeovers.accept_rules(actor=pc_nair, takeover=takeover, rules_seen="Be kind.")
    takeovers.accept_rules(actor=pc_nair, takeover=takeover, rules_seen="Be kind.")
    asked = GrantRequest.objects.get(person=pc_nair, official_account=force_account)
    assert asked.until == campaign.ends_at
    assert not may(pc_nair, Power.WRITE_POSTS, force_account.pk)
    with pytest.raises(TransitionNotAllowed, match="may not write there yet"):
        campaigns.start_campaign(actor=leah_brandt, campaign=campaign)
    requests.answer(actor=ben_osei, request=asked, give=True, why="A takeover")
    assert campaigns.start_campaign(actor=leah_brandt, campaign=campaign).state == "running"
    post = posts.draft_post(actor=pc_nair, account_ids=[force_account.pk], words="Good morning.")
    clock_at.move_to(campaign.ends_at)
    assert not may(pc_nair, Power.WRITE_POSTS, force_account.pk)
    with pytest.raises(NotPermitted):
        posts.submit_post(actor=pc_nair, post=post, version_seen=1)


def test_other_rules_are_accepted_anew(takeover, leah_brandt, pc_nair):
    takeovers.accept_rules(actor=pc_nair, takeover=takeover, rules_seen="Be kind.")
    again = takeovers.name_guest(
        actor=leah_brandt, campaign=takeover.campaign, guest=pc_nair, rules="Be kind.\r\nBe brief."
    )
    assert (again.pk, again.accepted_at) == (takeover.pk, None)


@pytest.mark.parametrize("rules", ["", " \n ", "x" * 5001])
def test_a_takeover_has_house_rules(takeover, leah_brandt, pc_nair, rules):
    with pytest.raises(NotValid, match="house rules"):
        takeovers.name_guest(actor=leah_brandt, campaign=takeover.campaign, guest=pc_nair, rules=rules)


def test_nobody_is_their_own_guest_and_nobody_else_names_one(takeover, leah_brandt, pc_nair, amira_hussain):
    with pytest.raises(NotValid, match="somebody else"):
        takeovers.name_guest(
            actor=leah_brandt, campaign=takeover.campaign, guest=leah_brandt, rules="Be kind."
        )
    with pytest.raises(NotPermitted):
        takeovers.name_guest(actor=pc_nair, campaign=takeover.campaign, guest=amira_hussain, rules="Be kind.")


def test_once_it_is_over_nothing_is_accepted(takeover, pc_nair, clock_at):
    clock_at.shift(timedelta(hours=10))
    with pytest.raises(TransitionNotAllowed, match="over"):
        takeovers.accept_rules(actor=pc_nair, takeover=takeover, rules_seen="Be kind.")


def test_a_takeover_from_naming_to_accepting(client, takeover, leah_brandt, pc_nair, amira_hussain):
    client.force_login(leah_brandt)
    step = reverse("publishing:occasion_step", args=[takeover.campaign_id])
    wrong = client.post(step, {"do": "guest", "guest": amira_hussain.pk, "rules": ""})
    assert wrong.status_code == 422
    client.post(step, {"do": "guest", "guest": pc_nair.pk, "rules": "One\r\nTwo"})
    page = client.get(reverse("publishing:occasion", args=[takeover.campaign_id])).content.decode()
    assert "has not accepted the house rules" in page
    rules = reverse("publishing:takeover_rules", args=[takeover.pk])
    assert client.get(rules).status_code == 404
    client.force_login(pc_nair)
    assert "You are asked to write as a guest" in client.get("/").content.decode()
    assert "One\nTwo" in client.get(rules).content.decode()
    assert client.post(rules, {"rules": "Other"}).status_code == 422
    answer = client.post(rules, {"rules": "One\r\nTwo"}, follow=True)
    assert "Accepted." in answer.content.decode()
    assert not Post.objects.exists()


def test_a_guest_writes_and_sees_no_more_than_their_own(
    client, takeover, leah_brandt, joan_pritchard, ben_osei, force_account
):
    takeovers.name_guest(
        actor=leah_brandt, campaign=takeover.campaign, guest=joan_pritchard, rules="Be kind."
    )
    takeover.refresh_from_db()
    takeovers.accept_rules(actor=joan_pritchard, takeover=takeover, rules_seen="Be kind.")
    asked = GrantRequest.objects.get(person=joan_pritchard, official_account=force_account)
    assert asked.role == Role.GUEST_WRITER
    requests.answer(actor=ben_osei, request=asked, give=True, why="A takeover")
    secret = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="Not out yet.")
    client.force_login(joan_pritchard)
    client.post(
        reverse("publishing:field"),
        {
            "accounts": [force_account.pk],
            "words": "Good morning.",
            "do": "check",
            "campaign": takeover.campaign.tag_id,
        },
    )
    rules = client.get(reverse("publishing:takeover_rules", args=[takeover.pk])).text
    assert f"?campaign={takeover.campaign.tag_id}" in rules
    mine = Post.objects.get(author=joan_pritchard)
    assert mine.campaigns.filter(removed_at=None, tag=takeover.campaign.tag_id).exists()
    shown = client.get(reverse("publishing:posts")).text
    assert "Good morning." in shown
    assert "Not out yet." not in shown
    assert client.get(reverse("publishing:post", args=[secret.pk])).status_code == 404
    assert force_account.name in client.get(reverse("publishing:post", args=[mine.pk])).text
    for closed in ("moderation:desk", "publishing:calendar", "publishing:appeals", "publishing:incidents"):
        assert client.get(reverse(closed)).status_code == 403, closed
    for power in Power:
        assert may(joan_pritchard, power, force_account.pk) == (
            power in POWERS[Role.GUEST_WRITER] or power in POWERS[Role.INFOSEC_AUDITOR]
        )


def test_nobody_is_a_guest_without_an_end(ben_osei, pc_nair, force_account):
    with pytest.raises(NotValid, match="choose an end"):
        accounts.give_grant(
            actor=ben_osei,
            person=pc_nair,
            role=Role.GUEST_WRITER,
            official_account=force_account,
            why="A takeover",
        )
