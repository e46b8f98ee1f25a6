"""What retention must know of notices."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from notices.models import Notice


class Notices:
    """Notices to staff. One that called somebody to a case is kept with the case."""

    subject_type = "notices.notice"

    def due(self, before: datetime) -> QuerySet[Notice]:
        """Written before the instant."""
        return Notice.objects.filter(created_at__lt=before)
