"""What is written down of an appeal, and whether that is enough to ask the public. Nothing here writes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from core import clock
from core.errors import NotValid
from publishing.models import Appeal

LONGEST_REVIEW = {Appeal.Kind.WANTED: timedelta(days=31)}
REVIEW_WITHIN = timedelta(days=92)
"""At the latest so long after today an appeal is looked at again; a wanted person's within a month, as its pictures."""
LONGEST_PICTURE = timedelta(days=366)


@dataclass(frozen=True)
class Facts:
    """What is written down of an appeal before it goes out."""

    title: str
    force_reference: str
    basis: str
    basis_note: str
    risk_assessment: str
    review_on: date
    case_reference: str = ""
    family_consent: str = ""
    officer_consent: str = ""
    risk_to_life: str = ""
    conditions: str = ""


def checked(kind: str, facts: Facts, *, live: bool = False) -> Facts:
    """Tidy and whole. live: it is out, so that consent is not taken away. Raises NotValid, which names the field."""
    tidy: dict[str, Any] = {name: _tidy(value) for name, value in asdict(facts).items()}
    for name, sentence in (
        ("title", "Say what it is about: the kind and the place are enough."),
        ("force_reference", "Give the force’s reference, such as the missing person or crime number."),
        ("basis_note", "Say why asking the public is necessary and proportionate."),
        ("risk_assessment", "Say which risks were weighed: to the person, to a trial, to others."),
    ):
        if not tidy[name]:
            raise NotValid(sentence, field=name)
    for name, value in tidy.items():
        longest = getattr(Appeal._meta.get_field(name), "max_length", None)
        if longest is not None and isinstance(value, str) and len(value) > longest:
            raise NotValid(f"Say it in at most {longest} characters.", field=name)
    if facts.basis not in Appeal.Basis.values:
        raise NotValid("Choose the legal basis.", field="basis")
    tidy["review_on"] = review_day(facts.review_on, kind)
    kept = Facts(**tidy)
    if live:
        must_be_agreed(kind, kept)
    return kept


def _tidy(value: object) -> object:
    return value.replace("\r\n", "\n").replace("\x00", "").strip() if isinstance(value, str) else value


def must_be_agreed(kind: str, facts: Facts) -> None:
    """Consent, or a recorded risk to life. Raises NotValid. Source: APP missing persons and media appeals."""
    if facts.risk_to_life:
        return
    if not facts.officer_consent:
        raise NotValid(
            "Write down which officer in the case agreed and when, or why a life is at risk.",
            field="officer_consent",
        )
    if kind == Appeal.Kind.MISSING and not facts.family_consent:
        raise NotValid(
            "Write down who of the family agreed and when, or why a life is at risk.", field="family_consent"
        )


def review_day(day: date | None, kind: str) -> date:
    """A London day on which it is looked at again. Raises NotValid for one that has been or is too far."""
    today = clock.today()
    longest = LONGEST_REVIEW.get(Appeal.Kind(kind), REVIEW_WITHIN)
    if day is None or day <= today:
        raise NotValid("Choose a day after today on which it is looked at again.", field="review_on")
    if day > today + longest:
        raise NotValid(f"It is looked at again within {longest.days} days.", field="review_on")
    return day


def picture_day(day: date | None, kind: str) -> date:
    """A London day on which a picture is taken down. Raises NotValid for one that has been or is too far."""
    today = clock.today()
    longest = LONGEST_REVIEW.get(Appeal.Kind(kind), LONGEST_PICTURE)
    if day is None or day <= today:
        raise NotValid("Choose a day after today on which the picture is taken down.", field="down_on")
    if day > today + longest:
        raise NotValid(f"It is taken down within {longest.days} days; that can be extended.", field="down_on")
    return day


def facts_of(appeal: Appeal) -> Facts:
    """What is written down of it now."""
    return Facts(**{name: getattr(appeal, name) for name in Facts.__dataclass_fields__})
