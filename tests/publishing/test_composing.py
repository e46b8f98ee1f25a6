"""What stands on a post besides its words: a video with captions, a thread, who may reply, what it was before."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from media import videos
from media.actions import store_video
from media.queries import content, fetched
from platforms.contract import Capability
from publishing import captions, checks, queries, queries_library, sending, threads, times
from publishing.actions import lockdown, media, options, outbox, posts
from publishing.models import Delivery, Post, PostVideo
from tests.publishing.moving import PLACE, SRT, VTT, video
from tests.publishing.platform import LOST_ANSWER, StubbornPlatform, raising
from tests.publishing.test_posts import picture_upload


class Moving(StubbornPlatform):
    reply_controls = frozenset({"following"})


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: Moving())


@pytest.fixture
def draft(clock_at, leah_brandt, force_account, settings, tmp_path):
    settings.MEDIA_STORE = tmp_path
    return posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="The bridge is open.")


def fresh(post):
    return Post.objects.get(pk=post.pk)


def out(post, author, approver):
    posts.submit_post(actor=author, post=post, version_seen=fresh(post).version)
    return posts.approve_post(actor=approver, post=post, version_seen=fresh(post).version)


# Videos and captions


def test_a_video_loses_where_when_and_with_what_it_was_made_and_nothing_moves():
    raw = video()
    clean = videos.clean(raw)
    assert (clean.width, clean.height, clean.seconds, clean.content_type) == (64, 36, 4.0, "video/mp4")
    assert len(clean.content) == len(raw)
    assert PLACE not in clean.content
    assert b"Maker Phone" not in clean.content
    assert (3_900_000_000).to_bytes(4, "big") not in clean.content
    assert clean.content.endswith(b"pictures and sound")
    assert videos.clean(video(brand=b"qt  ")).content_type == "video/quicktime"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "empty"),
        (b"<html>", "not a video"),
        (video()[:-6], "broken"),
        (video(handler=b"camm"), "measurements"),
        (video(handler=b"soun"), "broken"),
        (video(seconds=3600), "20 minutes"),
        (b"\0\0\0\x08ftyp", "not a video"),
    ],
)
def test_what_is_no_video_to_publish_is_refused_with_what_to_do(raw, sentence):
    with pytest.raises(NotValid, match=sentence):
        videos.clean(raw)


def test_captions_of_both_kinds_become_webvtt():
    assert captions.webvtt(VTT).startswith("WEBVTT\n")
    made = captions.webvtt(SRT)
    assert made.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.500")
    assert captions.spoken(made) == "The bridge is open again."
    for wrong, why in (
        (b"\xff\xfe", "UTF-8"),
        (b"Hello", "no captions"),
        (b"00:02.000 --> 00:01.000\nx", "ends before"),
    ):
        with pytest.raises(NotValid, match=why):
            captions.webvtt(wrong)


def test_a_post_with_a_video_goes_out_with_its_captions(
    client, draft, leah_brandt, helen_achebe, force_account, platform
):
    client.force_login(leah_brandt)
    page = reverse("publishing:compose_post", args=[draft.pk])

    def typed(**more):
        return {
            "accounts": [force_account.pk],
            "words": draft.words,
            "title": draft.title,
            "version": fresh(draft).version,
            "do": "video",
            "video": SimpleUploadedFile("bridge.mp4", video(), "video/mp4"),
            **more,
        }

    assert "Say what happens in the video" in client.post(page, typed()).content.decode()
    answer = client.post(page, typed(video_alt="Cars cross the bridge"))
    assert answer.status_code == 422
    assert "say why the video has none" in answer.content.decode()
    assert not PostVideo.objects.exists()
    said = SimpleUploadedFile("bridge.srt", SRT)
    answer = client.post(page, typed(video_alt="Cars cross the bridge", captions=said))
    assert answer.status_code == 302
    shown = client.get(page).content.decode()
    assert "Cars cross the bridge" in shown
    assert "The bridge is open again." in shown
    address = shown.split('<video controls preload="none" src="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(address)["Content-Type"] == "video/mp4"
    piece = client.get(address, headers={"Range": "bytes=4-7"})
    assert (piece.status_code, piece.content) == (206, b"ftyp")
    assert client.get(address, headers={"Range": "bytes=9999-"}).status_code == 200
    out(draft, leah_brandt, helen_achebe)
    sending.send_due()
    sent = platform.standing[0]
    assert sent.video.content_type == "video/mp4"
    assert "WEBVTT" in sent.video.captions
    assert PLACE not in sent.video.content
    kept = PostVideo.objects.get()
    assert fetched(sent.video.address.rsplit("/", 2)[1])[0] == content(kept.file)
    assert Delivery.objects.get().content["media"] == [kept.file.sha256]


def test_a_video_needs_captions_or_a_reason_and_stands_alone(draft, leah_brandt, pc_nair, monkeypatch):
    file = store_video(actor=leah_brandt, upload=SimpleUploadedFile("b.mp4", video()), name="b.mp4")
    given = {"post": draft, "file": file, "title": "", "alt_text": "Cars"}
    with pytest.raises(NotValid, match="captions"):
        media.set_video(actor=leah_brandt, version_seen=1, **given)
    with pytest.raises(NotPermitted):
        media.set_video(actor=pc_nair, version_seen=1, no_captions_why="Silent", **given)
    media.set_video(actor=leah_brandt, version_seen=1, no_captions_why="No speech in it", **given)
    found = checks.of_post(fresh(draft), list(queries.live_variants(draft)), [])
    assert any("No speech in it" in check.sentence for check in found)
    lacking = Moving(capabilities=frozenset(Capability) - {Capability.PUBLISH_VIDEO})
    monkeypatch.setattr(checks, "ruler", lambda platform: lacking)
    stopping = checks.stops(checks.of_post(fresh(draft), list(queries.live_variants(draft)), []))
    assert any("takes no videos" in check.sentence for check in stopping)
    media.remove_video(actor=leah_brandt, post=draft, version_seen=2)
    assert checks.stops(checks.of_post(fresh(draft), list(queries.live_variants(draft)), [])) == []
    assert Entry.objects.filter(event="post.edited").count() == 2


# Threads


def test_words_are_cut_where_a_reader_would_cut_them():
    text = "First sentence stands here. Second one is here as well. " + "Third is the last of them all."
    parts = threads.split(text, fits=lambda words: len(words) <= 40)
    assert parts[0] == "First sentence stands here. 1/3"
    assert all(len(part) <= 40 for part in parts)
    assert parts[-1].startswith("3/3 ")
    assert threads.split("short", fits=lambda words: len(words) <= 40) == ["short"]
    assert threads.split("x" * 200, fits=lambda words: len(words) <= 40) == []
    joined = " ".join(part.replace(" 1/3", "").replace("2/3 ", "").replace("3/3 ", "") for part in parts)
    assert joined.split() == text.split()


def test_a_thread_goes_out_part_under_part_and_once_though_an_answer_is_lost(
    draft, leah_brandt, helen_achebe, force_account, platform, clock_at
):
    long = "The bridge is open to all traffic again this morning, and we thank you. " * 10
    post = posts.edit_post(
        actor=leah_brandt, post=draft, version_seen=1, account_ids=[force_account.pk], words=long
    )
    stopping = checks.stops(checks.of_post(post, list(queries.live_variants(post)), []))
    assert any("too long" in check.sentence for check in stopping)
    post = options.set_options(actor=leah_brandt, post=post, version_seen=2, as_thread=True)
    parts = queries.live_variants(post)[0].parts
    assert len(parts) == 2
    out(post, leah_brandt, helen_achebe)
    assert sending.send_due(most=1) == 1
    assert fresh(post).state == Post.State.APPROVED
    platform.after = raising(LOST_ANSWER)
    clock_at.shift(120)
    sending.send_due()
    assert Delivery.objects.get(part=2).state == Delivery.State.UNKNOWN
    clock_at.shift(600)
    sending.settle_due()
    assert [sent.text for sent in platform.standing] == parts
    assert platform.standing[1].reply_to == Delivery.objects.get(part=1).external_id
    assert fresh(post).state == Post.State.PUBLISHED
    assert fresh(post).published_at is not None


def test_a_thread_stops_under_a_lockdown_and_goes_on_when_a_person_says_so(
    draft, leah_brandt, helen_achebe, sergeant_okafor, inspector_calder, force_account, platform, clock_at
):
    long = "The bridge is open to all traffic again this morning, and we thank you. " * 10
    posts.edit_post(actor=leah_brandt, post=draft, version_seen=1, account_ids=[force_account.pk], words=long)
    options.set_options(actor=leah_brandt, post=draft, version_seen=2, as_thread=True)
    out(draft, leah_brandt, helen_achebe)
    sending.send_due(most=1)
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Incident")
    clock_at.shift(60)
    sending.send_due()
    assert len(platform.standing) == 1
    asked = lockdown.ask_release(actor=sergeant_okafor, lockdown=lock, why="Over")
    lockdown.confirm_release(actor=inspector_calder, release=asked)
    clock_at.shift(60)
    sending.send_due()
    following = Delivery.objects.get(part=2)
    if following.held_why:
        outbox.release(actor=helen_achebe, delivery=following)
        clock_at.shift(60)
        sending.send_due()
    assert len(platform.standing) == 2


# Replies, campaigns, likeness, versions


def test_who_may_reply_goes_with_the_post_where_the_platform_has_it(
    draft, leah_brandt, helen_achebe, platform, monkeypatch
):
    with pytest.raises(NotValid):
        options.set_options(actor=leah_brandt, post=draft, version_seen=1, reply_control="friends")
    options.set_options(actor=leah_brandt, post=draft, version_seen=1, reply_control="following")
    assert (
        options.set_options(actor=leah_brandt, post=draft, version_seen=2, reply_control="following").version
        == 2
    )
    monkeypatch.setattr(
        sending,
        "kept_connector",
        lambda account: (platform, setattr(platform, "reply_controls", frozenset({"following"})))[0],
    )
    out(draft, leah_brandt, helen_achebe)
    sending.send_due()
    assert platform.standing[0].replies == "following"


def test_the_same_words_twice_are_said_and_so_are_nearly_the_same(draft, leah_brandt, force_account):
    def advice(words):
        other = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=words)
        found = checks.of_post(other, list(queries.live_variants(other)), [])
        return [check.sentence for check in found if "meant twice" in check.sentence]

    assert "the same words" in advice("The  bridge is open.")[0]
    assert "nearly the same words" in advice("The bridge is open!!")[0]
    assert advice("We look for witnesses of a collision.") == []


def test_two_versions_are_laid_beside_each_other(client, draft, leah_brandt, force_account, pc_nair):
    tag = options.add_tag(actor=leah_brandt, kind="campaign", name="Safer bridges")
    client.force_login(leah_brandt)
    page = reverse("publishing:versions", args=[draft.pk])
    assert "one version only" in client.get(page).content.decode()
    typed = {
        "accounts": [force_account.pk],
        "words": "The bridge is shut.",
        "version": 1,
        "do": "keep",
        "options": "on",
        "as_thread": "on",
        "reply_control": "following",
        "campaigns": [tag.pk],
    }
    assert client.post(reverse("publishing:compose_post", args=[draft.pk]), typed).status_code == 302
    shown = client.get(f"{page}?from=1&to=3").content.decode()
    assert "<del>open</del>" in shown
    assert "<ins>shut</ins>" in shown
    assert "Safer bridges" in shown
    assert "Who may reply" in shown
    assert client.get(f"{page}?from=9&to=x").status_code == 200
    client.force_login(pc_nair)
    assert client.get(page).status_code == 404


def test_a_library_picture_brings_its_words_and_stops_the_post_when_its_time_is_over(
    client, draft, leah_brandt, force_account, pc_nair
):
    client.force_login(leah_brandt)
    add = reverse("publishing:add_asset")
    typed = {
        "file": picture_upload(),
        "title": "Viaduct by day",
        "alt_text": "Five stone arches",
        "rights": "partner",
        "consent": "not_needed",
        "expires_on": "2026-03-10",
    }
    answer = client.post(add, typed)
    assert answer.status_code == 422
    assert "has to be credited" in answer.content.decode()
    answer = client.post(add, {**typed, "file": picture_upload(), "credit": "Wealdshire Council"})
    assert answer.status_code == 302
    asset = queries_library.assets(leah_brandt)[0]
    library = f"{reverse('publishing:library')}?for={draft.pk}"
    assert "Use it" in client.get(library).content.decode()
    use = reverse("publishing:use_asset", args=[asset.pk])
    assert client.post(use, {"post": draft.pk, "version": 1}).status_code == 302
    picture = queries.pictures(draft)[0]
    assert (picture.alt_text, picture.asset) == ("Five stone arches", asset)
    assert "The bridge is open." in client.get(reverse("publishing:asset", args=[asset.pk])).content.decode()
    texts = {"account_ids": [force_account.pk], "words": draft.words, "title": draft.title}
    late = posts.edit_post(
        actor=leah_brandt,
        post=draft,
        version_seen=2,
        publish_at=times.from_wall_clock("2026-03-11T09:00"),
        **texts,
    )
    stopping = checks.stops(checks.of_post(late, list(queries.live_variants(late)), queries.pictures(late)))
    assert any("until 10 March 2026 only" in check.sentence for check in stopping)
    out_page = reverse("publishing:retire_asset", args=[asset.pk])
    assert client.post(out_page, {"why": ""}).status_code == 422
    assert client.post(out_page, {"why": "Consent withdrawn"}).status_code == 302
    with pytest.raises(TransitionNotAllowed):
        media.retire_asset(actor=leah_brandt, asset=asset, why="Again")
    with pytest.raises(NotValid):
        media.use_asset(actor=leah_brandt, post=draft, version_seen=3, asset=asset)
    assert client.post(use, {"post": draft.pk, "version": 3}, follow=True).status_code == 200
    client.force_login(pc_nair)
    assert client.post(use, {"post": draft.pk, "version": 3}).status_code == 404
    assert set(Entry.objects.filter(event__startswith="asset.").values_list("event", flat=True)) == {
        "asset.added",
        "asset.retired",
    }


def test_a_neighbourhood_officer_posts_from_a_phone(
    client, clock_at, pc_nair, helen_achebe, harrowfield_account, settings, tmp_path
):
    settings.MEDIA_STORE = tmp_path
    client.force_login(pc_nair)
    page = reverse("publishing:field")
    assert f"Goes to {harrowfield_account.name}" in client.get(page).content.decode()
    typed = {"accounts": [harrowfield_account.pk], "words": "Bikes marked at the library.", "version": 0}
    answer = client.post(page, {**typed, "picture": picture_upload()})
    assert answer.status_code == 422
    assert "Say what the photo shows" in answer.content.decode()
    post = Post.objects.get()
    own = reverse("publishing:field_draft", args=[post.pk])
    with_photo = {**typed, "post": post.pk, "version": 1, "picture": picture_upload(), "alt_text": "A bike"}
    answer = client.post(own, with_photo)
    assert answer["Location"] == f"{own}#check"
    shown = client.get(own).content.decode()
    assert "Send for approval by Helen Achebe" in shown
    assert "face, a number plate" in shown
    sent = {**typed, "version": fresh(post).version, "do": "send"}
    assert client.post(own, {**sent, "words": ""}).status_code == 422
    sent["version"] = fresh(post).version
    assert client.post(own, sent)["Location"] == reverse("publishing:post", args=[post.pk])
    assert fresh(post).state == Post.State.SUBMITTED
    assert client.post(page, {"accounts": ["999"], "words": "x"}).status_code == 422
