"""Where a request under information law can go from where it stands."""

from __future__ import annotations

from core.workflow import Workflow
from retention.models import RightsRequest

_R = RightsRequest.State
REQUEST = Workflow(
    "request",
    {
        (_R.OPEN, "put"): _R.PUT,
        (_R.PUT, "send_back"): _R.OPEN,
        (_R.PUT, "agree"): _R.AGREED,
        (_R.AGREED, "answer"): _R.CLOSED,
    },
)
"""An answer is put forward by one person, agreed to by another, and then sent."""
