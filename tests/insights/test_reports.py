"""Reports: from the figures of the dashboards, on time whatever the clocks do, once, late when missed, to who may."""

from __future__ import annotations

import smtplib
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Neighbourhood
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation.actions import cases as case_actions
from escalation.actions import taking
from insights import queries_reports as queries
from insights import report_paper, tasks
from insights import reports as writing
from insights.actions import reports, rollups, rumours
from insights.models import PostReach, Report, RumourPost
from insights.models_reports import Kind
from moderation.models import Surge
from notices import tasks as notice_tasks
from notices.models import Notice, NoticeDelivery
from publishing.actions import posts
from publishing.models import Appeal, Declaration, Delivery, Post
from tests.comments import decide, escalate, write
from tests.papers import pdf_words
from tests.publishing.appeals import facts, opened


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


def sent_post(account, author, title, *, kind="general") -> Post:
    """A post that stands on the official account."""
    post = posts.draft_post(actor=author, account_ids=[account.pk], words=f"{title}. Ring 101.", title=title)
    at = clock.now()
    Declaration.objects.update_or_create(
        post=post, defaults={"kind": kind, "declared_by": author, "declared_at": at}
    )
    Delivery.objects.create(
        official_account=account,
        kind=Delivery.Kind.POST,
        author=author,
        text=post.words,
        variant=post.variants.get(),
        state=Delivery.State.SENT,
        external_id=f"sent-{post.pk}",
        created_at=at,
        due_at=at,
        sent_at=at,
    )
    return post


SIX = datetime(2026, 11, 29, 6, 0, 30, tzinfo=UTC)


def test_the_brief_comes_by_e_mail_with_its_pdf_or_as_a_link_where_files_are_not_wanted(
    clock_at, settings, force_account, superintendent_price, inspector_calder, helen_achebe
):
    write(force_account, "Words", at=datetime(2026, 11, 28, 9, tzinfo=UTC))
    for person in (inspector_calder, superintendent_price):
        reports.add_receiver(actor=helen_achebe, kind=Kind.DAILY, person=person)
    # Asked for the link alone afterwards: one who receives it is changed, and not there twice.
    for _ in range(2):
        reports.add_receiver(actor=helen_achebe, kind=Kind.DAILY, person=superintendent_price, attaches=False)
    kept = {one.row.person: one.row.attaches for one in queries.receivers(helen_achebe)}
    assert kept == {inspector_calder: True, superintendent_price: False}
    clock_at.move_to(SIX)
    assert tasks.make_reports() == 1
    assert notice_tasks.send_due() == 2
    letters = {letter.to[0]: letter for letter in mail.outbox}
    [(name, content, kind)] = letters[inspector_calder.email].attachments
    brief = Report.objects.get()
    assert (name, kind) == (f"daily-report-2026-11-28-{brief.pk}.pdf", "application/pdf")
    assert content.startswith(b"%PDF")
    assert "Received: 1" in letters[inspector_calder.email].body
    assert letters[superintendent_price.email].attachments == []
    assert reverse("insights:report", args=[brief.pk]) in letters[superintendent_price.email].body
    # A second scheduler, and a second turn of the first, write to nobody.
    assert tasks.make_reports() == 0
    assert notice_tasks.send_due() == 0
    assert len(mail.outbox) == 2
    # A force that lets no attachment leave, or whose mail service takes none, has the link for everybody.
    for day, switched in (
        (30, {"REPORTS_ATTACHED": False}),
        (1, {"REPORTS_ATTACHED": True, "NOTIFY_KEY": "key", "NOTIFY_EMAIL_TEMPLATE": "template"}),
    ):
        for name, value in switched.items():
            setattr(settings, name, value)
        clock_at.move_to(SIX.replace(month=11 if day == 30 else 12, day=day))
        assert tasks.make_reports() == 1
        assert not NoticeDelivery.objects.filter(attachment__isnull=False).exists()


def test_an_e_mail_that_failed_is_seen_by_who_keeps_the_list_and_sent_again(
    clock_at, client, monkeypatch, force_account, superintendent_price, inspector_calder, helen_achebe
):
    row = reports.add_receiver(actor=helen_achebe, kind=Kind.DAILY, person=inspector_calder)
    clock_at.move_to(SIX)
    tasks.make_reports()

    def refuse(backend, messages):
        raise smtplib.SMTPRecipientsRefused({inspector_calder.email: (550, b"no such mailbox")})

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        notice_tasks.send_due()
    client.force_login(helen_achebe)
    assert "1 e-mail" in client.get(reverse("insights:reports")).text
    address = reverse("insights:report_receivers")
    page = client.get(address).text
    assert "The mail server refuses this address." in page
    assert "Send again" in page
    client.force_login(inspector_calder)
    assert "did not arrive" not in client.get(reverse("insights:reports")).text
    with pytest.raises(NotPermitted):
        reports.send_again(actor=inspector_calder, receiver=row)
    client.force_login(helen_achebe)
    assert client.post(address, {"again": row.pk}).status_code == 302
    assert Entry.objects.filter(event="notice.sent_again").count() == 1
    assert notice_tasks.send_due() == 1
    assert mail.outbox[-1].attachments[0][1].startswith(b"%PDF")
    assert "did not arrive" not in client.get(reverse("insights:reports")).text
    with pytest.raises(TransitionNotAllowed, match="No e-mail to them has failed"):
        reports.send_again(actor=helen_achebe, receiver=row)


def test_no_report_that_leaves_names_anybody_of_the_public_or_of_the_desk(
    wealdshire, settings, leah_brandt, helen_achebe, amira_hussain
):
    settings.DEMO = True
    account = wealdshire.accounts["harrowfield-police"]
    comment = write(account, "I am Tilda Quarrington of 4 Weir Row", by="tilda.quarrington")
    decide(comment, amira_hussain, why="Nothing to do for Tilda Quarrington")
    appeal = opened(leah_brandt, [account], given=facts(title="Missing: Jon Ardleigh, 71"))
    Appeal.objects.filter(pk=appeal.pk).update(state="live", live_at=clock.now())
    charged = sent_post(account, leah_brandt, "Kit Ardleigh charged", kind="charge")
    told_of = sent_post(account, leah_brandt, "Surgery at the library", kind="general")
    for row in Delivery.objects.all():
        PostReach.objects.create(delivery=row, official_account=account, at=clock.now(), seen=90, likes=3)
    rollups.refresh()
    day = clock.today()
    for form in writing.FORMS.values():
        period = writing.asked_period(form.kind, day)
        place = account.neighbourhood if form.kind == Kind.WEEKLY else None
        report = reports.make_scheduled(
            actor=reports.REPORTS,
            kind=form.kind,
            period=period,
            place_id=place.pk if place else None,
        )
        told = pdf_words(report_paper.pdf(report))
        assert "What the numbers mean" in told
        for words in ("Tilda", "Quarrington", "quarrington", "Weir Row", "Ardleigh", "Hussain", "Brandt"):
            assert words not in told, (form.kind, words)
        if form.kind in (Kind.WEEKLY, Kind.MONTHLY):
            for words in (
                f"{appeal.reference}, missing person",
                f"Charge or a hearing to come, post {charged.pk}",
                told_of.title,
            ):
                assert words in told, (form.kind, words)


def test_the_week_of_a_neighbourhood_tells_what_was_claimed_there_and_what_we_answered(
    wealdshire, force_account, amira_hussain, leah_brandt, pc_nair
):
    account = wealdshire.accounts["harrowfield-police"]
    rumours_here, elsewhere = (
        rumours.raise_rumour(actor=amira_hussain, official_account=one, comment=write(one, words))
        for one, words in (
            (account, "They say the water is poisoned"),
            (wealdshire.accounts["saltmere-police"], "The causeway is sinking"),
        )
    )
    rumours.add_comment(
        actor=amira_hussain, rumour=rumours_here, comment=write(account, "Is the water poisoned?", by="b")
    )
    week = reports.make_now(actor=pc_nair, kind=Kind.WEEKLY, day=clock.today(), place=account.neighbourhood)
    part = next(one for one in writing.written_of(week).parts if one.title == "Rumours")
    assert part.says == "1 claim went round; none of them had a public answer from us."
    [row] = part.rows
    assert row[:2] == [f"{rumours_here.reference}: A claim in nobody’s words yet", 2]
    assert row[3:] == ["Seen", "none yet"]
    rumours.take_up(actor=leah_brandt, rumour=rumours_here, words="The water of Harrowfield is poisoned.")
    post = sent_post(account, leah_brandt, "Water")
    RumourPost.objects.create(
        rumour=rumours_here, post=post, kind=RumourPost.Kind.HOLDING, by=leah_brandt, at=clock.now()
    )
    sent = Delivery.objects.get().sent_at
    week = reports.make_now(actor=pc_nair, kind=Kind.WEEKLY, day=clock.today(), place=account.neighbourhood)
    part = next(one for one in writing.written_of(week).parts if one.title == "Rumours")
    assert part.says == "1 claim went round; 1 of them had a public answer from us."
    assert part.rows[0][0] == f"{rumours_here.reference}: The water of Harrowfield is poisoned."
    assert part.rows[0][3:] == ["Being assessed", f"Holding line {clock.in_london(sent):%-d %b %H:%M}"]
    assert elsewhere.reference not in str(part.rows)
    assert "The water of Harrowfield is poisoned." in pdf_words(report_paper.pdf(week))


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
    assert client.post(reverse("insights:reports"), form | {"day": "0001-01-01"}).status_code == 422
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
