"""Reading triage itself: its examples, its versions, what a new one would change, and whether the model keeps up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery
from django.utils.text import capfirst

from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from moderation import switched_off
from moderation.categories import HIGH_RISK, Category
from moderation.models import Comment, Decision, Exemplar, Label, TriageJob, TriageSwitch, TriageVersion
from moderation.queries import supervises
from moderation.switched_off import BEHIND
from moderation.triage import exemplars as files
from moderation.triage.exemplars import Lessons
from moderation.triage.model import Model
from moderation.triage.report import Seen
from staff.models import StaffMember
from staff.roles import Power

ORDINARY_MOST = 1_000
ORDINARY_LEAST = 300
"""Fewer of the force's own ordinary comments are filled up with those that ship."""
RECENT_MOST = 5_000
"""A dry run looks at so many comments at most, evenly over its days."""
LABELS_MOST = 5_000


@dataclass(frozen=True)
class State:
    """What the pages say of the model: which version speaks, and whether it keeps up."""

    version: TriageVersion | None
    oldest_due_at: datetime | None
    """Since when the oldest open comment has waited for the model; None where none waits for long."""

    @property
    def speaking(self) -> bool:
        return self.version is not None and self.oldest_due_at is None

    @property
    def sentence(self) -> str:
        """For the pages; empty while all is well."""
        if self.version is None:
            return "The rules sort comments alone: no version of the model is live yet."
        if self.oldest_due_at is not None:
            since = clock.in_london(self.oldest_due_at)
            return (
                f"The model has not read what came since {since:%H:%M}. The rules carry on: every comment "
                "stands where they put it."
            )
        return ""


def _oldest_unread(late: datetime) -> QuerySet[Comment, Any]:
    waiting = Comment.objects.filter(
        state=Comment.State.OPEN, model_due_at__isnull=False, received_at__lt=late
    )
    return waiting.order_by("model_due_at").values("received_at")[:1]


def state() -> State:
    """One small indexed read. While no version is live nothing waits for one."""
    oldest = _oldest_unread(clock.now() - BEHIND)
    live = TriageVersion.objects.filter(live=True).defer("model").annotate(oldest=Subquery(oldest)).first()
    return State(live, live.oldest if live is not None else None)


def example_counts() -> list[tuple[str, bool, str, int]]:
    """Category, whether a counter-example, language, and how many: for pages that name no example."""
    return list(
        Exemplar.objects.filter(withdrawn_at=None)
        .values_list("category", "counter", "language")
        .annotate(number=Count("id"))
        .order_by("category")
    )


def says() -> str:
    """What the desk must know of triage, as a sentence: what is switched off, missing or late. Empty while all is well."""
    read = switched_off.standing()
    now = State(TriageVersion(live=True) if read.live else None, read.oldest_unread_at)
    gone_now, standing = switched_off.off(), switched_off.stop()
    if gone_now == switched_off.ALL:
        if standing is None or standing.categories:
            return "It is switched off: comments stand by time alone."
        return (
            f"{standing.by.called} switched it off {clock.in_london(standing.at):%-d %B at %H:%M}: comments stand "
            f"by time alone. Why: {standing.why}"
        )
    off = [category.label.lower() for category in Category if category.value in gone_now]
    gone = f"{', '.join(off)} {'is' if len(off) == 1 else 'are'} switched off." if off else ""
    return " ".join(filter(None, (now.sentence, capfirst(gone) if now.sentence else gone)))


def live_version() -> TriageVersion | None:
    """The version that speaks, without its bytes."""
    return TriageVersion.objects.filter(live=True).defer("model").first()


def may_teach(viewer: StaffMember) -> bool:
    """Whether the viewer may add and withdraw examples: whoever works comments anywhere."""
    return bool(account_ids(viewer, Power.WORK_COMMENTS))


def may_switch(viewer: StaffMember) -> bool:
    """Whether the viewer is a desk supervisor now, of any official account."""
    return supervises(viewer)


def categories(viewer: StaffMember) -> list[dict]:
    """Every category in order with how many examples and counter-examples stand: slug, label, high_risk, counts."""
    _refuse_outsider(viewer)
    counted = {
        row["category"]: (row["exemplars"], row["counters"])
        for row in Exemplar.objects.filter(withdrawn_at=None)
        .values("category")
        .annotate(
            exemplars=Count("id", filter=Q(counter=False)), counters=Count("id", filter=Q(counter=True))
        )
        .order_by("category")
    }
    return [
        {
            "slug": category.value,
            "label": category.label,
            "high_risk": category in HIGH_RISK,
            "exemplars": counted.get(category.value, (0, 0))[0],
            "counters": counted.get(category.value, (0, 0))[1],
        }
        for category in Category
    ]


def exemplars(
    viewer: StaffMember, category: str, *, withdrawn: bool = False, words: str = ""
) -> QuerySet[Exemplar]:
    """The examples of one category, the last added first. Raises NotFound for no such category.

    withdrawn: those that were. words: those that hold these words as they stand, whatever the case of their letters.
    """
    _refuse_outsider(viewer)
    if category not in Category.values:
        raise NotFound("There is no such category.")
    found = Exemplar.objects.filter(category=category, withdrawn_at__isnull=not withdrawn)
    if words:
        found = found.filter(text__icontains=words)
    return found.select_related("added_by", "withdrawn_by").order_by("-pk")


def exemplar(viewer: StaffMember, pk: int) -> Exemplar:
    """Raises NotFound."""
    _refuse_outsider(viewer)
    found = Exemplar.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such example.")
    return found


def versions(viewer: StaffMember) -> QuerySet[TriageVersion]:
    """Every version, the newest first, without its bytes."""
    _refuse_outsider(viewer)
    return TriageVersion.objects.defer("model").select_related("made_by")


def version(viewer: StaffMember, pk: int) -> TriageVersion:
    """Raises NotFound."""
    found = versions(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def switches(viewer: StaffMember) -> QuerySet[TriageSwitch]:
    """Which version was live from when, by whom and why, the newest first."""
    _refuse_outsider(viewer)
    return TriageSwitch.objects.select_related("version", "was", "by").defer("version__model", "was__model")


def jobs(viewer: StaffMember) -> QuerySet[TriageJob]:
    """Versions asked for, the newest first."""
    _refuse_outsider(viewer)
    return TriageJob.objects.select_related("version", "asked_by").defer("version__model")


def trials(viewer: StaffMember) -> QuerySet[TriageJob]:
    """Changes of the rules that were tried, the newest first."""
    return jobs(viewer).filter(kind=TriageJob.RULES)


def job(viewer: StaffMember, pk: int) -> TriageJob:
    """One with its progress and report. Raises NotFound."""
    found = jobs(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("Nobody asked for such a version.")
    return found


def taught_since(viewer: StaffMember) -> int:
    """Examples added or withdrawn since the live version was made: what it does not know yet."""
    _refuse_outsider(viewer)
    live = live_version()
    since = (
        Q(added_by__isnull=False) | Q(withdrawn_at__isnull=False)
        if live is None
        else Q(added_at__gt=live.made_at) | Q(withdrawn_at__gt=live.made_at)
    )
    return Exemplar.objects.filter(since).count()


def _refuse_outsider(viewer: StaffMember) -> None:
    if not may_teach(viewer) and not may_switch(viewer):
        raise NotFound("There is no such page.")


@cache
def readable(version_id: int) -> bool:
    """Whether this release can read a version's bytes. One of another shape is made anew, not guessed at."""
    kept = TriageVersion.objects.values_list("model", flat=True).get(pk=version_id)
    try:
        Model.from_bytes(bytes(kept))
    except ValueError:
        return False
    return True


# What a version is made from


@dataclass(frozen=True)
class Taught:
    """What a version is made from, and what it is tried on."""

    lessons: Lessons
    held_back: list[Seen]
    """Labelled comments that it does not learn from: every fourth, by its id, so always the same."""
    labels: int
    """Labelled comments that it learns from."""
    own_ordinary: int
    """How many of the ordinary comments are the force's own."""


def taught(*, off: list[str], learn: bool, own_ordinary: bool) -> Taught:
    """All that a version is made from now. learn: from the desk's labels too, three of four."""
    rows = list(Exemplar.objects.filter(withdrawn_at=None).order_by("id"))
    examples = [
        files.Exemplar(row.text, row.category, row.counter, row.language, taught=row.added_by_id is not None)
        for row in rows
    ] or files.shipped()
    own = own_ordinary_comments() if own_ordinary else []
    ordinary = own if len(own) >= ORDINARY_LEAST else [*own, *files.ordinary()]
    seen = labelled() if learn else []
    held_back = [one for one in seen if one.comment_id % 4 == 0]
    learnt = [one for one in seen if one.comment_id % 4]
    # A comment that people found to be nothing is an example of nothing: it weighs against all categories.
    examples += [files.Exemplar(one.text[: files.LONGEST], one.category, taught=True) for one in learnt]
    return Taught(
        files.lessons(examples, ordinary_comments=ordinary, off=off), held_back, len(learnt), len(own)
    )


def labelled() -> list[Seen]:
    """Comments that a person sorted and that are still kept, the last word on each, the newest first."""
    latest: dict[int, Label] = {}
    for label in Label.objects.order_by("-at", "-id")[:LABELS_MOST]:
        latest.setdefault(label.comment_id, label)
    comments = Comment.objects.filter(pk__in=latest).exclude(text="").only("id", "text", "revision_number")
    return [
        Seen(comment.pk, comment.text, latest[comment.pk].category, latest[comment.pk].priority)
        for comment in comments.order_by("-id")
        if latest[comment.pk].revision_number == comment.revision_number
    ]


def own_ordinary_comments() -> list[str]:
    """The force's own comments that people found nothing in: no action, no risk, priority 4 or 5, the newest first."""
    found = (
        Comment.objects.filter(
            state=Comment.State.DECIDED, priority__gte=4, private=False, needs_case="", removed_at=None
        )
        .filter(decisions__kind=Decision.Kind.NO_ACTION)
        .exclude(category__in=HIGH_RISK)
        .exclude(text="")
        .order_by("-decided_at")
        .values_list("text", flat=True)[: ORDINARY_MOST * 2]
    )
    return list(dict.fromkeys(text[: files.LONGEST] for text in found))[:ORDINARY_MOST]


def recent(days: int) -> list[int]:
    """The comments of the last days that a dry run looks at: RECENT_MOST at most, evenly spread."""
    since = clock.now() - timedelta(days=days)
    wanted = Comment.objects.exclude(state=Comment.State.OURS).filter(received_at__gte=since)
    ids = list(wanted.order_by("-received_at").values_list("id", flat=True)[: RECENT_MOST * 10])
    return ids[:: max(1, -(-len(ids) // RECENT_MOST))]


def in_lots(ids: Sequence[int]) -> Iterator[list[Comment]]:
    """These comments with their official accounts, 200 at a time."""
    for start in range(0, len(ids), 200):
        yield list(
            Comment.objects.filter(pk__in=ids[start : start + 200])
            .select_related("official_account")
            .order_by("id")
        )
