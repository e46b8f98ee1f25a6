"""The approved posts of a week, to print and as a table, so that they can be published by hand."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from publishing import week
from publishing.actions import lockdown, outbox, posts
from publishing.models import Delivery

WORDS = "The bridge at Mill Green is open again. 🚓"


@pytest.fixture
def planned(clock_at, leah_brandt, helen_achebe, force_account, harrowfield_account):
    """A post on two official accounts, approved for tomorrow at noon."""
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk, harrowfield_account.pk],
        words=WORDS,
        title="Mill Green",
        publish_at=clock.now() + timedelta(days=1, hours=3),
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=post.version)
    return posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)


def test_only_what_is_approved_and_still_waits_stands_in_it(
    planned, leah_brandt, pc_nair, force_account, harrowfield_account
):
    posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="Not yet approved by anybody.",
        title="Draft",
        publish_at=clock.now() + timedelta(days=2),
    )
    today = clock.today()
    assert {one.account for one in week.planned(leah_brandt, today)} == {force_account, harrowfield_account}
    assert week.not_approved(leah_brandt, today) == 1
    assert [one.account for one in week.planned(pc_nair, today)] == [harrowfield_account]
    assert week.planned(leah_brandt, today + timedelta(days=2)) == []
    assert week.planned(leah_brandt, today - timedelta(days=6)) == []
    Delivery.objects.filter(official_account=force_account).update(state="unknown")
    assert [one.account for one in week.planned(leah_brandt, today)] == [harrowfield_account]
    outbox.withdraw(
        actor=leah_brandt, delivery=Delivery.objects.get(official_account=harrowfield_account), why="No"
    )
    assert week.planned(leah_brandt, today) == []


def test_what_a_lockdown_covers_is_marked(planned, leah_brandt, sergeant_okafor, client):
    assert not any(one.stopped_by for one in week.planned(leah_brandt, clock.today()))
    lockdown.start_lockdown(actor=sergeant_okafor, why="A death", kind="pause")
    assert all(one.stopped_by for one in week.planned(leah_brandt, clock.today()))
    client.force_login(leah_brandt)
    page = client.get(reverse("publishing:week")).content.decode()
    assert "do not publish it by hand either" in page
    assert page.count("A pause or lockdown covers it") == 2


def test_the_page_shows_the_words_whole_and_the_table_is_audited(
    planned, leah_brandt, joan_pritchard, client
):
    client.force_login(leah_brandt)
    page = client.get(reverse("publishing:week")).content.decode()
    assert WORDS in page
    assert "Helen Achebe" in page
    assert not Entry.objects.filter(event="posts.exported").exists()
    answer = client.get(reverse("publishing:week_file"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["words"] for row in rows] == [WORDS, WORDS]
    assert rows[0]["goes out (London)"] == f"{clock.in_london(planned.publish_at):%Y-%m-%d %H:%M}"
    assert Entry.objects.get(event="posts.exported").details["count"] == 2
    assert client.get(reverse("publishing:week"), {"on": "nonsense"}).status_code == 200
    assert (
        "Nothing is approved" in client.get(reverse("publishing:week"), {"on": "2099-12-31"}).content.decode()
    )
    client.force_login(joan_pritchard)
    assert client.get(reverse("publishing:week")).status_code == 403


def test_words_that_a_spreadsheet_would_run_are_only_words(
    clock_at, leah_brandt, helen_achebe, force_account, client
):
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="=HYPERLINK is not a formula here.",
        title="Formula",
        publish_at=clock.now() + timedelta(days=1),
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=post.version)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
    client.force_login(leah_brandt)
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("publishing:week_file")).content.decode())))
    assert rows[0]["words"].startswith("'=")
