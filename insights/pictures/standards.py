"""How comments were managed: under which clause, what was looked at again, and what triage suggested."""

from __future__ import annotations

from collections import Counter

from insights import charts
from insights.charts import Picture
from insights.pictures.reading import Reading
from insights.queries_figures import category_title, change
from moderation.models import ActReview, Clause, Comment, Decision, Label, Reconsideration
from moderation.triage.report import groups_named

LATEST = 2_000
"""So many of the latest decided comments are read for the groups that they name: words are in no roll-up."""
LEAST_OF_A_GROUP = 5


def done(r: Reading) -> Picture:
    """What was done: decisions by kind."""
    names = {kind: str(label) for kind, label in Decision.Kind.choices}
    rows = r.beside_before("decision", names)
    total, was = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return charts.bars(
        "done",
        "What was done",
        f"{r.many(total, 'decision', 'decisions')}: {change(total, was)} {'as' if total == was else 'than'} in the period before."
        if total and was
        else f"{r.many(total, 'decision', 'decisions')}; none in the period before.",
        ("Decision", "Made", "Period before"),
        r.tell(rows),
    )


def _clause_titles() -> dict[str, str]:
    """Slug -> title, that of the newest version of the guidelines that has it."""
    return dict(Clause.objects.order_by("guidelines_id", "position").values_list("slug", "title"))


def clauses(r: Reading) -> Picture:
    """Hides, deletions and blocks by the clause of the published guidelines."""
    titles = _clause_titles()
    by: dict[str, Counter[str]] = {}
    for detail, n in r.of("clause").items():
        kind, _, slug = detail.partition(":")
        by.setdefault(slug, Counter())[kind] += n
    before: Counter[str] = Counter()
    for detail, n in r.of("clause", before=True).items():
        before[detail.partition(":")[2]] += n
    rows = sorted(
        (
            (titles.get(slug, slug), sum(n.values()), n["hide"], n["delete"], n["block"], before[slug])
            for slug, n in by.items()
        ),
        key=lambda row: (-row[1], row[0]),
    )
    total = sum(row[1] for row in rows)
    share = r.share(total, r.now.total.received)
    says = (
        f"{r.many(total, 'time', 'times')} something was hidden or deleted, or somebody blocked"
        + (f": {charts.percent(share)} of what came in" if share is not None else "")
        + f". The clause named most is “{rows[0][0]}”."
        if rows
        else "Nothing was hidden or deleted, and nobody was blocked."
    )
    return charts.bars(
        "clauses",
        "Moderation by clause",
        says,
        ("Clause", "All", "Hidden", "Deleted", "Blocked", "Period before"),
        r.tell(rows),
    )


def second_looks(r: Reading) -> Picture:
    """What the public asked to be looked at again, by clause."""
    titles = _clause_titles()
    by: dict[str, Counter[str]] = {}
    for detail, n in r.of("second_look").items():
        state, _, slug = detail.partition(":")
        by.setdefault(slug, Counter())[state] += n
    rows = sorted(
        (
            (
                titles.get(slug, slug),
                sum(n.values()),
                n[Reconsideration.State.UPHELD],
                n[Reconsideration.State.OVERTURNED],
                n[Reconsideration.State.OPEN],
                r.share(
                    n[Reconsideration.State.OVERTURNED],
                    n[Reconsideration.State.OVERTURNED] + n[Reconsideration.State.UPHELD],
                ),
            )
            for slug, n in by.items()
        ),
        key=lambda row: (-row[1], row[0]),
    )
    asked, overturned = sum(row[1] for row in rows), sum(row[3] for row in rows)
    questions = sum(r.of("inquiry").values())
    return charts.bars(
        "second-looks",
        "Second looks that the public asked for",
        f"{r.words(questions)} asked why a comment was hidden; {r.words(asked)} asked for a second look, and "
        f"{r.many(overturned, 'hide was', 'hides were')} overturned.",
        ("Clause", "Asked for", "Upheld", "Overturned", "Open", "Share overturned"),
        r.tell(rows),
    )


def act_reviews(r: Reading) -> Picture:
    """Deletions and blocks that a colleague looked at afterwards."""
    by: dict[str, Counter[str]] = {}
    for detail, n in r.of("act_review").items():
        state, _, kind = detail.partition(":")
        by.setdefault(kind, Counter())[state] += n
    names = {"delete": "Deletions", "block": "Blocks"}
    rows = [
        (
            names.get(kind, kind),
            sum(n.values()),
            n[ActReview.State.AGREED],
            n[ActReview.State.OVERTURNED],
            n[ActReview.State.OPEN],
        )
        for kind, n in sorted(by.items())
    ]
    overturned = sum(row[3] for row in rows)
    return charts.table(
        "act-reviews",
        "Deletions and blocks looked at by a colleague",
        f"{r.many(sum(row[1] for row in rows), 'grave act', 'grave acts')}; overturned: {r.words(overturned)}."
        if rows
        else "Nothing was deleted, and nobody was blocked.",
        ("Act", "Made", "Agreed", "Overturned", "Not looked at yet"),
        r.tell(rows),
    )


def triage(r: Reading) -> Picture:
    """How often people kept the category that triage suggested, by that category."""
    changed: Counter[str] = Counter()
    into: dict[str, Counter[str]] = {}
    for detail, n in r.of("relabelled").items():
        was, _, now = detail.partition(">")
        changed[was] += n
        into.setdefault(was, Counter())[now] += n
    slugs = {slug for slug, counts in r.now.by_category.items() if counts.agreed} | set(changed)
    rows = []
    for slug in slugs:
        kept = r.now.by_category[slug].agreed if slug in r.now.by_category else 0
        most = into[slug].most_common(1)[0][0] if slug in into else ""
        rows.append(
            (
                category_title(slug),
                r.share(kept, kept + changed[slug]),
                kept,
                changed[slug],
                category_title(most) if most else "–",
            )
        )
    rows.sort(key=lambda row: (-(row[2] + row[3]), row[0]))
    kept, moved = sum(row[2] for row in rows), sum(changed.values())
    share = r.share(kept, kept + moved)
    ups = r.of("reprioritised")
    return charts.bars(
        "triage",
        "What triage suggested, and what people made of it",
        f"People kept {charts.percent(share)} of the categories; they raised the priority {r.many(ups.get('up', 0), 'time', 'times')} "
        f"and lowered it {r.many(ups.get('down', 0), 'time', 'times')}."
        if share is not None
        else "Too little was decided to tell how often people kept what triage suggested.",
        ("Suggested", "Kept", "Times kept", "Times changed", "Changed most to"),
        r.tell(rows),
        share=1,
        note="Kept: of those received in the period and dealt with. Changed: changes made in the period.",
    )


def triage_by_group(r: Reading) -> Picture:
    """The same for comments that name a group of people: whether triage is worse for some."""
    start, end = r.period.bounds
    latest = list(
        Comment.objects.filter(
            official_account__in=r.scope.account_ids, decided_at__gte=start, decided_at__lt=end
        )
        .exclude(state__in=[Comment.State.OURS, Comment.State.RESTRICTED])
        .order_by("-decided_at")
        .values_list("pk", "text", "priority")[:LATEST]
    )
    named = {pk: groups for pk, text, _ in latest if (groups := groups_named(text))}
    labels: dict[int, tuple[bool, bool]] = {}
    for pk, category, was, priority, was_priority in Label.objects.filter(comment_id__in=named).values_list(
        "comment_id", "category", "was_category", "priority", "was_priority"
    ):
        changed, lowered = labels.get(pk, (False, False))
        labels[pk] = (changed or category != was, lowered or priority > was_priority)
    rows_by: dict[str, list[int]] = {}
    for pk, groups in named.items():
        changed, lowered = labels.get(pk, (False, False))
        for group in groups:
            row = rows_by.setdefault(group, [0, 0, 0])
            row[0] += 1
            row[1] += changed
            row[2] += lowered
    least = LEAST_OF_A_GROUP
    rows = [
        (group.replace("_", " ").capitalize(), 1 - changed / n, n, changed, lowered)
        for group, (n, changed, lowered) in sorted(rows_by.items(), key=lambda pair: (-pair[1][0], pair[0]))
        if n >= least
    ]
    few = sum(n < least for n, _, _ in rows_by.values())
    worst = min(rows, key=lambda row: row[1], default=None)
    return charts.bars(
        "triage-groups",
        "Triage of comments that name a group of people",
        f"Changed most often where the words name “{worst[0].lower()}”: {charts.percent(worst[1])} kept."
        if worst
        else "Too few decided comments name a group of people to say anything.",
        ("Words name", "Kept", "Comments", "Category changed", "Priority lowered"),
        rows,
        share=1,
        note=f"Read from the latest {len(latest):,} comments decided in the period. "
        + (f"{few} groups named fewer than {least} times are left out." if few else ""),
    )
