"""The scheduler: what is due is woken once, by one of however many there are, broker or not."""

from __future__ import annotations

import threading
import time

import psycopg2
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

from smmp import pulse
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
    assert set(first) == {job.task for job in JOBS}
    second = scheduler.tick(101.0)
    assert set(second) == {job.task for job in JOBS if job.every_s == 1}
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
    }
    assert woken == [f"here: {name}" for name in done if name not in long]


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
