"""Cases as a viewer may see them: what waits, who has what, what happens if nobody acts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import OfficialAccount
from accounts.queries import account_ids, may
from core import clock
from core.errors import NotFound
from escalation import queries_oncall, queries_pathways, queries_recorded, queries_referrals
from escalation.models import CallOut, Case, CaseComment, Level, LogEntry, Pathway, Referral
from moderation.categories import Priority
from moderation.models import Comment
from notices.models import Notice, NoticeDelivery
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power, Role

PAGE_LENGTH = 50


def cases(viewer: StaffMember) -> QuerySet[Case]:
    """The cases that the viewer may see, with what a list of them shows."""
    return Case.objects.filter(official_account_id__in=account_ids(viewer, Power.SEE_CASES)).select_related(
        "pathway", "version", "official_account", "acknowledged_by", "closed_by", "grade", "merged_into"
    )


def case(viewer: StaffMember, pk: int) -> Case:
    """One case. Raises NotFound where there is none or the viewer may not know of it."""
    try:
        return cases(viewer).get(pk=pk)
    except Case.DoesNotExist:
        raise NotFound("There is no such case, or it is not one that you may see.") from None


def waiting(viewer: StaffMember) -> QuerySet[Case]:
    """Cases that nobody has yet: those for which the viewer was called first, then by their clock."""
    called = CallOut.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), person=viewer)
    return (
        cases(viewer)
        .filter(state=Case.State.WAITING)
        .annotate(called_me=Exists(called))
        .order_by("-called_me", "acknowledge_by", "number")
    )


def acknowledged(viewer: StaffMember) -> list[Case]:
    """Cases that somebody has: the viewer's own first, then the most urgent, then the oldest."""
    found = cases(viewer).filter(state=Case.State.ACKNOWLEDGED).order_by("priority", "number")
    return sorted(found, key=lambda case: case.acknowledged_by_id != viewer.pk)


def closed(viewer: StaffMember, *, before_number: int | None = None) -> tuple[list[Case], int | None]:
    """One page of closed cases, the newest number first, and where the next page starts."""
    found = cases(viewer).filter(state=Case.State.CLOSED).order_by("-number")
    if before_number is not None:
        found = found.filter(number__lt=before_number)
    page = list(found[: PAGE_LENGTH + 1])
    return page[:PAGE_LENGTH], page[PAGE_LENGTH - 1].number if len(page) > PAGE_LENGTH else None


def list_version(waiting: Sequence[Case], acknowledged: Sequence[Case]) -> str:
    """A short hash of what a list of open cases shows. The clocks on it run by themselves."""
    parts = [
        f"{case.pk}:{case.state}:{case.round}:{case.level}:{case.acknowledged_by_id}"
        for case in (*waiting, *acknowledged)
    ]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def waiting_count(viewer: StaffMember) -> int:
    """How many cases that the viewer may see wait for somebody to have them."""
    return cases(viewer).filter(state=Case.State.WAITING).count()


def next_call(case: Case) -> str:
    """What happens when the time is up, as the end of "If nobody acts, …"; levels that have nobody then are named."""
    levels = list(case.version.levels.select_related("rota", "post"))
    above = [level for level in levels if level.position > case.level]
    passed: list[str] = []
    for level in above:
        if queries_oncall.whom(level, case.official_account, case.acknowledge_by):
            why = f", because {_reach_nobody(passed)}" if passed else ""
            return f"{_in_words(level)} is called next{why}, and whoever was called stays called"
        passed.append(_in_words(level))
    if passed:
        return (
            f"the desk supervisors are called, or whoever else may have it, because {_reach_nobody(passed)}"
        )
    last = max(levels, key=lambda level: level.position, default=None)
    if last is None:
        return "the desk supervisors are called again"
    if last.role == Role.DESK_SUPERVISOR:
        return "Digital desk supervisor is called again. It does not stop"
    return f"{last.called} is called again, and the desk supervisors with them. It does not stop"


def _in_words(level: Level) -> str:
    """A rota is named as one: it may be called like a role."""
    return f"the rota “{level.called}”" if level.kind == Level.Kind.ROTA else level.called


def _reach_nobody(passed: Sequence[str]) -> str:
    return f"{' and '.join(passed)} {'reaches' if len(passed) == 1 else 'reach'} nobody then"


@dataclass(frozen=True)
class Rung:
    """One level of the ladder as the page shows it."""

    level: Level
    calls: Sequence[CallOut]
    present: bool
    called: bool
    due_at: datetime | None
    """When it is called if nobody acts; None where it was called already or the ladder stands still."""
    nobody_because: str = ""
    """Why it is passed over when its time comes, as far as one can tell now."""
    channels: Sequence[Notice] = ()
    """What the force's own channels in Teams or Slack were told at this level."""


@dataclass(frozen=True)
class Words:
    """What somebody wrote, as the snapshot keeps it. Hostile until escaped."""

    text: str
    name: str
    handle: str
    posted_at: datetime | None
    ours: bool


@dataclass(frozen=True)
class Evidence:
    """One comment of the case as the page shows it: the words kept, and what became of them since."""

    comment: Comment
    said: Words
    what: str
    url: str
    thread: Sequence[Words]
    above_ids: Sequence[int]
    """The comments of `thread`, as far as they are still kept."""
    post: str
    received_at: datetime | None
    revision_number: int
    added_at: datetime
    added_by_name: str

    @property
    def edited_since(self) -> bool:
        """Whether the author changed the words after they were kept."""
        return self.comment.revision_number > self.revision_number

    @property
    def since(self) -> str:
        """What became of the comment after it was kept, in words."""
        if self.comment.removed_at is not None:
            return "removed on the platform since"
        if self.comment.hidden_at is not None:
            return "hidden since"
        return "edited since: open the conversation for the new words" if self.edited_since else ""


@dataclass(frozen=True)
class Answer:
    """Everything on the page of one case."""

    case: Case
    evidence: Sequence[Evidence]
    log: Sequence[LogEntry]
    rungs: Sequence[Rung]
    next_call: str
    may_acknowledge: bool
    may_add: bool
    may_reopen: bool
    mine: bool
    call: Referral | None
    """The latest call for service."""
    requests: Sequence[Referral]
    """Requests for information that wait for an answer, each on the clock that the law sets."""
    due_met: bool
    """Everything that its pathway wants recorded is: the service level is met."""
    share_left: int
    """How much of the time to acknowledge is left, of 100."""
    version: str
    """Changes with everything that the live part shows; a browser sends the one it has."""

    @property
    def calls_first(self) -> bool:
        """Whether the control room comes before everything else."""
        grade = self.case.grade
        return self.case.priority == Priority.IMMEDIATE or (grade is not None and grade.immediate)

    def comment_ids(self, start: int = 0) -> list[int]:
        """The comments whose words the page shows, those above each piece of evidence in its thread
        among them; from a later piece of evidence on where the ones before were shown already."""
        shown = [pk for piece in self.evidence[start:] for pk in (piece.comment.pk, *piece.above_ids)]
        return list(dict.fromkeys(shown))


def answer(viewer: StaffMember, pk: int) -> Answer:
    """The page of one case. Raises NotFound where there is none or the viewer may not know of it."""
    found = case(viewer, pk)
    evidence = [
        _evidence(link) for link in found.evidence.select_related("comment").order_by("added_at", "id")
    ]
    log = list(found.log.order_by("-at", "-id"))
    rungs = _rungs(found)
    seen = sum(1 for rung in rungs for call in rung.calls if call.notice and call.notice.seen_at)
    return Answer(
        case=found,
        evidence=evidence,
        log=log,
        rungs=rungs,
        next_call=next_call(found),
        may_acknowledge=may(viewer, Power.ACKNOWLEDGE_CASES, found.official_account_id),
        may_add=may(viewer, Power.SEE_CASES, found.official_account_id) and found.state != Case.State.CLOSED,
        may_reopen=may(viewer, Power.ESCALATE, found.official_account_id),
        mine=found.acknowledged_by_id == viewer.pk,
        call=queries_referrals.call_of(found),
        requests=queries_referrals.open_requests(found),
        due_met=bool(found.version.must_record) and not queries_recorded.not_recorded(found),
        share_left=_share_left(found, rungs),
        version=f"{found.state}.{found.round}.{found.level}.{len(log)}.{seen}.{len(evidence)}",
    )


def shown_before(answer: Answer, version: str) -> int:
    """How many pieces of evidence a browser with that version has shown already."""
    last = version.rpartition(".")[2]
    count = int(last) if last.isascii() and last.isdigit() and len(last) < 7 else 0
    return min(count, len(answer.evidence))


def called_names(case: Case) -> str:
    """Who was called at the present level, e.g. "Insp Ruth Calder, Supt Owen Price"."""
    return ", ".join(
        call.called
        for call in case.call_outs.select_related("person", "post").filter(round=case.round, level=case.level)
    )


def pathways() -> QuerySet[Pathway]:
    """The pathways on which a case can be opened now, by title."""
    return queries_pathways.choices()


def accounts_to_escalate(viewer: StaffMember) -> QuerySet[OfficialAccount]:
    """The official accounts for which the viewer may open a case."""
    return OfficialAccount.objects.filter(pk__in=account_ids(viewer, Power.ESCALATE)).order_by("name", "id")


def comment_for_case(viewer: StaffMember, pk: int) -> Comment:
    """A comment that the viewer may see. Raises NotFound."""
    try:
        return Comment.objects.exclude(state=Comment.State.RESTRICTED).get(
            pk=pk, official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS)
        )
    except Comment.DoesNotExist:
        raise NotFound("There is no such comment, or it is not one that you may see.") from None


def case_of(comment: Comment) -> Case | None:
    """The case that the comment is in, whoever asks: callers scope what they show of it."""
    link = CaseComment.objects.select_related("case__acknowledged_by").filter(comment=comment).first()
    return link.case if link is not None else None


def comments_wanting_a_case(*, most: int = 50) -> list[Comment]:
    """Comments for which a person wants a case that is not open yet, oldest first."""
    return list(Comment.objects.exclude(needs_case="").order_by("id")[:most])


def cases_of_leavers() -> list[Case]:
    """Cases that somebody has who has left, the most urgent first."""
    return list(
        Case.objects.filter(state=Case.State.ACKNOWLEDGED, acknowledged_by__active=False).order_by(
            "priority", "opened_at"
        )[:100]
    )


def held_without_right() -> list[Case]:
    """Cases that somebody has who may not have cases of that official account any more, though they are still here."""
    held = Case.objects.filter(state=Case.State.ACKNOWLEDGED, acknowledged_by__active=True)
    found: list[Case] = []
    for account in held.order_by().values_list("official_account", flat=True).distinct():
        able = queries_oncall.holders(Power.ACKNOWLEDGE_CASES, official_account_id=account)
        found += held.filter(official_account=account).exclude(acknowledged_by__in=able)[:100]
    return found


def overdue(*, most: int = 100) -> list[Case]:
    """Waiting cases whose time to acknowledge is up."""
    return list(
        Case.objects.filter(state=Case.State.WAITING, acknowledge_by__lte=clock.now()).order_by(
            "acknowledge_by"
        )[:most]
    )


def to_resume(*, most: int = 200) -> list[Case]:
    """Cases whose holder recorded nothing in time, or whose shift is over."""
    at = clock.now()
    return list(
        Case.objects.filter(state=Case.State.ACKNOWLEDGED)
        .filter(Q(act_by__lte=at) | Q(holder_until__lte=at))
        .order_by("priority", "acknowledged_at")[:most]
    )


def nearing_deadlines(*, most: int = 100) -> list[Case]:
    """Cases to whose deadline somebody is to be called now."""
    return list(Case.objects.filter(nag_at__lte=clock.now()).order_by("nag_at")[:most])


def unreached(*, most: int = 50) -> list[CallOut]:
    """Who was called for a waiting case, and whom every way of reaching them has failed, or the text to them."""
    tries = NoticeDelivery.objects.filter(notice=OuterRef("notice"))
    failed, other = (
        tries.filter(state=NoticeDelivery.State.FAILED),
        tries.exclude(state=NoticeDelivery.State.FAILED),
    )
    return list(
        CallOut.objects.filter(case__state=Case.State.WAITING, failed_at=None, round=F("case__round"))
        .filter(
            Q(Exists(failed), ~Exists(other)) | Q(Exists(failed.filter(channel=NoticeDelivery.Channel.SMS)))
        )
        .order_by("id")[:most]
    )


def _evidence(link: CaseComment) -> Evidence:
    kept = link.snapshot
    url = kept.get("url", "")
    platform = registry.NAMES.get(kept.get("platform", ""), kept.get("platform", ""))
    return Evidence(
        comment=link.comment,
        said=_words(kept),
        what=f"{'private message' if kept.get('private') else 'public comment'}, {platform}",
        url=url if url.startswith(("https://", "http://")) else "",
        thread=[_words(above) for above in kept.get("thread", ())],
        above_ids=list(
            Comment.objects.filter(
                platform=link.comment.platform,
                external_id__in=[above.get("external_id", "") for above in kept.get("thread", ())],
            )
            .order_by("posted_at", "id")
            .values_list("pk", flat=True)
        )
        if kept.get("thread")
        else [],
        post=kept.get("post", {}).get("words", ""),
        received_at=_instant(kept.get("received_at")),
        revision_number=link.revision_number,
        added_at=link.added_at,
        added_by_name=link.added_by_name,
    )


def _words(kept: dict) -> Words:
    return Words(
        text=kept.get("words", ""),
        name=kept.get("author_name", "") or kept.get("author_handle", ""),
        handle=kept.get("author_handle", ""),
        posted_at=_instant(kept.get("posted_at")),
        ours=bool(kept.get("ours")),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _rungs(case: Case) -> list[Rung]:
    calls: dict[int, list[CallOut]] = {}
    called = case.call_outs.select_related("person", "post", "notice").prefetch_related("notice__deliveries")
    for call in called.order_by("at", "id"):
        calls.setdefault(call.level, []).append(call)
    told = _told_channels(case, [call for row in calls.values() for call in row])
    rungs: list[Rung] = []
    due = case.acknowledge_by
    for level in case.version.levels.select_related("rota", "post"):
        ahead = level.position > case.level and case.state == Case.State.WAITING
        whom = queries_oncall.whom(level, case.official_account, due) if ahead else None
        rungs.append(
            Rung(
                level=level,
                calls=calls.get(level.position, []),
                present=level.position == case.level and case.state == Case.State.WAITING,
                called=bool(calls.get(level.position)),
                due_at=due if ahead else None,
                nobody_because=whom.nobody_because if whom is not None else "",
                channels=told.get(level.position, ()),
            )
        )
        if whom and due is not None:
            due += timedelta(seconds=level.acknowledge_within_s)
    return rungs


def _told_channels(case: Case, calls: Sequence[CallOut]) -> dict[int, list[Notice]]:
    keys = {f"case {case.pk} call {call.round}.{call.level}": call.level for call in calls}
    channels = [NoticeDelivery.Channel.TEAMS, NoticeDelivery.Channel.SLACK]
    rows = Notice.objects.filter(to=None, key__in=keys, deliveries__channel__in=channels).distinct()
    told: dict[int, list[Notice]] = {}
    for notice in rows.prefetch_related("deliveries").order_by("id"):
        told.setdefault(keys[notice.key], []).append(notice)
    return told


def _share_left(case: Case, rungs: Sequence[Rung]) -> int:
    within = next((rung.level.acknowledge_within_s for rung in rungs if rung.present), 0)
    if not within or case.acknowledge_by is None:
        return 0
    left = (case.acknowledge_by - clock.now()).total_seconds()
    return max(0, min(100, round(100 * left / within)))


@dataclass(frozen=True)
class Column:
    """The open cases that stand at one place of their ladders."""

    name: str
    cases: Sequence[Case]


MOST_ON_BOARD = 500


def board(viewer: StaffMember) -> list[Column]:
    """Open cases by the level at which they stand; those that somebody has come last. The oldest first."""
    found = list(cases(viewer).exclude(state=Case.State.CLOSED).order_by("opened_at", "id")[:MOST_ON_BOARD])
    crimes = queries_referrals.crimes_to_record(found)
    for one in found:
        one.crime_by = crimes.get(one.pk)  # type: ignore[attr-defined]
    columns: dict[tuple[int, int], list[Case]] = {}
    for one in found:
        place = (1, 0) if one.state == Case.State.ACKNOWLEDGED else (0, one.level)
        columns.setdefault(place, []).append(one)
    return [
        Column(
            "Somebody has it" if held else f"Nobody has it: level {level} is called", columns[(held, level)]
        )
        for held, level in sorted(columns)
    ]


@dataclass(frozen=True)
class Drilled:
    """A drill and how long each step took, in seconds from its opening."""

    case: Case
    called_s: Sequence[tuple[int, int, float]]
    """Round, level, and when it was called."""
    first_sent_s: float | None
    acknowledged_s: float | None
    acted_s: float | None


def drills(viewer: StaffMember, *, most: int = 30) -> list[Drilled]:
    """The latest drills with their times."""
    found = list(cases(viewer).filter(drill=True).order_by("-opened_at")[:most])
    return [_drilled(one) for one in found]


def _drilled(case: Case) -> Drilled:
    def since(at: datetime | None) -> float | None:
        return round((at - case.opened_at).total_seconds(), 1) if at is not None else None

    steps: dict[tuple[int, int], datetime] = {}
    for call in case.call_outs.order_by("at", "id"):
        steps.setdefault((call.round, call.level), call.at)
    sent = (
        NoticeDelivery.objects.filter(notice__in=case.call_outs.values("notice"), sent_at__isnull=False)
        .order_by("sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    taken = case.log.filter(event="acknowledged").order_by("at").values_list("at", flat=True).first()
    acted = (
        case.log.filter(event__in=["noted", "recorded", "assessed", "decided", "person"], at__gt=taken)
        .order_by("at")
        .values_list("at", flat=True)
        .first()
        if taken
        else None
    )
    return Drilled(
        case,
        [(round_, level, since(at) or 0.0) for (round_, level), at in steps.items()],
        since(sent),
        since(taken),
        since(acted),
    )


def case_by_number(viewer: StaffMember, number: int) -> Case:
    """A case by the number that people say. Raises NotFound."""
    try:
        return cases(viewer).get(number=number)
    except Case.DoesNotExist:
        raise NotFound(f"There is no case W-{number}, or it is not one that you may see.") from None


def split_choices(case: Case) -> list[tuple[str, str]]:
    """The pieces of evidence as a form names them: by number and author, without the words."""
    return [
        (str(link.pk), f"Comment {link.comment_id}, by {link.snapshot.get('author_handle', 'somebody')}")
        for link in case.evidence.order_by("added_at", "id")
    ]
