"""The pages about approval: what is offered, what is refused with what was typed kept, and who sees nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import actions as accounts
from core import clock
from publishing import checks, sending
from publishing.actions import judging, posts, telephone
from publishing.actions import steps as step_actions
from publishing.models import AfterLook, Cover, Post, StepsVersion, TelephoneApproval, Trust
from smmp.seed.force import SEED
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform

WORDS = "The bridge at Quay Street is open again."


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def submitted(clock_at, leah_brandt, force_account):
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Bridge")
    return posts.submit_post(actor=leah_brandt, post=post, version_seen=1)


def home(client, person):
    client.force_login(person)
    return client.get("/").content.decode()


def page(client, person, name, *args):
    client.force_login(person)
    return client.get(reverse(f"publishing:{name}", args=args)).content.decode()


def test_the_author_reads_what_it_needs_before_it_is_sent(
    client, clock_at, leah_brandt, ben_osei, force_account
):
    draft = step_actions.begin_draft(actor=ben_osei)
    step_actions.add_rule(
        actor=ben_osei, version=draft, name="Gold speaks", needs="any", parties=["telephone:gold"]
    )
    step_actions.put_in_force(actor=ben_osei, version=draft, why="Policy")
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS)
    for name in ("compose_post", "field_draft", "post"):
        shown = page(client, leah_brandt, name, post.pk)
        assert "Needs one approver, namely Gold commander by telephone" in shown, name
        assert "Gold speaks" in shown, name


def test_a_call_is_recorded_on_its_page_and_what_was_typed_is_kept(
    client, submitted, amira_hussain, leah_brandt, pc_nair
):
    address = reverse("publishing:record_call", args=[submitted.pk])
    client.force_login(amira_hussain)
    assert WORDS in client.get(address).content.decode()
    given = {"version": 1, "name": "Supt Powell", "function": "gold", "known_by": "number", "known_as": "12"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert "Read the words out as they stand" in refused.content.decode()
    assert "Supt Powell" in refused.content.decode()
    done = client.post(address, {**given, "read_out": "on"}, follow=True)
    assert "Supt Powell (gold commander, by telephone) approved version 1" in done.content.decode()
    assert TelephoneApproval.objects.get().recorded_by == amira_hussain
    assert "You cannot record a call for this post" in page(client, leah_brandt, "record_call", submitted.pk)
    client.force_login(pc_nair)
    assert client.get(address).status_code == 404


def test_the_author_is_asked_and_answers_on_the_posts_page(client, submitted, helen_achebe, leah_brandt):
    client.force_login(helen_achebe)
    address = reverse("publishing:ask", args=[submitted.pk])
    assert "Write what you want to know" in client.post(address, {}, follow=True).content.decode()
    client.post(address, {"question": "Which <b>bridge</b>?"})
    assert "Which &lt;b&gt;bridge&lt;/b&gt;?" in page(client, leah_brandt, "post", submitted.pk)
    assert "asks about “Bridge”" in client.get("/").content.decode()
    made = submitted.questions.get()
    client.post(reverse("publishing:answer", args=[made.pk]), {"answer": "The one at the quay"})
    assert "The one at the quay" in page(client, helen_achebe, "post", submitted.pk)


def test_a_late_yes_is_asked_for_its_time_and_keeps_what_was_typed(
    client, submitted, helen_achebe, leah_brandt
):
    Post.objects.update(publish_at=clock.now() - timedelta(minutes=3))
    assert "Approve it for another time" in page(client, helen_achebe, "expired")
    assert "Give it another time, or withdraw it" in page(client, leah_brandt, "expired")
    assert "was not approved in time" in client.get("/").content.decode()
    client.force_login(helen_achebe)
    address = reverse("publishing:approve", args=[submitted.pk])
    refused = client.post(address, {"version": 1, "new_time": "2026-03-01T10:00"})
    assert refused.status_code == 422
    assert "has passed" in refused.content.decode()
    assert "2026-03-01T10:00" in refused.content.decode()
    done = client.post(address, {"version": 1, "new_time": "2026-03-02T11:00"}, follow=True)
    assert "Approved. It goes out today 11:00" in done.content.decode()
    assert "Nothing expired" in page(client, helen_achebe, "expired")


def test_a_cover_is_named_on_its_page(client, clock_at, helen_achebe, tom_beckett, amira_hussain):
    address = reverse("publishing:covers")
    client.force_login(helen_achebe)
    refused = client.post(address, {"until": "2026-03-04T10:00", "why": "Leave"})
    assert refused.status_code == 422
    assert "Choose who stands in for you" in refused.content.decode()
    accounts.give_grant(actor=SEED, person=tom_beckett, role=Role.COMMS_APPROVER, why="Cover")
    given = {"cover": tom_beckett.pk, "until": "2026-03-04T10:00", "why": "Leave"}
    assert "stands in for you" in client.post(address, given, follow=True).content.decode()
    made = Cover.objects.get()
    assert "You stand in for" in page(client, tom_beckett, "covers")
    assert "You stand in for" in page(client, tom_beckett, "approvals")
    client.force_login(amira_hussain)
    assert client.post(reverse("publishing:end_cover", args=[made.pk])).status_code == 403
    client.force_login(tom_beckett)
    client.post(reverse("publishing:end_cover", args=[made.pk]))
    assert Cover.objects.get().ended_by == tom_beckett


def test_what_went_out_is_looked_at_on_its_page(
    client, clock_at, leah_brandt, helen_achebe, tom_beckett, force_account, platform
):
    accounts.give_grant(actor=SEED, person=tom_beckett, role=Role.COMMS_APPROVER, why="Cover")
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Gas")
    judging.declare(
        actor=leah_brandt,
        post=post,
        version_seen=1,
        kind="general",
        answers={},
        urgent_why="Gas in Quay Street",
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=2)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=2)
    sending.send_due()
    assert "Nothing waits to be looked at" in page(client, helen_achebe, "afterwards")
    assert "“Gas” is to be looked at" in home(client, tom_beckett)
    assert WORDS in page(client, tom_beckett, "afterwards")
    look = AfterLook.objects.get()
    address = reverse("publishing:look_step", args=[look.pk])
    refused = client.post(address, {"verdict": "take_down"})
    assert refused.status_code == 422
    assert "Say why, in a sentence" in refused.content.decode()
    client.post(address, {"verdict": "fine"})
    look.refresh_from_db()
    assert look.verdict == "fine"
    again = client.post(address, {"verdict": "fine"})
    assert again.status_code == 409


def test_steps_are_written_and_trust_is_given_on_their_page(
    client, clock_at, ben_osei, joan_pritchard, leah_brandt, helen_achebe
):
    address = reverse("publishing:steps_step")
    client.force_login(ben_osei)
    client.post(address, {"do": "begin"})
    draft = StepsVersion.objects.get()
    refused = client.post(address, {"do": "add-rule", "pk": draft.pk, "name": "", "needs": "all"})
    assert refused.status_code == 422
    assert "Say in a few words what the rule is for" in refused.content.decode()
    client.post(
        address,
        {
            "do": "add-rule",
            "pk": draft.pk,
            "name": "None",
            "needs": "none",
            "kinds": ["general"],
            "when": ["hours"],
        },
    )
    bad = client.post(address, {"do": "numbers", "pk": draft.pk, "sample_percent": "500"})
    assert bad.status_code == 422
    empty = client.post(address, {"do": "put-in-force", "pk": draft.pk})
    assert empty.status_code == 422
    shown = page(client, ben_osei, "steps")
    assert "News, advice or an event, in hours: one approver before, nobody beforehand now" in shown
    client.post(address, {"do": "put-in-force", "pk": draft.pk, "why": "Trial"})
    assert "Confirm, it holds" not in page(client, ben_osei, "steps")
    assert "waits for a second person" in home(client, joan_pritchard)
    assert "Confirm, it holds" in page(client, joan_pritchard, "steps")
    client.post(address, {"do": "confirm", "pk": draft.pk})
    assert StepsVersion.objects.get().state == "live"
    client.post(address, {"do": "trust", "person": leah_brandt.pk, "why": "Course"})
    assert Trust.objects.get().given_by == joan_pritchard
    shown = page(client, helen_achebe, "steps")
    assert "Leah Brandt" in shown
    assert "Withdraw it" not in shown, "she reads and does not set"
    client.force_login(helen_achebe)
    assert client.post(address, {"do": "begin"}).status_code == 403


def test_pages_of_nothing_say_so(client, clock_at, helen_achebe, ben_osei):
    assert "Nothing expired" in page(client, helen_achebe, "expired")
    assert "Nothing waits to be looked at" in page(client, helen_achebe, "afterwards")
    assert "There is no rule" in page(client, helen_achebe, "steps")
    assert "You approve no posts" in page(client, ben_osei, "covers")


def test_the_posts_page_shows_the_call_and_that_it_is_to_be_confirmed(
    client, submitted, amira_hussain, helen_achebe
):
    telephone.record_call(
        actor=amira_hussain,
        post=submitted,
        version_seen=1,
        name="Supt Powell",
        function="gold",
        known_by="number",
        known_as="12",
        read_out=True,
    )
    shown = page(client, helen_achebe, "post", submitted.pk)
    assert "Words read out" in shown
    assert "Was approved by telephone, to be confirmed" in shown
