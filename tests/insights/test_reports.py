"""Reports: from the figures of the dashboards, on time whatever the clocks do, once, late when missed, to who may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Neighbourhood
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation.actions import cases as case_actions
from escalation.actions import taking
from insights import queries_reports as queries
from insights import reports as writing
from insights import tasks
from insights.actions import reports, rollups
from insights.models import Report
from insights.models_reports import Kind
from moderation.models import Surge
from notices.models import Notice, NoticeDelivery
from tests.comments import escalate, write


@pytest.fixture
def clock_at():
    """A Sunday in November, shortly before six in the morning."""
    with time_machine.travel(datetime(2026, 11, 29, 5, 50, tzinfo=UTC), tick=False) as travel:
        yield travel


def test_six_in_london_is_six_whatever_the_season():
    latest, due_at = writing.latest, writing.due_at
    # The clocks go forward on 29 March 2026: 06:00 is 05:00 UTC on that day, and 06:00 UTC the day before
    assert due_at(writing.Period(date(2026, 3, 27), date(2026, 3, 27))) == datetime(
        2026, 3, 28, 6, tzinfo=UTC
    )
    assert due_at(writing.Period(date(2026, 3, 28), date(2026, 3, 28))) == datetime(
        2026, 3, 29, 5, tzinfo=UTC
    )
    # And back on 25 October: the brief of that day tells of 25 hours
    autumn = writing.Period(date(2026, 10, 25), date(2026, 10, 25))
    assert due_at(autumn) == datetime(2026, 10, 26, 6, tzinfo=UTC)
    assert autumn.bounds[1] - autumn.bounds[0] == timedelta(hours=25)
    before, after = datetime(2026, 6, 1, 4, 59, tzinfo=UTC), datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
    assert latest(Kind.DAILY, before).first == date(2026, 5, 30)
    assert latest(Kind.DAILY, after).first == date(2026, 5, 31)
    assert str(latest(Kind.MONTHLY, before)) == "1 April 2026 to 30 April 2026"
    assert str(latest(Kind.MONTHLY, after)) == "1 May 2026 to 31 May 2026"
    assert latest(Kind.WEEKLY, after) == writing.Period(date(2026, 5, 25), date(2026, 5, 31))
    assert latest(Kind.YEARLY, after) == writing.Period(date(2025, 1, 1), date(2025, 12, 31))
    # After an outage no more than a week of briefs is made, the oldest first
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert [one.first.day for one in writing.due(Kind.DAILY, after, since=since)] == [
        25,
        26,
        27,
        28,
        29,
        30,
        31,
    ]
    assert writing.due(Kind.DAILY, after, since=after) == []
    for day in (date(2026, 2, 28), date(2024, 12, 31)):
        for kind in (Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY, Kind.YEARLY):
            assert writing.asked_period(kind, day).first <= day <= writing.asked_period(kind, day).last


def test_the_daily_brief_comes_once_at_six_late_after_an_outage_and_to_who_may_read_it(
    clock_at, force_account, superintendent_price, inspector_calder, amira_hussain, helen_achebe, client
):
    for hour in (9, 12, 20):
        comment = write(force_account, f"Words {hour}", at=datetime(2026, 11, 28, hour, tzinfo=UTC))
    escalate(comment, amira_hussain)
    # Somebody who may not see all that it tells of is not made a receiver, and nobody but who keeps them adds one
    with pytest.raises(NotValid, match="may not read it"):
        reports.add_receiver(actor=helen_achebe, kind=Kind.DAILY, person=amira_hussain)
    with pytest.raises(NotPermitted):
        reports.add_receiver(actor=amira_hussain, kind=Kind.DAILY, person=inspector_calder)
    with pytest.raises(NotValid, match="neighbourhood"):
        reports.add_receiver(actor=helen_achebe, kind=Kind.WEEKLY, person=inspector_calder)
    for person in (inspector_calder, inspector_calder):
        row = reports.add_receiver(actor=helen_achebe, kind=Kind.DAILY, person=person)
    assert tasks.make_reports() == 0
    clock_at.move_to(datetime(2026, 11, 29, 6, 0, 30, tzinfo=UTC))
    assert tasks.make_reports() == 1
    assert tasks.make_reports() == 0
    brief = Report.objects.get()
    assert brief.title == "Daily brief, 28 November 2026"
    assert not brief.is_late
    assert brief.content["heads"][0][:2] == ["Received", "3"]
    with pytest.raises(IntegrityError), transaction.atomic():
        reports.make_scheduled(
            actor=reports.REPORTS, kind=Kind.DAILY, period=writing.Period(brief.first, brief.last)
        )
    told = Notice.objects.get(key=f"report-{brief.pk}")
    assert told.to == inspector_calder
    assert "Received: 3" in told.body
    assert "Words" not in told.body
    assert NoticeDelivery.objects.get(notice=told).channel == "email"
    # Away for two nights and a morning: both briefs come, late, and say so
    clock_at.move_to(datetime(2026, 12, 1, 9, 40, tzinfo=UTC))
    assert tasks.make_reports() == 2
    late = list(Report.objects.order_by("first"))[1:]
    assert [one.first.day for one in late] == [29, 30]
    assert all(one.is_late for one in late)
    said = Notice.objects.get(key=f"report-{late[0].pk}")
    assert said.title.startswith("Late: ")
    assert "it was due 30 November at 06:00" in said.body
    # Whoever receives it no more is told no more, and nothing is made for nobody
    reports.end_receiver(actor=helen_achebe, receiver=row)
    clock_at.move_to(datetime(2026, 12, 2, 6, 1, tzinfo=UTC))
    assert tasks.make_reports() == 0
    # It is read, and taken away as PDF, by who may, and is not there for others
    address = reverse("insights:report", args=[brief.pk])
    client.force_login(inspector_calder)
    page = client.get(address).content.decode()
    assert "What the numbers mean" in page
    assert "Made late" in client.get(reverse("insights:reports")).content.decode()
    late_page = client.get(reverse("insights:report", args=[late[0].pk])).content.decode()
    assert "This report came late" in late_page
    assert client.get(reverse("insights:report_file", args=[brief.pk])).content.startswith(b"%PDF")
    client.force_login(amira_hussain)
    assert client.get(address).status_code == 404
    assert "Daily brief, 28" not in client.get(reverse("insights:reports")).content.decode()
    with pytest.raises(NotFound):
        queries.report(amira_hussain, 10**30)


def test_each_report_is_made_on_demand_by_who_may(
    wealdshire, client, helen_achebe, pc_nair, superintendent_price, victoria_lang, joan_pritchard
):
    rollups.refresh()
    place = Neighbourhood.objects.get(name="Harrowfield")
    client.force_login(helen_achebe)
    form = {"kind": Kind.MONTHLY, "day": clock.today().isoformat()}
    made = client.post(reverse("insights:reports"), form)
    assert made.status_code == 302
    assert client.get(made.url).status_code == 200
    assert client.post(reverse("insights:reports"), form | {"day": "31/31/31"}).status_code == 422
    assert client.post(reverse("insights:reports"), form | {"day": "2999-01-01"}).status_code == 422
    assert client.post(reverse("insights:reports"), form | {"kind": "weekly"}).status_code == 422
    # The neighbourhood officer has the week of their own area, and of no other
    week = reports.make_now(actor=pc_nair, kind=Kind.WEEKLY, day=clock.today(), place=place)
    assert queries.report(pc_nair, week.pk).title.startswith("Week in Harrowfield")
    other = Neighbourhood.objects.get(name="Saltmere")
    with pytest.raises(NotPermitted):
        reports.make_now(actor=pc_nair, kind=Kind.WEEKLY, day=clock.today(), place=other)
    with pytest.raises(NotPermitted):
        reports.make_now(actor=pc_nair, kind=Kind.DAILY, day=clock.today())
    # Yearly figures are published once the year is over, by an approver, and then open to anybody
    public = reverse("insights_public:figures")
    client.logout()
    assert "not published" in client.get(public).content.decode()
    this = reports.make_now(actor=helen_achebe, kind=Kind.YEARLY, day=clock.today())
    with pytest.raises(TransitionNotAllowed, match="not over"):
        reports.publish(actor=helen_achebe, report=this)
    with pytest.raises(TransitionNotAllowed, match="Only yearly"):
        reports.publish(actor=helen_achebe, report=week)
    last = reports.make_now(actor=helen_achebe, kind=Kind.YEARLY, day=date(clock.today().year - 1, 5, 1))
    with pytest.raises(NotPermitted):
        reports.publish(actor=pc_nair, report=last)
    client.force_login(helen_achebe)
    assert client.post(reverse("insights:publish_report", args=[last.pk])).status_code == 302
    assert "the public page" in client.get(reverse("insights:report", args=[last.pk])).content.decode()
    client.logout()
    page = client.get(public, {"year": "nonsense"}).content.decode()
    assert f"what we did, {last.first.year}" in page
    assert "Hidden comments by clause" in page
    assert Entry.objects.filter(event="report.published").count() == 1


def test_an_incident_report_tells_of_a_case_or_a_surge_to_who_may_see_it(
    force_account, amira_hussain, inspector_calder, joan_pritchard, client
):
    comment = escalate(write(force_account, "Goodbye to all of you"), amira_hussain)
    case = case_actions.open_for_comment(actor=reports.REPORTS, comment=comment)
    taking.acknowledge(actor=inspector_calder, case=case)
    client.force_login(inspector_calder)
    address = reverse("insights:incident_report", args=["case", case.pk])
    assert client.get(address).status_code == 200
    made = client.post(address, {"lessons": "Ring the night duty earlier."})
    page = client.get(made.url).content.decode()
    assert "Ring the night duty earlier." in page
    assert "Timeline" in page
    assert "Goodbye to all of you" not in page
    report = Report.objects.get()
    with pytest.raises(NotFound):
        queries.report(joan_pritchard, report.pk)
    assert report in queries.reports(inspector_calder)
    assert report not in queries.reports(joan_pritchard)
    surge = Surge.objects.create(
        official_account=force_account,
        state=Surge.State.RUNNING,
        since=clock.now() - timedelta(hours=1),
        started_by=amira_hussain,
        started_at=clock.now(),
    )
    row = reports.make_of_surge(actor=amira_hussain, surge=surge, lessons="")
    assert "None recorded" in row.content["parts"][-1]["says"]
    assert queries.report(amira_hussain, row.pk) == row
    client.force_login(amira_hussain)
    assert client.get(reverse("insights:incident_report", args=["storm", 1])).status_code == 404
    assert client.get(reverse("insights:report_file", args=[row.pk])).content.startswith(b"%PDF")
