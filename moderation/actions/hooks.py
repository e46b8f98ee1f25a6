"""What platforms call out to us: kept as it came, known again, and a reason to poll now. Never more than a hint."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection

from accounts.models import PlatformLink
from core import clock
from core.acting import action
from core.actors import Actor, System
from moderation import storable
from moderation.models import IngestSource, RawPayload

HOOKS = System("webhooks")
KNOWN_FOR = timedelta(days=2)
"""A call that comes again within this time is a replay; platforms repeat what was not answered for a day."""
LONGEST_EVENT_ID = 280
_LOCK = 77_002


@action
def take_call(
    *,
    actor: Actor,
    platform: str,
    body: bytes,
    said: Any,
    event_id: str,
    account_ids: Iterable[str],
    of_own_posts: bool = False,
) -> int:
    """A signed call is kept among the raw payloads, and the official accounts that it names are polled next.

    One that came before (by `event_id`) changes nothing. The position is never moved: what the
    call says is read from the platform. Answers how many official accounts were woken.

    said: what the body says, None where it could not be read. of_own_posts: the call tells of what the
    official account published; its own posts are read next, and no comment is missed for want of a call.
    """
    now = clock.now()
    known_as = "hook:" + storable.text(event_id)
    if len(known_as) > LONGEST_EVENT_ID:
        known_as = "hook:" + hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, zlib.crc32(known_as.encode()) & 0x7FFFFFFF]
        )
    named = dict(
        PlatformLink.objects.filter(
            official_account__platform=platform, external_id__in=list(account_ids)
        ).values_list("official_account_id", "external_id")
    )
    ids = sorted(named) or [0]
    if RawPayload.objects.filter(
        official_account_id__in=ids, external_id=known_as, received_at__gte=now - KNOWN_FOR
    ).exists():
        return 0
    kept = storable.payload(said if said is not None else {"unreadable": body.decode("utf-8", "replace")})
    digest = hashlib.sha256(body).hexdigest()
    RawPayload.objects.bulk_create(
        RawPayload(
            received_at=now,
            official_account_id=pk,
            source="webhook",
            external_id=known_as,
            digest=digest,
            payload=kept,
        )
        for pk in ids
    )
    sources = IngestSource.objects.filter(official_account__in=named)
    if of_own_posts:
        sources.update(own_read_at=None)
    else:
        sources.update(hinted_at=now)
    return sources.filter(failures=0).update(next_poll_at=now)
