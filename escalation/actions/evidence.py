"""A comment's words as they stood, kept with the case: they survive deletion on the platform."""

from __future__ import annotations

from typing import Any

from core import clock
from core.actors import Actor
from escalation.models import Case, CaseComment
from moderation.attachments import Came, with_comments
from moderation.models import Comment, Thrive

MOST_PARENTS = 20


def keep(*, actor: Actor, case: Case, comment: Comment) -> CaseComment:
    """The comment stands in the case with a snapshot. Within the transaction that locked both."""
    return CaseComment.objects.create(
        case=case,
        comment=comment,
        revision_number=comment.revision_number,
        snapshot=snapshot(comment),
        added_at=clock.now(),
        added_by_name=actor.actor_name,
    )


def snapshot(comment: Comment) -> dict[str, Any]:
    """Words, author as the platform shows them, where and when, and the words above it in the thread.

    Source: what the author deletes must stay available as evidence (docs/domain, capture before deletion).
    """
    conversation = comment.conversation
    return {
        **_words(comment),
        "platform": comment.platform,
        "official_account": comment.official_account.name,
        "revision_number": comment.revision_number,
        "url": comment.url,
        "private": comment.private,
        "received_at": comment.received_at.isoformat(),
        "removed_at": comment.removed_at.isoformat() if comment.removed_at else None,
        "attachments": [_came(came) for came in with_comments([comment.pk]).get(comment.pk, [])],
        "thread": [_words(parent) for parent in _parents(comment)],
        "thrive": [_assessed(row) for row in comment.thrive.select_related("by").order_by("at", "id")],
        "post": {"words": conversation.root_text, "url": conversation.root_url},
    }


def _came(came: Came) -> dict[str, Any]:
    """What came with it, by its hash; never the file. Of what is sealed as child abuse nothing is said but that."""
    one = came.attachment
    if came.sealed:
        return {"kind": one.kind, "state": "sealed"}
    file = one.file
    return {
        "kind": one.kind,
        "state": one.state,
        "alt_text": one.alt_text,
        "sha256": file.sha256 if file is not None else None,
        "bytes": file.size_bytes if file is not None else None,
    }


def _assessed(row: Thrive) -> dict[str, Any]:
    """An assessment of the desk, as it was signed."""
    return {
        "said": dict(row.said),
        "by": row.by.called,
        "at": row.at.isoformat(),
        "revision": row.revision_number,
    }


def _words(comment: Comment) -> dict[str, Any]:
    return {
        "words": comment.text,
        "author_handle": comment.commenter.handle,
        "author_name": comment.commenter.name,
        "author_external_id": comment.commenter.external_id,
        "external_id": comment.external_id,
        "posted_at": comment.posted_at.isoformat(),
        "ours": comment.state == Comment.State.OURS,
    }


def _parents(comment: Comment) -> list[Comment]:
    """What the comment answers, from the top of the thread down to its direct parent."""
    parents: list[Comment] = []
    seen = {comment.external_id}
    above = comment.parent_external_id
    while above and above not in seen and len(parents) < MOST_PARENTS:
        seen.add(above)
        parent = (
            Comment.objects.select_related("commenter")
            .filter(
                platform=comment.platform,
                external_id=above,
                official_account_id=comment.official_account_id,
            )
            .first()
        )
        if parent is None:
            break
        parents.insert(0, parent)
        above = parent.parent_external_id
    return parents
