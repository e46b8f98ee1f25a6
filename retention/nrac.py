"""The national retention assessment criteria: what a reviewer asks of each record.

Source: APP Information management, Retention, review and disposal, which names the criteria (NRAC); the questions
are the commonly used ones and are to be confirmed with the force against the Manual of Guidance.
"""

from __future__ import annotations

QUESTIONS: dict[str, str] = {
    "harm": "Does it show somebody who can inflict serious harm?",
    "vulnerable": "Is there concern for a child or a vulnerable adult?",
    "trust": "Does it tell of a breach of trust?",
    "links": "Does it tie together people or events in a way that raises the risk?",
    "substances": "Does misuse of substances raise the risk?",
    "mind": "Does somebody’s mental state raise the risk?",
}
"""Slug -> question. Any yes means that the record is kept until another review."""
