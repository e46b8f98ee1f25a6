"""How long each class of record is kept, what holds it back, and proof of what went."""

from retention.models.disposals import Disposal, Proposal, Review, Salt, Tombstone, Transfer
from retention.models.holds import Hold, Restriction
from retention.models.schedule import DraftRow, ScheduleChange, ScheduleDraft, ScheduleRow

__all__ = [
    "Disposal",
    "DraftRow",
    "Hold",
    "Proposal",
    "Restriction",
    "Review",
    "Salt",
    "ScheduleChange",
    "ScheduleDraft",
    "ScheduleRow",
    "Tombstone",
    "Transfer",
]
