"""What the scheduler wakes, how often. Each task reads from Postgres what is due; none needs arguments.

A task is safe to run twice and beside itself: it takes what it works on by conditional update
or skip-locked, so a late message or a second scheduler changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A task by its registered name, and its period in seconds."""

    task: str
    every_s: int
    by_workers_alone: bool = False
    """Too long for the scheduler to do itself while the broker is away: polling must not wait for it."""
    lane: str = ""
    """The thread of the scheduler that does it, each second, because a life may depend on it (smmp.lanes)."""
    stand_in: str = ""
    """The thread of the scheduler that does it while the broker is away, so that it and the others do not wait
    for each other; else a worker's, like any other."""

    @property
    def once_per_period(self) -> bool:
        """Whether the period is claimed by a unique row. Shorter ones run under the scheduler's lock alone."""
        return self.every_s >= 600


JOBS = [
    Job("escalation.open_cases", 1, lane="desk"),
    Job("escalation.raise_alerts", 1, lane="desk"),
    Job("escalation.pass_on", 1, lane="calls"),
    Job("escalation.climb", 1, lane="calls"),
    Job("notices.send_pages", 1, lane="pages"),
    Job("exercise.advance", 1),
    Job("moderation.poll_due", 1, stand_in="listening"),
    Job("moderation.note_outcomes", 1),
    Job("moderation.triage_due", 1, by_workers_alone=True),
    Job("moderation.triage_jobs", 5, by_workers_alone=True),
    Job("moderation.sweep_due", 30, stand_in="sweeping"),
    Job("moderation.fetch_attachments", 2, stand_in="fetching"),
    Job("moderation.watch_sources", 15),
    Job("moderation.watch_platforms", 15),
    Job("moderation.look_for_paper", 600),
    Job("moderation.release_claims", 5),
    Job("moderation.pass_up_skipped", 60),
    Job("moderation.guidelines_due", 2),
    Job("moderation.prove_handles", 10),
    Job("moderation.gather_tips", 2),
    Job("moderation.look_at_questions", 2),
    Job("moderation.end_blocks", 10),
    Job("moderation.remind_act_reviews", 600),
    Job("moderation.remind_second_looks", 600),
    Job("moderation.answer_unread", 5),
    Job("moderation.sweep_look_ups", 86_400),
    Job("moderation.watch_surges", 60),
    Job("moderation.draw_samples", 3600, by_workers_alone=True),
    Job("moderation.sweep_exposures", 86_400),
    Job("moderation.group_surges", 5, by_workers_alone=True),
    Job("publishing.send_due", 1, stand_in="sending"),
    Job("publishing.settle", 2, stand_in="settling"),
    Job("publishing.tell_lockdowns", 1),
    Job("publishing.chase_looks", 15),
    Job("publishing.carry_on_appeals", 2),
    Job("publishing.verify_take_downs", 2, stand_in="settling"),
    Job("publishing.tell_take_downs", 600),
    Job("escalation.open_for_appeals", 2),
    Job("escalation.open_for_requests", 10),
    Job("publishing.mind_campaigns", 60),
    Job("escalation.chase", 5),
    Job("escalation.tell_gaps", 600),
    Job("escalation.sweep_alerts", 3600),
    Job("notices.send_due", 1),
    Job("notices.check_arrivals", 5),
    Job("insights.watch_trail", 15),
    Job("insights.remind_of_scorecard", 3600),
    Job("insights.make_reports", 60, by_workers_alone=True),
    Job("insights.refresh_figures", 60, by_workers_alone=True),
    Job("insights.pull_reach", 60, by_workers_alone=True),
    Job("insights.gather_rumours", 60),
    Job("insights.let_go_of_comments", 3600),
    Job("insights.count_areas", 600),
    Job("insights.read_moods", 3600, by_workers_alone=True),
    Job("audit.stream", 5),
    Job("audit.sweep_manifests", 86_400),
    Job("staff.carry_out_departures", 1),
    Job("accounts.rehome", 3),
    Job("publishing.rehome", 3),
    Job("moderation.rehome", 3),
    Job("escalation.rehome", 3),
    Job("accounts.expire_grants", 10),
    Job("accounts.project_grants", 600),
    Job("accounts.review_access", 600),
    Job("accounts.remind_continuity", 600),
    Job("accounts.renew_credentials", 30),
    Job("accounts.renew_calls", 86_400, by_workers_alone=True),
    Job("accounts.sweep_attempts", 3600),
    Job("accounts.sweep_answers", 3600),
    Job("accounts.empty_lists", 3600),
    Job("accounts.search_impostors", 600, by_workers_alone=True),
    Job("accounts.note_register", 5),
    Job("accounts.tell_programs", 2),
    Job("smmp.empty_imports", 3600),
    Job("accounts.tell_lapses", 3600, by_workers_alone=True),
    Job("smmp.worker_beat", 5),
    Job("staff.send_letters", 2),
    Job("staff.seal_conduct_requests", 3600),
    Job("staff.note_refusals", 30),
    Job("staff.sweep_throttles", 3600),
    Job("staff.sweep_sessions", 86_400),
    Job("retention.run_daily", 600),
    Job("retention.mind_requests", 600),
    Job("retention.ensure_months", 86_400),
    Job("retention.drop_months", 86_400),
    Job("smmp.watch_seal", 15),
    Job("smmp.sweep_periods", 3600),
]
