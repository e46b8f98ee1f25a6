"""How long each class of record is kept, what holds it back, and proof of what went."""

from retention.models.archive import ArchivedRecord, ArchiveOffer
from retention.models.disposals import Disposal, Proposal, Review, Salt, Tombstone, Transfer
from retention.models.holds import Hold, Restriction
from retention.models.rights import (
    Bundle,
    Disclosure,
    Erasure,
    FoundItem,
    RequestChange,
    RequestSubject,
    RightsRequest,
)
from retention.models.schedule import DraftRow, ScheduleChange, ScheduleDraft, ScheduleRow

__all__ = [
    "ArchiveOffer",
    "ArchivedRecord",
    "Bundle",
    "Disclosure",
    "Disposal",
    "DraftRow",
    "Erasure",
    "FoundItem",
    "Hold",
    "Proposal",
    "RequestChange",
    "RequestSubject",
    "Restriction",
    "Review",
    "RightsRequest",
    "Salt",
    "ScheduleChange",
    "ScheduleDraft",
    "ScheduleRow",
    "Tombstone",
    "Transfer",
]
