"""What waits for one person now, most urgent first, each with its next step; then a few figures.

Everything is read here within the person's own scope. Comments are named by risk, category and
official account, never by the public's words: those belong to the desk.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import continuity, glass, governance, impostors, posting, reviews
from accounts.actions import recovery
from accounts.models import Grant, Mandate
from accounts.queries import Authority, authority, departures_with_open_steps, live_grants
from audit import queries as audit
from core import clock
from core.gate import signed_in
from escalation import handover, queries_referrals
from escalation.models import Case
from insights import duties, queries_rumours, scorecard, strategy
from insights import queries as insights
from insights.models import Rumour
from moderation import (
    act_reviews,
    beside,
    guidelines,
    inquiries,
    queries_quality,
    restrictions,
    saved_replies,
    tips,
)
from moderation.categories import Priority
from moderation.models import Comment, Decision
from notices.models import Notice
from notices.queries import calling
from publishing import (
    incidents,
    queries_appeals,
    queries_campaigns,
    queries_concerns,
    queries_engagements,
    queries_meetings,
    queries_occasions,
)
from publishing.models import Appeal, Delivery, FollowUp, Post
from publishing.queries import approvals, corrections_waiting, expired, waiting_for_approval
from publishing.queries_approval import looks, to_answer, written_version
from publishing.queries_library import ending_soon, statements_waiting
from retention.models import Hold, Proposal, Review, RightsRequest, ScheduleDraft, ScheduleRow
from smmp import pulse
from smmp.actions import note_shown
from smmp.frame import address_of
from smmp.health import OLDEST_BEAT_S
from staff import queries as staff
from staff.models import Departure, StaffMember
from staff.roles import Power

MOST = 1000
"""Counts stop here, like those of the desk."""
AT_MOST_EACH = 5
"""Rows of one kind; the rest stand behind the last one's link."""
GRANT_ENDS_SOON = timedelta(days=7)
HOLD_REVIEW_SOON = timedelta(days=7)

LIFE, HIGH, MINE, SOON, LATER = range(5)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what, why, until when, and the step that answers it."""

    urgency: int
    title: str
    says: str
    step: str
    address: str
    glyph: str = "dot"
    priority: int | None = None
    until: datetime | None = None
    then: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Figure:
    """A number with its unit and its time."""

    label: str
    value: str
    note: str = ""
    address: str = ""


@dataclass
class Now:
    """Everything on the page, and the ids that go into the audit trail for having been shown."""

    waiting: list[Waiting] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    comments_shown: list[int] = field(default_factory=list)
    cases_shown: list[int] = field(default_factory=list)

    @property
    def version(self) -> str:
        """A short hash of what waits. Clocks run by themselves, and counts alone are no news."""
        waits = [f"{w.urgency}:{w.address}:{w.glyph}:{w.priority}" for w in self.waiting]
        return hashlib.sha256("|".join(waits).encode()).hexdigest()[:16]


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
    _cases(now, viewer, may)
    _referrals(now, viewer)
    _claims(now, viewer, may)
    _queue(now, may)
    _handovers(now, viewer)
    _approvals(now, viewer, may)
    _afterwards(now, viewer, may)
    _expired(now, viewer, may)
    _steps(now, viewer, may)
    _returned(now, viewer, may)
    _campaigns(now, viewer, may)
    _meetings(now, viewer, may)
    _concerns(now, viewer, may)
    _rumours(now, viewer, may)
    _engagements(now, viewer, may)
    _takeovers(now, viewer)
    _library(now, viewer, may)
    _appeals(now, viewer, may)
    _second_looks(now, viewer, may)
    _acts(now, viewer, may)
    _replies(now, viewer, may)
    _handed(now, viewer, may)
    _blocks(now, viewer, may)
    _samples(now, viewer, may)
    _guidelines(now, viewer, may)
    _outbox(now, may)
    _notices(now, viewer)
    _lapses(now, viewer)
    _grants(now, viewer, may)
    _mandates(now, viewer)
    _impostors(now, viewer)
    _scorecard(now, viewer, may)
    _continuity(now, viewer)
    _alerts(now, may)
    _assignments(now, viewer, may)
    _emergency(now, viewer)
    _requests(now, viewer, may)
    _recoveries(now, viewer, may)
    _departures(now, may)
    _conduct(now, viewer, may)
    _retention(now, viewer, may)
    _information_requests(now, viewer, may)
    _health(now, may)
    now.waiting.sort(key=lambda w: (w.urgency, w.until is None, w.until or w.since or clock.now()))
    _figures(now, viewer, may)
    return now


def count_up_to(rows: QuerySet, most: int = MOST) -> int:
    """How many there are, but no more than `most` are looked at."""
    return rows.order_by()[:most].count()


def _many(number: int, one: str, several: str) -> str:
    shown = f"{MOST:,}+" if number >= MOST else f"{number:,}"
    return f"{shown} {one if number == 1 else several}"


def _cases(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Cases that nobody has yet, for those who may say "I have it"; and those the viewer has."""
    seen = Case.objects.filter(official_account__in=may.account_ids(Power.SEE_CASES)).select_related(
        "official_account", "pathway"
    )
    if may.holds(Power.ACKNOWLEDGE_CASES):
        for case in seen.filter(
            state=Case.State.WAITING, official_account__in=may.account_ids(Power.ACKNOWLEDGE_CASES)
        ).order_by("priority", "acknowledge_by")[:AT_MOST_EACH]:
            now.cases_shown.append(case.pk)
            now.waiting.append(
                Waiting(
                    LIFE,
                    f"{case.reference}: {case.title}",
                    f"{_drill(case.exercise)}Nobody has it yet. {case.official_account}.",
                    "Open the case",
                    address_of("escalation:case", case.pk),
                    priority=case.priority,
                    until=case.acknowledge_by,
                    then="the next level is called",
                )
            )
    else:
        open_cases = seen.filter(state=Case.State.WAITING)
        if number := count_up_to(open_cases):
            now.waiting.append(
                Waiting(
                    HIGH,
                    _many(number, "case is with nobody yet", "cases are with nobody yet"),
                    "The people on call are being called.",
                    "See cases",
                    address_of("escalation:cases"),
                    glyph="case",
                    until=open_cases.aggregate(next=Min("acknowledge_by"))["next"],
                    then="the next level is called",
                )
            )
    for case in seen.filter(state=Case.State.ACKNOWLEDGED, acknowledged_by=viewer).order_by(
        "acknowledged_at"
    )[:AT_MOST_EACH]:
        now.cases_shown.append(case.pk)
        now.waiting.append(
            Waiting(
                MINE,
                f"{case.reference}: {case.title}",
                f"{_drill(case.exercise)}You have it.{_resumes(case)}",
                "Go on with it",
                address_of("escalation:case", case.pk),
                priority=case.priority,
                since=case.acknowledged_at,
            )
        )


def _referrals(now: Now, viewer: StaffMember) -> None:
    """What was referred to the viewer's team and is not answered."""
    waiting = queries_referrals.waiting_for(viewer)
    if not (number := count_up_to(waiting)):
        return
    due = waiting.order_by("due_at").values_list("due_at", flat=True)[0]
    now.waiting.append(
        Waiting(
            HIGH if due <= clock.now() else SOON,
            _many(number, "referral waits for your team", "referrals wait for your team"),
            "The first one due stands first.",
            "See what was referred",
            address_of("escalation:referrals"),
            glyph="send",
            until=due,
            then="it is asked after",
        )
    )


def _resumes(case: Case) -> str:
    """What happens to a case that the viewer has if they do nothing more, and when."""
    if case.resumes_at is None:
        return ""
    at = f"{clock.in_london(case.resumes_at):%H:%M}"
    if case.act_by == case.resumes_at:
        return f" Unless something is recorded by {at}, the calls go on."
    return f" At {at} your shift ends and the calls go on."


def _drill(exercise: bool) -> str:
    return "Exercise. " if exercise else ""


def _guidelines(now: Now, viewer: StaffMember, may: Authority) -> None:
    """A version of the community guidelines that somebody else wrote and that is ready to be approved."""
    if not may.holds(Power.APPROVE_GUIDELINES):
        return
    draft = guidelines.to_come()
    if draft is None or not guidelines.ready(draft) or viewer.pk in guidelines.writer_ids(draft):
        return
    now.waiting.append(
        Waiting(
            LATER,
            f"Version {draft.number} of the community guidelines waits for your approval",
            draft.changes,
            "Read it",
            address_of("moderation:guidelines_draft", draft.number),
            glyph="page",
        )
    )


def _lapses(now: Now, viewer: StaffMember) -> None:
    """What the viewer has to read and confirm, or to learn again, before they publish."""
    for lapse in posting.lapses(viewer)[:AT_MOST_EACH]:
        kept_back = "Your posts and approvals are kept back until then; replies and cases are not."
        now.waiting.append(
            Waiting(
                HIGH if lapse.blocks else SOON,
                lapse.title,
                f"{lapse.renew} {kept_back}" if lapse.blocks else lapse.renew,
                "Read and confirm" if lapse.to_read else "See how",
                lapse.address,
                glyph="page" if lapse.to_read else "book",
                until=clock.midnight(lapse.blocks_on),
                then="you publish nothing until it is renewed",
            )
        )


def _second_looks(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Authors of hidden comments who ask for a second look, where this person did not decide."""
    if not may.holds(Power.LOOK_AGAIN):
        return
    waiting = inquiries.waiting_for(viewer)
    if not (number := count_up_to(waiting)):
        return
    due = waiting.aggregate(first=Min("due_on"))["first"]
    overdue = due < clock.today()
    now.waiting.append(
        Waiting(
            SOON if overdue else LATER,
            _many(number, "author asks for a second look", "authors ask for a second look"),
            f"At a hidden comment. The first answer {'was' if overdue else 'is'} due on {due:%-d %B}.",
            "Look again",
            address_of("moderation:second_looks"),
            glyph="eye",
        )
    )


def _acts(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Deletions and blocks that a colleague made alone, for somebody else's look by the next evening."""
    if not may.holds(Power.LOOK_AGAIN):
        return
    waiting = act_reviews.waiting_for(viewer)
    if not (number := count_up_to(waiting)):
        return
    due = waiting.aggregate(first=Min("due_at"))["first"]
    now.waiting.append(
        Waiting(
            SOON,
            _many(number, "deletion or block to look at", "deletions and blocks to look at"),
            "A colleague acted alone.",
            "Look at it" if number == 1 else "Look at them",
            address_of("moderation:act_reviews"),
            glyph="eye",
            until=due,
            then="it is overdue",
        )
    )


def _replies(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Replies of colleagues that wait for this person's yes."""
    if not may.holds(Power.LOOK_AGAIN):
        return
    for asked in beside.requests_waiting(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                "A reply waits for your yes",
                f"By {asked.asked_by.called}, on {asked.comment.official_account}.",
                "Read it",
                address_of("moderation:conversation", asked.comment_id),
                glyph="seal",
                since=asked.asked_at,
            )
        )


def _handed(now: Now, viewer: StaffMember, may: Authority) -> None:
    """What was handed to a team of the viewer's."""
    ids = may.account_ids(Power.WORK_COMMENTS)
    for team in saved_replies.teams_of(viewer) if ids else []:
        handed = Comment.objects.filter(state=Comment.State.OPEN, handed_to=team, official_account__in=ids)
        if number := count_up_to(handed):
            now.waiting.append(
                Waiting(
                    SOON,
                    _many(number, "comment was handed to", "comments were handed to") + f" {team.name}",
                    "Any of you can take it." if number == 1 else "Any of you can take them.",
                    "Open the queue",
                    f"{address_of('moderation:desk')}?queue=handed-{team.pk}",
                    glyph="people",
                    until=handed.aggregate(first=Min("answer_by"))["first"],
                    then="the answer is late",
                )
            )


def _blocks(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Blocks that have come to their end and that only a person can lift."""
    if not may.holds(Power.RESTRICT_COMMENTERS):
        return
    if number := count_up_to(restrictions.to_lift_by_hand(viewer)):
        now.waiting.append(
            Waiting(
                SOON,
                _many(number, "block to lift by hand", "blocks to lift by hand"),
                "On the platform itself, which lets no program do it.",
                "See blocks",
                address_of("moderation:blocks"),
                glyph="lock",
            )
        )


def _samples(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Closed decisions that were drawn and that this person may look over."""
    if may.holds(Power.CHECK_DECISIONS) and (number := count_up_to(queries_quality.unmarked(viewer))):
        now.waiting.append(
            Waiting(
                LATER,
                _many(number, "closed decision to look over", "closed decisions to look over"),
                "Drawn at random; whose they are is shown afterwards.",
                "Look them over",
                address_of("moderation:samples"),
                glyph="seal",
            )
        )


def _claims(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Open comments that the viewer has claimed."""
    mine = (
        Comment.objects.filter(
            state=Comment.State.OPEN,
            claimed_by=viewer,
            claimed_until__gt=clock.now(),
            official_account__in=may.account_ids(Power.WORK_COMMENTS),
        )
        .select_related("official_account")
        .order_by("priority", "claimed_until")
    )
    for comment in mine[:AT_MOST_EACH]:
        now.comments_shown.append(comment.pk)
        now.waiting.append(
            Waiting(
                MINE if comment.priority > Priority.IMMEDIATE else LIFE,
                comment.get_category_display(),
                f"You have it. {comment.official_account}.",
                "Decide",
                address_of("moderation:conversation", comment.pk),
                priority=comment.priority,
                until=comment.claimed_until,
                then="it goes back to the queue",
            )
        )


def _queue(now: Now, may: Authority) -> None:
    """How many comments of each priority wait for somebody to claim them."""
    ids = may.account_ids(Power.WORK_COMMENTS)
    if not ids:
        return
    free = Comment.objects.filter(state=Comment.State.OPEN, official_account__in=ids).filter(
        Q(claimed_by=None) | Q(claimed_until__lte=clock.now())
    )
    kinds = (
        (LIFE, Priority.IMMEDIATE, "immediate comment", "immediate comments", "Open the first"),
        (HIGH, Priority.HIGH, "high-risk comment", "high-risk comments", "Open the desk"),
        (SOON, Priority.ROUTINE, "routine comment", "routine comments", "Open the desk"),
    )
    for urgency, priority, one, several, step in kinds:
        wanted = free.filter(priority=priority)
        if number := count_up_to(wanted):
            now.waiting.append(
                Waiting(
                    urgency,
                    _many(number, f"{one} waits", f"{several} wait"),
                    "Nobody has claimed them." if number > 1 else "Nobody has claimed it.",
                    step,
                    address_of("moderation:desk"),
                    priority=priority,
                    until=wanted.aggregate(first=Min("answer_by"))["first"],
                    then="the answer is late",
                )
            )


def _handovers(now: Now, viewer: StaffMember) -> None:
    """A shift that is handed over to the viewer; and for supervisors those that nobody has taken over in time."""
    for one in handover.waiting_for(viewer):
        now.waiting.append(
            Waiting(
                MINE,
                f"{one.outgoing.called} hands the shift over to you",
                "Read what stands now and sign that you have it.",
                "Read and sign",
                address_of("escalation:handover", one.pk),
                glyph="people",
                since=one.made_at,
            )
        )
    for one in handover.unsigned(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{one.incoming.called} has not signed a handover",
                f"Handed over by {one.outgoing.called}.",
                "Look at it",
                address_of("escalation:handover", one.pk),
                glyph="people",
                since=one.made_at,
            )
        )


def _approvals(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Posts of others that wait for approval by somebody like the viewer."""
    ids = may.account_ids(Power.APPROVE_POSTS)
    if not ids:
        return
    for update in incidents.waiting_for(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"Update {update.number} of “{update.incident.title}” waits for your yes",
                f"Written by {update.author}. Nothing of it is public before.",
                "Read it",
                address_of("publishing:incident", update.incident_id),
                glyph="alert",
                since=update.written_at,
            )
        )
    alone, logs = queries_campaigns.apart_from_logs(waiting_for_approval(viewer))
    for log, number in logs.items():
        now.waiting.append(
            Waiting(
                SOON,
                _many(number, "post of", "posts of")
                + f" “{log.name}” {'waits' if number == 1 else 'wait'} for approval",
                "Lines of a 24-hour log, which go out at its pace.",
                "Read them",
                address_of("publishing:log", log.pk),
                glyph="seal",
            )
        )
    for post in alone[:AT_MOST_EACH]:
        first = approvals(post)
        now.waiting.append(
            Waiting(
                SOON,
                f"“{post.title}” waits for {'a second approval' if first else 'approval'}",
                f"Written by {post.author}."
                + (f" {first[0].approver.called} approved it first." if first else ""),
                "Read it",
                address_of("publishing:post", post.pk),
                glyph="seal",
                until=post.publish_at,
                then="its time has passed",
                since=post.changed_at,
            )
        )
    for correction in corrections_waiting(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"A {correction.get_kind_display()} of “{correction.post.title}” waits for approval",
                f"Asked for by {correction.asked_by}: {correction.why}",
                "Read it",
                address_of("publishing:approvals"),
                glyph="seal",
                since=correction.asked_at,
            )
        )


def _afterwards(now: Now, viewer: StaffMember, may: Authority) -> None:
    """What went out and waits for the viewer to look at it, what is due first."""
    if not may.holds(Power.APPROVE_POSTS):
        return
    for look in looks(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                HIGH if look.due_at <= clock.now() else SOON,
                f"“{look.post.title}” is to be looked at",
                f"{look.get_why_display()}.",
                "Look at it",
                address_of("publishing:afterwards"),
                glyph="eye",
                until=look.due_at,
                then="more people are told",
            )
        )


def _expired(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Posts whose time passed before anybody approved them, and questions about the viewer's own."""
    if not (may.holds(Power.WRITE_POSTS) or may.holds(Power.APPROVE_POSTS)):
        return
    for post in expired(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"“{post.title}” was not approved in time",
                "It does not go out by itself.",
                "Give it another time",
                address_of("publishing:expired"),
                glyph="clock",
                since=post.publish_at,
            )
        )
    for question in to_answer(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{question.asked_by.called} asks about “{question.post.title}”",
                "It waits for approval meanwhile.",
                "Answer",
                f"{address_of('publishing:post', question.post_id)}#questions",
                glyph="question",
                since=question.asked_at,
            )
        )


def _meetings(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Questions of meetings that nobody has read, and those that the viewer is to answer."""
    if may.holds(Power.WORK_COMMENTS):
        for meeting, number in queries_meetings.waiting_for(viewer):
            now.waiting.append(
                Waiting(
                    SOON,
                    _many(number, "question", "questions") + f" for “{meeting.campaign.name}” to be read",
                    "The public reads them once you have.",
                    "Read them",
                    address_of("moderation:meeting", meeting.campaign_id),
                    glyph="question",
                )
            )
    for meeting, number in queries_meetings.to_answer(viewer):
        now.waiting.append(
            Waiting(
                MINE,
                _many(number, "question", "questions") + f" of “{meeting.campaign.name}” without an answer",
                "You answer in this meeting.",
                "Answer",
                address_of("moderation:meeting", meeting.campaign_id),
                glyph="bubble",
                until=meeting.campaign.ends_at,
                then="the meeting is over",
            )
        )


def _takeovers(now: Now, viewer: StaffMember) -> None:
    """House rules for the viewer to accept, who is asked to write as a guest."""
    for takeover in queries_occasions.to_accept(viewer):
        now.waiting.append(
            Waiting(
                SOON,
                f"You are asked to write as a guest: {takeover.campaign.name}",
                f"By {takeover.named_by}. It begins with the house rules.",
                "Read the house rules",
                address_of("publishing:takeover_rules", takeover.pk),
                glyph="pen",
                until=takeover.campaign.ends_at,
                then="it is over",
            )
        )


def _rumours(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Claims that were seen for the third time and that nobody took up, and legal checks for this person."""
    if not may.holds(Power.SEE_COMMENTS):
        return
    for rumour in queries_rumours.waiting(viewer):
        check = rumour.legal == Rumour.Legal.ASKED
        now.waiting.append(
            Waiting(
                HIGH,
                f"Rumour {rumour.reference}: legal check"
                if check
                else f"The same claim again and again on {rumour.official_account.name}",
                "Proceedings may be active. Say whether it may be said."
                if check
                else "Nobody has taken it up yet.",
                "Answer the check" if check else "See what is said, and answer it",
                address_of("insights:rumour", rumour.pk),
                glyph="alert",
                since=rumour.noted_at,
            )
        )


def _concerns(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Worries of neighbourhoods that the viewer is to see to, and results that wait for their yes."""
    for concern in queries_concerns.owed_by(viewer):
        late = queries_concerns.is_late(concern)
        assert concern.due_on is not None
        now.waiting.append(
            Waiting(
                SOON if late else LATER,
                f"{concern.neighbourhood.name}: {concern.action}",
                f"{'It was' if late else 'It is'} to be done by {concern.due_on:%-d %B}.",
                "Say what was done",
                address_of("publishing:concern", concern.pk),
                glyph="bubble",
            )
        )
    if may.holds(Power.APPROVE_POSTS):
        for concern in queries_concerns.to_publish(viewer):
            now.waiting.append(
                Waiting(
                    LATER,
                    f"A result for {concern.neighbourhood.name} waits to be published",
                    f"You said, we did. Written by {concern.result_by}.",
                    "Read it",
                    address_of("publishing:concern", concern.pk),
                    glyph="seal",
                )
            )


def _campaigns(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Lines of a log that nobody has read, and campaigns of the viewer's that are over."""
    if not may.holds(Power.PLAN_POSTS):
        return
    for log, number in queries_campaigns.to_run(viewer):
        now.waiting.append(
            Waiting(
                SOON,
                _many(number, "line of", "lines of") + f" “{log.name}” to be read",
                "Without names and addresses they go on to approval.",
                "Read them",
                address_of("publishing:log", log.pk),
                glyph="page",
                until=log.ends_at,
                then="the log is over",
            )
        )
    for campaign in queries_campaigns.to_end(viewer):
        now.waiting.append(
            Waiting(
                LATER,
                f"“{campaign.name}” is over",
                "Say what came of it.",
                "Write it down",
                address_of("publishing:campaign", campaign.pk),
                glyph="people",
                since=campaign.ends_at,
            )
        )


def _steps(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Approval steps that ask for less than before, where the viewer may be the second person."""
    if not may.holds(Power.SET_SAFEGUARDS):
        return
    written = written_version()
    if written is None or written.version.state != "asked" or viewer not in written.waits_for:
        return
    now.waiting.append(
        Waiting(
            LATER,
            f"Version {written.version.number} of the approval steps waits for a second person",
            f"It asks for less than what is in force: {written.version.why}",
            "Read it",
            f"{address_of('publishing:steps')}#draft",
            glyph="seal",
        )
    )


def _engagements(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Influencers, paid media and partners that wait for the viewer's yes."""
    if not may.holds(Power.APPROVE_POSTS):
        return
    for entry in queries_engagements.waiting_for(viewer):
        now.waiting.append(
            Waiting(
                LATER,
                f"{entry.get_kind_display()} waits for approval: {entry.who}",
                f"Asked for by {entry.asked_by}.",
                "Look at it",
                address_of("publishing:engagement", entry.pk),
                glyph="seal",
                since=entry.asked_at,
            )
        )


def _library(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Holding statements for this person's yes, and pictures whose rights or consent end soon."""
    if may.holds(Power.APPROVE_POSTS):
        for statement in statements_waiting(viewer).order_by("written_at")[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    LATER,
                    f"The holding statement “{statement.name}” waits for your yes",
                    f"Version {statement.version}. Nobody can use it before.",
                    "Read it",
                    address_of("publishing:template", statement.pk),
                    glyph="seal",
                    since=statement.written_at,
                )
            )
    if number := ending_soon(viewer):
        now.waiting.append(
            Waiting(
                LATER,
                _many(number, "picture of the library ends", "pictures of the library end")
                + " within two weeks",
                "Its rights or consent run out." if number == 1 else "Their rights or consent run out.",
                "See the library",
                address_of("publishing:library"),
                glyph="picture",
            )
        )


def _appeals(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Appeals that this person answers for, what is to be taken down by hand, and tips that nobody has looked at."""
    for appeal in queries_appeals.waiting_for(viewer)[:AT_MOST_EACH] if may.holds(Power.SEE_POSTS) else []:
        gone = appeal.state == Appeal.State.VERIFIED
        overdue = not gone and appeal.review_on < clock.today()
        now.waiting.append(
            Waiting(
                LATER if gone else SOON,
                f"Appeal {appeal.reference} is seen to be gone"
                if gone
                else f"Appeal {appeal.reference} is due for review",
                "Close its file once its tips have been dealt with."
                if gone
                else f"{appeal.title}. Its review {'was' if overdue else 'is'} due on {appeal.review_on:%-d %B}.",
                "Close its file" if gone else "Review it",
                address_of("publishing:appeal", appeal.pk),
                glyph="people",
                since=appeal.verified_at,
            )
        )
    if may.holds(Power.PLAN_POSTS):
        for row in queries_appeals.left_to_people(viewer)[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    SOON,
                    f"To be taken down by hand on {row.standing.official_account.name}",
                    row.says,
                    "Take it down",
                    address_of("publishing:appeal", row.appeal_id)
                    if row.appeal_id
                    else address_of("publishing:shown"),
                    glyph="stop",
                    since=row.begun_at,
                )
            )
    if may.holds(Power.WORK_COMMENTS) and (number := tips.new_count(viewer)):
        now.waiting.append(
            Waiting(
                SOON,
                _many(number, "tip on an appeal waits", "tips on appeals wait"),
                "Somebody of the public may know where to look.",
                "Read them",
                address_of("moderation:tip_inboxes"),
                glyph="bubble",
            )
        )


def _returned(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Posts of the viewer that came back for changes, and what was urgent and is to be put right."""
    if not may.holds(Power.WRITE_POSTS):
        return
    for left in FollowUp.objects.filter(done_at=None, post__author=viewer).select_related("post")[
        :AT_MOST_EACH
    ]:
        now.waiting.append(
            Waiting(
                SOON,
                f"“{left.post.title}” was urgent and is to be put right",
                left.sentence,
                "Put it right",
                f"{address_of('publishing:post', left.post_id)}#put-right",
                glyph="pen",
                since=left.made_at,
            )
        )
    drafts = Post.objects.filter(author=viewer, state=Post.State.DRAFT).prefetch_related("changes")
    for post in drafts.order_by("changed_at")[: AT_MOST_EACH * 4]:
        last = max(post.changes.all(), key=lambda change: (change.at, change.pk), default=None)
        if last is not None and last.event.startswith("return"):
            now.waiting.append(
                Waiting(
                    SOON,
                    f"“{post.title}” came back to you",
                    last.why or "The approver asks for changes.",
                    "Change it",
                    address_of("publishing:post", post.pk),
                    glyph="undo",
                    since=last.at,
                )
            )


def _outbox(now: Now, may: Authority) -> None:
    """What left without a known outcome, and what is held for a person."""
    ids = may.account_ids(Power.WRITE_POSTS) | may.account_ids(Power.REPLY)
    mine = Delivery.objects.filter(official_account__in=ids)
    if number := count_up_to(mine.filter(state=Delivery.State.UNKNOWN)):
        now.waiting.append(
            Waiting(
                HIGH,
                f"{_many(number, 'delivery has', 'deliveries have')} an unknown outcome",
                "The platform did not answer. Each is read back; none is sent twice.",
                "Look at them",
                address_of("publishing:outbox"),
                glyph="question",
            )
        )
    if number := count_up_to(mine.filter(state=Delivery.State.SCHEDULED).exclude(held_why="")):
        now.waiting.append(
            Waiting(
                SOON,
                f"{_many(number, 'delivery is', 'deliveries are')} held",
                "Each waits for a person to release or withdraw it.",
                "Release or withdraw",
                address_of("publishing:outbox"),
                glyph="hold",
            )
        )


def _notices(now: Now, viewer: StaffMember) -> None:
    """Notices that the viewer has not seen."""
    unseen = Notice.objects.filter(to=viewer, seen_at=None)
    if not (number := count_up_to(unseen)):
        return
    urgent = calling(viewer).count()
    now.waiting.append(
        Waiting(
            HIGH if urgent else LATER,
            _many(number, "notice you have not seen", "notices you have not seen"),
            f"{_many(urgent, 'asks', 'ask')} for you at once." if urgent else "For your information.",
            "Read them",
            address_of("notices:list"),
            glyph="bell",
        )
    )


def _grants(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Grants that end within a week: everybody's for those who give them, else the viewer's own."""
    soon = clock.now() + GRANT_ENDS_SOON
    all_of_them = may.holds(Power.GIVE_GRANTS)
    ending: QuerySet[Grant] = live_grants(person=None if all_of_them else viewer).filter(until__lte=soon)
    for grant in ending.select_related("person", "team", "official_account", "neighbourhood").order_by(
        "until"
    )[:AT_MOST_EACH]:
        whose = "Your grant" if grant.person_id == viewer.pk else f"The grant of {grant.person or grant.team}"
        now.waiting.append(
            Waiting(
                LATER,
                f"{whose} as {grant.get_role_display().lower()} ends",
                f"It covers {grant.scope_name}.",
                "Look at grants" if all_of_them else "Read your notices",
                address_of("accounts:grants") if all_of_them else address_of("notices:list"),
                glyph="key",
                until=grant.until,
                then="the role is gone",
            )
        )


def _mandates(now: Now, viewer: StaffMember) -> None:
    """Official accounts that are wanted, reviewed or closed, where the next step is this person's."""
    for mandate, step in governance.waiting_for(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON if mandate.is_overdue else LATER,
                f"{mandate.name}: {mandate.get_state_display().lower()}",
                f"{governance.NEXT[Mandate.State(mandate.state)]} by {mandate.due_on:%-d %B %Y}"
                + (", which has passed." if mandate.is_overdue else "."),
                step,
                address_of("accounts:mandate", mandate.pk),
                glyph="book",
            )
        )


def _impostors(now: Now, viewer: StaffMember) -> None:
    """Accounts that may pretend to be the force, to be looked at, reported, or asked about again."""
    if not impostors.may_follow(viewer):
        return
    figures = impostors.figures(viewer)
    if figures.open:
        asked = f"; {figures.due} of them to be asked about again" if figures.due else ""
        now.waiting.append(
            Waiting(
                SOON,
                f"{_many(figures.open, 'account may pretend', 'accounts may pretend')} to be us",
                f"Reported, and not gone yet{asked}.",
                "Follow them",
                address_of("accounts:impostors"),
                glyph="shield",
            )
        )


def _scorecard(now: Now, viewer: StaffMember, may: Authority) -> None:
    """The review of the APP scorecard that is overdue, waivers for a second person, and what a meeting gave this person."""
    if may.holds(Power.KEEP_SCORECARD):
        if (since := scorecard.review_overdue_since()) is not None:
            now.waiting.append(
                Waiting(
                    SOON,
                    "The review of the APP scorecard is overdue",
                    f"It was due on {since:%-d %B %Y}. Information security and communications look at it together.",
                    "See what is to be looked at",
                    address_of("insights:scorecard"),
                    glyph="chart",
                )
            )
        for waiver in scorecard.waivers_to_agree(viewer)[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    LATER,
                    f"A waiver waits for a second person: {duties.name(waiver.duty)}",
                    f"{waiver.asked_by.called} asked for it, until {waiver.until:%-d %B %Y}.",
                    "Agree or refuse",
                    address_of("insights:duty", waiver.duty),
                    glyph="chart",
                )
            )
    if may.holds(Power.SEE_SCORECARD):
        for action in scorecard.open_actions(viewer)[:AT_MOST_EACH]:
            late = ", which has passed" if action.is_overdue else ""
            now.waiting.append(
                Waiting(
                    SOON if action.is_overdue else LATER,
                    action.what,
                    f"From the meeting of {action.meeting.held_on:%-d %B %Y}, by {action.due_on:%-d %B %Y}{late}.",
                    "Say that it is done",
                    address_of("insights:meeting", action.meeting_id),
                    glyph="chart",
                )
            )
    draft = strategy.draft() if may.holds(Power.APPROVE_STRATEGY) else None
    if draft is not None and draft.changes and viewer.pk not in strategy.writer_ids(draft):
        now.waiting.append(
            Waiting(
                LATER,
                f"Version {draft.number} of the social media strategy may be ready",
                draft.changes,
                "Read it",
                address_of("insights:strategy_draft", draft.number),
                glyph="book",
            )
        )


def _continuity(now: Now, viewer: StaffMember) -> None:
    """Plans of the viewer that are to be read anew or tried, and what they are to do after a test."""
    plans, actions = continuity.waiting_for(viewer)
    for plan in plans[:AT_MOST_EACH]:
        missed = [
            *([f"read anew by {plan.review_on:%-d %B %Y}"] if plan.review_is_due else []),
            *([f"tried by {plan.next_test_on:%-d %B %Y}"] if plan.test_is_due else []),
        ]
        now.waiting.append(
            Waiting(
                SOON,
                f"The {plan} is overdue",
                f"It was to be {' and '.join(missed)}.",
                "Open the plan",
                address_of("accounts:continuity_plan", plan.slug),
                glyph="shield",
            )
        )
    for row in actions[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON if row.is_overdue else LATER,
                row.words,
                f"After a test of the {row.test.plan}, by {row.due_on:%-d %B %Y}"
                + (", which has passed." if row.is_overdue else "."),
                "Say what came of it",
                address_of("accounts:continuity_plan", row.test.plan.slug) + f"#action-{row.pk}",
                glyph="shield",
            )
        )


def _alerts(now: Now, may: Authority) -> None:
    """Security alerts that nobody has closed."""
    if not may.holds(Power.SEE_AUDIT) or not (number := insights.open_count()):
        return
    oldest = insights.oldest_open()
    now.waiting.append(
        Waiting(
            HIGH,
            _many(number, "security alert is open", "security alerts are open"),
            "Each is closed with what came of it.",
            "Look into them",
            address_of("insights:alerts"),
            glyph="alert",
            since=oldest,
        )
    )


def _assignments(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Parts of the trail that professional standards may read now."""
    if not may.holds(Power.SEE_ASSIGNED_AUDIT):
        return
    for held in audit.live_assignments(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{held.reference}: part of the audit trail is assigned to you",
                f"What {', '.join(held.people_names[:3])} did. Assigned by {held.made_by_name}.",
                "Read it",
                address_of("audit:assignments"),
                glyph="eye",
                until=held.ends_at,
                then="it can no longer be read",
            )
        )


def _recoveries(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Lost sign-ins that another administrator asked to renew, and that wait for this one."""
    if not may.holds(Power.MANAGE_STAFF):
        return
    live = staff.recoveries(viewer).filter(asked_at__gt=clock.now() - recovery.VALID_FOR)
    for one in live.exclude(asked_by=viewer).exclude(member=viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"Renew the sign-in of {one.member.called}?",
                f"{one.asked_by.called} asks. It takes two administrators.",
                "Agree or refuse",
                address_of("accounts:member", one.member_id),
                glyph="key",
                until=one.asked_at + recovery.VALID_FOR,
                then="it lapses",
            )
        )


def _departures(now: Now, may: Authority) -> None:
    """Steps by hand that nobody has signed after somebody left, and who leaves within a week."""
    if not may.holds(Power.MANAGE_STAFF):
        return
    for departure in departures_with_open_steps()[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{departure.person.called} has left",
                f"{_many(departure.open_steps, 'step by hand is', 'steps by hand are')} not signed yet.",
                "Do and sign them",
                address_of("accounts:departure", departure.pk),
                glyph="people",
                since=departure.carried_out_at,
            )
        )
    coming = Departure.objects.filter(
        carried_out_at=None, called_off_at=None, leaves_at__lte=clock.now() + GRANT_ENDS_SOON
    ).select_related("person", "heir")
    for departure in coming.order_by("leaves_at")[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                LATER,
                f"{departure.person.called} leaves",
                f"{departure.get_kind_display()}. Their open work goes to "
                f"{departure.heir.called if departure.heir else 'whoever may do it'}.",
                "Look at it",
                address_of("accounts:departure", departure.pk),
                glyph="people",
                until=departure.leaves_at,
                then="they are out",
            )
        )


def _emergency(now: Now, viewer: StaffMember) -> None:
    """Emergency access: what waits for the viewer's answer, and what for their review."""
    for one in glass.to_answer(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                HIGH,
                f"{one.asked_by.called} asks for emergency access",
                f"{one.get_role_display()} for {one.person.called}, {one.scope_name}.",
                "Agree or refuse",
                address_of("accounts:glass", one.pk),
                glyph="key",
                until=one.lapses_at,
                then="it lapses",
            )
        )
    for one in glass.to_review(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"Review the emergency access of {one.person.called}",
                f"{one.get_role_display()}, {one.scope_name}. Agreed by {one.agreed_by.called}.",  # type: ignore[union-attr]
                "Review this",
                address_of("accounts:glass", one.pk),
                glyph="key",
                since=one.ends_at,
            )
        )


def _requests(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Roles that people ask for, and what of a recertification waits for the viewer."""
    if may.holds(Power.GIVE_GRANTS):
        for request in reviews.requests(viewer)[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    SOON,
                    f"{request.person.called} asks for a role",
                    f"{request.get_role_display()}, {request.scope_name}.",
                    "Answer it",
                    address_of("accounts:requests"),
                    glyph="key",
                    since=request.asked_at,
                )
            )
    rows = reviews.asked_of(viewer)
    if rows:
        now.waiting.append(
            Waiting(
                SOON,
                f"{_many(len(rows), 'grant', 'grants')} of your people to confirm",
                f"{rows[0].campaign.title}. Say keep or end for each.",
                "Confirm them",
                address_of("accounts:confirm"),
                glyph="key",
                until=rows[0].campaign.due_at,
                then="it is overdue",
            )
        )


def _conduct(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Open matters of conduct, without a name: a first page is read over shoulders."""
    if not may.holds(Power.HANDLE_CONDUCT):
        return
    opened = staff.matters(viewer).filter(carried_out_at=None, ended_at=None)
    for matter in opened.order_by("act_at", "id")[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                LATER,
                f"Matter {matter.pk} is open",
                "Only professional standards can see it.",
                "Look at it",
                address_of("accounts:matter", matter.pk),
                glyph="people",
                until=matter.act_at,
                then="it is carried out",
                since=matter.decided_at,
            )
        )


def _disposal(now: Now, viewer: StaffMember) -> None:
    """What waits for this records manager: changes and large disposals of others, lifts, reviews, what goes on soon."""
    others = ScheduleDraft.objects.filter(state=ScheduleDraft.State.PUT).exclude(made_by=viewer)
    lifts = Hold.objects.filter(lifted_at=None, lift_asked_by__isnull=False).exclude(lift_asked_by=viewer)
    large = Proposal.objects.filter(state=Proposal.State.WAITING, needs_two=True, second_by=None).exclude(
        first_by=viewer
    )
    going = Proposal.objects.filter(state=Proposal.State.WAITING, needs_two=False)
    reviews = Review.objects.filter(
        Q(state=Review.State.OPEN) | (Q(state=Review.State.SECOND) & ~Q(decided_by=viewer))
    )
    for rows, one, many, says, step, place, urgency in (
        (
            others,
            "change of the schedule waits",
            "changes of the schedule wait",
            "For a second person to approve.",
            "Compare and approve",
            "drafts",
            SOON,
        ),
        (
            lifts,
            "hold is to be lifted",
            "holds are to be lifted",
            "Somebody says that it is no longer needed.",
            "Lift or keep",
            "holds",
            SOON,
        ),
        (
            large,
            "large disposal waits",
            "large disposals wait",
            "Two people have to stand for it.",
            "Look at it",
            "proposals",
            SOON,
        ),
        (
            reviews,
            "record waits for review",
            "records wait for review",
            "At the end of its period.",
            "Review",
            "reviews",
            LATER,
        ),
        (
            going,
            "disposal goes on by itself",
            "disposals go on by themselves",
            "Unless somebody stops it.",
            "See what would go",
            "proposals",
            LATER,
        ),
    ):
        if number := count_up_to(rows):
            now.waiting.append(
                Waiting(
                    urgency,
                    _many(number, one, many),
                    says,
                    step,
                    address_of(f"retention:{place}"),
                    glyph="box",
                )
            )


def _retention(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Holds whose review is due, what falls due, and periods that nobody has confirmed."""
    if may.holds(Power.PLACE_HOLDS) and may.holds(Power.SEE_RETENTION):
        due = Hold.objects.filter(lifted_at=None, review_on__lte=clock.today() + HOLD_REVIEW_SOON)
        if number := count_up_to(due):
            now.waiting.append(
                Waiting(
                    SOON,
                    f"{_many(number, 'hold is', 'holds are')} due for review",
                    f"The first on {due.order_by('review_on')[0].review_on:%-d %B %Y}.",
                    "Review holds",
                    address_of("retention:holds"),
                    glyph="hold",
                )
            )
    if may.holds(Power.MANAGE_RETENTION):
        _disposal(now, viewer)
    if may.holds(Power.MANAGE_RETENTION) and (
        number := count_up_to(ScheduleRow.objects.filter(confirmed_at=None))
    ):
        now.waiting.append(
            Waiting(
                LATER,
                f"{_many(number, 'retention period is', 'retention periods are')} not confirmed",
                "Each was taken from national guidance; the force decides.",
                "Read the schedule",
                address_of("retention:schedule"),
                glyph="box",
            )
        )


def _information_requests(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Requests under information law that this person has or that nobody has, by deadline, and answers to agree to."""
    if not may.holds(Power.HANDLE_REQUESTS):
        return
    at = clock.now()
    unanswered = RightsRequest.objects.exclude(state=RightsRequest.State.CLOSED)
    mine = unanswered.filter(Q(handler=viewer) | Q(handler=None), stopped="").exclude(
        state=RightsRequest.State.PUT, put_by=viewer
    )
    agrees = unanswered.filter(state=RightsRequest.State.PUT).exclude(put_by=viewer)
    for one in agrees.order_by("due_at", "id")[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"An answer to {one.reference} waits for a second person",
                f"{one.get_kind_display()}: {one.get_outcome_display().lower()}.",
                "Read and agree",
                address_of("retention:request", one.pk),
                glyph="case",
                until=one.due_at,
                then="it is a case",
                since=one.put_at,
            )
        )
    shown = mine.exclude(pk__in=agrees.values("pk"))
    for one in shown.order_by("due_at", "id")[:AT_MOST_EACH]:
        late = one.due_at <= at
        now.waiting.append(
            Waiting(
                HIGH if late else MINE if one.handler_id == viewer.pk else SOON,
                f"{one.reference}, {one.get_kind_display().lower()}" + (", is over its time" if late else ""),
                "Nobody has it yet." if one.handler_id is None else "You have it.",
                "Work on it",
                address_of("retention:request", one.pk),
                glyph="case",
                until=one.due_at,
                then="it is a case",
                since=one.taken_in_at,
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
