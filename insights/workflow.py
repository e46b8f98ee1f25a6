"""Where an alert can go from where it stands."""

from __future__ import annotations

from core.workflow import Workflow
from insights.models import Alert

ALERT = Workflow(
    "alert",
    {
        (Alert.State.OPEN, "claim"): Alert.State.CLAIMED,
        (Alert.State.CLAIMED, "claim"): Alert.State.CLAIMED,
        (Alert.State.CLAIMED, "release"): Alert.State.OPEN,
        (Alert.State.CLAIMED, "close"): Alert.State.CLOSED,
        (Alert.State.CLOSED, "reopen"): Alert.State.OPEN,
    },
)
"""Somebody looks into it first, and answers for how it ends. A colleague may take a claimed one over."""
