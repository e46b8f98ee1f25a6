"""Comments as ingest would leave them, for tests of the desk."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from core import clock
from moderation.models import Comment, Commenter, Conversation, Revision

_numbers = count(1)


def a_conversation(account, **given: Any) -> Conversation:
    number = next(_numbers)
    return Conversation.objects.create(
        **{
            "official_account": account,
            "root_external_id": f"post-{number}",
            "root_text": "Market Street is closed. Please stay away.",
            "root_posted_at": clock.now() - timedelta(hours=2),
            **given,
        }
    )


def a_commenter(name: str = "Jordan P.") -> Commenter:
    number = next(_numbers)
    return Commenter.objects.create(
        platform="exercise",
        external_id=f"person-{number}",
        handle=f"person{number}",
        name=name,
        first_seen_at=clock.now(),
    )


def a_comment(account, text: str = "Is the road open again?", **given: Any) -> Comment:
    """An open public comment of priority 3 that came a minute ago; anything may be given otherwise."""
    number = next(_numbers)
    at = clock.now() - timedelta(minutes=1)
    conversation = given.pop("conversation", None) or a_conversation(
        account, private=given.get("private", False)
    )
    commenter = given.pop("commenter", None) or a_commenter()
    comment = Comment.objects.create(
        **{
            "platform": account.platform,
            "external_id": f"comment-{number}",
            "official_account": account,
            "conversation": conversation,
            "commenter": commenter,
            "parent_external_id": conversation.root_external_id,
            "text": text,
            "posted_at": at,
            "received_at": at,
            "answer_by": at + timedelta(hours=2),
            **given,
        }
    )
    for revision in range(1, comment.revision_number + 1):
        Revision.objects.create(comment=comment, number=revision, text=text, seen_at=at)
    return comment


def edited(comment: Comment, text: str) -> Comment:
    """Its author changes the words, as ingest would note it."""
    comment.refresh_from_db()
    comment.revision_number += 1
    comment.text = text
    comment.save()
    Revision.objects.create(comment=comment, number=comment.revision_number, text=text, seen_at=clock.now())
    return comment
