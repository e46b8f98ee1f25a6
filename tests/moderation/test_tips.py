"""What the public tells on an appeal: by the form and under its posts, together in one inbox, and on from there."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from accounts.models import AreaDetails, Neighbourhood
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TooMany, TransitionNotAllowed
from escalation import tasks as escalation
from escalation.models import Case, CaseTip
from media.models import File
from media.queries import content
from moderation import tips
from moderation.actions import tips as actions
from moderation.models import Comment, Conversation, Tip, TipContact
from publishing.actions import appeals
from publishing.models import Delivery
from tests.moderation.comments import a_comment, a_conversation
from tests.publishing.appeals import live_appeal
from tests.publishing.platform import StubbornPlatform

SEEN = "I saw him by the viaduct at about four, he walked towards the station."


@pytest.fixture
def live(monkeypatch, settings, wealdshire, leah_brandt, helen_achebe, force_account, saltmere_account):
    settings.DEMO = True
    platform = StubbornPlatform()
    monkeypatch.setattr("publishing.sending.kept_connector", lambda official_account: platform)
    settings.OUTBOX_UNDO_S = 0
    return live_appeal(leah_brandt, helen_achebe, [force_account, saltmere_account], platform)


def address(live):
    return reverse("moderation_public:tell", args=[live.key])


def told(live, words=SEEN, *, source="a", **more) -> Tip:
    return actions.tell(
        actor=actions.PUBLIC,
        appeal=live,
        told=actions.Told(words=words, **more),
        source_key=source * 64,
    )


def of(tip):
    found = Entry.objects.filter(subject_type="moderation.tip", subject_id=str(tip.pk))
    return list(found.order_by("id").values_list("event", flat=True))


def under(live, text=SEEN, **more) -> Comment:
    standing = Delivery.objects.filter(variant__post__appeal_post__appeal=live, kind="post").first()
    talk = Conversation.objects.filter(root_external_id=standing.external_id).first() or a_conversation(
        standing.official_account, root_external_id=standing.external_id
    )
    return a_comment(standing.official_account, text, conversation=talk, **more)


# The public form


def test_somebody_tells_something_without_an_account_a_cookie_of_staff_or_a_script(client, live):
    page = client.get(address(live))
    assert page.status_code == 200
    for line in ("999", "101", "Crimestoppers", "0800 555 111"):
        assert line in page.content.decode()
    assert set(page.cookies) <= {"csrftoken"}
    assert "no-store" in page["Cache-Control"]
    sent = client.post(
        address(live),
        {
            "words": SEEN,
            "when": "Sunday at four",
            "place": "Viaduct",
            "point": "53.1, -1.2",
            "telephone": "07700 900123",
        },
        follow=True,
    )
    tip = Tip.objects.get()
    assert tip.reference in sent.content.decode()
    assert (tip.words, tip.when, tip.latitude, tip.longitude) == (SEEN, "Sunday at four", 53.1, -1.2)
    assert TipContact.objects.get().telephone == "07700 900123"
    assert of(tip) == ["tip.received"]
    assert SEEN not in str(
        Entry.objects.filter(event="tip.received").values("details", "subject_name", "reason")
    )


def test_a_photo_is_read_by_its_bytes_kept_sealed_and_shown_as_a_copy_without_its_place(client, live):
    out = io.BytesIO()
    taken = Image.new("RGB", (40, 30), (10, 90, 10))
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    taken.save(out, "JPEG", exif=exif)
    sent = client.post(
        address(live), {"words": "", "file": SimpleUploadedFile("a.exe", out.getvalue(), "text/plain")}
    )
    assert sent.status_code == 302
    kept = Tip.objects.get().files.get().file
    assert (kept.kind, kept.content_type, kept.original.kind) == ("copy", "image/jpeg", "original")
    assert b"taken at home" not in content(kept)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"words": "  "}, "Write what you know, or add a photo or video."),
        ({"words": "x" * 3001}, "at most 3000 characters"),
        ({"words": SEEN, "point": "by the bridge"}, "Give latitude and longitude"),
        ({"words": SEEN, "point": "91, 0"}, "Give latitude and longitude"),
        ({"words": SEEN, "email": "nobody"}, "name@example.org"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_what_was_typed_is_kept(client, live, given, says):
    answer = client.post(address(live), {"place": "Quay Street", **given})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "Quay Street" in answer.content.decode()
    assert not Tip.objects.exists()


@pytest.mark.parametrize(
    "given",
    [b"", b"MZ\x90\x00not a picture", b"<svg onload=alert(1)>", b"\x00\x00\x00\x18ftypheic" + b"0" * 40],
)
def test_what_is_neither_photo_nor_video_is_not_kept(client, live, given):
    answer = client.post(
        address(live), {"words": SEEN, "file": SimpleUploadedFile("a.jpg", given, "image/jpeg")}
    )
    assert answer.status_code == 422
    assert not Tip.objects.exists()
    assert File.objects.filter(stored_by=None).count() == 0


def test_the_same_press_twice_is_one_tip_and_much_from_one_source_waits(live):
    first = told(live)
    assert told(live).pk == first.pk
    for number in range(actions.MOST_PER_HOUR - 1):
        told(live, f"Another thing, number {number}")
    with pytest.raises(TooMany, match="999"):
        told(live, "One more")
    assert told(live, "From elsewhere", source="b").pk


def test_hostile_words_stay_words(client, live, amira_hussain):
    tip = told(live, "<script>alert(1)</script> \u202e gnp.exe", place="<b>Quay</b>")
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:tip", args=[tip.pk])).content.decode()
    assert "<script>alert" not in page
    assert "<b>Quay</b>" not in page


def test_once_it_is_over_nothing_can_be_told_and_no_name_is_shown(client, live, leah_brandt):
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    for answer in (client.get(address(live)), client.post(address(live), {"words": SEEN})):
        assert answer.status_code == 410
        assert "Harrow" not in answer.content.decode()
        assert "101" in answer.content.decode()
    with pytest.raises(NotValid, match="ended"):
        told(live)
    assert client.get(reverse("moderation_public:tell", args=["nothing"])).status_code == 404


# The inbox


def test_comments_under_its_posts_come_in_once_and_stay_in_the_queue(live):
    comment = under(live)
    under(live, "Ours", state="ours")
    elsewhere = a_comment(comment.official_account, "About something else")
    assert actions.gather() == 1
    assert actions.gather() == 0
    tip = Tip.objects.get()
    assert (tip.comment_id, tip.way, tip.words) == (comment.pk, "comment", "")
    comment.refresh_from_db()
    assert comment.state == "open"
    assert not Tip.objects.filter(comment_id=elsewhere.pk).exists()
    assert tips.lines([tip])[0].words == SEEN


def test_a_message_from_elsewhere_is_put_in_by_a_person_once(live, amira_hussain, force_account):
    message = a_comment(force_account, "About Jon: ask at the bakery", private=True)
    made = actions.take_comment(actor=amira_hussain, appeal=live, comment=message)
    assert made.way == "message"
    with pytest.raises(NotValid, match="tip already"):
        actions.take_comment(actor=amira_hussain, appeal=live, comment=message)


def test_what_says_nearly_the_same_stands_under_the_first_and_nothing_is_settled_by_it(live, amira_hussain):
    first = told(live)
    told(live, SEEN.replace("about", "roughly"), source="b")
    other = told(live, "Look at the allotments behind the old mill, he keeps bees there", source="c")
    actions.group_alike()
    listed = tips.inbox(amira_hussain, live)
    assert [(line.tip.pk, line.alike) for line in listed] == [(other.pk, 0), (first.pk, 1)]
    assert tips.counts(amira_hussain, live)["new"] == 3
    actions.settle(actor=amira_hussain, tip=first, why="Checked, it was somebody else")
    # The copy now stands for itself.
    assert len(tips.inbox(amira_hussain, live)) == 2


def test_only_who_sees_comments_there_sees_its_tips(live, client, amira_hussain, pc_nair, joan_pritchard):
    tip = told(live)
    client.force_login(amira_hussain)
    assert SEEN in client.get(reverse("moderation:tips", args=[live.pk])).content.decode()
    assert Entry.objects.filter(event="tips.listed", shown_ids__contains=[tip.pk]).exists()
    with pytest.raises(NotFound):
        tips.tip(pc_nair, tip.pk)
    with pytest.raises(NotPermitted):
        actions.settle(actor=pc_nair, tip=tip, why="Nothing")
    client.force_login(joan_pritchard)
    assert client.get(reverse("moderation:tips", args=[live.pk])).status_code == 403


def test_reading_how_to_reach_somebody_is_asked_for_and_recorded(live, client, amira_hussain):
    tip = told(live, telephone="07700 900123", name="Mo")
    client.force_login(amira_hussain)
    page = reverse("moderation:tip", args=[tip.pk])
    assert "07700 900123" not in client.get(page).content.decode()
    assert "tip.contact_read" not in of(tip)
    shown = client.post(reverse("moderation:tip_step", args=[tip.pk]), {"do": "contact"})
    assert "07700 900123" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert of(tip).count("tip.contact_read") == 1
    nameless = told(live, "Nothing more", source="b")
    with pytest.raises(NotFound):
        actions.read_contact(actor=amira_hussain, tip=nameless)


# Where


def square(name, south, west):
    area = Neighbourhood.objects.get(name=name)
    AreaDetails.objects.update_or_create(
        neighbourhood=area,
        defaults={
            "boundary": [[south, west], [south + 0.1, west], [south + 0.1, west + 0.1], [south, west + 0.1]],
            "source": "test",
            "imported_at": clock.now(),
        },
    )
    return area


def test_the_map_draws_places_and_areas_and_says_the_same_in_a_table(live, client, amira_hussain):
    told(live, "No place")
    assert tips.map_of(list(Tip.objects.all())) is None
    saltmere = square("Saltmere", 53.0, -1.2)
    exact = told(live, "At a point", latitude=53.05, longitude=-1.15, source="b")
    rough = told(live, "Somewhere there", area=saltmere, source="c")
    far = told(live, "Far away", latitude=51.5, longitude=-0.1, source="d")
    drawn = tips.map_of(list(Tip.objects.order_by("pk")))
    assert [(mark.tip.pk, mark.exact) for mark in drawn.marks] == [(exact.pk, True), (rough.pk, False)]
    assert [tip.pk for tip in drawn.beyond] == [far.pk]
    assert all(0 <= mark.x <= drawn.width and 0 <= mark.y <= drawn.height for mark in drawn.marks)
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:tips", args=[live.pk])).content.decode()
    assert "<svg" in page
    assert "beyond it" in page
    assert f">{exact.reference}</a>" in page


def test_half_a_point_is_none(live):
    with pytest.raises(NotValid):
        told(live, latitude=53.0)
    with pytest.raises(IntegrityError, match="tip_on_the_earth"), transaction.atomic():
        Tip.objects.filter(pk=told(live).pk).update(latitude=200, longitude=0)


# Onwards


def test_a_tip_of_the_form_is_a_case_in_two_steps_without_how_to_reach_whoever_told(
    live, client, amira_hussain
):
    tip = told(live, telephone="07700 900123", place="Saltmere viaduct")
    client.force_login(amira_hussain)
    step = reverse("moderation:tip_step", args=[tip.pk])
    refused = client.post(step, {"do": "pass", "passed_as": "sighting", "why": " "})
    assert refused.status_code == 422
    client.post(step, {"do": "pass", "passed_as": "sighting", "why": "Seen an hour ago by the viaduct"})
    assert escalation.open_for_appeals() == 1
    assert escalation.open_for_appeals() == 0
    case = Case.objects.get()
    assert (case.pathway.slug, case.place, case.opened_by) == (
        "person_at_risk",
        "Saltmere viaduct",
        amira_hussain,
    )
    kept = CaseTip.objects.get()
    assert kept.snapshot["words"] == SEEN
    assert "07700" not in str(kept.snapshot)
    page = client.get(reverse("escalation:for_tip", args=[tip.pk]))
    assert page["Location"] == reverse("escalation:case", args=[case.pk])
    assert SEEN in client.get(page["Location"]).content.decode()
    with pytest.raises(TransitionNotAllowed):
        actions.pass_on(actor=amira_hussain, tip=tip, passed_as="sighting", why="Again")


def test_a_comment_goes_on_by_the_way_of_every_comment(live, amira_hussain):
    comment = under(live)
    actions.gather()
    tip = Tip.objects.get()
    actions.pass_on(actor=amira_hussain, tip=tip, passed_as="intelligence", why="Knows who drove")
    comment.refresh_from_db()
    assert comment.needs_case == "intelligence"
    escalation.open_cases()
    assert Case.objects.get().pathway.slug == "intelligence"
    assert of(tip)[-1] == "tip.passed_on"


def test_a_settled_tip_can_be_looked_at_again(live, amira_hussain):
    tip = told(live)
    with pytest.raises(NotValid):
        actions.settle(actor=amira_hussain, tip=tip, why=" ")
    actions.settle(actor=amira_hussain, tip=tip, why="It was somebody else")
    actions.reopen(actor=amira_hussain, tip=tip, why="A second person says so too")
    tip.refresh_from_db()
    assert (tip.state, tip.decided_by) == ("new", None)
    assert of(tip)[-2:] == ["tip.settled", "tip.reopened"]


def test_a_comment_that_was_disposed_of_leaves_a_tip_without_words(live, client, amira_hussain):
    comment = under(live)
    actions.gather()
    tip = Tip.objects.get()
    Tip.objects.filter(pk=tip.pk).update(comment_id=comment.pk + 10_000)
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:tip", args=[tip.pk])).content.decode()
    assert "Its comment is not kept any more." in page
    tip.refresh_from_db()
    with pytest.raises(TransitionNotAllowed):
        actions.pass_on(actor=amira_hussain, tip=tip, passed_as="sighting", why="Seen")


def test_a_tip_of_a_restricted_comment_is_shown_and_counted_nowhere_until_it_is_released(
    live, client, amira_hussain
):
    comment = under(live)
    told(live, "He keeps bees at the allotments behind the mill")
    actions.gather()
    client.force_login(amira_hussain)
    hidden = Tip.objects.get(comment_id=comment.pk)
    Comment.objects.filter(pk=comment.pk).update(state=Comment.State.RESTRICTED)
    for name, pk in (("moderation:tips", live.pk), ("moderation:tip_inboxes", None)):
        page = client.get(reverse(name, args=[pk] if pk else [])).content.decode()
        assert SEEN not in page
    assert client.get(reverse("moderation:tip", args=[hidden.pk])).status_code == 404
    row = tips.appeals(amira_hussain).get(pk=live.pk)
    assert (row.new, row.all_tips, tips.counts(amira_hussain, live)["new"]) == (1, 1, 1)
    Comment.objects.filter(pk=comment.pk).update(state="open")
    row = tips.appeals(amira_hussain).get(pk=live.pk)
    assert (row.new, row.all_tips, tips.counts(amira_hussain, live)["new"]) == (2, 2, 2)
    assert SEEN in client.get(reverse("moderation:tip", args=[hidden.pk])).content.decode()


def test_an_hour_later_the_same_source_may_tell_again(live):
    for number in range(actions.MOST_PER_HOUR):
        told(live, f"Number {number}")
    Tip.objects.update(received_at=clock.now() - timedelta(hours=2))
    assert told(live, "An hour later").pk
