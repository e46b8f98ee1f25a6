"""The kinds of alert, and the numbers that each starts out with. insights.models.AlertRule holds what was set.

All of them look at what staff did. None looks at who the public are, what they say or where they gather.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """One threshold: what it counts, in words with its unit, where it starts out and how far it may go."""

    label: str
    default: int
    least: int
    most: int


@dataclass(frozen=True)
class Kind:
    """What is noticed, in words for information security."""

    title: str
    says: str
    numbers: dict[str, Number]


KINDS: dict[str, Kind] = {
    "bulk_viewing": Kind(
        "Much opened out of hours",
        "Somebody opened many records in one night and worked on none of these.",
        {
            "records": Number("Records opened and not worked on, in one night", 60, 5, 10_000),
            "from_hour": Number("The night begins at this hour (London)", 22, 0, 23),
            "to_hour": Number("and ends at this hour", 6, 0, 23),
        },
    ),
    "export_spike": Kind(
        "Many exports",
        "Somebody exported unusually often, or unusually much, within 24 hours.",
        {
            "exports": Number("Exports within 24 hours", 5, 1, 1_000),
            "records": Number("or records taken out within 24 hours", 10_000, 1, 10_000_000),
        },
    ),
    "repeated_lookups": Kind(
        "One member of the public looked up repeatedly",
        "What one member of the public wrote was looked up again and again, outside the queue and open cases.",
        {
            "times": Number("Look-ups by one person", 4, 2, 1_000),
            "force": Number("or by the whole force", 10, 2, 10_000),
            "days": Number("within so many days", 30, 1, 366),
        },
    ),
    "failed_step_ups": Kind(
        "Second factor refused again and again",
        "Somebody’s second factor was refused several times in a short time.",
        {"times": Number("Refusals", 5, 2, 100), "minutes": Number("within so many minutes", 60, 1, 1_440)},
    ),
    "leaving_access": Kind(
        "Used after notice to leave",
        "Somebody whose leaving is announced opened or exported records, or somebody who has left did anything at all.",
        {"records": Number("Records opened in one day after the notice", 20, 1, 10_000)},
    ),
    "new_network": Kind(
        "Sign-in from a new network",
        "Somebody signed in from a network that they have not used before.",
        {"days": Number("A network is new when it was not used for so many days", 90, 1, 366)},
    ),
    "trail_restored": Kind(
        "End of the audit trail lost",
        "Somebody acknowledged that a backup was restored and that what the trail held after it is lost.",
        {},
    ),
    "native_post": Kind(
        "Written on the platform itself",
        "Something was written as an official account that did not leave through the outbox and that nobody had "
        "declared: a breach of policy, or an intruder.",
        {},
    ),
    "break_glass": Kind(
        "Emergency access",
        "Somebody was given emergency access, or one that is over was not reviewed in time.",
        {"hours": Number("A review is overdue so many hours after its end", 24, 1, 720)},
    ),
}
