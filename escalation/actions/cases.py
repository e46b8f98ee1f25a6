"""A case from its opening to its end."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection
from django.urls import reverse

from accounts import queries as accounts
from accounts.models import OfficialAccount
from accounts.queries import people_with
from audit.actions import record
from core import clock, working
from core.acting import action
from core.actors import Actor
from core.errors import NotValid, TransitionNotAllowed
from escalation import queries_recorded, queries_referrals
from escalation.actions import deadlines, evidence, ladder, log
from escalation.actions.taking import acknowledge, locked, note_act, refuse_if_closed, see_notices
from escalation.models import Alert, Case, CaseComment, ClockChange, LogEntry, Pathway, PathwayVersion
from escalation.workflow import CASE
from moderation.categories import USUAL_PRIORITY, Category, Priority
from moderation.models import Comment, Commenter, Decision
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

__all__ = ["acknowledge"]
OTHER_CONCERN = "other_concern"
"""The pathway of categories that no pathway names."""


@action
def open_for_comment(*, actor: Actor, comment: Comment) -> Case | None:
    """A comment for which a person wants a case is in one: a new one, or the open one of its author.

    The open case is one of the same pathway, official account and commenter. A comment whose
    own case was closed reopens it. Answers None where another worker has done it meanwhile.
    Audits case.opened, case.comment_added or case.reopened.
    """
    found = (
        Comment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("commenter", "official_account", "conversation")
        .filter(pk=comment.pk)
        .exclude(needs_case="")
        .first()
    )
    if found is None:
        return None
    category = found.needs_case
    decision = (
        found.decisions.filter(kind=Decision.Kind.ESCALATE)
        .select_related("by")
        .order_by("-at", "-id")
        .first()
    )
    person: Actor = decision.by if decision is not None and decision.by is not None else actor
    case = for_comment(person, found, category, decision.why if decision is not None else "")
    found.needs_case = ""
    found.save(update_fields=["needs_case"])
    return case


def for_comment(actor: Actor, comment: Comment, category: str, why: str, *, into: Case | None = None) -> Case:
    """The case that this comment belongs in: its own, the open one of its author, the open one that is named, or a new one.

    into: of an alert of nearly the same words; it counts while it is open, on the same official account and
    pathway, and no less urgent. Within the transaction that locked the comment. An alert about the comment is answered by it.
    """
    # One at a time per author, so that two comments of one person become one case.
    Commenter.objects.select_for_update(no_key=True).get(pk=comment.commenter_id)
    link = CaseComment.objects.filter(comment=comment).first()
    version = version_for(category)
    unclosed = _open_case_of_author(comment, version.pathway) if link is None else None
    if unclosed is None and link is None and into is not None:
        named = locked(into.pk)
        fits = (
            named.state != Case.State.CLOSED
            and named.pathway_id == version.pathway_id
            and named.official_account_id == comment.official_account_id
            and named.priority <= min(USUAL_PRIORITY.get(category, Priority.HIGH), comment.priority)
        )
        unclosed = named if fits else None
    if link is not None:
        case = _again(actor, link.case_id, why)
    elif unclosed is not None:
        case = unclosed
        _add(actor, case, comment, why)
    else:
        case = begin(
            actor=actor,
            official_account=comment.official_account,
            version=version,
            title=f"{_category_name(category)}, {comment.official_account.name}",
            priority=min(USUAL_PRIORITY.get(category, Priority.HIGH), comment.priority),
            why=why,
            comment=comment,
        )
    _answer_alert(actor, comment, case)
    return case


def _answer_alert(actor: Actor, comment: Comment, case: Case) -> None:
    alert = Alert.objects.select_for_update().filter(comment=comment, state=Alert.State.OPEN).first()
    if alert is None:
        return
    person = actor if isinstance(actor, StaffMember) else None
    alert.state = Alert.State.CONFIRMED if person is not None else Alert.State.PASSED_ON
    alert.settled_at = clock.now()
    alert.settled_by = person
    alert.settled_by_name = actor.actor_name
    alert.case = case
    alert.save()


@action
def open_case(
    *,
    actor: StaffMember,
    official_account: OfficialAccount,
    pathway: Pathway,
    title: str,
    why: str,
    place: str = "",
) -> Case:
    """A person opens a case without a comment, e.g. after a telephone call. Its first level is called.

    Raises NotPermitted, or NotValid (no title, no reason). Audits case.opened.
    """
    accounts.require(actor, Power.ESCALATE, official_account.pk)
    title = " ".join(title.split())
    if not title:
        raise NotValid("Give the case a title: the kind of risk and the place.", field="title")
    if len(title) > 160:
        raise NotValid("Keep the title under 160 characters; the rest belongs below.", field="title")
    if not why.strip():
        raise NotValid("Say what you know and what worries you.", field="why")
    version = live_version(pathway)
    worst = min((USUAL_PRIORITY[category] for category in version.categories), default=Priority.HIGH)
    return begin(
        actor=actor,
        official_account=official_account,
        version=version,
        title=title,
        priority=worst,
        why=why.strip(),
        place=place,
    )


@action
def add_comment(*, actor: StaffMember, case: Case, comment: Comment, why: str = "") -> CaseComment:
    """A person puts a comment into a case as evidence, with a snapshot of its words.

    Raises NotPermitted, NotValid (another official account, in a case already),
    TransitionNotAllowed (the case is closed). Audits case.comment_added.
    """
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("commenter", "official_account", "conversation")
        .get(pk=comment.pk)
    )
    case = locked(case.pk)
    accounts.require(actor, Power.ESCALATE, case.official_account_id)
    if comment.official_account_id != case.official_account_id:
        raise NotValid(
            f"Comment {comment.pk} was made to another official account. Open a case there instead: "
            "whoever sees a case sees all its evidence.",
            field="comment",
        )
    link = CaseComment.objects.filter(comment=comment).select_related("case").first()
    if link is not None:
        raise NotValid(f"Comment {comment.pk} is in case {link.case.reference} already.", field="comment")
    if case.state == Case.State.CLOSED:
        raise TransitionNotAllowed(f"Case {case.reference} is closed. Reopen it first, and say why.")
    if comment.needs_case:
        comment.needs_case = ""
        comment.save(update_fields=["needs_case"])
    return _add(actor, case, comment, why.strip())


@action
def cannot_take(*, actor: StaffMember, case: Case, why: str = "") -> Case:
    """Somebody who was called cannot have the case: the next level is called at once, not when time is up.
    Whoever has it and cannot keep it gives it up: the calls go on from the first level, without them.

    The others stay called. Raises NotPermitted, TransitionNotAllowed (somebody else has it, or closed).
    Audits case.noted and case.climbed, or case.resumed.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    if case.state == Case.State.ACKNOWLEDGED and case.acknowledged_by_id == actor.pk:
        ladder.give_up(actor=actor, case=case, why=why)
        return case
    if case.state != Case.State.WAITING:
        raise TransitionNotAllowed(
            f"Case {case.reference} waits for nobody any more: the calls have stopped."
        )
    text = f"{actor.called} cannot take it. {why.strip()}".strip()
    log.write(actor=actor, case=case, event="cannot_take", text=text[:1000])
    log.audit(actor, "case.noted", case)
    ladder.pass_over(case=case)
    return case


@action
def add_log_entry(*, actor: StaffMember, case: Case, text: str) -> LogEntry:
    """What was done, said or learned stands in the log for good.

    Raises NotPermitted, NotValid (empty, too long), TransitionNotAllowed (closed). Audits case.noted.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "add to its log")
    text = text.strip()
    if not text:
        raise NotValid("Write what was done, said or learned.", field="text")
    if len(text) > 4000:
        raise NotValid("Keep one entry under 4,000 characters; add another for the rest.", field="text")
    entry = log.write(actor=actor, case=case, event="noted", text=text)
    note_act(case)
    log.audit(actor, "case.noted", case)
    return entry


@action
def close(*, actor: StaffMember, case: Case, outcome: str, recorded: Mapping[str, str] | None = None) -> Case:
    """The case ends with an outcome that the log keeps, and with all that its pathway asks to be recorded.

    recorded: what is recorded with it, by the item of the pathway's version. Raises NotPermitted, NotValid (no
    outcome, or an item that nobody has recorded), TransitionNotAllowed (nobody has it yet, or closed already).
    Audits case.closed.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    if case.state == Case.State.WAITING:
        raise TransitionNotAllowed(
            f"Nobody has case {case.reference} yet. Say “I have it” first; then you can close it."
        )
    state = CASE.next(case.state, "close")
    outcome = " ".join(outcome.split())
    if not outcome:
        raise NotValid("Say how it ended: what was done, and that the person is safe.", field="outcome")
    if len(outcome) > 500:
        raise NotValid(
            "Keep the outcome under 500 characters; the log has room for the rest.", field="outcome"
        )
    for item, text in (recorded or {}).items():
        if text.strip():
            _record_item(actor, case, item, text)
    wanted = queries_recorded.items(case)
    if missing := [item.name for item in wanted if not item.says]:
        raise NotValid(
            f"{case.reference} stays open until its pathway has what it wants recorded: {'; '.join(missing)}.",
            field="outcome",
        )
    if unsettled := queries_referrals.unsettled(case):
        raise NotValid(" ".join(unsettled), field="outcome")
    for one in wanted:
        # The log stands whole by itself: what came from referrals is written into it as it was at the end.
        if held := [value for value in one.held if value not in one.written]:
            _write_item(actor, case, one.name, "; ".join(held))
    case.state = state
    case.closed_at = clock.now()
    case.closed_by = actor
    case.act_by = case.nag_at = None
    case.outcome = outcome
    case.save(update_fields=["state", "closed_at", "closed_by", "outcome", "act_by", "nag_at"])
    log.write(actor=actor, case=case, event="closed", text=f"Closed: {outcome}")
    log.audit(actor, "case.closed", case)
    return case


@action
def reopen(*, actor: StaffMember, case: Case, why: str) -> Case:
    """A closed case waits again for somebody to have it, and its first level is called.

    The earlier outcome stays in the log. Raises NotPermitted, NotValid (no reason),
    TransitionNotAllowed (not closed). Audits case.reopened.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.ESCALATE, case.official_account_id)
    if not why.strip():
        raise NotValid("Say why it is needed again.", field="why")
    return _reopen(actor, case, why.strip())


@action
def open_page(*, actor: StaffMember, case: Case, comment_ids: list[int]) -> None:
    """The person sees the case and its evidence; their notices about it have done their work.

    Audits case.viewed with the comments whose words were shown.
    """
    see_notices(actor, case)
    view_evidence(actor=actor, case=case, comment_ids=comment_ids)


@action
def view_evidence(*, actor: StaffMember, case: Case, comment_ids: list[int]) -> None:
    """The person was shown these comments of the case. Audits case.viewed."""
    log.audit(actor, "case.viewed", case, shown_ids=comment_ids)


@action
def view_list(*, actor: StaffMember, cases: list[Case]) -> None:
    """The person was shown these cases in a list. Audits cases.listed with their ids."""
    record(actor=actor, event="cases.listed", shown_ids=[case.pk for case in cases])


@action
def record_item(*, actor: StaffMember, case: Case, item: str, text: str) -> LogEntry:
    """One of the things that the pathway asks to be recorded stands in the log, e.g. an incident number.

    Raises NotPermitted, NotValid, TransitionNotAllowed (closed). Audits case.noted.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "record it")
    entry = _record_item(actor, case, item, text)
    note_act(case)
    return entry


def _record_item(actor: StaffMember, case: Case, item: str, text: str) -> LogEntry:
    if item not in case.version.must_record:
        raise NotValid("Choose one of the things that this pathway asks for.", field="item")
    text = " ".join(text.split())
    if not text or len(text) > 1000:
        raise NotValid("Write it in up to 1,000 characters.", field="text")
    return _write_item(actor, case, item, text)


def _write_item(actor: StaffMember, case: Case, item: str, text: str) -> LogEntry:
    entry = log.write(actor=actor, case=case, event="recorded", text=f"{item}: {text}")
    log.audit(actor, "case.noted", case)
    return entry


@action
def pause_clock(*, actor: StaffMember, case: Case, why: str) -> ClockChange:
    """The clock of the service level stands still, for a reason such as an answer that is awaited. The ladder goes on.

    Raises NotPermitted, NotValid, TransitionNotAllowed (no service level, paused already, closed).
    Audits case.clock_changed.
    """
    case, why = _clock_of(actor, case, why)
    if case.due_at is None or case.paused_at is not None:
        raise TransitionNotAllowed(f"Case {case.reference} has no clock of a service level that runs.")
    case.paused_at = clock.now()
    return _change_clock(actor, case, why, running=False)


@action
def resume_clock(*, actor: StaffMember, case: Case, why: str) -> ClockChange:
    """The clock of the service level runs again; its deadline is as much later as it stood still.

    Raises NotPermitted, NotValid, TransitionNotAllowed (it runs). Audits case.clock_changed.
    """
    case, why = _clock_of(actor, case, why)
    if case.due_at is None or case.paused_at is None:
        raise TransitionNotAllowed(f"The clock of case {case.reference} runs already.")
    at = clock.now()
    if case.version.deadline_clock == PathwayVersion.Clock.WORKING:
        stood = working.between(case.paused_at, at)
        case.due_at = working.after(case.due_at, int(stood.total_seconds() // 60))
    else:
        case.due_at += at - case.paused_at
    case.paused_at = None
    return _change_clock(actor, case, why, running=True)


def _clock_of(actor: StaffMember, case: Case, why: str) -> tuple[Case, str]:
    case, why = locked(case.pk), " ".join(why.split())
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "change its clock")
    if not why or len(why) > 300:
        raise NotValid("Say why, in up to 300 characters.", field="why")
    return case, why


def _change_clock(actor: StaffMember, case: Case, why: str, *, running: bool) -> ClockChange:
    deadlines.warn(case)
    case.save(update_fields=["due_at", "paused_at", "nag_at"])
    change = ClockChange.objects.create(
        case=case, at=clock.now(), running=running, why=why, by_name=actor.actor_name, due_at=case.due_at
    )
    assert case.due_at is not None
    due = clock.in_london(case.due_at)
    says = f"runs again; it is due {due:%H:%M on %-d %B}" if running else "stands still"
    log.write(actor=actor, case=case, event="clock", text=f"The clock of the service level {says}. {why}")
    log.audit(actor, "case.clock_changed", case, running=running)
    return change


@action
def begin_drill(*, actor: StaffMember, official_account: OfficialAccount, pathway: Pathway) -> Case:
    """A case marked exercise runs the whole ladder and calls people, so that its times can be read.

    Everything that it sends says “Exercise”. Raises NotPermitted. Audits case.opened.
    """
    accounts.require(actor, Power.RUN_EXERCISES)
    accounts.require(actor, Power.ESCALATE, official_account.pk)
    version = live_version(pathway)
    return begin(
        actor=actor,
        official_account=official_account,
        version=version,
        title=f"Exercise: {pathway.title}",
        priority=min((USUAL_PRIORITY[category] for category in version.categories), default=Priority.HIGH),
        why="A drill of the ladder. Nobody is at risk: acknowledge it as if somebody were.",
        drill=True,
    )


@action
def begin(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    version: PathwayVersion,
    title: str,
    priority: int,
    why: str,
    comment: Comment | None = None,
    place: str = "",
    drill: bool = False,
    call: bool = True,
) -> Case:
    """A case is there, with its deadline worked out once, and its first level is called: all of it, or nothing.

    Nobody may see the case before its first level is called, or the next would be called at once. Audits case.opened.
    """
    at = clock.now()
    told_at = comment.posted_at if comment is not None else at
    case = Case(
        number=_next_number(),
        title=title[:160],
        place=" ".join(place.split())[:160],
        pathway=version.pathway,
        version=version,
        priority=priority,
        official_account=official_account,
        exercise=official_account.exercise or drill,
        drill=drill,
        acknowledge_by=at,
        opened_at=at,
        opened_by=actor if isinstance(actor, StaffMember) else None,
        opened_by_name=actor.actor_name,
        first_told_at=told_at,
        due_at=deadlines.due_at(version, told_at),
    )
    deadlines.warn(case)
    case.save(force_insert=True)
    log.write(actor=actor, case=case, event="opened", text=f"Opened. {why}".strip())
    if comment is not None:
        evidence.keep(actor=actor, case=case, comment=comment)
    log.audit(
        actor,
        "case.opened",
        case,
        pathway=version.pathway.title,
        pathway_version=version.number,
        comment=comment.pk if comment is not None else None,
    )
    _tell_roles(actor, case)
    if call:
        ladder.call_first_level(case=case)
    return case


def _tell_roles(actor: Actor, case: Case) -> None:
    """Those whom the pathway tells without calling them."""
    for role in case.version.told:
        notify(
            actor=actor,
            to=people_with(role=role, official_account_id=case.official_account_id),
            urgency=Notice.Urgency.SOON if ladder.paging(case) else Notice.Urgency.FYI,
            title=f"{_exercise(case)}For your information: case {case.reference}, {case.pathway.title}",
            link=reverse("escalation:case", args=[case.pk]),
            key=f"case {case.pk} told",
        )


def _add(actor: Actor, case: Case, comment: Comment, why: str) -> CaseComment:
    link = evidence.keep(actor=actor, case=case, comment=comment)
    if comment.priority < case.priority:
        case.priority = comment.priority
        case.save(update_fields=["priority"])
    log.write(
        actor=actor, case=case, event="comment_added", text=f"Comment {comment.pk} added. {why}".strip()
    )
    deadlines.told_earlier(actor=actor, case=case, at=comment.posted_at)
    if case.state == Case.State.ACKNOWLEDGED:
        tell_holder(actor, case, what="another comment was added", key=f"comment {comment.pk}")
    log.audit(actor, "case.comment_added", case, comment=comment.pk)
    return link


def tell_holder(actor: Actor, case: Case, *, what: str, key: str) -> None:
    """Somebody else than the one who has the case learned more about it."""
    if case.acknowledged_by is not None and case.acknowledged_by_id != actor.actor_id:
        urgent = not case.exercise or ladder.drill()
        notify(
            actor=actor,
            to=[case.acknowledged_by],
            urgency=Notice.Urgency.PAGE if urgent else Notice.Urgency.FYI,
            title=f"{_exercise(case)}Case {case.reference}: {what}",
            link=reverse("escalation:case", args=[case.pk]),
            key=f"case {case.pk} {key}",
        )


def _again(actor: Actor, case_id: int, why: str) -> Case:
    """Its comment was escalated a second time."""
    case = locked(case_id)
    if case.state == Case.State.CLOSED:
        return _reopen(actor, case, why or "Its comment was escalated again.")
    entry = log.write(
        actor=actor, case=case, event="noted", text=f"Its comment was escalated again. {why}".strip()
    )
    log.audit(actor, "case.noted", case)
    tell_holder(actor, case, what="its comment was escalated again", key=f"entry {entry.pk}")
    return case


def _reopen(actor: Actor, case: Case, why: str) -> Case:
    case.state = CASE.next(case.state, "reopen")
    case.round += 1
    case.level = 1
    ladder.let_go(case)
    case.closed_at = case.closed_by = case.merged_into = None
    case.outcome = ""
    case.acknowledge_by = clock.now()
    deadlines.warn(case)
    case.save()
    log.write(actor=actor, case=case, event="reopened", text=f"Reopened: {why}")
    log.audit(actor, "case.reopened", case)
    ladder.call_first_level(case=case)
    return case


def _open_case_of_author(comment: Comment, pathway: Pathway) -> Case | None:
    pk = (
        Case.objects.filter(
            pathway=pathway,
            official_account_id=comment.official_account_id,
            evidence__comment__commenter_id=comment.commenter_id,
        )
        .exclude(state=Case.State.CLOSED)
        .order_by("-opened_at")
        .values_list("pk", flat=True)
        .first()
    )
    if pk is None:
        return None
    case = locked(pk)
    return None if case.state == Case.State.CLOSED else case


def version_for(category: str) -> PathwayVersion:
    """The live version that names the category; that of other concerns where none does."""
    live = PathwayVersion.objects.select_related("pathway").filter(state=PathwayVersion.State.LIVE)
    return (
        live.filter(categories__contains=[category]).order_by("pk").first()
        or live.filter(pathway__slug=OTHER_CONCERN).first()
        or live.order_by("pk")[0]
    )


def live_version(pathway: Pathway) -> PathwayVersion:
    """What happens on this pathway now. Raises NotValid where no version of it is live."""
    found = (
        PathwayVersion.objects.select_related("pathway")
        .filter(pathway=pathway, state=PathwayVersion.State.LIVE)
        .first()
    )
    if found is None:
        raise NotValid(f"No version of “{pathway.title}” is live yet.", field="pathway")
    return found


def _category_name(category: str) -> str:
    return Category(category).label if category in Category.values else "Other concern"


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('escalation_case_number')")
        return cursor.fetchone()[0]


def _exercise(case: Case) -> str:
    return "Exercise: " if case.exercise else ""
