"""What the tests of the seal share: a key, some entries, segments."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.db import connection

from audit.actions import record, seals
from audit.models import Segment
from audit.seal import keys, sealer
from core import clock
from core.actors import System

NAME = "wealdshire.example/audit"


def begin(settings, folder):
    """A key in a folder of its own, begun."""
    settings.SEAL_KEYS = folder
    settings.SEAL_NAME = NAME
    return sealer.present_signer()


def write(count=1, event="comment.viewed", **given):
    """So many entries. Inside a test's own transaction they would never come to rest: use committed_db."""
    return [record(actor=System("desk"), event=event, **given) for _ in range(count)]


def seal(signer):
    return seals.seal(actor=sealer.SEALER, signer=signer)


def seal_segments(signer, counts):
    """A segment for each number of entries; 0 makes one that proves silence."""
    made = []
    for count in counts:
        write(count, shown_ids=[1, 2, 3], details={"words": "é “quoted” \\ \n", "n": count}, reason="why")
        last = Segment.objects.order_by("-number").values_list("sealed_at", flat=True).first()
        at = max(clock.now(), last or clock.now()) + timedelta(seconds=0 if count else 50)
        with time_machine.travel(at, tick=True):
            made.append(seal(signer))
    return made


def run(statement, arguments=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall() if cursor.description else None


def other_key(folder):
    return keys.make(folder, NAME)
