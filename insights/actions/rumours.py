"""The rumour desk: noted by software or by hand, assessed and judged by people, and tied to its case.

Software counts and suggests; whether it is so is a decision of people. How it is answered: insights.actions.rumour_answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import OfficialAccount
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotValid
from core.typed import reason
from escalation.actions import cases
from escalation.models import Case, Pathway
from insights import hearsay
from insights import queries_rumours as queries
from insights.actions import rumour_story as story
from insights.models import Rumour, RumourChange, RumourEvidence, Sighting
from insights.workflow import RUMOUR
from moderation.models import Comment
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LONGEST_WORDS = 500
LONGEST_TRUTH = 1000
LONGEST_SAYS = 500

_HIGH, _MEDIUM, _LOW = Rumour.Priority.HIGH, Rumour.Priority.MEDIUM, Rumour.Priority.LOW
_PRIORITY: dict[str, dict[str, str]] = {
    Rumour.Harm.LIFE: dict.fromkeys(Rumour.Spread.values, _HIGH),
    Rumour.Harm.DISORDER: {"wide": _HIGH, "growing": _HIGH, "contained": _MEDIUM},
    Rumour.Harm.JUSTICE: {"wide": _HIGH, "growing": _MEDIUM, "contained": _LOW},
    Rumour.Harm.TRUST: {"wide": _HIGH, "growing": _MEDIUM, "contained": _LOW},
    Rumour.Harm.LITTLE: {"wide": _MEDIUM, "growing": _LOW, "contained": _LOW},
}


def priority_of(harm: str, spread: str) -> str:
    """How soon it is answered, from what may come of it and how far it gets. A person may say otherwise.

    After the impact analysis of the Government Communication Service's RESIST toolkit (public summaries, read 2026-11-29):
    harm and reach give a priority. Which give which is ours, to be confirmed by the force
    (docs/decisions, claims are followed and never people).
    """
    return _PRIORITY[harm][spread]


# Noted


@action
def keep_group(*, actor: Actor, comment_ids: Sequence[int]) -> Rumour | None:
    """Comments that say the same are one rumour: a new one from three appearances on, or more of a known one.

    The first of the group names it, so that two workers make one. Answers None where nothing changed.
    Audits rumour.found or rumour.grew; command and communications are told of the third appearance, once.
    """
    there = queries.keepable(comment_ids)
    if not there:
        return None
    known = queries.rumour_of([one.pk for one in there])
    if known is not None:
        rumour = Rumour.objects.select_for_update().get(pk=known)
        new = _see(rumour, there)
        if not new:
            return None
        story.note(rumour, actor, "grew", f"{_many(new)} more.", "rumour.grew", details={"count": new})
    else:
        if len(there) < hearsay.THIRD:
            return None
        first = there[0]
        try:
            with transaction.atomic():
                rumour = Rumour.objects.create(
                    official_account=first.official_account,
                    found=Rumour.Found.CLUSTER,
                    first_comment_id=first.pk,
                    noted_at=clock.now(),
                    first_seen_at=first.posted_at,
                )
        except IntegrityError:
            return None  # another worker was first
        new = _see(rumour, there)
        story.note(
            rumour,
            actor,
            "found",
            f"{_many(new)} say the same. Software noted it; nobody has judged it.",
            "rumour.found",
            details={"count": new},
        )
    _tell_of_third(actor, rumour)
    return rumour


@action
def raise_rumour(
    *, actor: StaffMember, official_account: OfficialAccount, words: str = "", comment: Comment | None = None
) -> Rumour:
    """Somebody notes a rumour, with words of their own or from a comment by one press; of a comment noted before, that one.

    Raises NotPermitted, NotValid (neither words nor comment, a private message). Audits rumour.raised.
    """
    require(actor, Power.ESCALATE, official_account.pk)
    words = _words(words, needed=comment is None)
    if comment is not None:
        if comment.private:
            raise NotValid(
                "A private message is no rumour that goes round. Write down what is claimed, without who told it."
            )
        known = Rumour.objects.filter(sightings__comment_id=comment.pk).exclude(state=Rumour.State.CLOSED)
        if (present := known.order_by("pk").first()) is not None:
            return present
    now = clock.now()
    rumour = Rumour.objects.create(
        official_account=official_account,
        found=Rumour.Found.HAND,
        words=words,
        noted_at=now,
        first_seen_at=comment.posted_at if comment is not None else now,
        raised_by=actor,
    )
    if comment is not None:
        _see(rumour, [comment], by=actor)
    story.note(rumour, actor, "raised", "Noted by hand.", "rumour.raised")
    _tell_of_third(actor, rumour)
    return rumour


@action
def add_comment(*, actor: StaffMember, rumour: Rumour, comment: Comment) -> Rumour:
    """A comment is one more appearance. A second time changes nothing.

    Raises NotPermitted, NotValid (private, or of the other kind: exercise and real never mix). Audits rumour.added.
    """
    rumour = story.locked(rumour)
    require(actor, Power.ESCALATE, comment.official_account_id)
    if comment.private or comment.official_account.exercise != rumour.official_account.exercise:
        raise NotValid(
            "This comment cannot stand in that rumour: it is private, or one of the two is an exercise."
        )
    if _see(rumour, [comment], by=actor):
        story.note(rumour, actor, "added", "One appearance added by hand.", "rumour.added")
        _tell_of_third(actor, rumour)
    return rumour


@action
def join(*, actor: StaffMember, rumour: Rumour, into: Rumour) -> Rumour:
    """Two that are one: the appearances go to the other, and this one is closed. Audits rumour.joined.

    Raises NotPermitted, NotValid (itself, or the other is closed or of an exercise), TransitionNotAllowed.
    """
    first, second = (story.locked(one) for one in sorted((rumour, into), key=lambda one: one.pk))
    rumour, into = (first, second) if first.pk == rumour.pk else (second, first)
    story.require_work(actor, rumour, *queries.WORKS)
    story.require_work(actor, into, *queries.WORKS)
    if (
        rumour.pk == into.pk
        or into.state == Rumour.State.CLOSED
        or rumour.official_account.exercise != into.official_account.exercise
    ):
        raise NotValid("Choose another open rumour.", field="into")
    there = set(into.sightings.filter(comment_id__isnull=False).values_list("comment_id", flat=True))
    # What stands in both stays behind with this one, which is closed.
    rumour.sightings.exclude(comment_id__in=there).update(rumour=into)
    into.first_seen_at = min(into.first_seen_at, rumour.first_seen_at)
    into.save(update_fields=["first_seen_at"])
    _close(rumour)
    story.note(
        rumour,
        actor,
        "joined",
        f"Joined with {into.reference}.",
        "rumour.joined",
        details={"other": into.reference},
    )
    story.note(
        into,
        actor,
        "joined",
        f"{rumour.reference} was joined with it.",
        "rumour.joined",
        details={"other": rumour.reference},
    )
    _tell_of_third(actor, into)
    return into


@action
def let_go(*, actor: Actor) -> int:
    """Appearances let go of comments that are disposed of or withheld; their number stays counted. Safe to repeat.

    Audits rumours.let_go where there were any. Answers how many.
    """
    gone = queries.gone_links()
    if gone:
        firsts = list(Sighting.objects.filter(pk__in=gone).values_list("comment_id", flat=True))
        Sighting.objects.filter(pk__in=gone).update(comment_id=None)
        Rumour.objects.filter(first_comment_id__in=firsts).update(first_comment_id=None)
        record(actor=actor, event="rumours.let_go", details={"count": len(gone)})
    return len(gone)


# Assessed and judged


@action
def take_up(*, actor: StaffMember, rumour: Rumour, words: str) -> Rumour:
    """Somebody assesses it, in our own words from now on.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits rumour.moved.
    """
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    after = RUMOUR.next(rumour.state, "take_up")
    rumour.words = _words(words, needed=True)
    rumour.taken_by = actor
    return story.move(rumour, actor, after, f"Taken up: “{rumour.words}”", fields=["words", "taken_by"])


@action
def assess(
    *, actor: StaffMember, rumour: Rumour, harm: str, spread: str, priority: str = "", why: str = ""
) -> Rumour:
    """What may come of it, how far it gets, and from both how soon it is answered.

    priority: where it is another than the two answers give, with why. Raises NotPermitted, NotValid,
    TransitionNotAllowed (closed, or nobody has taken it up). Audits rumour.assessed.
    """
    rumour = story.at_work(actor, rumour)
    if harm not in Rumour.Harm.values:
        raise NotValid("Say what may come of it.", field="harm")
    if spread not in Rumour.Spread.values:
        raise NotValid("Say how far it gets.", field="spread")
    given = priority_of(harm, spread)
    if priority and priority not in Rumour.Priority.values:
        raise NotValid("Choose how soon it is answered.", field="priority")
    if priority and priority != given:
        why = reason(why, "Say why it is answered sooner or later than the two answers give.")
    rumour.harm, rumour.spread, rumour.priority = harm, spread, priority or given
    rumour.save(update_fields=["harm", "spread", "priority"])
    story.note(
        rumour,
        actor,
        "assessed",
        f"Risk: {rumour.get_harm_display()}; {rumour.get_spread_display().lower()}. "
        f"{rumour.get_priority_display()}.{f' {why}' if why.strip() else ''}",
        "rumour.assessed",
        details={"harm": harm, "spread": spread, "priority": rumour.priority},
    )
    return rumour


@action
def add_evidence(
    *, actor: StaffMember, rumour: Rumour, says: str, speaks: str, link: str = ""
) -> RumourEvidence:
    """Where somebody looked and what it shows stands with it for good.

    link: an https address. Raises NotPermitted, NotValid, TransitionNotAllowed (closed). Audits rumour.evidence.
    """
    rumour = story.at_work(actor, rumour)
    says, link = " ".join(says.split()), link.strip()
    if not says or len(says) > LONGEST_SAYS:
        raise NotValid(f"Say what it shows, in at most {LONGEST_SAYS} characters.", field="says")
    if speaks not in RumourEvidence.Speaks.values:
        raise NotValid("Say whether it speaks for or against it.", field="speaks")
    if link and (len(link) > 500 or not _is_https(link)):
        raise NotValid("Give an address that begins with https://, or none.", field="link")
    made = RumourEvidence.objects.create(
        rumour=rumour, says=says, speaks=speaks, link=link, by=actor, at=clock.now()
    )
    story.note(rumour, actor, "evidence", f"{made.get_speaks_display()}: {says}", "rumour.evidence")
    return made


@action
def judge(
    *, actor: StaffMember, rumour: Rumour, verdict: str, kind: str = "", truth: str = "", seen: str = ""
) -> Rumour:
    """Somebody says whether it is so, and what is so as far as it may be said.

    verdict: false, misleading, true or unclear. kind: mis or dis where it is false or misleading; mal or nothing
    where it is true. seen: the state as the page had it.
    Raises NotPermitted, NotValid, TransitionNotAllowed, ChangedSinceSeen. Audits rumour.moved.
    """
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    if seen and seen != rumour.state:
        raise ChangedSinceSeen(
            f"A colleague has set it to {rumour.get_state_display().lower()} meanwhile. Read it again."
        )
    if f"judge_{verdict}" not in RUMOUR.events:
        raise NotValid("Say whether it is false, misleading, true or unclear.", field="verdict")
    after = RUMOUR.next(rumour.state, f"judge_{verdict}")
    truth = truth.replace("\r\n", "\n").strip()
    if after in (Rumour.State.FALSE, Rumour.State.MISLEADING):
        if kind not in (Rumour.Kind.MISINFORMATION, Rumour.Kind.DISINFORMATION):
            raise NotValid("Say whether it is meant to mislead, as far as we can tell.", field="kind")
        if not truth:
            raise NotValid("Write what is so: a correction begins with it.", field="truth")
    else:
        kind = kind if after == Rumour.State.TRUE and kind == Rumour.Kind.MALINFORMATION else ""
    if len(truth) > LONGEST_TRUTH:
        raise NotValid(f"Say it in at most {LONGEST_TRUTH:,} characters.", field="truth")
    if not rumour.evidence.exists():
        raise NotValid(
            "Add the evidence first: where somebody looked and what it shows, also where it is one telephone call."
        )
    changed = (rumour.truth, rumour.kind) != (truth, kind)
    rumour.kind, rumour.truth = kind, truth
    rumour.judged_by, rumour.judged_at = actor, clock.now()
    if changed and rumour.legal in (Rumour.Legal.CLEAR, Rumour.Legal.STOP):
        # The answer was to other words.
        rumour.legal, rumour.legal_words = Rumour.Legal.ASKED, ""
        rumour.legal_asked_by, rumour.legal_by = actor, None
    says = f"Judged {Rumour.State(after).label.lower()}"
    if kind:
        says += f" ({Rumour.Kind(kind).label.partition(':')[0].lower()})"
    return story.move(
        rumour,
        actor,
        after,
        f"{says}.{f' What is so: {truth}' if truth else ''}",
        fields=[
            "kind",
            "truth",
            "judged_by",
            "judged_at",
            "legal",
            "legal_words",
            "legal_asked_by",
            "legal_by",
        ],
    )


@action
def assess_again(*, actor: StaffMember, rumour: Rumour, why: str) -> Rumour:
    """The judgement is taken back. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits rumour.moved."""
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    after = RUMOUR.next(rumour.state, "assess_again")
    return story.move(
        rumour, actor, after, f"Assessed again: {reason(why, 'Say why, in a few words.')}", fields=[]
    )


@action
def close(*, actor: StaffMember, rumour: Rumour, why: str) -> Rumour:
    """It is over, or was no rumour. What says the same is still counted.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits rumour.moved.
    """
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    RUMOUR.next(rumour.state, "close")
    why = reason(why, "Say why, in a few words: it has stopped, or is no rumour.")
    was = rumour.state
    _close(rumour)
    story.note(
        rumour,
        actor,
        "closed",
        f"Closed: {why}",
        "rumour.moved",
        details={"was": was, "becomes": rumour.state},
    )
    return rumour


@action
def reopen(*, actor: StaffMember, rumour: Rumour, words: str, why: str) -> Rumour:
    """It goes on. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits rumour.moved."""
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    after = RUMOUR.next(rumour.state, "reopen")
    why = reason(why, "Say why, in a few words.")
    rumour.words = _words(words or rumour.words, needed=True)
    rumour.closed_at = None
    return story.move(rumour, actor, after, f"Opened again: {why}", fields=["words", "closed_at"])


# The case


@action
def tie_case(*, actor: StaffMember, rumour: Rumour, case: Case) -> Rumour:
    """Its story so far and every further step stand in the log of the case.

    Raises NotPermitted, NotValid (tied to another), TransitionNotAllowed (the case is closed). Audits rumour.case_tied.
    """
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    require(actor, Power.SEE_CASES, case.official_account_id)
    if rumour.case_number == case.number:
        return rumour
    if rumour.case_number is not None:
        raise NotValid(f"It stands in W-{rumour.case_number} already.", field="case")
    if case.exercise != rumour.official_account.exercise:
        raise NotValid("One of the two is an exercise: they never mix.", field="case")
    told = [f"{clock.in_london(one.at):%-d %b %H:%M} {one.says}" for one in rumour.changes.all()[:50]]
    name = rumour.words or "in nobody’s words yet"
    cases.add_log_entry(
        actor=actor,
        case=case,
        text=f"Rumour {rumour.reference} ({name}) is tied to this case. {' '.join(told)}"[:4000],
    )
    rumour.case_number = case.number
    rumour.save(update_fields=["case_number"])
    RumourChange.objects.create(
        rumour=rumour,
        event="case",
        says=f"Tied to the case {case.reference}.",
        by_name=actor.actor_name,
        at=clock.now(),
    )
    story.audit(rumour, actor, "rumour.case_tied", {"case": case.reference})
    return rumour


@action
def open_case(*, actor: StaffMember, rumour: Rumour, pathway: Pathway) -> Rumour:
    """A case is opened for it, its first level is called, and it is tied to it.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits case.opened and rumour.case_tied.
    """
    rumour = story.opened(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    if rumour.case_number is not None:
        raise NotValid(f"It stands in W-{rumour.case_number} already.", field="case")
    case = cases.open_case(
        actor=actor,
        official_account=rumour.official_account,
        pathway=pathway,
        title=f"Rumour {rumour.reference}",
        why=rumour.words or "A rumour that nobody has put into our words yet.",
    )
    return tie_case(actor=actor, rumour=rumour, case=case)


# Parts


def _see(rumour: Rumour, comments: Sequence[Comment], *, by: StaffMember | None = None) -> int:
    """Each comment is one appearance, once. Answers how many are new."""
    there = set(
        rumour.sightings.filter(comment_id__in=[one.pk for one in comments]).values_list(
            "comment_id", flat=True
        )
    )
    now = clock.now()
    new = [one for one in comments if one.pk not in there]
    Sighting.objects.bulk_create(
        Sighting(
            rumour=rumour,
            comment_id=one.pk,
            official_account_id=one.official_account_id,
            at=one.posted_at,
            noted_at=now,
            asks=hearsay.asks(one.text),
            by=by,
        )
        for one in new
    )
    if new and (earliest := min(one.posted_at for one in new)) < rumour.first_seen_at:
        rumour.first_seen_at = earliest
        rumour.save(update_fields=["first_seen_at"])
    return len(new)


def _tell_of_third(actor: Actor, rumour: Rumour) -> None:
    """Command, communications and the desk are told once that it is a rumour. No words of the public travel with it.

    Operators of the desk are at the screen: theirs stands there and sends no e-mail.
    """
    if rumour.told_at is not None or rumour.state == Rumour.State.CLOSED:
        return
    appearances = list(rumour.sightings.order_by("at", "pk").values_list("at", flat=True)[: hearsay.THIRD])
    if len(appearances) < hearsay.THIRD:
        return
    rumour.third_at, rumour.told_at = appearances[-1], clock.now()
    rumour.save(update_fields=["third_at", "told_at"])
    exercise = "Exercise: " if rumour.official_account.exercise else ""
    called = queries.whom_to_tell(rumour)
    watching = [one for one in queries.who_watches(rumour) if one not in called]
    for people, urgency in ((called, Notice.Urgency.SOON), (watching, Notice.Urgency.FYI)):
        notify(
            actor=actor,
            to=people,
            urgency=urgency,
            title=f"{exercise}The same claim for the third time on {rumour.official_account.name}",
            body=f"{rumour.reference} may be a rumour. See what is said, and put out a holding line.",
            link=reverse("insights:rumour", args=[rumour.pk]),
            key=f"rumour-{rumour.pk}",
        )


def _words(words: str, *, needed: bool) -> str:
    words = " ".join(words.split())
    if needed and not words:
        raise NotValid("Write what is claimed, in our own words and without names.", field="words")
    if len(words) > LONGEST_WORDS:
        raise NotValid(f"Say it in at most {LONGEST_WORDS} characters.", field="words")
    return words


def _is_https(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not any(c.isspace() for c in link)


def _close(rumour: Rumour) -> None:
    rumour.state, rumour.closed_at = Rumour.State.CLOSED, clock.now()
    if rumour.legal == Rumour.Legal.ASKED:
        rumour.legal = ""
    rumour.save(update_fields=["state", "closed_at", "legal"])


def _many(count: int) -> str:
    return f"{count} {'comment' if count == 1 else 'comments'}"
