"""Where an alert, a version of the strategy, and a rumour can go from where they stand."""

from __future__ import annotations

from core.workflow import Workflow
from insights.models import Alert, Rumour, Strategy

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

_STATE = Rumour.State
_JUDGED = (_STATE.FALSE, _STATE.MISLEADING, _STATE.TRUE, _STATE.UNCLEAR)

RUMOUR = Workflow(
    "rumour",
    {
        (_STATE.SEEN, "take_up"): _STATE.ASSESSING,
        (_STATE.SEEN, "close"): _STATE.CLOSED,
        (_STATE.ASSESSING, "close"): _STATE.CLOSED,
        (_STATE.CLOSED, "reopen"): _STATE.ASSESSING,
        **{
            (before, f"judge_{after.value}"): after
            for before in (_STATE.ASSESSING, *_JUDGED)
            for after in _JUDGED
        },
        **{(before, "assess_again"): _STATE.ASSESSING for before in _JUDGED},
        **{(before, "close"): _STATE.CLOSED for before in _JUDGED},
    },
)
"""A person takes it up in our own words before anybody judges it; a judgement may be put right at any time."""
