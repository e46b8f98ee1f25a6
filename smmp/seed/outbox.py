"""One example each of what the outbox needs a person for, for the demonstration. Safe to run twice.

The times are set afterwards, as if it had happened this morning; everything else goes the way of every post.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import actions as accounts
from accounts.models import OfficialAccount
from core import clock
from exercise.actions import messages
from exercise.models import Profile
from platforms.contract import OutcomeUnknown, PermanentFault
from publishing.actions import machinery, outbox, posts
from publishing.models import Delivery, Post
from smmp.seed.force import SEED, Force

NEXTDOOR = "wealdshire-police"
UNKNOWN_WORDS = "Mill Lane is closed at the level crossing until noon. Please go by Station Road."
KEEPS = timedelta(days=30)
"""The unknown example is not read back before: it would settle itself while somebody looks at it."""


class _NotNow(Exception):
    """Something else is due first: the example is left out and nothing was changed."""


@transaction.atomic
def make(force: Force) -> None:
    """A post by hand that waits, one past its cut-off, one refused and one whose outcome is unknown."""
    if OfficialAccount.objects.filter(platform="nextdoor", handle=NEXTDOOR).exists():
        return
    nextdoor = accounts.register_account(
        actor=SEED,
        platform="nextdoor",
        handle=NEXTDOOR,
        name="Wealdshire Police on Nextdoor",
        owner=force.people["victoria_lang"],
        purpose="News for neighbours, published there by hand",
        team=force.teams["Corporate communications"],
    )
    police = force.accounts["wealdshire-police"]
    try:
        # First, while nothing else of these is due.
        with transaction.atomic():
            _refused(
                _approved(
                    force, police, "Our drop-in surgery starts at six. Pictures of the new station inside."
                )
            )
        with transaction.atomic():
            _unknown(_approved(force, police, UNKNOWN_WORDS))
    except _NotNow:
        pass
    by_hand = _approved(force, nextdoor, "Property marking at Saltmere library this Saturday from 10 to 12.")
    Delivery.objects.filter(pk=by_hand.pk).update(due_at=clock.now(), undo_until=None)
    _late(
        _approved(force, police, "The road through Cutler’s Cross is open again after this morning’s flood.")
    )


def _approved(force: Force, account: OfficialAccount, words: str) -> Delivery:
    """A post that Leah Brandt wrote and Helen Achebe approved, about to go out."""
    post: Post = posts.draft_post(actor=force.people["leah_brandt"], account_ids=[account.pk], words=words)
    posts.submit_post(actor=force.people["leah_brandt"], post=post, version_seen=post.version)
    posts.approve_post(actor=force.people["helen_achebe"], post=post, version_seen=post.version)
    return Delivery.objects.get(variant__post=post)


def _late(delivery: Delivery) -> None:
    """Due three hours ago; the outbox finds it past its cut-off and holds it."""
    due = clock.now() - timedelta(hours=3)
    Delivery.objects.filter(pk=delivery.pk).update(
        due_at=due, cut_off_at=due + outbox.CUT_OFF[Delivery.Kind.POST], undo_until=None
    )


def _claimed(delivery: Delivery, *, ago: timedelta) -> Delivery:
    """In a worker's hands since then. Other workers see nothing of it before this is committed."""
    at = clock.now() - ago
    Delivery.objects.filter(pk=delivery.pk).update(due_at=at, undo_until=None, urgent=True)
    claimed = machinery.claim_next(skip_accounts=_others(delivery))
    if claimed is None or claimed.pk != delivery.pk or claimed.state != Delivery.State.SENDING:
        raise _NotNow
    Delivery.objects.filter(pk=delivery.pk).update(urgent=False)
    return claimed


def _others(delivery: Delivery) -> list[int]:
    return list(OfficialAccount.objects.exclude(pk=delivery.official_account_id).values_list("pk", flat=True))


def _refused(delivery: Delivery) -> None:
    machinery.note_refused(
        delivery=_claimed(delivery, ago=timedelta(minutes=25)),
        fault=PermanentFault(
            "The exercise network refused (422): the profile may not post pictures of more than 2 MB.",
            raw='{"error": "too_large", "message": "A picture may have at most 2097152 bytes", "field": "pictures"}',
        ),
    )


def _unknown(delivery: Delivery) -> None:
    """The answer was lost, and what stands there cannot be told by its key: both pieces of evidence are shown."""
    claimed = _claimed(delivery, ago=timedelta(minutes=20))
    profile = Profile.objects.get(handle=delivery.official_account.handle)
    messages.publish(actor=SEED, profile=profile, key="posted in the app", text=UNKNOWN_WORDS, at=clock.now())
    lost = machinery.note_unknown(
        delivery=claimed,
        fault=OutcomeUnknown(
            "The exercise network did not answer in time (ReadTimeout).",
            raw="<html>504 Gateway Time-out</html>",
        ),
    )
    machinery.note_unreadable(
        delivery=lost,
        fault=PermanentFault(
            "It shows a post with these words, without the key by which we would know it as ours."
        ),
        lasting=True,
    )
    Delivery.objects.filter(pk=delivery.pk).update(next_check_at=clock.now() + KEEPS)
