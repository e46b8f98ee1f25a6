"""Noting what was written on a platform itself: a declared use, or an alert to its owner and information security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from accounts.models import OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from moderation import native, storable
from moderation.models import IngestSource, NativePost
from notices.actions import notify
from notices.models import Notice


@action
def look(*, actor: Actor, official_account: OfficialAccount, written: Sequence[native.Written]) -> int:
    """What of this did not leave through the outbox is noted; so is what waited and can be told by now.

    Answers how many alerts were raised. Audits account.native_post for each that nobody had declared.
    """
    IngestSource.objects.select_for_update().get(official_account=official_account)  # one at a time
    alerts = 0
    waiting = native.waiting(official_account)
    known = native.known_to_the_outbox(official_account, [row.external_id for row in waiting])
    for row in waiting:
        if row.external_id in known:  # the outbox has settled meanwhile that it was its own
            row.state = NativePost.State.OURS
            row.save(update_fields=["state"])
        else:
            one = native.Written(row.external_id, row.text, row.posted_at, row.url, what=row.what)
            alerts += _settle(actor, official_account, row, one)
    for one in native.unknown(official_account, written):
        row = NativePost(
            official_account=official_account,
            external_id=storable.text(one.external_id, at_most=300),
            what=one.what,
            text=storable.comment_text(one.text),
            url=storable.text(one.url, at_most=500),
            posted_at=storable.instant(one.posted_at, received_at=clock.now()),
            seen_at=clock.now(),
        )
        alerts += _settle(actor, official_account, row, one)
    return alerts


def note_own_read(*, actor: Actor, source: IngestSource) -> None:
    """When the official account's own posts were last read."""
    IngestSource.objects.filter(pk=source.pk).update(own_read_at=clock.now())


def _settle(actor: Actor, account: OfficialAccount, row: NativePost, one: native.Written) -> int:
    use = native.declaration(account, row.posted_at)
    if native.may_be_ours(account, one):
        row.state = NativePost.State.WAITING
    elif use is not None:
        row.state, row.declaration = NativePost.State.DECLARED, use
    else:
        row.state = NativePost.State.ALERTED
    row.save()
    if row.state != NativePost.State.ALERTED:
        return 0
    record(
        actor=actor,
        event="account.native_post",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"what": row.what, "native_post": row.pk, "posted_at": row.posted_at.isoformat()},
    )
    notify(
        actor=actor,
        to=[account.owner],
        urgency=Notice.Urgency.SOON,
        title=f"A {row.what} on {account.name} was not made here"[:160],
        body="Somebody wrote it on the platform itself: past the approvals, or an intruder. Look at it, ask who it was, "
        "and if nobody knows change the password there and end all its sessions.",
        link=reverse("moderation:channel", args=[account.pk]) + "#native",
        key=f"native:{account.pk}:{_hour(clock.now())}",
    )
    return 1


def _hour(at: datetime) -> str:
    """One notice an hour and official account, however much an intruder writes."""
    return f"{at:%Y%m%d%H}"
