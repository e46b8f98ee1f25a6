"""How fast triage is: rules alone, the encoder alone and the whole of it on one core; and how soon a comment is read.

The texts are the exercise scenarios' comments and the ordinary ones that ship, each with a number of its own so
that nothing is answered from memory. The first three figures are of processor time in one thread. The last is
of wall time in a scratch database: comments come from a platform at a steady rate, one thread polls, one
has the model read, each woken once a second as the scheduler wakes them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from core import clock
from moderation import polling, teaching
from moderation.actions import triage as actions
from moderation.models import Comment, IngestSource
from moderation.triage import exemplars, judge, shipped
from moderation.triage.encoder import encoder
from moderation.triage.measure import marked_comments
from platforms.contract import Page
from smmp.benches import ingest
from smmp.local import scratch

BATCH = 64
RATE = 50
"""Comments a second that come, as on the worst evening (domain facts of one force)."""
FOR_S = 40
AT_MOST_S = 120
"""By then everything has been read, or never will be."""


@dataclass
class Found:
    """The figures of one run."""

    rules: float
    encoder: float
    whole: float
    visible_p95_s: float
    unread: int


def measure(*, comments: int) -> Found:
    """Minutes for 20,000. Raises EncoderMissing."""
    texts = _texts(comments)
    ready = encoder()
    triage = shipped.triage(settings.VAR_DIR / "triage")
    lots = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    for text in texts[:200]:
        judge(text)
    triage.judge(texts[:200])
    rules = _per_second(lots, lambda lot: [judge(text) for text in lot])
    # Encoder and whole take turns, so that a machine that slows down slows both.
    spent = {"encoder": 0.0, "whole": 0.0}
    for lot in lots:
        for name, work in (("encoder", ready.encode), ("whole", triage.judge)):
            began = time.thread_time()
            work(lot)
            spent[name] += time.thread_time() - began
    p95, unread = _visible()
    return Found(rules, len(texts) / spent["encoder"], len(texts) / spent["whole"], p95, unread)


def _texts(comments: int) -> list[str]:
    scenarios = marked_comments(Path(settings.BASE_DIR) / "exercise" / "scenarios")
    said = [one.text for one in scenarios] + list(exemplars.ordinary())
    return [f"{said[number % len(said)]} {number}" for number in range(comments)]


def _per_second(lots: list[list[str]], work: Callable[[list[str]], object]) -> float:
    began = time.thread_time()
    for lot in lots:
        work(lot)
    return sum(map(len, lots)) / (time.thread_time() - began)


class _Steady(ingest.Inbox):
    """A platform on which RATE comments a second are written, from its start on."""

    def __init__(self, account, comments: int) -> None:
        super().__init__([account], comments)
        self.began = time.monotonic()
        self.handle = account.handle
        self.total = comments

    def page(self, handle: str, position: str) -> Page:
        written = min(int((time.monotonic() - self.began) * RATE), self.total)
        since = int(position or 0)
        until = min(since + ingest.PAGE, written) if handle == self.handle else since
        messages = [self.message("new", handle, number) for number in range(since, until)]
        return Page(messages, str(until), more=until < written and handle == self.handle)

    def written_at(self, external_id: str) -> float:
        return self.began + (int(external_id.rpartition("-")[2]) + 1) / RATE


def _visible() -> tuple[float, int]:
    """From written on the platform to read by rules and model: 95th percentile in seconds; how many never were."""
    comments = RATE * FOR_S
    read_at: dict[int, float] = {}
    with scratch.database():
        account = ingest.official_accounts()[0]
        teaching.ensure_shipped()
        inbox = _Steady(account, comments)
        note = actions.note_scores

        def noted(**given):
            ids = note(**given)
            read_at.update(dict.fromkeys(ids, time.monotonic()))
            return ids

        stop = threading.Event()

        def every_second(work: Callable[[], object]) -> None:
            while not stop.is_set():
                began = time.monotonic()
                work()
                stop.wait(max(0.0, 1 - (time.monotonic() - began)))
            connection.close()

        def poll() -> None:
            IngestSource.objects.filter(official_account=account).update(next_poll_at=clock.now())
            polling.poll_due()

        actions.note_scores = noted
        try:
            with ingest.standing_in(inbox):
                teaching.read_due()
                inbox.began = time.monotonic()
                workers = [
                    threading.Thread(target=every_second, args=(work,)) for work in (poll, teaching.read_due)
                ]
                for worker in workers:
                    worker.start()
                while len(read_at) < comments and time.monotonic() - inbox.began < AT_MOST_S:
                    time.sleep(0.2)
                stop.set()
                for worker in workers:
                    worker.join()
        finally:
            actions.note_scores = note
        ids = dict(Comment.objects.filter(pk__in=read_at).values_list("id", "external_id"))
    waits = sorted(read_at[pk] - inbox.written_at(external_id) for pk, external_id in ids.items())
    p95 = waits[int(len(waits) * 0.95) - 1] if waits else float("inf")
    return p95, comments - len(waits)
