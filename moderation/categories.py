"""The categories that triage sorts into, their words, and how urgent each is by itself.

Slugs are shared with exercise scenarios, pathways and the desk's figures; they never change.
Priority 1 is immediate, 2 high, 3 and 4 routine, 5 none.
"""

from __future__ import annotations

from django.db import models


class Category(models.TextChoices):
    THREAT_TO_LIFE = "threat_to_life", "Threat to life"
    SUICIDE_SELF_HARM = "suicide_self_harm", "Suicide or self-harm"
    VIOLENCE_IN_PROGRESS = "violence_in_progress", "Violence in progress"
    MISSING_PERSON = "missing_person", "Missing person"
    DOMESTIC_ABUSE = "domestic_abuse", "Domestic abuse"
    CHILD_SAFEGUARDING = "child_safeguarding", "Child safeguarding"
    HATE_CRIME = "hate_crime", "Hate crime"
    TERRORISM = "terrorism", "Terrorism"
    STALKING_HARASSMENT = "stalking_harassment", "Stalking or harassment"
    VULNERABLE_ADULT = "vulnerable_adult", "Vulnerable adult"
    MEDICAL_EMERGENCY_FIRE = "medical_emergency_fire", "Medical emergency or fire"
    WRONGLY_NAMED_VIGILANTISM = "wrongly_named_vigilantism", "Wrongly named or hunted"
    INCITEMENT_DISORDER = "incitement_disorder", "Incitement to disorder"
    OPERATION_EXPOSED = "operation_exposed", "Police operation exposed"
    CRIME_REPORT = "crime_report", "Crime report"
    INTELLIGENCE = "intelligence", "Intelligence"
    ASB = "asb", "Antisocial behaviour"
    TRAFFIC = "traffic", "Traffic"
    COMPLAINT_ABOUT_POLICE = "complaint_about_police", "Complaint about police"
    MISINFORMATION = "misinformation", "Misinformation"
    CONTEMPT_RISK = "contempt_risk", "Contempt risk"
    INFORMATION_REQUEST = "information_request", "Information request"
    ABUSE_OF_STAFF = "abuse_of_staff", "Abuse of staff"
    PERSONAL_DATA_POSTED = "personal_data_posted", "Personal data posted"
    SPAM = "spam", "Spam"
    SCAM_IMPERSONATION = "scam_impersonation", "Scam or impersonation"
    PRAISE = "praise", "Praise"
    QUESTION = "question", "Question"
    NONE = "none", "Nothing particular"


HIGH_RISK = frozenset(list(Category)[:14])
"""The categories whose comments become cases when a person confirms them."""


def parent(category: str) -> str:
    """`high_risk` or `other`: the two halves that figures are given for."""
    return "high_risk" if category in HIGH_RISK else "other"


USUAL_PRIORITY: dict[str, int] = {
    Category.THREAT_TO_LIFE: 1,
    Category.SUICIDE_SELF_HARM: 1,
    Category.VIOLENCE_IN_PROGRESS: 1,
    Category.MEDICAL_EMERGENCY_FIRE: 1,
    **dict.fromkeys(
        HIGH_RISK
        - {
            Category.THREAT_TO_LIFE,
            Category.SUICIDE_SELF_HARM,
            Category.VIOLENCE_IN_PROGRESS,
            Category.MEDICAL_EMERGENCY_FIRE,
        },
        2,
    ),
    Category.CRIME_REPORT: 3,
    Category.INTELLIGENCE: 3,
    Category.COMPLAINT_ABOUT_POLICE: 3,
    Category.MISINFORMATION: 3,
    Category.CONTEMPT_RISK: 3,
    Category.PERSONAL_DATA_POSTED: 3,
    Category.ABUSE_OF_STAFF: 3,
    Category.INFORMATION_REQUEST: 4,
    Category.ASB: 4,
    Category.TRAFFIC: 4,
    Category.SCAM_IMPERSONATION: 4,
    Category.QUESTION: 4,
    Category.SPAM: 5,
    Category.PRAISE: 5,
    Category.NONE: 5,
}


class Priority(models.IntegerChoices):
    IMMEDIATE = 1, "Immediate"
    HIGH = 2, "High"
    ROUTINE = 3, "Routine"
    LOW = 4, "Routine, can wait"
    NONE = 5, "None"


SURFACED = Priority.HIGH
"""A comment at this priority or above counts as found: people look at it within half an hour."""


ANSWER_WITHIN_MINUTES: dict[int, int | None] = {1: 5, 2: 30, 3: 120, 4: 72 * 60, 5: None}
"""The desk's own clock per priority; None: no clock. 72 hours: neighbourhood queries
(policing white paper, 26 January 2026); the others are the demonstration force's own."""
