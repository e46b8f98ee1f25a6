"""Triage: what a comment may be about and how soon somebody should read it, with reasons.

It suggests and people decide: nothing is closed, hidden or dropped here. Pure functions, no
database, no network.
"""

from moderation.triage.verdict import VERSION, Finding, Verdict, judge

__all__ = ["VERSION", "Finding", "Verdict", "judge"]
