"""THRIVE: what is asked about a risk, in order. The quick form on a comment and the assessment of a case ask the same.

Source: College of Policing, vulnerability-related risks guideline; the definitions of threat, harm, risk and
investigation are those that West Midlands Police published. THRIVE+ adds prevention and intervention; the
force switches it on (settings.THRIVE_PLUS).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Element:
    """One letter: the name of its field, its word, and the question that it asks."""

    slug: str
    name: str
    asks: str


THRIVE = (
    Element("threat", "Threat", "What was said or seen that shows an intent to cause harm or loss?"),
    Element("harm", "Harm", "What has happened or may happen to somebody, in body or mind?"),
    Element("risk", "Risk", "How likely is it, and how soon?"),
    Element("investigation", "Investigation", "What must be found out, and what needs doing for that?"),
    Element(
        "vulnerability",
        "Vulnerability",
        "Who cannot protect themselves or others from harm or exploitation here, and why?",
    ),
    Element(
        "engagement", "Engagement", "How do we reach this person and our partners, and what do they expect?"
    ),
)
PLUS = (
    Element("prevention", "Prevention", "What would stop it from happening again?"),
    Element("intervention", "Intervention", "Who should step in early, and how?"),
)
LONGEST = 2000
"""Characters of one answer."""


def elements() -> tuple[Element, ...]:
    """What this force asks."""
    return THRIVE + PLUS if settings.THRIVE_PLUS else THRIVE
