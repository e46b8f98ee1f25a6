"""Requests under information law as the room of cases sees them."""

from __future__ import annotations

from escalation.models import Case, Referral, RequestCase
from moderation.models import Comment
from retention.models import RightsRequest

REFERRED = "escalation.referral"


def comment_of(referral: Referral) -> Comment | None:
    """The first message that was handed over with the referral, if it is still here."""
    ids = [piece["comment"] for piece in referral.evidence if piece.get("comment")]
    return Comment.objects.filter(pk__in=ids).order_by("posted_at", "pk").first()


def of_referral(referral: Referral) -> RightsRequest | None:
    """The request that was made from it."""
    return RightsRequest.objects.filter(origin_type=REFERRED, origin_id=referral.pk).first()


def answered() -> list[tuple[Referral, RightsRequest]]:
    """Referrals that wait though the request made from them was answered."""
    waiting = Referral.objects.exclude(state=Referral.State.ANSWERED).exclude(kind__deadline_law="")
    closed = RightsRequest.objects.filter(
        origin_type=REFERRED, state=RightsRequest.State.CLOSED, origin_id__in=waiting.values("pk")
    ).select_related("closed_by")
    by_id = {one.origin_id: one for one in closed}
    found = waiting.filter(pk__in=list(by_id)).select_related("kind", "case", "by")
    return [(one, by_id[one.pk]) for one in found]


def about(case: Case) -> list[RequestCase]:
    """The requests that the case is about, if it is."""
    return list(case.requests.select_related("request").order_by("id"))
