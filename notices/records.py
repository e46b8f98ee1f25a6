"""What retention must know of notices."""

from __future__ import annotations

from collections.abc import Iterator

from core.records import Found, Part, Person, RecordClass, Subject, named_in
from notices.models import Notice


def snapshot(notice: Notice) -> list[tuple[str, str]]:
    """To whom it went and what it said."""
    return [("To", notice.to.called if notice.to is not None else notice.to_name), ("Title", notice.title)]


def about(person: Person, most: int) -> Iterator[Found]:
    """Notices to staff that name them: titles name things, and hardly ever a person."""
    rows = Notice.objects.filter(named_in(person, "title", "body")).select_related("to")
    for one in rows.order_by("-created_at")[:most]:
        to = one.to.called if one.to is not None else one.to_name
        yield Found(
            "notices.notice",
            one.pk,
            "Notice to staff",
            one.created_at,
            (("To", to), ("Title", one.title), ("Text", one.body)),
            others=(to,),
        )


NOTICE = Subject(
    "notices.notice",
    "Notice",
    "notices_notice",
    parts=(Part("notices_noticedelivery", "notice_id"),),
    since="created_at",
    snapshot=snapshot,
)

CLASSES = (
    RecordClass(
        "notice",
        "Disposed of with what was sent of it, a while after it was written.",
        subject=NOTICE,
        begins=(("true", "created_at"),),
        about=about,
    ),
)
