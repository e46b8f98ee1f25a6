"""Named measurements with targets: what the README claims, this measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smmp.benches import (
    access,
    alike,
    audit,
    calendar,
    claims,
    disposal,
    export,
    figures,
    ingest,
    ladder,
    lockdown,
    outbox,
    public,
    queue,
    surge,
    trail_search,
    triage,
)


@dataclass(frozen=True)
class Measured:
    """One figure beside its target. `at_least`: more is better; otherwise less is."""

    what: str
    value: float
    unit: str
    target: float
    at_least: bool = True

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target


SHARE_OF_ENCODER = 0.6
"""Of what the encoder reads alone, so much at least is left when rules, windows and likeness are paid."""


def bench_triage(*, comments: int = 20_000) -> list[Measured]:
    """Triage on one core, beside the encoder alone in the same run, and how soon a comment is read. Takes minutes."""
    found = triage.measure(comments=comments)
    share = round(found.whole / found.encoder, 3)
    return [
        Measured("rules alone", round(found.rules), "comments per second and core", 5000),
        Measured("encoder alone", round(found.encoder), "comments per second and core", 0),
        Measured("the whole of it", round(found.whole), "comments per second and core", 600),
        Measured("share of the encoder", share, "", SHARE_OF_ENCODER),
        Measured(
            f"written to read by rules and model, at {triage.RATE} a second, 95th percentile",
            round(found.visible_p95_s, 2),
            "s",
            5,
            at_least=False,
        ),
        Measured("never read", found.unread, "comments", 0, at_least=False),
    ]


def bench_audit() -> list[Measured]:
    """Entries written by 32 writers while they are sealed, and a million of them verified. Takes minutes."""
    found = audit.measure()
    return [
        Measured("entries written and sealed", round(found["rate"]), "per second", 1000),
        Measured("last entry sealed after", round(found["behind_s"], 1), "s", 5, at_least=False),
        Measured("entries verified", found["verified"], "entries", audit.MILLION),
        Measured("verified in", round(found["verify_s"], 1), "s", 60, at_least=False),
    ]


def bench_access() -> list[Measured]:
    """What a request pays to know what somebody may do."""
    milliseconds, queries = access.measure()
    return [
        Measured("scope of one request, 95th percentile", round(milliseconds, 2), "ms", 3, at_least=False),
        Measured("queries of it", queries, "queries", 2, at_least=False),
    ]


SHARE_OF_LIMIT = 0.35
"""Of what the machine writes by hand, so much at least is left when rules, reading and locks are paid."""


def bench_ingest(*, comments: int = 100_000, stored: int = 1_000_000) -> list[Measured]:
    """Comments taken in while so many are stored already, beside the machine's own limit. Takes minutes."""
    found = ingest.measure(comments=comments, stored=stored)
    return [
        Measured("rows of a comment by hand-written SQL", round(found.limit), "comments per second", 0),
        Measured("taken in", round(found.taken), "comments per second", round(found.limit * SHARE_OF_LIMIT)),
        Measured("share of the limit", round(100 * found.taken / found.limit, 1), "%", 100 * SHARE_OF_LIMIT),
        Measured("read again", round(found.read_again), "comments per second", 4000),
        Measured("lost or doubled", found.lost, "comments", 0, at_least=False),
        Measured(
            f"empty poll of {ingest.ACCOUNTS} official accounts with few stored",
            round(found.empty_few_ms, 1),
            "ms",
            round(found.empty_few_ms, 1),
            at_least=False,
        ),
        Measured(
            "the same with all stored",
            round(found.empty_many_ms, 1),
            "ms",
            round(found.empty_few_ms * 1.25, 1),
            at_least=False,
        ),
    ]


def bench_surge_ingest(*, scale: int = 1, comments: int = 100_000) -> list[Measured]:
    """50 comments a second for five minutes, 500 a second for one, and a backlog up to 100,000. Takes ten minutes.

    scale: all times and the number of comments are divided by it, for a look at whether it works at all.
    """
    found = surge.measure(
        comments=comments // scale,
        steady=(50, 300 / scale),
        fast=(500, 60 / scale),
        quiet_s=max(5.0, surge.QUIET_S / scale),
    )
    memory = [
        Measured(f"memory of the {name} afterwards", value, "MiB", limit, at_least=False)
        for name, value in found.memory_mib.items()
        for limit in [MEMORY_MIB[name]]
    ]
    return [
        Measured(
            "queue page, 95th percentile, quiet", round(found.quiet_p95_ms, 1), "ms", 1000, at_least=False
        ),
        Measured(
            "the same at 50 comments a second",
            round(found.steady_p95_ms, 1),
            "ms",
            round(found.quiet_p95_ms * 1.5, 1),
            at_least=False,
        ),
        Measured("behind at its end", found.steady_behind, "comments", 50 * 10, at_least=False),
        Measured(
            "500 comments a second drained after their end",
            round(found.drained_after_s, 1),
            "s",
            120,
            at_least=False,
        ),
        Measured("the backlog drained in", round(found.all_drained_s, 1), "s", 300, at_least=False),
        Measured("lost or doubled", found.lost, "comments", 0, at_least=False),
        Measured("taken in altogether", found.comments, "comments", comments // scale),
        *memory,
    ]


MEMORY_MIB = {"web": 1024.0, "worker": 1024.0, "scheduler": 512.0}
"""What each part may hold after a surge, its processes together."""


def bench_ladder(*, scale: int = 1) -> list[Measured]:
    """A life risk written at 50 comments a second until it is in front of the desk, and from “it is so” until the first
    message has left. Takes five minutes.

    scale: time and number are divided by it.
    """
    found = ladder.measure(pace=50, seconds=180 / scale, confirmed=max(3, 40 // scale))
    return [
        Measured("alerts of life risk", found.alerts, "alerts", 1),
        Measured(
            "written on the platform to the alert, 95th percentile",
            round(found.to_desk_p95_s, 2),
            "s",
            30,
            at_least=False,
        ),
        Measured("the longest of them", round(found.to_desk_worst_s, 2), "s", 60, at_least=False),
        Measured("confirmed", found.confirmed, "alerts", 1),
        Measured(
            "confirmed to the first message sent, 95th percentile",
            round(found.to_person_p95_s, 2),
            "s",
            5,
            at_least=False,
        ),
        Measured("confirmed and nobody notified", found.not_notified, "alerts", 0, at_least=False),
        Measured("polling interval as set", round(found.polling_s, 1), "s", 0),
        Measured(
            "longest that an official account was not asked",
            round(found.polled_s, 1),
            "s",
            30,
            at_least=False,
        ),
    ]


def bench_surge(*, comments: int = 100_000) -> list[Measured]:
    """What says the same among so many open comments of a surge, with cries for help planted into the copies."""
    found = alike.measure(comments=comments)
    return [
        Measured(
            f"{found.comments:,} comments read, compared and written as groups",
            round(found.grouped_s, 1),
            "s",
            20,
            at_least=False,
        ),
        Measured(
            "memory of the process at its highest", round(found.peak_mib), "MiB", ALIKE_MIB, at_least=False
        ),
        Measured("of it for the grouping", round(found.more_mib), "MiB", ALIKE_MIB, at_least=False),
        Measured("groups found", found.groups, "groups", 1),
        Measured("comments in groups", found.in_groups, "comments", 3),
        Measured("plain copies found", round(100 * found.copies_found, 1), "%", 95),
        Measured("planted that must stand by themselves", found.planted, "comments", 1),
        Measured("planted inside a group", found.swept, "comments", 0, at_least=False),
        Measured(
            "turned grave after the grouping and still offered",
            found.shown_after_turning_grave,
            "comments",
            0,
            at_least=False,
        ),
        Measured("decided by one decision, one by one", found.decided, "comments", 1),
        Measured("that took", round(found.decided_s, 1), "s", 60, at_least=False),
        Measured("decided though grave by then", found.decided_wrongly, "comments", 0, at_least=False),
    ]


ALIKE_MIB = 1024.0
"""What a worker that groups a surge may hold."""


def bench_outbox() -> list[Measured]:
    """Acts that one worker takes to a platform that answers at once, back to back and unpaced."""
    rate, unsent = outbox.measure()
    return [
        Measured("acts sent", round(rate, 1), "per second and worker", 60),
        Measured("not sent", unsent, "acts", 0, at_least=False),
    ]


def bench_lockdown(*, acts: int = lockdown.ACTS) -> list[Measured]:
    """Acts due, 8 workers, and a lockdown in the midst of them: what the platform still sees. Takes a minute."""
    return figures_of_lockdown(lockdown.measure(acts=acts))


def figures_of_lockdown(found: lockdown.Found) -> list[Measured]:
    """The figures of a lockdown with their targets."""
    return [
        Measured("acts due", found.acts, "acts", found.acts),
        Measured("requests begun before the commit", found.before, "requests", 1),
        Measured("from the press to the commit", round(found.commit_s, 3), "s", 1, at_least=False),
        Measured("last request begun after the commit", round(found.last_s, 3), "s", 1, at_least=False),
        Measured("begun more than 1 s after the commit", found.late, "requests", 0, at_least=False),
        Measured("caught in between and listed to whoever locked", found.between, "acts", 1),
        Measured("in between and not listed", found.not_listed, "acts", 0, at_least=False),
        Measured("told to whoever locked", int(found.told), "notices", 1),
        Measured("kept back", found.kept, "acts", 1),
        Measured("begun by themselves after its end", found.by_itself, "requests", 0, at_least=False),
        Measured("decided one by one", found.decided, "acts", found.kept),
        Measured("sent in the end", found.sent, "acts", found.acts),
        Measured("doubled", found.doubled, "acts", 0, at_least=False),
    ]


def bench_trail_search(*, entries: int = audit.MILLION) -> list[Measured]:
    """One page of each search of the audit trail's console among so many entries. Takes minutes."""
    return [
        Measured(f"{name}, of {entries:,} entries", round(taken, 1), "ms", 1000, at_least=False)
        for name, taken in trail_search.measure(entries)
    ]


QUEUE_TO_FLOOR, MORE_STORED, MORE_OPEN = 2.0, 1.2, 1.3
"""The queue page beside the floor page; with all the comments beside few; with all the open ones beside few."""
QUEUE_QUERIES = 12
SEARCH_MS = 300


def bench_queue(
    *, rows: Sequence[int] = (10_000, 1_000_000, 5_000_000), open: Sequence[int] = (2_000, 100_000)
) -> list[Measured]:
    """Queue page, filters, counts, searches and a history over HTTP, beside a floor page. Takes a quarter of an hour."""
    states = queue.measure(rows=rows, open_=open)
    figures: list[Measured] = []
    for state in states:
        among = f"{state.rows:,} comments, {state.open:,} open"
        floor = state.pages["floor"].p50_ms
        for name, page in state.pages.items():
            searched = "search" in name or "date" in name
            figures += [
                Measured(f"{name}, median, {among}", page.p50_ms, "ms", 0),
                Measured(f"{name}, 95th percentile, {among}", page.p95_ms, "ms", SEARCH_MS, at_least=False)
                if searched
                else Measured(f"{name}, 95th percentile, {among}", page.p95_ms, "ms", 0),
                Measured(f"{name}, queries, {among}", page.queries, "queries", QUEUE_QUERIES, at_least=False)
                if name == "queue"
                else Measured(f"{name}, queries, {among}", page.queries, "queries", 0),
                Measured(f"{name}, size, {among}", page.bytes, "bytes", 0),
            ]
        share = round(state.pages["queue"].p50_ms / floor, 2)
        figures.append(
            Measured(f"queue page beside the floor, {among}", share, "times", QUEUE_TO_FLOOR, at_least=False)
        )
    few, all_stored = states[0], next(s for s in states if s.rows == states[-1].rows)
    for less, more, most in ((few, all_stored, MORE_STORED), (all_stored, states[-1], MORE_OPEN)):
        if less is not more:
            times = round(more.pages["queue"].p50_ms / less.pages["queue"].p50_ms, 2)
            what = f"queue page with {more.rows:,} comments, {more.open:,} open, beside {less.rows:,}, {less.open:,}"
            figures.append(Measured(what, times, "times", most, at_least=False))
    return figures


def bench_claims(*, workers: int = 16, comments: int = claims.COMMENTS) -> list[Measured]:
    """Comments pulled by many at once through the whole action, beside one hand-written UPDATE. Takes minutes."""
    found = claims.measure(workers=workers, comments=comments)
    return [
        Measured("claims by hand-written SQL", round(found.limit), "per second", 0),
        Measured("claims, history and trail included", round(found.claims), "per second", 300),
        Measured("claimed by two people", found.twice, "comments", 0, at_least=False),
        Measured("claimed by nobody", found.left, "comments", 0, at_least=False),
        Measured("claimed without an entry in the trail", found.unaudited, "comments", 0, at_least=False),
    ]


CALENDAR_TO_FLOOR = 3.0
"""The month and the week cost at most so many times the floor page of the desk."""


def bench_calendar(*, posts: int = 10_000) -> list[Measured]:
    """Month, week and list of the content calendar over HTTP, beside the floor page. Takes two minutes."""
    found = calendar.measure(posts=posts)
    figures = [Measured("floor page of the desk, median", found.floor_ms, "ms", 0)]
    for name in ("month", "week", "list"):
        page = found.many[name]
        figures += [
            Measured(f"{name}, median, {posts:,} posts", page.p50_ms, "ms", 0),
            Measured(f"{name}, 95th percentile, {posts:,} posts", page.p95_ms, "ms", 0),
        ]
        if name != "list":
            figures += [
                Measured(
                    f"{name} beside the floor, {posts:,} posts over a year",
                    round(page.p50_ms / found.floor_ms, 2),
                    "times",
                    CALENDAR_TO_FLOOR,
                    at_least=False,
                ),
                Measured(
                    f"{name} beside the floor, all {posts:,} in one month",
                    round(found.crowded[name].p50_ms / found.crowded["floor"].p50_ms, 2),
                    "times",
                    0,
                ),
            ]
        figures.append(
            Measured(
                f"{name}, queries with {posts:,} posts, {calendar.FEW} took {found.few[name].queries}",
                page.queries,
                "queries",
                found.few[name].queries,
                at_least=False,
            )
        )
    return figures


def bench_public() -> list[Measured]:
    """The public's pages by one web process, each page by itself; what a repeat asks of the database."""
    found = public.measure()
    return [
        *(
            Measured(f"{name}, answered", round(rate), "requests per second", 2000)
            for name, rate in found.rate.items()
        ),
        *(
            Measured(f"{name}, 99th percentile", round(found.p99_ms[name], 1), "ms", 50, at_least=False)
            for name in found.rate
        ),
        Measured("queries of all repeats together", found.queries, "queries", 0, at_least=False),
        Measured("answers that were wrong", found.wrong, "answers", 0, at_least=False),
    ]


def bench_export(*, comments: int = 1_000_000) -> list[Measured]:
    """An export of everything among so many comments, and its verification. Takes minutes."""
    found = export.measure(comments=comments)
    return [
        Measured(f"written with {comments:,} comments", round(found.rows_per_s), "rows per second", 10_000),
        Measured("verified", round(found.verify_rows_per_s), "rows per second", 100_000),
        Measured(
            f"memory beyond that of {export.FIRST:,} comments",
            round(found.grown_mib, 1),
            "MiB",
            64,
            at_least=False,
        ),
        Measured("wrong or missing", found.wrong, "files", 0, at_least=False),
    ]


def bench_disposal(*, rows: int | Sequence[int] = 1_000_000) -> list[Measured]:
    """Disposal beside plain deletion of as many rows, and the queue page meanwhile. Takes minutes to an hour."""
    found = disposal.measure(rows=rows if isinstance(rows, int) else rows[0])
    rate, plain = found.disposed / found.disposed_s, found.disposed / found.plain_s
    return [
        Measured("disposed of", round(rate), "rows per second", 0),
        Measured("plainly deleted", round(plain), "rows per second", 0),
        Measured("share of plain deletion", round(rate / plain, 2), "", 0.5),
        Measured("queue page when it is quiet, 95th percentile", found.quiet_p95_ms, "ms", 0),
        Measured(
            "queue page meanwhile, 95th percentile, to its quiet figure",
            round(found.meanwhile_p95_ms / found.quiet_p95_ms, 2),
            "",
            1.3,
            at_least=False,
        ),
    ]


def bench_insights(*, comments: int = 5_000_000) -> list[Measured]:
    """Every dashboard from counts, a refresh for 50,000 new comments, and a rebuild beside it. Takes ten minutes."""
    found = figures.measure(comments=comments)
    return [
        Measured("counted all", round(found.built_s, 1), "s", round(found.built_s, 1), at_least=False),
        Measured(f"took in {found.new:,} new comments", round(found.refreshed_s, 2), "s", 10, at_least=False),
        Measured("daily brief made, with its PDF", round(found.brief_s, 2), "s", 20, at_least=False),
        Measured(
            "what names a place of an area counted, two days",
            round(found.areas_again_s, 2),
            "s",
            10,
            at_least=False,
        ),
        Measured("rows compared with a rebuild", found.rows, "rows", 1),
        Measured("rows that differ", found.differing, "rows", 0, at_least=False),
        *(
            Measured(f"{name}, 95th percentile", page.p95_ms, "ms", 300, at_least=False)
            for name, page in found.pages.items()
        ),
    ]


BENCHES: dict[str, Callable[..., list[Measured]]] = {
    "access": bench_access,
    "audit": bench_audit,
    "calendar": bench_calendar,
    "claims": bench_claims,
    "export": bench_export,
    "disposal": bench_disposal,
    "ingest": bench_ingest,
    "insights": bench_insights,
    "ladder": bench_ladder,
    "lockdown": bench_lockdown,
    "outbox": bench_outbox,
    "public": bench_public,
    "queue": bench_queue,
    "surge": bench_surge,
    "surge-ingest": bench_surge_ingest,
    "trail-search": bench_trail_search,
    "triage": bench_triage,
}
"""By the name that `manage.py bench` takes."""
