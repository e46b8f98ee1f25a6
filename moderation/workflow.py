"""What may happen to a comment, and to a tip on an appeal, as tables. Actions ask them; pages ask them what to offer."""

from __future__ import annotations

from core.workflow import Workflow

DESK = Workflow(
    "comment",
    {
        ("open", "claim"): "open",
        ("open", "sort"): "open",
        ("open", "reply"): "decided",
        ("open", "hide"): "decided",
        ("open", "delete"): "decided",
        ("open", "handle_elsewhere"): "decided",
        ("open", "no_action"): "decided",
        ("open", "escalate"): "decided",
        # It stands in another team's queue, as open as before.
        ("open", "hand_over"): "open",
        # Shown again, it waits for a decision anew; a hidden comment that its author edited is open already.
        ("open", "unhide"): "open",
        ("decided", "unhide"): "open",
        ("decided", "reopen"): "open",
        # Somebody at risk is answered while the case runs, and evidence that was escalated can be hidden.
        ("decided", "reply_after_escalation"): "decided",
        ("decided", "hide_after_escalation"): "decided",
        ("decided", "delete_after_escalation"): "decided",
    },
)

GUIDELINES = Workflow(
    "version of the guidelines",
    {
        ("draft", "approve"): "approved",
        ("draft", "give_up"): "dropped",
        ("approved", "take_back"): "draft",
        ("approved", "come_into_force"): "in_force",
        ("in_force", "end"): "past",
    },
)

TIP = Workflow(
    "tip",
    {
        ("new", "pass_on"): "passed_on",
        ("new", "settle"): "settled",
        # What somebody thought was nothing turns out to be something.
        ("settled", "reopen"): "new",
        ("settled", "pass_on"): "passed_on",
    },
)
