"""What a staff member has been told, and what of it they have not seen."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, Exists, Max, OuterRef, QuerySet, Value, When
from django.db.models.functions import Coalesce

from core.errors import NotFound
from notices.models import Notice
from staff.models import StaffMember

PAGE_LENGTH = 50
_URGENCY = Case(
    When(urgency=Notice.Urgency.PAGE, answered=False, then=Value(0)),
    When(urgency=Notice.Urgency.SOON, then=Value(1)),
    default=Value(2),
)


def unseen(viewer: StaffMember) -> QuerySet[Notice]:
    """The viewer's notices that wait for them, pages first, then the newest.

    `answered`: the same person has since been told, without urgency, how it went on with the same
    page ("Insp Calder has case W-7"): it calls nobody any more.
    """
    return (
        Notice.objects.filter(to=viewer, seen_at=None)
        .annotate(answered=_answered(viewer))
        .order_by(_URGENCY, "-created_at", "-id")
    )


def calling(viewer: StaffMember) -> QuerySet[Notice]:
    """The viewer's notices that ask for them at once, the newest first."""
    return Notice.objects.filter(
        ~_answered(viewer), to=viewer, seen_at=None, urgency=Notice.Urgency.PAGE
    ).order_by("-created_at", "-id")


def _answered(viewer: StaffMember) -> Exists:
    later = Notice.objects.filter(to=viewer, link=OuterRef("link"), urgency=Notice.Urgency.FYI)
    return Exists(later.filter(pk__gt=OuterRef("pk")).exclude(link=""))


def unseen_count(viewer: StaffMember, *, most: int = 1000) -> int:
    """How many wait for the viewer; counting stops above `most`."""
    if not getattr(viewer, "pk", None):
        return 0
    return Notice.objects.filter(to=viewer, seen_at=None)[: most + 1].count()


@dataclass(frozen=True)
class Bell:
    """What the frame shows of a person's notices on every page."""

    unseen: int
    """Counting stops above 1,000."""
    called: Notice | None
    """The newest that asks for the person at once."""

    @property
    def version(self) -> str:
        """For the browser to say what it has."""
        return f"{self.unseen}.{self.called.pk if self.called else 0}"


def bell(viewer: StaffMember) -> Bell:
    """How many wait for the viewer, and the one that calls them at once."""
    return Bell(unseen_count(viewer), calling(viewer).first())


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


def alarm(viewer: StaffMember) -> dict[str, int]:
    """How many pages call the viewer, and the number of the newest (0 where none does)."""
    return calling(viewer).order_by().aggregate(pages=Count("id"), newest=Coalesce(Max("id"), 0))
