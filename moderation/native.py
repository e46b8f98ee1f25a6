"""What the official account wrote on the platform itself, and how that is told from what left through the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Credential, NativeUse, OfficialAccount
from core import clock
from moderation.models import Comment, NativePost
from platforms.contract import IncomingPost
from publishing import fingerprint
from publishing.models import Delivery
from publishing.queries import ON_ITS_WAY, PUBLISHED

JUST_NOW = timedelta(minutes=15)
"""While something of ours was sent so lately and is not settled, nothing new on the platform is called native."""
ALIKE = 90
SHOWN = 20

_UNDER_WAY = (*ON_ITS_WAY, Delivery.State.UNKNOWN)


@dataclass(frozen=True)
class Written:
    """One contribution of the official account as it stands on the platform."""

    external_id: str
    text: str
    posted_at: datetime
    url: str = ""
    key: str = ""
    what: str = "post"


def of_posts(posts: Iterable[IncomingPost]) -> list[Written]:
    """Posts as a connector read them, but for those that an exercise put there."""
    return [
        Written(one.external_id, one.text, one.posted_at, one.url, one.key)
        for one in posts
        if not (one.deleted or one.played)
    ]


def of_comments(comment_ids: Sequence[int]) -> list[Written]:
    """What of these new comments the official account wrote itself."""
    ours = Comment.objects.filter(pk__in=comment_ids, state=Comment.State.OURS)
    return [
        Written(
            one.external_id,
            one.text,
            one.posted_at,
            one.url,
            what="private message" if one.private else "reply",
        )
        for one in ours.order_by("pk")
    ]


def unknown(account: OfficialAccount, written: Sequence[Written]) -> list[Written]:
    """What of it no delivery of ours is known to be, and nobody has noted yet.

    What stood there before the official account was connected here is history and no alert.
    """
    first = Credential.objects.filter(official_account=account).order_by("number").first()
    begun = max(account.registered_at, first.stored_at) if first is not None else account.registered_at
    fresh = [one for one in written if one.external_id and one.posted_at >= begun]
    ids = {one.external_id for one in fresh}
    known = known_to_the_outbox(account, ids)
    known |= set(
        NativePost.objects.filter(official_account=account, external_id__in=ids).values_list(
            "external_id", flat=True
        )
    )
    keys = {str(key) for key in _keys(account, fresh)}
    return [one for one in fresh if one.external_id not in known and one.key not in keys]


def known_to_the_outbox(account: OfficialAccount, external_ids: Iterable[str]) -> set[str]:
    """Which of these a delivery of ours has as its id by now."""
    known = Delivery.objects.filter(official_account=account, external_id__in=list(external_ids))
    return set(known.values_list("external_id", flat=True))


def _keys(account: OfficialAccount, written: Sequence[Written]) -> Iterable[object]:
    """Keys of ours that the platform shows with what was written. One that is no key of ours is left out."""
    shown = [one.key for one in written if len(one.key) in (32, 36) and one.key.replace("-", "").isalnum()]
    wanted = [key for key in shown if all(c in "0123456789abcdefABCDEF-" for c in key)]
    return (
        Delivery.objects.filter(official_account=account, key__in=wanted).values_list("key", flat=True)
        if wanted
        else ()
    )


def may_be_ours(account: OfficialAccount, written: Written) -> bool:
    """Whether something of ours that is under way may be it: then it waits until that is settled."""
    under_way = Delivery.objects.filter(
        official_account=account, kind__in=PUBLISHED, state__in=_UNDER_WAY
    ).only("text", "opened_at", "claimed_at")
    lately = clock.now() - JUST_NOW
    for delivery in under_way:
        begun = delivery.opened_at or delivery.claimed_at
        if begun is None or begun >= lately or fingerprint.likeness(delivery.text, written.text) >= ALIKE:
            return True
    return False


def declaration(account: OfficialAccount, at: datetime) -> NativeUse | None:
    """The declaration that covered the official account at that moment, if one did."""
    uses = NativeUse.objects.filter(official_account=account, since__lte=at, until__gt=at)
    return next((use for use in uses.order_by("pk") if use.ends_at > at), None)


def waiting(account: OfficialAccount) -> list[NativePost]:
    """What may still turn out to be one of ours."""
    return list(NativePost.objects.filter(official_account=account, state=NativePost.State.WAITING))


def newest(account: OfficialAccount) -> list[NativePost]:
    """For the channel's page; what was ours after all is left out."""
    rows = NativePost.objects.filter(official_account=account).exclude(state=NativePost.State.OURS)
    return list(rows.select_related("declaration__person")[:SHOWN])


def made_natively(account_id: int, external_ids: Iterable[str]) -> set[str]:
    """Which of these the official account wrote on the platform itself."""
    rows = NativePost.objects.filter(
        official_account_id=account_id,
        external_id__in=list(external_ids),
        state__in=[NativePost.State.DECLARED, NativePost.State.ALERTED],
    )
    return set(rows.values_list("external_id", flat=True))
