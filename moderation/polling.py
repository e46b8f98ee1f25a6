"""Asking the platforms what is new. Calls stand between transactions, never inside one.

Only polling moves a source's position; a sweep reads recent threads whole and stores what a poll
may have missed. A fault of one platform delays nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db.models import Q

from accounts.actions import connecting
from accounts.connections import connector_for
from accounts.models import OfficialAccount
from core import clock
from core.actors import System
from core.errors import Refused
from moderation import budget, channels, native, pace, queries
from moderation.actions import ingest, sources, tombstones
from moderation.actions import native as natively
from moderation.models import Comment, Conversation, IngestSource
from platforms.contract import Connector, Fault, IncomingPost, PermanentFault, RawMessage
from publishing.models import Delivery

_log = logging.getLogger(__name__)

INGEST = System("ingest")


def poll_due() -> int:
    """Every official account whose turn it is now is asked once. Returns how many were.

    Those whose turn comes meanwhile are the next call's: in a surge this one would never end, and with each second
    another worker would be caught in it.
    """
    sources.ensure_sources(actor=INGEST)
    asked, began = 0, clock.now()
    while (source := sources.lease_due(actor=INGEST, due_by=began)) is not None:
        asked += 1
        _poll(source)
    return asked


def _poll(source: IngestSource) -> None:
    account = source.official_account
    if wait_s := _too_early_s(source):
        sources.put_off(actor=INGEST, source=source, wait_s=wait_s)
        return
    connector: Connector | None = None
    try:
        connector = connector_for(account)
        if channels.is_deaf(source):
            _newest_threads(account, connector)
        more = _pages(source, connector)
        _read_roots(account, connector)
        _own_posts(source, connector)
        _note_usage(account, connector)
    except Fault as fault:
        if connector is not None:
            _note_usage(account, connector)
        sources.note_fault(
            actor=INGEST,
            source=source,
            sentence=fault.sentence,
            lasting=isinstance(fault, PermanentFault),
            retry_after_s=fault.retry_after_s,
        )
    except Refused as refusal:
        sources.note_fault(actor=INGEST, source=source, sentence=refusal.sentence, lasting=True)
    except DatabaseError:
        raise  # ours, not the platform's; the lease runs out and another turn comes
    except Exception as error:
        _log.exception("polling official account %s failed", account.pk)
        sources.note_fault(
            actor=INGEST,
            source=source,
            sentence=f"{account.name} answered with something that could not be understood "
            f"({type(error).__name__}). The service administrator can find it in the log.",
        )
    else:
        sources.note_answer(actor=INGEST, source=source, more=more)


def _too_early_s(source: IngestSource) -> float:
    """Seconds that are still to go by where others used up what the platform allows, since the last poll."""
    now = clock.now()
    if source.answered_at is None:
        return 0.0
    due_at = source.answered_at + timedelta(
        seconds=budget.wait_s(budget.live(source.official_account), now=now)
    )
    return max(0.0, (due_at - now).total_seconds()) if source.failures == 0 else 0.0


def _note_usage(account: OfficialAccount, connector: Connector) -> None:
    if usage := connector.usage():
        connecting.note_usage(official_account=account, usage=usage)


def _newest_threads(account: OfficialAccount, connector: Connector) -> None:
    """After an outage what is written now comes first: the newest threads, before the poll goes on from the oldest."""
    for root in _newest_roots(account)[: pace.THREADS_FIRST]:
        try:
            messages = connector.sweep(root)
        except PermanentFault:
            continue
        if messages:
            ingest.take_in(
                actor=INGEST,
                official_account=account,
                messages=messages,
                source="sweep",
                connector=connector,
            )


def watch() -> int:
    """Official accounts that have become deaf are noted, and people told. Answers how many are new."""
    return sum(
        sources.note_deaf(actor=INGEST, source=source) is not None for source in channels.deaf_unnoted()
    )


def _pages(source: IngestSource, connector: Connector) -> bool:
    """Read page after page. True where more waits than one turn may take.

    Several pages are written together, which costs little more than one; what was read before a fault stands.
    """
    position, told = source.position, False
    waiting: list[RawMessage] = []
    for left in reversed(range(pace.PAGES_A_TURN)):
        try:
            page = connector.poll(position)
        except Exception:
            if waiting:
                _take_in(source, connector, waiting, position)
            raise
        waiting += page.messages
        done = not page.more or page.position == position
        if done or not left or len(waiting) >= pace.WRITTEN_TOGETHER:
            new = _take_in(source, connector, waiting, page.position)
            waiting = []
            if new and not told:
                told = True
                sources.note_unannounced(actor=INGEST, source=source)
        if done:
            return False
        position = page.position
        if not sources.extend_lease(actor=INGEST, source=source):
            return False
    return True


def _take_in(
    source: IngestSource, connector: Connector, messages: Sequence[RawMessage], position: str
) -> bool:
    """Write what was read, and move the position. Whether something of it was new."""
    taken = ingest.take_in(
        actor=INGEST,
        official_account=source.official_account,
        messages=messages,
        source="poll",
        connector=connector,
        position=position,
        lease_until=source.lease_until,
    )
    _look_for_native(source.official_account, taken.ours)
    return bool(taken.new)


def _look_for_native(account: OfficialAccount, ours: list[int]) -> None:
    """New answers and messages of ours that did not leave through the outbox are noted."""
    if ours:
        written = native.of_comments(ours)
        natively.look(actor=INGEST, official_account=account, written=written)


def _own_posts(source: IngestSource, connector: Connector) -> None:
    """Our own newest posts, at their own pace: what was not made here is noted. A refusal makes nobody deaf."""
    account = source.official_account
    pause = timedelta(seconds=pace.own_posts_every_s(account))
    if source.own_read_at is not None and clock.now() < source.own_read_at + pause:
        return
    if budget.too_low_to_sweep(budget.live(account)):
        return
    try:
        written = native.of_posts(connector.own_posts())
    except Fault as fault:
        _log.warning("own posts of official account %s were not read: %s", account.pk, type(fault).__name__)
        written = []
    natively.look(actor=INGEST, official_account=account, written=written)
    natively.note_own_read(actor=INGEST, source=source)


def _read_roots(account: OfficialAccount, connector: Connector) -> None:
    """The posts at the top of new threads get their words; the outbox knows most of them."""
    unread = Conversation.objects.filter(official_account=account, private=False, root_read_at=None)
    _read(account, list(unread.order_by("-id")[: pace.ROOTS_A_TURN]), connector)


def _read(account: OfficialAccount, conversations: list[Conversation], connector: Connector) -> None:
    """What stands at the top of these: from the outbox, from the thread itself, or from the platform.

    What was read before a fault stands.
    """
    if not conversations:
        return
    known = sources.fill_roots_from_outbox(actor=INGEST, conversations=conversations)
    left = [conversation for conversation in conversations if conversation.pk not in known]
    # Somebody's own post that names us stands in the thread itself.
    theirs = set(
        Comment.objects.filter(
            platform=account.platform, external_id__in={one.root_external_id for one in left}
        ).values_list("external_id", flat=True)
    )
    found: list[tuple[Conversation, IncomingPost | None]] = []
    try:
        for conversation in left:
            post = None
            if conversation.root_external_id not in theirs:
                try:
                    post = connector.read_back(conversation.root_external_id)
                except PermanentFault:
                    post = None
            found.append((conversation, post))
    finally:
        if found:
            sources.fill_roots(actor=INGEST, found=found)


def sweep_due() -> int:
    """Recent threads of every official account whose turn it is are read whole. Returns how many threads."""
    swept = 0
    while (source := sources.claim_sweep(actor=INGEST)) is not None:
        account = source.official_account
        try:
            connector = connector_for(account)
            ingest.take_in_again(actor=INGEST, official_account=account, connector=connector)
            swept += _sweep(source, connector)
        except (Fault, Refused) as fault:
            _log.warning("a sweep of official account %s stopped: %s", account.pk, type(fault).__name__)
        except DatabaseError:
            raise
        except Exception:
            _log.exception("a sweep of official account %s failed", account.pk)
    return swept


def _sweep(source: IngestSource, connector: Connector) -> int:
    account, swept = source.official_account, 0
    for root in recent_roots(account):
        allowances = budget.live(account)
        if budget.too_low_to_sweep(allowances):
            sources.put_off_sweep(actor=INGEST, source=source, until=budget.counted_anew_at(allowances))
            break
        try:
            messages = connector.sweep(root)
        except PermanentFault:
            continue  # the post is gone; the other threads still stand
        if messages:
            taken = ingest.take_in(
                actor=INGEST,
                official_account=account,
                messages=messages,
                source="sweep",
                connector=connector,
            )
            _look_for_native(account, taken.ours)
        _look_for_gone(account, connector, root, {message.external_id for message in messages})
        sources.note_swept(actor=INGEST, official_account=account, root_external_id=root)
        _note_usage(account, connector)
        swept += 1
    unknown = Conversation.objects.filter(
        official_account=account, private=False, root_text="", root_external_id__in=recent_roots(account)
    )
    _read(account, list(unknown.order_by("-id")[: pace.ROOTS_A_TURN]), connector)
    return swept


def _look_for_gone(account: OfficialAccount, connector: Connector, root: str, seen: set[str]) -> None:
    """What a thread no longer shows is asked for one by one: a list can be cut short, and silence proves nothing."""
    since = clock.now() - timedelta(hours=pace.SWEPT_FOR_H)
    if seen:
        tombstones.note_back(actor=INGEST, official_account=account, seen=seen)
    missing = queries.unseen_in_thread(account, root, seen, since)[: pace.ASKED_AFTER_A_THREAD]
    if missing and (gone := connector.gone(missing)):
        tombstones.note_gone(actor=INGEST, official_account=account, gone=gone)


def recent_roots(account: OfficialAccount) -> list[str]:
    """Our posts of the last 48 hours, and older ones that were written under in that time.

    Those that were never read whole come first, the newest of them at the top; then what was longest not.
    """
    roots = _newest_roots(account)
    swept: dict[str, datetime | None] = dict(
        Conversation.objects.filter(official_account=account, root_external_id__in=roots)
        .exclude(swept_at=None)
        .values_list("root_external_id", "swept_at")
    )
    longest_ago = clock.now() - timedelta(days=36_500)
    return sorted(roots, key=lambda root: swept.get(root) or longest_ago)


def _newest_roots(account: OfficialAccount) -> list[str]:
    since = clock.now() - timedelta(hours=pace.SWEPT_FOR_H)
    sent = Delivery.objects.filter(
        official_account=account,
        kind=Delivery.Kind.POST,
        state=Delivery.State.SENT,
        sent_at__gte=since,
    ).exclude(external_id="")
    alive = Conversation.objects.filter(
        Q(root_posted_at__gte=since) | Q(last_comment_at__gte=since), official_account=account, private=False
    )
    roots = [
        *sent.order_by("-sent_at").values_list("external_id", flat=True),
        *alive.order_by("-last_comment_at").values_list("root_external_id", flat=True),
    ]
    return list(dict.fromkeys(roots))
