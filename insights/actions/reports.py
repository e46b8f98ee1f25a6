"""Reports are made, on a schedule or on demand, told to who receives them, and the yearly one is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import IntegrityError
from django.urls import reverse

from accounts.models import Neighbourhood
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation.models import Case
from insights import incident_report, report_paper
from insights import queries_figures as figures
from insights import queries_reports as queries
from insights.models import Report, ReportReceiver
from insights.models_reports import Kind
from insights.queries_figures import Period
from insights.reports import FORMS, Written, asked_period, due, due_at, in_brief, title_of, write
from moderation.models import Surge
from notices import actions as notices
from notices.actions import Attachment, notify
from notices.models import Notice, NoticeDelivery
from staff.models import StaffMember

REPORTS = System("reports")


def make_due(*, actor: Actor = REPORTS, at: datetime | None = None) -> list[Report]:
    """Every report that somebody receives and that is due is made and told, each in a transaction of its own.

    What was missed while the platform was away is made late, and says so. Safe to run twice and beside itself.
    """
    made = []
    for kind, period, place_id in _missing(at or clock.now()):
        try:
            made.append(make_scheduled(actor=actor, kind=kind, period=period, place_id=place_id))
        except IntegrityError:
            continue  # Another scheduler was first.
    return made


def is_any_due(at: datetime | None = None) -> bool:
    """Whether a report that somebody receives is due and not made."""
    return next(_missing(at or clock.now()), None) is not None


def _missing(at: datetime) -> Iterator[tuple[str, Period, int | None]]:
    wanted: dict[tuple[str, int | None], datetime] = {}
    for kind, place, since in queries.live_receivers().values_list("kind", "neighbourhood_id", "since"):
        wanted[kind, place] = min(since, wanted.get((kind, place), since))
    for (kind, place_id), since in sorted(wanted.items(), key=lambda one: (one[0][0], one[0][1] or 0)):
        periods = due(kind, at, since=since)
        there = set(
            Report.objects.filter(
                kind=kind, neighbourhood=place_id, due_at__isnull=False, last__gte=periods[0].first
            ).values_list("first", "last")
            if periods
            else ()
        )
        for period in periods:
            if (period.first, period.last) not in there:
                yield kind, period, place_id


@action
def make_scheduled(*, actor: Actor, kind: str, period: Period, place_id: int | None = None) -> Report:
    """The report of a period that is over is made, kept and told to its receivers.

    The row is claimed before anything is told: a second scheduler meets the constraint and tells nobody.
    Audits report.made and, by the notices, notice.given.
    """
    place = Neighbourhood.objects.get(pk=place_id) if place_id is not None else None
    written, ids = write(FORMS[kind], period, place)
    report = _kept(
        actor,
        kind,
        period,
        written,
        ids,
        place=place,
        title=title_of(kind, period, place),
        due=due_at(period),
    )
    _tell(actor, report, written)
    return report


@action
def make_now(*, actor: StaffMember, kind: str, day: date, place: Neighbourhood | None = None) -> Report:
    """Somebody wants the report of the period that a day is in, as far as it has come. Nobody else is told.

    Raises NotPermitted where not everything that it tells of is theirs to see, NotValid. Audits report.made.
    """
    form = FORMS.get(kind)
    if form is None or form not in queries.forms_for(actor):
        raise NotPermitted("You may not make this report: it is for another role.")
    if kind == Kind.WEEKLY and place is None:
        raise NotValid("Choose the neighbourhood.", field="place")
    place = place if kind == Kind.WEEKLY else None
    period = asked_period(kind, day)
    written, ids = write(form, period, place)
    if not queries.may_read(actor, kind, ids):
        raise NotPermitted(
            "This report tells of official accounts that you may not see. Ask for their figures."
        )
    title = title_of(kind, period, place) + (", so far" if period.last >= clock.today() else "")
    return _kept(actor, kind, period, written, ids, place=place, title=title)


@action
def make_of_case(*, actor: StaffMember, case: Case, lessons: str = "") -> Report:
    """An incident report on a case that the actor may see, read by whoever may see the case. Audits report.made."""
    queries.case_queries.case(actor, case.pk)
    title, period, written = incident_report.of_case(case, _lessons(lessons))
    ids = [case.official_account_id]
    return _kept(actor, Kind.INCIDENT, period, written, ids, title=title, case_id=case.pk)


@action
def make_of_surge(*, actor: StaffMember, surge: Surge, lessons: str = "") -> Report:
    """An incident report on a surge that the actor may see. Audits report.made."""
    queries.queries_surges.surge(actor, surge.pk)
    title, period, written = incident_report.of_surge(surge, _lessons(lessons))
    ids = [surge.official_account_id]
    return _kept(actor, Kind.INCIDENT, period, written, ids, title=title, surge_id=surge.pk)


@action
def publish(*, actor: StaffMember, report: Report) -> Report:
    """The yearly figures of a year that is over are open to the public from now on. Twice is no fault.

    Raises NotPermitted, TransitionNotAllowed. Audits report.published.
    """
    require(actor, queries.PUBLISHES)
    report = Report.objects.select_for_update().get(pk=report.pk)
    if report.kind != Kind.YEARLY:
        raise TransitionNotAllowed("Only yearly figures are published: the others may tell too much.")
    if not queries.is_over(report) or (report.first.month, report.first.day) != (1, 1):
        raise TransitionNotAllowed("The year is not over. Make its figures in January and publish those.")
    if report.published_at is None:
        report.published_at, report.published_by = clock.now(), actor
        report.save(update_fields=["published_at", "published_by"])
        record(
            actor=actor,
            event="report.published",
            subject=report,
            subject_name=report.title,
            details={"to": "the public"},
        )
    return report


@action
def add_receiver(
    *,
    actor: StaffMember,
    kind: str,
    person: StaffMember,
    place: Neighbourhood | None = None,
    attaches: bool = True,
) -> ReportReceiver:
    """The person is told of each such report from now on. Twice is no fault, and says anew how it comes.

    attaches: its PDF goes along with the e-mail, else a link alone.

    Raises NotPermitted, NotValid where they may not read it. Audits report.receiver_added.
    """
    require(actor, queries.MANAGES)
    if kind not in FORMS:
        raise NotValid("There is no schedule for such a report.", field="kind")
    if (kind == Kind.WEEKLY) != (place is not None):
        raise NotValid(
            "A weekly report is of a neighbourhood: choose one. The others are of the whole force.",
            field="place",
        )
    ids = figures.force(neighbourhood=place).account_ids
    if not queries.may_read(person, kind, ids):
        raise NotValid(
            f"{person.called} may not read it: it tells of official accounts or figures that are not theirs to see.",
            field="person",
        )
    found = queries.live_receivers().filter(kind=kind, neighbourhood=place, person=person).first()
    if found is not None and found.attaches == attaches:
        return found
    row = found or ReportReceiver(
        kind=kind, neighbourhood=place, person=person, since=clock.now(), added_by_name=actor.actor_name[:200]
    )
    row.attaches = attaches
    row.save()
    record(
        actor=actor,
        event="report.receiver_added",
        subject=person,
        subject_name=person.called,
        details={"kind": kind, "place": place.name if place else "", "by": "PDF" if attaches else "link"},
    )
    return row


@action
def end_receiver(*, actor: StaffMember, receiver: ReportReceiver) -> ReportReceiver:
    """They are told no more. Twice is no fault. Raises NotPermitted. Audits report.receiver_ended."""
    require(actor, queries.MANAGES)
    receiver = ReportReceiver.objects.select_for_update().select_related("person").get(pk=receiver.pk)
    if receiver.ended_at is None:
        receiver.ended_at, receiver.ended_by_name = clock.now(), actor.actor_name[:200]
        receiver.save(update_fields=["ended_at", "ended_by_name"])
        record(
            actor=actor,
            event="report.receiver_ended",
            subject=receiver.person,
            subject_name=receiver.person.called,
            details={"kind": receiver.kind},
        )
    return receiver


def _lessons(text: str) -> str:
    if len(text) > 4000:
        raise NotValid("Say it in at most 4,000 characters.", field="lessons")
    return text


def _kept(
    actor: Actor,
    kind: str,
    period: Period,
    written: Written,
    ids: list[int],
    *,
    title: str,
    place: Neighbourhood | None = None,
    due: datetime | None = None,
    case_id: int | None = None,
    surge_id: int | None = None,
) -> Report:
    report = Report.objects.create(
        kind=kind,
        title=title[:160],
        first=period.first,
        last=period.last,
        neighbourhood=place,
        official_account_ids=ids,
        case_id=case_id,
        surge_id=surge_id,
        content=written.as_data(),
        due_at=due,
        made_at=clock.now(),
        made_by=actor if isinstance(actor, StaffMember) else None,
    )
    record(
        actor=actor,
        event="report.made",
        subject=report,
        subject_name=report.title,
        details={"kind": kind, "late": report.is_late},
    )
    return report


@action
def send_again(*, actor: StaffMember, receiver: ReportReceiver) -> ReportReceiver:
    """The e-mail of the latest report that did not reach its receiver goes out anew, under the same number.

    Raises NotPermitted, TransitionNotAllowed where none failed, or where they may not read it any more.
    Audits notice.sent_again.
    """
    require(actor, queries.MANAGES)
    last = queries.last_told([receiver]).get(receiver.pk)
    if last is None or last.delivery.state != NoticeDelivery.State.FAILED:
        raise TransitionNotAllowed("No e-mail to them has failed. Reload the page.")
    if not queries.may_read(receiver.person, last.report.kind, last.report.official_account_ids):
        raise TransitionNotAllowed("They may not read this report any more. End their receiving it.")
    attachment = _attachment(last.report) if receiver.attaches else None
    notices.send_again(actor=actor, notice=last.delivery.notice, attachment=attachment)
    return receiver


def _attachment(report: Report) -> Attachment | None:
    """Its PDF, where the force lets reports leave with their e-mail and the way takes files."""
    if not queries.attachments_leave():
        return None
    return Attachment(report_paper.file_name(report), report_paper.pdf(report))


def _tell(actor: Actor, report: Report, written: Written) -> None:
    """Whoever may read the report is told, with its PDF where they take it; whoever may not any more is not.

    What leaves holds counts, names of official accounts and claims in our own words: nobody of the public
    (held by tests/insights/test_reports.py).
    """
    rows = [
        row
        for row in queries.live_receivers()
        .filter(kind=report.kind, neighbourhood=report.neighbourhood_id)
        .select_related("person")
        if queries.may_read(row.person, report.kind, report.official_account_ids)
    ]
    along = _attachment(report) if any(row.attaches for row in rows) else None
    late = ""
    if report.is_late and report.due_at is not None:
        late = f"It comes late: it was due {clock.in_london(report.due_at):%-d %B at %H:%M} and could not be made then. "
    notify(
        actor=actor,
        to=[row.person for row in rows],
        urgency=Notice.Urgency.SOON,
        title=f"{'Late: ' if late else ''}{report.title}",
        body=f"{late}{in_brief(written)}. The whole report, as a page and as PDF, is behind the link.",
        link=reverse("insights:report", args=[report.pk]),
        key=queries.notice_key(report.pk),
        attachments={row.person_id: along for row in rows if row.attaches} if along else None,
    )
