"""A 24-hour log: lines come in once, are read without who and where, are approved, and go out at a pace."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import services
from accounts.models import KeptAnswer
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from publishing import checks, queries_campaigns, sending, tasks
from publishing.actions import campaigns, lockdown, logs, posts
from publishing.models import Campaign, Delivery, Lockdown, LogLine, LogSummary, Post
from publishing.workflow_campaigns import CAMPAIGN, LINE
from smmp.seed.force import SEED
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform
from tests.publishing.test_outbox_races import at_once

SHEEP = "Sheep on the A41 near Harrowfield, back in their field by midnight."
BLOCKED = "Colin Marsh of 14 Mill Lane rang 999 because his sink is blocked."


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def log(clock_at, leah_brandt, force_account):
    """A log of Leah's that runs until tomorrow, one post every five minutes."""
    made = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.LOG,
        name="A day of calls",
        purpose="Show what 999 is for",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
        pace_s=300,
    )
    return campaigns.start_campaign(actor=leah_brandt, campaign=made)


def take(actor, log, *words, **line):
    return logs.take_lines(
        actor=actor, campaign=log, lines=[logs.Line(one, **line) for one in words], source=LogLine.Source.HAND
    )


def read(actor, log, *words):
    """Lines taken in and read, each a post that waits for approval."""
    take(actor, log, *words)
    lines = LogLine.objects.filter(campaign=log, came__in=words).order_by("id")
    return [logs.read_line(actor=actor, line=line, words=line.came) for line in lines]


def approve(actor, post):
    fresh = Post.objects.get(pk=post.pk)
    return posts.approve_post(actor=actor, post=fresh, version_seen=fresh.version)


def due(post):
    return Delivery.objects.get(variant__post=post).due_at


# Lines


def test_a_line_seen_twice_comes_in_once(log, leah_brandt):
    assert take(leah_brandt, log, SHEEP, SHEEP) == logs.Taken(1, 1)
    assert take(leah_brandt, log, SHEEP, "Another") == logs.Taken(1, 1)
    assert take(leah_brandt, log, "Said otherwise", key="4711") == logs.Taken(1, 0)
    assert take(leah_brandt, log, "Said otherwise again", key="4711") == logs.Taken(0, 1)
    assert Entry.objects.filter(event="log.lines_taken").count() == 4
    assert SHEEP not in str(list(Entry.objects.values("details", "subject_name", "reason")))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "There is no line"),
        ([logs.Line(SHEEP), logs.Line("  ")], "Line 2 has no words"),
        ([logs.Line("x" * 1001)], "1,001 characters long"),
        ([logs.Line(SHEEP, key="k" * 101)], "key of line 1"),
        ([logs.Line(f"{n}") for n in range(2001)], "at most 2,000"),
    ],
)
def test_lines_that_cannot_be_used_come_in_none_of_them(log, leah_brandt, lines, says):
    with pytest.raises(NotValid, match=says):
        logs.take_lines(actor=leah_brandt, campaign=log, lines=lines, source=LogLine.Source.API)
    assert not LogLine.objects.exists()


def test_who_may_not_write_there_takes_reads_and_skips_nothing(log, leah_brandt, pc_nair, amira_hussain):
    take(leah_brandt, log, SHEEP)
    line = LogLine.objects.get()
    for person in (pc_nair, amira_hussain):
        with pytest.raises(NotPermitted):
            take(person, log, "Another")
        with pytest.raises(NotPermitted):
            logs.read_line(actor=person, line=line, words=SHEEP)
        with pytest.raises(NotPermitted):
            logs.skip_line(actor=person, line=line)


def test_a_line_that_tells_who_is_not_sent_and_nothing_of_it_is_kept_once_read(log, leah_brandt):
    take(leah_brandt, log, BLOCKED)
    line = LogLine.objects.get()
    with pytest.raises(NotValid, match="“Colin Marsh” is somebody’s name; “14 Mill Lane” is an address"):
        logs.read_line(actor=leah_brandt, line=line, words=BLOCKED)
    assert not Post.objects.exists()
    post = logs.read_line(actor=leah_brandt, line=line, words="Somebody rang 999 because of a blocked sink.")
    assert post.state == Post.State.SUBMITTED
    assert [tag.tag.campaign for tag in post.campaigns.all()] == [log]
    line.refresh_from_db()
    assert (line.came, line.state, line.post_id) == ("", "read", post.pk)
    with pytest.raises(TransitionNotAllowed):
        logs.read_line(actor=leah_brandt, line=line, words="Again")
    with pytest.raises(TransitionNotAllowed):
        logs.skip_line(actor=leah_brandt, line=line)
    assert Entry.objects.get(event="log.line_read").details["still_found"] == []


def test_what_stays_needs_a_reason_and_keeps_it(log, leah_brandt):
    take(leah_brandt, log, "Chief Constable Vera Hale took a call herself")
    line = LogLine.objects.get()
    words = "Vera Hale took a call herself"
    with pytest.raises(NotValid, match="Vera Hale"):
        logs.read_line(actor=leah_brandt, line=line, words=words)
    logs.read_line(actor=leah_brandt, line=line, words=words, why_stays="Our chief constable, who agreed")
    line.refresh_from_db()
    assert line.why == "Our chief constable, who agreed"


def test_a_line_passed_over_keeps_no_words(log, leah_brandt):
    take(leah_brandt, log, BLOCKED)
    line = logs.skip_line(actor=leah_brandt, line=LogLine.objects.get(), why="Small street")
    assert (line.came, line.state) == ("", "skipped")
    with pytest.raises(TransitionNotAllowed):
        logs.read_line(actor=leah_brandt, line=line, words="Something")


def test_the_database_keeps_no_words_of_a_line_that_was_read(log, leah_brandt):
    take(leah_brandt, log, BLOCKED)
    line = logs.skip_line(actor=leah_brandt, line=LogLine.objects.get())
    with pytest.raises(IntegrityError, match="log_line_keeps_nothing_once_read"), transaction.atomic():
        LogLine.objects.filter(pk=line.pk).update(came=BLOCKED)


# The pace


def test_posts_leave_at_the_pace_of_the_log_and_one_that_is_skipped_never(
    log, leah_brandt, helen_achebe, platform, clock_at
):
    first, second, third = read(leah_brandt, log, "First call", "Second call", "Third call")
    with pytest.raises(NotPermitted):
        approve(leah_brandt, first)
    begun = clock.now()
    for post in (first, second, third):
        approve(helen_achebe, post)
    assert [due(post) - begun for post in (first, second, third)] == [
        timedelta(0),
        timedelta(minutes=5),
        timedelta(minutes=10),
    ]
    sending.send_due()
    assert len(platform.standing) == 1
    posts.withdraw_post(actor=leah_brandt, post=second, why="Taken out")
    clock_at.shift(300)
    sending.send_due()
    assert len(platform.standing) == 1
    clock_at.shift(300)
    sending.send_due()
    assert len(platform.standing) == 2
    fourth = read(leah_brandt, log, "Fourth call")[0]
    approve(helen_achebe, fourth)
    assert due(fourth) - begun == timedelta(minutes=15)
    clock_at.shift(3600)
    fifth = read(leah_brandt, log, "Fifth call")[0]
    approve(helen_achebe, fifth)
    assert due(fifth) == clock.now()


def test_a_stopped_log_sends_nothing_and_goes_on_without_a_burst(
    log, leah_brandt, helen_achebe, platform, clock_at
):
    made = read(leah_brandt, log, "First call", "Second call", "Third call")
    for post in made:
        approve(helen_achebe, post)
    with pytest.raises(NotValid, match="Say why"):
        campaigns.stop_campaign(actor=leah_brandt, campaign=log, why=" ")
    stopped = campaigns.stop_campaign(actor=leah_brandt, campaign=log, why="A real incident")
    waiting = read(leah_brandt, log, "Fourth call")[0]
    with pytest.raises(TransitionNotAllowed, match="is stopped"):
        approve(helen_achebe, waiting)
    clock_at.shift(7200)
    sending.send_due()
    assert platform.standing == []
    assert set(Delivery.objects.values_list("held_why", flat=True)) == {
        "The campaign is stopped: A real incident"
    }
    campaigns.go_on(actor=leah_brandt, campaign=stopped)
    gone_on = clock.now()
    for wanted in (1, 1, 2, 3):
        clock_at.shift(2 if wanted == 1 else 300)
        sending.send_due()
        assert len(platform.standing) == wanted
    assert due(made[0]) == gone_on + timedelta(seconds=1)
    with pytest.raises(TransitionNotAllowed):
        campaigns.go_on(actor=leah_brandt, campaign=stopped)


def test_nothing_blurts_out_after_a_lockdown(
    log, leah_brandt, helen_achebe, sergeant_okafor, inspector_calder, platform, clock_at
):
    for post in read(leah_brandt, log, "First call", "Second call", "Third call"):
        approve(helen_achebe, post)
    lock = lockdown.start_lockdown(actor=sergeant_okafor, kind=Lockdown.Kind.COMPROMISE, why="An intruder")
    clock_at.shift(3600)
    sending.send_due()
    assert platform.standing == []
    release = lockdown.ask_release(actor=sergeant_okafor, lockdown=lock, why="Over")
    lockdown.confirm_release(actor=inspector_calder, release=release)
    clock_at.shift(3600)
    sending.send_due()
    assert platform.standing == []
    assert not Delivery.objects.filter(held_why="").exists()


def test_a_check_that_stops_the_post_stops_the_line_and_a_draft_goes_on(log, leah_brandt):
    take(leah_brandt, log, "The driver was arrested")
    line = LogLine.objects.get()
    words = "Mr Marsh was arrested on suspicion of burglary"
    with pytest.raises(NotValid, match="What kind of post it is"):
        logs.read_line(actor=leah_brandt, line=line, words=words, why_stays="He agreed")
    line.refresh_from_db()
    assert line.state == "waiting"
    post = logs.read_line(actor=leah_brandt, line=line, words=words, why_stays="He agreed", send=False)
    assert post.state == Post.State.DRAFT


def test_an_ended_log_takes_no_lines_and_keeps_no_words_of_those_unread(log, leah_brandt):
    waiting = read(leah_brandt, log, "A call that nobody approves")[0]
    take(leah_brandt, log, BLOCKED)
    with pytest.raises(NotValid, match="what came of it"):
        campaigns.end_campaign(actor=leah_brandt, campaign=log, result=" ")
    campaigns.end_campaign(actor=leah_brandt, campaign=log, result="Two million saw it")
    assert set(LogLine.objects.values_list("came", flat=True)) == {""}
    assert Post.objects.get(pk=waiting.pk).state == Post.State.WITHDRAWN
    with pytest.raises(TransitionNotAllowed, match="over"):
        take(leah_brandt, log, SHEEP)


def test_every_move_is_in_the_tables():
    assert CAMPAIGN.states == {"planned", "running", "stopped", "ended", "called_off"}
    for state, event in [
        ("ended", "start"),
        ("called_off", "start"),
        ("ended", "go_on"),
        ("planned", "stop"),
    ]:
        with pytest.raises(TransitionNotAllowed):
            CAMPAIGN.next(state, event)
    with pytest.raises(TransitionNotAllowed):
        LINE.next("skipped", "read")


# Mornings


def test_the_morning_is_counted_once_and_the_owner_told(log, leah_brandt, helen_achebe, platform, clock_at):
    for post in read(leah_brandt, log, "First call", "Second call"):
        approve(helen_achebe, post)
    sending.send_due()
    clock_at.shift(timedelta(minutes=5))
    sending.send_due()
    assert tasks.mind_campaigns() == 0
    clock_at.move_to("2026-03-03T07:01:00Z")
    assert tasks.mind_campaigns() == 1
    assert tasks.mind_campaigns() == 0
    summary = LogSummary.objects.get()
    assert (summary.out, summary.held, summary.passed_over) == (2, 0, 0)
    assert Notice.objects.get(to=leah_brandt, title__contains="went out until this morning")


def test_the_morning_comes_at_seven_on_london_clocks_in_summer(clock_at, leah_brandt, force_account):
    clock_at.move_to("2026-03-28T12:00:00Z")
    made = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.LOG,
        name="The night of the clocks",
        purpose="Show the night",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
        pace_s=300,
    )
    campaigns.start_campaign(actor=leah_brandt, campaign=made)
    clock_at.move_to("2026-03-29T05:59:00Z")
    assert queries_campaigns.mornings_to_count() == []
    clock_at.move_to("2026-03-29T06:00:00Z")
    [(_, since, until)] = queries_campaigns.mornings_to_count()
    assert (since.isoformat(), until.isoformat()) == (
        "2026-03-28T07:00:00+00:00",
        "2026-03-29T06:00:00+00:00",
    )


def test_a_campaign_whose_time_was_up_a_day_ago_ends_by_itself(log, clock_at):
    clock_at.shift(timedelta(days=2) - timedelta(seconds=1))
    tasks.mind_campaigns()
    log.refresh_from_db()
    assert log.state == "running"
    clock_at.shift(1)
    tasks.mind_campaigns()
    log.refresh_from_db()
    assert log.state == "ended"
    assert log.changes.last().by is None


def test_a_log_that_nobody_starts_keeps_no_words(log, leah_brandt, force_account, clock_at):
    other = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.LOG,
        name="Never begun",
        purpose="Show a day",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=1),
        pace_s=300,
    )
    take(leah_brandt, other, BLOCKED)
    clock_at.shift(timedelta(hours=25))
    tasks.mind_campaigns()
    other.refresh_from_db()
    assert (other.state, LogLine.objects.get().came) == ("called_off", "")


# Pages


def test_a_log_from_the_list_to_the_queue(client, log, leah_brandt, helen_achebe):
    client.force_login(leah_brandt)
    assert "A day of calls" in client.get(reverse("publishing:campaigns")).content.decode()
    page = reverse("publishing:log", args=[log.pk])
    file = SimpleUploadedFile(
        "calls.csv",
        f'Words,happened_at,key\r\n{BLOCKED},2026-03-02T02:10,1\r\n"{SHEEP}",,2\r\n'.encode("utf-8-sig"),
    )
    answer = client.post(reverse("publishing:log_file", args=[log.pk]), {"file": file}, follow=True)
    assert "2 new lines wait to be read" in answer.content.decode()
    shown = client.get(page).content.decode()
    assert "Somebody, of a street" in shown or "Somebody of a street" in shown
    assert "2 lines of “A day of calls” to be read" in client.get("/").content.decode()
    line = LogLine.objects.get(key="k:1")
    to = reverse("publishing:log_read", args=[log.pk, line.pk])
    field = f"l{line.pk}-words"
    answer = client.post(to, {field: BLOCKED, "do": "send"})
    assert answer.status_code == 422
    assert "is somebody’s name" in answer.content.decode()
    assert BLOCKED in answer.content.decode()
    client.post(to, {field: "Somebody rang 999 for a blocked sink.", "do": "send"})
    other = LogLine.objects.get(key="k:2")
    client.post(reverse("publishing:log_read", args=[log.pk, other.pk]), {"do": "skip"})
    post = Post.objects.get()
    client.force_login(helen_achebe)
    assert "1 post of “A day of calls” waits for approval" in client.get("/").content.decode()
    approve_at = reverse("publishing:log_approve", args=[log.pk])
    assert "Tick the posts" in client.post(approve_at, {}, follow=True).content.decode()
    late = client.post(approve_at, {"post": f"{post.pk}-1"}, follow=True).content.decode()
    assert "was changed after you opened it" in late
    answer = client.post(approve_at, {"post": f"{post.pk}-{post.version}"}, follow=True)
    assert "1 approved. It goes out at the pace of the log." in answer.content.decode()
    client.force_login(leah_brandt)
    client.post(reverse("publishing:log_skip", args=[log.pk, post.pk]))
    assert Post.objects.get().state == Post.State.WITHDRAWN


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "names the columns"),
        (b"text\r\nSheep", "lacks “words”"),
        (b'words,who\r\n"",Colin\r\n', "Line 2 has no words"),
        (b"words,happened_at\r\nSheep,yesterday\r\n", "is no time"),
        (b"words\r\n\xff", "not UTF-8"),
        (b"words\r\n" + b"Sheep\r\n" * 2001, "at most 2,000"),
    ],
)
def test_a_file_that_cannot_be_used_says_which_line(client, log, leah_brandt, content, says):
    client.force_login(leah_brandt)
    answer = client.post(
        reverse("publishing:log_file", args=[log.pk]), {"file": SimpleUploadedFile("calls.csv", content)}
    )
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not LogLine.objects.exists()


def test_who_may_only_look_sees_no_line_that_nobody_has_read(client, log, leah_brandt, sergeant_okafor):
    take(leah_brandt, log, BLOCKED)
    client.force_login(sergeant_okafor)
    shown = client.get(reverse("publishing:log", args=[log.pk])).content.decode()
    assert "Colin Marsh" not in shown
    client.force_login(leah_brandt)
    assert "Colin Marsh" in client.get(reverse("publishing:log", args=[log.pk])).content.decode()
    assert Entry.objects.filter(event="log.lines_shown").exists()


def test_an_hour_of_lines_gives_an_approver_one_notice(log, leah_brandt, helen_achebe):
    read(leah_brandt, log, "First call", "Second call", "Third call")
    assert Notice.objects.filter(to=helen_achebe).count() == 1


# By key


def test_another_system_sends_lines_each_once_and_publishes_nothing(
    client, log, ben_osei, victoria_lang, force_account, saltmere_account
):
    program = services.add_service(
        actor=ben_osei,
        name="Command and control",
        purpose="Sends lines",
        owner=victoria_lang,
        networks=["127.0.0.0/8"],
    )
    grant = {"actor": SEED, "person": program.member, "role": Role.COMMS_OFFICER, "why": "The log"}
    accounts.give_grant(**grant, official_account=saltmere_account, until=clock.now() + timedelta(days=2))
    key = services.make_key(actor=ben_osei, service=program, until=clock.now() + timedelta(days=2))[1]

    def send(*lines, token=None):
        return client.post(
            reverse("api:lines", kwargs={"pk": log.pk}),
            {"lines": list(lines)},
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": token or uuid4().hex},
        )

    line = {"key": "4711", "happened_at": "2026-03-02T02:14:00Z", "words": BLOCKED}
    assert send(line).status_code == 404
    accounts.give_grant(**grant, official_account=force_account, until=clock.now() + timedelta(days=2))
    assert send(line, token="first-try-1").json() == {"new": 1, "seen": 0}
    assert send(line, token="first-try-1").json() == {"new": 1, "seen": 0}
    assert send(line).json() == {"new": 0, "seen": 1}
    assert send(line, {"words": ""}).status_code == 422
    assert send().status_code == 422
    assert LogLine.objects.get().source == "api"
    assert not Post.objects.exists()
    assert not KeptAnswer.objects.filter(body__icontains="Marsh").exists()


# At once


def test_two_approvals_at_once_take_two_places(committed_db, leah_brandt, helen_achebe, force_account):
    log = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.LOG,
        name="At once",
        purpose="Two at once",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
        pace_s=300,
    )
    campaigns.start_campaign(actor=leah_brandt, campaign=log)
    made = read(leah_brandt, log, *(f"Call {n}" for n in range(4)))
    assert at_once(*(partial(approve, helen_achebe, post) for post in made)) == []
    dues = sorted(due(post) for post in made)
    assert [(later - before).total_seconds() for before, later in pairwise(dues)] == [300, 300, 300]


def test_a_stop_and_approvals_at_once_leave_nothing_that_goes_out(
    committed_db, leah_brandt, helen_achebe, force_account, platform
):
    log = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.LOG,
        name="Stop at once",
        purpose="A stop and approvals at once",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
        pace_s=300,
    )
    campaigns.start_campaign(actor=leah_brandt, campaign=log)
    made = read(leah_brandt, log, *(f"Call {n}" for n in range(4)))
    faults = at_once(
        *(partial(approve, helen_achebe, post) for post in made),
        partial(campaigns.stop_campaign, actor=leah_brandt, campaign=log, why="A real incident"),
    )
    assert all(isinstance(fault, TransitionNotAllowed) for fault in faults)
    assert not Delivery.objects.filter(state="scheduled", held_why="").exists()
    assert sending.send_due() == 0


def test_the_same_line_twice_at_once_comes_in_once(committed_db, leah_brandt, force_account):
    log = campaigns.make_campaign(
        actor=leah_brandt,
        kind=Campaign.Kind.LOG,
        name="Lines at once",
        purpose="The same line twice at once",
        account_ids=[force_account.pk],
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
        pace_s=300,
    )
    assert at_once(*[partial(take, leah_brandt, log, SHEEP)] * 3) == []
    assert LogLine.objects.count() == 1
