"""The surveillance guard: look-ups of one member of the public are counted, and at a threshold a purpose comes first."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.actions import console
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid
from escalation import tasks as escalation
from moderation import guard
from moderation.actions import desk
from moderation.actions import guard as actions
from moderation.models import Comment, GuardRule, LookUp, Purpose
from notices.models import Notice
from tests import comments

PURPOSE = "Incident 412 of today, threats against a councillor"


def look(person, commenter, times: int = 1, via: str = "history"):
    return [actions.look_up(actor=person, commenter=commenter, shown_ids=[], via=via) for _ in range(times)]


@pytest.fixture
def jordan(force_account):
    return comments.write(force_account).commenter


@pytest.fixture(autouse=True)
def each_look_counts(monkeypatch):
    monkeypatch.setattr(actions, "SAME_LOOK", timedelta(0))


# Counting


def test_a_reload_or_an_older_page_is_the_same_look(amira_hussain, tom_beckett, jordan, monkeypatch):
    monkeypatch.setattr(actions, "SAME_LOOK", timedelta(minutes=15))
    began = clock.now()
    assert [look(amira_hussain, jordan)[0] for _ in range(3)] == [True, False, False]
    assert look(tom_beckett, jordan) == [True]
    for minutes, counts in ((14, False), (16, True), (32, True), (40, False)):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            assert look(amira_hussain, jordan) == [counts]
    with time_machine.travel(began + timedelta(minutes=50), tick=False):
        with pytest.raises(actions.PurposeNeeded):
            look(amira_hussain, jordan)


def test_looks_are_counted_per_person_and_across_the_force(amira_hussain, tom_beckett, jordan):
    assert look(amira_hussain, jordan, 2) == [True, True]
    look(tom_beckett, jordan, 1, via="search")
    counts = guard.counts(amira_hussain, jordan)
    assert (counts.own, counts.force, counts.due) == (2, 3, False)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert guard.counts(amira_hussain, jordan).force == 0
    entry = Entry.objects.filter(event="commenter.history_viewed").latest("pk")
    assert entry.details == {"via": "search", "counted": True}
    assert entry.subject_name == f"commenter {jordan.pk}"


def test_queue_work_and_an_open_case_do_not_count(amira_hussain, tom_beckett, force_account, jordan):
    comment = Comment.objects.get(commenter=jordan)
    desk.claim(actor=amira_hussain, comment=comment)
    assert look(amira_hussain, jordan, 5) == [False] * 5
    assert look(tom_beckett, jordan) == [True]
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert look(amira_hussain, jordan) == [True]
    comments.escalate(comment, amira_hussain)
    escalation.open_cases()
    assert look(tom_beckett, jordan, 9) == [False] * 9
    assert LookUp.objects.count() == 2


def test_at_the_threshold_nothing_is_shown_until_a_purpose_is_given(
    amira_hussain, tom_beckett, sergeant_okafor, jordan
):
    look(amira_hussain, jordan, 3)
    with pytest.raises(actions.PurposeNeeded):
        look(amira_hussain, jordan)
    assert look(tom_beckett, jordan) == [True]
    for empty in ("", "because", "x" * 401):
        with pytest.raises(NotValid):
            actions.give_purpose(actor=amira_hussain, commenter=jordan, text=empty)
    given = actions.give_purpose(actor=amira_hussain, commenter=jordan, text=PURPOSE)
    assert (given.own_count, given.force_count) == (3, 4)
    look(amira_hussain, jordan)
    assert Entry.objects.filter(event="commenter.history_viewed").latest("pk").reason == PURPOSE
    said = Entry.objects.get(event="commenter.purpose_given")
    assert (said.reason, said.details) == (PURPOSE, {"own": 3, "force": 4})
    notice = Notice.objects.get(to=sergeant_okafor)
    assert notice.link == reverse("moderation:purposes")
    assert jordan.handle not in notice.title + notice.body
    with time_machine.travel(given.until + timedelta(seconds=1)):
        with pytest.raises(actions.PurposeNeeded):
            look(amira_hussain, jordan)


def test_the_whole_force_reaches_the_threshold_together(amira_hussain, tom_beckett, ben_osei, jordan):
    actions.set_guard(actor=ben_osei, own=5, force=4, days=30, stands_hours=24, ask="the bureau")
    look(amira_hussain, jordan, 2)
    look(tom_beckett, jordan, 2)
    for person in (amira_hussain, tom_beckett):
        with pytest.raises(actions.PurposeNeeded):
            look(person, jordan)


def test_the_only_supervisor_answers_to_command(sergeant_okafor, inspector_calder, jordan):
    look(sergeant_okafor, jordan, 3)
    actions.give_purpose(actor=sergeant_okafor, commenter=jordan, text=PURPOSE)
    assert Notice.objects.filter(to=inspector_calder).exists()
    assert not Notice.objects.filter(to=sergeant_okafor).exists()


def test_two_looks_at_once_do_not_slip_past(committed_db, wealdshire):
    amira = wealdshire.people["amira_hussain"]
    jordan = comments.write(wealdshire.accounts["wealdshire-police"]).commenter
    look(amira, jordan, 2)
    answers: list[str] = []

    def try_it() -> None:
        try:
            look(amira, jordan)
            answers.append("shown")
        except actions.PurposeNeeded:
            answers.append("asked")
        finally:
            connection.close()

    tries = [threading.Thread(target=try_it) for _ in range(4)]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    assert sorted(answers) == ["asked", "asked", "asked", "shown"]
    assert LookUp.objects.count() == 3


def test_old_look_ups_go(amira_hussain, jordan):
    look(amira_hussain, jordan)
    assert actions.sweep_look_ups() == 0
    with time_machine.travel(clock.now() + timedelta(days=367)):
        assert actions.sweep_look_ups() == 1
        assert actions.sweep_look_ups() == 0
    assert Entry.objects.filter(event="look_ups.swept").count() == 1


def test_the_database_keeps_purposes_as_they_are_and_one_rule(amira_hussain, ben_osei, jordan):
    actions.give_purpose(actor=amira_hussain, commenter=jordan, text=PURPOSE)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        Purpose.objects.update(text="Other")
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardRule.objects.create(pk=2)


# The page


def test_history_shows_what_they_wrote_to_us_within_scope_alone(
    client, pc_nair, amira_hussain, harrowfield_account, saltmere_account
):
    mine = comments.write(harrowfield_account, "About Harrowfield", by="jordan.p")
    comments.write(saltmere_account, "About Saltmere", by="jordan.p")
    comments.write(harrowfield_account, "Kim about a bicycle", by="kim")
    comments.write(harrowfield_account, "Our own words", by="jordan.p", state="ours")
    client.force_login(pc_nair)
    address = reverse("moderation:history", args=[mine.commenter_id])
    page = client.get(address).content.decode()
    assert "About Harrowfield" in page
    assert all(words not in page for words in ("About Saltmere", "Kim about", "Our own words"))
    assert address in client.get(reverse("moderation:conversation", args=[mine.pk])).content.decode()
    entry = Entry.objects.get(event="commenter.history_viewed")
    assert entry.shown_ids == [mine.pk]
    only_there = comments.write(saltmere_account, "Saltmere again", by="robin")
    for pk in (only_there.commenter_id, 987654, 2**70):
        assert client.get(f"/desk/commenters/{pk}/").status_code == 404
    with pytest.raises(NotFound):
        guard.commenter(pc_nair, only_there.commenter_id)


def test_pages_of_a_long_history_repeat_and_lose_nothing(client, amira_hussain, force_account, monkeypatch):
    monkeypatch.setattr(guard, "PAGE", 2)
    with time_machine.travel(clock.now(), tick=False):
        written = [comments.write(force_account, f"message {n}", external_id=f"m{n}") for n in range(5)]
    of = written[0].commenter
    seen, before = [], None
    while True:
        rows, more = guard.history(amira_hussain, of, before=before)
        seen += [row.pk for row in rows]
        if not more:
            break
        before = (rows[-1].posted_at, rows[-1].pk)
    assert seen == sorted((one.pk for one in written), reverse=True)
    client.force_login(amira_hussain)
    for nonsense in ("x", "2026-01-01T00:00:00+00:00_" + "9" * 30, "2026-01-01_5"):
        assert (
            client.get(reverse("moderation:history", args=[of.pk]), {"before": nonsense}).status_code == 200
        )


def test_the_page_asks_warns_and_opens(client, amira_hussain, jordan):
    client.force_login(amira_hussain)
    address = reverse("moderation:history", args=[jordan.pk])
    words = "do this any more"
    for _ in range(3):
        assert words in client.get(address).content.decode()
    asked = client.get(address).content.decode()
    assert "directed surveillance" in asked
    assert "RIPA single point of contact" in asked
    assert words not in asked
    refused = client.post(address, {"purpose": "because"})
    assert refused.status_code == 422
    assert "because" in refused.content.decode()
    assert client.post(address, {"purpose": PURPOSE}).status_code == 302
    opened = client.get(address).content.decode()
    assert words in opened
    assert PURPOSE in opened


def test_a_reason_is_asked_where_force_policy_requires_one(client, amira_hussain, ben_osei, jordan):
    console.set_reason(actor=ben_osei, of="commenter.history", mode="required")
    client.force_login(amira_hussain)
    address = reverse("moderation:history", args=[jordan.pk])
    words = "do this any more"
    asked = client.get(address).content.decode()
    assert "Why do you need this person’s earlier messages?" in asked
    assert words not in asked
    assert not LookUp.objects.exists()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Complaint 17"}).status_code == 302
    assert words in client.get(address).content.decode()
    assert Entry.objects.get(event="commenter.history_viewed").reason == "Complaint 17"


def test_supervisors_read_the_purposes_and_others_do_not(client, amira_hussain, sergeant_okafor, jordan):
    actions.give_purpose(actor=amira_hussain, commenter=jordan, text=PURPOSE)
    client.force_login(sergeant_okafor)
    assert PURPOSE in client.get(reverse("moderation:purposes")).content.decode()
    assert Entry.objects.filter(event="look_ups.listed").count() == 1
    client.force_login(amira_hussain)
    assert client.get(reverse("moderation:purposes")).status_code == 403
    with pytest.raises(NotPermitted):
        guard.purposes(amira_hussain)


def test_the_numbers_are_data_that_few_set(client, joan_pritchard, amira_hussain):
    client.force_login(joan_pritchard)
    address = reverse("moderation:guard")
    assert "As delivered" in client.get(address).content.decode()
    given = {"own": 2, "force": 5, "days": 14, "stands_hours": 8, "ask": "the covert authorities bureau"}
    for wrong in ({"own": 0}, {"days": 400}, {"ask": " "}, {"force": "many"}):
        assert client.post(address, {**given, **wrong}).status_code == 422
    assert client.post(address, given).status_code == 302
    client.post(address, given)
    assert guard.rule().own == 2
    assert Entry.objects.filter(event="safeguard.guard_set").count() == 1
    client.force_login(amira_hussain)
    assert client.get(address).status_code == 403


# The register


def test_the_register_refuses_an_account_for_investigation(client, ben_osei, victoria_lang):
    client.force_login(ben_osei)
    given = {"platform": "bluesky", "handle": "harry.example", "name": "Harry", "owner": victoria_lang.pk}
    address = reverse("accounts:register_new")
    refused = client.post(address, {**given, "use": "covert"})
    assert refused.status_code == 422
    assert "covert authorities bureau" in refused.content.decode()
    assert not Entry.objects.filter(event="account.registered", subject_name__contains="Harry").exists()
    assert client.post(address, {**given, "use": "open"}).status_code == 302
