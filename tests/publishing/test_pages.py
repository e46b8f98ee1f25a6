"""The pages of publishing: what they offer, what they keep, and how they refuse."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from publishing import checks, queries, sending
from publishing.actions import lockdown, outbox, posts
from publishing.models import Delivery, Lockdown, LockdownRelease, Post
from tests.publishing.platform import LOST_ANSWER, StubbornPlatform, raising


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def draft(clock_at, leah_brandt, force_account):
    return posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="Road closed <b>")


def test_typing_is_kept_and_the_page_says_what_the_button_does(client, clock_at, leah_brandt, force_account):
    client.force_login(leah_brandt)
    assert client.get(reverse("publishing:compose")).status_code == 200
    typed = {"accounts": [force_account.pk], "words": "Road closed", "version": 0, "own_for": ""}
    answer = client.post(reverse("publishing:compose"), typed, headers={"HX-Request": "true"})
    post = Post.objects.get()
    assert answer["HX-Replace-Url"] == reverse("publishing:compose_post", args=[post.pk])
    page = answer.content.decode()
    assert "Send for approval by Helen Achebe, then it goes out on 1 official account" in page
    assert f'name="post" value="{post.pk}"' in page
    assert "11 of 500" in page
    assert f"own_{force_account.pk}" in page
    again = {**typed, "post": post.pk, "version": 1, "words": "Road open"}
    client.post(reverse("publishing:compose"), again, headers={"HX-Request": "true"})
    post.refresh_from_db()
    assert (post.words, post.version) == ("Road open", 2)


def test_without_javascript_keeping_and_sending_work(client, clock_at, leah_brandt, force_account):
    client.force_login(leah_brandt)
    typed = {"accounts": [force_account.pk], "words": "Road closed", "version": 0, "do": "keep"}
    answer = client.post(reverse("publishing:compose"), typed)
    post = Post.objects.get()
    page = reverse("publishing:compose_post", args=[post.pk])
    assert answer["Location"] == page
    assert "Road closed" in client.get(page).content.decode()
    answer = client.post(page, {**typed, "version": 1, "do": "submit"})
    assert answer["Location"] == reverse("publishing:post", args=[post.pk])
    assert "Waits for the approval of Helen Achebe" in client.get(answer["Location"]).content.decode()


def test_a_wrong_time_is_said_and_the_words_are_kept_all_the_same(
    client, clock_at, leah_brandt, force_account
):
    client.force_login(leah_brandt)
    typed = {
        "accounts": [force_account.pk],
        "words": "Road closed",
        "version": 0,
        "publish_at": "2026-03-29T01:30",
        "do": "submit",
    }
    answer = client.post(reverse("publishing:compose"), typed)
    assert answer.status_code == 422
    assert "01:30 does not exist on 29 March 2026" in answer.content.decode()
    post = Post.objects.get()
    assert (post.state, post.words) == (Post.State.DRAFT, "Road closed")


@pytest.mark.parametrize(
    "typed",
    [
        {"accounts": ["999999"], "words": "x"},
        {"accounts": ["x"], "words": "x"},
        {"words": "a\x00b"},
        {"words": "x" * 10_001},
        {"version": "many", "words": "x"},
        {"post": "9" * 30, "words": "x"},
        {"title": "x" * 121},
        {"do": "remove-99999999999999999999"},
        {"do": "picture"},
    ],
)
def test_bad_input_is_answered_kindly(client, clock_at, leah_brandt, typed):
    client.force_login(leah_brandt)
    answer = client.post(reverse("publishing:compose"), typed)
    assert answer.status_code in (200, 302, 404, 422)


@pytest.mark.parametrize("button", ["keep", "submit"])
def test_a_chosen_picture_goes_with_the_post_whichever_button_is_pressed(
    client, draft, leah_brandt, force_account, settings, tmp_path, button
):
    settings.MEDIA_STORE = tmp_path
    client.force_login(leah_brandt)
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "grey").save(out, "PNG")
    page = reverse("publishing:compose_post", args=[draft.pk])

    def typed(version, **more):
        file = SimpleUploadedFile("viaduct.png", out.getvalue())
        words = {"accounts": [force_account.pk], "words": draft.words, "title": draft.title}
        return {**words, "version": version, "do": button, "picture": file, **more}

    answer = client.post(page, typed(1))
    assert answer.status_code == 422
    assert "Describe the picture" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"
    answer = client.post(page, typed(draft.version, alt_text="The viaduct"))
    assert answer.status_code == 302
    assert [picture.alt_text for picture in queries.pictures(draft)] == ["The viaduct"]
    draft.refresh_from_db()
    assert draft.state == ("submitted" if button == "submit" else "draft")


def test_a_picture_is_added_with_its_alt_text(client, draft, leah_brandt, force_account, settings, tmp_path):
    settings.MEDIA_STORE = tmp_path
    client.force_login(leah_brandt)
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "grey").save(out, "PNG")
    page = reverse("publishing:compose_post", args=[draft.pk])

    def typed(**more):
        file = SimpleUploadedFile("viaduct.png", out.getvalue())
        return {
            "accounts": [force_account.pk],
            "words": draft.words,
            "title": draft.title,
            "version": 1,
            "do": "picture",
            "picture": file,
            **more,
        }

    answer = client.post(page, typed())
    assert answer.status_code == 422
    assert "Describe the picture" in answer.content.decode()
    assert client.post(page, typed(alt_text="The viaduct")).status_code == 302
    picture = queries.pictures(draft)[0]
    shown = client.get(page).content.decode()
    assert 'alt="The viaduct"' in shown
    address = shown.split('src="/files/')[1].split('"')[0]
    assert client.get(f"/files/{address}".replace("&amp;", "&")).status_code == 200
    answer = client.post(page, typed(do=f"remove-{picture.pk}", picture="", version=2))
    assert answer.status_code == 302
    assert queries.pictures(draft) == []


def test_an_approver_reads_and_decides(client, draft, leah_brandt, helen_achebe):
    posts.submit_post(actor=leah_brandt, post=draft, version_seen=1)
    client.force_login(helen_achebe)
    page = client.get(reverse("publishing:approvals")).content.decode()
    assert "Approve version 1, goes out at once on 1 official account" in page
    assert "Road closed &lt;b&gt;" in page
    answer = client.post(reverse("publishing:return", args=[draft.pk]), {"version": 1, "why": ""})
    assert answer.status_code == 422
    assert "Say what should change" in answer.content.decode()
    assert client.post(reverse("publishing:approve", args=[draft.pk]), {"version": 7}).status_code == 409
    assert client.post(reverse("publishing:approve", args=[draft.pk]), {"version": "x"}).status_code == 409
    assert client.post(reverse("publishing:approve", args=[draft.pk]), {"version": 1}).status_code == 302
    assert Delivery.objects.count() == 1


def test_what_is_beyond_a_neighbourhood_is_not_there(client, draft, pc_nair):
    client.force_login(pc_nair)
    for name in ("post", "compose_post"):
        assert client.get(reverse(f"publishing:{name}", args=[draft.pk])).status_code == 404
    assert draft.title not in client.get(reverse("publishing:posts")).content.decode()
    assert client.get(reverse("publishing:approvals")).status_code == 403


def test_the_outbox_shows_what_needs_somebody_first(client, clock_at, amira_hussain, force_account, platform):
    def queue(text):
        return outbox.queue(
            actor=amira_hussain,
            official_account=force_account,
            kind=Delivery.Kind.REPLY,
            author=amira_hussain,
            text=text,
            target_external_id="comment-1",
        )

    held = queue("An answer that is late")
    clock_at.shift(5 * 3600)
    sending.send_due()
    queue("An answer that was lost")
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    unknown = Delivery.objects.get(text="An answer that was lost")
    client.force_login(amira_hussain)
    page = client.get(reverse("publishing:outbox")).content.decode()
    assert page.index("Held for a person") < page.index("Outcome unknown")
    assert "An answer that is late" in page
    looked = client.get(f"{reverse('publishing:outbox')}?look={unknown.pk}").content.decode()
    assert "The platform shows it as done." in looked
    unknown.refresh_from_db()
    assert unknown.state == Delivery.State.UNKNOWN
    assert client.post(reverse("publishing:release_held"), {"chosen": "x"}).status_code == 302
    client.post(reverse("publishing:release_held"), {"chosen": [held.pk]})
    held.refresh_from_db()
    assert held.held_why == ""
    step = reverse("publishing:delivery_step", args=[held.pk])
    client.post(step, {"do": "withdraw", "why": ""})
    held.refresh_from_db()
    assert held.state == Delivery.State.SCHEDULED
    client.post(step, {"do": "withdraw", "why": "Answered by telephone"})
    held.refresh_from_db()
    assert held.state == Delivery.State.WITHDRAWN


def test_the_switch(client, clock_at, sergeant_okafor, inspector_calder, leah_brandt):
    page = reverse("publishing:lockdown")
    client.force_login(leah_brandt)
    assert "can start and end them" in client.get(page).content.decode()
    assert client.post(page, {"why": "Fun"}).status_code == 403
    client.force_login(sergeant_okafor)
    assert client.post(page, {"why": ""}).status_code == 422
    assert client.post(page, {"why": "Hijack"}).status_code == 302
    assert client.post(page, {"why": "Hijack"}).status_code == 409
    lift = reverse("publishing:lift_lockdown")
    assert client.post(lift, {"why": "Over"}).status_code == 422
    assert client.post(lift, {"do": "ask", "why": "Over"}).status_code == 302
    asked = {"do": "confirm", "release": LockdownRelease.objects.get().pk}
    assert client.post(lift, asked).status_code == 403
    client.force_login(inspector_calder)
    assert (
        "Sgt Daniel Okafor asks to end it"
        in client.get(page, follow=True).content.decode()
        + client.get(reverse("publishing:one_lockdown", args=[Lockdown.objects.get().pk])).content.decode()
    )
    assert client.post(lift, asked).status_code == 302
    assert not Lockdown.objects.filter(lifted_at=None).exists()


def test_the_lists_have_their_empty_states(client, clock_at, helen_achebe):
    client.force_login(helen_achebe)
    assert "No posts here." in client.get(reverse("publishing:posts")).content.decode()
    assert "Nothing waits for you." in client.get(reverse("publishing:approvals")).content.decode()
    assert "Nothing waits to go out." in client.get(reverse("publishing:outbox")).content.decode()
    lockdown.start_lockdown(actor=helen_achebe, why="Rehearsal")
    assert (
        "A lockdown over the whole force keeps back what is marked"
        in client.get(reverse("publishing:outbox")).content.decode()
    )
