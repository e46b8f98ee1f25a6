"""Reading the steps, covers, questions, calls, and what is looked at afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids, people_with
from core import clock
from core.errors import NotFound
from notices.models import Notice
from platforms.registry import NAMES
from publishing import queries, steps, weaker
from publishing.checks import judging
from publishing.models import (
    AfterLook,
    Cover,
    Delivery,
    Post,
    PostQuestion,
    Requirement,
    StepRule,
    StepsVersion,
    TelephoneApproval,
    Trust,
    Variant,
)
from staff.models import StaffMember, Team
from staff.roles import Power, Role

FIGURES_OVER = timedelta(days=30)
MOST_SHOWN = 50

State = StepsVersion.State


# What one post needs


@dataclass(frozen=True)
class Needed:
    """What a post needs, who has given some of it, and what is left, for its page."""

    need: steps.Need
    given: list[steps.Yes]
    met: bool


def needed(
    post: Post, judged: judging.Judged, variants: Sequence[Variant], *, by: steps.Steps | None = None
) -> Needed:
    """What a post that is written or waits needs as it stands. The caller has checked that it may be seen."""
    need = steps.need_of(post, judged, variants, steps=by)
    there = steps.given(post, judged.content_hash) if post.state == Post.State.SUBMITTED else []
    return Needed(need, there, steps.meets(need, there))


def calls(post: Post) -> list[TelephoneApproval]:
    """The approvals by telephone, of every version. The caller has checked that the post may be seen."""
    return list(
        TelephoneApproval.objects.filter(post=post)
        .select_related("recorded_by", "look__decided_by")
        .order_by("id")
    )


def may_record_call(viewer: StaffMember, post: Post) -> bool:
    """Whether to offer it: the action decides again."""
    if post.state != Post.State.SUBMITTED or viewer.pk in queries.writer_ids(post):
        return False
    held = set(account_ids(viewer, Power.SEE_POSTS))
    return {one.official_account_id for one in queries.live_variants(post)} <= held


def questions(post: Post) -> list[PostQuestion]:
    """What approvers asked its author. The caller has checked that the post may be seen."""
    return list(PostQuestion.objects.filter(post=post).select_related("asked_by", "answered_by"))


def question(viewer: StaffMember, pk: int) -> PostQuestion:
    """One about a post that the viewer may see. Raises NotFound."""
    found = PostQuestion.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such question, or it is about a post that you may not see.")
    queries.post(viewer, found.post_id)
    return found


def to_answer(viewer: StaffMember) -> list[PostQuestion]:
    """Questions about the viewer's own posts that wait for an answer."""
    rows = PostQuestion.objects.filter(
        answered_at=None, post__author=viewer, post__state=Post.State.SUBMITTED
    )
    return list(rows.select_related("post", "asked_by").order_by("asked_at")[:MOST_SHOWN])


# Afterwards


def barred_from(look: AfterLook, post: Post) -> set[int]:
    """Who may not look at it: whoever wrote some of it, gave one of the approvals, or took the call."""
    barred = queries.writer_ids(post)
    if look.why == AfterLook.Why.URGENT:
        barred |= set(post.approvals.filter(version=look.version).values_list("approver_id", flat=True))
        spoken = post.telephone_approvals.filter(version=look.version)
        barred |= set(spoken.values_list("recorded_by_id", flat=True))
    if look.telephone is not None:
        barred.add(look.telephone.recorded_by_id)
    return barred


def expired_key(post: Post) -> str:
    """Under which people are told that its time passed."""
    return f"post:{post.pk}:expired:{post.version}"


def looks(viewer: StaffMember) -> list[AfterLook]:
    """What went out and waits for somebody like the viewer to look at it, what is due first at the top."""
    held = account_ids(viewer, Power.APPROVE_POSTS)
    if not held:
        return []
    beyond = Variant.objects.filter(removed_at=None).exclude(official_account_id__in=held).values("post_id")
    rows = (
        AfterLook.objects.filter(verdict="")
        .filter(
            Exists(
                Variant.objects.filter(
                    post_id=OuterRef("post_id"), official_account_id__in=held, removed_at=None
                )
            )
        )
        .exclude(post__in=beyond)
        .exclude(post__author=viewer)
        .select_related("post__author", "telephone__recorded_by")
        .order_by("due_at", "id")[: MOST_SHOWN * 2]
    )
    return [row for row in rows if viewer.pk not in barred_from(row, row.post)][:MOST_SHOWN]


def look(viewer: StaffMember, pk: int) -> AfterLook:
    """One, of a post that the viewer may see. Raises NotFound."""
    found = AfterLook.objects.filter(pk=pk).select_related("post").first()
    if found is None:
        raise NotFound("There is nothing like this to look at, or it is not for you.")
    queries.post(viewer, found.post_id)
    return found


def looks_of(post: Post) -> list[AfterLook]:
    """Everything that was or is to be looked at of a post. The caller has checked that it may be seen."""
    return list(AfterLook.objects.filter(post=post).select_related("decided_by", "telephone").order_by("id"))


def overdue() -> QuerySet[AfterLook]:
    """Looks whose deadline has passed: to climb."""
    return AfterLook.objects.filter(verdict="", due_at__lte=clock.now(), climbed__lt=2).order_by(
        "due_at", "id"
    )


def expired_untold() -> list[Post]:
    """Posts whose time passed while they waited, and whose author has not been told of it."""
    late = Post.objects.filter(state=Post.State.SUBMITTED, publish_at__lt=clock.now()).select_related(
        "author"
    )
    found = []
    for post in late.order_by("publish_at", "id")[:200]:
        if not Notice.objects.filter(key=expired_key(post), to=post.author_id).exists():
            found.append(post)
    return found


@dataclass(frozen=True)
class Figures:
    """How it went in the last 30 days, on official accounts on which the viewer approves."""

    since: datetime
    unapproved: int
    drawn: int
    looked_at: int
    fine: int
    corrected: int
    taken_down: int
    trust_withdrawn: int
    urgent: int
    urgent_in_time: int
    calls: int
    calls_confirmed: int
    overdue: int


def figures(viewer: StaffMember) -> Figures:
    """Counts of what went without prior approval, was urgent or came by telephone, and what came of the looks."""
    held = account_ids(viewer, Power.APPROVE_POSTS)
    since = clock.now() - FIGURES_OVER
    seen = Variant.objects.filter(official_account_id__in=held, removed_at=None).values("post_id")
    rows = list(
        AfterLook.objects.filter(asked_at__gte=since, post__in=seen).values_list(
            "why", "verdict", "trust_withdrawn", "decided_at", "due_at"
        )
    )
    without = Requirement.objects.filter(count=0, correction=None, at__gte=since, post__in=seen)
    sample = [row for row in rows if row[0] == AfterLook.Why.SAMPLE]
    urgent = [row for row in rows if row[0] == AfterLook.Why.URGENT]
    spoken = [row for row in rows if row[0] == AfterLook.Why.TELEPHONE]
    verdict = AfterLook.Verdict
    return Figures(
        since=since,
        unapproved=without.count(),
        drawn=len(sample),
        looked_at=sum(bool(row[1]) for row in sample),
        fine=sum(row[1] == verdict.FINE for row in sample),
        corrected=sum(row[1] == verdict.CORRECT for row in sample),
        taken_down=sum(row[1] == verdict.TAKE_DOWN for row in sample),
        trust_withdrawn=sum(row[2] for row in rows),
        urgent=len(urgent),
        urgent_in_time=sum(row[3] is not None and row[3] <= row[4] for row in urgent),
        calls=len(spoken),
        calls_confirmed=sum(row[1] == verdict.FINE for row in spoken),
        overdue=sum(not row[1] and row[4] <= clock.now() for row in rows),
    )


@dataclass(frozen=True)
class Standing:
    """Where a post that is looked at stands."""

    delivery: Delivery
    words: str
    deleted: bool


def standing(viewer: StaffMember, post: Post) -> list[Standing]:
    """The deliveries by which it went out, that the viewer may see, with the words that stand there."""
    rows = queries.in_sight(viewer).filter(
        variant__post=post, kind=Delivery.Kind.POST, state=Delivery.State.SENT
    )
    return [
        Standing(row, queries.standing_words(row), queries.is_deleted(row))
        for row in rows.order_by("official_account__name", "id")
    ]


# Cover


@dataclass(frozen=True)
class Covers:
    """Who stands in for the viewer, and for whom the viewer stands in: now and to come."""

    mine: list[Cover]
    for_others: list[Cover]
    hollow: frozenset[int]
    """Covers of which the one who stands in lacks a right by now, so that notices stay with whoever is away."""


def covers(viewer: StaffMember) -> Covers:
    """Those that are not over."""
    live = Cover.objects.filter(ended_at=None, until__gt=clock.now()).select_related("approver", "cover")
    mine = list(live.filter(approver=viewer))
    others = list(live.filter(cover=viewer))
    hollow = {
        one.pk
        for one in [*mine, *others]
        if set(account_ids(one.approver, Power.APPROVE_POSTS))
        - set(account_ids(one.cover, Power.APPROVE_POSTS))
    }
    return Covers(mine, others, frozenset(hollow))


def cover(viewer: StaffMember, pk: int) -> Cover:
    """One that is not over, between the viewer and a colleague; all for whoever sets safeguards. Raises NotFound."""
    found = Cover.objects.filter(pk=pk).select_related("approver", "cover").first()
    sets = viewer.has_perm(f"accounts.{Power.SET_SAFEGUARDS}")
    if found is None or not (sets or viewer.pk in (found.approver_id, found.cover_id)):
        raise NotFound("There is no such cover, or it is not yours.")
    return found


def who_could_cover(viewer: StaffMember) -> list[StaffMember]:
    """Everybody else who may approve posts somewhere; the action says who lacks what."""
    return [one for one in people_with(Power.APPROVE_POSTS) if one.pk != viewer.pk]


# The steps


@dataclass(frozen=True)
class Line:
    """A rule in words."""

    rule: StepRule
    place: str
    kinds: list[str]
    when: list[str]
    parties: list[str]


@dataclass(frozen=True)
class Version:
    """A version of the steps with its rules in words, and where it asks for less than what is in force."""

    version: StepsVersion
    lines: list[Line]
    weaker: list[str] = field(default_factory=list)
    waits_for: list[StaffMember] = field(default_factory=list)


def lines_of(version: StepsVersion) -> list[Line]:
    """Its rules in words."""
    rows = StepRule.objects.filter(version=version, removed_at=None).select_related(
        "official_account", "neighbourhood"
    )
    kinds, whens = weaker.KINDS, {str(one.value): str(one.label) for one in StepRule.When}
    return [
        Line(
            row,
            steps.place_of(row),
            [kinds[kind] for kind in row.kinds],
            [whens[one] for one in row.when],
            [steps.party_name(party) for party in row.parties],
        )
        for row in rows.order_by("id")
    ]


def live_version() -> Version | None:
    """The steps in force; None where there are none yet."""
    row = _versions().filter(state=State.LIVE).first()
    return Version(row, lines_of(row)) if row is not None else None


def written_version() -> Version | None:
    """The draft, or what waits for a second person, with what it weakens."""
    row = _versions().filter(state__in=[State.DRAFT, State.ASKED]).first()
    if row is None:
        return None
    barred = {row.written_by_id, row.asked_by_id}
    people = [one for one in people_with(Power.SET_SAFEGUARDS) if one.pk not in barred]
    return Version(row, lines_of(row), weaker.sentences(steps.in_force(), steps.steps_of(row)), people)


def past_versions() -> list[Version]:
    """Versions that were in force, the newest first."""
    rows = _versions().filter(state=State.REPLACED)[:MOST_SHOWN]
    return [Version(row, lines_of(row)) for row in rows]


def version(pk: int) -> StepsVersion:
    """One version. Raises NotFound."""
    found = StepsVersion.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such version of the approval steps.")
    return found


def rule(pk: int) -> StepRule:
    """One rule of a version. Raises NotFound."""
    found = StepRule.objects.filter(pk=pk, removed_at=None).select_related("version").first()
    if found is None:
        raise NotFound("There is no such rule any more.")
    return found


def trusts() -> list[Trust]:
    """Authors whose posts may go without prior approval where the steps say so."""
    return list(Trust.objects.filter(withdrawn_at=None).select_related("person", "given_by"))


def trust(pk: int) -> Trust:
    """One that stands. Raises NotFound."""
    found = Trust.objects.filter(pk=pk, withdrawn_at=None).select_related("person").first()
    if found is None:
        raise NotFound("This author is not trusted any more. Reload the page.")
    return found


def who_could_be_trusted() -> list[StaffMember]:
    """People who may write posts and are not trusted yet."""
    already = {one.person_id for one in trusts()}
    return [one for one in people_with(Power.WRITE_POSTS) if one.pk not in already]


@dataclass(frozen=True)
class Choices:
    """What a rule can be bound to, and whom it can name: value and words."""

    places: list[tuple[str, str]]
    parties: list[tuple[str, str]]


def choices() -> Choices:
    """For the form of a rule."""
    accounts = OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED).order_by("name", "id")
    used = sorted({one.platform for one in accounts})
    places = [("", "Every official account")]
    places += [(f"platform:{slug}", f"All on {NAMES.get(slug, slug)}") for slug in used]
    places += [(f"neighbourhood:{one.pk}", f"All of {one.name}") for one in Neighbourhood.objects.all()]
    places += [(f"account:{one.pk}", one.name) for one in accounts]
    able = [Role.COMMS_APPROVER, Role.DUTY_COMMAND, Role.DESK_SUPERVISOR, Role.ASSET_OWNER]
    parties = [(f"{steps.ROLE}{role.value}", str(role.label)) for role in able]
    parties += [(f"{steps.TEAM}{team.pk}", f"Team: {team.name}") for team in Team.objects.order_by("name")]
    parties += [
        (f"{steps.TELEPHONE}{one.value}", f"{one.label}, by telephone") for one in TelephoneApproval.Function
    ]
    return Choices(places, parties)


def _versions() -> QuerySet[StepsVersion]:
    return StepsVersion.objects.select_related("written_by", "asked_by", "confirmed_by").order_by("-number")
