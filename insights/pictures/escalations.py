"""Escalations, how fast somebody had them, and when the force was deaf."""

from __future__ import annotations

from escalation.models import Pathway
from insights import charts
from insights.charts import Picture
from insights.pictures.reading import Reading
from insights.queries_figures import in_words
from insights.rollups import CASE_BOUNDS
from platforms import registry


def cases(r: Reading) -> Picture:
    """Cases by pathway, against the period before."""
    titles = dict(Pathway.objects.values_list("slug", "title"))
    rows = r.beside_before("case", titles)
    total, was = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return charts.bars(
        "cases",
        "Cases opened",
        f"{r.many(total, 'case was', 'cases were')} opened, against {r.words(was)} in the period before.",
        ("Pathway", "Opened", "Period before"),
        r.tell(rows),
    )


def acknowledged(r: Reading) -> Picture:
    """How long until somebody said that they have it."""
    had = r.of("case_had")
    buckets = [had.get(str(bound), 0) for bound in CASE_BOUNDS] + [had.get("longer", 0)]
    opened, in_time = sum(r.of("case").values()), sum(r.of("case_in_time").values())
    total = sum(buckets)
    share = r.share(in_time, opened)
    says = (
        (
            f"Of {r.many(opened, 'case', 'cases')}, {r.many(total, 'was', 'were')} acknowledged: half within {in_words(buckets, 0.5, CASE_BOUNDS)}, "
            f"nine in ten within {in_words(buckets, 0.9, CASE_BOUNDS)}"
            + (
                f"; {charts.percent(share)} before the clock of the first call ran out."
                if share is not None
                else "."
            )
            if total
            else "No case was acknowledged."
        )
        .replace("within at most", "in at most")
        .replace("within more", "in more")
    )
    return charts.columns(
        "acknowledged",
        "From opening to “I have it”",
        says,
        ("Took", "Cases"),
        r.tell(
            (f"at most {bound} min" if bound else "longer", n)
            for bound, n in zip((*CASE_BOUNDS, None), buckets, strict=True)
        ),
        axis=(*(f"{bound}m" for bound in CASE_BOUNDS), "+"),
    )


def deaf(r: Reading) -> Picture:
    """Official accounts that could not be read, and for how long."""
    rows = []
    for account in r.scope.accounts:
        minutes = r.by_account.get(account.pk, {}).get(("deaf", ""), 0)
        if minutes:
            rows.append((account.name, minutes, registry.NAMES.get(account.platform, account.platform)))
    rows.sort(key=lambda row: -row[1])
    return charts.bars(
        "deaf",
        "When we could not hear",
        (
            f"{r.many(len(rows), 'official account', 'official accounts')} could not be read for a while, "
            f"{max(1, round(sum(row[1] for row in rows) / 60)):,} hours altogether, and what was written then was not read afterwards."
            if rows
            else "Whatever could not be read at some time was read afterwards."
        )
        + (f" {r.gaps.still:,} cannot be read at this moment." if r.gaps.still else ""),
        ("Official account", "Minutes", "Platform"),
        rows,
        tone="late",
    )
