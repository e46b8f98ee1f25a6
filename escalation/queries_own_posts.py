"""Posts of the force's own: which may be kept with a case, and those that are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.queries import account_ids
from escalation.models import Case, OwnPost
from publishing.models import Correction, Delivery
from publishing.queries import is_deleted, standing_id, standing_words
from staff.models import StaffMember
from staff.roles import Power

MOST_OFFERED = 60


def sent(viewer: StaffMember) -> QuerySet[Delivery]:
    """Posts that went out on official accounts of which the viewer may see posts, the newest first."""
    return (
        Delivery.objects.filter(
            kind=Delivery.Kind.POST,
            state=Delivery.State.SENT,
            official_account__in=account_ids(viewer, Power.SEE_POSTS),
        )
        .select_related("official_account", "variant__post", "author", "approver", "first_approver")
        .order_by("-sent_at", "-id")
    )


def choices(viewer: StaffMember, case: Case) -> list[tuple[str, str]]:
    """The latest that are not in the case, those of its own official account first."""
    found = sent(viewer).exclude(pk__in=case.own_posts.values("delivery"))
    own = list(found.filter(official_account=case.official_account_id)[:MOST_OFFERED])
    others = list(found.exclude(official_account=case.official_account_id)[: MOST_OFFERED // 3])
    return [(str(row.pk), _called(row)) for row in (*own, *others)]


def _called(row: Delivery) -> str:
    words = " ".join(row.text.split())
    day = f"{row.sent_at:%-d %b} " if row.sent_at else ""
    return f"{day}{row.official_account.name}: {words[:70]}{'…' if len(words) > 70 else ''}"


@dataclass(frozen=True)
class Kept:
    """One of our posts as the case keeps it, and what became of it since."""

    row: OwnPost
    words: str
    account: str
    sent_at: datetime | None
    url: str
    since: str


def of_case(case: Case) -> list[Kept]:
    """Our posts in the case."""
    return [_kept(row) for row in case.own_posts.select_related("delivery")]


def _kept(row: OwnPost) -> Kept:
    snapshot, delivery = row.snapshot, row.delivery
    url = snapshot.get("url", "")
    if is_deleted(delivery):
        since = "" if snapshot.get("deleted") else "deleted by us since"
    else:
        since = "changed by us since" if standing_words(delivery) != snapshot.get("words", "") else ""
    return Kept(
        row,
        snapshot.get("words", ""),
        snapshot.get("official_account", ""),
        datetime.fromisoformat(snapshot["sent_at"]) if snapshot.get("sent_at") else None,
        url if url.startswith(("https://", "http://")) else "",
        since,
    )


def snapshot(delivery: Delivery) -> dict[str, Any]:
    """The post as it stands on the platform by our record, who answers for it, and what was changed."""
    post = delivery.variant.post if delivery.variant is not None else None
    done = delivery.corrections.filter(state=Correction.State.DONE).order_by("done_at", "id")
    return {
        "words": standing_words(delivery),
        "words_as_sent": delivery.text,
        "title": post.title if post is not None else "",
        "post": post.pk if post is not None else None,
        "platform": delivery.official_account.platform,
        "official_account": delivery.official_account.name,
        "external_id": standing_id(delivery),
        "url": delivery.external_url,
        "sent_at": delivery.sent_at.isoformat() if delivery.sent_at else None,
        "author": delivery.author.called,
        "approver": " and ".join(
            one.called for one in (delivery.first_approver, delivery.approver) if one is not None
        ),
        "media_sha256": delivery.content.get("media", []),
        "deleted": is_deleted(delivery),
        "corrections": [
            {"kind": one.kind, "words": one.text, "done_at": one.done_at.isoformat() if one.done_at else None}
            for one in done
        ],
    }
