"""Reading tips: the inbox of an appeal, what came in since, and where it was on a drawn map."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts import outlines
from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids, authority_of
from core.errors import NotFound
from media.models import File
from media.queries import is_video, link_for
from moderation.models import Comment, Conversation, Place, Tip, TipContact
from moderation.queries import UNRESTRICTED
from publishing.models import Appeal, AppealAccount, Delivery
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 50
_POINT = re.compile(r"^\s*(-?\d{1,2}(?:\.\d{1,9})?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*$")
GATHERED_FROM = (
    Appeal.State.LIVE,
    Appeal.State.REVIEW,
    Appeal.State.CLOSING,
    Appeal.State.VERIFIED,
)

OF_RESTRICTED = Exists(Comment.objects.filter(~UNRESTRICTED, pk=OuterRef("comment_id")))
"""A tip whose comment is restricted (DPA 2018 s.47)."""


def account_ids_of(appeal: Appeal) -> list[int]:
    """The official accounts on which the appeal goes out."""
    return list(
        AppealAccount.objects.filter(appeal=appeal, removed_at=None)
        .order_by("official_account_id")
        .values_list("official_account_id", flat=True)
    )


def appeals(viewer: StaffMember) -> QuerySet[Appeal]:
    """Appeals that went out on an official account of which the viewer may see comments, the newest first.

    Each with the tips on it that the viewer may see: `new` of them nobody has looked at.
    """
    seen = _appeals_on(account_ids(viewer, Power.SEE_COMMENTS)).values("appeal_id")
    theirs = tips(viewer).filter(appeal=OuterRef("pk"))
    return (
        Appeal.objects.filter(pk__in=seen, live_at__isnull=False)
        .select_related("owner")
        .annotate(new=_number_of(theirs.filter(state=Tip.State.NEW)), all_tips=_number_of(theirs))
        .order_by("-live_at", "-id")
    )


def _appeals_on(ids: Collection[int]) -> QuerySet[AppealAccount]:
    return AppealAccount.objects.filter(official_account_id__in=ids, removed_at=None)


def _number_of(rows: QuerySet[Tip]) -> Coalesce:
    counted = rows.order_by().values("appeal").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def appeal(viewer: StaffMember, pk: int) -> Appeal:
    """One of them. Raises NotFound."""
    found = appeals(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such appeal with tips, or it is not one that you may see.")
    return found


def tips(viewer: StaffMember) -> QuerySet[Tip]:
    """Every tip that the viewer may see: of the form where they see some of the appeal, else of their official accounts.

    None of a comment that is restricted (DPA 2018 s.47): it is read under retention, with a reason.
    """
    ids = account_ids(viewer, Power.SEE_COMMENTS)
    return Tip.objects.filter(
        Q(way=Tip.Way.FORM, appeal_id__in=_appeals_on(ids).values("appeal_id"))
        | Q(official_account_id__in=ids),
        ~OF_RESTRICTED,
    ).select_related("appeal", "official_account", "area", "decided_by", "like")


def tip(viewer: StaffMember, pk: int) -> Tip:
    """One tip. Raises NotFound."""
    found = tips(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such tip, or it is not one that you may see.")
    return found


@dataclass(frozen=True)
class Line:
    """One tip as the inbox shows it, with those that say nearly the same."""

    tip: Tip
    words: str
    by: str
    gone: bool
    """Its comment has been disposed of."""
    files: int
    has_contact: bool
    alike: int


def inbox(
    viewer: StaffMember, appeal: Appeal, *, state: str = Tip.State.NEW, before: int | None = None
) -> list[Line]:
    """PAGE_LENGTH tips and one more, the newest first; of those that say the same the first stands for all."""
    found = tips(viewer).filter(appeal=appeal)
    if state in Tip.State.values:
        found = found.filter(state=state)
        # Of a group the first stands for all: those whose first was decided stand for themselves.
        found = found.filter(Q(like=None) | ~Q(like__state=state))
    if before is not None:
        found = found.filter(pk__lt=before)
    return lines(found.order_by("-pk")[: PAGE_LENGTH + 1])


def lines(found: QuerySet[Tip] | Sequence[Tip]) -> list[Line]:
    """The tips with the words of their comments, in the same order. Four reads, however many."""
    rows = list(found)
    comments = {
        comment.pk: comment
        for comment in Comment.objects.filter(
            pk__in=[row.comment_id for row in rows if row.comment_id is not None]
        ).select_related("commenter")
    }
    ids = [row.pk for row in rows]
    files = dict(Tip.objects.filter(pk__in=ids).annotate(n=Count("files")).values_list("pk", "n"))
    reachable = set(TipContact.objects.filter(tip__in=ids).values_list("tip_id", flat=True))
    same: dict[int | None, int] = dict(
        Tip.objects.filter(like__in=ids).values("like").annotate(n=Count("pk")).values_list("like", "n")
    )
    return [_line(row, comments, files, reachable, same) for row in rows]


def _line(
    row: Tip,
    comments: dict[int, Comment],
    files: dict[int, int],
    reachable: set[int],
    same: dict[int | None, int],
) -> Line:
    comment = comments.get(row.comment_id) if row.comment_id is not None else None
    return Line(
        tip=row,
        words=row.words if row.comment_id is None else comment.text if comment else "",
        by="Public form" if row.comment_id is None else str(comment.commenter) if comment else "",
        gone=row.comment_id is not None and comment is None,
        files=files.get(row.pk, 0),
        has_contact=row.pk in reachable,
        alike=same.get(row.pk, 0),
    )


def counts(viewer: StaffMember, appeal: Appeal) -> dict[str, int]:
    """How many of its tips stand in each state."""
    found = tips(viewer).filter(appeal=appeal).order_by().values("state").annotate(n=Count("pk"))
    return dict.fromkeys(Tip.State.values, 0) | {row["state"]: row["n"] for row in found}


def said_alike(viewer: StaffMember, row: Tip) -> list[Line]:
    """The other tips that say nearly the same, the first first."""
    first = row.like_id or row.pk
    return lines(
        tips(viewer).filter(Q(pk=first) | Q(like=first)).exclude(pk=row.pk).order_by("pk")[:PAGE_LENGTH]
    )


def comment_of(row: Tip) -> Comment | None:
    """The comment that it is; None where it came by the form, or is not kept any more."""
    if row.comment_id is None:
        return None
    return (
        Comment.objects.select_related("official_account", "commenter", "conversation")
        .filter(pk=row.comment_id)
        .first()
    )


def tip_of_comment(comment_id: int) -> Tip | None:
    """The tip that a comment is, if it is one."""
    return Tip.objects.filter(comment_id=comment_id).select_related("appeal").first()


@dataclass(frozen=True)
class ShownFile:
    """A file of a tip with the address at which this person opens it."""

    file: File
    address: str
    moves: bool


def files_of(viewer: StaffMember, row: Tip) -> list[ShownFile]:
    """What came with it. The caller has checked that the tip may be seen."""
    return [
        ShownFile(one.file, link_for(one.file, viewer), is_video(one.file))
        for one in row.files.select_related("file")
    ]


def may(viewer: StaffMember, power: str, row: Tip) -> bool:
    """Whether to offer a step: the action decides again."""
    held = authority_of(viewer).account_ids(power)
    ids = [row.official_account_id] if row.official_account_id else account_ids_of(row.appeal)
    return any(pk in held for pk in ids)


def new_count(viewer: StaffMember) -> int:
    """How many tips nobody has looked at, up to 1,000: for the home page."""
    return tips(viewer).filter(state=Tip.State.NEW)[:1000].count()


# For the machinery


def not_gathered(limit: int) -> list[tuple[int, Comment]]:
    """Comments under the posts of appeals that stand in no inbox yet, with the number of the appeal."""
    sent = Delivery.objects.filter(
        kind=Delivery.Kind.POST,
        state=Delivery.State.SENT,
        variant__post__appeal_post__appeal__state__in=GATHERED_FROM,
    ).exclude(external_id="")
    of = {
        (account, external): appeal
        for account, external, appeal in sent.values_list(
            "official_account_id", "external_id", "variant__post__appeal_post__appeal_id"
        )
    }
    if not of:
        return []
    threads = {
        pk: of[account, root]
        for pk, account, root in Conversation.objects.filter(
            official_account_id__in={account for account, _ in of},
            root_external_id__in={external for _, external in of},
        ).values_list("pk", "official_account_id", "root_external_id")
        if (account, root) in of
    }
    if not threads:
        return []
    taken = Tip.objects.filter(comment_id__isnull=False).values("comment_id")
    found = (
        Comment.objects.filter(conversation_id__in=threads)
        .exclude(state=Comment.State.OURS)
        .exclude(pk__in=taken)
        .order_by("pk")[:limit]
    )
    return [(threads[comment.conversation_id], comment) for comment in found]


def words_in_order(appeal_id: int, limit: int) -> list[tuple[int, str]]:
    """The words of an appeal's tips, the oldest first: at most the newest `limit`."""
    rows = list(Tip.objects.filter(appeal_id=appeal_id).order_by("-pk")[:limit])[::-1]
    texts = dict(
        Comment.objects.filter(pk__in=[row.comment_id for row in rows if row.comment_id]).values_list(
            "pk", "text"
        )
    )
    return [(row.pk, row.words if row.comment_id is None else texts.get(row.comment_id, "")) for row in rows]


def wanting_a_case() -> list[Tip]:
    """Tips of the form that a person passed on and that are in no case yet: a fact for the room above."""
    return list(
        Tip.objects.exclude(needs_case="").select_related("appeal", "decided_by").order_by("pk")[:200]
    )


def first_account(appeal: Appeal) -> OfficialAccount | None:
    """The official account that stands for a tip of the form: the first of its appeal."""
    return (
        OfficialAccount.objects.filter(appeals__appeal=appeal, appeals__removed_at=None)
        .order_by("pk")
        .first()
    )


def areas_named(comment: Comment) -> list[Neighbourhood]:
    """The neighbourhoods that its words name, as triage found them."""
    if not comment.named_places:
        return []
    places = Place.objects.filter(pk__in=comment.named_places, neighbourhood__isnull=False).order_by("pk")
    return [place.neighbourhood for place in places.select_related("neighbourhood") if place.neighbourhood]


def point_of(text: str) -> tuple[float, float] | None:
    """ "53.1234, -1.2345" as latitude and longitude; None for anything else, and for what lies not on the earth."""
    found = _POINT.match(text)
    if found is None:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


# The map


@dataclass(frozen=True)
class Mark:
    """A point on the map: its number in the table beside it, and whether it is a place or only an area."""

    number: int
    tip: Tip
    x: float
    y: float
    exact: bool


@dataclass(frozen=True)
class Map:
    """Neighbourhoods and tips as a drawing; `beyond` lie outside it and stand in the table alone."""

    outlines: Sequence[outlines.Outline]
    marks: Sequence[Mark]
    beyond: Sequence[Tip]
    width: int
    height: int


def map_of(shown: Sequence[Tip]) -> Map | None:
    """The tips that have a place, drawn; None where nothing has one or no boundary is known."""
    placed = [tip for tip in shown if tip.latitude is not None or tip.area_id is not None]
    details = outlines.with_boundary() if placed else []
    if not details:
        return None
    plan = outlines.projection(details)
    centres = {one.neighbourhood_id: outlines.middle_of(one) for one in details}
    marks: list[Mark] = []
    beyond: list[Tip] = []
    for tip in placed:
        exact = _exact(tip)
        point = exact or centres.get(tip.area_id or 0)
        if point is None or not plan.holds(point):
            beyond.append(tip)
            continue
        marks.append(Mark(len(marks) + 1, tip, *plan.at(point[0], point[1]), exact is not None))
    drawn = [plan.outline(one) for one in details]
    return Map(drawn, marks, beyond, outlines.DRAWN, plan.height)


def _exact(tip: Tip) -> list[float] | None:
    if tip.latitude is None or tip.longitude is None:
        return None
    return [tip.latitude, tip.longitude]
