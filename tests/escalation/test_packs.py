"""What leaves with a case: the threat-to-life sheet, the exhibit pack, our own posts, and the reply to whoever wrote."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotValid
from escalation import tasks
from escalation.actions import cases, own_posts, referrals, together
from escalation.models import Case, Pathway, ReferralKind
from media import actions as media
from media import storage
from media.fetching import Fetched
from moderation.actions import saved_replies
from moderation.models import Attachment, ChildSeal, ReplyDraft
from publishing.models import Delivery, Post, Variant
from tests import comments

WORDS = "I am at the viaduct 🕯 goodbye"


@pytest.fixture
def case(force_account, amira_hussain):
    comments.escalate(
        comments.write(force_account, WORDS, by="900112233", at=clock.now() - timedelta(hours=1)),
        amira_hussain,
    )
    tasks.open_cases()
    return Case.objects.get()


def attach(comment, number, content, actor):
    file = media.seal_received(actor=actor, received=Fetched(content, "image/jpeg")) if content else None
    return Attachment.objects.create(
        comment=comment,
        number=number,
        kind="image",
        address="https://pictures.example/1.jpg",
        state="kept" if file else "gone",
        why="" if file else "The platform says that it is gone.",
        file=file,
        settled_at=clock.now(),
    )


def sent_post(account, author, words="The viaduct is closed."):
    now = clock.now()
    post = Post.objects.create(title="Viaduct", author=author, words=words, created_at=now, changed_at=now)
    variant = Variant.objects.create(post=post, official_account=account, text=words)
    return Delivery.objects.create(
        official_account=account,
        kind=Delivery.Kind.POST,
        state=Delivery.State.SENT,
        author=author,
        variant=variant,
        text=words,
        external_id=uuid4().hex,
        external_url="https://social.example/ours/1",
        due_at=now,
        created_at=now,
        sent_at=now,
    )


def test_the_sheet_says_what_identifies_an_account_in_two_clicks(client, case, amira_hussain, joan_pritchard):
    client.force_login(amira_hussain)
    assert "Threat-to-life sheet" in client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    address = reverse("escalation:threat_sheet", args=[case.pk])
    assert client.post(address, {"to": "", "how": "txt"}).status_code == 422
    text = client.post(address, {"to": "Communications data SPoC", "how": "txt"})
    said = text.content.decode()
    comment = case.evidence.get().comment
    for part in (
        "Account number: 900112233",
        f"Message number: {comment.external_id}",
        f"Written: {comment.posted_at:%Y-%m-%d %H:%M:%S} UTC",
        f"SHA-256 of words: {hashlib.sha256(WORDS.encode()).hexdigest()}",
        f"Words:\n{WORDS}",
        "For: Communications data SPoC",
    ):
        assert part in said
    sheet = client.post(address, {"to": "Communications data SPoC", "how": "pdf"})
    assert sheet.content.startswith(b"%PDF-")
    assert "sheet given to Communications data SPoC" in case.log.filter(event="given").last().text
    entry = Entry.objects.filter(event="case.sheet_given").first()
    assert (entry.details["to"], entry.shown_ids) == ("Communications data SPoC", [comment.pk])
    client.force_login(joan_pritchard)
    assert client.post(address, {"to": "Somebody", "how": "txt"}).status_code == 403


def test_the_exhibit_pack_holds_originals_hashes_continuity_and_a_statement(
    client, case, amira_hussain, inspector_calder, settings, tmp_path
):
    settings.MEDIA_STORE = tmp_path
    comment, original = case.evidence.get().comment, b"\xff\xd8\xff original"
    attach(comment, 1, original, amira_hussain)
    attach(comment, 2, b"", amira_hussain)
    hidden = attach(comment, 3, b"\xff\xd8\xff sealed", amira_hussain)
    ChildSeal.objects.create(attachment=hidden, file=hidden.file, by=amira_hussain, at=clock.now())
    broken = attach(comment, 4, b"\xff\xd8\xff broken", amira_hussain)
    storage._path(broken.file.stored_sha256).unlink()
    own_posts.keep_post(
        actor=amira_hussain,
        case=case,
        delivery=sent_post(case.official_account, amira_hussain),
        why="Said first",
    )
    client.force_login(amira_hussain)
    address = reverse("escalation:exhibit_pack", args=[case.pk])
    assert client.post(address, {"to": "Exhibits officer", "mark": "AH"}).status_code == 403
    client.force_login(inspector_calder)
    assert client.post(address, {"to": "Exhibits officer", "mark": "A1"}).status_code == 422
    answer = client.post(address, {"to": "Exhibits officer", "mark": "rc"})
    content = b"".join(answer.streaming_content)
    pack = zipfile.ZipFile(io.BytesIO(content))
    assert pack.testzip() is None
    manifest = json.loads(pack.read("manifest.json"))
    listed = {one["path"]: one for one in manifest["files"]}
    assert {*listed, "manifest.json", "SHA256SUMS"} == set(pack.namelist())
    for line in pack.read("SHA256SUMS").decode().splitlines():
        sha256, path = line.split("  ")
        assert hashlib.sha256(pack.read(path)).hexdigest() == sha256
    (picture,) = [path for path in listed if path.startswith("media/")]
    assert pack.read(picture) == original
    assert pack.read(f"comments/{comment.pk}/words.txt").decode() == WORDS
    assert [one["exhibit"] for one in manifest["files"] if one["exhibit"]] == ["RC/1", "RC/1", "RC/2", "RC/3"]
    assert [one["why"][:20] for one in manifest["left_out"]] == [
        "The platform says th",
        "sealed as suspected ",
        "it cannot be read fr",
    ]
    statement, continuity = pack.read("statement.txt").decode(), pack.read("continuity.txt").decode()
    assert "RC/2: picture 1 of comment" in statement
    assert "picture 3 of comment" in statement
    assert hidden.file.sha256 not in json.dumps(manifest) + statement + continuity
    assert f"hashed ({hashlib.sha256(original).hexdigest()}) and sealed" in continuity
    assert "for Exhibits officer" in continuity
    entry = Entry.objects.get(event="case.exhibits_given")
    assert (entry.details["sha256"], entry.details["exhibits"]) == (hashlib.sha256(content).hexdigest(), 3)


def test_a_case_without_a_comment_has_nothing_to_hand_on(client, wealdshire, force_account, inspector_calder):
    made = cases.open_case(
        actor=inspector_calder,
        official_account=force_account,
        pathway=Pathway.objects.get(slug="threat_to_life"),
        title="Rang the desk",
        why="A caller",
    )
    client.force_login(inspector_calder)
    for name, given in (("threat_sheet", {"how": "pdf"}), ("exhibit_pack", {"mark": "RC"})):
        answer = client.post(reverse(f"escalation:{name}", args=[made.pk]), {"to": "Somebody", **given})
        assert answer.status_code == 422
    assert client.post(reverse("escalation:offer_reply", args=[made.pk]), {}).status_code in {403, 404}
    assert not Entry.objects.filter(event__in=["case.sheet_given", "case.exhibits_given"]).exists()


def test_a_post_of_ours_is_kept_as_it_stood_and_goes_with_a_merge(
    client, case, force_account, amira_hussain, inspector_calder, leah_brandt
):
    delivery = sent_post(force_account, leah_brandt)
    client.force_login(amira_hussain)
    address = reverse("escalation:keep_post", args=[case.pk])
    assert client.post(address, {"post": "99999"}).status_code == 422
    for _ in range(2):
        assert client.post(address, {"post": delivery.pk, "why": "It came after this"}).status_code in {
            302,
            422,
        }
    kept = case.own_posts.get()
    Delivery.objects.filter(pk=delivery.pk).update(text="Changed")
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "The viaduct is closed." in page
    assert "changed by us since" in page
    assert Entry.objects.filter(event="case.own_post_added").count() == 1
    unsent = sent_post(force_account, leah_brandt)
    Delivery.objects.filter(pk=unsent.pk).update(state="scheduled")
    with pytest.raises(NotValid, match="a post that went out"):
        own_posts.keep_post(actor=amira_hussain, case=case, delivery=unsent)
    call = referrals.refer(
        actor=amira_hussain,
        case=case,
        kind=ReferralKind.objects.get(slug="control_room"),
        given={"what": "Help", "where": "Saltmere"},
        token=uuid4(),
        crime=True,
    )
    assert "crime to be recorded by" in client.get(reverse("escalation:board")).content.decode()
    other = cases.open_case(
        actor=inspector_calder,
        official_account=force_account,
        pathway=case.pathway,
        title="The same",
        why="Rang too",
    )
    together.merge(actor=inspector_calder, case=case, into=other, why="The same person")
    kept.refresh_from_db()
    call.refresh_from_db()
    assert (kept.case, call.case) == (other, other)


def test_whoever_wrote_is_offered_the_reply_with_the_number(client, case, amira_hussain):
    call = referrals.refer(
        actor=amira_hussain,
        case=case,
        kind=ReferralKind.objects.get(slug="control_room"),
        given={"what": "Help", "where": "Saltmere"},
        token=uuid4(),
    )
    referrals.record_numbers(actor=amira_hussain, referral=call, incident_number="0412")
    saved_replies.add(
        actor=amira_hussain,
        level="personal",
        title="Your report",
        text="Your report is recorded under {incident number}.",
        categories=["suicide_self_harm"],
    )
    client.force_login(amira_hussain)
    page = client.get(reverse("escalation:case", args=[case.pk]))
    assert "They do not know the incident number yet" in page.content.decode()
    offer = page.context["offer"]
    comment = case.evidence.get().comment
    given = {"comment": comment.pk, "saved": offer.first}
    answer = client.post(reverse("escalation:offer_reply", args=[case.pk]), given)
    assert answer["Location"] == reverse("moderation:conversation", args=[comment.pk])
    assert ReplyDraft.objects.get(comment=comment).text == "Your report is recorded under 0412."
    assert client.post(reverse("escalation:offer_reply", args=[case.pk]), {"comment": "1"}).status_code == 422
    comments.decide(comment, amira_hussain, kind="reply")
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "They do not know the incident number yet" not in page
