"""Comments under the posts of a virtual community meeting, as far as the viewer may see them."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.queries import account_ids
from moderation.models import Comment
from publishing import queries_campaigns
from publishing.models import Delivery, Meeting, Question
from staff.models import StaffMember
from staff.roles import Power

MOST_SHOWN = 50


@dataclass(frozen=True)
class UnderPosts:
    """The latest comments that are no questions of the meeting yet; `more`: there are others."""

    comments: list[Comment]
    more: bool


def under_posts(viewer: StaffMember, meeting: Meeting) -> UnderPosts:
    """Public comments under its posts that still stand and are neither hidden nor taken over, the latest first."""
    ids = account_ids(viewer, Power.SEE_COMMENTS)
    roots = (
        queries_campaigns.deliveries_in(meeting.campaign)
        .filter(state=Delivery.State.SENT, official_account_id__in=ids)
        .exclude(external_id="")
        .order_by("-sent_at")
        .values_list("official_account_id", "external_id")[:100]
    )
    taken = Question.objects.filter(meeting=meeting, comment_id__isnull=False).values("comment_id")
    standing = {external_id for _, external_id in roots}
    found = (
        Comment.objects.filter(
            official_account_id__in={pk for pk, _ in roots},
            conversation__root_external_id__in=standing,
            private=False,
            removed_at=None,
            hidden_at=None,
        )
        .exclude(state=Comment.State.OURS)
        .exclude(pk__in=taken)
        .select_related("commenter", "official_account", "conversation")
        .order_by("-received_at", "-id")[: MOST_SHOWN + 1]
    )
    rows = list(found)
    return UnderPosts(rows[:MOST_SHOWN], len(rows) > MOST_SHOWN)


def meetings_for(comment: Comment) -> list[Meeting]:
    """Meetings under whose posts the comment stands and of which it is no question yet."""
    if comment.private:
        return []
    posts = Delivery.objects.filter(
        official_account_id=comment.official_account_id,
        external_id=comment.conversation.root_external_id,
        kind=Delivery.Kind.POST,
    ).exclude(external_id="")
    return list(
        Meeting.objects.filter(
            campaign__tag__posts__post__variants__deliveries__in=posts,
            campaign__tag__posts__removed_at=None,
            transcript_at=None,
        )
        .exclude(questions__comment_id=comment.pk)
        .exclude(campaign__state="called_off")
        .select_related("campaign")
        .distinct()[:3]
    )
