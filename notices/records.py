"""What retention must know of notices."""

from __future__ import annotations

from core.records import Part, RecordClass, Subject
from notices.models import Notice


def snapshot(notice: Notice) -> list[tuple[str, str]]:
    """To whom it went and what it said."""
    return [("To", notice.to.called if notice.to is not None else notice.to_name), ("Title", notice.title)]


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
    ),
)
