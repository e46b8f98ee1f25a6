"""You said, we did: a worry is taken up, somebody does something about it, and a second person publishes the result."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import Neighbourhood
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from publishing import queries_campaigns, queries_meetings, stopping, stripping
from publishing import queries_concerns as queries
from publishing.actions import posts
from publishing.actions.questions import PUBLIC
from publishing.models import Concern, ConcernChange, Post, Question
from publishing.workflow_campaigns import CONCERN
from staff.models import StaffMember
from staff.roles import Power

LONGEST_SAID = 500
LONGEST_RESULT = 1000
FURTHEST = timedelta(days=366)


@action
def raise_concern(
    *,
    actor: StaffMember,
    neighbourhood: Neighbourhood,
    said: str,
    source: str = Concern.Source.HAND,
    comment_id: int | None = None,
    question: Question | None = None,
    exercise: bool = False,
) -> Concern:
    """A worry of a neighbourhood waits for somebody to take it up. Of a comment or question taken up before, that one.

    said: our words; what tells who somebody is has been taken out by the caller or is refused when it is published.
    Raises NotPermitted, NotValid. Audits concern.raised.
    """
    _require(actor, Power.WORK_COMMENTS, neighbourhood)
    said = _said(said)
    if comment_id is not None and (present := queries.of_comment(comment_id)) is not None:
        return present
    if question is not None and (present := Concern.objects.filter(question=question).first()) is not None:
        return present
    made = Concern.objects.create(
        neighbourhood=neighbourhood,
        source=source,
        exercise=exercise,
        comment_id=comment_id,
        question=question,
        said=said,
        raised_by=actor,
        raised_at=clock.now(),
    )
    _note(made, actor=actor, event="raised", audited="concern.raised", words=said)
    return made


@action
def raise_from_question(*, actor: StaffMember, question: Question) -> Concern:
    """What was asked in a meeting is a worry of the neighbourhood that the meeting is for.

    Raises NotPermitted, TransitionNotAllowed (not shown, or a meeting of the whole force). Audits concern.raised.
    """
    campaign = question.meeting.campaign
    if campaign.neighbourhood is None or not question.shown:
        raise TransitionNotAllowed(
            "Only a shown question of a neighbourhood’s own meeting becomes its worry."
        )
    return raise_concern(
        actor=actor,
        neighbourhood=campaign.neighbourhood,
        said=question.shown[:LONGEST_SAID],
        source=Concern.Source.MEETING,
        question=question,
        exercise=queries_meetings.is_exercise(campaign),
    )


@action
def plan(
    *, actor: StaffMember, concern: Concern, said: str, what: str, owner: StaffMember, due_on: date
) -> Concern:
    """Somebody does something about it until a day.

    due_on: a London day from today to a year ahead. Raises NotPermitted, NotValid, TransitionNotAllowed.
    Audits concern.planned.
    """
    concern = _locked(actor, concern, Power.PLAN_POSTS)
    state = CONCERN.next(concern.state, "plan")
    what = " ".join(what.split())
    if not what or len(what) > LONGEST_SAID:
        raise NotValid(f"Say what is done about it, in at most {LONGEST_SAID} characters.", field="what")
    if owner.pk not in {one.pk for one in queries.who_could_own(concern.neighbourhood)}:
        raise NotValid("Choose somebody who works for this neighbourhood.", field="owner")
    unchanged = due_on == concern.due_on
    if not unchanged and not clock.today() <= due_on <= clock.today() + FURTHEST:
        raise NotValid("Choose a day from today to a year ahead.", field="due_on")
    concern.said, concern.action, concern.owner, concern.due_on = _said(said), what, owner, due_on
    concern.state = state
    concern.save()
    _note(
        concern,
        actor=actor,
        event="planned",
        audited="concern.planned",
        words=what,
        details={"owner": owner.called},
    )
    return concern


@action
def report(*, actor: StaffMember, concern: Concern, said: str, result: str, why_stays: str = "") -> Concern:
    """What was done waits for somebody else to publish it.

    why_stays: needed where something in the words tells who somebody is or where they live.
    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits concern.reported.
    """
    concern = _locked(actor, concern, Power.PLAN_POSTS)
    concern.state = CONCERN.next(concern.state, "report")
    said, result = _said(said), result.replace("\r\n", "\n").strip()
    if not result or len(result) > LONGEST_RESULT:
        raise NotValid(f"Say what was done, in at most {LONGEST_RESULT:,} characters.", field="result")
    places = queries_campaigns.places()
    for field, words in (("said", said), ("result", result)):
        still = stripping.look(words, places)
        if still and not why_stays.strip():
            raise NotValid(
                f"{'; '.join(one.says for one in still[:3])}. Take it out, or say below why it may stay.",
                field=field,
            )
    concern.said, concern.result, concern.result_by = said, result, actor
    concern.save()
    _note(
        concern,
        actor=actor,
        event="reported",
        audited="concern.reported",
        words=result,
        why=why_stays.strip()[:500],
    )
    return concern


@action
def publish(*, actor: StaffMember, concern: Concern, result_seen: str) -> Concern:
    """The public reads on the page of the neighbourhood what was said and what was done.

    By somebody who may approve posts there and wrote none of the result. result_seen: the result as it was read.
    Raises NotPermitted, NotValid (it says something else by now), TransitionNotAllowed (a pause or lockdown stands).
    Audits concern.published.
    """
    concern = _locked(actor, concern, Power.APPROVE_POSTS)
    if concern.result_by_id == actor.pk:
        raise NotPermitted("You wrote this result, so somebody else has to publish it.")
    if concern.result != result_seen.replace("\r\n", "\n"):
        raise NotValid("The result was changed after you opened it. Read it again below.")
    accounts = set(queries.accounts_of(concern.neighbourhood).values_list("pk", flat=True))
    for lockdown in stopping.live():
        everywhere = not (lockdown.official_account_ids or lockdown.neighbourhood_ids or lockdown.team_ids)
        if everywhere or stopping.accounts_in(lockdown).filter(pk__in=accounts).exists():
            raise TransitionNotAllowed(
                f"A {lockdown.get_kind_display().lower()} is in force ({lockdown.why}), so nothing new is published."
            )
    concern.state = CONCERN.next(concern.state, "publish")
    concern.published_by, concern.published_at = actor, clock.now()
    concern.save()
    _note(concern, actor=actor, event="published", audited="concern.published", details={"to": PUBLIC})
    return concern


@action
def take_down(*, actor: StaffMember, concern: Concern, why: str) -> Concern:
    """The public reads it no longer. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits concern.taken_down."""
    why = reason(why, "Say why it is taken down.")
    concern = _locked(actor, concern, Power.PLAN_POSTS)
    concern.state = CONCERN.next(concern.state, "take_down")
    concern.published_by = concern.published_at = None
    concern.save()
    _note(concern, actor=actor, event="taken down", audited="concern.taken_down", why=why)
    return concern


@action
def drop(*, actor: StaffMember, concern: Concern, why: str) -> Concern:
    """Nothing is done about it. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits concern.dropped."""
    why = reason(why, "Say why it is not taken up.")
    concern = _locked(actor, concern, Power.WORK_COMMENTS)
    concern.state, concern.dropped_why = CONCERN.next(concern.state, "drop"), why
    concern.save()
    _note(concern, actor=actor, event="dropped", audited="concern.dropped", why=why)
    return concern


@action
def draft_from(*, actor: StaffMember, concern: Concern) -> Post:
    """A draft says what was said and done, on the official accounts of the neighbourhood; it goes the way of every post.

    Raises NotPermitted, NotValid (the neighbourhood has no account that they may write for), TransitionNotAllowed
    (nothing is done yet). Audits post.drafted, concern.post_drafted.
    """
    concern = _locked(actor, concern, Power.PLAN_POSTS)
    if concern.state not in (Concern.State.DONE, Concern.State.PUBLISHED):
        raise TransitionNotAllowed("Write down first what was done.")
    accounts = queries.accounts_of(concern.neighbourhood).filter(exercise=concern.exercise)
    ids = [one.pk for one in accounts]
    if not ids:
        raise NotValid(
            f"{concern.neighbourhood.name} has no official account in use. Write the post elsewhere."
        )
    post = posts.draft_post(
        actor=actor,
        account_ids=ids,
        words=f"You said: {concern.said}\n\nWe did: {concern.result}",
        title=f"You said, we did: {concern.neighbourhood.name}",
    )
    concern.post = post
    concern.save(update_fields=["post"])
    _note(concern, actor=actor, event="drafted", audited="concern.post_drafted", details={"post": post.pk})
    return post


def _locked(actor: StaffMember, concern: Concern, power: Power) -> Concern:
    found = Concern.objects.select_for_update(of=("self",)).select_related("neighbourhood").get(pk=concern.pk)
    _require(actor, power, found.neighbourhood)
    return found


def _require(actor: StaffMember, power: Power, neighbourhood: Neighbourhood) -> None:
    if neighbourhood.pk not in {one.pk for one in queries.areas(actor, power)}:
        raise NotPermitted(
            f"You may not do this for {neighbourhood.name}: it needs the right “{power.label}” there.",
            power=str(power.label),
        )


def _said(said: str) -> str:
    said = " ".join(said.replace("\x00", "").split())
    if not said or len(said) > LONGEST_SAID:
        raise NotValid(f"Say what people worry about, in at most {LONGEST_SAID} characters.", field="said")
    return said


def _note(
    concern: Concern,
    *,
    actor: StaffMember,
    event: str,
    audited: str,
    words: str = "",
    why: str = "",
    details: dict[str, object] | None = None,
) -> None:
    ConcernChange.objects.create(
        concern=concern, event=event, at=clock.now(), by=actor, words=(words or why)[:LONGEST_RESULT]
    )
    record(
        actor=actor,
        event=audited,
        subject=concern,
        subject_name=f"worry {concern.pk} of {concern.neighbourhood.name}",
        reason=why,
        details=details or {},
    )
