"""What the pages of other rooms say of the desk's alerts."""

from __future__ import annotations

from django import template

from escalation import queries_alerts
from escalation.models import Alert
from staff.models import StaffMember

register = template.Library()


@register.simple_tag
def alert_on(viewer: StaffMember, comment_id: int) -> Alert | None:
    """The alert of a comment that waits for an answer and that the viewer may give one; None where none does."""
    return queries_alerts.waiting_on(viewer, comment_id)
