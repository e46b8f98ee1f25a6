"""The ordered list of rules, the gravest first. At equal priority the earlier one names the category."""

from moderation.triage.rule import Rule
from moderation.triage.rules import (
    conduct,
    crime,
    despair,
    disorder,
    hate,
    information,
    kind,
    languages,
    life,
    menace,
    people,
    spam,
    violence,
)

RULES: tuple[Rule, ...] = (
    *life.RULES,
    *violence.RULES,
    *despair.RULES,
    *menace.RULES,
    *people.RULES,
    *disorder.RULES,
    *hate.RULES,
    *languages.RULES,
    *conduct.RULES,
    *crime.RULES,
    *information.RULES,
    *spam.RULES,
    *kind.RULES,
)
"""All run on every comment; the worst finding wins."""
