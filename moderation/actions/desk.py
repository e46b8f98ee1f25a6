"""Working the desk: who has a comment, and what people decide on it.

A claim is a lease: it runs out by itself, and acting on the comment renews it. A decision is
bound to the revision that the person read, and is refused once the author has changed the words.
What a decision sends out goes through the outbox (publishing.actions.outbox) in the same
transaction; moderation.actions.outcomes notes what became of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.queries import account_ids, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from core.rows import change_and_read, change_one
from moderation import private_messages, queries, queries_talk, switched_off, wording
from moderation.categories import ANSWER_WITHIN_MINUTES, HIGH_RISK, USUAL_PRIORITY, Category, Priority
from moderation.models import (
    Clause,
    Comment,
    Decision,
    Label,
    Note,
    ReplyDraft,
    ReplyRequest,
    Revision,
)
from moderation.workflow import DESK
from notices.actions import notify
from notices.models import Notice
from platforms.contract import Capability
from publishing.actions import outbox
from publishing.models import Delivery
from staff.models import StaffMember, Team
from staff.roles import Power

LEASE = timedelta(minutes=15)
NOTE_LENGTH = 4000
WHY_LENGTH = 500


@action
def claim(*, actor: StaffMember, comment: Comment, why: str = "") -> Comment:
    """The comment is this person's for 15 minutes; claiming one's own again renews it.

    why: needed only where a desk supervisor takes over a comment that a colleague has.
    Raises NotPermitted, TransitionNotAllowed (decided already), TakenBySomeoneElse (a colleague
    has it, and the actor does not supervise the desk), NotValid (taking over without a reason).
    Audits comment.claimed.
    """
    comment = _locked(comment)
    _require(actor, Power.WORK_COMMENTS, comment)
    _refuse_if_settled(comment, "claim")
    DESK.next(comment.state, "claim")
    colleague = _colleague_who_has(comment, actor)
    if colleague is not None:
        if not queries.supervises(actor, comment.official_account_id):
            raise _taken(comment, colleague)
        if not why.strip():
            raise NotValid(f"Say why you take this over from {colleague.called}.", field="why")
    return _give_to(comment, actor, why=why.strip() if colleague else "", taken_from=colleague)


@action
def release(*, actor: StaffMember, comment: Comment) -> Comment:
    """The comment is free for colleagues again. Releasing one that nobody has changes nothing.

    Raises NotPermitted, TakenBySomeoneElse. Audits comment.released.
    """
    comment = _locked(comment)
    _require(actor, Power.WORK_COMMENTS, comment)
    colleague = _colleague_who_has(comment, actor)
    if colleague is not None:
        raise _taken(comment, colleague)
    if comment.claimed_by_id is None:
        return comment
    _free(comment)
    comment.save(update_fields=["claimed_by", "claimed_until"])
    _audit(actor, "comment.released", comment)
    return comment


@action
def pull_next(*, actor: StaffMember) -> Comment | None:
    """The most urgent comment that nobody has becomes this person's; None when there is none.

    Two people pulling at once get two different comments. What the person passed over before is not
    offered to them again. Audits comment.claimed.
    """
    ids = account_ids(actor, Power.WORK_COMMENTS)
    first = queries.next_free(actor, ids, by_time=switched_off.by_time())
    if first is None:
        return None
    lease = {"claimed_by_id": actor.pk, "claimed_until": clock.now() + LEASE}
    comment = change_and_read(Comment, first[-1], lease, queries.TO_CLAIM)
    comment.claimed_by = actor
    _audit_claim(actor, comment)
    return comment


@action
def release_stale_claims(*, actor: Actor = System("desk")) -> int:  # noqa: B008
    """Comments whose lease has run out are free again. Safe to repeat; answers how many.

    Nobody waits for this: a lease that has run out keeps nobody from claiming.
    Audits comment.claim_ran_out, once for each.
    """
    stale = list(
        Comment.objects.select_for_update(skip_locked=True)
        .filter(claimed_by__isnull=False, claimed_until__lte=clock.now())
        .order_by("claimed_until")[:500]
    )
    for comment in stale:
        had_it = comment.claimed_by.called if comment.claimed_by else ""
        _free(comment)
        comment.save(update_fields=["claimed_by", "claimed_until"])
        _audit(actor, "comment.claim_ran_out", comment, details={"had_it": had_it})
    return len(stale)


@action
def reply(
    *, actor: StaffMember, comment: Comment, revision_number: int, text: str, despite_claim: bool = False
) -> Decision:
    """The public, or the one person who wrote to us privately, gets an answer from the official account.

    despite_claim: the person was told that a colleague has the comment, and answers all the same. It counts
    only where a life may be at risk (Comment.at_risk): a lost lock keeps nobody from answering then.

    A private comment is answered privately, to its author alone; nobody else is ever written to
    privately. The draft that was kept is gone; it comes back if the platform refuses.
    Source: APP social media, private messaging: the force answers there, and does not begin.
    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed (decided, removed, or
    no private messages on this official account), NotValid (empty, too long, a gap left open, somebody
    named who has not written to us, the platform's window is over, or the platform cannot).
    Audits comment.replied.
    """
    comment = begin(actor, comment, revision_number, Power.REPLY, "reply", despite_claim=despite_claim)
    return send_reply(actor, comment, text, author=actor)


def send_reply(
    actor: Actor, comment: Comment, text: str, *, author: StaffMember, approver: StaffMember | None = None
) -> Decision:
    """The words go to the outbox and the comment is decided. The comment is locked, and begun by an action.

    approver: the second person who said yes to these words, where there is one. Raises and audits as `reply`.
    """
    text = check_reply(comment, text)
    closes_at = private_messages.window_ends(comment)
    delivery = outbox.queue(
        actor=actor,
        official_account=comment.official_account,
        kind=Delivery.Kind.REPLY,
        author=author,
        approver=approver,
        subject=comment,
        text=text,
        target_external_id=comment.external_id,
        root_external_id="" if comment.private else comment.conversation.root_external_id,
        private_to_external_id=comment.commenter.external_id if comment.private else "",
        urgent=comment.priority == Priority.IMMEDIATE,
        cut_off_at=min(clock.now() + outbox.CUT_OFF[Delivery.Kind.REPLY], closes_at) if closes_at else None,
    )
    ReplyDraft.objects.filter(comment=comment, by=author).delete()
    colleague = _colleague_who_has(comment, author)
    return decide(
        actor,
        comment,
        "reply",
        Decision.Kind.REPLY,
        "comment.replied",
        delivery=delivery,
        by=author,
        details={
            "private": comment.private,
            **({"approved_by": approver.called} if approver else {}),
            **(
                {"despite_claim_of": colleague.called} if colleague is not None and colleague != actor else {}
            ),
        },
    )


def check_reply(comment: Comment, text: str) -> str:
    """The words as they would go out, once nothing stands in their way. Raises as `reply`."""
    _refuse_if_removed(comment, "answer")
    _require_capability(comment, Capability.REPLY)
    if comment.private:
        _require_capability(comment, Capability.PRIVATE_MESSAGES)
        private_messages.refuse_unless_answerable(comment)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise NotValid("Write the reply first.", field="reply_text")
    wording.refuse_gaps(text)
    wording.refuse_strangers(comment, text)
    length, most = queries.reply_length(comment, text)
    if length > most:
        raise NotValid(
            f"The reply is {length:,} {queries.counted_in(comment)} long and {queries.platform_name(comment)} takes "
            f"{most:,}. Shorten it by {length - most:,}.",
            field="reply_text",
        )
    return text


@action
def hide(
    *, actor: StaffMember, comment: Comment, revision_number: int, clause: Clause, why: str = ""
) -> Decision:
    """The public no longer sees the comment, for a reason that stands in the published guidelines.

    What the platform itself holds back stays hidden then by our own decision.

    Source: APP social media, community guidelines: the public can read why comments are hidden.
    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed (decided,
    removed or hidden already), NotValid (private, no published clause, no note under a sensitive one, or
    the platform cannot hide).
    Audits comment.hidden.
    """
    comment = begin(actor, comment, revision_number, Power.HIDE_COMMENTS, "hide")
    _refuse_if_removed(comment, "hide")
    if comment.private:
        raise NotValid(
            "This is a private message: nobody but the force sees it, so there is nothing to hide."
        )
    if comment.hidden_at is not None and not comment.held_why:
        raise TransitionNotAllowed("This comment is hidden already.")
    _require_capability(comment, Capability.HIDE)
    reason = published_clause(clause, why)
    delivery = outbox.queue(
        actor=actor,
        official_account=comment.official_account,
        kind=Delivery.Kind.HIDE,
        author=actor,
        subject=comment,
        target_external_id=comment.external_id,
        root_external_id=comment.conversation.root_external_id,
    )
    return decide(
        actor,
        comment,
        "hide",
        Decision.Kind.HIDE,
        "comment.hidden",
        delivery=delivery,
        clause=reason,
        why=why,
        details={"clause": reason.title},
    )


def published_clause(clause: Clause, why: str, *, grave: bool = False) -> Clause:
    """The clause as it is published now, with the note that it needs.

    grave: a deletion or a block, which always needs one. Raises NotValid.
    """
    reason = Clause.objects.filter(pk=clause.pk, published=True).first()
    if reason is None:
        raise NotValid(
            "Choose a clause of the published guidelines: there is no other reason.", field="clause"
        )
    if not why.strip() and (grave or reason.sensitive):
        under = "A deletion or a block" if grave else f"A decision under “{reason.title}”"
        raise NotValid(
            f"{under} needs a note. Say in a few words what in this comment breaks the clause.", field="why"
        )
    return reason


@action
def unhide(
    *, actor: StaffMember, comment: Comment, revision_number: int, why: str = "", standing: int | None = None
) -> Decision:
    """The public sees the comment again and it waits for a decision; a hide that has not left never will.

    standing: the number of the decision that the person saw stand, 0 for none.
    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed (not hidden, or
    on its way to the platform this moment), NotValid (the platform cannot). Audits comment.unhidden.
    """
    comment = _locked(comment)
    _require(actor, Power.HIDE_COMMENTS, comment)
    _refuse_if_colleague_has(comment, actor)
    _refuse_if_changed(comment, revision_number)
    _refuse_if_decided_since(comment, standing)
    waiting = queries.hide_under_way(comment)
    on_its_way = waiting.delivery if waiting is not None else None
    if waiting is not None and on_its_way is not None and on_its_way.state == Delivery.State.SCHEDULED:
        outbox.withdraw(actor=actor, delivery=on_its_way, why=why.strip() or "Undone by the desk")
        _note_outcome(waiting)
        delivery = None
    elif waiting is not None:
        raise TransitionNotAllowed(
            "The hide is on its way to the platform this moment. Wait for its outcome, then show the comment again."
        )
    elif comment.hidden_at is None:
        raise TransitionNotAllowed("This comment is not hidden: the public sees it.")
    else:
        _require_capability(comment, Capability.UNHIDE)
        delivery = outbox.queue(
            actor=actor,
            official_account=comment.official_account,
            kind=Delivery.Kind.UNHIDE,
            author=actor,
            subject=comment,
            target_external_id=comment.external_id,
            root_external_id=comment.conversation.root_external_id,
        )
    return decide(
        actor, comment, "unhide", Decision.Kind.UNHIDE, "comment.unhidden", delivery=delivery, why=why
    )


@action
def no_action(*, actor: StaffMember, comment: Comment, revision_number: int, why: str = "") -> Decision:
    """A person has read the comment and nothing needs doing.

    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed.
    Audits comment.no_action.
    """
    comment = begin(actor, comment, revision_number, Power.WORK_COMMENTS, "no_action")
    return decide(actor, comment, "no_action", Decision.Kind.NO_ACTION, "comment.no_action", why=why)


@action
def handled_elsewhere(
    *, actor: StaffMember, comment: Comment, revision_number: int, where: str, why: str = ""
) -> Decision:
    """Somebody has dealt with it in another place, and it says where.

    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed, NotValid (no place).
    Audits comment.handled_elsewhere.
    """
    comment = begin(actor, comment, revision_number, Power.WORK_COMMENTS, "handle_elsewhere")
    where = " ".join(where.split())
    if not where:
        raise NotValid("Say where it was handled, so that a colleague can find it.", field="where")
    return decide(
        actor,
        comment,
        "handle_elsewhere",
        Decision.Kind.ELSEWHERE,
        "comment.handled_elsewhere",
        why=f"{where}: {why.strip()}" if why.strip() else where,
    )


@action
def hand_over(
    *, actor: StaffMember, comment: Comment, revision_number: int, team: Team | None, why: str = ""
) -> Decision:
    """The comment stands in that team's queue, free for any of them; without a team it is the desk's again.

    It keeps its clock and its risk, and the desk still sees it. The team is told.
    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed (decided, or it stands
    there already), NotValid (no reason, or nobody in the team may work on this official account).
    Audits comment.handed_over.
    """
    comment = begin(actor, comment, revision_number, Power.WORK_COMMENTS, "hand_over")
    if (team.pk if team else None) == comment.handed_to_id:
        raise TransitionNotAllowed(
            f"It stands in the queue of {team.name} already." if team else "It is with the desk already."
        )
    if not why.strip():
        raise NotValid(
            "Say in a few words what is wanted: it is the first thing that they read.", field="why"
        )
    people = queries.people_in(team, comment.official_account_id) if team else []
    if team is not None and not people:
        raise NotValid(
            f"Nobody in {team.name} may work on {comment.official_account.name}, so it would lie there unseen. "
            "Choose another team, or ask your service administrator for a grant.",
            field="team",
        )
    comment.handed_to = team
    _free(comment)
    to = team.name if team else "the desk"
    decision = decide(
        actor,
        comment,
        "hand_over",
        Decision.Kind.HAND_OVER,
        "comment.handed_over",
        why=f"To {to}: {why.strip()}",
        details={"to": to},
    )
    notify(
        actor=actor,
        to=[person for person in people if person.pk != actor.pk],
        urgency=Notice.Urgency.SOON if comment.priority <= Priority.HIGH else Notice.Urgency.FYI,
        title=f"A comment on {comment.official_account.name} was handed to {to}"[:160],
        body=f"By {actor.called}. It waits in your team’s queue.",
        link=queries.address(comment),
        key=f"handed-over-{decision.pk}",
    )
    return decision


@action
def escalate(
    *, actor: StaffMember, comment: Comment, revision_number: int, category: str, why: str
) -> Decision:
    """Somebody with more authority is called: the comment states that it needs a case.

    Escalation picks that up within a second and opens or extends the case. The comment can still be
    answered and hidden meanwhile. The category that the person names counts from now on.
    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed, NotValid (no
    reason, unknown category). Audits comment.escalated.
    """
    # Calling for help is never kept waiting by whoever has the comment: they are told on their page.
    comment = begin(actor, comment, revision_number, Power.ESCALATE, "escalate", despite_claim=True)
    chosen = _category(category)
    if not why.strip():
        raise NotValid(
            "Say what you fear, in a few words: it is the first thing that command reads.", field="why"
        )
    comment.needs_case = chosen
    if chosen != comment.category and chosen != Category.NONE:
        comment.category = chosen
        comment.priority = min(comment.priority, USUAL_PRIORITY[chosen])
    return decide(
        actor,
        comment,
        "escalate",
        Decision.Kind.ESCALATE,
        "comment.escalated",
        why=why,
        details={"pathway": chosen.label if chosen != Category.NONE else "Other concern"},
    )


@action
def retriage(
    *,
    actor: StaffMember,
    comment: Comment,
    revision_number: int,
    category: str,
    priority: int,
    why: str = "",
) -> Decision:
    """A person says what the comment is about and how urgent it is; the same answer accepts triage's.

    The desk's clock starts from when the comment came, not from now. why: needed to bring a comment below high
    or out of the high-risk categories, but not to take one's own last answer back.
    Raises NotPermitted, TakenBySomeoneElse, TransitionNotAllowed, NotValid. Audits comment.retriaged.
    """
    comment = _locked(comment)
    _require(actor, Power.WORK_COMMENTS, comment)
    _refuse_if_settled(comment, "sort")
    _refuse_if_changed(comment, revision_number)
    DESK.next(comment.state, "sort")
    _refuse_if_colleague_has(comment, actor)
    chosen = _category(category)
    if priority not in Priority.values:
        raise NotValid("Choose a priority from 1, immediate, to 5, none.", field="priority")
    urgency = Priority(priority)
    accepted = (comment.category, comment.priority) == (chosen, urgency)
    last = queries_talk.own_last_answer(actor, comment)
    takes_back = last is not None and (last.was_category, last.was_priority) == (chosen, urgency)
    lowered = comment.priority <= Priority.HIGH < urgency or (
        comment.category in HIGH_RISK and chosen not in HIGH_RISK
    )
    why = why.strip()
    if lowered and not why and not takes_back:
        raise NotValid("Say in a few words why nobody is at risk here.", field="why")
    was = f"{comment.get_category_display()}, {comment.get_priority_display().lower()}"
    words = f"{chosen.label}, {urgency.label.lower()}"
    label = Label(
        comment_id=comment.pk,
        revision_number=comment.revision_number,
        category=chosen,
        priority=urgency,
        was_category=comment.category,
        was_priority=comment.priority,
        triage_version=comment.triage_version,
        by=actor,
        at=clock.now(),
    )
    if not accepted:
        minutes = ANSWER_WITHIN_MINUTES[urgency]
        comment.answer_by = None if minutes is None else comment.received_at + timedelta(minutes=minutes)
        comment.category, comment.priority = chosen, urgency
    comment.triage_broken = False
    comment.model_due_at = None
    _renew(comment, actor)
    comment.save()
    label.save(force_insert=True)
    told = f"Accepted: {words}" if accepted else f"{was} → {words}"
    decision = decision_row(actor, comment, Decision.Kind.RETRIAGE, why=f"{told}. {why}" if why else told)
    _audit(
        actor,
        "comment.retriaged",
        comment,
        details={
            "was": was,
            "is": words,
            "accepted": accepted,
            "triage": comment.triage_version,
            "out_of_risk": lowered,
            "takes_back": takes_back,
        },
    )
    return decision


@action
def add_note(*, actor: StaffMember, comment: Comment, text: str) -> Note:
    """Colleagues read it beside the comment; it never leaves the platform.

    Whoever answers for a neighbourhood that it names may add what they know. Raises NotPermitted, NotValid (empty, or longer than 4,000 characters). Audits comment.noted.
    """
    comment = _locked(comment)
    if not queries.answers_for_place(actor, Power.WORK_COMMENTS, comment):
        _require(actor, Power.WORK_COMMENTS, comment)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise NotValid("Write the note first.", field="note_text")
    if len(text) > NOTE_LENGTH:
        raise NotValid(f"The note is {len(text):,} characters long; {NOTE_LENGTH:,} fit.", field="note_text")
    note = Note.objects.create(comment=comment, text=text, by=actor, at=clock.now())
    if _renew(comment, actor):
        comment.save(update_fields=["claimed_until"])
    _audit(actor, "comment.noted", comment)
    return note


@action
def reopen(*, actor: StaffMember, comment: Comment, why: str = "", standing: int | None = None) -> Decision:
    """The decision is taken back as far as it can be, and the comment waits for the desk again.

    A reply or a hide that has not left is withdrawn, and the words come back as a draft. A case that was asked for and is not
    open yet is not opened; an open one goes on. The clock is the old one: the public has been waiting.
    standing: as for `unhide`: "Undo" on a page that is no longer true takes back nothing of a colleague's.
    Raises NotPermitted, TakenBySomeoneElse, ChangedSinceSeen, TransitionNotAllowed (open already, or on its way
    to the platform this moment). Audits comment.reopened.
    """
    comment = _locked(comment)
    _require(actor, Power.WORK_COMMENTS, comment)
    if comment.state == Comment.State.OPEN:
        raise TransitionNotAllowed("This comment is open already.")
    DESK.next(comment.state, "reopen")
    _refuse_if_colleague_has(comment, actor)
    _refuse_if_decided_since(comment, standing)
    for decision in queries.under_way(comment):
        delivery = decision.delivery
        if delivery is None:
            continue
        if delivery.state != Delivery.State.SCHEDULED:
            raise TransitionNotAllowed(
                f"The {delivery.get_kind_display()} is on its way to the platform this moment. "
                "Wait for its outcome, then reopen the comment."
            )
        outbox.withdraw(actor=actor, delivery=delivery, why=why.strip() or "The comment was reopened")
        _note_outcome(decision)
        bring_words_back(decision)
    comment.needs_case = ""
    return decide(actor, comment, "reopen", Decision.Kind.REOPEN, "comment.reopened", why=why)


def why_not_taken_back(comment: Comment, decision_id: int | None) -> str:
    """Why a decision that was made on many is left standing on this one; empty where it is the last one still.

    Whatever a colleague decided since, above all that somebody is at risk, is never taken back with the others.
    """
    last = comment.decisions.exclude(kind__in=Decision.BESIDE).order_by("-at", "-id").first()
    if last is not None and last.pk == decision_id:
        return ""
    return "Somebody has decided on it again since, so it stays as it is now."


def bring_words_back(decision: Decision) -> None:
    """A reply that did not leave is a draft again, unless its author has begun another.

    Its author is whoever answers for it now: of a leaver's reply that is their heir.
    """
    if decision.kind != Decision.Kind.REPLY or decision.by_id is None or decision.delivery is None:
        return
    keep_words(decision.comment_id, decision.delivery.author_id, decision.delivery.text)


def keep_words(comment_id: int, author_id: int, text: str) -> None:
    """Words of a reply that did not go out are its author's draft, unless they have begun another."""
    ReplyDraft.objects.get_or_create(
        comment_id=comment_id, by_id=author_id, defaults={"text": text, "saved_at": clock.now()}
    )


# What the actions share.


def _with_its_surroundings():
    return Comment.objects.select_related(
        "official_account__neighbourhood", "conversation", "commenter", "claimed_by", "handed_to"
    )


def _locked(comment: Comment) -> Comment:
    # Lock first, read afterwards. A row that had to be waited for comes with its new columns but
    # with the joined rows of before, so that locking and joining in one query would show a comment
    # claimed a moment ago as claimed by nobody.
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    return _with_its_surroundings().get(pk=comment.pk)


def _require(actor: Actor, power: Power, comment: Comment) -> None:
    if isinstance(actor, System):
        return
    if not isinstance(actor, StaffMember):
        raise NotPermitted("Sign in first.")
    require(actor, power, comment.official_account_id)


def begin(
    actor: StaffMember,
    comment: Comment,
    revision_number: int,
    power: Power,
    event: str,
    *,
    despite_claim: bool = False,
    approver: StaffMember | None = None,
) -> Comment:
    """Lock the comment, and refuse a decision that this person may not make on it now.

    despite_claim: a colleague's claim keeps nobody from it, for escalating and where a life may be at risk.
    approver: a second person who carries it out; that they have the comment themselves is in nobody's way.
    """
    comment = _locked(comment)
    if event != "escalate" or not queries.answers_for_place(actor, power, comment):
        _require(actor, power, comment)
    _refuse_if_changed(comment, revision_number)
    _refuse_if_settled(comment, event)
    DESK.next(comment.state, _event_for(comment, event))
    colleague = _colleague_who_has(comment, actor)
    free_to_act = despite_claim and (event == "escalate" or comment.at_risk)
    if colleague is not None and colleague != approver and not free_to_act:
        raise _taken(comment, colleague)
    return comment


def _event_for(comment: Comment, event: str) -> str:
    after = f"{event}_after_escalation"
    escalated = DESK.allows(comment.state, after) and queries.is_escalated(comment)
    return after if escalated else event


def _refuse_if_changed(comment: Comment, revision_number: int) -> None:
    if comment.revision_number != revision_number:
        raise ChangedSinceSeen(
            "The author has changed this comment since you read it. Nothing was done: read the new words, "
            "then decide again."
        )


def _refuse_if_decided_since(comment: Comment, standing: int | None) -> None:
    last = queries.standing_decision(comment) if comment.state == Comment.State.DECIDED else None
    if standing is None or standing == (last.pk if last else 0):
        return
    what = f"{last.by_name} has decided on this comment since" if last else "This comment was reopened since"
    raise ChangedSinceSeen(f"{what} you read it. Nothing was taken back: read it once more, then decide.")


def _refuse_if_settled(comment: Comment, event: str) -> None:
    """Say who decided and when, in place of the workflow's bare "is decided"."""
    if comment.state == Comment.State.OURS:
        raise TransitionNotAllowed(
            "This was written by the official account itself, so there is nothing to decide."
        )
    if comment.state != Comment.State.DECIDED or DESK.allows(comment.state, _event_for(comment, event)):
        return
    last = queries.standing_decision(comment)
    who = (
        f"{last.by_name} has decided on this comment already ({last.get_kind_display().lower()}, "
        if last
        else ""
    )
    when = f"{_wall_clock(last.at)}). " if last else "This comment is decided already. "
    raise TransitionNotAllowed(f"{who}{when}Reopen it if that should change.")


def _refuse_if_removed(comment: Comment, verb: str) -> None:
    if comment.removed_at is not None:
        raise TransitionNotAllowed(
            f"This comment is gone from the platform since {_wall_clock(comment.removed_at)}, so there is nothing "
            f"left to {verb}. Its words are kept as evidence: choose no action, or escalate."
        )


def _colleague_who_has(comment: Comment, actor: Actor) -> StaffMember | None:
    holder = queries.holder(comment)
    return holder if holder is not None and holder.pk != actor.actor_id else None


def _refuse_if_colleague_has(comment: Comment, actor: Actor) -> None:
    colleague = _colleague_who_has(comment, actor)
    if colleague is not None:
        raise _taken(comment, colleague)


def _taken(comment: Comment, colleague: StaffMember) -> TakenBySomeoneElse:
    until = clock.in_london(comment.claimed_until or clock.now())
    return TakenBySomeoneElse(
        f"{colleague.called} has this comment until {until:%H:%M}. Take another one, write them a private note, "
        "or ask a desk supervisor to take it over."
    )


def _require_capability(comment: Comment, capability: Capability) -> None:
    sentence = queries.why_not(comment, capability)
    if sentence:
        raise NotValid(sentence)


def _category(slug: str) -> Category:
    if slug not in Category.values:
        raise NotValid("Choose a category from the list.", field="category")
    return Category(slug)


def _give_to(
    comment: Comment, actor: StaffMember, *, why: str = "", taken_from: StaffMember | None = None
) -> Comment:
    comment.claimed_by = actor
    comment.claimed_until = clock.now() + LEASE
    change_one(
        Comment, comment.pk, {"claimed_by_id": actor.pk, "claimed_until": comment.claimed_until}, still={}
    )
    _audit_claim(actor, comment, why=why, taken_from=taken_from)
    return comment


def _audit_claim(
    actor: StaffMember, comment: Comment, *, why: str = "", taken_from: StaffMember | None = None
) -> None:
    assert comment.claimed_until is not None
    details = {"until": comment.claimed_until.isoformat()}
    if taken_from is not None:
        details["taken_from"] = taken_from.called
    _audit(actor, "comment.claimed", comment, why=why, details=details)


def _renew(comment: Comment, actor: Actor) -> bool:
    """Acting on a comment that one has keeps it for another 15 minutes."""
    if comment.claimed_by_id is None or comment.claimed_by_id != actor.actor_id:
        return False
    comment.claimed_until = clock.now() + LEASE
    return True


def _free(comment: Comment) -> None:
    comment.claimed_by = None
    comment.claimed_until = None


def decide(
    actor: Actor,
    comment: Comment,
    event: str,
    kind: Decision.Kind,
    audited_as: str,
    *,
    why: str = "",
    clause: Clause | None = None,
    delivery: Delivery | None = None,
    by: StaffMember | None = None,
    details: dict | None = None,
) -> Decision:
    """Move the comment, add the decision row and the audit entry. The comment is locked.

    by: whose decision it is, where another than the actor carries it out.
    """
    comment.state = DESK.next(comment.state, _event_for(comment, event))
    if comment.state == Comment.State.DECIDED:
        comment.decided_at = clock.now()
        _free(comment)
        _overtake(comment, by or actor)
    else:
        comment.decided_at = None
    comment.save()
    decision = decision_row(by or actor, comment, kind, why=why, clause=clause, delivery=delivery)
    _audit(actor, audited_as, comment, why=why.strip(), details=details)
    return decision


def _overtake(comment: Comment, decider: Actor) -> None:
    """A reply that waits for a second person does so no more; its author, if another has decided, keeps the words."""
    waiting = ReplyRequest.objects.filter(comment=comment, state=ReplyRequest.State.ASKED)
    for row in waiting.exclude(asked_by=decider.actor_id):
        keep_words(comment.pk, row.asked_by_id, row.text)
    waiting.update(state=ReplyRequest.State.OVERTAKEN, answered_at=clock.now())


def decision_row(
    actor: Actor,
    comment: Comment,
    kind: Decision.Kind,
    *,
    why: str = "",
    clause: Clause | None = None,
    delivery: Delivery | None = None,
) -> Decision:
    why = why.strip()
    if len(why) > WHY_LENGTH:
        raise NotValid(f"The reason is {len(why):,} characters long; {WHY_LENGTH:,} fit.", field="why")
    return Decision.objects.create(
        comment=comment,
        revision=Revision.objects.get(comment=comment, number=comment.revision_number),
        kind=kind,
        clause=clause,
        why=why,
        by=actor if isinstance(actor, StaffMember) else None,
        by_name=actor.actor_name[:200],
        at=clock.now(),
        delivery=delivery,
        outcome_noted=delivery is None,
    )


def _note_outcome(decision: Decision) -> None:
    decision.outcome_noted = True
    decision.save(update_fields=["outcome_noted"])


def _audit(actor: Actor, event: str, comment: Comment, *, why: str = "", details: dict | None = None) -> None:
    record(
        actor=actor,
        event=event,
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        reason=why,
        details={"revision": comment.revision_number, **(details or {})},
    )


def _wall_clock(instant: datetime) -> str:
    london = clock.in_london(instant)
    return f"{london.day} {london:%b %H:%M}"
