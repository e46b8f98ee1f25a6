"""Reading reports: each by whoever may see all that it tells of. Who receives which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Neighbourhood
from accounts.queries import authority_of, may, people_with, require
from core import clock
from core.errors import NotFound
from escalation import queries as case_queries
from escalation.models import Case
from insights.models import Report, ReportReceiver
from insights.models_reports import Kind
from insights.reports import FORMS, Form
from moderation import queries_surges
from moderation.models import Surge
from notices import ways
from notices.models import NoticeDelivery
from staff.models import StaffMember
from staff.roles import Power

SHOWN = 50
OPENS = tuple(sorted({power for form in FORMS.values() for power in form.opens} | {Power.SEE_CASES}))
"""Any of these opens the list of reports."""
MANAGES, PUBLISHES = Power.SET_POLICIES, Power.APPROVE_GUIDELINES


def may_read(viewer: StaffMember, kind: str, account_ids: list[int]) -> bool:
    """Whether somebody may read a report of a kind on these official accounts: all of them must be theirs to see."""
    form = FORMS.get(kind)
    held = authority_of(viewer)
    return (
        form is not None
        and any(held.holds(power) for power in form.opens)
        and set(account_ids) <= held.account_ids(form.sees)
    )


def reports(viewer: StaffMember, kind: str = "") -> list[Report]:
    """The newest that the viewer may read, of one kind or of all."""
    held = authority_of(viewer)
    readable = Q(pk__in=())
    for form in FORMS.values():
        if any(held.holds(power) for power in form.opens):
            ids = sorted(held.account_ids(form.sees))
            readable |= Q(kind=form.kind, official_account_ids__contained_by=ids)
    cases = Case.objects.filter(official_account_id__in=held.account_ids(Power.SEE_CASES))
    readable |= Q(kind=Kind.INCIDENT, case_id__in=cases.values("pk"))
    surges = Surge.objects.filter(official_account_id__in=held.account_ids(Power.SEE_COMMENTS))
    readable |= Q(kind=Kind.INCIDENT, surge_id__in=surges.values("pk"))
    rows = Report.objects.filter(readable).select_related("made_by", "neighbourhood", "published_by")
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.defer("content")[:SHOWN])


def report(viewer: StaffMember, pk: int) -> Report:
    """One of them. Raises NotFound, also for one that is not theirs to read."""
    found = (
        Report.objects.select_related("made_by", "neighbourhood", "published_by").filter(pk=pk).first()
        if pk < 2**63
        else None
    )
    if found is not None:
        if found.case_id is not None:
            case_queries.case(viewer, found.case_id)
            return found
        if found.surge_id is not None:
            queries_surges.surge(viewer, found.surge_id)
            return found
        if may_read(viewer, found.kind, found.official_account_ids):
            return found
    raise NotFound("There is no such report, or it is not one that you may read.")


def forms_for(viewer: StaffMember) -> list[Form]:
    """Kinds of report that the viewer may make now."""
    held = authority_of(viewer)
    return [form for form in FORMS.values() if any(held.holds(power) for power in form.opens)]


@dataclass(frozen=True)
class Told:
    """The latest report that went to a receiver by itself, and how its e-mail fared."""

    report: Report
    delivery: NoticeDelivery


@dataclass(frozen=True)
class Receiving:
    """Somebody who receives a report, with what reached them last; None before the first."""

    row: ReportReceiver
    last: Told | None


def receivers(viewer: StaffMember) -> list[Receiving]:
    """Who receives which report now, and what reached them last. Raises NotPermitted."""
    require(viewer, MANAGES)
    rows = list(live_receivers().select_related("person", "neighbourhood"))
    last = last_told(rows)
    return [Receiving(row, last.get(row.pk)) for row in rows]


def unreached(viewer: StaffMember) -> int:
    """Receivers whom the e-mail of their latest report did not reach, for whoever keeps the list; else 0."""
    if not may(viewer, MANAGES):
        return 0
    told = last_told(list(live_receivers()))
    return sum(one.delivery.state == NoticeDelivery.State.FAILED for one in told.values())


def last_told(rows: Sequence[ReportReceiver]) -> dict[int, Told]:
    """Receiver -> the latest scheduled report of theirs and its e-mail, for the platform itself."""
    latest: dict[tuple[str, int | None], Report] = {}
    for report in (
        Report.objects.filter(due_at__isnull=False)
        .order_by("kind", "neighbourhood_id", "-last", "-pk")
        .distinct("kind", "neighbourhood_id")
        .defer("content")
    ):
        latest[report.kind, report.neighbourhood_id] = report
    mails = {
        (mail.notice.to_id, mail.notice.key): mail
        for mail in NoticeDelivery.objects.filter(
            notice__key__in=[notice_key(one.pk) for one in latest.values()],
            channel=NoticeDelivery.Channel.EMAIL,
        )
        .select_related("notice")
        .defer("attachment")
    }
    found = {}
    for row in rows:
        newest = latest.get((row.kind, row.neighbourhood_id))
        mail = mails.get((row.person_id, notice_key(newest.pk))) if newest is not None else None
        if newest is not None and mail is not None:
            found[row.pk] = Told(newest, mail)
    return found


def notice_key(report_id: int) -> str:
    """What names the occasion on which its receivers are told: each once, whoever tells."""
    return f"report-{report_id}"


def attachments_leave() -> bool:
    """Whether a PDF can leave with an e-mail here: the force allows it, and its mail service takes files."""
    return settings.REPORTS_ATTACHED and not ways.by_notify()


def live_receivers() -> QuerySet[ReportReceiver]:
    """Those of now, for the platform itself."""
    return ReportReceiver.objects.filter(ended_at=None)


def receiver(viewer: StaffMember, pk: int) -> ReportReceiver:
    """One of them. Raises NotPermitted, NotFound."""
    require(viewer, MANAGES)
    found = live_receivers().filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("They do not receive it any more. Reload the page.")
    return found


def could_receive() -> list[StaffMember]:
    """Whoever may open some report; whether they may read the one that is chosen is asked when they are added."""
    found = {one.pk: one for form in FORMS.values() for power in form.opens for one in people_with(power)}
    return sorted(found.values(), key=lambda one: one.called)


def places() -> list[Neighbourhood]:
    """Every neighbourhood, by name."""
    return list(Neighbourhood.objects.order_by("name"))


def publishes(viewer: StaffMember) -> bool:
    return may(viewer, PUBLISHES)


def published() -> list[Report]:
    """Yearly figures that are published, the newest year first; of each year the one that was published last."""
    rows = Report.objects.filter(kind=Kind.YEARLY, published_at__isnull=False).order_by(
        "-first", "-published_at"
    )
    newest: dict[int, Report] = {}
    for row in rows:
        newest.setdefault(row.first.year, row)
    return list(newest.values())


def is_over(report: Report) -> bool:
    """Whether its last day has passed."""
    return report.last < clock.today()
