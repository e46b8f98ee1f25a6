"""What stands beside a conversation: assessments, a reply that waits for a yes, saved replies, hours, the preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Neighbourhood
from accounts.queries import may
from core import clock
from moderation import (
    inquiries,
    private_messages,
    queries,
    queries_meetings,
    queries_talk,
    restrictions,
    saved_replies,
    wording,
)
from moderation.models import (
    Comment,
    Decision,
    MessagingDecision,
    ReplyDraft,
    ReplyRequest,
    Thrive,
    Withholding,
)
from publishing import queries_concerns
from publishing.models import Concern, Meeting
from retention import queries_rights
from retention.models import RightsRequest
from staff.models import StaffMember, Team
from staff.roles import Power


@dataclass(frozen=True)
class Measured:
    """How long the platform says that words are."""

    length: int
    most: int
    unit: str

    @property
    def over(self) -> int:
        return max(0, self.length - self.most)


@dataclass(frozen=True)
class Preview:
    """A reply as the platform will show it, and what would still keep it from being sent."""

    words: str
    measured: Measured
    gaps: list[str]
    answers: str
    """Whom it answers, by handle."""


@dataclass(frozen=True)
class Beside:
    """Everything that the conversation page shows beside the thread."""

    thrive: list[Thrive]
    request: ReplyRequest | None
    returned: ReplyRequest | None
    """The viewer's own reply that was sent back last, while nothing else has happened to it."""
    may_assess: bool
    may_approve: bool
    may_ask: bool
    saved: saved_replies.Offered | None
    teams: list[Team]
    private: MessagingDecision | None
    window_ends: datetime | None
    preview: Preview | None
    block_until: date
    block_at_most: date
    meetings: list[Meeting]
    """Meetings of which it may become a question."""
    concern: Concern | None
    """The worry of a neighbourhood that it became."""
    areas: list[Neighbourhood]
    """Neighbourhoods of which it may become a worry."""
    may_take_in: bool
    """Whether the viewer may take it in as a request under information law."""
    request_kinds: list[tuple[str, str]]
    taken_in: list[RightsRequest]
    """The requests that it was taken in as."""
    may_withhold: bool
    """Whether it is hidden by us, and the viewer may keep the reason from its author, who may ask for it."""
    withheld: Withholding | None
    may_tell: bool
    """Whether the viewer may give a reason back that is withheld."""


def beside(viewer: StaffMember, talk: queries_talk.Talk, previewed: str = "") -> Beside:
    """For the page of one comment, which the viewer may see. previewed: the words to show as the platform will."""
    comment, offers = talk.comment, talk.offers
    request = (
        ReplyRequest.objects.filter(comment=comment, state=ReplyRequest.State.ASKED)
        .select_related("asked_by")
        .first()
    )
    again = may(viewer, Power.LOOK_AGAIN, comment.official_account_id)
    hide = _standing_hide(talk)
    today = clock.today()
    return Beside(
        thrive=list(comment.thrive.select_related("by")[:20]),
        request=request,
        returned=_returned(viewer, comment) if request is None else None,
        may_assess=may(viewer, Power.WORK_COMMENTS, comment.official_account_id),
        may_approve=request is not None and again and request.asked_by_id != viewer.pk,
        may_ask=offers.reply and request is None,
        saved=saved_replies.offered(viewer, comment) if offers.reply else None,
        teams=queries.teams_for(comment) if offers.hand_over else [],
        private=private_messages.standing(comment.official_account_id) if comment.private else None,
        window_ends=private_messages.window_ends(comment),
        preview=preview(comment, previewed) if previewed.strip() else None,
        block_until=today + timedelta(days=restrictions.USUAL_BLOCK_DAYS),
        block_at_most=today + timedelta(days=restrictions.LONGEST_BLOCK_DAYS),
        meetings=queries_meetings.meetings_for(comment) if not comment.private else [],
        concern=queries_concerns.of_comment(comment.pk),
        areas=queries_concerns.areas(viewer, Power.WORK_COMMENTS),
        may_take_in=may(viewer, Power.TAKE_IN_REQUESTS) and comment.state != Comment.State.OURS,
        request_kinds=list(RightsRequest.Kind.choices),
        taken_in=queries_rights.made_from("moderation.comment", comment.pk),
        may_withhold=hide is not None and may(viewer, Power.HIDE_COMMENTS, comment.official_account_id),
        withheld=inquiries.standing_withholding(hide) if hide is not None else None,
        may_tell=again,
    )


def _standing_hide(talk: queries_talk.Talk) -> Decision | None:
    """Our decision by which the public does not see it, or will not in a moment."""
    kinds = (Decision.Kind.HIDE, Decision.Kind.UNHIDE)
    last = next((one for one in reversed(talk.decisions) if one.kind in kinds), None)
    if last is None or last.kind == Decision.Kind.UNHIDE:
        return None
    return last if talk.comment.hidden_at is not None or not last.outcome_noted else None


def preview(comment: Comment, text: str) -> Preview:
    """The words as they would go out."""
    words = text.replace("\r\n", "\n").strip()
    length, most = queries.reply_length(comment, words)
    return Preview(
        words=words,
        measured=Measured(length, most, queries.counted_in(comment)),
        gaps=wording.open_gaps(words),
        answers=comment.commenter.handle,
    )


def measure(comment: Comment, draft: ReplyDraft | None) -> Measured | None:
    """How long the platform says a draft is; nothing for an empty one."""
    if draft is None:
        return None
    length, most = queries.reply_length(comment, draft.text.strip())
    return Measured(length, most, queries.counted_in(comment))


def _returned(viewer: StaffMember, comment: Comment) -> ReplyRequest | None:
    last = (
        ReplyRequest.objects.filter(comment=comment, asked_by=viewer)
        .select_related("answered_by")
        .order_by("-id")
        .first()
    )
    return last if last is not None and last.state == ReplyRequest.State.RETURNED else None


def requests_waiting(viewer: StaffMember) -> list[ReplyRequest]:
    """Replies of others to which this person may say yes, the oldest first."""
    ids = queries.authority_of(viewer).account_ids(Power.LOOK_AGAIN)
    return list(
        ReplyRequest.objects.filter(state=ReplyRequest.State.ASKED, comment__official_account_id__in=ids)
        .exclude(asked_by=viewer)
        .select_related("comment__official_account", "asked_by")[:50]
    )


def request_of(viewer: StaffMember, pk: int) -> ReplyRequest | None:
    """The reply that waits on this comment, which the viewer may see."""
    comment = queries.comment(viewer, pk)
    return ReplyRequest.objects.filter(comment=comment).order_by("-id").first()
