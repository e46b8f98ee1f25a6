"""Where an alert, and a version of the strategy, can go from where they stand."""

from __future__ import annotations

from core.workflow import Workflow
from insights.models import Alert, Strategy

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

STRATEGY = Workflow(
    "version of the strategy",
    {
        (Strategy.State.DRAFT, "approve"): Strategy.State.LIVE,
        (Strategy.State.DRAFT, "give_up"): Strategy.State.DROPPED,
        (Strategy.State.LIVE, "replace"): Strategy.State.PAST,
    },
)
