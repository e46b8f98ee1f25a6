"""What may happen to a campaign and to a line of a log, as tables."""

from __future__ import annotations

from core.workflow import Workflow

CAMPAIGN = Workflow(
    "campaign",
    {
        ("planned", "change"): "planned",
        ("running", "change"): "running",
        ("stopped", "change"): "stopped",
        ("planned", "start"): "running",
        ("planned", "call_off"): "called_off",
        ("running", "stop"): "stopped",
        ("stopped", "go_on"): "running",
        ("running", "end"): "ended",
        ("stopped", "end"): "ended",
    },
)

LINE = Workflow(
    "line",
    {
        ("waiting", "read"): "read",
        ("waiting", "skip"): "skipped",
    },
)

QUESTION = Workflow(
    "question",
    {
        ("waiting", "show"): "shown",
        ("waiting", "decline"): "declined",
        ("declined", "show"): "shown",
        ("shown", "show"): "shown",
        ("shown", "decline"): "declined",
        ("shown", "take"): "taken",
        ("taken", "free"): "shown",
        ("taken", "answer"): "answered",
        # What was answered wrongly is answered anew; both answers stay in its history.
        ("answered", "answer"): "answered",
    },
)

CONCERN = Workflow(
    "worry",
    {
        ("open", "plan"): "planned",
        ("planned", "plan"): "planned",
        ("planned", "report"): "done",
        ("done", "report"): "done",
        ("done", "publish"): "published",
        ("published", "take_down"): "done",
        ("open", "drop"): "dropped",
        ("planned", "drop"): "dropped",
    },
)

ENGAGEMENT = Workflow(
    "entry",
    {
        ("asked", "approve"): "approved",
        ("asked", "refuse"): "refused",
        ("approved", "close"): "closed",
    },
)
