"""Who publishes has read what holds and is trained; what lapsed warns for 14 days, then keeps their posts back and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import posting
from accounts.actions import posting as actions
from accounts.models import PolicyReading, Training
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from publishing.actions import judging, outbox, posts
from publishing.models import Delivery, Post

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def page(wealdshire, helen_achebe):
    return actions.publish_page(
        actor=helen_achebe, kind="policy", title="Social media policy", text="Be plain.\n\nBe kind."
    )


@pytest.fixture
def course(wealdshire, helen_achebe):
    return actions.ask_for_course(
        actor=helen_achebe, name="Social media and the law", counts_for_months=24, renew="Book the half day."
    )


def _submitted(author, account) -> Post:
    post = posts.draft_post(actor=author, account_ids=[account.pk], words="Mill Lane is open again.")
    return posts.submit_post(actor=author, post=post, version_seen=post.version)


def _later(days: int):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


def test_a_page_warns_for_a_fortnight_then_keeps_posts_back_until_it_is_confirmed(
    page, leah_brandt, helen_achebe, wealdshire
):
    account = wealdshire.accounts["wealdshire-police"]
    assert Notice.objects.filter(to=leah_brandt, title__contains="Social media policy").exists()
    actions.confirm_reading(actor=helen_achebe, page=page, seen=1)
    (lapse,) = posting.lapses(leah_brandt)
    assert lapse.blocks_on == clock.today() + timedelta(days=14)
    with _later(13):
        assert not posting.lapses(leah_brandt)[0].blocks
        post = _submitted(leah_brandt, account)
    with _later(14):
        assert posting.lapses(leah_brandt)[0].blocks
        with pytest.raises(NotValid, match="Read it and confirm it"):
            posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
        assert not Delivery.objects.filter(author=leah_brandt).exists()
        other = posts.draft_post(actor=leah_brandt, account_ids=[account.pk], words="Another.")
        with pytest.raises(NotValid, match="Social media policy"):
            posts.submit_post(actor=leah_brandt, post=other, version_seen=other.version)
        actions.confirm_reading(actor=leah_brandt, page=page, seen=1)
        actions.confirm_reading(actor=leah_brandt, page=page, seen=1)
        assert Entry.objects.filter(event="policy.read", actor_name=leah_brandt.called).count() == 1
        posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
        assert Delivery.objects.filter(author=leah_brandt, kind="post").exists()


def test_who_approves_publishes_as_well(page, leah_brandt, helen_achebe, wealdshire):
    actions.confirm_reading(actor=leah_brandt, page=page, seen=1)
    with _later(14):
        post = _submitted(leah_brandt, wealdshire.accounts["wealdshire-police"])
        with pytest.raises(NotPermitted, match="Helen Achebe does not publish until this is renewed"):
            posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
        post.refresh_from_db()
        assert post.state == "submitted"


@pytest.mark.parametrize(
    ("given", "kept_back"),
    [
        ({"kind": "post"}, True),
        ({"kind": "post", "urgent": True}, False),
        ({"kind": "post", "part": 2}, False),
        ({"kind": "reply", "target_external_id": "7"}, False),
        ({"kind": "edit", "target_external_id": "7"}, False),
        ({"kind": "delete", "target_external_id": "7"}, False),
    ],
)
def test_replies_corrections_and_what_is_urgent_are_never_kept_back(
    page, leah_brandt, wealdshire, given, kept_back
):
    account = wealdshire.accounts["wealdshire-police"]
    with _later(20):
        if kept_back:
            with pytest.raises(NotPermitted):
                outbox.queue(
                    actor=leah_brandt, author=leah_brandt, official_account=account, text="x", **given
                )
        else:
            outbox.queue(actor=leah_brandt, author=leah_brandt, official_account=account, text="x", **given)


def test_a_post_that_a_life_may_depend_on_goes_out_whoever_has_lapsed(
    page, leah_brandt, helen_achebe, wealdshire
):
    account = wealdshire.accounts["wealdshire-police"]
    with _later(20):
        post = posts.draft_post(actor=leah_brandt, account_ids=[account.pk], words="Leave Quay Street: gas.")
        judging.declare(
            actor=leah_brandt, post=post, version_seen=1, kind="general", answers={}, urgent_why="Gas leak"
        )
        post.refresh_from_db()
        posts.submit_post(actor=leah_brandt, post=post, version_seen=post.version)
        posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
        assert Delivery.objects.filter(author=leah_brandt, kind="post", urgent=True).exists()


def test_a_new_version_is_confirmed_anew_and_gives_no_second_fortnight(
    page, leah_brandt, helen_achebe, pc_nair
):
    actions.confirm_reading(actor=leah_brandt, page=page, seen=1)
    with _later(10):
        with pytest.raises(NotValid, match="same as the version before"):
            actions.publish_version(
                actor=helen_achebe, page=page, seen=1, text="Be plain.\r\n\r\nBe kind.", changes="None"
            )
        second = actions.publish_version(
            actor=helen_achebe, page=page, seen=1, text="Be plain. Be quick.", changes="Quickness"
        )
        with pytest.raises(ChangedSinceSeen):
            actions.publish_version(actor=helen_achebe, page=page, seen=1, text="Third", changes="More")
        with pytest.raises(ChangedSinceSeen, match="Version 2 is out"):
            actions.confirm_reading(actor=leah_brandt, page=page, seen=1)
        assert posting.lapses(leah_brandt)[0].since == clock.today()
        assert posting.lapses(pc_nair)[0].since == clock.today() - timedelta(days=10)
        actions.confirm_reading(actor=leah_brandt, page=page, seen=2)
        assert not posting.lapses(leah_brandt)
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyReading.objects.create(version=second, person=leah_brandt, at=clock.now())
    actions.end_page(actor=helen_achebe, page=page)
    assert not posting.lapses(pc_nair)
    with pytest.raises(TransitionNotAllowed):
        actions.confirm_reading(actor=pc_nair, page=page, seen=2)


def test_training_counts_for_its_months_and_nobody_records_their_own(
    course, leah_brandt, helen_achebe, ben_osei, amira_hussain
):
    assert posting.counts_until(course, date(2024, 2, 29)) == date(2026, 2, 28)
    (lapse,) = posting.lapses(leah_brandt)
    assert (lapse.since, "half day" in lapse.renew) == (clock.today(), True)
    assert not posting.lapses(amira_hussain), "who may not publish lacks nothing"
    with pytest.raises(NotValid, match="your own"):
        actions.note_training(actor=helen_achebe, person=helen_achebe, course=course, done_on=clock.today())
    with pytest.raises(NotPermitted):
        actions.note_training(actor=leah_brandt, person=helen_achebe, course=course, done_on=clock.today())
    with pytest.raises(NotValid, match="has been"):
        actions.note_training(
            actor=ben_osei, person=leah_brandt, course=course, done_on=clock.today() + timedelta(days=1)
        )
    row = actions.note_training(actor=ben_osei, person=leah_brandt, course=course, done_on=clock.today())
    assert not posting.lapses(leah_brandt)
    with pytest.raises(NotValid, match="already"):
        actions.note_training(actor=ben_osei, person=leah_brandt, course=course, done_on=clock.today())
    with time_machine.travel(datetime.combine(row.counts_until, NOON.timetz()), tick=False):
        assert not posting.lapses(leah_brandt)
    with time_machine.travel(
        datetime.combine(row.counts_until, NOON.timetz()) + timedelta(days=1), tick=False
    ):
        (lapse,) = posting.lapses(leah_brandt)
        assert (lapse.since, lapse.blocks) == (clock.today(), False)
    actions.strike_training(actor=ben_osei, training=row)
    assert posting.lapses(leah_brandt)
    assert Entry.objects.filter(event="training.struck").count() == 1
    with pytest.raises(TransitionNotAllowed):
        actions.strike_training(actor=ben_osei, training=row)


def test_a_file_is_recorded_whole_or_not_at_all(client, course, leah_brandt, pc_nair, ben_osei):
    client.force_login(ben_osei)
    where = reverse("accounts:training_list")

    def read(*lines: str):
        content = "\r\n".join(["email,course,done", *lines]).encode()
        return client.post(where, {"file": SimpleUploadedFile("may.csv", content, "text/csv")})

    good = f"{leah_brandt.email.upper()},social media and the LAW,01/05/2026"
    bad = read(
        good,
        "nobody@wealdshire.example,Social media and the law,01/05/2026",
        f"{ben_osei.email},Social media and the law,01/05/2026",
        f"{pc_nair.email},Juggling,01/05/2026",
        f"{pc_nair.email},Social media and the law,01/05/2099",
    ).content.decode()
    for words in (
        "4 are refused",
        "Nobody with this",
        "your own training",
        "no course “Juggling”",
        "The date is",
    ):
        assert words in bad
    assert not Training.objects.exists()
    shown = read(good, f"{pc_nair.email},Social media and the law,2026-05-01")
    assert "Record all 2" in shown.content.decode()
    content = shown.context["content"]
    done = client.post(where, {"content": content, "name": "may.csv"})
    assert done["Location"] == reverse("accounts:training")
    assert set(Training.objects.values_list("person_id", "source")) == {
        (leah_brandt.pk, "may.csv"),
        (pc_nair.pk, "may.csv"),
    }
    client.post(where, {"content": content, "name": "may.csv"})
    assert Training.objects.count() == 2
    assert (
        "UTF-16"
        in client.post(
            where, {"file": SimpleUploadedFile("x.csv", "email".encode("utf-16"), "text/csv")}
        ).content.decode()
    )
    assert client.get(reverse("accounts:training_template")).content.decode().startswith("\ufeffemail,course")


def test_the_first_page_leads_to_what_is_to_be_read_and_the_post_says_it(
    client, page, course, leah_brandt, wealdshire
):
    account = wealdshire.accounts["wealdshire-police"]
    client.force_login(leah_brandt)
    home = client.get("/").content.decode()
    assert "Policy “Social media policy”, version 1" in home
    assert reverse("accounts:policy", args=[page.pk]) in home
    post = posts.draft_post(actor=leah_brandt, account_ids=[account.pk], words="Mill Lane is open again.")
    edit = client.get(reverse("publishing:compose_post", args=[post.pk])).content.decode()
    assert "they cannot publish without it" in edit
    with _later(14):
        client.force_login(leah_brandt)
        assert "kept back" in client.get(reverse("accounts:policies")).content.decode()
        where = reverse("accounts:policy", args=[page.pk])
        assert "I have read it" in client.get(where).content.decode()
        assert client.post(where, {"seen": "7"}).status_code == 409
        assert client.post(where, {"seen": "1"})["Location"] == reverse("accounts:policies")
        assert "You confirmed this version" in client.get(where).content.decode()


def test_communications_write_the_pages_and_others_are_refused(client, helen_achebe, leah_brandt, pc_nair):
    client.force_login(leah_brandt)
    new = reverse("accounts:write_page")
    assert client.get(new).status_code == 403
    assert client.get(reverse("accounts:training")).status_code == 403
    client.force_login(helen_achebe)
    assert client.post(new, {"kind": "policy", "title": "", "text": "kept"}).status_code == 422
    made = client.post(new, {"kind": "playbook", "title": "Bad weather", "text": "Roads first. <b>x</b>"})
    page = client.get(made["Location"]).content.decode()
    assert "&lt;b&gt;" in page
    again = client.post(new, {"kind": "policy", "title": "bad WEATHER", "text": "Roads"})
    assert again.status_code == 422
    assert "of this title already" in again.content.decode()
    write = made["Location"] + "write/"
    assert (
        client.post(write, {"seen": 1, "text": "Roads, then schools.", "changes": "Schools"}).status_code
        == 302
    )
    assert client.post(write, {"seen": 1, "text": "Lost?", "changes": "?"}).status_code == 409
    assert "earlier version" in client.get(made["Location"] + "?version=1").content.decode()
    assert client.get(made["Location"] + "?version=9").status_code == 404
    training = reverse("accounts:training")
    asked = client.post(training, {"do": "ask", "name": "Law", "counts_for_months": 12, "renew": "Book it."})
    assert asked.status_code == 302
    course = posting.courses(helen_achebe)[0]
    told = client.post(
        training,
        {"do": "note", "person": pc_nair.pk, "course": course.pk, "done_on": clock.today().isoformat()},
    )
    assert told.status_code == 302
    assert client.post(training, {"do": "note", "person": "", "course": course.pk}).status_code == 422
    row = Training.objects.get()
    assert client.post(training, {"do": "strike", "row": row.pk}).status_code == 302
    assert client.post(training, {"do": "strike", "row": row.pk}).status_code == 409
    assert client.post(training, {"do": "end", "row": course.pk}).status_code == 302
    assert client.post(training, {"do": "end", "row": 999_999}).status_code == 404
    assert client.post(made["Location"], {"do": "end"}).status_code == 302
    assert client.get(made["Location"]).status_code == 404
