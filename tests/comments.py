"""Comments of the public as the database holds them, for rooms that are not about taking them in."""

from __future__ import annotations

import hashlib
from datetime import datetime

from accounts.models import OfficialAccount
from core import clock
from moderation.models import Comment, Commenter, Conversation, Decision, Revision
from staff.models import StaffMember


def write(
    official_account: OfficialAccount,
    text: str = "I can't do this any more",
    *,
    by: str = "jordan.p",
    at: datetime | None = None,
    under: Comment | None = None,
    external_id: str = "",
    **given,
) -> Comment:
    """Somebody wrote this to an official account; it waits open for the desk."""
    at = at or clock.now()
    external_id = external_id or hashlib.sha256(f"{text}{by}{at}".encode()).hexdigest()[:20]
    commenter, _ = Commenter.objects.get_or_create(
        platform=official_account.platform,
        external_id=by,
        defaults={"handle": by, "name": by.replace(".", " ").title(), "first_seen_at": at},
    )
    conversation, _ = Conversation.objects.get_or_create(
        official_account=official_account,
        root_external_id="post-1",
        defaults={"root_text": "Our officers are in Saltmere tonight.", "last_comment_at": at},
    )
    comment = Comment.objects.create(
        platform=official_account.platform,
        external_id=external_id,
        official_account=official_account,
        conversation=conversation,
        commenter=commenter,
        parent_external_id=under.external_id if under else "post-1",
        text=text,
        posted_at=at,
        received_at=at,
        **given,
    )
    Revision.objects.create(comment=comment, number=1, text=text, seen_at=at)
    return comment


def decide(
    comment: Comment,
    by: StaffMember,
    *,
    kind: str = "no_action",
    at: datetime | None = None,
    why: str = "",
) -> Comment:
    """Somebody decided on it as it stands."""
    at = at or clock.now()
    Decision.objects.create(
        comment=comment,
        revision=comment.revisions.get(number=comment.revision_number),
        kind=kind,
        by=by,
        by_name=by.called,
        at=at,
        why=why,
    )
    comment.state = Comment.State.DECIDED
    comment.decided_at = at
    comment.save()
    return comment


def escalate(
    comment: Comment, by: StaffMember, category: str = "suicide_self_harm", why: str = "Says goodbye"
) -> Comment:
    """Somebody at the desk wants a case for it."""
    comment.needs_case = category
    return decide(comment, by, kind="escalate", why=why)
