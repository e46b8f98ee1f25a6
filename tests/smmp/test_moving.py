"""What another product exports comes in whole or not at all, once, marked, and can be taken back for a day."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation.models import Alert, Case
from insights.actions import rollups
from insights.models import CommentHour
from moderation import queries_search
from moderation.actions import saved_replies
from moderation.models import Comment, Commenter, SavedReply
from notices.models import Notice
from publishing.models import Approval, Asset, Delivery, Post
from retention import periods
from retention import queries as retention
from retention.models import Hold, ScheduleRow
from smmp.actions import moving as actions
from smmp.models import Import, Imported, SavedMapping
from smmp.moving import fields, queries
from smmp.moving.kinds import KINDS
from staff.models import StaffMember
from staff.roles import Role

WHEN = clock.now() - timedelta(days=30)


def came(text: str | bytes, name: str = "export.csv") -> actions.Came:
    content = text.encode() if isinstance(text, str) else text
    return actions.Came(name, len(content), lambda: io.BytesIO(content))


def read(actor, kind, text, *more, product="Elsewhere") -> Import:
    return actions.read_files(actor=actor, kind=kind, product=product, came=[came(text), *more])


def mapped(actor, kind, text, *more, **also) -> Import:
    kept = read(actor, kind, text, *more)
    return actions.map_columns(
        actor=actor, kept=kept, mapping={**kept.mapping, **{name: {"value": v} for name, v in also.items()}}
    )


def messages(account, *rows: str) -> str:
    head = "Message ID,Profile,From,Message,Date,Type,Visibility,Parent ID,Closed At\n"
    return head + "".join(f"{row}\n" for row in rows)


def message(account, pk="m1", words="I will kill myself tonight", at=WHEN, kind="in", private="public"):
    return (
        f'{pk},{account.platform}: {account.handle},jo.harrow,"{words}",{at.isoformat()},{kind},{private},p1,'
    )


@pytest.fixture
def saved(ben_osei, force_account):
    """Two messages of the public and an answer of ours, ready to come in."""
    return mapped(
        ben_osei,
        "messages",
        messages(
            force_account,
            message(force_account),
            message(force_account, "m2", "Where is the van?", kind="out"),
            message(force_account, "m3", "Please ring me", private="dm"),
        ),
    )


# Columns


def test_columns_are_guessed_and_what_was_chosen_is_kept_for_the_next_file(
    ben_osei, wealdshire, force_account
):
    kept = read(ben_osei, "messages", messages(force_account, message(force_account)))
    assert {name: one["column"] for name, one in kept.mapping.items()} == {
        "id": "Message ID",
        "account": "Profile",
        "author": "From",
        "text": "Message",
        "at": "Date",
        "direction": "Type",
        "private": "Visibility",
        "under": "Parent ID",
        "handled_at": "Closed At",
    }
    actions.map_columns(actor=ben_osei, kept=kept, mapping={**kept.mapping, "direction": {"value": "in"}})
    again = read(ben_osei, "messages", messages(force_account, message(force_account)), product="ELSEWHERE")
    assert again.mapping["direction"] == {"value": "in"}
    assert SavedMapping.objects.get().product == "Elsewhere"


def test_a_needed_field_without_a_column_is_asked_for(ben_osei, force_account):
    kept = read(ben_osei, "messages", "a,b\n1,2\n")
    with pytest.raises(NotValid, match="Say which column is “Official account”"):
        actions.map_columns(actor=ben_osei, kept=kept, mapping={})
    with pytest.raises(NotValid, match="no such column"):
        actions.map_columns(actor=ben_osei, kept=kept, mapping={"account": {"column": "zzz"}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a\n", "nothing below"),
        ("a,a\n1,2\n", "twice"),
        ("a,\n1,2\n", "one without a name"),
        ("a,b\n1\n", "has 1 cells"),
        (b"PK\x03\x04", "workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(ben_osei, text, words):
    with pytest.raises(NotValid, match=words):
        read(ben_osei, "staff", text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("28/11/2026 18:40", "2026-11-28T18:40:00+00:00"),
        ("01/07/2026 12:00", "2026-07-01T11:00:00+00:00"),
        ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00+00:00"),
        ("2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00+00:00"),
        ("1782900000", "2026-07-01T10:00:00+00:00"),
        ("1782900000000", "2026-07-01T10:00:00+00:00"),
        ("29/02/2024 10:00", "2024-02-29T10:00:00+00:00"),
        ("29/02/2025 10:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_as_exports_write_them(text, found):
    at = fields.instant(text)
    assert (at and at.isoformat()) == found


# Messages


def test_past_messages_come_in_marked_searchable_and_raise_nothing(
    saved, ben_osei, amira_hussain, force_account
):
    assert saved.counts == {"new": 3, "missing": 0, "known": 0, "refused": 0}
    before = Notice.objects.count()
    actions.bring_in(actor=ben_osei, kept=saved)
    first, ours, private = Comment.objects.order_by("external_id")
    assert (first.state, first.decided_at, first.received_at) == ("decided", WHEN, WHEN)
    assert ours.state == "ours"
    assert private.private
    assert {one.triage_version for one in (first, ours, private)} == {"imported"}
    assert first.model_due_at is None
    assert first.answer_by is None
    assert not Alert.objects.exists()
    assert not Case.objects.exists()
    assert Notice.objects.count() == before
    found = queries_search.search(amira_hussain, queries_search.Wanted(words="kill"))
    assert [one.pk for one in found.found] == [first.pk]
    assert queries.came_from("moderation.comment", [first.pk])[first.pk].product == "Elsewhere"
    entry = Entry.objects.get(event="comments.imported")
    assert entry.shown_ids == sorted([first.pk, ours.pk, private.pk])
    assert not Import.objects.get(pk=saved.pk).rows


def test_nothing_takes_them_for_new_afterwards(saved, ben_osei, force_account):
    from escalation import tasks as escalating
    from moderation import tasks as moderating

    actions.bring_in(actor=ben_osei, kept=saved)
    escalating.raise_alerts()
    escalating.open_cases()
    moderating.triage_due()
    assert not Alert.objects.exists()
    assert not Case.objects.exists()
    assert set(Comment.objects.values_list("category", flat=True)) == {"none"}


def test_the_conversation_says_that_it_was_imported(saved, ben_osei, client, amira_hussain):
    actions.bring_in(actor=ben_osei, kept=saved)
    client.force_login(amira_hussain)
    first = Comment.objects.get(external_id="m1")
    assert "imported" in client.get(reverse("moderation:conversation", args=[first.pk])).text


def test_their_period_runs_from_when_they_were_dealt_with(saved, ben_osei):
    actions.bring_in(actor=ben_osei, kept=saved)
    row = ScheduleRow.objects.get(slug="routine_comment")
    last_day = periods.due_on(row, clock.in_london(WHEN).date())
    over = retention.candidates(row, on=last_day + timedelta(days=1))
    assert set(over.values_list("external_id", flat=True)) == {"m1", "m2", "m3"}
    assert not retention.candidates(row, on=last_day).exists()


def test_a_message_whose_period_is_over_stays_out(ben_osei, force_account):
    old = clock.now() - timedelta(days=3 * 366)
    kept = mapped(ben_osei, "messages", messages(force_account, message(force_account, at=old)))
    assert kept.steps[0]["outcome"] == "refused"
    assert "disposed of" in kept.steps[0]["words"][0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("m,nowhere,jo,Words,2026-11-01T10:00Z,in,,,", "No official account here"),
        ("m,exercise: wealdshire-police,,Words,2026-11-01T10:00Z,in,,,", "no handle of who wrote it"),
        ("m,exercise: wealdshire-police,jo,,2026-11-01T10:00Z,in,,,", "no words"),
        ("m,exercise: wealdshire-police,jo,Words,soon,in,,,", "The time is none"),
        ("m,exercise: wealdshire-police,jo,Words,2036-11-01T10:00Z,in,,,", "time to come"),
        ("m,exercise: wealdshire-police,jo,Words,2026-11-01T10:00Z,sideways,,,", "no direction"),
        (
            "m,exercise: wealdshire-police,jo,Words,2026-11-01T10:00Z,in,perhaps,,",
            "neither that it was private",
        ),
        (
            "m,exercise: wealdshire-police,jo,Words,2026-11-01T10:00Z,in,,,2026-10-01T10:00Z",
            "before it was written",
        ),
    ],
)
def test_a_line_that_cannot_come_in_says_why_and_keeps_the_file_out(ben_osei, force_account, row, words):
    kept = mapped(ben_osei, "messages", messages(force_account, message(force_account), row))
    refused = [step for step in kept.steps if step["outcome"] == "refused"]
    assert any(words in sentence for step in refused for sentence in step["words"]), kept.steps
    with pytest.raises(NotValid, match="Mend the refused rows"):
        actions.bring_in(actor=ben_osei, kept=kept)
    assert not Comment.objects.exists()


def test_the_same_file_again_comes_in_once(saved, ben_osei, force_account):
    actions.bring_in(actor=ben_osei, kept=saved)
    text = messages(force_account, message(force_account), message(force_account, "m4", "Something else"))
    again = mapped(ben_osei, "messages", text)
    assert again.counts == {"new": 1, "missing": 0, "known": 1, "refused": 0}
    actions.bring_in(actor=ben_osei, kept=again)
    assert Comment.objects.filter(external_id__startswith="m").count() == 4
    with pytest.raises(TransitionNotAllowed, match="already"):
        actions.bring_in(actor=ben_osei, kept=again)


def test_without_ids_the_same_message_comes_in_once(ben_osei, force_account):
    text = messages(force_account, message(force_account, pk=""))
    actions.bring_in(actor=ben_osei, kept=mapped(ben_osei, "messages", text))
    again = mapped(ben_osei, "messages", text)
    assert again.counts["known"] == 1
    with pytest.raises(NotValid, match="here already"):
        actions.bring_in(actor=ben_osei, kept=again)
    assert Comment.objects.count() == 1


def test_messages_are_taken_back_as_if_they_had_not_come(saved, ben_osei):
    kept = actions.bring_in(actor=ben_osei, kept=saved)
    rollups.refresh()
    assert CommentHour.objects.exists()
    actions.take_back(actor=ben_osei, kept=kept)
    rollups.refresh()
    assert not CommentHour.objects.exists(), "figures keep what came in by mistake"
    assert not Comment.objects.exists()
    assert not Commenter.objects.exists()
    assert Entry.objects.filter(event="import.undone").count() == 1
    with pytest.raises(TransitionNotAllowed, match="nothing to take back"):
        actions.take_back(actor=ben_osei, kept=kept)


def test_taken_back_the_same_file_comes_in_again(saved, ben_osei, force_account):
    actions.take_back(actor=ben_osei, kept=actions.bring_in(actor=ben_osei, kept=saved))
    again = mapped(ben_osei, "messages", messages(force_account, message(force_account)))
    actions.bring_in(actor=ben_osei, kept=again)
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("how", ["held", "noted", "edited", "in a case"])
def test_where_somebody_built_on_one_message_none_is_taken_back(
    saved, ben_osei, graham_ellis, amira_hussain, how
):
    kept = actions.bring_in(actor=ben_osei, kept=saved)
    first = Comment.objects.order_by("pk").first()
    if how == "held":
        Hold.objects.create(
            subject_type="moderation.comment",
            subject_id=first.pk,
            subject_name="Comment",
            why="A complaint",
            review_on=clock.today() + timedelta(days=30),
            placed_by=graham_ellis,
            placed_at=clock.now(),
        )
    elif how == "noted":
        first.notes.create(text="She rang.", by=amira_hussain, at=clock.now())
    elif how == "edited":
        Comment.objects.filter(pk=first.pk).update(revision_number=2)
    else:
        Comment.objects.filter(pk=first.pk).update(needs_case="suicide_self_harm")
    with pytest.raises(TransitionNotAllowed, match="cannot be taken back"):
        actions.take_back(actor=ben_osei, kept=kept)
    assert Comment.objects.count() == 3


def test_after_a_day_nothing_is_taken_back(saved, ben_osei):
    kept = actions.bring_in(actor=ben_osei, kept=saved)
    with (
        time_machine.travel(clock.now() + timedelta(hours=25), tick=False),
        pytest.raises(TransitionNotAllowed, match="24 hours"),
    ):
        actions.take_back(actor=ben_osei, kept=kept)
    assert Comment.objects.count() == 3


def test_the_application_deletes_no_message_by_itself(saved, ben_osei):
    from django.db import connection, transaction
    from django.db.utils import InternalError, ProgrammingError

    kept = actions.bring_in(actor=ben_osei, kept=saved)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM moderation_comment")
    actions.take_back(actor=ben_osei, kept=kept)
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT smmp_take_back_messages(%s)", [kept.pk])


# The other kinds


def test_staff_who_are_not_here_are_added_and_the_others_left(ben_osei, amira_hussain):
    text = f"User Email,Full Name\nnia.new@wealdshire.example,Nia New\n{amira_hussain.email},Somebody Else\n"
    kept = mapped(ben_osei, "staff", text, role=Role.DESK_OPERATOR)
    assert kept.counts == {"new": 1, "missing": 0, "known": 1, "refused": 0}
    actions.bring_in(actor=ben_osei, kept=kept)
    nia = StaffMember.objects.get(email="nia.new@wealdshire.example")
    assert nia.active
    amira_hussain.refresh_from_db()
    assert amira_hussain.name == "Amira Hussain"
    actions.take_back(actor=ben_osei, kept=kept)
    nia.refresh_from_db()
    assert not nia.active


def test_somebody_who_has_signed_in_is_not_taken_back(ben_osei):
    kept = mapped(ben_osei, "staff", "email,name\nnia.new@wealdshire.example,Nia New\n")
    actions.bring_in(actor=ben_osei, kept=kept)
    StaffMember.objects.filter(email="nia.new@wealdshire.example").update(last_login=clock.now())
    with pytest.raises(TransitionNotAllowed, match="Nia New has signed in"):
        actions.take_back(actor=ben_osei, kept=kept)


def test_saved_replies_become_the_forces_and_are_withdrawn_again(helen_achebe):
    text = 'Name,Body\nLost dog,"Please ring 101."\nBad,"Dear {{first_name}}"\n'
    kept = mapped(helen_achebe, "replies", text)
    assert kept.counts["refused"] == 1
    kept = mapped(helen_achebe, "replies", 'Name,Body\nLost dog,"Please ring 101."\n')
    actions.bring_in(actor=helen_achebe, kept=kept)
    reply = SavedReply.objects.get(title="Lost dog")
    assert reply.level == "force"
    actions.take_back(actor=helen_achebe, kept=kept)
    reply.refresh_from_db()
    assert reply.withdrawn_at


def test_a_changed_reply_is_not_taken_back(helen_achebe):
    kept = mapped(helen_achebe, "replies", "Name,Body\nLost dog,Please ring 101.\n")
    actions.bring_in(actor=helen_achebe, kept=kept)
    reply = SavedReply.objects.get(title="Lost dog")
    saved_replies.change(actor=helen_achebe, reply=reply, version=1, title="Lost dog", text="Ring us.")
    with pytest.raises(TransitionNotAllowed, match="“Lost dog” was changed"):
        actions.take_back(actor=helen_achebe, kept=kept)


def test_scheduled_posts_become_drafts_and_nothing_leaves(leah_brandt, force_account):
    at = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    text = f"Message,Profile,Scheduled Time\nThe bridge is closed.,{force_account.handle},{at.isoformat()}\n"
    kept = mapped(leah_brandt, "posts", text)
    actions.bring_in(actor=leah_brandt, kept=kept)
    post = Post.objects.get(words="The bridge is closed.")
    assert (post.state, post.publish_at, post.author) == ("draft", at, leah_brandt)
    assert not Delivery.objects.exists()
    assert not Approval.objects.exists()
    actions.take_back(actor=leah_brandt, kept=kept)
    post.refresh_from_db()
    assert post.state == "withdrawn"


def test_a_post_whose_time_has_passed_or_for_anothers_account_is_refused(
    pc_nair, saltmere_account, harrowfield_account
):
    past = clock.now() - timedelta(minutes=1)
    kept = mapped(
        pc_nair,
        "posts",
        f"Message,Profile,Scheduled Time\nA,{harrowfield_account.handle},{past.isoformat()}\n"
        f"B,{saltmere_account.handle},\n",
    )
    words = " ".join(word for step in kept.steps for word in step["words"])
    assert "Its time has passed" in words
    assert "You may not write posts on" in words


def picture(colour=(10, 80, 120)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def store(settings, tmp_path):
    settings.MEDIA_STORE = str(tmp_path)


@pytest.mark.parametrize("packed", [True, False])
def test_pictures_come_in_with_their_rights(leah_brandt, store, packed):
    table = 'Filename,Alt Text,Title\nbridge.jpg,"The bridge at dusk",Bridge\n'
    if packed:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as made:
            made.writestr("export/media.csv", table)
            made.writestr("export/../../bridge.jpg", picture())
        given = [came(content.getvalue(), "all.zip")]
    else:
        given = [came(table), came(picture(), "bridge.jpg")]
    kept = actions.read_files(actor=leah_brandt, kind="media", product="Elsewhere", came=given)
    mapping = {**kept.mapping, "rights": {"value": "ours"}, "consent": {"value": "not_needed"}}
    kept = actions.map_columns(actor=leah_brandt, kept=kept, mapping=mapping)
    actions.bring_in(actor=leah_brandt, kept=kept)
    asset = Asset.objects.get(title="Bridge")
    assert (asset.alt_text, asset.rights) == ("The bridge at dusk", "ours")
    actions.take_back(actor=leah_brandt, kept=kept)
    asset.refresh_from_db()
    assert asset.retired_at


def test_a_file_that_is_no_picture_or_did_not_come_is_refused(leah_brandt, store):
    table = "Filename,Alt Text\nnote.jpg,A note\ngone.jpg,Gone\n"
    kept = mapped(
        leah_brandt, "media", table, came(b"no picture", "note.jpg"), rights="ours", consent="not_needed"
    )
    assert kept.counts["refused"] == 2
    assert "No file of this name came along." in kept.steps[1]["words"]


def test_a_zip_that_is_none_or_locked_says_so(leah_brandt, store):
    with pytest.raises(NotValid, match="no ZIP file"):
        actions.read_files(actor=leah_brandt, kind="media", product="X", came=[came(b"nothing", "a.zip")])


# Comparing


def test_a_comparison_says_what_is_not_here_and_why(saved, ben_osei, force_account):
    actions.bring_in(actor=ben_osei, kept=saved)
    text = (
        f"Message ID,Profile,Date\nm1,{force_account.handle},{WHEN.isoformat()}\n"
        f"m9,{force_account.handle},{WHEN.isoformat()}\n"
    )
    kept = mapped(ben_osei, "compare", text)
    assert kept.counts == {"new": 0, "missing": 1, "known": 1, "refused": 0}
    [missing] = [step for step in kept.steps if step["outcome"] == "missing"]
    assert missing["what"] == "m9"
    with pytest.raises(TransitionNotAllowed, match="brings nothing in"):
        actions.bring_in(actor=ben_osei, kept=kept)


# Who, when


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nobody_brings_in_without_the_right(kind, inspector_calder):
    with pytest.raises(NotPermitted):
        read(inspector_calder, kind, "a\n1\n")


def test_a_colleague_neither_sees_nor_brings_in_what_another_read(saved, victoria_lang, helen_achebe):
    with pytest.raises(NotFound):
        queries.one_import(helen_achebe, saved.pk)
    with pytest.raises(NotPermitted):
        actions.bring_in(actor=helen_achebe, kept=saved)


def test_what_changed_since_it_was_shown_is_shown_again(saved, ben_osei, force_account):
    OfficialAccount.objects.filter(pk=force_account.pk).update(handle="renamed", name="Renamed")
    with pytest.raises(ChangedSinceSeen):
        actions.bring_in(actor=ben_osei, kept=saved)


def test_rows_go_after_a_day(saved):
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        assert actions.empty_imports() == 1
        assert actions.empty_imports() == 0
    saved.refresh_from_db()
    assert (saved.rows, saved.steps) == ([], [])
    assert saved.counts["new"] == 3


def test_the_whole_way_in_the_browser(client, ben_osei, wealdshire, force_account):
    client.force_login(ben_osei)
    where = reverse("moving")
    file = SimpleUploadedFile("out.csv", messages(force_account, message(force_account)).encode())
    empty = client.post(where, {"kind": "messages", "product": "Elsewhere"})
    assert empty.status_code == 422
    assert "Choose the file." in empty.text
    sent = client.post(where, {"kind": "messages", "product": "Elsewhere", "files": file})
    page = client.get(sent["Location"])
    assert "Which column is what" in page.text
    form = {name: field.initial or "" for name, field in page.context["form"].fields.items()}
    lacking = client.post(sent["Location"], {**form, "do": "map", "account": ""})
    assert lacking.status_code == 422
    assert "Say which column is" in lacking.text
    shown = client.post(sent["Location"], {**form, "do": "map"}, follow=True)
    assert "Bring it in as shown" in shown.text
    done = client.post(sent["Location"], {"do": "bring"}, follow=True)
    assert "Take it back" in done.text
    assert "comes to" in client.get(reverse("moving_report", args=[Import.objects.get().pk])).text
    back = client.post(sent["Location"], {"do": "back"}, follow=True)
    assert "It was taken back" in back.text
    late = client.post(sent["Location"], {"do": "back"})
    assert late.status_code == 409
    assert not Imported.objects.filter(undone_at=None).exists()
    assert "Compare an export" in client.get(reverse("side_by_side")).text
