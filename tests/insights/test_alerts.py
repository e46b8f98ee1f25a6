"""Security alerts: what raises them, that each is raised once, and how one ends."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actions import glass
from accounts.actions.requests import Wanted
from audit.actions import record
from audit.models import Entry, Follower
from core import clock, context
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from insights import queries, tasks, watch
from insights.actions import alerts
from insights.kinds import KINDS
from insights.models import Alert, AlertRule
from moderation.models import Comment
from notices.models import Notice
from staff.roles import Role
from tests import comments
from tests.embedded import made_at

NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=clock.LONDON)


@pytest.fixture(autouse=True)
@made_at(NIGHT)
def that_night(request):
    request.getfixturevalue("committed_db" if "committed_db" in request.fixturenames else "db")
    with time_machine.travel(NIGHT, tick=False) as clocks:
        yield clocks


@pytest.fixture
def real_account(force_account):
    """The force's own official account as if it were no exercise."""
    force_account.exercise = False
    force_account.save()
    return force_account


def numbers(**given):
    return {
        kind: {name: number.default for name, number in known.numbers.items()} | given.get(kind, {})
        for kind, known in KINDS.items()
    }


def set_rule(actor, kind, **given):
    alerts.set_rule(actor=actor, kind=kind, on=given.pop("on", True), numbers=numbers()[kind] | given)


def at(minutes: float, act):
    with time_machine.travel(NIGHT + timedelta(minutes=minutes), tick=False):
        return act()


def opened(person, comment, minutes: float = 0):
    return at(
        minutes, lambda: record(actor=person, event="comment.viewed", subject=comment, shown_ids=[comment.pk])
    )


def looked_up(person, commenter, minutes: float = 0, *, counted: bool = True):
    return at(
        minutes,
        lambda: record(
            actor=person,
            event="commenter.history_viewed",
            subject=commenter,
            details={"counted": counted, "via": "history"},
        ),
    )


def settle():
    """Read on as the scheduler does; in a test that is rolled back no transaction is ever over."""
    entries = list(Entry.objects.order_by("id"))
    for found in watch.look(entries, watch.rules()):
        alerts.raise_alert(actor=tasks.ALERTS, found=found)
    return list(Alert.objects.order_by("id"))


# What raises one


def test_much_opened_out_of_hours_and_not_worked_on(joan_pritchard, amira_hussain, tom_beckett, real_account):
    set_rule(joan_pritchard, "bulk_viewing", records=5)
    written = [comments.write(real_account, f"comment {n}") for n in range(6)]
    for comment in written:
        opened(amira_hussain, comment)
        opened(tom_beckett, comment)
    for comment in written[:2]:
        at(1, lambda c=comment: record(actor=tom_beckett, event="comment.claimed", subject=c))
    (alert,) = settle()
    assert (alert.person_id, alert.count, alert.exercise) == (amira_hussain.pk, 6, False)
    assert alert.sentence == (
        "Amira Hussain opened 6 records in the night of 21 Nov 2026 and worked on none of them"
    )


def test_by_day_much_may_be_opened_and_a_night_has_its_hours(joan_pritchard, amira_hussain, real_account):
    set_rule(joan_pritchard, "bulk_viewing", records=5)
    written = [comments.write(real_account, f"comment {n}") for n in range(6)]
    for comment in written:
        opened(amira_hussain, comment, minutes=7 * 60)
    assert settle() == []
    set_rule(joan_pritchard, "bulk_viewing", records=5, from_hour=9, to_hour=17)
    assert len(settle()) == 1


def test_exercise_accounts_are_counted_apart(joan_pritchard, amira_hussain, force_account, saltmere_account):
    saltmere_account.exercise = False
    saltmere_account.save()
    set_rule(joan_pritchard, "bulk_viewing", records=5)
    for n in range(5):
        opened(amira_hussain, comments.write(force_account, f"drill {n}"))
    for n in range(4):
        opened(amira_hussain, comments.write(saltmere_account, f"real {n}", by="kim"))
    (alert,) = settle()
    assert (alert.exercise, alert.count) == (True, 5)


def test_many_exports_and_many_records_taken_out(joan_pritchard, helen_achebe):
    def export(person, count):
        return record(actor=person, event="audit.exported", details={"to": "A", "count": count})

    for n in range(5):
        at(n, lambda: export(joan_pritchard, 1))
    at(0, lambda: export(helen_achebe, 4_000))
    at(60 * 25, lambda: export(helen_achebe, 9_999))
    assert [alert.person_id for alert in settle()] == [joan_pritchard.pk]
    at(60 * 26, lambda: export(helen_achebe, 1))
    assert [(a.person_id, a.count) for a in settle()] == [(joan_pritchard.pk, 5), (helen_achebe.pk, 2)]


def test_one_member_of_the_public_looked_up_repeatedly(
    amira_hussain, tom_beckett, joan_pritchard, real_account
):
    jordan = comments.write(real_account).commenter
    for n in range(3):
        looked_up(amira_hussain, jordan, n)
    for n in range(20):
        looked_up(tom_beckett, jordan, n, counted=False)
    assert settle() == []
    looked_up(amira_hussain, jordan, 4)
    (alert,) = settle()
    assert (alert.subject_id, alert.count) == (str(jordan.pk), 4)
    assert jordan.handle not in alert.sentence
    set_rule(joan_pritchard, "repeated_lookups", force=6)
    looked_up(tom_beckett, jordan, 5)
    looked_up(tom_beckett, jordan, 6)
    force = settle()[-1]
    assert force.person_id is None
    assert "2 staff members in all" in force.sentence


@pytest.mark.parametrize("event", ["staff.second_factor_refused", "staff.step_up_refused"])
def test_a_second_factor_refused_again_and_again(monkeypatch, amira_hussain, event):
    for n in range(4):
        at(n, lambda: Entry.objects.create(**entry_of(amira_hussain, event)))
    at(90, lambda: Entry.objects.create(**entry_of(amira_hussain, event)))
    assert settle() == []
    for n in range(91, 95):
        at(n, lambda: Entry.objects.create(**entry_of(amira_hussain, event)))
    (alert,) = settle()
    assert (alert.kind, alert.count) == ("failed_step_ups", 5)


def entry_of(person, event, **given):
    """An entry of an event that the catalogue of this release may not hold yet."""
    return {
        "at": clock.now(),
        "event": event,
        "actor_kind": "staff",
        "actor_id": person.pk,
        "actor_name": person.called,
        **given,
    }


def test_use_after_notice_to_leave(ben_osei, joan_pritchard, amira_hussain, real_account):
    set_rule(joan_pritchard, "leaving_access", records=3)
    about = {"subject_type": "staff.staffmember", "subject_id": str(amira_hussain.pk)}
    written = [comments.write(real_account, f"comment {n}") for n in range(3)]
    for comment in written:
        opened(amira_hussain, comment)
    at(1, lambda: Entry.objects.create(**entry_of(ben_osei, "staff.leaving_announced", **about)))
    for n, comment in enumerate(written[:2]):
        opened(amira_hussain, comment, minutes=2 + n)
    assert settle() == []
    opened(amira_hussain, written[2], minutes=5)
    (alert,) = settle()
    assert "whose leaving is announced, opened 3 records" in alert.sentence
    at(6, lambda: Entry.objects.create(**entry_of(ben_osei, "staff.leaving_called_off", **about)))
    for n, comment in enumerate(written):
        opened(amira_hussain, comment, minutes=60 * 24 + n)
    assert len(settle()) == 1


def test_anything_done_after_leaving(ben_osei, amira_hussain):
    record(actor=ben_osei, event="staff.member_left", subject=amira_hussain)
    amira_hussain.active, amira_hussain.left_at = False, clock.now()
    amira_hussain.save()
    at(1, lambda: record(actor=amira_hussain, event="staff.signed_out"))
    (alert,) = settle()
    assert alert.sentence == "Amira Hussain did something after they had left"


def test_a_sign_in_from_a_network_that_was_never_used(amira_hussain):
    def sign_in(source, minutes):
        with context.request(source=source):
            at(minutes, lambda: record(actor=amira_hussain, event="staff.signed_in"))

    sign_in("192.0.2.7", 0)
    sign_in("192.0.2.200", 1)
    assert settle() == []
    sign_in("198.51.100.4", 2)
    sign_in("198.51.100.5", 3)
    (alert,) = settle()
    assert "198.51.100.0/24" in alert.sentence
    assert watch.network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert watch.network_of("unix:") == ""


def test_a_kind_that_is_off_and_an_old_entry_raise_nothing(joan_pritchard, amira_hussain, real_account):
    set_rule(joan_pritchard, "bulk_viewing", records=5, on=False)
    written = [comments.write(real_account, f"comment {n}") for n in range(6)]
    for comment in written:
        opened(amira_hussain, comment)
    assert settle() == []
    set_rule(joan_pritchard, "bulk_viewing", records=5)
    with time_machine.travel(NIGHT + timedelta(days=40)):
        assert settle() == []


def test_what_professional_standards_keep_to_themselves_raises_nothing(
    monkeypatch, amira_hussain, inspector_kerr
):
    monkeypatch.setattr(watch, "RESTRICTED", frozenset({"audit.exported"}))
    monkeypatch.setattr("audit.queries.RESTRICTED", frozenset({"audit.exported"}))
    for n in range(9):
        at(n, lambda: record(actor=inspector_kerr, event="audit.exported", details={"to": "A", "count": 1}))
    assert settle() == []


# Once


def test_an_occasion_is_one_alert_that_grows_until_it_is_closed(
    joan_pritchard, amira_hussain, real_account, settings
):
    settings.DEMO = False
    set_rule(joan_pritchard, "bulk_viewing", records=5)
    written = [comments.write(real_account, f"comment {n}") for n in range(8)]
    for comment in written[:5]:
        opened(amira_hussain, comment)
    (alert,) = settle()
    assert len(settle()) == 1
    opened(amira_hussain, written[5], 2)
    (alert,) = settle()
    assert (alert.count, alert.last_at) == (6, NIGHT + timedelta(minutes=2))
    assert Entry.objects.filter(event="alert.raised").count() == 1
    notice = Notice.objects.get(to=joan_pritchard)
    assert (notice.title, notice.link) == (
        "Alert: much opened out of hours",
        reverse("insights:alert", args=[alert.pk]),
    )
    alerts.claim(actor=joan_pritchard, alert=alert)
    alerts.close(actor=joan_pritchard, alert=alert, outcome="explained", note="Handover")
    opened(amira_hussain, written[6], 3)
    (alert,) = settle()
    assert (alert.count, alert.state) == (6, "closed")


def test_the_scheduler_reads_on_from_where_it_was(committed_db, wealdshire, that_night):
    joan, amira = wealdshire.people["joan_pritchard"], wealdshire.people["amira_hussain"]
    account = wealdshire.accounts["wealdshire-police"]
    tasks.watch_trail()
    assert not Alert.objects.exists()
    set_rule(joan, "bulk_viewing", records=5)
    for n in range(5):
        opened(amira, comments.write(account, f"comment {n}"))
    # The threshold, five looks, and then its own entries: the alert, and that Joan was told.
    assert tasks.watch_trail() == 8
    assert Alert.objects.get().count == 5
    assert tasks.watch_trail() == 0
    with transaction.atomic():
        Follower.objects.select_for_update().get(name="alerts")
        other = []
        thread = threading.Thread(target=lambda: other.append(alerts.read_on(actor=tasks.ALERTS)))
        thread.start()
        thread.join()
    assert other == [None]
    # From the beginning once more: nothing is raised twice.
    Follower.objects.update(transaction_id=0, entry_id=0)
    tasks.watch_trail()
    assert Alert.objects.count() == 1
    assert Comment.objects.count() == 5


# How one ends


@pytest.fixture
def alert(joan_pritchard, amira_hussain):
    found = watch.Found(
        "export_spike",
        "export_spike:1",
        "Amira Hussain exported 5 times",
        5,
        NIGHT,
        NIGHT,
        amira_hussain.pk,
        "Amira Hussain",
    )
    return alerts.raise_alert(actor=tasks.ALERTS, found=found)


def test_an_alert_is_taken_and_closed_with_an_outcome(client, joan_pritchard, amira_hussain, alert):
    client.force_login(joan_pritchard)
    assert "1 security alert is open" in client.get("/").content.decode()
    listed = client.get(reverse("insights:alerts")).content.decode()
    assert alert.sentence in listed
    page = client.get(reverse("insights:alert", args=[alert.pk])).content.decode()
    assert reverse("audit:person_span", args=[amira_hussain.pk, "night-2026-11-21"]) in page
    early = client.post(reverse("insights:close", args=[alert.pk]), {"outcome": "explained", "note": "Seen"})
    assert early.status_code == 409
    client.post(reverse("insights:claim", args=[alert.pk]))
    for given in ({}, {"outcome": "fine", "note": "Seen"}, {"outcome": "explained", "note": " "}):
        assert client.post(reverse("insights:close", args=[alert.pk]), given).status_code == 422
    given = {"outcome": "explained", "note": "Asked by the SIO"}
    assert client.post(reverse("insights:close", args=[alert.pk]), given).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.closed_by, alert.note) == ("closed", joan_pritchard, "Asked by the SIO")
    assert "security alert" not in client.get("/").content.decode()
    assert "Asked by the SIO" in client.get(reverse("insights:alert", args=[alert.pk])).content.decode()
    closed = client.get(reverse("insights:alerts"), {"shelf": "closed"}).content.decode()
    assert "Explained, no concern" in closed
    assert client.post(reverse("insights:reopen", args=[alert.pk]), {}).status_code == 422
    client.post(reverse("insights:reopen", args=[alert.pk]), {"why": "More came in"})
    alert.refresh_from_db()
    assert (alert.state, alert.outcome) == ("open", "")
    assert [change.event for change in alert.changes.all()] == ["claim", "close", "reopen"]
    audited = Entry.objects.filter(event__startswith="alert.").order_by("pk").values_list("event", flat=True)
    assert [event for event in audited if event != "alert.viewed"] == [
        "alert.raised",
        "alert.claimed",
        "alert.closed",
        "alert.reopened",
    ]


def test_nobody_closes_an_alert_about_themselves(joan_pritchard, alert):
    Alert.objects.update(person_id=joan_pritchard.pk)
    with pytest.raises(NotPermitted, match="colleague"):
        alerts.claim(actor=joan_pritchard, alert=alert)
    for change in (
        {"claimed_by": joan_pritchard},
        {
            "state": "closed",
            "closed_by": joan_pritchard,
            "closed_at": NIGHT,
            "outcome": "explained",
            "note": "x",
        },
        {"state": "closed"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**change)


def test_who_may_not(client, joan_pritchard, amira_hussain, inspector_kerr, ben_osei, alert):
    with pytest.raises(TransitionNotAllowed):
        alerts.release(actor=joan_pritchard, alert=alert)
    for person in (amira_hussain, inspector_kerr, ben_osei):
        client.force_login(person)
        assert client.get(reverse("insights:alerts")).status_code == 403
        assert client.post(reverse("insights:claim", args=[alert.pk])).status_code == 403
        with pytest.raises(NotPermitted):
            alerts.claim(actor=person, alert=alert)
    with pytest.raises(NotPermitted):
        queries.alerts(amira_hussain)


def test_thresholds_are_data_that_few_set(client, ben_osei, amira_hussain):
    client.force_login(ben_osei)
    address = reverse("insights:rules")
    page = client.get(address).content.decode()
    assert all(kind.title in page for kind in KINDS.values())
    given = {"kind": "export_spike", "export_spike-on": "on", "export_spike-exports": "3"}
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "export_spike-records": "0"}).status_code == 422
    assert client.post(address, {"kind": "hats"}).status_code == 404
    assert client.post(address, {**given, "export_spike-records": "500"}).status_code == 302
    assert watch.rules()["export_spike"] == {"exports": 3, "records": 500}
    client.post(address, {**given, "export_spike-records": "500"})
    assert Entry.objects.filter(event="safeguard.alert_set").count() == 1
    night = {f"bulk_viewing-{name}": "5" for name in KINDS["bulk_viewing"].numbers}
    same = client.post(address, {"kind": "bulk_viewing", **night})
    assert same.status_code == 422
    assert "different hours" in same.content.decode()
    with pytest.raises(NotPermitted):
        set_rule(amira_hussain, "export_spike")
    with pytest.raises(NotValid):
        alerts.set_rule(actor=ben_osei, kind="export_spike", on=True, numbers={})
    assert AlertRule.objects.count() == 1


# Emergency access


def in_emergency(person, agreed_by, why="Flood; the approver on call cannot be reached"):
    asked = glass.ask(actor=person, person=person, wanted=Wanted(Role.COMMS_APPROVER), hours=2, why=why)
    return glass.agree(actor=agreed_by, glass=asked)


def test_emergency_access_is_an_alert_the_moment_it_opens_and_ends_with_an_outcome(
    joan_pritchard, amira_hussain, superintendent_price, client
):
    opened = in_emergency(amira_hussain, superintendent_price)
    (alert,) = settle()
    assert (alert.kind, alert.person_id, alert.subject_id) == (
        "break_glass",
        amira_hussain.pk,
        str(opened.pk),
    )
    assert amira_hussain.called in alert.sentence
    assert superintendent_price.called in alert.sentence
    assert settle() == [alert]
    client.force_login(joan_pritchard)
    page = client.get(reverse("insights:alert", args=[alert.pk])).text
    assert reverse("accounts:glass", args=[opened.pk]) in page
    alerts.claim(actor=joan_pritchard, alert=alert)
    closed = alerts.close(actor=joan_pritchard, alert=alert, outcome="explained", note="The flood")
    assert closed.state == "closed"
    assert settle() == [closed]


def test_an_emergency_access_that_nobody_reviews_in_time_is_an_alert_once(
    that_night, joan_pritchard, amira_hussain, superintendent_price
):
    def overdue():
        alerts.raise_overdue(actor=tasks.ALERTS)
        return Alert.objects.filter(key__endswith=":review").count()

    opened = in_emergency(amira_hussain, superintendent_price)
    that_night.shift(timedelta(hours=2 + 23, minutes=59))
    assert overdue() == 0
    that_night.shift(timedelta(minutes=1))
    assert (overdue(), overdue()) == (1, 1)
    alert = Alert.objects.get()
    assert "Nobody has reviewed" in alert.sentence
    glass.review(actor=joan_pritchard, glass=opened, outcome="right", note="The flood")
    other = in_emergency(amira_hussain, superintendent_price)
    that_night.shift(timedelta(hours=3))
    glass.review(actor=joan_pritchard, glass=other, outcome="right", note="Reviewed at once")
    that_night.shift(timedelta(days=2))
    assert overdue() == 1
    set_rule(joan_pritchard, "break_glass", on=False)
    in_emergency(amira_hussain, superintendent_price)
    that_night.shift(timedelta(days=2))
    assert overdue() == 1


def test_nobody_closes_an_alert_about_an_emergency_access_that_they_asked_for(
    joan_pritchard, amira_hussain, superintendent_price, client
):
    asked = glass.ask(
        actor=joan_pritchard, person=amira_hussain, wanted=Wanted(Role.COMMS_APPROVER), hours=1, why="Flood"
    )
    glass.agree(actor=superintendent_price, glass=asked)
    (alert,) = settle()
    with pytest.raises(NotPermitted, match="had a part"):
        alerts.claim(actor=joan_pritchard, alert=alert)
    client.force_login(joan_pritchard)
    assert "You had a part" in client.get(reverse("insights:alert", args=[alert.pk])).text


def test_an_acknowledged_loss_of_the_trail_is_an_alert(joan_pritchard, client):
    record(
        actor=System("audit command"),
        event="audit.restored",
        subject=joan_pritchard,
        details={
            "person": joan_pritchard.called,
            "by": "root",
            "agreed": 4,
            "known": 7,
            "entries": 12,
            "lost_from": "2026-11-22T01:00:00.000000Z",
            "lost_to": "2026-11-22T02:00:00.000000Z",
        },
    )
    (alert,) = settle()
    assert (alert.kind, alert.count, alert.person_id) == ("trail_restored", 12, None)
    assert "signed in there: root" in alert.sentence
    client.force_login(joan_pritchard)
    assert client.get(reverse("insights:alert", args=[alert.pk])).status_code == 200
    assert client.get(reverse("insights:rules")).status_code == 200
