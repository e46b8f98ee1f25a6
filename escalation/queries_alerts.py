"""Alerts of the desk as a viewer may see them, and comments that should raise one."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.queries import account_ids, authority_of
from core import clock
from core.errors import NotFound
from escalation.models import Alert, Case, CaseComment, PathwayVersion
from moderation.alike import group
from moderation.models import Comment, Revision
from moderation.triage.blend import ALWAYS
from notices import queries as notices
from staff.models import StaffMember
from staff.roles import Power, Role

MOST = 200
MOST_COMPARED = 500
"""Open alerts under one post with which a new one is compared."""
DESK = frozenset({Role.DESK_OPERATOR, Role.DESK_SUPERVISOR})
"""Whose screens show alerts, with their sound."""


def of_desk(viewer: StaffMember) -> bool:
    """Whether alerts come to this person's screen."""
    return bool(DESK & set(authority_of(viewer).roles))


def alerts(viewer: StaffMember) -> QuerySet[Alert]:
    """The alerts that the viewer may see: those on official accounts whose comments they work on."""
    return Alert.objects.filter(
        official_account_id__in=account_ids(viewer, Power.WORK_COMMENTS)
    ).select_related("version__pathway", "official_account", "seen_by", "comment__commenter")


def alert(viewer: StaffMember, pk: int) -> Alert:
    """One alert. Raises NotFound."""
    try:
        return alerts(viewer).get(pk=pk)
    except Alert.DoesNotExist:
        raise NotFound("There is no such alert, or it is not one that you may see.") from None


def open_alerts(viewer: StaffMember) -> QuerySet[Alert]:
    """Those that wait, the most urgent first, then by when they go on without the desk."""
    return alerts(viewer).filter(state=Alert.State.OPEN).order_by("priority", "desk_by", "id")


def waiting_on(viewer: StaffMember, comment_id: int) -> Alert | None:
    """The alert of a comment, while it waits for an answer."""
    return open_alerts(viewer).filter(comment=comment_id).first()


@dataclass(frozen=True)
class Alike:
    """Open alerts of nearly the same words, or one that stands alone."""

    first: Alert
    others: Sequence[Alert]

    @property
    def count(self) -> int:
        return 1 + len(self.others)


def grouped(viewer: StaffMember) -> list[Alike]:
    """The first MOST open alerts, those of nearly the same words together."""
    found: dict[tuple[int, str], list[Alert]] = {}
    for one in open_alerts(viewer)[:MOST]:
        found.setdefault((one.version_id, one.likeness), []).append(one)
    return [Alike(group[0], group[1:]) for group in found.values()]


def alike(viewer: StaffMember, alert: Alert) -> list[Alert]:
    """Other open alerts of nearly the same words, of the same version of its pathway."""
    same = open_alerts(viewer).filter(version=alert.version_id, likeness=alert.likeness)
    return list(same.exclude(pk=alert.pk)[:MOST])


def waiting(viewer: StaffMember) -> tuple[int, Alert | None]:
    """How many wait for the desk, up to MOST, and the one that goes on first. Nearly the same words count once."""
    found = open_alerts(viewer)
    groups = found.order_by().values("version", "likeness").distinct()
    return groups[:MOST].count(), found.order_by("desk_by", "id").first()


def alarm(viewer: StaffMember) -> dict[str, int]:
    """What sounds on the person's screen: pages to them, and alerts that nobody at the desk has looked at.

    `newest` rises with each new page and each new alert; one more of nearly the same words sounds no more.
    """
    called = notices.alarm(viewer)
    if not of_desk(viewer):
        return called
    unseen = open_alerts(viewer).filter(seen_at=None)
    firsts = unseen.order_by().values("version", "likeness").annotate(first=Min("pk"))
    newest = sorted(firsts.values_list("first", flat=True)[:MOST])
    return {
        "pages": called["pages"] + len(newest),
        "newest": called["newest"] + (newest[-1] if newest else 0),
    }


def settled(viewer: StaffMember, *, most: int = 50) -> list[Alert]:
    """What became of the latest ones."""
    return list(
        alerts(viewer)
        .exclude(state=Alert.State.OPEN)
        .select_related("case", "settled_by")
        .order_by("-settled_at", "-id")[:most]
    )


def floors() -> list[PathwayVersion]:
    """Live versions whose findings alert the desk."""
    return list(
        PathwayVersion.objects.select_related("pathway")
        .filter(state=PathwayVersion.State.LIVE, floor__gt=0)
        .exclude(categories=[])
        .order_by("pk")
    )


def comments_to_alert(versions: Sequence[PathwayVersion], *, most: int = 100) -> list[Comment]:
    """Open comments at or above a floor that are in no alert and no case, the most urgent first.

    An alert that edited words have overtaken counts as none. The question is asked of what is open now, not of what
    came in last: whatever was missed while everything was down is found by the next look.
    """
    if not versions:
        return []
    reached = Q()
    for version in versions:
        reached |= Q(category__in=version.categories, priority__lte=version.floor)
    return list(
        Comment.objects.filter(reached, state=Comment.State.OPEN, needs_case="")
        .filter(~Exists(_standing(OuterRef("pk"), OuterRef("priority"))))
        .filter(~Exists(CaseComment.objects.filter(comment=OuterRef("pk"))))
        .order_by("priority", "id")[:most]
    )


def standing(comment: Comment) -> bool:
    """Whether the comment is in an alert that its present words have not overtaken."""
    return _standing(comment.pk, comment.priority).exists()


def _standing(comment: Any, priority: Any) -> QuerySet[Alert]:
    """The alert of a comment, unless its author wrote something else since it was stood down, or something more
    urgent while it waits: what was answered, or has its minutes, is then not what stands there.
    """
    since = Coalesce(OuterRef("settled_at"), OuterRef("raised_at"))
    edited = Revision.objects.filter(comment=OuterRef("comment_id"), seen_at__gt=since)
    overtaken = Q(state=Alert.State.STOOD_DOWN) | Q(state=Alert.State.OPEN, priority__gt=priority)
    return Alert.objects.filter(~(overtaken & Exists(edited)), comment=comment)


def left_unseen(*, most: int = 50) -> list[Alert]:
    """Open alerts whose time at the desk is up."""
    return list(
        Alert.objects.filter(state=Alert.State.OPEN, desk_by__lte=clock.now()).order_by("desk_by", "id")[
            :most
        ]
    )


def likeness(text: str) -> str:
    """The same for words that differ in case, accents, spaces, punctuation and signs alone."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign for sign in bare if sign.isalnum())
    return hashlib.sha256((letters or text).encode()).hexdigest()[:32]


def likeness_of(comment: Comment, version: PathwayVersion) -> str:
    """By what its alert stands together with others: nearly the same words under the same post.

    A first-person cry or a direct threat, as the rules know them (ALWAYS), stands alone, whatever was copied: of a
    hundred that quote a song the hundred-and-first may mean it. What somebody added to copied words keeps it
    apart too (moderation.alike).
    """
    if stands_alone(comment):
        return hashlib.sha256(f"comment {comment.pk}".encode()).hexdigest()[:32]
    there = (
        Alert.objects.filter(
            version=version, state=Alert.State.OPEN, comment__conversation=comment.conversation_id
        )
        .exclude(comment=comment.pk)
        .order_by("id")
        .values_list("pk", "likeness", "comment__text", "comment__findings")[:MOST_COMPARED]
    )
    texts: list[tuple[int, str]] = []
    known: dict[int, str] = {}
    for pk, kept, text, findings in there:
        if kept not in known.values() and not _cries(findings):
            texts.append((pk, text))
            known[pk] = kept
    found = next(one for one in group([*texts, (0, comment.text)]) if 0 in one.ids)
    return known[found.first] if found.first else likeness(comment.text)


def stands_alone(comment: Comment) -> bool:
    """Whether rules that always surface fired on it: it is answered by itself."""
    return _cries(comment.findings)


def _cries(findings: Sequence[dict[str, object]]) -> bool:
    return any(one.get("rule") in ALWAYS for one in findings or ())


def case_of_alike(alert: Alert) -> Case | None:
    """The open case into which an alert of nearly the same words went, if one did."""
    return (
        Case.objects.filter(
            alerts__version=alert.version_id,
            alerts__likeness=alert.likeness,
            official_account=alert.official_account_id,
        )
        .exclude(state=Case.State.CLOSED)
        .order_by("-pk")
        .first()
    )


def list_version(groups: Sequence[Alike]) -> str:
    """A short hash of what the list shows."""
    parts = [f"{one.first.pk}:{one.first.seen_by_id}:{one.count}" for one in groups]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Strip:
    """What stands at the head of every page of the desk."""

    count: int
    first: Alert | None

    @property
    def version(self) -> str:
        """For the browser to say what it has."""
        return (
            f"{self.count}.{self.first.pk if self.first else 0}.{self.first.seen_by_id if self.first else 0}"
        )


def strip(viewer: StaffMember) -> Strip:
    """How many alerts wait, and the one that goes on first."""
    return Strip(*waiting(viewer))
