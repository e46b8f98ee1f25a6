"""One life of an ingest worker in a drill, and the platform that it listens to.

The platform shuffles each page, repeats what it showed before, keeps some messages from the inbox
altogether (they stand in their thread alone), fails pages before and after it has read the position, sends a few that
nobody can read, gives times up to 15 minutes off, and calls with hints that are late, repeated or never come.
The worker's own clock is off by what its command line says.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from accounts.models import OfficialAccount
from core import clock
from moderation import pace, polling
from moderation.actions import hooks
from moderation.models import Comment, IngestSource
from platforms import registry
from platforms.contract import IncomingPost, Page, RawMessage, TemporaryFault
from platforms.exercise.connector import ExerciseConnector

PAGE = 40
THREAD = 60
"""Comments under one post."""
REPEATED = 8
FAILS, MISSING, POISON = 0.15, 17, 101
"""Share of calls that fail; one message in so many is not in the inbox; one in so many cannot be read."""
OFF_S = 900
GIVES_UP_AFTER_S = 300.0


def id_of(number: int, handles: Sequence[str]) -> str:
    return f"{handles[number % len(handles)]}-{number // len(handles)}"


def is_poison(number: int) -> bool:
    return number % POISON == 7


def is_missing(number: int) -> bool:
    return number % MISSING == 3 and not is_poison(number)


class Rough:
    """What the platform holds for each official account, the same in every life."""

    def __init__(self, comments: int, life: int, handles: list[str]) -> None:
        self.chance = random.Random(life)
        self.handles = handles
        self.of = {
            handle: [n for n in range(comments) if n % len(handles) == place]
            for place, handle in enumerate(handles)
        }
        self.began = datetime.now(UTC)

    def message(self, number: int) -> RawMessage:
        external_id = id_of(number, self.handles)
        handle, place = self.handles[number % len(self.handles)], number // len(self.handles)
        if is_poison(number):
            return RawMessage(external_id, {"id": external_id, "text": number})
        # The same for a message in every life: a payload that changed would be read as a change.
        off_s = random.Random(number).randint(-OFF_S, OFF_S)
        day = self.began.replace(hour=0, minute=0, second=0, microsecond=0)
        return RawMessage(
            external_id,
            {
                "id": external_id,
                "author": {"id": f"person-{number % 97}", "handle": f"p{number % 97}", "name": "Jordan P."},
                "text": f"Is the road open again? ({number})",
                "created_at": (day + timedelta(seconds=off_s)).isoformat(),
                "edited_at": None,
                "reply_to": f"{handle}-post-{place // THREAD}",
                "root": f"{handle}-post-{place // THREAD}",
                "private": False,
                "deleted": False,
                "hidden": False,
                "by_us": False,
                "url": "",
            },
        )

    def fail(self) -> None:
        if self.chance.random() < FAILS:
            _tell("failed_call")
            raise TemporaryFault("The exercise network did not answer (drill).")

    def page(self, handle: str, position: str) -> Page:
        self.fail()
        numbers, since = self.of[handle], int(position or 0)
        until = min(since + PAGE, len(numbers))
        shown = [n for n in numbers[since:until] if not is_missing(n)]
        again = self.chance.sample(numbers[:since], min(REPEATED, since))
        shown += [n for n in again if not is_missing(n)]
        _tell(*["repeated"] * len(again))
        self.chance.shuffle(shown)
        self.fail()
        return Page([self.message(n) for n in shown], str(until), more=until < len(numbers))

    def thread(self, root: str) -> list[RawMessage]:
        self.fail()
        handle, _, place = root.rpartition("-post-")
        first = int(place) * THREAD
        found = [self.message(n) for n in self.of[handle][first : first + THREAD] if not is_poison(n)]
        self.chance.shuffle(found)
        return found

    def hint(self) -> None:
        """A call that is late, repeated or names nobody; half of them never come."""
        if self.chance.random() < 0.5:
            return
        _tell("hint")
        number = self.chance.randint(0, 20)
        hooks.take_call(
            actor=hooks.HOOKS,
            platform="exercise",
            body=json.dumps({"number": number}).encode(),
            said={"number": number},
            event_id=f"event-{number}",
            account_ids={self.chance.choice(self.handles)},
        )


def main() -> None:
    """COMMENTS LIFE SKEW_S HANDLES: listen until everything is stored, or somebody kills us."""
    comments, life, skew_s = (int(given) for given in sys.argv[1:4])
    rough = Rough(comments, life, sys.argv[4].split(","))

    class Connector(ExerciseConnector):
        def poll(self, position: str) -> Page:
            return rough.page(self._handle, position)

        def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
            return rough.thread(post_external_id)

        def own_posts(self) -> Sequence[IncomingPost]:
            return ()

        def read_back(self, external_id: str) -> IncomingPost:
            return IncomingPost(external_id, "The road is closed.", clock.now())

    registry.connector_class = lambda slug: Connector  # type: ignore[assignment]
    real = clock.now
    clock.now = lambda: real() + timedelta(seconds=skew_s)
    pace.BACK_OFF_AT_MOST_S = 0
    wanted = sum(not is_poison(n) for n in range(comments))
    _tell("working")
    until = time.monotonic() + GIVES_UP_AFTER_S
    while Comment.objects.count() < wanted and time.monotonic() < until:
        rough.hint()
        IngestSource.objects.filter(lease_until=None).update(next_poll_at=clock.now())
        polling.poll_due()
        behind = {
            account.handle
            for account in OfficialAccount.objects.filter(ingest_source__isnull=False).select_related(
                "ingest_source"
            )
            if account.handle in rough.of
            and int(account.ingest_source.position or 0) < len(rough.of[account.handle])
        }
        if not behind or rough.chance.random() < 0.1:
            IngestSource.objects.update(next_sweep_at=clock.now())
            polling.sweep_due()


def _tell(*happened: str) -> None:
    """What happened, at once: whoever is killed says nothing afterwards."""
    if happened:
        sys.stdout.write(" ".join(happened) + "\n")
        sys.stdout.flush()
