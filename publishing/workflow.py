"""What may happen to a post, to a correction of one that stands, to a delivery and to a public appeal, as tables."""

from __future__ import annotations

from core.workflow import Workflow

POST = Workflow(
    "post",
    {
        ("draft", "edit"): "draft",
        ("draft", "submit"): "submitted",
        # Where the steps ask nobody beforehand: a trusted author, nothing found.
        ("draft", "let_go"): "approved",
        ("draft", "withdraw"): "withdrawn",
        # Any edit after it was sent for approval makes it a draft again: an approval is for one version.
        ("submitted", "edit"): "draft",
        # Where more than one is asked for: a yes that is not the last leaves it waiting for another's.
        ("submitted", "approve_first"): "submitted",
        ("submitted", "approve"): "approved",
        ("submitted", "return"): "draft",
        ("submitted", "withdraw"): "withdrawn",
        ("approved", "edit"): "draft",
        ("approved", "withdraw"): "withdrawn",
        ("approved", "publish"): "published",
    },
)

CORRECTION = Workflow(
    "correction",
    {
        ("asked", "approve"): "approved",
        ("asked", "return"): "returned",
        ("asked", "withdraw"): "withdrawn",
        # The outbox says what became of it.
        ("approved", "carry_out"): "done",
        ("approved", "give_up"): "withdrawn",
    },
)

APPEAL = Workflow(
    "appeal",
    {
        ("draft", "edit"): "draft",
        # The first of its posts stands on a platform.
        ("draft", "go_live"): "live",
        # Nothing of it has gone out: there is nothing to take down.
        ("draft", "abandon"): "closed",
        ("live", "edit"): "live",
        ("under_review", "edit"): "under_review",
        ("live", "fall_due"): "under_review",
        ("live", "review"): "live",
        ("under_review", "review"): "live",
        ("live", "close"): "closing",
        ("under_review", "close"): "closing",
        # Every one of its posts was read back and is gone, or says what it should.
        ("closing", "verify"): "verified",
        # A post that was on its way when it was closed turned up after the others were gone.
        ("verified", "find_another"): "closing",
        ("verified", "end"): "closed",
        ("closed", "find_another"): "closing",
    },
)

TAKE_DOWN = Workflow(
    "take-down",
    {
        ("waiting", "ask"): "asked",
        ("waiting", "send"): "under_way",
        ("waiting", "leave_to_people"): "by_hand",
        ("asked", "send"): "under_way",
        ("asked", "refuse"): "by_hand",
        ("under_way", "leave_to_people"): "by_hand",
        ("by_hand", "send"): "under_way",
        # Somebody did it on the platform and looked; where it can be read, it is read back all the same.
        ("by_hand", "look"): "under_way",
        # Whatever the way there: the platform shows it done.
        ("waiting", "find"): "done",
        ("asked", "find"): "done",
        ("by_hand", "find"): "done",
        ("under_way", "find"): "done",
    },
)

DELIVERY = Workflow(
    "delivery",
    {
        # The claim and the intent to send are one commit.
        ("scheduled", "claim"): "sending",
        ("scheduled", "hold"): "scheduled",
        ("scheduled", "release"): "scheduled",
        ("scheduled", "withdraw"): "withdrawn",
        # On a platform that is worked by hand a person does it, and says so.
        ("scheduled", "do_by_hand"): "sent",
        # An earlier release claimed first and committed its intent later.
        ("claimed", "lose"): "unknown",
        ("sending", "put_back"): "scheduled",
        ("sending", "accept"): "sent",
        ("sending", "refuse"): "rejected",
        ("sending", "defer"): "scheduled",
        ("sending", "lose"): "unknown",
        ("unknown", "find"): "sent",
        ("unknown", "put_back"): "scheduled",
        ("unknown", "give_up"): "withdrawn",
        # A platform's yes that arrives after the lease ran out is still a yes.
        ("unknown", "accept"): "sent",
        ("scheduled", "accept"): "sent",
        ("claimed", "accept"): "sent",
        ("rejected", "accept"): "sent",
        # The platform said no, so nothing stands there: a person may have it tried again, or give it up.
        ("rejected", "retry"): "scheduled",
        ("rejected", "withdraw"): "withdrawn",
    },
)
