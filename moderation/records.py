"""What retention must know of comments."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from moderation.models import Comment


class RoutineComments:
    """Comments that were decided, and our own words in conversations. A case keeps its evidence."""

    subject_type = "moderation.comment"

    def due(self, before: datetime) -> QuerySet[Comment]:
        """Decided before the instant (our own: received before), in no case, wanted for none."""
        return Comment.objects.filter(
            Q(state=Comment.State.DECIDED, decided_at__lt=before)
            | Q(state=Comment.State.OURS, received_at__lt=before),
            needs_case="",
            case_link=None,
        ).exclude(attachments__child_seals__isnull=False)
