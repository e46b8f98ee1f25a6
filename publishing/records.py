"""What retention must know of posts and of the outbox."""

from __future__ import annotations

from core.records import RecordClass, Subject
from publishing import about
from publishing.models import Appeal, Post


def snapshot(post: Post) -> list[tuple[str, str]]:
    """Its title, its author and its words."""
    return [("Title", post.title), ("Author", post.author.called), ("Words", post.words)]


def snapshot_of_appeal(appeal: Appeal) -> list[tuple[str, str]]:
    """The matter, who answers for it, and what it rests on."""
    return [
        ("Title", appeal.title),
        ("Reference", appeal.force_reference),
        ("Owner", appeal.owner.called),
        ("Why it is necessary", appeal.basis_note),
        ("Risk assessment", appeal.risk_assessment),
    ]


SUBJECTS = (
    Subject(
        "publishing.post", "Post", "publishing_post", named_by="title", since="created_at", snapshot=snapshot
    ),
    Subject(
        "publishing.appeal",
        "Appeal",
        "publishing_appeal",
        named_by="reference",
        since="made_at",
        snapshot=snapshot_of_appeal,
    ),
)

CLASSES = (
    RecordClass(
        "published_post", "Kept until a person decides, and offered to the archive.", about=about.posts
    ),
    RecordClass(
        "public_appeal",
        "Kept until a person decides: evidence of whom the force showed, and why.",
        about=about.appeals,
    ),
    RecordClass(
        "community_question", "Kept until a person decides, after it was answered.", about=about.questions
    ),
    RecordClass("engagement", "Kept until a person decides, as a financial record.", about=about.engagements),
    RecordClass(
        "delivery",
        "Kept until a person decides, as the post or the answer that it carried.",
        about=about.deliveries,
    ),
)
