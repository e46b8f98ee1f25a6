"""The work behind the rumour desk: comments that say the same, or mean the same, found and kept. Safe to run twice.

No transaction is open while texts are compared; an action looks again and writes. Copies come from moderation.alike;
what is said in other words from the sentence encoder of triage, among comments that carry a sign of a rumour. Where
the encoder is missing, copies alone are found. Nobody is told who wrote them: authors are not read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from core.actors import System
from insights import hearsay
from insights import queries_rumours as queries
from insights.actions import rumours as actions
from insights.hearsay import Heard
from moderation.alike import group
from moderation.triage.encoder import EncoderMissing, encoder

RUMOURS = System("rumours")
MEANS_THE_SAME = 0.62
"""Least cosine with the first of a group. Held by tests/insights/test_rumours.py on worded-otherwise examples: it is
chosen so that a different event in the same words of alarm stays apart; a person joins what it misses."""
MOST_BY_MEANING = 800
"""The newest so many are compared by meaning in one go."""
_KEPT = 4_000
_vectors: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()


def gather() -> int:
    """Every group of at least three, and every new appearance of a known rumour, is kept. Answers how many changed."""
    heard = queries.to_compare()
    changed = 0
    for exercise in (False, True):
        some = [one for one in heard if one.exercise == exercise]
        for found in _groups(some):
            changed += actions.keep_group(actor=RUMOURS, comment_ids=[one.pk for one in found]) is not None
    return changed


def _groups(heard: Sequence[Heard]) -> list[list[Heard]]:
    """Groups that are new or have grown. Copies first: what they take is not compared by meaning but as one of them."""
    by_pk = {one.pk: one for one in heard}
    copies = [[by_pk[pk] for pk in one.ids] for one in group((one.pk, one.text) for one in heard)]
    found = [
        some
        for some in copies
        if _grows(some) or (len(some) >= hearsay.THIRD and not _known(some) and hearsay.may_be_rumour(some))
    ]
    taken = {one.pk for some in found for one in some[1:]}
    return found + [
        some
        for some in _by_meaning([one for one in hearsay.signs(heard) if one.pk not in taken])
        if _grows(some) or (len(some) >= hearsay.THIRD and not _known(some))
    ]


def _known(some: Sequence[Heard]) -> bool:
    return any(one.known is not None for one in some)


def _grows(some: Sequence[Heard]) -> bool:
    return _known(some) and any(one.known is None for one in some)


def _by_meaning(heard: Sequence[Heard]) -> list[list[Heard]]:
    """Groups by meaning: each is compared with the first of every group, never with the last, so that none drifts."""
    newest = list(heard)[-MOST_BY_MEANING:]
    anchors = [one for one in heard if one.known is not None and one not in newest]
    compared = anchors + newest
    if len(compared) < 2:
        return []
    try:
        vectors = _encoded(compared)
    except EncoderMissing:
        return []
    groups: list[list[Heard]] = []
    firsts = np.zeros((0, vectors.shape[1]), dtype=np.float32)
    for one, vector in zip(compared, vectors, strict=True):
        near = firsts @ vector if len(groups) else np.zeros(0)
        best = int(near.argmax()) if len(near) else -1
        if best >= 0 and near[best] >= MEANS_THE_SAME:
            groups[best].append(one)
        else:
            groups.append([one])
            firsts = np.vstack([firsts, vector])
    return groups


def _encoded(heard: Sequence[Heard]) -> np.ndarray:
    """A direction per text; those of before are kept in this process, so that a minute costs what is new in it."""
    missing = [one for one in heard if (one.pk, one.revision) not in _vectors]
    for one, vector in zip(missing, encoder().encode([one.text for one in missing]), strict=True):
        _vectors[(one.pk, one.revision)] = vector
    rows = np.stack([_vectors[(one.pk, one.revision)] for one in heard])
    while len(_vectors) > _KEPT:
        _vectors.popitem(last=False)
    return rows
