"""A case from its opening to its end."""

from __future__ import annotations

from django.db import connection
from django.urls import reverse

from accounts import queries as accounts
from accounts.models import OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotFound, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from escalation.actions import evidence, ladder, log
from escalation.models import Case, CaseComment, LogEntry, Pathway
from escalation.workflow import CASE
from moderation.categories import USUAL_PRIORITY, Category, Priority
from moderation.models import Comment, Commenter, Decision
from notices.actions import notify, see
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

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
    # One at a time per author, so that two comments of one person become one case.
    Commenter.objects.select_for_update(no_key=True).get(pk=found.commenter_id)
    category = found.needs_case
    decision = (
        found.decisions.filter(kind=Decision.Kind.ESCALATE)
        .select_related("by")
        .order_by("-at", "-id")
        .first()
    )
    person: Actor = decision.by if decision is not None and decision.by is not None else actor
    why = decision.why if decision is not None else ""
    link = CaseComment.objects.filter(comment=found).first()
    pathway = _pathway(category)
    unclosed = _open_case_of_author(found, pathway) if link is None else None
    if link is not None:
        case = _again(person, link.case_id, why)
    elif unclosed is not None:
        case = unclosed
        _add(person, case, found, why)
    else:
        case = _open(
            actor=person,
            official_account=found.official_account,
            pathway=pathway,
            title=f"{_category_name(category)}, {found.official_account.name}",
            priority=min(USUAL_PRIORITY.get(category, Priority.HIGH), found.priority),
            why=why,
            comment=found,
        )
    found.needs_case = ""
    found.save(update_fields=["needs_case"])
    return case


@action
def open_case(
    *,
    actor: StaffMember,
    official_account: OfficialAccount,
    pathway: Pathway,
    title: str,
    why: str,
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
    worst = min((USUAL_PRIORITY[category] for category in pathway.categories), default=Priority.HIGH)
    return _open(
        actor=actor,
        official_account=official_account,
        pathway=pathway,
        title=title,
        priority=worst,
        why=why.strip(),
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
    case = _locked(case.pk)
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
def acknowledge(*, actor: StaffMember, case: Case) -> Case:
    """The person has the case: the calls stop and everybody who was called learns who it is.

    The first wins. Raises NotPermitted, TakenBySomeoneElse (with their name and since when),
    TransitionNotAllowed (closed). A second time by the same person changes nothing.
    Audits case.acknowledged.
    """
    case = _locked(case.pk)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    if case.state == Case.State.ACKNOWLEDGED:
        if case.acknowledged_by_id == actor.pk:
            return case
        assert case.acknowledged_by is not None
        assert case.acknowledged_at is not None
        raise TakenBySomeoneElse(
            f"{case.acknowledged_by.called} has case {case.reference}, "
            f"since {clock.in_london(case.acknowledged_at):%H:%M}. Nothing more is needed from you; "
            "add to the log if you know something."
        )
    case.state = CASE.next(case.state, "acknowledge")
    case.acknowledged_at = clock.now()
    case.acknowledged_by = actor
    case.acknowledge_by = None
    case.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledge_by"])
    log.write(actor=actor, case=case, event="acknowledged", text=f"{actor.called} has it.")
    _see_notices(actor, case)
    others = [call.person for call in case.call_outs.select_related("person") if call.person_id != actor.pk]
    notify(
        actor=actor,
        to=others,
        urgency=Notice.Urgency.FYI,
        title=f"{_exercise(case)}{actor.called} has case {case.reference}",
        link=reverse("escalation:case", args=[case.pk]),
        key=f"case {case.pk} acknowledged {case.round}",
    )
    _record(actor, "case.acknowledged", case)
    return case


@action
def cannot_take(*, actor: StaffMember, case: Case, why: str = "") -> Case:
    """Somebody who was called cannot have the case: the next level is called at once, not when time is up.

    The others stay called. Raises NotPermitted, TransitionNotAllowed (somebody has it, or closed).
    Audits case.noted and case.climbed.
    """
    case = _locked(case.pk)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    if case.state != Case.State.WAITING:
        raise TransitionNotAllowed(
            f"Case {case.reference} waits for nobody any more: the calls have stopped."
        )
    text = f"{actor.called} cannot take it. {why.strip()}".strip()
    log.write(actor=actor, case=case, event="cannot_take", text=text[:1000])
    _record(actor, "case.noted", case)
    ladder.pass_over(case=case)
    return case


@action
def add_log_entry(*, actor: StaffMember, case: Case, text: str) -> LogEntry:
    """What was done, said or learned stands in the log for good.

    Raises NotPermitted, NotValid (empty, too long), TransitionNotAllowed (closed). Audits case.noted.
    """
    case = _locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    if case.state == Case.State.CLOSED:
        raise TransitionNotAllowed(f"Case {case.reference} is closed. Reopen it to add to its log.")
    text = text.strip()
    if not text:
        raise NotValid("Write what was done, said or learned.", field="text")
    if len(text) > 4000:
        raise NotValid("Keep one entry under 4,000 characters; add another for the rest.", field="text")
    entry = log.write(actor=actor, case=case, event="noted", text=text)
    _record(actor, "case.noted", case)
    return entry


@action
def close(*, actor: StaffMember, case: Case, outcome: str) -> Case:
    """The case ends with an outcome that the log keeps.

    Raises NotPermitted, NotValid (no outcome), TransitionNotAllowed (nobody has it yet, or closed
    already). Audits case.closed.
    """
    case = _locked(case.pk)
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
    case.state = state
    case.closed_at = clock.now()
    case.closed_by = actor
    case.outcome = outcome
    case.save(update_fields=["state", "closed_at", "closed_by", "outcome"])
    log.write(actor=actor, case=case, event="closed", text=f"Closed: {outcome}")
    _record(actor, "case.closed", case)
    return case


@action
def reopen(*, actor: StaffMember, case: Case, why: str) -> Case:
    """A closed case waits again for somebody to have it, and its first level is called.

    The earlier outcome stays in the log. Raises NotPermitted, NotValid (no reason),
    TransitionNotAllowed (not closed). Audits case.reopened.
    """
    case = _locked(case.pk)
    accounts.require(actor, Power.ESCALATE, case.official_account_id)
    if not why.strip():
        raise NotValid("Say why it is needed again.", field="why")
    return _reopen(actor, case, why.strip())


@action
def open_page(*, actor: StaffMember, case: Case, comment_ids: list[int]) -> None:
    """The person sees the case and its evidence; their notices about it have done their work.

    Audits case.viewed with the comments whose words were shown.
    """
    _see_notices(actor, case)
    view_evidence(actor=actor, case=case, comment_ids=comment_ids)


def _see_notices(actor: StaffMember, case: Case) -> None:
    """Their own notices about the case stop calling them."""
    link = reverse("escalation:case", args=[case.pk])
    see(actor=actor, notices=list(Notice.objects.filter(to=actor, seen_at=None, link=link)))


@action
def view_evidence(*, actor: StaffMember, case: Case, comment_ids: list[int]) -> None:
    """The person was shown these comments of the case. Audits case.viewed."""
    record(
        actor=actor,
        event="case.viewed",
        subject=case,
        subject_name=case.reference,
        official_account_id=case.official_account_id,
        shown_ids=comment_ids,
    )


@action
def view_list(*, actor: StaffMember, cases: list[Case]) -> None:
    """The person was shown these cases in a list. Audits cases.listed with their ids."""
    record(actor=actor, event="cases.listed", shown_ids=[case.pk for case in cases])


def _open(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    pathway: Pathway,
    title: str,
    priority: int,
    why: str,
    comment: Comment | None = None,
) -> Case:
    case = Case.objects.create(
        number=_next_number(),
        title=title[:160],
        pathway=pathway,
        pathway_version=pathway.version,
        priority=priority,
        official_account=official_account,
        exercise=official_account.exercise,
        opened_at=clock.now(),
        opened_by=actor if isinstance(actor, StaffMember) else None,
        opened_by_name=actor.actor_name,
    )
    log.write(actor=actor, case=case, event="opened", text=f"Opened. {why}".strip())
    if comment is not None:
        evidence.keep(actor=actor, case=case, comment=comment)
    _record(
        actor,
        "case.opened",
        case,
        pathway=pathway.title,
        pathway_version=pathway.version,
        comment=comment.pk if comment is not None else None,
    )
    ladder.call_first_level(case=case)
    return case


def _add(actor: Actor, case: Case, comment: Comment, why: str) -> CaseComment:
    link = evidence.keep(actor=actor, case=case, comment=comment)
    if comment.priority < case.priority:
        case.priority = comment.priority
        case.save(update_fields=["priority"])
    log.write(
        actor=actor, case=case, event="comment_added", text=f"Comment {comment.pk} added. {why}".strip()
    )
    if case.state == Case.State.ACKNOWLEDGED:
        _tell_who_has_it(actor, case, what="another comment was added", key=f"comment {comment.pk}")
    _record(actor, "case.comment_added", case, comment=comment.pk)
    return link


def _tell_who_has_it(actor: Actor, case: Case, *, what: str, key: str) -> None:
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
    case = _locked(case_id)
    if case.state == Case.State.CLOSED:
        return _reopen(actor, case, why or "Its comment was escalated again.")
    entry = log.write(
        actor=actor, case=case, event="noted", text=f"Its comment was escalated again. {why}".strip()
    )
    _record(actor, "case.noted", case)
    _tell_who_has_it(actor, case, what="its comment was escalated again", key=f"entry {entry.pk}")
    return case


def _reopen(actor: Actor, case: Case, why: str) -> Case:
    case.state = CASE.next(case.state, "reopen")
    case.round += 1
    case.level = 1
    case.acknowledged_at = case.acknowledged_by = case.closed_at = case.closed_by = None
    case.outcome = ""
    case.save()
    log.write(actor=actor, case=case, event="reopened", text=f"Reopened: {why}")
    _record(actor, "case.reopened", case)
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
    case = _locked(pk)
    return None if case.state == Case.State.CLOSED else case


def _pathway(category: str) -> Pathway:
    return (
        Pathway.objects.filter(categories__contains=[category]).first()
        or Pathway.objects.filter(slug=OTHER_CONCERN).first()
        or Pathway.objects.order_by("pk")[0]
    )


def _category_name(category: str) -> str:
    return Category(category).label if category in Category.values else "Other concern"


def _locked(pk: int) -> Case:
    # Only what never changes is joined: after a wait for the lock, a row joined by a column that
    # changed meanwhile would still be the one from before.
    try:
        return (
            Case.objects.select_for_update(of=("self",))
            .select_related("pathway", "official_account")
            .get(pk=pk)
        )
    except Case.DoesNotExist:
        raise NotFound("There is no such case.") from None


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('escalation_case_number')")
        return cursor.fetchone()[0]


def _exercise(case: Case) -> str:
    return "Exercise: " if case.exercise else ""


def _record(actor: Actor, event: str, case: Case, **details: object) -> None:
    record(
        actor=actor,
        event=event,
        subject=case,
        subject_name=case.reference,
        official_account_id=case.official_account_id,
        details=details,
    )
