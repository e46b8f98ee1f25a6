"""What waits for one person now, most urgent first, each with its next step; then a few figures.

Everything is read here within the person's own scope. Comments are named by risk, category and
official account, never by the public's words: those belong to the desk.
"""

from __future__ import annotations

import json

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.queries import Authority, authority
from audit import queries as audit
from core import clock
from core.gate import signed_in
from moderation.models import Comment, Decision
from notices.models import Notice
from notices.queries import calling
from publishing.models import Delivery
from retention.models import Hold
from smmp import pulse
from smmp.actions import note_shown
from smmp.frame import address_of
from smmp.health import OLDEST_BEAT_S
from smmp.home import cases, desk, insight, posts, records, register
from smmp.home.now import HIGH, LATER, MOST, Figure, Now, Waiting, count_up_to, number_of
from staff.models import StaffMember
from staff.roles import Power


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in: what needs this person now."""
    now = for_person(request.user, authority(request))  # type: ignore[arg-type]
    return _shown(request, "smmp/home.html", now)


@signed_in
@require_safe
def home_changed(request: HttpRequest) -> HttpResponse:
    """Whether something else waits than the page shows; 204 when nothing does.

    A list that somebody may be about to touch is never moved: the page says that there is more. An
    empty one fills by itself.
    """
    had = request.GET.get("v", "")
    now = for_person(request.user, authority(request))  # type: ignore[arg-type]
    if had in (now.version, f"{now.version}.told"):
        return HttpResponse(status=204)
    if had == Now().version:
        response = _shown(request, "smmp/_now.html", now, again=True)
        response["HX-Retarget"] = "#now"
        response["HX-Reswap"] = "outerHTML"
    else:
        response = render(
            request, "smmp/_now_changed.html", {"version": f"{now.version}.told", "changed": True}
        )
    response["HX-Trigger"] = json.dumps({"announce": {"value": "What waits for you has changed."}})
    return response


def _shown(request: HttpRequest, template: str, now: Now, *, again: bool = False) -> HttpResponse:
    """The page or its list; which comments and cases stood on it goes into the audit trail."""
    note_shown(
        actor=request.user,  # type: ignore[arg-type]
        comment_ids=now.comments_shown,
        case_ids=now.cases_shown,
    )
    return render(request, template, {"now": now, "version": now.version, "again": again})


def for_person(viewer: StaffMember, may: Authority) -> Now:
    """What waits for the viewer, sorted by urgency, then by whose time is up first."""
    now = Now()
    cases.add_cases(now, viewer, may)
    cases.add_referrals(now, viewer)
    desk.add_claims(now, viewer, may)
    desk.add_queue(now, may)
    cases.add_handovers(now, viewer)
    posts.add_approvals(now, viewer, may)
    posts.add_afterwards(now, viewer, may)
    posts.add_expired(now, viewer, may)
    posts.add_steps(now, viewer, may)
    posts.add_returned(now, viewer, may)
    posts.add_campaigns(now, viewer, may)
    posts.add_meetings(now, viewer, may)
    posts.add_concerns(now, viewer, may)
    insight.add_rumours(now, viewer, may)
    posts.add_engagements(now, viewer, may)
    posts.add_takeovers(now, viewer)
    posts.add_library(now, viewer, may)
    posts.add_appeals(now, viewer, may)
    desk.add_second_looks(now, viewer, may)
    desk.add_acts(now, viewer, may)
    desk.add_replies(now, viewer, may)
    desk.add_handed(now, viewer, may)
    desk.add_blocks(now, viewer, may)
    desk.add_samples(now, viewer, may)
    desk.add_guidelines(now, viewer, may)
    posts.add_outbox(now, may)
    _notices(now, viewer)
    register.add_lapses(now, viewer)
    register.add_grants(now, viewer, may)
    register.add_mandates(now, viewer)
    register.add_impostors(now, viewer)
    insight.add_scorecard(now, viewer, may)
    register.add_continuity(now, viewer)
    insight.add_alerts(now, may)
    insight.add_assignments(now, viewer, may)
    register.add_emergency(now, viewer)
    register.add_requests(now, viewer, may)
    register.add_recoveries(now, viewer, may)
    register.add_departures(now, may)
    register.add_conduct(now, viewer, may)
    records.add_retention(now, viewer, may)
    records.add_information_requests(now, viewer, may)
    _health(now, may)
    now.waiting.sort(key=lambda w: (w.urgency, w.until is None, w.until or w.since or clock.now()))
    _figures(now, viewer, may)
    return now


def _notices(now: Now, viewer: StaffMember) -> None:
    """Notices that the viewer has not seen."""
    unseen = Notice.objects.filter(to=viewer, seen_at=None)
    if not (number := count_up_to(unseen)):
        return
    urgent = calling(viewer).count()
    now.waiting.append(
        Waiting(
            HIGH if urgent else LATER,
            number_of(number, "notice you have not seen", "notices you have not seen"),
            f"{number_of(urgent, 'asks', 'ask')} for you at once." if urgent else "For your information.",
            "Read them",
            address_of("notices:list"),
            glyph="bell",
        )
    )


def _health(now: Now, may: Authority) -> None:
    """A part of the platform that has been silent."""
    if not may.holds(Power.SEE_HEALTH):
        return
    ages = pulse.ages_s()
    silent = [name for name, oldest in OLDEST_BEAT_S.items() if ages.get(name, oldest + 1) > oldest]
    if silent:
        now.waiting.append(
            Waiting(
                HIGH,
                f"No sign of life from the {' and the '.join(silent)}",
                "Comments may arrive late, and nothing may go out. Tell whoever runs the platform.",
                "See its state",
                address_of("readyz"),
                glyph="stop",
            )
        )


def _figures(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Figures since midnight in London."""
    midnight = clock.midnight(clock.today())
    if ids := may.account_ids(Power.SEE_COMMENTS):
        came = _counted(
            Comment.objects.filter(official_account__in=ids, received_at__gte=midnight).exclude(
                state=Comment.State.OURS
            )
        )
        still = Comment.objects.filter(official_account__in=ids, state=Comment.State.OPEN)
        now.figures.append(Figure("Comments open now", _figure(still), address=address_of("moderation:desk")))
        now.figures.append(Figure("Comments received today", _figure(came), "since midnight"))
    if may.holds(Power.WORK_COMMENTS):
        decided = Decision.objects.filter(by=viewer, at__gte=midnight)
        now.figures.append(Figure("Decisions you took today", _figure(decided), "since midnight"))
    if ids := may.account_ids(Power.SEE_POSTS):
        planned = Delivery.objects.filter(
            official_account__in=ids, kind=Delivery.Kind.POST, state=Delivery.State.SCHEDULED
        )
        out = _counted(
            Delivery.objects.filter(official_account__in=ids, kind=Delivery.Kind.POST, sent_at__gte=midnight)
        )
        now.figures.append(Figure("Posts planned", _figure(planned), address=address_of("publishing:posts")))
        now.figures.append(Figure("Posts published today", _figure(out), "since midnight"))
    if may.holds(Power.SEE_AUDIT):
        entries = audit.in_sight(viewer).filter(at__gte=midnight)
        now.figures.append(
            Figure("Audit entries today", _figure(entries), "since midnight", address_of("audit:trail"))
        )
    if may.holds(Power.SEE_RETENTION):
        holds = Hold.objects.filter(lifted_at=None)
        now.figures.append(Figure("Holds in force", _figure(holds), address=address_of("retention:holds")))


def _counted(rows: QuerySet) -> QuerySet:
    """Figures leave exercises out, except in a demonstration, where there is nothing else to count."""
    return rows if settings.DEMO else rows.filter(official_account__exercise=False)


def _figure(rows: QuerySet) -> str:
    number = count_up_to(rows)
    return f"{MOST:,}+" if number >= MOST else f"{number:,}"
