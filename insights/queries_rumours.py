"""Reading rumours: those that a viewer may see, how they spread, what was said to them, and what comes next.

A rumour is seen by whoever sees comments of an official account on which it appeared; the comments that stand behind it
are shown only of their own official accounts, and as long as they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case as CaseWhen
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, When

from accounts.models import OfficialAccount
from accounts.queries import account_ids, authority_of, people_with
from core import clock
from core.errors import NotFound
from escalation import queries as cases
from escalation.models import Case
from insights.charts import Picture
from insights.hearsay import Heard
from insights.models import Rumour, RumourChange, RumourEvidence, RumourPost, Sighting
from insights.spread import spread
from insights.workflow import RUMOUR
from moderation.alike import said_once
from moderation.models import Block, Comment, Conversation, Decision, IngestGap, ReplyDraft
from moderation.queries import why_not
from platforms.contract import Capability
from publishing.models import Delivery, Post, PostTemplate
from publishing.queries import writable_accounts
from publishing.queries_library import templates as library
from staff.models import StaffMember
from staff.roles import Power, Role

COMPARED_BACK = timedelta(hours=24)
MOST_COMPARED = 10_000
"""The newest public comments of the last day that are compared each minute. On a day with more, a rumour that
comes slower than one in ten thousand comments is found by a person."""
KNOWN_FOR = timedelta(days=14)
"""So long after its last appearance a rumour still gathers what says the same."""
ANCHORS_EACH = 20
EXAMPLES = 6
PAGE_LENGTH = 60
MOST_OFFERED = 50
MOST_SEEN = 30
"""Rumours of one area, page or report, those that were seen most."""
SHELVES = {"open": "Open", "closed": "Closed"}
_RANK = {Rumour.Priority.HIGH: 0, "": 1, Rumour.Priority.MEDIUM: 2, Rumour.Priority.LOW: 3}
"""One that nobody has assessed stands before those that are known to be less urgent."""


# For the machinery


def to_compare() -> list[Heard]:
    """What is known of rumours, and the newest public comments, the oldest first."""
    now = clock.now()
    known: dict[int, int] = {}
    recent = Rumour.objects.annotate(last=Max("sightings__noted_at")).filter(
        Q(last__gte=now - KNOWN_FOR) | Q(noted_at__gte=now - KNOWN_FOR)
    )
    named = Sighting.objects.filter(rumour__in=recent.values("pk"), comment_id__isnull=False)
    # One that is closed has what it shares with an open one (joined rumours) last.
    for pk, rumour_id in named.order_by(_closed_last(), "rumour_id", "at", "pk").values_list(
        "comment_id", "rumour_id"
    ):
        if pk is not None:
            known.setdefault(pk, rumour_id)
    anchors: dict[int, list[int]] = {}
    for pk, rumour_id in known.items():
        if len(anchors.setdefault(rumour_id, [])) < ANCHORS_EACH:
            anchors[rumour_id].append(pk)
    wanted = [pk for some in anchors.values() for pk in some]
    newest = list(
        _public(Comment.objects.filter(official_account__in=OfficialAccount.objects.values("pk")))
        .filter(received_at__gte=now - COMPARED_BACK)
        .order_by("-received_at")
        .values_list("pk", flat=True)[:MOST_COMPARED]
    )
    rows = _public(Comment.objects.filter(pk__in={*newest, *wanted})).values_list(
        "pk", "revision_number", "text", "category", "findings", "official_account__exercise"
    )
    heard = [
        Heard(
            pk,
            revision,
            text[:2000],
            category,
            frozenset(str(one.get("category", "")) for one in findings if isinstance(one, dict)),
            exercise,
            known.get(pk),
        )
        for pk, revision, text, category, findings, exercise in rows
        if text.strip()
    ]
    # Known ones first: what a rumour is made of stays the first of its group.
    return sorted(heard, key=lambda one: (one.known is None, one.pk))


def _closed_last() -> CaseWhen:
    return CaseWhen(When(rumour__state=Rumour.State.CLOSED, then=1), default=0)


def rumour_of(comment_ids: Sequence[int]) -> int | None:
    """The rumour in which one of these comments stands: an open one before a closed one, the oldest first."""
    rows = Sighting.objects.filter(comment_id__in=comment_ids).order_by(_closed_last(), "rumour_id")
    return rows.values_list("rumour_id", flat=True).first()


def _public(found: QuerySet[Comment]) -> QuerySet[Comment]:
    return found.filter(private=False).exclude(state__in=[Comment.State.OURS, Comment.State.RESTRICTED])


def keepable(comment_ids: Sequence[int]) -> list[Comment]:
    """Of these, the ones that are still there and public, in the order in which they were written."""
    return list(
        _public(Comment.objects.filter(pk__in=comment_ids))
        .select_related("official_account")
        .order_by("posted_at", "pk")
    )


def gone_links(limit: int = 5_000) -> list[int]:
    """Appearances whose comment is no longer kept, or withheld."""
    there = Comment.objects.filter(pk=OuterRef("comment_id")).exclude(state=Comment.State.RESTRICTED)
    return list(
        Sighting.objects.filter(comment_id__isnull=False)
        .filter(~Exists(there))
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )


def whom_to_tell(rumour: Rumour) -> list[StaffMember]:
    """Duty command, the desk's supervisors, and who writes or approves posts on the official accounts where it appeared."""
    told = (
        Role.DUTY_COMMAND,
        Role.DESK_SUPERVISOR,
        Role.COMMS_OFFICER,
        Role.COMMS_APPROVER,
        Role.NEIGHBOURHOOD_OFFICER,
    )
    return _each_once(
        people_with(role=role, official_account_id=pk) for pk in accounts_of(rumour) for role in told
    )


def who_watches(rumour: Rumour) -> list[StaffMember]:
    """The desk's operators on the official accounts where it appeared."""
    return _each_once(
        people_with(role=Role.DESK_OPERATOR, official_account_id=pk) for pk in accounts_of(rumour)
    )


def who_may(rumour: Rumour, *powers: str) -> list[StaffMember]:
    """Everybody who holds one of these powers on an official account where it appeared."""
    return _each_once(
        people_with(power, official_account_id=pk) for pk in accounts_of(rumour) for power in powers
    )


def _each_once(groups: Iterable[list[StaffMember]]) -> list[StaffMember]:
    return list({person.pk: person for group in groups for person in group}.values())


def accounts_of(rumour: Rumour) -> list[int]:
    """The official accounts on which it appeared."""
    seen = rumour.sightings.order_by().values_list("official_account_id", flat=True).distinct()
    return sorted({rumour.official_account_id, *seen})


# Who may see and do what


def _in_sight(viewer: StaffMember) -> QuerySet[Rumour]:
    ids = account_ids(viewer, Power.SEE_COMMENTS)
    seen = Sighting.objects.filter(rumour=OuterRef("pk"), official_account_id__in=ids)
    return Rumour.objects.filter(Q(official_account_id__in=ids) | Exists(seen)).select_related(
        "official_account", "raised_by", "taken_by", "judged_by", "legal_asked_by", "legal_by"
    )


def rumour(viewer: StaffMember, pk: int) -> Rumour:
    """One rumour. Raises NotFound."""
    found = _in_sight(viewer).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("There is no such rumour, or it is not one that you may see.")
    return found


def may(viewer: StaffMember, rumour: Rumour, *powers: str) -> bool:
    """Whether they hold one of the powers on an official account where it appeared: the action decides again."""
    held = authority_of(viewer)
    return any(held.holds(power, pk) for power in powers for pk in accounts_of(rumour))


WORKS = (Power.WRITE_POSTS, Power.ACKNOWLEDGE_CASES)
"""Who assesses and judges a rumour: whoever may speak for the force there, and command."""
CHECKS = (Power.APPROVE_POSTS, Power.ACKNOWLEDGE_CASES)
"""Who answers the legal check."""


# Lists


@dataclass(frozen=True)
class Line:
    """A rumour in a list."""

    rumour: Rumour
    appearances: int
    last_hour: int
    last_at: datetime | None
    example: str
    """The words of one comment where nobody has put it into ours yet; empty beyond the viewer's official accounts."""
    next: str


def lines(viewer: StaffMember, shelf: str = "open", *, before: int | None = None) -> list[Line]:
    """Rumours of a shelf: the open ones most urgent first, the closed ones newest first; one more than a page holds."""
    now = clock.now()
    found = _in_sight(viewer).annotate(
        appearances=Count("sightings"),
        last_hour=Count("sightings", filter=Q(sightings__at__gt=now - timedelta(hours=1))),
        last_at=Max("sightings__at"),
    )
    if shelf == "closed":
        found = found.filter(state=Rumour.State.CLOSED).order_by("-pk")
    else:
        found = found.exclude(state=Rumour.State.CLOSED).order_by("-noted_at", "-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.prefetch_related("posts")[: PAGE_LENGTH + 1])
    if shelf != "closed":
        rows.sort(key=lambda one: (_RANK[one.priority], -one.appearances))
    shown = _examples_of(viewer, [one.pk for one in rows if not one.words])
    return [
        Line(one, one.appearances, one.last_hour, one.last_at, shown.get(one.pk, ""), next_step(one))
        for one in rows
    ]


def _examples_of(viewer: StaffMember, rumour_ids: Sequence[int]) -> dict[int, str]:
    """The words of the first comment of each that is kept and that the viewer may see."""
    ids = account_ids(viewer, Power.SEE_COMMENTS)
    rows = (
        Sighting.objects.filter(
            rumour_id__in=rumour_ids, comment_id__isnull=False, official_account_id__in=ids
        )
        .order_by("-at", "-pk")
        .values_list("rumour_id", "comment_id")
    )
    of = {rumour_id: pk for rumour_id, pk in rows if pk is not None}
    texts = dict(_public(Comment.objects.filter(pk__in=of.values())).values_list("pk", "text"))
    return {rumour_id: texts[pk] for rumour_id, pk in of.items() if pk in texts}


def waiting(viewer: StaffMember) -> list[Rumour]:
    """For the home page: those that nobody took up, or that wait for this person's legal check; at most five."""
    due = list(
        _in_sight(viewer)
        .exclude(state=Rumour.State.CLOSED)
        .filter(Q(state=Rumour.State.SEEN, told_at__isnull=False) | Q(legal=Rumour.Legal.ASKED))
        .order_by("-noted_at")[:50]
    )
    held = authority_of(viewer)
    where: dict[int, set[int]] = {one.pk: {one.official_account_id} for one in due}
    seen = Sighting.objects.filter(rumour__in=due).order_by().values_list("rumour_id", "official_account_id")
    for pk, account in seen.distinct() if due else ():
        where[pk].add(account)

    def may_here(one: Rumour, powers: Sequence[str]) -> bool:
        return any(held.holds(power, pk) for power in powers for pk in where[one.pk])

    return [
        one
        for one in due
        if (
            viewer.pk not in (one.legal_asked_by_id, one.judged_by_id) and may_here(one, CHECKS)
            if one.legal == Rumour.Legal.ASKED
            else may_here(one, WORKS)
        )
    ][:5]


# One rumour


@dataclass(frozen=True)
class Answer:
    """A post that answers it: where it stands, when it went out first, and what was written under it."""

    link: RumourPost
    post: Post
    sent_at: datetime | None
    url: str
    under: int
    channels: int


@dataclass(frozen=True)
class Reach:
    """How far the rumour came and how far our correction did, in what is known here: appearances and answers.

    No platform says here how often either was seen, so neither is guessed. window_h: hours compared on both sides.
    """

    appearances: int
    accounts: int
    before: int
    after: int
    window_h: int
    under: int
    channels: int
    asked: int
    answered: int


@dataclass(frozen=True)
class Offered:
    """A comment that asked, and whether a reply may be offered to it now."""

    comment: Comment
    why_not: str


@dataclass(frozen=True)
class Whole:
    """Everything on the page of one rumour."""

    rumour: Rumour
    appearances: int
    examples: list[Comment]
    gone: int
    """Appearances whose comment is not kept any more."""
    elsewhere: int
    """Appearances on official accounts that the viewer does not see."""
    spread: Picture | None
    answers: list[Answer]
    reach: Reach | None
    asked: list[Offered]
    evidence: list[RumourEvidence]
    changes: list[RumourChange]
    case: Case | None
    next: str
    can: frozenset[str]


def whole(viewer: StaffMember, pk: int) -> Whole:
    """Everything of one rumour. Raises NotFound."""
    found = rumour(viewer, pk)
    now = clock.now()
    seen = list(found.sightings.order_by("at", "pk"))
    ids = set(account_ids(viewer, Power.SEE_COMMENTS))
    named = {one.comment_id for one in seen if one.comment_id and one.official_account_id in ids}
    there = list(
        _public(Comment.objects.filter(pk__in=named))
        .select_related("official_account", "commenter")
        .order_by("-posted_at", "-pk")
    )
    elsewhere = sum(one.official_account_id not in ids for one in seen)
    answers = answers_to(found)
    corrected = min(
        (one.sent_at for one in answers if one.sent_at and one.link.kind == RumourPost.Kind.CORRECTION),
        default=None,
    )
    answered = corrected or min((one.sent_at for one in answers if one.sent_at), default=None)
    asking = {one.comment_id for one in seen if one.asks and one.comment_id}
    return Whole(
        rumour=found,
        appearances=len(seen),
        examples=said_once(there, lambda one: one.text)[:EXAMPLES],
        gone=len(seen) - elsewhere - len(there),
        elsewhere=elsewhere,
        spread=spread([one.at for one in seen], now=now, answered_at=answered, gaps=_gaps(found, seen, now)),
        answers=answers,
        reach=_reach(seen, answers, corrected, now, asking) if corrected else None,
        asked=[
            Offered(one, why_not_offer(viewer, one))
            for one in there
            if one.pk in asking and one.state == Comment.State.OPEN
        ][:MOST_OFFERED],
        evidence=list(found.evidence.select_related("by")),
        changes=list(found.changes.all()),
        case=case_of(viewer, found),
        next=next_step(found),
        can=frozenset(event for event in RUMOUR.events if RUMOUR.allows(found.state, event)),
    )


def case_of(viewer: StaffMember, found: Rumour) -> Case | None:
    """The case that it is tied to, where the viewer may see that."""
    if found.case_number is None:
        return None
    return cases.cases(viewer).filter(number=found.case_number).first()


def answers_to(found: Rumour) -> list[Answer]:
    """The posts that answer it, the first first."""
    rows = []
    for link in found.posts.select_related("post", "by"):
        sent = list(
            Delivery.objects.filter(
                variant__post=link.post, kind=Delivery.Kind.POST, state=Delivery.State.SENT
            ).order_by("sent_at")
        )
        threads = Conversation.objects.filter(
            official_account_id__in=[one.official_account_id for one in sent],
            root_external_id__in=[one.external_id for one in sent if one.external_id],
        )
        rows.append(
            Answer(
                link,
                link.post,
                sent[0].sent_at if sent else None,
                next((one.external_url for one in sent if one.external_url.startswith("https://")), ""),
                _public(Comment.objects.filter(conversation__in=threads)).count() if sent else 0,
                len(sent),
            )
        )
    return rows


def _reach(
    seen: Sequence[Sighting],
    answers: Sequence[Answer],
    corrected: datetime,
    now: datetime,
    asking: set[int],
) -> Reach:
    window = max(1, min(24, int((now - corrected).total_seconds() // 3600)))
    span = timedelta(hours=window)
    ours = [one for one in answers if one.link.kind == RumourPost.Kind.CORRECTION and one.sent_at]
    replied = Decision.objects.filter(comment_id__in=asking, kind=Decision.Kind.REPLY)
    return Reach(
        appearances=len(seen),
        accounts=len({one.official_account_id for one in seen}),
        before=sum(corrected - span <= one.at < corrected for one in seen),
        after=sum(corrected <= one.at < corrected + span for one in seen),
        window_h=window,
        under=sum(one.under for one in ours),
        channels=sum(one.channels for one in ours),
        asked=sum(one.asks for one in seen),
        answered=replied.values("comment_id").distinct().count(),
    )


def _gaps(found: Rumour, seen: Sequence[Sighting], now: datetime) -> list[tuple[datetime, datetime]]:
    """When one of its official accounts was deaf and what was written then has not been read since."""
    if not seen:
        return []
    rows = IngestGap.objects.filter(
        official_account_id__in={found.official_account_id, *(one.official_account_id for one in seen)},
        filled_at=None,
    ).filter(Q(ends_at=None) | Q(ends_at__gt=seen[0].at))
    return [(row.begins_at, row.ends_at or now) for row in rows]


def next_step(found: Rumour) -> str:
    """What comes next, as a sentence for whoever has the page open."""
    state = found.state
    if state == Rumour.State.SEEN:
        return "Put it into our own words and take it up, or close it as no rumour."
    if state == Rumour.State.CLOSED:
        return "Closed. What says the same is still counted."
    if not found.priority:
        return "Assess the risk: two questions say how soon it is answered."
    if found.legal == Rumour.Legal.ASKED:
        return "A second person answers the legal check."
    if found.legal == Rumour.Legal.STOP:
        return "The legal check says that it may not be said. A holding line may still go out."
    if not found.authority:
        return "Say who may speak on it."
    kinds = {one.kind for one in found.posts.all()}
    # Once it is judged the correction is what people wait for.
    if not kinds and not found.is_judged:
        return "Put out a holding line: its words are approved already."
    if state == Rumour.State.ASSESSING:
        return "Say whether it is so, with the evidence."
    if not found.proceedings:
        return "Say whether somebody is arrested or charged: then a second person checks the words."
    if RumourPost.Kind.CORRECTION not in kinds:
        return "Draft the correction."
    return "Watch whether it goes on, answer those who asked, and close it when it has stopped."


def why_no_correction(found: Rumour) -> str:
    """Why its correction may not be drafted yet, as a sentence; empty where it may."""
    if not found.is_judged:
        return "Somebody has to judge it first: a correction says what is so."
    if not found.truth:
        return "Write what is so, with the judgement."
    if found.authority == Rumour.Authority.NOBODY:
        return "Nobody speaks on it now. Change who may speak first."
    if not found.authority:
        return "Say who may speak on it first."
    if not found.proceedings:
        return "Say whether somebody is arrested or charged, or a case is before a court."
    if found.proceedings != Rumour.Proceedings.NO and found.legal != Rumour.Legal.CLEAR:
        return (
            "A second person has to answer the legal check first: proceedings are active or may be "
            "(Contempt of Court Act 1981, s.2 and Schedule 1)."
        )
    return ""


def why_not_offer(viewer: StaffMember, comment: Comment) -> str:
    """Why no reply is offered to who wrote this comment, as a sentence; empty where one is.

    Nobody is written to who did not write to us, nor privately, nor who is blocked.
    """
    now = clock.now()
    if not authority_of(viewer).holds(Power.REPLY, comment.official_account_id):
        return "You may not reply on this official account."
    if comment.private or comment.state != Comment.State.OPEN:
        return "It is decided already."
    if comment.removed_at is not None or comment.hidden_at is not None:
        return "It is gone or hidden on the platform."
    if (
        comment.claimed_by_id not in (None, viewer.pk)
        and comment.claimed_until
        and comment.claimed_until > now
    ):
        return "A colleague has it."
    if Block.objects.filter(
        official_account_id=comment.official_account_id,
        commenter_id=comment.commenter_id,
        until__gt=now,
    ).exists():
        return "Whoever wrote it is blocked there."
    if ReplyDraft.objects.filter(comment=comment, by=viewer).exists():
        return "You have a draft there already."
    return why_not(comment, Capability.REPLY)


def suggested_reply(found: Rumour) -> str:
    """Words to begin a reply with: what is so, and where we say it. Empty while nobody has judged it."""
    if not found.is_judged or not found.truth:
        return ""
    link = next((one.url for one in answers_to(found) if one.url), "")
    return f"{found.truth.strip()} {link}".strip()


def suggested_correction(found: Rumour) -> str:
    """Words to begin a correction with: the truth comes first, and the claim is not repeated as a headline.

    HMICFRS 2025 asks forces to fill the void of information with the truth; repeating a claim spreads it.
    """
    return found.truth.strip()


def holding_statements(viewer: StaffMember) -> list[PostTemplate]:
    """The statements that were approved beforehand."""
    return [
        one
        for one in library(viewer)
        if one.kind == PostTemplate.Kind.HOLDING and one.approved_at is not None and one.replaced_at is None
    ]


def accounts_to_answer_on(viewer: StaffMember, found: Rumour) -> list[OfficialAccount]:
    """Where the viewer may draft an answer: the official accounts on which it appeared first."""
    appeared = set(accounts_of(found))
    return sorted(writable_accounts(viewer), key=lambda one: (one.pk not in appeared, one.name, one.pk))


def others_open(viewer: StaffMember, found: Rumour) -> list[Rumour]:
    """Open rumours with which it may be joined."""
    return list(
        _in_sight(viewer)
        .filter(official_account__exercise=found.official_account.exercise)
        .exclude(pk=found.pk)
        .exclude(state=Rumour.State.CLOSED)
        .order_by("-noted_at")[:30]
    )


def seen_on(account_ids: Sequence[int], since: datetime, until: datetime) -> list[Rumour]:
    """Rumours that appeared on these official accounts in a time, the most seen first; `seen_here`: how often there and then.

    Whoever sees comments of one of these may see each of them.
    """
    here = Q(
        sightings__official_account_id__in=account_ids, sightings__at__gte=since, sightings__at__lt=until
    )
    return list(
        Rumour.objects.annotate(seen_here=Count("sightings", filter=here))
        .filter(seen_here__gt=0)
        .order_by("-seen_here", "-noted_at", "-pk")[:MOST_SEEN]
    )


def first_answers(rumour_ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
    """Rumour -> what answered it in public: which kind, and when it went out first; the earliest first."""
    rows = (
        RumourPost.objects.filter(
            rumour_id__in=rumour_ids,
            post__variants__deliveries__kind=Delivery.Kind.POST,
            post__variants__deliveries__state=Delivery.State.SENT,
        )
        .order_by()
        .values_list("rumour_id", "kind")
        .annotate(at=Min("post__variants__deliveries__sent_at"))
        .order_by("at")
    )
    found: dict[int, list[tuple[str, datetime]]] = {}
    for pk, kind, at in rows:
        found.setdefault(pk, []).append((RumourPost.Kind(kind).label, at))
    return found
