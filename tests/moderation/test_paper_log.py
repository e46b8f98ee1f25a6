"""A paper log imported afterwards: tried first, each line once, joined to what ingest brought in, nothing doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions as accounts
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import paper_log, tasks
from moderation.actions import paper
from moderation.models import Comment, NativePost, PaperLine
from publishing.actions import outbox
from publishing.models import Delivery
from tests.comments import write

pytestmark = pytest.mark.django_db
HEAD = "direction,official_account,at,who,words,link,approved_by\n"
QUESTION = "Is the bridge at Saltmere open again this morning?"
NEWS = "The A41 is shut at Mill Green after a collision."


def at(minutes_ago: float = 30) -> str:
    return (clock.now() - timedelta(minutes=minutes_ago)).isoformat()


def line(
    direction="in",
    account="exercise:wealdshire-police",
    when="",
    who="jo_harrow",
    words=QUESTION,
    link="",
    by="",
):
    return f'{direction},{account},{when or at()},{who},"{words}",{link},{by}\n'


def read(viewer, *lines):
    return paper_log.read(viewer, (HEAD + "".join(lines)).encode())


@pytest.fixture
def nextdoor(wealdshire, victoria_lang):
    return accounts.register_account(
        actor=System("test"),
        platform="nextdoor",
        handle="wealdshire",
        name="Wealdshire on Nextdoor",
        owner=victoria_lang,
    )


def native(account, words, **given):
    now = clock.now()
    return NativePost.objects.create(
        official_account=account,
        external_id=f"native-{words[:20]}",
        what="post",
        text=words,
        posted_at=now - timedelta(minutes=25),
        seen_at=now,
        state=NativePost.State.ALERTED,
        **given,
    )


def test_what_ingest_has_is_joined_and_never_added_again(force_account, amira_hussain):
    comment = write(force_account, QUESTION + " ", by="jo_harrow", at=clock.now() - timedelta(minutes=50))
    made = paper.import_log(actor=amira_hussain, rows=read(amira_hussain, line()))
    assert (made.new, made.found, made.entered) == (1, 1, 0)
    kept = PaperLine.objects.get()
    assert (kept.state, kept.comment_id, kept.words, kept.who) == ("found", comment.pk, "", "")
    again = paper.import_log(actor=amira_hussain, rows=read(amira_hussain, line(when=kept.at.isoformat())))
    assert (again.new, again.known) == (0, 1)
    assert Comment.objects.count() == 1
    assert Entry.objects.filter(event="paper.imported").count() == 2


def test_one_comment_is_joined_to_one_line_alone(force_account, amira_hussain):
    write(force_account, QUESTION, by="jo_harrow", at=clock.now() - timedelta(minutes=30))
    rows = read(amira_hussain, line(when=at(31)), line(when=at(33)))
    made = paper.import_log(actor=amira_hussain, rows=rows)
    assert (made.new, made.found) == (2, 1)
    found = PaperLine.objects.get(state="found")
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperLine.objects.filter(state="open").update(comment_id=found.comment_id)


def test_the_same_words_hours_away_or_by_somebody_else_are_not_it(force_account, amira_hussain):
    write(force_account, QUESTION, by="jo_harrow", at=clock.now() - timedelta(hours=5))
    write(force_account, "Thank you", by="someone_else", at=clock.now() - timedelta(minutes=30))
    rows = read(amira_hussain, line(), line(words="Thank you"))
    assert paper.import_log(actor=amira_hussain, rows=rows).found == 0
    assert PaperLine.objects.filter(state="open").count() == 2


def test_what_we_published_is_found_in_the_outbox_or_on_the_platform(
    force_account, leah_brandt, amira_hussain
):
    sent = outbox.queue(
        actor=leah_brandt,
        official_account=force_account,
        kind=Delivery.Kind.REPLY,
        author=leah_brandt,
        text=NEWS,
        target_external_id="c1",
    )
    Delivery.objects.filter(pk=sent.pk).update(
        state="sent", sent_at=clock.now() - timedelta(minutes=28), external_id="p1"
    )
    seen = native(force_account, "The market is open until four today, come and say hello.")
    rows = read(
        amira_hussain,
        line("out", words=NEWS, who="PC Nair", by="Sgt Okafor"),
        line("out", words="The market is open until four today. Come and say hello!", who="PC Nair"),
    )
    assert paper.import_log(actor=amira_hussain, rows=rows).found == 2
    assert PaperLine.objects.get(delivery_id=sent.pk).approved_by == "Sgt Okafor"
    assert PaperLine.objects.get(native_post_id=seen.pk).words


def test_what_still_waits_in_the_outbox_is_said_before_it_goes_out_twice(
    force_account, leah_brandt, amira_hussain, client
):
    outbox.queue(
        actor=leah_brandt,
        official_account=force_account,
        kind=Delivery.Kind.REPLY,
        author=leah_brandt,
        text=NEWS,
        target_external_id="c1",
        due_at=clock.now() + timedelta(hours=1),
    )
    client.force_login(amira_hussain)
    page = client.post(
        reverse("moderation:paper_log"), {"do": "try", "lines": HEAD + line("out", words=NEWS)}
    ).content.decode()
    assert "withdraw it there, or it goes out a second time" in page


def test_a_line_that_nobody_found_is_found_when_ingest_brings_it(force_account, amira_hussain):
    paper.import_log(actor=amira_hussain, rows=read(amira_hussain, line()))
    assert tasks.look_for_paper() == 0
    comment = write(force_account, QUESTION, by="jo_harrow", at=clock.now() - timedelta(minutes=30))
    assert tasks.look_for_paper() == 1
    assert tasks.look_for_paper() == 0
    kept = PaperLine.objects.get()
    assert (kept.state, kept.comment_id, kept.settled_by, kept.words) == ("found", comment.pk, None, "")
    assert Entry.objects.filter(event="paper.found").count() == 1


def test_where_a_person_pastes_the_line_enters_the_queue_once(nextdoor, leah_brandt):
    given = line(account="nextdoor:wealdshire", when=at(40))
    made = paper.import_log(actor=leah_brandt, rows=read(leah_brandt, given))
    assert (made.entered, Comment.objects.count()) == (1, 1)
    kept = PaperLine.objects.get()
    assert (kept.state, kept.comment_id, kept.words) == ("taken", Comment.objects.get().pk, "")
    for more in (given, line(account="nextdoor:wealdshire", when=at(47), words=QUESTION.upper())):
        paper.import_log(actor=leah_brandt, rows=read(leah_brandt, more))
    paper.import_log(
        actor=leah_brandt, rows=read(leah_brandt, line(account="nextdoor:wealdshire", who="mo_k"))
    )
    assert [one.commenter.handle for one in Comment.objects.order_by("id")] == ["jo_harrow", "mo_k"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "The file is empty"),
        ("direction,at\n", "lacks “official_account” and “words”"),
        (HEAD, "no row of lines"),
        (HEAD + line("sideways"), "Line 2: Say “out”"),
        (HEAD + line(account="nobody"), "Line 2: There is no such official account"),
        (HEAD + line(when="yesterday"), "Line 2: Give the time as"),
        (HEAD + line(when="2126-01-01T00:00:00+00:00"), "yet to come"),
        (HEAD + line(words=""), "Give the words, or the link"),
        (HEAD + line(link="javascript:alert(1)"), "begins with https"),
        (HEAD + line(words="x" * 20_001), "20,000 characters"),
        ("\xff\xfe", "lacks"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_line_by_line(wealdshire, amira_hussain, content, says):
    with pytest.raises(NotValid, match=says):
        paper_log.read(amira_hussain, content.encode())


def test_a_file_that_is_no_text_or_too_large_is_refused(wealdshire, amira_hussain):
    for content in (
        b"\xff\xfe\x00",
        b"x" * (paper_log.LARGEST_BYTES + 1),
        (HEAD + line() * 1).encode("utf-16"),
    ):
        with pytest.raises(NotValid):
            paper_log.read(amira_hussain, content)
    many = HEAD + "".join(line(words=f"{QUESTION} {n}") for n in range(paper_log.MOST_ROWS + 1))
    with pytest.raises(NotValid, match="at most 500"):
        paper_log.read(amira_hussain, many.encode())


def test_only_official_accounts_that_one_answers_on_are_imported(pc_nair, saltmere_account, amira_hussain):
    given = line(account="exercise:saltmere-police")
    with pytest.raises(NotValid, match="do not answer on it"):
        read(pc_nair, given)
    rows = read(amira_hussain, given)
    with pytest.raises(NotPermitted):
        paper.import_log(actor=pc_nair, rows=rows)
    assert not PaperLine.objects.exists()


def test_the_log_is_tried_first_and_imported_on_a_second_press(
    client, force_account, amira_hussain, joan_pritchard
):
    client.force_login(amira_hussain)
    page = reverse("moderation:paper_log")
    hostile = "<script>alert(1)</script> is the bridge open, please answer"
    content = HEAD + line(words=hostile)
    tried = client.post(page, {"do": "try", "file": SimpleUploadedFile("log.csv", content.encode())})
    shown = tried.content.decode()
    assert "Not found yet: it is kept, and looked for" in shown
    assert "<script>alert(1)" not in shown
    assert not PaperLine.objects.exists()
    assert client.post(page, {"do": "import", "lines": content}).status_code == 302
    kept = PaperLine.objects.get()
    listed = client.get(reverse("moderation:paper_logs")).content.decode()
    assert "is the bridge open" in listed
    assert Entry.objects.filter(event="paper.viewed").count() == 1
    nothing = client.post(page, {"do": "try"})
    assert (nothing.status_code, "Choose a file" in nothing.content.decode()) == (422, True)
    leave = reverse("moderation:paper_line", args=[kept.pk])
    client.post(leave, {"why": " "})
    kept.refresh_from_db()
    assert kept.state == "open"
    client.post(leave, {"why": "Its author deleted it"})
    kept.refresh_from_db()
    assert (kept.state, kept.words, kept.why) == ("left", "", "Its author deleted it")
    with pytest.raises(TransitionNotAllowed):
        paper.leave(actor=amira_hussain, line=kept, why="Again")
    assert client.get(reverse("moderation:paper_log_template")).content.decode().startswith(HEAD.strip())
    client.force_login(joan_pritchard)
    assert client.get(page).status_code == 403
