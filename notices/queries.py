"""What a staff member has been told, and what of it they have not seen."""

from __future__ import annotations

from django.db.models import Case, QuerySet, Value, When

from core.errors import NotFound
from notices.models import Notice
from staff.models import StaffMember

PAGE_LENGTH = 50
_URGENCY = Case(
    When(urgency=Notice.Urgency.PAGE, then=Value(0)),
    When(urgency=Notice.Urgency.SOON, then=Value(1)),
    default=Value(2),
)


def unseen(viewer: StaffMember) -> QuerySet[Notice]:
    """The viewer's notices that wait for them, pages first, then the newest."""
    return Notice.objects.filter(to=viewer, seen_at=None).order_by(_URGENCY, "-created_at", "-id")


def unseen_count(viewer: StaffMember, *, most: int = 1000) -> int:
    """How many wait for the viewer; counting stops above `most`."""
    if not getattr(viewer, "pk", None):
        return 0
    return Notice.objects.filter(to=viewer, seen_at=None)[: most + 1].count()


def seen(viewer: StaffMember, *, before_id: int | None = None) -> tuple[list[Notice], int | None]:
    """One page of what the viewer has seen, newest first, and where the next page starts."""
    notices = Notice.objects.filter(to=viewer, seen_at__isnull=False).order_by("-id")
    if before_id is not None:
        notices = notices.filter(id__lt=before_id)
    page = list(notices[: PAGE_LENGTH + 1])
    return page[:PAGE_LENGTH], page[PAGE_LENGTH - 1].pk if len(page) > PAGE_LENGTH else None


def notice(viewer: StaffMember, pk: int) -> Notice:
    """One notice to the viewer. Raises NotFound for those of others."""
    try:
        return Notice.objects.get(to=viewer, pk=pk)
    except Notice.DoesNotExist:
        raise NotFound("There is no such notice to you.") from None
