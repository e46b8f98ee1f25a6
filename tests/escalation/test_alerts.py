"""Two steps: a machine alerts the desk, and nobody beyond it is called until a person confirms or the time is up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_alerts, tasks
from escalation.actions import alerts, cases
from escalation.models import Alert, Case
from moderation.models import Revision
from notices.models import Notice
from tests import comments


def found(account, text="I can't do this any more", **given):
    """A comment as triage leaves it."""
    usual = {"category": "suicide_self_harm", "priority": 1}
    return comments.write(account, text, **usual | given)


@pytest.fixture
def comment(force_account):
    return found(force_account)


@pytest.fixture
def alert(comment):
    assert tasks.raise_alerts() == 1
    return Alert.objects.get()


def test_a_finding_at_the_floor_alerts_the_desk_and_nobody_beyond(
    client, comment, amira_hussain, inspector_calder, force_account
):
    below = found(force_account, "Is the road open?", category="traffic", priority=4)
    crime = found(force_account, "My bike was stolen", category="crime_report", priority=3)
    assert tasks.raise_alerts() == 1
    assert tasks.raise_alerts() == 0
    alert = Alert.objects.get()
    assert alert.comment == comment
    assert not {below.pk, crime.pk} & set(Alert.objects.values_list("comment_id", flat=True))
    assert alert.desk_by - alert.raised_at == timedelta(minutes=2)
    assert not Notice.objects.exists()
    assert not Case.objects.exists()
    assert Entry.objects.get(event="desk_alert.raised").details["comment"] == comment.pk
    # It stands on the screens of the desk, and sounds there.
    client.force_login(amira_hussain)
    assert client.get(reverse("escalation:alarm")).json() == {"pages": 1, "newest": alert.pk}
    strip = client.get(reverse("escalation:strip"))
    assert "1 alert waits for the desk" in strip.content.decode()
    version = queries_alerts.strip(amira_hussain).version
    assert client.get(reverse("escalation:strip"), {"v": version}).status_code == 204
    assert "1 alert waits" in client.get(reverse("home")).content.decode()
    client.force_login(inspector_calder)
    assert client.get(reverse("escalation:alarm")).json()["pages"] == 0
    assert "alert waits" not in client.get(reverse("home")).content.decode()


def test_one_comment_has_one_alert_whoever_raises_it(comment, alert):
    version = alert.version
    Alert.objects.filter(pk=alert.pk).update(state="passed_on", settled_at=clock.now())
    assert alerts.raise_alert(comment=comment, version=version) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(
            comment=comment,
            official_account=comment.official_account,
            version=version,
            category="suicide_self_harm",
            priority=1,
            likeness="x",
            raised_at=clock.now(),
            desk_by=clock.now(),
        )


def test_words_that_were_edited_since_alert_the_desk_anew(alert, comment, force_account, amira_hussain):
    alerts.stand_down(actor=amira_hussain, alert=alert, why="A song")
    assert tasks.raise_alerts() == 0
    edited(comment, "I have the tablets here", priority=1)
    assert tasks.raise_alerts() == 1
    assert tasks.raise_alerts() == 0
    anew = Alert.objects.get()
    assert (anew.state, anew.pk > alert.pk, anew.seen_at) == ("open", True, None)
    assert Entry.objects.filter(event="desk_alert.raised").count() == 2
    # While it waits, only what is more urgent begins its minutes anew.
    edited(comment, "I have the tablets here now", priority=1)
    assert tasks.raise_alerts() == 0
    later = found(force_account, "He took my bike", by="kim", category="crime_report", priority=2)
    Alert.objects.create(
        comment=later,
        official_account=force_account,
        version=alert.version,
        category="crime_report",
        priority=2,
        likeness="x",
        raised_at=clock.now(),
        desk_by=clock.now() + timedelta(minutes=30),
    )
    edited(later, "He took my bike and I will end it", category="suicide_self_harm", priority=1)
    assert tasks.raise_alerts() == 1
    assert Alert.objects.get(comment=later).category == "suicide_self_harm"


def edited(comment, text, **given):
    """Its author changed the words, and triage has looked again."""
    comment.refresh_from_db()
    comment.text, comment.revision_number = text, comment.revision_number + 1
    for name, value in given.items():
        setattr(comment, name, value)
    comment.save()
    Revision.objects.create(comment=comment, number=comment.revision_number, text=text, seen_at=clock.now())


def test_what_was_missed_while_everything_was_down_is_found_by_the_next_look(force_account):
    old = clock.now() - timedelta(days=2)
    for number in range(3):
        found(force_account, f"goodbye {number}", at=old, by=f"a{number}")
    assert tasks.raise_alerts() == 3


def test_confirming_opens_the_case_and_calls_the_first_level(
    client, alert, comment, amira_hussain, inspector_calder, tom_beckett
):
    client.force_login(amira_hussain)
    page = client.get(reverse("escalation:alert", args=[alert.pk])).content.decode()
    assert "I can&#x27;t do this any more" in page
    assert "If nobody answers" in page
    assert Entry.objects.get(event="desk_alert.viewed").shown_ids == [comment.pk]
    address = reverse("escalation:confirm", args=[alert.pk])
    assert client.post(address, {"category": "suicide_self_harm", "why": " "}).status_code == 422
    confirmed = client.post(address, {"category": "suicide_self_harm", "why": "Says goodbye"})
    case = Case.objects.get()
    assert confirmed.url == reverse("escalation:case", args=[case.pk])
    assert Notice.objects.filter(to=inspector_calder, urgency="page").count() == 1
    alert.refresh_from_db()
    comment.refresh_from_db()
    assert (alert.state, alert.case, alert.settled_by) == ("confirmed", case, amira_hussain)
    assert (comment.state, comment.needs_case) == ("decided", "")
    assert comment.decisions.get().kind == "escalate"
    assert case.opened_by == amira_hussain
    assert tasks.open_cases() == 0
    client.force_login(tom_beckett)
    again = client.post(address, {"category": "suicide_self_harm", "why": "Mine"})
    assert again.status_code == 409
    assert "by Amira Hussain" in again.content.decode()
    assert Case.objects.count() == 1


def test_a_claim_of_a_colleague_does_not_hold_up_the_call(alert, comment, amira_hussain, tom_beckett):
    comment.claimed_by, comment.claimed_until = tom_beckett, clock.now() + timedelta(minutes=5)
    comment.save()
    case = alerts.confirm(actor=amira_hussain, alert=alert, why="Says goodbye")
    comment.refresh_from_db()
    assert (case.state, comment.state) == ("waiting", "open")


def test_escalating_from_the_conversation_answers_the_alert(alert, comment, amira_hussain):
    comments.escalate(comment, amira_hussain)
    tasks.open_cases()
    alert.refresh_from_db()
    assert (alert.state, alert.settled_by, alert.case) == ("confirmed", amira_hussain, Case.objects.get())


def test_the_conversation_says_that_an_alert_waits_until_it_is_answered(
    client, alert, comment, amira_hussain, inspector_calder
):
    """A decision on the comment does not answer it: a risk is denied with a reason, and by nothing else."""
    page = reverse("moderation:conversation", args=[comment.pk])
    answer = reverse("escalation:alert", args=[alert.pk])
    client.force_login(amira_hussain)
    shown = client.get(page).content.decode()
    assert answer in shown
    assert f"begin at {clock.in_london(alert.desk_by):%H:%M}" in shown
    assert "does not answer it" not in shown
    comments.decide(comment, amira_hussain)
    assert "What was decided on the comment does not answer it" in client.get(page).content.decode()
    client.force_login(inspector_calder)
    assert answer not in client.get(page).content.decode()
    alerts.stand_down(actor=amira_hussain, alert=alert, why="A line of a song")
    client.force_login(amira_hussain)
    assert "Its alert waits" not in client.get(page).content.decode()


def test_near_duplicates_are_stood_down_together_with_a_reason(
    client, force_account, saltmere_account, amira_hussain, pc_nair
):
    for number, text in enumerate(("I want to die, LOL!", "i want to die lol", "I  WANT to die… lol")):
        found(force_account, text, by=f"fan{number}")
    found(saltmere_account, "I want to die", by="sam")
    assert tasks.raise_alerts() == 4
    groups = queries_alerts.grouped(amira_hussain)
    assert sorted(group.count for group in groups) == [1, 3]
    many = next(group for group in groups if group.others).first
    client.force_login(amira_hussain)
    assert "3 of nearly the same words" in client.get(reverse("escalation:alerts")).content.decode()
    address = reverse("escalation:stand_down", args=[many.pk])
    assert client.post(address, {"why": "", "alike": "on"}).status_code == 422
    assert client.post(address, {"why": "A song they quote", "alike": "on"}).status_code == 302
    assert Alert.objects.filter(state="stood_down", why="A song they quote").count() == 3
    assert Entry.objects.filter(event="desk_alert.stood_down").count() == 3
    assert tasks.raise_alerts() == 0
    left = Alert.objects.get(state="open")
    with pytest.raises(NotFound):
        queries_alerts.alert(pc_nair, left.pk)
    with pytest.raises(NotPermitted):
        alerts.stand_down(actor=pc_nair, alert=left, why="Not here")
    with pytest.raises(TransitionNotAllowed):
        alerts.stand_down(actor=amira_hussain, alert=many, why="Twice")
    with pytest.raises(NotValid):
        alerts.stand_down(actor=amira_hussain, alert=left, why="x" * 501)


COPIED = "They are all meeting at the clock tower at nine tonight, bring everybody you know"


def copies(account, number=3):
    return [
        found(
            account,
            f"{COPIED} {'!' * n} {'lads' if n % 2 else ''}",
            by=f"crowd{n}",
            category="incitement_disorder",
            priority=2,
        )
        for n in range(number)
    ]


def cry(account, by="kim"):
    """Says the same as the crowd, by a rule that always surfaces."""
    rule = {"rule": "violence.threat_first_person", "category": "incitement_disorder", "priority": 1}
    sentence = {**rule, "sentence": "Threatens somebody"}
    return found(account, COPIED, by=by, category="incitement_disorder", priority=2, findings=[sentence])


def test_near_duplicates_under_one_post_are_one_alert_with_a_count_and_sound_once(
    client, force_account, amira_hussain
):
    copies(force_account)
    added = found(
        force_account,
        f"{COPIED}, my brother is going and he has a knife with him",
        by="sis",
        category="incitement_disorder",
        priority=2,
    )
    assert tasks.raise_alerts() == 4
    groups = queries_alerts.grouped(amira_hussain)
    assert sorted(one.count for one in groups) == [1, 3]
    assert [one.first.comment_id for one in groups if one.count == 1] == [added.pk]
    client.force_login(amira_hussain)
    assert "2 alerts wait for the desk" in client.get(reverse("escalation:strip")).content.decode()
    heard = client.get(reverse("escalation:alarm")).json()
    assert heard["pages"] == 2
    found(force_account, f"{COPIED}?!", by="late", category="incitement_disorder", priority=2)
    assert tasks.raise_alerts() == 1
    assert client.get(reverse("escalation:alarm")).json() == heard
    # Looking at one is looking at all of them, and the page shows their words.
    many = next(one.first for one in groups if one.count == 3)
    page = client.get(reverse("escalation:alert", args=[many.pk])).content.decode()
    assert "3 others of nearly the same words" in page
    assert Alert.objects.filter(seen_by=amira_hussain).count() == 4
    shown = Entry.objects.get(event="desk_alert.viewed").shown_ids
    assert len(shown) == 4
    assert added.pk not in shown


def test_a_cry_or_a_threat_stands_alone_whatever_was_copied(force_account, amira_hussain):
    first, *_ = copies(force_account)
    alone = [cry(force_account), cry(force_account, by="lee")]
    assert tasks.raise_alerts() == 5
    groups = queries_alerts.grouped(amira_hussain)
    assert sorted(one.count for one in groups) == [1, 1, 3]
    assert {one.first.comment_id for one in groups if one.count == 1} == {one.pk for one in alone}
    many = Alert.objects.get(comment=first)
    assert alerts.stand_down(actor=amira_hussain, alert=many, why="A joke that goes round", alike=True) == 3
    assert set(Alert.objects.filter(state="open").values_list("comment_id", flat=True)) == {
        one.pk for one in alone
    }


def test_the_same_words_under_another_post_are_another_alert_unless_they_are_just_the_same(
    force_account, saltmere_account, amira_hussain
):
    copies(force_account, 2)
    found(saltmere_account, f"{COPIED} lads, now", by="away", category="incitement_disorder", priority=2)
    assert tasks.raise_alerts() == 3
    assert sorted(one.count for one in queries_alerts.grouped(amira_hussain)) == [1, 2]


def test_those_of_nearly_the_same_words_come_into_one_case(client, force_account, amira_hussain):
    first, *others = copies(force_account)
    assert tasks.raise_alerts() == 3
    client.force_login(amira_hussain)
    alert = Alert.objects.get(comment=first)
    address = reverse("escalation:confirm", args=[alert.pk])
    given = {"category": "incitement_disorder", "why": "Copied widely", "alike": "on"}
    assert client.post(address, given).status_code in (200, 302)
    case = Case.objects.get()
    assert set(case.evidence.values_list("comment_id", flat=True)) == {first.pk, *(o.pk for o in others)}
    assert set(Alert.objects.values_list("state", "case")) == {("confirmed", case.pk)}
    assert Entry.objects.filter(event="comment.escalated").count() == 3


def test_left_unseen_those_of_nearly_the_same_words_begin_one_ladder_and_a_cry_its_own(force_account):
    copies(force_account)
    alone = cry(force_account)
    assert tasks.raise_alerts() == 4
    with time_machine.travel(Alert.objects.latest("desk_by").desk_by, tick=False):
        assert tasks.pass_on() == 4
    assert sorted(case.evidence.count() for case in Case.objects.all()) == [1, 3]
    assert Case.objects.get(evidence__comment=alone).evidence.count() == 1


def test_left_unseen_the_ladder_begins_without_the_desk(alert, inspector_calder):
    with time_machine.travel(alert.desk_by - timedelta(seconds=1), tick=False) as traveller:
        assert tasks.pass_on() == 0
        traveller.shift(1)
        assert tasks.pass_on() == 1
        assert tasks.pass_on() == 0
    case = Case.objects.get()
    alert.refresh_from_db()
    assert (alert.state, alert.case) == ("passed_on", case)
    assert "no person has said that it is so" in case.log.get(event="opened").text
    assert Notice.objects.filter(to=inspector_calder, urgency="page").exists()
    assert (case.opened_by, case.opened_by_name) == (None, "escalation")


def test_looking_puts_it_off_once_and_never_again(alert, amira_hussain, tom_beckett):
    with time_machine.travel(alert.desk_by - timedelta(seconds=30), tick=False) as traveller:
        alerts.look(actor=amira_hussain, alert=alert)
        alert.refresh_from_db()
        put_off = alert.desk_by
        assert put_off == clock.now() + timedelta(minutes=2)
        traveller.shift(60)
        alerts.look(actor=tom_beckett, alert=alert)
        alert.refresh_from_db()
        assert (alert.desk_by, alert.seen_by) == (put_off, amira_hussain)
        traveller.shift(60)
        assert tasks.pass_on() == 1
    assert (
        "Amira Hussain looked at it, and nobody answered" in Case.objects.get().log.get(event="opened").text
    )


def test_a_comment_that_somebody_works_on_counts_as_seen_once(alert, comment, amira_hussain):
    with time_machine.travel(alert.desk_by, tick=False) as traveller:
        comment.claimed_by, comment.claimed_until = amira_hussain, clock.now() + timedelta(hours=1)
        comment.save()
        assert tasks.pass_on() == 0
        alert.refresh_from_db()
        assert alert.seen_by == amira_hussain
        traveller.shift(timedelta(minutes=2))
        assert tasks.pass_on() == 1


def test_alerts_go_with_the_comments_that_are_disposed_of(alert, comment, amira_hussain):
    alerts.stand_down(actor=amira_hussain, alert=alert, why="A song")
    assert tasks.sweep_alerts() == 0
    Alert.objects.filter(pk=alert.pk).update(comment_id=10**9)
    with pytest.raises(NotFound, match="disposed of"):
        alerts.confirm(actor=amira_hussain, alert=Alert.objects.get(), why="Late")
    assert tasks.sweep_alerts() == 1
    assert not Alert.objects.exists()


def test_two_confirm_at_once_and_one_case_is_open(committed_db, force_account, amira_hussain, tom_beckett):
    found(force_account)
    tasks.raise_alerts()
    alert, outcomes = Alert.objects.get(), []

    def confirm(person):
        try:
            alerts.confirm(actor=person, alert=alert, why="Says goodbye")
            outcomes.append("confirmed")
        except TransitionNotAllowed:
            outcomes.append("answered")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=confirm, args=[person]) for person in (amira_hussain, tom_beckett)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered", "confirmed"]
    assert Case.objects.count() == 1
    assert Notice.objects.filter(urgency="page").count() == 2
    assert cases.version_for("suicide_self_harm").pathway.slug == "threat_to_life"
