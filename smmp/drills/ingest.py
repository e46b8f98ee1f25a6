"""Ingest while its workers are killed and its platform is at its worst: what became of each comment.

Real processes on a scratch database, one after the other, killed with -9 at random moments. What the platform
does to them stands in smmp.drills.ingest_worker. A lease that a killed worker left is taken as run out at
once: waiting for it would only make the drill longer.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.actors import System
from moderation.actions import sources
from moderation.models import Comment, IngestSource, Quarantined, RawPayload
from smmp.drills import ingest_worker
from smmp.local import scratch
from smmp.local.children import BASE_DIR
from smmp.seed import force

DRILL = System("drill")
CHILD = "import django; django.setup(); from smmp.drills.ingest_worker import main; main()"
LIVES_S = (0.1, 1.0)
"""How long a worker lives before it is killed, once it works."""
LAST_LIFE_S = 600.0
SKEWS_S = (0, 900, -900)


@dataclass
class Told:
    """What came of the comments."""

    wanted: int
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    poison: int = 0
    """Unreadable messages that were written, each of which stands in quarantine once."""
    poison_wrong: int = 0
    killed: int = 0
    happened: Counter[str] = field(default_factory=Counter)


def ingest(*, comments: int, kills: int) -> Told:
    """So many comments on all official accounts of the demonstration force, so many workers killed."""
    chance = random.Random(11)
    told = Told(comments)
    with scratch.database() as made:
        force.make()
        sources.ensure_sources(actor=DRILL)
        handles = sorted(
            OfficialAccount.objects.filter(ingest_source__isnull=False).values_list("handle", flat=True)
        )
        for life in range(kills + 1):
            now = clock.now()
            IngestSource.objects.update(lease_until=None, next_poll_at=now, next_sweep_at=now)
            last = life == kills
            child = subprocess.Popen(
                [
                    *(sys.executable, "-W", "ignore", "-c", CHILD, str(comments), str(life)),
                    *(str(SKEWS_S[life % len(SKEWS_S)]), ",".join(handles)),
                ],
                cwd=BASE_DIR,
                env=made.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            try:
                if child.stdout is not None:
                    child.stdout.readline()
                if not last:
                    time.sleep(chance.uniform(*LIVES_S))
                    if child.poll() is None:
                        child.kill()
                        told.killed += 1
                out, _ = child.communicate(timeout=LAST_LIFE_S)
                told.happened.update(out.split())
            finally:
                child.kill()
                child.wait()
        _count(told, handles)
    return told


def _count(told: Told, handles: list[str]) -> None:
    wanted = {ingest_worker.id_of(n, handles) for n in range(told.wanted) if not ingest_worker.is_poison(n)}
    stored = Counter(Comment.objects.values_list("external_id", flat=True))
    told.stored = sum(stored.values())
    told.lost = len(wanted - stored.keys())
    kept = set(RawPayload.objects.values_list("external_id", flat=True))
    told.lost += len(wanted - kept)
    listed = Counter(
        pk
        for ids in Entry.objects.filter(event="comments.ingested").values_list("shown_ids", flat=True)
        for pk in ids
    )
    told.doubled = sum(count - 1 for count in stored.values())
    told.doubled += sum(count - 1 for count in listed.values() if count > 1)
    told.doubled += Comment.objects.annotate(said=Count("revisions")).exclude(said=1).count()
    told.doubled += len(stored.keys() - wanted)
    aside = Counter(Quarantined.objects.values_list("external_id", flat=True))
    poison = {ingest_worker.id_of(n, handles) for n in range(told.wanted) if ingest_worker.is_poison(n)}
    told.poison = len(poison)
    told.poison_wrong = len(poison ^ aside.keys()) + sum(count - 1 for count in aside.values())
