"""The social media strategy as a PDF: one version, with what was measured beside each channel where that is of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings

from core import clock
from core.paper import Paper
from insights.models import Strategy, StrategyChannel
from insights.strategy import SECTIONS, Measured, beside, unnamed
from staff.models import StaffMember


def pdf(row: Strategy, channels: Sequence[StrategyChannel], figures: Mapping[str, Measured]) -> bytes:
    """Who answers for it, each channel, and every heading. figures: empty for a version that holds no more."""
    now = clock.now()
    paper = Paper(
        f"Social media strategy of {settings.FORCE_NAME}",
        head=f"OFFICIAL   {settings.FORCE_NAME}   strategy, version {row.number}   {clock.in_london(now):%d %B %Y}",
        at=now,
    )
    paper.facts(
        [
            ("Version", f"{row.number}, {row.get_state_display().lower()}"),
            ("Holds since", _day(row.live_from)),
            ("Held until", _day(row.live_until)),
            ("Looked at again", f"{row.review_on:%-d %B %Y}" if row.review_on else "no day is set"),
            ("Owner", _called(row.owner, "Nobody")),
            ("Written by", _called(row.drafted_by, "the set-up")),
            ("Approved by", _called(row.approved_by, "nobody yet")),
            ("What is new in it", row.changes),
        ]
    )
    paper.heading("Channels")
    measured = dict(figures)
    for channel, there in beside(channels, measured):
        paper.facts(
            [
                (channel.platform_name, channel.purpose),
                ("Whom for", channel.audience),
                ("How often", channel.rhythm),
                ("Where it is going", f"{channel.get_course_display()}. {channel.course_words}".strip()),
                ("Measured", _measured(there) if figures else ""),
            ]
        )
        paper.ln(1)
    for there in unnamed(channels, measured):
        paper.facts([(there.platform_name, f"The strategy says nothing of it. {_measured(there)}")])
    for section in SECTIONS:
        paper.heading(section.title)
        paper.text_block(getattr(row, section.field) or "Nothing is said of it.")
    return paper.whole()


def _called(person: StaffMember | None, otherwise: str) -> str:
    return person.called if person is not None else otherwise


def _day(at: datetime | None) -> str:
    return f"{clock.in_london(at):%-d %B %Y}" if at is not None else ""


def _measured(there: Measured | None) -> str:
    if there is None:
        return "we have no official account in use there"
    said = [
        f"{there.accounts} official account{'s' if there.accounts != 1 else ''}",
        f"{there.posts_90_days:,} posts in 90 days",
        f"{there.comments_7_days:,} comments in 7 days",
    ]
    if there.in_time is not None:
        said.append(f"{there.in_time:.0%} of {there.due:,} dealt with in time")
    if there.watched_share is not None:
        said.append(f"{there.watched_share:.0%} of the week watched")
    if there.dollars_last_month is not None:
        said.append(f"about ${there.dollars_last_month:.2f} last month")
    if there.overdue:
        said.append(f"{there.overdue} reviews overdue")
    return "; ".join(said)
