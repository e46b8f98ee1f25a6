"""Public appeals in the browser and for the public: forms that keep what was typed, and pages that are gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import actions as register
from audit.models import Entry
from core import clock, crowd
from core.actors import System
from core.templatetags.show import london_date
from publishing import queries_appeals, sending, taking_down
from publishing.actions import appeals, outbox
from publishing.models import Appeal, Delivery, Post, TakeDown
from tests.publishing.appeals import WORDS, facts, live_appeal, opened, out, picture, pictured
from tests.publishing.platform import StubbornPlatform


@pytest.fixture
def platform(monkeypatch, settings):
    settings.DEMO = True
    settings.OUTBOX_UNDO_S = 0
    stubborn = StubbornPlatform()
    monkeypatch.setattr(sending, "kept_connector", lambda official_account: stubborn)
    return stubborn


@pytest.fixture
def live(platform, leah_brandt, helen_achebe, force_account, saltmere_account):
    return live_appeal(leah_brandt, helen_achebe, [force_account, saltmere_account], platform)


def step(client, appeal, do, **given):
    return client.post(reverse("publishing:appeal_step", args=[appeal.pk]), {"do": do, **given})


def test_an_appeal_is_written_down_and_what_is_missing_is_said_beside_its_field(
    client, leah_brandt, force_account
):
    client.force_login(leah_brandt)
    given = {
        "kind": "missing",
        "title": "Jon Harrow",
        "basis": "vital_interests",
        "owner": leah_brandt.pk,
        "review_on": (clock.today() + timedelta(days=5)).isoformat(),
        "accounts": [force_account.pk],
    }
    refused = client.post(reverse("publishing:open_appeal"), given)
    assert refused.status_code == 422
    assert "Give the force’s reference" in refused.content.decode()
    assert 'value="Jon Harrow"' in refused.content.decode()
    whole = {"force_reference": "MP-1", "basis_note": "Needed", "risk_assessment": "Weighed"}
    made = client.post(reverse("publishing:open_appeal"), {**given, **whole})
    appeal = Appeal.objects.get()
    assert made["Location"] == reverse("publishing:appeal", args=[appeal.pk])
    assert appeal.owner == leah_brandt
    # Consent is asked for when it is to go out, and what was typed stays.
    wanting = step(client, appeal, "write", words=WORDS)
    assert wanting.status_code == 422
    assert "which officer in the case agreed" in wanting.content.decode()
    assert "Jon Harrow, 71" in wanting.content.decode()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Choose a picture file first."),
        ({"picture": ""}, "Choose a picture file first."),
        ({"alt": " "}, "Describe the picture"),
        ({"down_on": ""}, "Choose a day after today"),
        ({"down_on": "2020-01-01"}, "Choose a day after today"),
    ],
)
def test_a_picture_has_words_and_a_day(client, leah_brandt, force_account, given, says):
    appeal = opened(leah_brandt, [force_account])
    client.force_login(leah_brandt)
    file = SimpleUploadedFile("jon.png", picture(), "image/png")
    sent = {"alt_text": given.get("alt", "A man"), "down_on": given.get("down_on", "2020-01-01")}
    if given and "picture" not in given:
        sent["picture"] = file
    answer = step(client, appeal, "picture", **sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_who_may_only_read_is_offered_no_step(client, live, amira_hussain, tom_beckett):
    client.force_login(amira_hussain)
    page = client.get(reverse("publishing:appeal", args=[live.pk])).content.decode()
    assert "Jon Harrow" in page
    assert 'value="close"' not in page
    assert step(client, live, "close", outcome="found", note="x").status_code == 403


def test_nobody_beyond_its_accounts_knows_of_it(client, live, pc_nair):
    client.force_login(pc_nair)
    assert client.get(reverse("publishing:appeal", args=[live.pk])).status_code == 404
    assert "Jon Harrow" not in client.get(reverse("publishing:appeals")).content.decode()


def test_closing_says_what_is_missing_and_then_shows_how_far_it_is(client, live, platform, leah_brandt):
    client.force_login(leah_brandt)
    refused = step(client, live, "close", outcome="found", note=" ")
    assert refused.status_code == 422
    assert "Say how it ended and who told you" in refused.content.decode()
    assert step(client, live, "nothing").status_code == 302
    step(client, live, "close", outcome="found", note="Found safe")
    for _ in range(2):
        taking_down.carry_on()
        sending.send_due()
        platform.shown = []
        TakeDown.objects.exclude(state="done").update(next_check_at=clock.now())
        taking_down.verify_due()
    taking_down.carry_on()
    page = client.get(reverse("publishing:appeal", args=[live.pk])).content.decode()
    assert page.count("Verified gone") == 2
    assert "seen to be gone everywhere" in page
    assert step(client, live, "end").status_code == 302
    over = client.get(reverse("publishing:appeals"), {"which": "over"}).content.decode()
    assert "2 of 2 seen to be gone" in over


def test_what_is_worked_by_hand_is_a_task_with_a_box_and_a_link(
    client, platform, leah_brandt, helen_achebe, force_account, victoria_lang
):
    nextdoor = register.register_account(
        actor=System("seed"),
        platform="nextdoor",
        handle="wealdshire-police",
        name="Wealdshire on Nextdoor",
        owner=victoria_lang,
    )
    appeal = opened(leah_brandt, [nextdoor])
    pictured(leah_brandt, appeal)
    out(appeals.write_post(actor=leah_brandt, appeal=appeal, words=WORDS), leah_brandt, helen_achebe)
    sending.send_due()
    outbox.note_done_by_hand(
        actor=leah_brandt, delivery=Delivery.objects.get(), link="https://nextdoor.example/p/1"
    )
    taking_down.carry_on()
    appeals.close_appeal(actor=leah_brandt, appeal=appeal, outcome="found", note="Found safe")
    taking_down.carry_on()
    taking_down.verify_due()
    row = TakeDown.objects.get()
    assert row.state == "by_hand"
    client.force_login(leah_brandt)
    look = reverse("publishing:look", args=[row.pk])
    # Its deletion is not due yet: the outbox comes to it within a second.
    early = client.post(look, {"seen": "on", "link": "https://nextdoor.example/p/1"})
    assert early.status_code == 409
    sending.send_due()
    for given, says in (
        ({"link": "https://nextdoor.example/p/1"}, "then tick that you have seen it gone"),
        ({"seen": "on", "link": "gone"}, "beginning with https://"),
    ):
        refused = client.post(look, given)
        assert refused.status_code == 422
        assert says in refused.content.decode()
    answer = client.post(look, {"seen": "on", "link": "https://nextdoor.example/p/1"})
    assert answer.status_code == 302, answer.content.decode()
    taking_down.carry_on()
    row.refresh_from_db()
    assert (row.result, row.done_how, row.looked_by) == ("Verified gone", "person", leah_brandt)
    assert Appeal.objects.get().state == "verified"
    assert Entry.objects.filter(event="take_down.looked").count() == 1


def test_who_is_pictured_until_when_and_longer_by_an_approver(client, live, leah_brandt, helen_achebe):
    post = Post.objects.get(appeal_post__appeal=live)
    day = queries_appeals.until(post)
    client.force_login(leah_brandt)
    page = client.get(reverse("publishing:shown")).content.decode()
    assert post.title.split(":")[0] in page
    assert f"Down on {london_date(day)}" in page
    assert "Let it stand longer" not in page
    longer = reverse("publishing:show_longer", args=[post.pk])
    assert client.post(longer, {"until": "2030-01-01", "why": "x"}).status_code == 403
    client.force_login(helen_achebe)
    refused = client.post(longer, {"until": (day + timedelta(days=3)).isoformat(), "why": " "})
    assert refused.status_code == 422
    assert "Say why it is still necessary" in refused.content.decode()
    assert client.post(longer, {"until": (day + timedelta(days=3)).isoformat(), "why": "Still missing"})
    assert queries_appeals.until(post) == day + timedelta(days=3)


# The public


def address(live):
    return reverse("publishing_public:appeal", args=[live.key])


def test_the_public_reads_what_was_approved_and_nothing_of_the_file(client, live):
    page = client.get(address(live))
    words = page.content.decode()
    assert page.status_code == 200
    assert "Jon Harrow, 71" in words
    for inside in ("MP-2026-0318", "Daughter", "PS Okafor", "dementia", "Leah"):
        assert inside not in words
    for line in ("999", "101", "0800 555 111"):
        assert line in words
    assert not page.cookies
    assert "Missing person" in client.get(reverse("publishing_public:appeals")).content.decode()
    shown = client.get(reverse("publishing_public:appeal_picture", args=[live.key, _picture(live)]))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    again = client.get(address(live), headers={"If-None-Match": page["ETag"]})
    assert again.status_code in (200, 304)


def _picture(live) -> int:
    return Post.objects.get(appeal_post__appeal=live).pictures.get().pk


def test_once_it_is_over_its_page_and_picture_are_gone_at_once_without_a_name(client, live, leah_brandt):
    shown = reverse("publishing_public:appeal_picture", args=[live.key, _picture(live)])
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    gone = client.get(address(live))
    assert gone.status_code == 410
    assert "This appeal has ended" in gone.content.decode()
    assert "Harrow" not in gone.content.decode()
    assert "<img" not in gone.content.decode()
    assert "no-store" in gone["Cache-Control"]
    assert client.get(shown).status_code == 410
    assert "Harrow" not in client.get(reverse("publishing_public:appeals")).content.decode()


def test_no_cache_of_ours_shows_it_longer_than_a_minute(settings):
    assert settings.PUBLIC_MAX_AGE_S + 15 + crowd.GRACE_S < 60


def test_a_draft_is_no_page_and_an_exercise_is_none_beyond_a_demonstration(
    client, live, settings, leah_brandt, force_account
):
    draft = opened(leah_brandt, [force_account], given=facts(title="Not out"))
    assert client.get(reverse("publishing_public:appeal", args=[draft.key])).status_code == 404
    assert client.get(reverse("publishing_public:appeal", args=["nothing"])).status_code == 404
    settings.DEMO = False
    assert client.get(address(live)).status_code == 404
    assert "Harrow" not in client.get(reverse("publishing_public:appeals")).content.decode()
