"""What is counted: the measures of the figures, and the statements that count them by hour and add hours up to days.

What one fact adds is said once, by functions of the database (migration 0006). Here stands how it is summed. Durations are
counted into bounds that never change, so that hours, days and official accounts add up; a percentile of them is then
"at most N minutes".
"""

from __future__ import annotations

BOUNDS: tuple[int, ...] = (5, 15, 30, 60, 120, 240, 480, 1440, 4320, 10080)
"""Minutes from arrival to decision. The desk's own clocks (moderation.categories) are among them."""
BUCKETS = (*(f"m{minutes}" for minutes in BOUNDS), "longer")
COUNTS = ("received", "private", "dealt", "due", "in_time", "late", "agreed", *BUCKETS)
"""The columns of CommentHour and CommentDay, in their order."""
CASE_BOUNDS: tuple[int, ...] = (1, 2, 5, 10, 15, 30, 60)
"""Minutes from the opening of a case until somebody had it; details of `case_had`, with "longer"."""

MEASURES = {
    "decision": "Decisions; detail: kind of decision",
    "clause": "Hides, deletions and blocks; detail: kind and clause of the guidelines, “hide:spam”",
    "relabelled": "Categories changed by people; detail: “was>now”",
    "reprioritised": "Priorities changed by people; detail: “up” or “down”",
    "sent": "What left on the platform; detail: kind of delivery, “private_reply” for a private message",
    "case": "Cases opened, drills left out; detail: pathway",
    "case_had": "Cases that somebody had; detail: at most so many minutes after they were opened, or “longer”",
    "case_in_time": "Cases that somebody had before the clock of the first call ran out",
    "inquiry": "Questions why a comment is hidden; detail: “proved” or “unproved”",
    "second_look": "Second looks asked for; detail: state and clause, “overturned:spam”",
    "act_review": "Deletions and blocks looked at by a colleague; detail: state and kind, “agreed:block”",
    "deaf": "Minutes in which nothing was read from the platform, and that nobody filled since",
}
"""EventHour.measure -> what is counted, and what its detail says."""

EVENT_SOURCES = ("decision", "label", "delivery", "case", "inquiry", "second_look", "act_review", "gap")
"""Each has a function `insights_facts_of_<source>` in the database."""

_SUMS = ", ".join(f"sum(f.{name})" for name in COUNTS)
_COLUMNS = ", ".join(COUNTS)
_EVENTS = " UNION ALL ".join(
    f"SELECT date_trunc('hour', f.at, 'UTC') AS hour, f.at, f.official_account_id, f.measure, f.detail, f.amount "  # noqa: S608  # nosec B608
    f"FROM insights_facts_of_{source}() f {{where}}"
    for source in EVENT_SOURCES
)

# What counts are, hour by hour, from the facts: all of them, or those of some pairs of official account and hour.
COMMENTS_FROM_FACTS = f"""
    SELECT f.hour, f.day, f.official_account_id, f.category, f.priority, false, {_SUMS}
    FROM insights_comment_facts() f {{among}}
    GROUP BY f.hour, f.day, f.official_account_id, f.category, f.priority
"""  # noqa: S608  # nosec B608
EVENTS_FROM_FACTS = f"""
    SELECT e.hour, (e.hour AT TIME ZONE 'Europe/London')::date, e.official_account_id, e.measure, e.detail, false, sum(e.amount)
    FROM ({_EVENTS}) e GROUP BY e.hour, e.official_account_id, e.measure, e.detail
"""  # noqa: S608  # nosec B608
OF_PAIRS = """
    JOIN unnest(%(accounts)s::bigint[], %(hours)s::timestamptz[]) AS p(account, hour)
      ON f.official_account_id = p.account AND f.at >= p.hour AND f.at < p.hour + interval '1 hour'
"""
OF_HOURS = """
    JOIN unnest(%(hours)s::timestamptz[]) AS p(hour) ON f.at >= p.hour AND f.at < p.hour + interval '1 hour'
      AND f.at >= %(begins)s AND f.at < %(ends)s
"""
"""`begins` and `ends` are those of the hours: they tell Postgres how little that is, which a list does not."""

COMMENT_COLUMNS = f"(hour, day, official_account_id, category, priority, gone, {_COLUMNS})"
EVENT_COLUMNS = "(hour, day, official_account_id, measure, detail, gone, amount)"

DROP_COMMENTS = """
    DELETE FROM insights_commenthour h USING unnest(%(accounts)s::bigint[], %(hours)s::timestamptz[]) AS p(account, hour)
    WHERE h.official_account_id = p.account AND h.hour = p.hour AND NOT h.gone
"""
DROP_EVENTS = "DELETE FROM insights_eventhour WHERE hour = ANY(%(hours)s::timestamptz[]) AND NOT gone"

_DAY_SUMS = ", ".join(f"sum(h.{name})" for name in COUNTS)
COMMENT_DAYS = f"""
    INSERT INTO insights_commentday (day, official_account_id, category, priority, {_COLUMNS})
    SELECT h.day, h.official_account_id, h.category, h.priority, {_DAY_SUMS}
    FROM insights_commenthour h {{among}} GROUP BY h.day, h.official_account_id, h.category, h.priority
"""  # noqa: S608  # nosec B608
COMMENT_TIMES = f"""
    INSERT INTO insights_commenttime (day, hour, official_account_id, {_COLUMNS})
    SELECT h.day, extract(hour FROM h.hour AT TIME ZONE 'Europe/London')::int, h.official_account_id, {_DAY_SUMS}
    FROM insights_commenthour h {{among}} GROUP BY 1, 2, 3
"""  # noqa: S608  # nosec B608
EVENT_DAYS = """
    INSERT INTO insights_eventday (day, official_account_id, measure, detail, amount)
    SELECT h.day, h.official_account_id, h.measure, h.detail, sum(h.amount)
    FROM insights_eventhour h {among} GROUP BY h.day, h.official_account_id, h.measure, h.detail
"""
OF_DAYS = """
    JOIN unnest(%(accounts)s::bigint[], %(days)s::date[]) AS p(account, day)
      ON h.official_account_id = p.account AND h.day = p.day
"""
DROP_COMMENT_DAYS = """
    DELETE FROM insights_commentday h USING unnest(%(accounts)s::bigint[], %(days)s::date[]) AS p(account, day)
    WHERE h.official_account_id = p.account AND h.day = p.day
"""
DROP_COMMENT_TIMES = DROP_COMMENT_DAYS.replace("insights_commentday", "insights_commenttime")
DROP_EVENT_DAYS = "DELETE FROM insights_eventday WHERE day = ANY(%(days)s::date[])"
OF_DAYS_ALONE = "WHERE h.day = ANY(%(days)s::date[])"
