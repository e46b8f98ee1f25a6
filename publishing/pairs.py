"""A post and the same in the other language: approved together and sent together, neither alone.

Source: Welsh Language (Wales) Measure 2011, standards for service delivery: Welsh no later and no less than English.
"""

from __future__ import annotations

from core.errors import NotValid
from platforms.registry import BY_HAND
from publishing.models import Delivery, Post

WAITS_FOR_PAIR = "Its pair in the other language is held or was refused, and neither goes alone. "
"""How the sentence begins with which a delivery is held for its pair's sake."""


def other(post: Post) -> Post | None:
    """The same post in the other language; None for a post that has none. One with no language has none."""
    if not post.language:
        return None
    found = Post.objects.filter(pk=post.pair_id) if post.pair_id else Post.objects.filter(pair=post.pk)
    return found.select_related("author").first()


def must_agree(post: Post) -> Post | None:
    """The pair, which goes out at the same time. Raises NotValid where it does not."""
    pair = other(post)
    if pair is not None and pair.publish_at != post.publish_at:
        raise NotValid(
            f"Its pair in {pair.get_language_display()} goes out at another time. Give both the same one."
        )
    return pair


def why_not_now(post: Post) -> str:
    """Why a delivery of this post may not go out for its pair's sake, as a sentence for staff; empty when it may."""
    pair = other(post)
    if pair is None:
        return ""
    if pair.state not in (Post.State.APPROVED, Post.State.PUBLISHED):
        return f"Its pair in {pair.get_language_display()} is no longer approved, and neither goes alone."
    deliveries = Delivery.objects.filter(variant__post=pair, kind=Delivery.Kind.POST, part=1)
    rows = list(
        deliveries.exclude(state=Delivery.State.WITHDRAWN)
        .exclude(official_account__platform__in=BY_HAND)
        .values_list("state", "held_why")
    )
    if not rows or any(state in (Delivery.State.SENT, Delivery.State.SENDING) for state, _ in rows):
        return ""
    stuck = any(
        state == Delivery.State.REJECTED
        or (state == Delivery.State.SCHEDULED and why and not why.startswith(WAITS_FOR_PAIR))
        for state, why in rows
    )
    if stuck:
        return WAITS_FOR_PAIR + "Release or mend that one; this one goes with it."
    return ""


def waiting_for(post: Post) -> list[Delivery]:
    """Deliveries of the pair that are held for the sake of this post alone."""
    pair = other(post)
    if pair is None:
        return []
    held = Delivery.objects.filter(
        variant__post=pair, state=Delivery.State.SCHEDULED, held_why__startswith=WAITS_FOR_PAIR
    )
    return list(held.order_by("id"))
