"""What retention must know of posts and of the outbox."""

from __future__ import annotations

from core.records import RecordClass, Subject
from publishing.models import Post


def snapshot(post: Post) -> list[tuple[str, str]]:
    """Its title, its author and its words."""
    return [("Title", post.title), ("Author", post.author.called), ("Words", post.words)]


SUBJECTS = (
    Subject(
        "publishing.post", "Post", "publishing_post", named_by="title", since="created_at", snapshot=snapshot
    ),
)

CLASSES = (
    RecordClass("published_post", "Kept until a person decides, and offered to the archive."),
    RecordClass("delivery", "Kept until a person decides, as the post or the answer that it carried."),
)
