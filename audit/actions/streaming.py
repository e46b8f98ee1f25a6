"""Sending the trail on, a batch at a time: leased, sent, and only then counted as gone."""

from __future__ import annotations

from audit import following
from audit.actions import followers, record
from audit.models import Follower
from audit.stream import AT_ONCE, NotTaken, Stream, may_leave
from core import clock
from core.acting import action
from core.actors import Actor

LEASE_S = 60.0
"""Longer than one try may take (audit.stream.TIMEOUT_S for each of connecting, sending and the answer)."""


def send_next(*, actor: Actor, stream: Stream) -> int | None:
    """The next batch leaves. Answers how many entries are done with; None where it waits or did not work.

    Nothing is locked while the network is used. A process that dies in between sends the batch again when
    its lease is over. A fault makes the stream pause, twice as long each time up to five minutes.
    """
    follower = followers.lease(actor=actor, name=stream.name, for_s=LEASE_S)
    if follower is None:
        return None
    batch = following.after(following.place_of(follower), AT_ONCE)
    leaving = may_leave(batch.entries)
    try:
        if leaving:
            stream.send(leaving)
    except NotTaken as fault:
        followers.pause(actor=actor, follower=follower, fault=str(fault))
        return None
    followers.move(actor=actor, follower=follower, place=batch.place)
    return len(batch.entries)


@action
def skip_to_now(*, actor: Actor, name: str) -> Follower | None:
    """What is in the trail until now is not sent by this stream. None while it is being sent.

    Audits audit.stream_skipped.
    """
    follower = followers.hold(actor=actor, name=name)
    if follower is None or (follower.lease_until and follower.lease_until > clock.now()):
        return None
    record(actor=actor, event="audit.stream_skipped", subject_name=name)
    return followers.move(actor=actor, follower=follower, place=following.end())
