"""The work behind triage's model: reading what is due in batches, and making the versions that people ask for.

No transaction is open while the model computes: what it reads is taken by a lease, and what it says is
written by an action that looks again. A worker that dies leaves its batch to the next one.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from functools import cache, lru_cache
from typing import Any

from django.conf import settings

from core.actors import System
from core.errors import NotValid
from moderation import queries_triage as queries
from moderation import switched_off, trying_rules
from moderation.actions import triage as actions
from moderation.categories import SURFACED
from moderation.models import Comment, TriageJob, TriageVersion
from moderation.triage import VERSION, exemplars, shipped
from moderation.triage.blend import Suggestion, Triage
from moderation.triage.encoder import EncoderMissing, encoder
from moderation.triage.model import Model, train
from moderation.triage.report import Seen, changes, labelled

TRIAGE = System("triage")
BATCH = 100
BATCHES = 20
"""Batches that one turn reads at most; the next turn goes on."""
TOO_MANY_FAULTS = "The model failed on a batch"

_log = logging.getLogger(__name__)


_reading, _making = threading.Lock(), threading.Lock()


def read_due() -> int:
    """Have the live version read what waits for it. Answers how many comments; 0 without version or encoder.

    Safe to run beside itself and to be killed: each batch is leased for a minute. One thread of a process does it
    at a time, and another does not wait for it: while the encoder is being made ready, a task each second would
    else take every thread of the worker from listening and sending.
    """
    if not _reading.acquire(blocking=False):
        return 0
    try:
        return _read_due()
    finally:
        _reading.release()


def _read_due() -> int:
    version = queries.live_version()
    if version is None or not _anything_due():
        return 0
    triage = triage_of(version)
    if triage.model is None:
        return 0
    read = 0
    for _ in range(BATCHES):
        comments = actions.take_comments(actor=TRIAGE, limit=BATCH)
        if not comments:
            break
        suggestions = judged(triage, comments)
        if any(one.without_model for one in suggestions):
            _log.error("%s: %s", TOO_MANY_FAULTS, suggestions[0].without_model)
            break
        read += len(actions.note_scores(actor=TRIAGE, read=comments, suggestions=suggestions))
    return read


def _anything_due() -> bool:
    return Comment.objects.filter(state=Comment.State.OPEN, model_due_at__isnull=False).exists()


def judged(triage: Triage, comments: list[Comment]) -> list[Suggestion]:
    """What rules and model say of comments as they stand now."""
    return triage.judge(
        [comment.text for comment in comments],
        private=[comment.private for comment in comments],
        names=[comment.official_account.name for comment in comments],
    )


def triage_of(version: TriageVersion) -> Triage:
    """Rules and that version's model; rules alone, with the reason, where the encoder cannot be had."""
    off = frozenset(version.off) | switched_off.off()
    try:
        return Triage(_model(version.pk), encoder(), why_not="", off=off)
    except EncoderMissing as missing:
        return Triage(why_not=str(missing), off=off)
    except ValueError:
        return Triage(why_not="The live version was made for another release of triage.", off=off)


def triage_now(*, rules_only: bool = False) -> Triage:
    """Triage as it speaks now, with what is switched off."""
    live = queries.live_version()
    if rules_only or live is None:
        why = "The model was left out." if rules_only else "No version of the model is live yet."
        off = frozenset(live.off if live is not None else ()) | switched_off.off()
        return Triage(why_not=why, off=off)
    return triage_of(live)


@lru_cache(maxsize=2)
def _model(version_id: int) -> Model:
    kept = TriageVersion.objects.values_list("model", flat=True).get(pk=version_id)
    return Model.from_bytes(bytes(kept))


# Versions


def work_job() -> int:
    """Make the next version that was asked for. Answers how many were made or failed: 0 or 1.

    Where no version is live, or the live one is what an earlier release shipped, what ships now becomes it. One
    thread of a process does it at a time, and another does not wait for it.
    """
    if not _making.acquire(blocking=False):
        return 0
    try:
        return _work_job()
    finally:
        _making.release()


def _work_job() -> int:
    with contextlib.suppress(EncoderMissing):
        ensure_shipped()
    job = actions.take_job(actor=TRIAGE)
    if job is None:
        return 0
    try:
        if job.kind == TriageJob.RULES:
            try_rules(job)
        else:
            make_version(job)
    except NotValid as refused:
        actions.fail_job(actor=TRIAGE, job=job, fault=refused.sentence)
    except (EncoderMissing, ValueError) as refused:
        actions.fail_job(actor=TRIAGE, job=job, fault=str(refused))
    except Exception as error:
        actions.fail_job(actor=TRIAGE, job=job, fault=f"It broke off ({type(error).__name__}).")
        raise
    return 1


def make_version(job: TriageJob) -> TriageVersion:
    """Train, try on held-back labels and on recent comments, keep. Raises EncoderMissing, ValueError (too little)."""
    kind = TriageVersion.Kind
    taught = queries.taught(
        off=list(job.off),
        learn=job.kind == kind.LEARNED,
        own_ordinary=job.kind in (kind.CALIBRATED, kind.LEARNED),
    )
    actions.note_progress(actor=TRIAGE, job=job, percent=5)
    ready = encoder()
    lessons, held_back = taught.lessons, taught.held_back
    model = train(ready, lessons, digest=shipped.digest_of(lessons))
    actions.note_progress(actor=TRIAGE, job=job, percent=40)
    after = Triage(model, ready, why_not="", off=lessons.off)
    live = queries.live_version()
    before = triage_of(live) if live is not None else Triage()
    report = {
        "against": live.name if live else VERSION,
        **dry_run(job, before, after),
        "held_back": len(held_back),
        **_on_labels(held_back, before, after),
        "ordinary_high": share_surfaced(after, list(lessons.ordinary)),
    }
    return actions.keep_version(
        actor=TRIAGE,
        job=job,
        made={
            **made_from(model, lessons),
            "kind": job.kind,
            "own_ordinary": taught.own_ordinary,
            "labels": taught.labels,
            "off": sorted(lessons.off),
            "report": report,
        },
    )


def try_rules(job: TriageJob) -> None:
    """What the change of the rules would do is kept with the job; nothing is switched. Raises NotValid.

    What is off is read now: somebody may have switched it since the trial was asked for.
    """
    triage = triage_now()
    wished = trying_rules.wish(job.wish["off"], job.wish["on"], (), gone=triage.off)

    def on_the_way(percent: int) -> None:
        actions.note_progress(actor=TRIAGE, job=job, percent=percent)

    report = trying_rules.tried(wished, triage, days=job.days, on_the_way=on_the_way)
    actions.keep_trial(actor=TRIAGE, job=job, report=report)


def made_from(model: Model, lessons: exemplars.Lessons) -> dict[str, Any]:
    """The fields of a version that follow from its model and what it was made from."""
    return {
        "name": model.version,
        "digest": model.digest,
        "rules": VERSION,
        "exemplars": len(lessons.exemplars),
        "ordinary": len(lessons.ordinary),
        "model": model.as_bytes(),
    }


def dry_run(job: TriageJob, before: Triage, after: Triage) -> dict[str, Any]:
    """What the comments of the job's days would be, before and after. Bounded; renews the job's lease as it goes."""
    seen: list[Seen] = []
    was: list[Suggestion] = []
    now: list[Suggestion] = []
    ids = queries.recent(job.days)
    for comments in queries.in_lots(ids):
        seen += [Seen(comment.pk, comment.text) for comment in comments]
        was += judged(before, comments)
        now += judged(after, comments)
        percent = 40 + 55 * min(len(seen), len(ids)) // len(ids)
        actions.note_progress(actor=TRIAGE, job=job, percent=percent)
    return changes(seen, was, now)


def _on_labels(held_back: list[Seen], before: Triage, after: Triage) -> dict[str, Any]:
    texts = [one.text for one in held_back]
    return labelled(held_back, before.judge(texts), after.judge(texts))


def share_surfaced(triage: Triage, ordinary: list[str]) -> float:
    """Of ordinary comments: the share that would stand at high or immediate, which is a false alarm."""
    surfaced = sum(one.priority <= SURFACED for one in triage.judge(ordinary))
    return round(surfaced / max(len(ordinary), 1), 4)


def ensure_shipped() -> TriageVersion:
    """The version that ships is kept, and live where people have chosen none that this release can read.

    A minute or two of one core the first time. Raises EncoderMissing.
    """
    live = queries.live_version()
    chosen = live is not None and live.kind != TriageVersion.Kind.SHIPPED
    if live is not None and (queries.readable(live.pk) if chosen else live.digest == _shipped_digest()):
        return live
    actions.seed_exemplars(actor=TRIAGE)
    lessons = exemplars.lessons()
    found = TriageVersion.objects.filter(digest=_shipped_digest()).defer("model").first()
    if found is None:
        model = shipped.model(settings.VAR_DIR / "triage", with_encoder=encoder())
        found = actions.keep_version(
            actor=TRIAGE,
            job=None,
            made={**made_from(model, lessons), "kind": TriageVersion.Kind.SHIPPED, "report": {}},
        )
    actions.start_with(actor=TRIAGE, version=found, unreadable=live if chosen else None)
    return found


@cache
def _shipped_digest() -> str:
    return shipped.digest_of(exemplars.lessons())
