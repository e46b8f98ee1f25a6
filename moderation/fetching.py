"""Fetching what came with comments. The socket opens between two actions, never inside one."""

from __future__ import annotations

import logging

from accounts.connections import base_address
from core.actors import System
from core.errors import NotValid
from media import actions as media
from media.fetching import NotFetched, fetch
from moderation.actions import attachments
from moderation.models import Attachment

_log = logging.getLogger(__name__)

FETCHING = System("attachments")
AT_MOST = 20


def fetch_due(*, at_most: int = AT_MOST) -> int:
    """Fetch what is due, the longest waiting first; answers how many were taken in hand."""
    for done in range(at_most):
        attachment = attachments.claim_due(actor=FETCHING)
        if attachment is None:
            return done
        _fetch(attachment)
    return at_most


def _fetch(attachment: Attachment) -> None:
    account = attachment.comment.official_account
    try:
        stand_in = base_address(account.platform, account.handle)
    except NotValid:
        stand_in = ""
    try:
        received = fetch(attachment.address, stand_in=stand_in)
    except NotFetched as fault:
        attachments.note_not_had(actor=FETCHING, attachment=attachment, fault=fault)
        return
    except Exception as error:  # no address of a stranger may stop the others
        _log.warning("attachment %s could not be fetched: %s", attachment.pk, type(error).__name__)
        later = NotFetched(NotFetched.LATER, f"It could not be fetched ({type(error).__name__}).")
        attachments.note_not_had(actor=FETCHING, attachment=attachment, fault=later)
        return
    file = media.seal_received(actor=FETCHING, received=received)
    attachments.note_kept(actor=FETCHING, attachment=attachment, file=file)
