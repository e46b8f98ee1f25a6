"""What waits for those who look at the whole: rumours, the scorecard, alerts, the trail."""

from __future__ import annotations

from accounts.queries import Authority
from audit import queries as audit
from insights import duties, queries_rumours, scorecard, strategy
from insights import queries as insights
from insights.models import Rumour
from smmp.frame import address_of
from smmp.home.now import AT_MOST_EACH, HIGH, LATER, SOON, Now, Waiting, number_of
from staff.models import StaffMember
from staff.roles import Power


def add_rumours(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Claims that were seen for the third time and that nobody took up, and legal checks for this person."""
    if not may.holds(Power.SEE_COMMENTS):
        return
    for rumour in queries_rumours.waiting(viewer):
        check = rumour.legal == Rumour.Legal.ASKED
        now.waiting.append(
            Waiting(
                HIGH,
                f"Rumour {rumour.reference}: legal check"
                if check
                else f"The same claim again and again on {rumour.official_account.name}",
                "Proceedings may be active. Say whether it may be said."
                if check
                else "Nobody has taken it up yet.",
                "Answer the check" if check else "See what is said, and answer it",
                address_of("insights:rumour", rumour.pk),
                glyph="alert",
                since=rumour.noted_at,
            )
        )


def add_scorecard(now: Now, viewer: StaffMember, may: Authority) -> None:
    """The review of the APP scorecard that is overdue, waivers for a second person, and what a meeting gave this person."""
    if may.holds(Power.KEEP_SCORECARD):
        if (since := scorecard.review_overdue_since()) is not None:
            now.waiting.append(
                Waiting(
                    SOON,
                    "The review of the APP scorecard is overdue",
                    f"It was due on {since:%-d %B %Y}. Information security and communications look at it together.",
                    "See what is to be looked at",
                    address_of("insights:scorecard"),
                    glyph="chart",
                )
            )
        for waiver in scorecard.waivers_to_agree(viewer)[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    LATER,
                    f"A waiver waits for a second person: {duties.name(waiver.duty)}",
                    f"{waiver.asked_by.called} asked for it, until {waiver.until:%-d %B %Y}.",
                    "Agree or refuse",
                    address_of("insights:duty", waiver.duty),
                    glyph="chart",
                )
            )
    if may.holds(Power.SEE_SCORECARD):
        for action in scorecard.open_actions(viewer)[:AT_MOST_EACH]:
            late = ", which has passed" if action.is_overdue else ""
            now.waiting.append(
                Waiting(
                    SOON if action.is_overdue else LATER,
                    action.what,
                    f"From the meeting of {action.meeting.held_on:%-d %B %Y}, by {action.due_on:%-d %B %Y}{late}.",
                    "Say that it is done",
                    address_of("insights:meeting", action.meeting_id),
                    glyph="chart",
                )
            )
    draft = strategy.draft() if may.holds(Power.APPROVE_STRATEGY) else None
    if draft is not None and draft.changes and viewer.pk not in strategy.writer_ids(draft):
        now.waiting.append(
            Waiting(
                LATER,
                f"Version {draft.number} of the social media strategy may be ready",
                draft.changes,
                "Read it",
                address_of("insights:strategy_draft", draft.number),
                glyph="book",
            )
        )


def add_alerts(now: Now, may: Authority) -> None:
    """Security alerts that nobody has closed."""
    if not may.holds(Power.SEE_AUDIT) or not (number := insights.open_count()):
        return
    oldest = insights.oldest_open()
    now.waiting.append(
        Waiting(
            HIGH,
            number_of(number, "security alert is open", "security alerts are open"),
            "Each is closed with what came of it.",
            "Look into them",
            address_of("insights:alerts"),
            glyph="alert",
            since=oldest,
        )
    )


def add_assignments(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Parts of the trail that professional standards may read now."""
    if not may.holds(Power.SEE_ASSIGNED_AUDIT):
        return
    for held in audit.live_assignments(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{held.reference}: part of the audit trail is assigned to you",
                f"What {', '.join(held.people_names[:3])} did. Assigned by {held.made_by_name}.",
                "Read it",
                address_of("audit:assignments"),
                glyph="eye",
                until=held.ends_at,
                then="it can no longer be read",
            )
        )
