"""What was claimed on the official accounts of a page, where the force stands to it, and what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from core import clock
from insights import charts, queries_rumours
from insights.charts import Picture
from insights.pictures.reading import Reading

WITHOUT_WORDS = "A claim in nobody’s words yet"


def going_round(r: Reading) -> Picture:
    """Claims seen in the period, each in the force's own words, with its state and the answer that was given."""
    begins, ends = r.period.bounds
    found = queries_rumours.seen_on(r.scope.account_ids, begins, ends)
    answers = queries_rumours.first_answers([one.pk for one in found])
    rows = [
        (
            f"{one.reference}: {one.words or WITHOUT_WORDS}",
            one.seen_here,  # type: ignore[attr-defined]  # annotated by seen_on
            f"{clock.in_london(one.first_seen_at):%-d %b %Y}",
            one.get_state_display(),
            _answer(answers.get(one.pk, ())),
        )
        for one in found
    ]
    answered = sum(one.pk in answers for one in found)
    return charts.bars(
        "rumours",
        "Rumours",
        f"{r.many(len(rows), 'claim', 'claims')} went round; "
        f"{answered if answered else 'none'} of them had a public answer from us."
        if rows
        else "No claim was seen going round.",
        ("Claim", "Seen in the period", "First seen", "State", "Answer given"),
        rows,
        links={}
        if r.viewer is None
        else {n: reverse("insights:rumour", args=[one.pk]) for n, one in enumerate(found)},
        note="In our own words; nobody is named. Seen: appearances on these official accounts."
        if rows
        else "",
    )


def _answer(given: Sequence[tuple[str, datetime]]) -> str:
    """ "Holding line 27 Nov 21:04; correction 28 Nov 09:12", or that there is none yet."""
    said = [f"{label} {clock.in_london(at):%-d %b %H:%M}" for label, at in given]
    return "; ".join(said) or "none yet"
