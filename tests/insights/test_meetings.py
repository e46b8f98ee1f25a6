"""Information security and communications look at the scorecard together: who, what they saw, what is to be done, when next."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from insights import scorecard, tasks
from insights.actions import meetings
from insights.actions import scorecard as duties
from insights.models import MeetingAction, ScorecardMeeting
from notices.models import Notice


def _day(days: int):
    return clock.today() + timedelta(days=days)


@pytest.fixture
def given(wealdshire, helen_achebe, joan_pritchard):
    return {
        "actor": helen_achebe,
        "held_on": clock.today(),
        "next_on": _day(90),
        "infosec": [joan_pritchard],
        "comms": [helen_achebe],
        "looked_at": "Every gap, and the ten minimums.",
        "decisions": "Security keys for every account by spring.",
    }


@pytest.fixture
def held(given):
    return meetings.record_meeting(**given)


def test_what_they_saw_is_kept_as_it_stood(held, helen_achebe):
    kept = json.loads(json.dumps(held.snapshot))
    assert len(kept["duties"]) == 71
    duties.record_duty(
        actor=helen_achebe, duty="policy.roles", owner=helen_achebe, says="partly", gap="Half written."
    )
    held.refresh_from_db()
    assert held.snapshot == kept
    before = next(one for one in held.snapshot["duties"] if one["id"] == "policy.roles")
    assert before["state"] == "unjudged"
    entry = Entry.objects.get(event="scorecard.meeting_recorded")
    assert entry.details["people"] == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('smmp_app', 'insights_scorecardmeeting', 'UPDATE')")
        assert cursor.fetchone() == (False,)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"infosec": []}, "infosec"),
        ({"comms": []}, "comms"),
        ({"held_on": 1}, "held_on"),
        ({"held_on": -40}, "held_on"),
        ({"next_on": 0}, "next_on"),
        ({"next_on": 400}, "next_on"),
        ({"looked_at": "all"}, "looked_at"),
        ({"decisions": "password: harrow"}, "decisions"),
    ],
)
def test_a_meeting_wants_both_sides_its_days_and_words(given, change, field):
    change = {name: _day(value) if isinstance(value, int) else value for name, value in change.items()}
    with pytest.raises(NotValid) as refused:
        meetings.record_meeting(**{**given, **change})
    assert refused.value.field == field
    assert not ScorecardMeeting.objects.exists()


def test_each_side_is_spoken_for_by_its_own(given, joan_pritchard, helen_achebe, leah_brandt, amira_hussain):
    with pytest.raises(NotValid, match="does not speak for information security"):
        meetings.record_meeting(**{**given, "infosec": [helen_achebe]})
    with pytest.raises(NotValid, match="does not speak for communications"):
        meetings.record_meeting(**{**given, "comms": [joan_pritchard]})
    with pytest.raises(NotPermitted):
        meetings.record_meeting(**{**given, "actor": leah_brandt})
    with pytest.raises(NotPermitted):
        meetings.record_meeting(**{**given, "actor": amira_hussain})
    assert meetings.record_meeting(**{**given, "comms": [helen_achebe, leah_brandt]}).attendances.count() == 3


def test_what_is_to_be_done_has_an_owner_who_is_told_and_is_done_once(
    held, helen_achebe, joan_pritchard, graham_ellis, amira_hussain
):
    base = {"actor": helen_achebe, "meeting": held, "what": "Confirm the schedule", "owner": graham_ellis}
    with pytest.raises(NotValid):
        meetings.add_action(**{**base, "what": " "}, due_on=_day(10))
    with pytest.raises(NotValid):
        meetings.add_action(**base, due_on=_day(-1))
    with pytest.raises(NotValid, match="can open the scorecard"):
        meetings.add_action(**{**base, "owner": amira_hussain}, due_on=_day(10))
    with pytest.raises(NotPermitted):
        meetings.add_action(**{**base, "actor": graham_ellis}, due_on=_day(10))
    row = meetings.add_action(**base, due_on=_day(10), duty="information.mopi")
    assert Notice.objects.filter(to=graham_ellis, body="Confirm the schedule").count() == 1
    with pytest.raises(NotPermitted):
        meetings.finish_action(actor=amira_hussain, action_row=row, words="Done so")
    with pytest.raises(NotValid):
        meetings.finish_action(actor=graham_ellis, action_row=row, words="")
    meetings.finish_action(actor=graham_ellis, action_row=row, words="All rows are confirmed.")
    with pytest.raises(TransitionNotAllowed):
        meetings.finish_action(actor=helen_achebe, action_row=row, words="Done again")
    assert not scorecard.open_actions()


def test_what_is_overdue_is_told_once_and_stands_on_the_first_page(
    client, held, helen_achebe, joan_pritchard, graham_ellis
):
    meetings.add_action(
        actor=helen_achebe, meeting=held, what="Confirm the schedule", owner=graham_ellis, due_on=_day(10)
    )
    duties.record_duty(
        actor=helen_achebe,
        duty="policy.breaches",
        owner=joan_pritchard,
        says="met",
        words="Chapter 9",
        review_on=_day(20),
    )
    tasks.remind_of_scorecard()
    assert not Notice.objects.filter(title__icontains="overdue").exists()
    with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
        for _ in range(2):
            tasks.remind_of_scorecard()
        assert Notice.objects.filter(to=joan_pritchard, title__contains="review of the APP").count() == 1
        assert Notice.objects.filter(to=graham_ellis, title__startswith="Overdue since").count() == 1
        assert (
            Notice.objects.filter(to=joan_pritchard, title__startswith="To be looked at again").count() == 1
        )
        client.force_login(joan_pritchard)
        assert "The review of the APP scorecard is overdue" in client.get("/").text
        assert "The review is overdue since" in client.get(reverse("insights:scorecard")).text
        client.force_login(graham_ellis)
        assert "Confirm the schedule" in client.get("/").text


def test_an_untouched_scorecard_nags_nobody(wealdshire, helen_achebe):
    assert scorecard.review_overdue_since() is None
    assert tasks.remind_of_scorecard() == 0
    duties.record_duty(
        actor=helen_achebe, duty="policy.roles", owner=helen_achebe, says="partly", gap="Half written."
    )
    assert scorecard.review_overdue_since() == clock.today()


def test_a_meeting_is_recorded_in_the_browser_and_read_on_paper(
    client, wealdshire, helen_achebe, joan_pritchard, graham_ellis
):
    client.force_login(helen_achebe)
    assert "No meeting is recorded" in client.get(reverse("insights:meetings")).text
    new = reverse("insights:new_meeting")
    wrong = client.post(new, {"held_on": clock.today().isoformat(), "looked_at": "Every <b>gap</b>"})
    assert wrong.status_code == 422
    assert "at least one person who was there for information security" in wrong.text
    assert "Every &lt;b&gt;gap&lt;/b&gt;" in wrong.text
    made = client.post(
        new,
        {
            "held_on": clock.today().isoformat(),
            "next_on": _day(90).isoformat(),
            "infosec": [joan_pritchard.pk],
            "comms": [helen_achebe.pk],
            "looked_at": "Every gap, and the ten minimums.",
            "decisions": "Keys by spring.",
        },
    )
    page = client.get(made["Location"]).text
    for words in ("Joan Pritchard, for information security", "Keys by spring.", "The scorecard as it stood"):
        assert words in page
    where = made["Location"]
    assert client.post(where, {"do": "add", "what": "x"}).status_code == 422
    client.post(
        where,
        {
            "do": "add",
            "what": "Confirm the schedule",
            "owner": graham_ellis.pk,
            "due_on": _day(10).isoformat(),
            "duty": "information.mopi",
        },
    )
    row = MeetingAction.objects.get()
    client.force_login(graham_ellis)
    assert "It is done" in client.get(where).text
    assert client.post(where, {"do": "done", "action": row.pk, "words": ""}).status_code == 422
    assert client.post(where, {"do": "done", "action": 10**12, "words": "Done"}).status_code == 404
    assert (
        "Recorded as done"
        in client.post(
            where, {"do": "done", "action": row.pk, "words": "All rows confirmed"}, follow=True
        ).text
    )
    pk = ScorecardMeeting.objects.get().pk
    paper = client.get(reverse("insights:meeting_file", args=[pk, "pdf"]))
    assert paper.content.startswith(b"%PDF")
    assert "policy.roles" in client.get(reverse("insights:meeting_file", args=[pk, "csv"])).content.decode()
    assert client.get(reverse("insights:meeting", args=[10**15])).status_code == 404
