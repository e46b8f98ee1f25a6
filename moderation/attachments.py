"""Reading what came with comments, and what of it is sealed. Every list is scoped to the viewer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.queries import authority_of
from core.errors import NotFound
from moderation.models import Attachment, ChildSeal, Comment
from staff.models import StaffMember
from staff.roles import Power

MOST = 200


@dataclass(frozen=True)
class Came:
    """One attachment as the desk may know of it."""

    attachment: Attachment
    sealed: bool

    @property
    def can_be_seen(self) -> bool:
        """Whether a picture of it can be made for the page."""
        file = self.attachment.file
        return not self.sealed and file is not None and file.content_type.startswith("image/")

    @property
    def is_video(self) -> bool:
        return self.attachment.kind == Attachment.Kind.VIDEO


def with_comments(comment_ids: Iterable[int]) -> dict[int, list[Came]]:
    """What came with each of these comments, which the caller has found in the viewer's scope."""
    rows = list(
        Attachment.objects.filter(comment_id__in=list(comment_ids))
        .select_related("file")
        .order_by("comment_id", "number")
    )
    if not rows:
        return {}
    seals = ChildSeal.objects.filter(
        Q(attachment__in=[row.pk for row in rows]) | Q(file__in=[row.file_id for row in rows if row.file_id]),
        lifted_at=None,
    ).values_list("attachment_id", "file_id")
    sealed, files = {row[0] for row in seals}, {row[1] for row in seals if row[1] is not None}
    came: dict[int, list[Came]] = {}
    for row in rows:
        came.setdefault(row.comment_id, []).append(Came(row, row.pk in sealed or row.file_id in files))
    return came


def is_sealed(attachment: Attachment) -> bool:
    """Whether it, or the same file with another comment, is under a seal now."""
    under = Q(attachment=attachment.pk)
    if attachment.file_id is not None:
        under |= Q(file=attachment.file_id)
    return ChildSeal.objects.filter(under, lifted_at=None).exists()


def one(viewer: StaffMember, pk: int, power: str = Power.SEE_COMMENTS) -> Attachment:
    """One attachment of a comment in the viewer's scope that is under no seal and not restricted. Raises NotFound."""
    row = (
        Attachment.objects.filter(
            pk=pk, comment__official_account_id__in=authority_of(viewer).account_ids(power)
        )
        .exclude(comment__state=Comment.State.RESTRICTED)
        .select_related("comment__official_account", "file")
        .first()
        if pk < 2**63
        else None
    )
    if row is None or is_sealed(row):
        raise NotFound("There is no such picture, or it is not one that you may see.")
    return row


def seals(viewer: StaffMember) -> list[ChildSeal]:
    """Every seal, those that stand first. For the online child abuse team alone: the view's gate says so."""
    newest = _in_sight(viewer).order_by("-at", "-pk")[:MOST]
    return sorted(newest, key=lambda row: row.lifted_at is not None)


def one_seal(viewer: StaffMember, pk: int) -> ChildSeal:
    """One of them, however old. Raises NotFound."""
    found = _in_sight(viewer).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("There is no such seal.")
    return found


def _in_sight(viewer: StaffMember) -> QuerySet[ChildSeal]:
    if not viewer.has_perm(f"accounts.{Power.OPEN_SEALED}"):
        raise NotFound("There is nothing here that you may see.")
    return ChildSeal.objects.select_related("attachment__comment__official_account", "attachment__file", "by")
