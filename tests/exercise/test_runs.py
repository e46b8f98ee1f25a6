"""Playing scenarios: started, moved on second by second, stopped, and marked afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction

from audit.models import Entry
from core import clock
from core.actors import System
from core.commands import CommandRefused
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from exercise import actions, marking, queries, scenarios, tasks
from exercise.actions.runs import FASTEST, AlreadyPlaying
from exercise.models import Line, Message, Profile, Run

TRAINER = System("trainer")


@pytest.fixture
def market_street():
    return scenarios.named("market-street")


@pytest.fixture
def small(wealdshire):
    """Two comments and one edit within four minutes."""
    from tests.exercise.test_scenarios import WHOLE

    return scenarios.parse(WHOLE, source="fair.yaml")


def written() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def test_lines_are_said_when_they_fall_due_and_not_before(sergeant_okafor, small):
    with time_machine.travel("2031-03-08 10:00:00+00:00", tick=False) as frozen:
        run = actions.start_run(actor=sergeant_okafor, scenario=small, speed=10)
        assert tasks.advance() == 1
        assert written() == ["The fair opens at ten."]
        frozen.shift(5.9)
        assert tasks.advance() == 0
        frozen.shift(0.1)
        assert tasks.advance() == 1
        question = Message.objects.get(text="Until when?")
        assert question.parent.author.handle == "wealdshire-police"
        assert question.created_at == clock.now()
        frozen.shift(6)
        tasks.advance()
        private = Message.objects.get(private_to__isnull=False)
        frozen.shift(6)
        tasks.advance()
        private.refresh_from_db()
        assert private.text == "Please do not ring me."
        assert private.edited_at == clock.now()
        frozen.shift(6)
        tasks.advance()
        private.refresh_from_db()
        assert private.deleted_at is not None
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED
    events = list(Entry.objects.filter(event__startswith="exercise.").values_list("event", flat=True))
    for event in ("exercise.started", "exercise.played", "exercise.finished"):
        assert event in events
    assert tasks.advance() == 0


def test_lines_missed_while_nobody_played_them_keep_the_time_at_which_they_were_due(sergeant_okafor, small):
    with time_machine.travel("2031-03-08 10:00:00+00:00", tick=False) as frozen:
        actions.start_run(actor=sergeant_okafor, scenario=small)
        frozen.shift(600)
        assert tasks.advance() == 5
        question = Message.objects.get(text="Until when?")
        assert clock.now() - question.created_at == timedelta(minutes=9)


def test_405_comments_at_the_greatest_speed_are_one_pass(sergeant_okafor, market_street):
    with time_machine.travel("2031-03-08 10:00:00+00:00", tick=False) as frozen:
        run = actions.start_run(actor=sergeant_okafor, scenario=market_street, speed=FASTEST)
        frozen.shift(1)
        assert tasks.advance() == run.lines.count()
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED
    assert Message.objects.count() == len(market_street.comments) + len(market_street.posts)
    order = list(
        Line.objects.filter(run=run, act__in=["post", "comment"]).values_list("message_id", flat=True)
    )
    assert order == sorted(order)
    numbers = list(Message.objects.values_list("changed_seq", flat=True))
    assert len(set(numbers)) == len(numbers)
    official = Profile.objects.get(handle="wealdshire-police")
    assert len(queries.inbox(official, since=0, limit=1000)) > 300


def test_a_scenario_plays_once_at_a_time(sergeant_okafor, small):
    run = actions.start_run(actor=sergeant_okafor, scenario=small)
    with pytest.raises(AlreadyPlaying, match="since"):
        actions.start_run(actor=sergeant_okafor, scenario=small)
    actions.stop_run(actor=sergeant_okafor, run=run)
    assert actions.start_run(actor=sergeant_okafor, scenario=small).pk != run.pk


def test_a_stopped_run_says_no_more_and_cannot_be_stopped_again(sergeant_okafor, small):
    run = actions.start_run(actor=sergeant_okafor, scenario=small, speed=FASTEST)
    actions.stop_run(actor=sergeant_okafor, run=run)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert tasks.advance() == 0
    with pytest.raises(TransitionNotAllowed):
        actions.stop_run(actor=sergeant_okafor, run=run)
    assert Entry.objects.filter(event="exercise.stopped", actor_id=sergeant_okafor.pk).count() == 1


def test_only_trainers_run_exercises(amira_hussain, sergeant_okafor, small):
    with pytest.raises(NotPermitted):
        actions.start_run(actor=amira_hussain, scenario=small)
    run = actions.start_run(actor=sergeant_okafor, scenario=small)
    official = Profile.objects.get(handle="wealdshire-police")
    for attempt in (
        lambda: actions.stop_run(actor=amira_hussain, run=run),
        lambda: actions.set_weather(actor=amira_hussain, profile=official, weather="lost"),
        lambda: actions.write_as_public(actor=amira_hussain, handle="jo", name="Jo", text="Hello"),
        lambda: actions.open_profile(actor=amira_hussain, handle="new-police", name="New"),
        lambda: queries.runs(amira_hussain),
        lambda: marking.mark(amira_hussain, run),
    ):
        with pytest.raises(NotPermitted):
            attempt()


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), FASTEST * 2])
def test_a_speed_that_makes_no_sense_is_refused(sergeant_okafor, small, speed):
    with pytest.raises(NotValid, match="speed"):
        actions.start_run(actor=sergeant_okafor, scenario=small, speed=speed)
    assert not Run.objects.exists()


def test_a_scenario_without_its_profiles_is_refused(db, market_street):
    with pytest.raises(NotValid, match="@harrowfield-police"):
        actions.start_run(actor=TRAINER, scenario=market_street)


def test_a_line_that_can_no_longer_be_said_is_passed_over(sergeant_okafor, small):
    with time_machine.travel("2031-03-08 10:00:00+00:00", tick=False) as frozen:
        run = actions.start_run(actor=sergeant_okafor, scenario=small)
        tasks.advance()
        post = Message.objects.get()
        actions.delete(actor=TRAINER, message=post, by=post.author)
        frozen.shift(60)
        assert tasks.advance() == 1
    assert not Message.objects.filter(text="Until when?").exists()
    assert run.lines.get(key="c1").played_at is not None


def test_a_pass_that_dies_leaves_everything_to_the_next(sergeant_okafor, small, monkeypatch):
    actions.start_run(actor=sergeant_okafor, scenario=small, speed=FASTEST)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        with monkeypatch.context() as broken:
            broken.setattr("exercise.actions.messages.edit", lambda **_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                tasks.advance()
        assert written() == []
        assert tasks.advance() == 5
    assert len(written()) == 3


def test_two_passes_at_once_say_everything_once(committed_db):
    from tests.exercise.test_scenarios import WHOLE

    actions.open_profile(actor=TRAINER, handle="wealdshire-police", name="Wealdshire Police")
    scenario = scenarios.parse(WHOLE, source="fair.yaml")
    actions.start_run(actor=TRAINER, scenario=scenario, speed=FASTEST)
    gate = threading.Barrier(3)
    played = []

    def advance():
        gate.wait()
        try:
            played.append(actions.advance_runs())
        finally:
            connection.close()

    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        threads = [threading.Thread(target=advance) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        played.append(actions.advance_runs())
    assert sum(played) == 5
    assert sorted(written()) == ["Please do not ring me.", "The fair opens at ten.", "Until when?"]


def test_a_poll_never_passes_over_a_change_that_commits_late(committed_db):
    """A writer that holds its turn keeps later writers from becoming visible before it."""
    official, _ = actions.open_profile(actor=TRAINER, handle="wealdshire-police", name="Wealdshire Police")
    holding, let_go = threading.Event(), threading.Event()

    def slow_writer():
        try:
            with transaction.atomic():
                actions.write_as_public(
                    actor=TRAINER, handle="slow", name="Slow", text="First", private_to=official
                )
                holding.set()
                let_go.wait(10)
        finally:
            connection.close()

    def quick_writer():
        try:
            actions.write_as_public(
                actor=TRAINER, handle="quick", name="Quick", text="Second", private_to=official
            )
        finally:
            connection.close()

    slow, quick = threading.Thread(target=slow_writer), threading.Thread(target=quick_writer)
    slow.start()
    assert holding.wait(10)
    quick.start()
    quick.join(0.3)
    assert queries.inbox(official, since=0) == []
    let_go.set()
    slow.join(10)
    quick.join(10)
    assert [message.text for message in queries.inbox(official, since=0)] == ["First", "Second"]


# Marking


def test_the_network_tells_what_was_hidden_and_answered(sergeant_okafor, market_street):
    with time_machine.travel("2031-03-08 10:00:00+00:00", tick=False) as frozen:
        run = actions.start_run(actor=sergeant_okafor, scenario=market_street, speed=FASTEST)
        frozen.shift(1)
        tasks.advance()
        official = Profile.objects.get(handle="wealdshire-police")
        lines = run.lines.filter(act="comment", message__root__author=official)
        to_hide = lines.exclude(hide_expected="").first()
        harmless = lines.filter(hide_expected="").first()
        question = lines.filter(true_category="question").last()
        frozen.shift(90)
        for line in (to_hide, harmless):
            actions.hide(actor=TRAINER, profile=official, message=line.message)
        actions.publish(actor=TRAINER, profile=official, key="a", text="Yes.", reply_to=question.message_id)
        found = marking.mark(sergeant_okafor, run)
    hidden = {m.line: m.hidden_after for m in found if m.hidden_after is not None}
    assert hidden.keys() == {to_hide, harmless}
    assert all(89 < after.total_seconds() < 92 for after in hidden.values())
    assert [m.line for m in found if m.answered_after is not None] == [question]
    assert sum(1 for m in found if m.line.true_risk == "immediate") == 2


# The command


def run_command(capsys, *words: str) -> str:
    call_command("exercise", *words)
    return capsys.readouterr().out


def test_the_command_lists_plays_and_stops(wealdshire, capsys):
    assert "405 comments" in run_command(capsys, "list")
    assert "plays since" in run_command(capsys, "play", "market-street", "--speed", "60")
    assert "playing now" in run_command(capsys, "list")
    assert '"playing": true' in run_command(capsys, "list", "--json")
    assert "has stopped" in run_command(capsys, "stop", "market-street")


def test_the_command_opens_a_profile_and_shows_its_token_once(db, capsys):
    run_command(capsys, "profile", "new-police", "New Police")
    with pytest.raises(CommandRefused, match="taken"):
        call_command("exercise", "profile", "new-police", "New Police")


def test_the_command_checks_a_file(capsys, tmp_path):
    good, bad = scenarios.FOLDER / "market-street.yaml", tmp_path / "bad.yaml"
    bad.write_text("name: x")
    assert "can be played" in run_command(capsys, "check", str(good))
    with pytest.raises(CommandRefused, match=r"bad.yaml, line 1") as refusal:
        call_command("exercise", "check", str(bad))
    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ("play", "no-such"),
        ("play", "market-street", "--speed", "quick"),
        ("play", "market-street", "--speed", "0"),
        ("play", "market-street", "--speed", "nan"),
        ("stop", "market-street"),
        ("stop", "no-such"),
        ("check", "no-such.yaml"),
        ("profile", "No Such", "x"),
    ],
)
def test_the_command_refuses_bad_input_with_a_sentence_and_status_2(wealdshire, words):
    with pytest.raises(CommandRefused) as refusal:
        call_command("exercise", *words)
    assert refusal.value.returncode == 2
    assert str(refusal.value).endswith(".")
