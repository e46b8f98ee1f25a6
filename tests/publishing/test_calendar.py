"""The content calendar: what it shows to whom, where it warns, how a post is moved, and calendars elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions as accounts
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid
from publishing import checks, times
from publishing import queries_calendar as calendar
from publishing.actions import pairing, planning, posts
from publishing.models import CalendarFeed, Post
from tests.publishing.platform import StubbornPlatform

PAGE = "/publishing/calendar/"


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def planned(clock_at, leah_brandt):
    """plan("2026-03-28T18:00", account): a post at that time."""

    def plan(wall, *on, words="The bridge is open."):
        return posts.draft_post(
            actor=leah_brandt,
            account_ids=[account.pk for account in on],
            words=words,
            title=f"At {wall}",
            publish_at=times.from_wall_clock(wall),
        )

    return plan


def test_month_week_and_list_show_what_goes_out_and_warn(
    client, planned, leah_brandt, force_account, saltmere_account, pc_nair
):
    for minute in range(0, 50, 10):
        planned(f"2026-03-12T18:{minute:02}", force_account)
    english = planned("2026-03-30T09:00", saltmere_account)
    # Its like in Welsh is meant to go at the same moment.
    pairing.write_pair(actor=leah_brandt, post=english, version_seen=1, language="en")
    client.force_login(leah_brandt)
    month = client.get(PAGE).content.decode()
    assert "March 2026" in month
    assert "2 more" in month
    assert "At 2026-03-30" in month
    assert "3 posts shown here go out within 15 minutes of another" in month
    assert f"{saltmere_account.name}: 28 days, 2 March to 29 March" in month
    week = client.get(f"{PAGE}?view=week&on=2026-03-12").content.decode()
    assert "9 March to 15 March 2026" in week
    assert "18:40" in week
    listed = client.get(f"{PAGE}?view=list&on=2026-03-12&days=1").content.decode()
    assert listed.count("At 2026-03-12") >= 5
    assert "At 2026-03-30" not in listed
    narrowed = client.get(f"{PAGE}?neighbourhood={saltmere_account.neighbourhood_id}").content.decode()
    assert "At 2026-03-30" in narrowed
    assert "At 2026-03-12" not in narrowed
    for query in (
        "?on=nonsense&account=x",
        "?view=list&after=1~2",
        "?view=list&after=~",
        "?on=9999-12-31",
        "?account=99999",
    ):
        assert client.get(PAGE + query).status_code == 200
    client.force_login(pc_nair)
    assert "At 2026-03" not in client.get(PAGE).content.decode()


def test_its_queries_do_not_grow_with_what_it_shows(
    client, planned, leah_brandt, force_account, saltmere_account
):
    client.force_login(leah_brandt)

    def counted(view):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(f"{PAGE}?view={view}").status_code == 200
        return len(asked)

    planned("2026-03-03T09:00", force_account)
    counted("month")
    few = {view: counted(view) for view in ("month", "week", "list")}
    for day in range(4, 16):
        planned(f"2026-03-{day:02}T09:00", force_account, saltmere_account)
    assert {view: counted(view) for view in ("month", "week", "list")} == few


def test_a_post_is_moved_to_a_day_and_is_approved_anew(
    client, planned, leah_brandt, helen_achebe, pc_nair, force_account
):
    post = planned("2026-03-27T18:00", force_account)
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=1)
    client.force_login(leah_brandt)
    move = reverse("publishing:move", args=[post.pk])
    back = f"{PAGE}?view=month"
    answer = client.post(move, {"version": 1, "day": "2026-03-30", "back": back}, follow=True)
    assert answer.redirect_chain[0][0] == back
    assert "Monday 30 March at 18:00 (summer time). It waits for approval again." in answer.content.decode()
    post.refresh_from_db()
    assert (post.state, post.version) == (Post.State.SUBMITTED, 2)
    assert post.publish_at.isoformat() == "2026-03-30T17:00:00+00:00"
    answer = client.post(move, {"version": 2, "publish_at": "2026-03-29T01:30"}, follow=True)
    assert "stays where it is. 01:30 does not exist" in answer.content.decode()
    assert client.post(move, {"version": 2, "day": "x", "back": "//evil.example"}).status_code == 302
    assert client.post(move, {"version": 1, "publish_at": ""}).status_code == 409
    assert client.post(move, {"version": 2, "publish_at": ""}).status_code == 302
    post.refresh_from_db()
    assert (post.publish_at, post.version) == (None, 3)
    client.force_login(pc_nair)
    assert client.post(move, {"version": 3, "publish_at": ""}).status_code == 404
    moved = Entry.objects.filter(event="post.moved").order_by("pk").first()
    assert moved.details["to"].startswith("2026-03-30T17:00")


def test_a_secret_address_shows_what_its_person_may_see_until_it_is_revoked(
    client, planned, clock_at, leah_brandt, pc_nair, helen_achebe, ben_osei, force_account, saltmere_account
):
    planned("2026-03-30T18:00", force_account, words="Secret words")
    planned("2026-03-31T18:00", saltmere_account)
    client.force_login(leah_brandt)
    page = reverse("publishing:feeds")
    assert client.post(page, {"name": " "}).status_code == 422
    shown = client.post(page, {"name": "Telephone", "account": force_account.pk}).content.decode()
    address = (
        "/publishing/calendar/"
        + shown.split("/publishing/calendar/")[1].split("</code>")[0].split(".ics")[0]
        + ".ics"
    )
    for line in shown.split("\n"):
        if ".ics</code>" in line:
            address = "/" + line.split("<code>")[1].split("</code>")[0].split("/", 3)[3]
    assert address not in client.get(page).content.decode()
    client.logout()
    answer = client.get(address)
    body = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20260330T170000Z" in body
    assert "20260331" not in body
    assert "Secret words" not in body
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    assert client.get(address).status_code == 200
    assert Entry.objects.filter(event="calendar.feed_read").count() == 1
    feed = CalendarFeed.objects.get()
    with pytest.raises(NotPermitted):
        planning.revoke_feed(actor=helen_achebe, feed=feed)
    clock_at.shift(3600)
    for grant in leah_brandt.grants.all():
        accounts.end_grant(actor=ben_osei, grant=grant, why="Moved on")
    assert "VEVENT" not in client.get(address).content.decode()
    planning.revoke_feed(actor=leah_brandt, feed=feed)
    planning.revoke_feed(actor=leah_brandt, feed=feed)
    assert client.get(address).status_code == 404
    assert Entry.objects.filter(event="calendar.feed_revoked").count() == 1
    with pytest.raises(NotPermitted):
        planning.make_feed(actor=leah_brandt, name="Another")
    for number in range(planning.MOST_FEEDS):
        planning.make_feed(actor=helen_achebe, name=f"Device {number}")
    with pytest.raises(NotValid):
        planning.make_feed(actor=helen_achebe, name="One too many")


def test_what_went_out_without_a_time_stands_where_it_went_out(planned, leah_brandt, force_account):
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="At once")
    Post.objects.filter(pk=post.pk).update(state="published", published_at=clock.now())
    found = calendar.choices(leah_brandt)
    today = clock.today()
    days = calendar.days(found, calendar.Only(), first=today, count=7, most=3)
    assert [one.pk for one in days[0].posts] == [post.pk]
    assert days[0].today
    assert calendar.without_time(found, calendar.Only()) == 0
    assert calendar.days(found, calendar.Only(campaign=1), first=today, count=1, most=3)[0].count == 0
    assert calendar.gaps(found, calendar.Only(), first=today - timedelta(days=30), count=7) == []


def test_a_clash_across_the_edge_of_what_is_shown_is_marked(
    client, planned, leah_brandt, force_account, saltmere_account
):
    planned("2026-03-15T23:55", force_account)
    other = planned("2026-03-16T00:05", force_account, saltmere_account)
    planned("2026-03-16T00:20", saltmere_account)
    client.force_login(leah_brandt)
    week = f"{PAGE}?view=week&on=2026-03-15"
    assert "1 post shown here goes out within 15 minutes of another" in client.get(week).content.decode()
    posts.withdraw_post(actor=leah_brandt, post=other, why="Not needed")
    assert "within 15 minutes" not in client.get(week).content.decode()
