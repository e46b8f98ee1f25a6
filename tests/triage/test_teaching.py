"""Teaching triage: examples, versions made and tried, switched live and back; what the model adds to comments."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from moderation import queries_triage as queries
from moderation import teaching
from moderation.actions import desk
from moderation.actions import triage as actions
from moderation.actions.arrivals import apply
from moderation.categories import Category
from moderation.models import Comment, Exemplar, Label, TriageJob, TriageSwitch, TriageVersion
from moderation.triage import exemplars as files
from moderation.triage import judge
from moderation.triage import model as models
from moderation.triage.blend import Triage
from tests.moderation.comments import a_comment

QUIET_DESPAIR = "There is nothing in me any more and I long for it all to be dark and silent"
Kind = TriageVersion.Kind


def kept(model, lessons, *, live=False, name=None):
    version = TriageVersion.objects.create(
        **{**teaching.made_from(model, lessons), **({"name": name} if name else {})},
        kind=Kind.EXEMPLARS,
        made_by_name="test",
        made_at=clock.now(),
        live=live,
    )
    return version


@pytest.fixture(autouse=True)
def few(lessons, monkeypatch):
    """What ships is as little as the tests' own model is made from; and no working file is written."""
    monkeypatch.setattr(files, "ordinary", lambda: lessons.ordinary)
    monkeypatch.setattr(files, "neutral", tuple)
    monkeypatch.setattr(files, "hateful", tuple)


@pytest.fixture
def ships_few(lessons, monkeypatch):
    monkeypatch.setattr(files, "shipped", lambda: list(lessons.exemplars))


@pytest.fixture
def comment(force_account):
    return a_comment(force_account)


@pytest.fixture
def live(force_account, model, lessons):
    teaching._model.cache_clear()
    return kept(model, lessons, live=True)


def arrived(account, text, **given):
    """A comment as ingest leaves it: judged by the rules, due for the model."""
    comment = a_comment(account, text, **given)
    comment.priority, comment.category = 5, Category.NONE
    Comment.objects.filter(pk=comment.pk).update(priority=5)
    verdict = judge(text)
    comment.priority = verdict.priority
    apply(comment, verdict, clock.now())
    comment.save()
    return comment


# Examples


def test_the_desk_adds_an_example_withdraws_it_and_puts_it_back(amira_hussain, comment):
    added = actions.add_exemplar(
        actor=amira_hussain,
        category="suicide_self_harm",
        text="  the river is  calling me ",
        from_comment=comment,
    )
    assert (added.text, added.from_comment_id) == ("the river is calling me", comment.pk)
    again = actions.add_exemplar(
        actor=amira_hussain, category="suicide_self_harm", text="the river is calling me"
    )
    assert again.pk == added.pk
    actions.withdraw_exemplar(actor=amira_hussain, exemplar=added)
    actions.withdraw_exemplar(actor=amira_hussain, exemplar=added)
    assert list(queries.exemplars(amira_hussain, "suicide_self_harm")) == []
    assert queries.exemplars(amira_hussain, "suicide_self_harm", withdrawn=True).get() == added
    actions.restore_exemplar(actor=amira_hussain, exemplar=added)
    assert queries.exemplars(amira_hussain, "suicide_self_harm").get().added_by == amira_hussain
    events = list(
        Entry.objects.filter(event__startswith="triage.").order_by("id").values_list("event", flat=True)
    )
    assert events == ["triage.exemplar_added", "triage.exemplar_withdrawn", "triage.exemplar_restored"]


def test_examples_are_refused_with_a_sentence(amira_hussain, joan_pritchard):
    add = actions.add_exemplar
    with pytest.raises(NotPermitted):
        add(actor=joan_pritchard, category="spam", text="buy now")
    for given in ({"text": " "}, {"text": "a" * 601}, {"category": "nonsense"}):
        with pytest.raises(NotValid):
            add(**{"actor": amira_hussain, "category": "spam", "text": "buy now", **given})
    first = add(actor=amira_hussain, category="spam", text="buy now")
    with pytest.raises(NotValid, match="an example of this category already"):
        add(actor=amira_hussain, category="spam", text="buy now", counter=True)
    actions.withdraw_exemplar(actor=amira_hussain, exemplar=first)
    add(actor=amira_hussain, category="spam", text="buy now")
    with pytest.raises(TransitionNotAllowed):
        actions.restore_exemplar(actor=amira_hussain, exemplar=first)
    with pytest.raises(NotFound):
        queries.categories(joan_pritchard)


def test_what_ships_becomes_live_by_itself_and_what_people_chose_is_left_alone(
    sergeant_okafor, force_account, ships_few, model, lessons, tmp_path, settings
):
    settings.VAR_DIR = tmp_path
    teaching._shipped_digest.cache_clear()
    assert teaching.work_job() == 0
    shipped = queries.live_version()
    assert shipped.kind == Kind.SHIPPED
    assert list(tmp_path.glob("triage/*.npz"))
    TriageVersion.objects.filter(pk=shipped.pk).update(digest="of an earlier release", name="model-earlier")
    assert teaching.work_job() == 0
    assert queries.live_version().pk != shipped.pk
    own = kept(model, lessons, name="model-own")
    actions.switch_version(actor=sergeant_okafor, version=own, why="Ours")
    assert teaching.work_job() == 0
    assert queries.live_version() == own
    teaching._shipped_digest.cache_clear()


def test_a_version_of_an_earlier_release_gives_way_to_what_ships_and_is_not_switched_to(
    sergeant_okafor, force_account, ships_few, model, lessons, tmp_path, settings, monkeypatch
):
    settings.VAR_DIR = tmp_path
    teaching._shipped_digest.cache_clear()
    with monkeypatch.context() as earlier:
        earlier.setattr(models, "FORMAT", models.FORMAT - 1)
        own = kept(model, lessons, live=True, name="model-own")
    assert "another release" in teaching.triage_of(own).why_not
    assert teaching.work_job() == 0
    shipped = queries.live_version()
    assert shipped.kind == Kind.SHIPPED
    assert teaching.triage_of(shipped).why_not == ""
    assert "model-own is of an earlier release" in TriageSwitch.objects.get().why
    with pytest.raises(NotValid, match="Make a version anew"):
        actions.switch_version(actor=sergeant_okafor, version=own, why="Back")
    assert queries.live_version() == shipped
    teaching._shipped_digest.cache_clear()


def test_labels_and_examples_of_the_desk_are_told_apart_from_what_ships(amira_hussain, force_account):
    actions.seed_exemplars(actor=teaching.TRIAGE)
    actions.add_exemplar(actor=amira_hussain, category="spam", text="buy my lamp")
    comments = [arrived(force_account, f"{QUIET_DESPAIR} {number}") for number in range(4)]
    for comment in comments:
        desk.retriage(actor=amira_hussain, comment=comment, revision_number=1, category="none", priority=5)
    found = queries.taught(off=[], learn=True, own_ordinary=False)
    by_people = [one for one in found.lessons.exemplars if one.taught]
    assert {one.text for one in by_people} - {comment.text for comment in comments} == {"buy my lamp"}
    assert len(by_people) == 1 + found.labels
    assert {one.category for one in by_people} == {"spam", "none"}


def test_what_ships_is_seeded_once_and_what_was_withdrawn_stays_so(amira_hussain):
    assert actions.seed_exemplars(actor=teaching.TRIAGE) > 1_500
    one = Exemplar.objects.filter(category="spam").first()
    actions.withdraw_exemplar(actor=amira_hussain, exemplar=one)
    assert actions.seed_exemplars(actor=teaching.TRIAGE) == 0
    assert not Exemplar.objects.filter(text=one.text, category="spam", withdrawn_at=None).exists()
    counted = {row["slug"]: row for row in queries.categories(amira_hussain)}
    assert counted["suicide_self_harm"]["exemplars"] >= 25
    assert counted["suicide_self_harm"]["counters"] >= 10


# What the model adds


def test_the_model_raises_what_the_rules_missed_and_says_which_version_spoke(force_account, live):
    missed = arrived(force_account, QUIET_DESPAIR)
    plain = arrived(force_account, "What time does the park close")
    assert missed.priority > 2
    was = {one.pk: one.priority for one in (missed, plain)}
    assert teaching.read_due() == 2
    assert teaching.read_due() == 0
    for comment in (missed, plain):
        comment.refresh_from_db()
        assert comment.triage_version == live.name
        assert comment.model_due_at is None
        assert comment.priority <= was[comment.pk]
    assert missed.category == Category.SUICIDE_SELF_HARM
    assert missed.risk > 0.5 > plain.risk
    assert missed.answer_by is not None
    assert "because it is like" in missed.findings[0]["sentence"]
    entry = Entry.objects.get(event="comment.triaged")
    assert set(entry.shown_ids) == {missed.pk, plain.pk}


def test_the_model_leaves_what_a_person_did_meanwhile(force_account, live, amira_hussain):
    changed, sorted_by_hand, decided = (arrived(force_account, QUIET_DESPAIR) for _ in range(3))
    taken = actions.take_comments(actor=teaching.TRIAGE, limit=10)
    assert actions.take_comments(actor=teaching.TRIAGE, limit=10) == []
    Comment.objects.filter(pk=changed.pk).update(revision_number=2)
    desk.retriage(
        actor=amira_hussain, comment=sorted_by_hand, revision_number=1, category="question", priority=4
    )
    Comment.objects.filter(pk=decided.pk).update(state=Comment.State.DECIDED)
    said = teaching.judged(teaching.triage_of(live), taken)
    assert actions.note_scores(actor=teaching.TRIAGE, read=taken, suggestions=said) == []
    sorted_by_hand.refresh_from_db()
    assert (sorted_by_hand.category, sorted_by_hand.priority) == ("question", 4)


def test_a_worker_that_dies_leaves_its_comments_to_the_next(force_account, live, monkeypatch):
    arrived(force_account, QUIET_DESPAIR)
    actions.take_comments(actor=teaching.TRIAGE, limit=10)
    assert teaching.read_due() == 0
    later = clock.now() + actions.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert queries.state().sentence.startswith("The model has not read what came since")
    assert teaching.read_due() == 1
    assert queries.state().sentence == ""


def test_without_a_model_the_rules_stand_and_the_pages_are_told(force_account):
    comment = arrived(force_account, "I am going to kill myself")
    assert teaching.read_due() == 0
    comment.refresh_from_db()
    assert comment.priority == 1
    assert "The rules sort comments alone" in queries.state().sentence


def test_a_model_that_fails_writes_nothing(force_account, live, monkeypatch):
    comment = arrived(force_account, QUIET_DESPAIR)

    def alone(self, texts, **given):
        return Triage(why_not="It broke.").follow_up(texts, [judge(text) for text in texts])

    monkeypatch.setattr(Triage, "judge", alone)
    assert teaching.read_due() == 0
    comment.refresh_from_db()
    assert comment.model_due_at is not None


# Versions


def test_a_correction_is_a_label(amira_hussain, comment):
    desk.retriage(
        actor=amira_hussain, comment=comment, revision_number=1, category="missing_person", priority=2
    )
    label = Label.objects.get()
    assert (label.comment_id, label.category, label.priority) == (comment.pk, "missing_person", 2)
    assert label.was_category != "missing_person"
    assert [one.category for one in queries.labelled()] == ["missing_person"]


def test_a_version_is_made_tried_and_switched_live_and_back(
    amira_hussain, sergeant_okafor, force_account, live, lessons
):
    odd = "the pigeons on Mill Street have been taught to read by somebody"
    comment = arrived(force_account, odd)
    for one in lessons.exemplars:
        actions.add_exemplar(actor=amira_hussain, category=one.category, text=one.text, counter=one.counter)
    actions.add_exemplar(actor=amira_hussain, category="suicide_self_harm", text=odd)
    job = actions.ask_version(actor=amira_hussain, kind=Kind.EXEMPLARS)
    assert actions.ask_version(actor=amira_hussain, kind=Kind.EXEMPLARS).pk == job.pk
    assert teaching.work_job() == 1
    job = queries.job(amira_hussain, job.pk)
    assert (job.state, job.progress) == (TriageJob.State.DONE, 100)
    assert job.report["comments"] == 1
    assert job.report["examples"][0]["comment"] == comment.pk
    assert queries.live_version() == live
    with pytest.raises(NotPermitted):
        actions.switch_version(actor=amira_hussain, version=job.version, why="Better")
    with pytest.raises(NotValid):
        actions.switch_version(actor=sergeant_okafor, version=job.version, why=" ")
    actions.switch_version(actor=sergeant_okafor, version=job.version, why="It knows the pigeons")
    assert queries.live_version() == job.version
    assert actions.switch_version(actor=sergeant_okafor, version=job.version, why="Again") is None
    assert teaching.read_due() == 1
    comment.refresh_from_db()
    assert (comment.triage_version, comment.category) == (job.version.name, "suicide_self_harm")
    actions.switch_version(actor=sergeant_okafor, version=live, why="Back again")
    assert queries.live_version() == live
    assert [one.version_id for one in TriageSwitch.objects.all()] == [live.pk, job.version_id]
    assert Entry.objects.filter(event="triage.switched").count() == 2


def test_only_one_version_is_live_by_constraint(live, model, lessons):
    other = kept(model, lessons, name="model-other")
    with pytest.raises(IntegrityError), transaction.atomic():
        TriageVersion.objects.filter(pk=other.pk).update(live=True)


def test_a_version_that_cannot_be_made_says_why(sergeant_okafor, live, monkeypatch):
    monkeypatch.setattr(files, "shipped", list)
    job = actions.ask_version(actor=sergeant_okafor, kind=Kind.CALIBRATED)
    assert teaching.work_job() == 1
    job.refresh_from_db()
    assert job.state == TriageJob.State.FAILED
    assert "at least 20 exemplars" in job.fault
    with pytest.raises(NotValid):
        actions.ask_version(actor=sergeant_okafor, kind="shipped")
    with pytest.raises(NotValid):
        actions.ask_version(actor=sergeant_okafor, kind=Kind.LEARNED, off=["nonsense"])


def test_learning_holds_a_share_back_and_shows_before_and_after(
    amira_hussain, force_account, live, ships_few
):
    said = [f"{QUIET_DESPAIR}, {word}" for word in ("again", "alone", "always", "honestly", "still")]
    for text in said:
        desk.retriage(
            actor=amira_hussain,
            comment=arrived(force_account, text),
            revision_number=1,
            category="suicide_self_harm",
            priority=1,
        )
    desk.retriage(
        actor=amira_hussain,
        comment=arrived(force_account, "the gay men's choir sang in the square"),
        revision_number=1,
        category="none",
        priority=5,
    )
    out = io.StringIO()
    call_command("triage", "learn", "--days", "7", stdout=out)
    assert "not live yet" in out.getvalue()
    version = TriageVersion.objects.get(kind=Kind.LEARNED)
    assert version.report["held_back"] + version.labels == 6
    assert version.report["held_back"] >= 1
    assert set(version.report) >= {"categories", "groups", "comments", "examples", "ordinary_high"}
    assert queries.live_version() == live


def test_a_force_calibrates_on_comments_that_nobody_found_anything_in(amira_hussain, comment):
    Comment.objects.filter(pk=comment.pk).update(priority=4)
    comment.refresh_from_db()
    desk.no_action(actor=amira_hussain, comment=comment, revision_number=1)
    assert queries.own_ordinary_comments() == [comment.text]


def test_two_workers_read_each_comment_once(committed_db, force_account, live):
    for number in range(30):
        arrived(force_account, f"{QUIET_DESPAIR} {number}")
    counts = []

    def work():
        counts.append(teaching.read_due())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 30
    assert not Comment.objects.filter(model_due_at__isnull=False).exists()


@pytest.mark.parametrize("work", ["read_due", "work_job"])
def test_a_second_thread_does_not_wait_while_one_makes_the_encoder_ready(monkeypatch, work):
    """A task comes each second: if each waited, none of the worker's threads would be left to listen and to send."""
    begun, go_on, done = threading.Event(), threading.Event(), []

    def slow() -> int:
        begun.set()
        assert go_on.wait(30)
        return 1

    monkeypatch.setattr(teaching, f"_{work}", slow)
    first = threading.Thread(target=lambda: done.append(getattr(teaching, work)()))
    first.start()
    try:
        assert begun.wait(30)
        assert getattr(teaching, work)() == 0
    finally:
        go_on.set()
        first.join(30)
    assert done == [1]
    assert getattr(teaching, work)() == 1
