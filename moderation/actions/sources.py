"""Where polling stands per official account: whose turn it is, what it answered, the tops of threads.

Nothing here talks to a platform; moderation.polling does, between these actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.urls import reverse

from accounts.models import OfficialAccount
from accounts.queries import people_with
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from moderation import budget, pace, storable
from moderation.models import Conversation, IngestGap, IngestSource
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from platforms.contract import IncomingPost
from publishing.models import Delivery
from staff.roles import Role


@action
def ensure_sources(*, actor: Actor) -> int:
    """Every active official account is polled from now on. Returns how many were added."""
    now = clock.now()
    missing = (
        OfficialAccount.objects.filter(status=OfficialAccount.Status.ACTIVE, ingest_source=None)
        .exclude(platform__in=registry.BY_HAND)
        .order_by("id")
    )
    added = IngestSource.objects.bulk_create(
        [IngestSource(official_account=account, next_poll_at=now, next_sweep_at=now) for account in missing],
        ignore_conflicts=True,
    )
    return len(added)


def lease_due(*, actor: Actor, due_by: datetime | None = None) -> IngestSource | None:
    """The official account that has waited longest is this worker's to poll for pace.LEASE_S, or None.

    due_by: only where its turn had come by then. Taken by conditional update, so two workers never poll the
    same official account at once; a worker that dies loses the lease by time.
    """
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due = IngestSource.objects.filter(
        free,
        next_poll_at__lte=min(now, due_by or now),
        official_account__status=OfficialAccount.Status.ACTIVE,
    ).order_by("next_poll_at", "id")
    for pk in due.values_list("pk", flat=True)[:20]:
        lease = now + timedelta(seconds=pace.LEASE_S)
        if IngestSource.objects.filter(free, pk=pk, next_poll_at__lte=now).update(
            lease_until=lease, polled_at=now
        ):
            return IngestSource.objects.select_related("official_account").get(pk=pk)
    return None


def extend_lease(*, actor: Actor, source: IngestSource) -> bool:
    """Another page may be read: the lease runs anew. False where another worker has it by now."""
    lease = clock.now() + timedelta(seconds=pace.LEASE_S)
    held = IngestSource.objects.filter(pk=source.pk, lease_until=source.lease_until).update(lease_until=lease)
    if held:
        source.lease_until = lease
    return bool(held)


@action
def note_answer(*, actor: Actor, source: IngestSource, more: bool = False) -> IngestSource:
    """The platform answered: the next poll comes at its usual pace (at once where more waits).

    Audits platform.recovered at the first answer after a fault.
    """
    held = IngestSource.objects.select_for_update().select_related("official_account").get(pk=source.pk)
    if held.lease_until != source.lease_until:
        return held
    now = clock.now()
    account = held.official_account
    _end_gap(held, account, now, more)
    if held.failures:
        record(
            actor=actor,
            event="platform.recovered",
            subject=account,
            subject_name=account.name,
            official_account_id=account.pk,
            details={"failures": held.failures},
        )
    held.failures = 0
    held.fault = ""
    held.answered_at = now
    held.lease_until = None
    wait_s = max(pace.poll_every_s(account), budget.wait_s(budget.live(account), now=now))
    held.next_poll_at = (
        now if more and wait_s <= pace.poll_every_s(account) else now + timedelta(seconds=wait_s)
    )
    if held.hinted_at is not None and held.polled_at is not None and held.hinted_at > held.polled_at:
        held.next_poll_at = min(held.next_poll_at, now + timedelta(seconds=pace.HINTED_AFTER_S))
    held.save()
    return held


def put_off(*, actor: Actor, source: IngestSource, wait_s: float) -> None:
    """What is left of the platform's allowance is kept for what goes out: the next poll comes later."""
    IngestSource.objects.filter(pk=source.pk, lease_until=source.lease_until).update(
        lease_until=None, next_poll_at=clock.now() + timedelta(seconds=wait_s)
    )


def note_unannounced(*, actor: Actor, source: IngestSource) -> None:
    """This turn brought something new. Where calls come at all and none told of it, one was missed."""
    since = source.answered_at
    if source.hinted_at is not None and since is not None and source.hinted_at < since:
        IngestSource.objects.filter(pk=source.pk).update(hints_missed=F("hints_missed") + 1)


def _end_gap(source: IngestSource, account: OfficialAccount, now: datetime, more: bool) -> None:
    """An answer ends the gap, and an answer that says that nothing more waits fills it.

    A silence that nobody was there to note (no worker ran) is noted now.
    """
    gap = IngestGap.objects.filter(official_account=account, ends_at=None).first()
    since = source.answered_at
    if gap is None and since is not None and now - since > timedelta(seconds=pace.deaf_after_s(account)):
        gap = IngestGap(
            official_account=account,
            begins_at=since,
            why=source.fault or "Nobody asked the platform meanwhile.",
        )
    if gap is not None:
        gap.ends_at = now
        gap.save()
    if not more:
        IngestGap.objects.filter(official_account=account, ends_at__isnull=False, filled_at=None).update(
            filled_at=now
        )


@action
def note_deaf(*, actor: Actor, source: IngestSource) -> IngestGap | None:
    """An official account that has not answered for too long is deaf: it stands so, and people are told, once.

    Its owner and whoever supervises the desk on it. Answers the gap where it is new. Audits account.deaf.
    """
    held = (
        IngestSource.objects.select_for_update(of=("self",))
        .select_related("official_account__owner")
        .get(pk=source.pk)
    )
    account = held.official_account
    now = clock.now()
    since = held.answered_at
    if (
        account.status != OfficialAccount.Status.ACTIVE
        or since is None
        or now - since <= timedelta(seconds=pace.deaf_after_s(account))
        or IngestGap.objects.filter(official_account=account, ends_at=None).exists()
    ):
        return None
    gap = IngestGap.objects.create(
        official_account=account,
        begins_at=since,
        why=held.fault or "Nobody asked the platform: no worker is running, or its turn did not come.",
    )
    record(
        actor=actor,
        event="account.deaf",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
    )
    notify(
        actor=actor,
        to=[
            account.owner,
            *people_with(role=Role.DESK_SUPERVISOR, official_account_id=account.pk),
        ],
        urgency=Notice.Urgency.SOON,
        title=f"{account.name} is deaf since {since.astimezone(clock.LONDON):%H:%M}",
        body=f"Nothing that the public writes there reaches the desk. {gap.why}",
        link=reverse("moderation:channel", args=[account.pk]),
        key=f"deaf:{gap.pk}",
    )
    return gap


@action
def note_fault(
    *,
    actor: Actor,
    source: IngestSource,
    sentence: str,
    lasting: bool = False,
    retry_after_s: float | None = None,
) -> IngestSource:
    """The platform did not answer or refused: the sentence stands on the health page, the next try comes later.

    lasting: it would refuse again (an expired token), so the next try comes in five minutes at
    once. retry_after_s: what the platform asked for, kept up to an hour.
    Audits platform.fault at the first failure only.
    """
    held = IngestSource.objects.select_for_update().select_related("official_account").get(pk=source.pk)
    if held.lease_until != source.lease_until:
        return held
    account = held.official_account
    if not held.failures:
        record(
            actor=actor,
            event="platform.fault",
            subject=account,
            subject_name=account.name,
            official_account_id=account.pk,
            reason=storable.text(sentence, at_most=500),
            details={"lasting": lasting},
        )
    held.failures += 1
    held.fault = storable.text(sentence, at_most=500)
    wait_s: float = pace.BACK_OFF_AT_MOST_S if lasting else pace.back_off_s(account, held.failures)
    wait_s = max(wait_s, min(retry_after_s or 0, 3600))
    held.next_poll_at = clock.now() + timedelta(seconds=wait_s)
    held.lease_until = None
    held.save()
    return held


def claim_sweep(*, actor: Actor) -> IngestSource | None:
    """The next official account whose recent threads are to be swept; its next sweep is set at once."""
    now = clock.now()
    due = (
        IngestSource.objects.filter(
            next_sweep_at__lte=now, official_account__status=OfficialAccount.Status.ACTIVE
        )
        .select_related("official_account")
        .order_by("next_sweep_at", "id")
    )
    for source in due[:20]:
        following = now + timedelta(seconds=pace.sweep_every_s(source.official_account))
        if IngestSource.objects.filter(pk=source.pk, next_sweep_at__lte=now).update(next_sweep_at=following):
            return source
    return None


def put_off_sweep(*, actor: Actor, source: IngestSource, until: datetime) -> None:
    """The threads that are left wait until the platform counts anew."""
    IngestSource.objects.filter(pk=source.pk).update(next_sweep_at=until)


def note_swept(*, actor: Actor, official_account: OfficialAccount, root_external_id: str) -> None:
    """When a thread was last read whole."""
    Conversation.objects.filter(official_account=official_account, root_external_id=root_external_id).update(
        swept_at=clock.now()
    )


@action
def fill_roots_from_outbox(*, actor: Actor, conversations: Sequence[Conversation]) -> set[int]:
    """The words of those posts at the top that left through the outbox are known without asking.

    Of one official account. Answers the ids of the conversations that have their words now.
    """
    by_root = {conversation.root_external_id: conversation for conversation in conversations}
    sent = Delivery.objects.filter(
        official_account_id__in={conversation.official_account_id for conversation in conversations},
        external_id__in=by_root,
        kind=Delivery.Kind.POST,
        state=Delivery.State.SENT,
    )
    found = dict(sent.order_by("-id").values_list("external_id", "pk"))
    for delivery in Delivery.objects.filter(pk__in=found.values()) if found else ():
        Conversation.objects.filter(pk=by_root[delivery.external_id].pk).update(
            root_text=delivery.text,
            root_url=delivery.external_url,
            root_posted_at=delivery.sent_at,
            root_read_at=clock.now(),
        )
    return {by_root[external_id].pk for external_id in found}


@action
def fill_roots(*, actor: Actor, found: Sequence[tuple[Conversation, IncomingPost | None]]) -> None:
    """The posts at the top as the platform shows them now; None where one is gone or not ours.

    Words that were known stay when the post has gone since: the desk must see what was answered.
    """
    now: datetime = clock.now()
    unseen = [conversation.pk for conversation, post in found if post is None]
    if unseen:
        Conversation.objects.filter(pk__in=unseen).update(root_read_at=now)
    for conversation, post in found:
        if post is None:
            continue
        Conversation.objects.filter(pk=conversation.pk).update(
            root_read_at=now,
            root_text=storable.comment_text(post.text),
            root_url=storable.text(post.url)[:500],
            root_posted_at=storable.instant(post.posted_at, received_at=now),
        )
