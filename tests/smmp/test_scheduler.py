"""The scheduler: what is due is woken once, by one of however many there are, broker or not."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import psycopg2
import pytest
from celery import current_app
from django.conf import settings
from django.db import OperationalError, connection

from smmp import lanes, pulse
from smmp.jobs import JOBS, Job
from smmp.scheduler import LOCK, Scheduler

BROKER = "redis+socket:///nowhere.sock"


@pytest.fixture
def woken(monkeypatch):
    """Jobs that were sent to the broker, by name; and nothing is run here."""
    sent: list[str] = []
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", BROKER)
    monkeypatch.setattr("smmp.scheduler.do_here", lambda job: sent.append(f"here: {job.task}"))
    return sent


@pytest.fixture
def schedule():
    """Makes schedulers, and takes the lead from each when the test ends."""
    made: list[Scheduler] = []

    def make(send) -> Scheduler:
        made.append(Scheduler(send=send))
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.close()


def test_every_job_names_a_task_that_exists():
    current_app.loader.import_default_modules()
    missing = [job.task for job in JOBS if job.task not in current_app.tasks]
    assert missing == []


def test_each_job_is_woken_in_its_own_period(db, woken, schedule):
    scheduler = schedule(lambda job: woken.append(job.task))
    first = scheduler.tick(100.0)
    assert set(first) == {job.task for job in JOBS if not job.lane}
    second = scheduler.tick(101.0)
    assert set(second) == {job.task for job in JOBS if job.every_s == 1 and not job.lane}
    assert woken == first + second
    assert "scheduler" in pulse.ages_s()


def test_without_a_broker_the_work_is_done_here_save_what_takes_long(db, woken, schedule):
    def broken(job):
        raise OSError("no such socket")

    scheduler = schedule(broken)
    done = scheduler.tick(100.0)
    long = {job.task for job in JOBS if job.by_workers_alone}
    assert long == {
        "moderation.triage_due",
        "moderation.triage_jobs",
        "moderation.group_surges",
        "moderation.draw_samples",
        "accounts.renew_calls",
        "accounts.search_impostors",
        "accounts.tell_lapses",
        "insights.read_moods",
        "insights.make_reports",
        "insights.pull_reach",
        "insights.refresh_figures",
    }
    stood_in_for = {job.task for jobs in lanes.stand_ins().values() for job in jobs}
    assert woken == [f"here: {name}" for name in done if name not in long | stood_in_for]


def test_a_broker_that_failed_is_left_alone_for_a_while(db, woken, schedule):
    tries = []

    def broken(job):
        tries.append(job.task)
        raise OSError("no such socket")

    scheduler = schedule(broken)
    scheduler.tick(100.0)
    scheduler.tick(101.0)
    assert len(tries) == 1


def test_a_second_scheduler_stands_by_until_the_first_is_gone(committed_db, woken, schedule):
    first = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    with first.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        assert cursor.fetchone()[0]
    second = schedule(lambda job: woken.append(job.task))
    assert second.tick(100.0) == []
    assert woken == []
    assert "scheduler standing by" in pulse.ages_s()
    first.close()
    deadline = time.monotonic() + 30
    while not (taken_over := second.tick(101.0)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert taken_over != []


def test_a_period_is_claimed_by_exactly_one_of_many(committed_db):
    answers: list[bool] = []

    def claim():
        answers.append(pulse.claim_period("daily", 86_400))
        connection.close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]


def test_a_job_that_fails_stops_no_other(db, monkeypatch, caplog):
    from smmp.scheduler import do_here

    @current_app.task(name="tests.breaks")
    def breaks():
        raise RuntimeError("a sentence with somebody’s words in it")

    do_here(Job("tests.breaks", 1))
    assert "tests.breaks failed" in caplog.text


def test_a_call_waits_for_no_broker_no_worker_and_no_other_lane(db, woken, schedule, monkeypatch):
    assert lanes.lanes() == {
        "desk": [by_name("escalation.open_cases"), by_name("escalation.raise_alerts")],
        "calls": [by_name("escalation.pass_on"), by_name("escalation.climb")],
        "pages": [by_name("notices.send_pages")],
    }
    schedule(lambda job: woken.append(job.task)).tick(100.0)
    assert not set(woken) & {job.task for jobs in lanes.lanes().values() for job in jobs}


def test_a_lane_goes_on_after_a_fault_and_stands_still_while_another_scheduler_leads(db, monkeypatch, caplog):
    done: list[str] = []

    def work(job):
        done.append(job.task)
        if job.task == "escalation.pass_on":
            raise OperationalError("the database went away")

    monkeypatch.setattr(lanes, "do_here", work)
    monkeypatch.setattr(lanes, "connection", SimpleNamespace(close=lambda: done.append("connects anew")))
    jobs = lanes.lanes()["calls"]
    for leading in (False, True):
        rounds = iter([False, False, True])
        lanes._rounds(
            "lane calls",
            jobs,
            over=lambda rounds=rounds: next(rounds),
            wanted=lambda leading=leading: leading,
            rest=lambda _: None,
        )
        assert (pulse.ages_s().keys() == {"lane calls"}) is leading
    assert done == ["escalation.pass_on", "connects anew", "escalation.climb"] * 2
    assert "The database was away for the job escalation.pass_on" in caplog.text


def test_a_scheduler_that_runs_works_its_lanes_until_it_is_told_to_stop(monkeypatch):
    """What keeps the scheduler itself busy, such as polling without a broker, holds up no lane."""
    rounds = {f"lane {name}": threading.Event() for name in lanes.lanes()}
    rounds |= {f"stand-in {name}": threading.Event() for name in lanes.stand_ins()}
    monkeypatch.setattr(lanes, "turn", lambda name, jobs: rounds[name].set())
    monkeypatch.setattr(Scheduler, "tick", lambda self, at_s: self._busy())
    busy = Scheduler()
    over = threading.Event()

    def work() -> None:
        busy._leading = busy._alone = True
        assert all(event.wait(30) for event in rounds.values())
        over.set()

    monkeypatch.setattr(busy, "_busy", work, raising=False)
    busy.run(stop=over.is_set, rest=lambda _: time.sleep(0.01))
    assert over.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("lane ", "stand-in "))]


def test_what_waits_for_platforms_has_a_stand_in_each_only_while_the_broker_is_away(db, woken, schedule):
    assert {name: [job.task for job in jobs] for name, jobs in lanes.stand_ins().items()} == {
        "listening": ["moderation.poll_due"],
        "sweeping": ["moderation.sweep_due"],
        "fetching": ["moderation.fetch_attachments"],
        "sending": ["publishing.send_due"],
        "settling": ["publishing.settle", "publishing.verify_take_downs"],
    }
    away = True

    def send(job):
        if away:
            raise OSError("no such socket")

    scheduler = schedule(send)
    scheduler.tick(100.0)
    assert scheduler._alone
    away, scheduler._broker_back_at = False, 0.0
    scheduler.tick(101.0)
    assert not scheduler._alone


def test_without_a_broker_in_the_settings_the_stand_ins_work_from_the_start(db, monkeypatch, schedule):
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", "")
    assert schedule(lambda job: None)._alone


def by_name(task: str) -> Job:
    return next(job for job in JOBS if job.task == task)
