"""Texts, GOV.UK Notify and the force's channels: what leaves, what is tried again, and what failed for good."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
import time_machine
from notifications_python_client.errors import HTTPError

from audit.models import Entry
from core import clock
from core.actors import System
from notices import actions, tasks, ways
from notices.models import Notice, NoticeDelivery

DESK = System("desk")


@pytest.fixture
def texts(settings, tmp_path):
    settings.TEXTS_FOLDER = tmp_path
    return lambda: [json.loads(path.read_text()) for path in sorted(tmp_path.glob("*.json"))]


@pytest.fixture
def notify(settings, monkeypatch):
    """GOV.UK Notify's client with its answers played: what it was asked, and what it says next."""
    settings.TEXTS_FOLDER = None
    settings.NOTIFY_KEY = "force-00000000-0000-0000-0000-000000000001-00000000-0000-0000-0000-000000000002"
    settings.NOTIFY_SMS_TEMPLATE = settings.NOTIFY_EMAIL_TEMPLATE = "template"
    played = SimpleNamespace(asked=[], fault=None, status="created", known=[])

    class Client(ways.NotificationsAPIClient):
        def request(self, method, url, data=None, params=None):
            played.asked.append((method, url, data))
            if played.fault:
                raise HTTPError(SimpleNamespace(status_code=played.fault, json=dict))
            if method == "GET" and not url.startswith("/v2/notifications/"):
                return {"notifications": played.known}
            return {"id": "abc", "status": played.status}

    monkeypatch.setattr(ways, "NotificationsAPIClient", Client)
    return played


def to_post(**addresses):
    return actions.notify_beyond(
        actor=DESK,
        name="Force incident manager",
        urgency="page",
        title="Case W-7: Threat to life",
        body="Say “I have it”.",
        key="case 7 call 1.4",
        addresses=addresses,
        text="Case W-7: Threat to life. Text back 123456.",
    )


def test_a_post_is_told_once_by_every_way_it_has(texts, db, mailoutbox):
    first = to_post(email="fim@wealdshire.example", sms="07700 900100", teams="")
    assert to_post(sms="07700 900100") == first
    assert tasks.send_due() == 3
    assert {(one["channel"], one["to"]) for one in texts()} == {("sms", "+447700900100"), ("teams", "teams")}
    assert [letter.to for letter in mailoutbox] == [["fim@wealdshire.example"]]
    assert mailoutbox[0].extra_headers["Message-ID"].startswith("<smmp-notice-")
    assert any("Text back 123456" in one["words"] for one in texts())
    assert not any("http" in one["words"] for one in texts() if one["channel"] == "sms")
    assert Entry.objects.filter(event="notice.given", subject_name="Force incident manager").count() == 1
    # A try that is made again after a worker died writes the same file.
    NoticeDelivery.objects.update(state="waiting", due_at=clock.now())
    tasks.send_due()
    assert len(texts()) == 2


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("01632 960100", "+441632960100"),
        ("447700900123", "+447700900123"),
        ("999", ""),
        ("", ""),
        ("ring me", ""),
    ],
)
def test_numbers_are_read_as_people_write_them(written, number):
    assert ways.number(written) == number


def test_whoever_has_no_number_is_known_at_once_to_be_out_of_reach(texts, inspector_calder):
    actions.notify(actor=DESK, to=[inspector_calder], urgency="page", title="Case W-7", ways=["sms"])
    assert tasks.send_due() == 0
    failed = NoticeDelivery.objects.get()
    assert (failed.state, failed.why) == ("failed", "There is no number that a text could go to.")
    assert Entry.objects.get(event="notice.failed").details["channel"] == "sms"


def test_a_text_goes_through_notify_and_is_asked_after(notify, inspector_calder):
    inspector_calder.phone = "07700 900201"
    inspector_calder.save()
    with time_machine.travel("2026-11-29T03:00:00Z", tick=False) as traveller:
        actions.notify(
            actor=DESK, to=[inspector_calder], urgency="page", title="Case W-7", ways=["sms", "email"]
        )
        notify.fault = 503
        assert tasks.send_due() == 0
        assert set(NoticeDelivery.objects.values_list("state", flat=True)) == {"waiting"}
        notify.fault = None
        traveller.shift(2)
        assert tasks.send_due() == 2
        # The second try asks first whether the one before was taken after all.
        assert sum(method == "GET" for method, _, _ in notify.asked) == 2
        sent = [data for method, _, data in notify.asked if method == "POST"]
        assert sent[-1]["reference"].startswith("smmp-notice-")
        assert {"phone_number", "email_address"} <= {key for data in sent for key in data}
        assert tasks.check_arrivals() == 0
        traveller.shift(5)
        assert tasks.check_arrivals() == 0
        notify.status = "delivered"
        traveller.shift(10)
        assert tasks.check_arrivals() == 2
        assert not NoticeDelivery.objects.filter(arrived_at=None).exists()
        assert Entry.objects.filter(event="notice.arrived").count() == 2


def test_what_notify_could_not_deliver_has_failed_for_good(notify, inspector_calder):
    inspector_calder.phone = "07700 900201"
    inspector_calder.save()
    actions.notify(actor=DESK, to=[inspector_calder], urgency="page", title="Case W-7", ways=["sms"])
    assert tasks.send_due() == 1
    notify.status = "permanent-failure"
    with time_machine.travel(clock.now() + timedelta(seconds=6), tick=False):
        assert tasks.check_arrivals() == 1
        assert tasks.check_arrivals() == 0
    failed = NoticeDelivery.objects.get()
    assert (failed.state, failed.why) == ("failed", "The number or address does not exist.")


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_of_notify_is_not_tried_again(notify, inspector_calder, status):
    inspector_calder.phone = "07700 900201"
    inspector_calder.save()
    actions.notify(actor=DESK, to=[inspector_calder], urgency="page", title="Case W-7", ways=["sms"])
    notify.fault = status
    assert tasks.send_due() == 0
    failed = NoticeDelivery.objects.get()
    assert (failed.state, failed.tries) == ("failed", 1)
    assert str(status) in failed.why


def test_a_channel_that_refuses_and_one_that_is_away(settings, db, monkeypatch):
    settings.TEXTS_FOLDER = None
    settings.TEAMS_WEBHOOK = settings.SLACK_WEBHOOK = "https://hooks.example/1"
    asked = []

    def post(address, json, **given):
        asked.append(json)
        if "attachments" not in json:
            raise httpx.ConnectError("away")
        return httpx.Response(404)

    monkeypatch.setattr(httpx, "post", post)
    to_post(teams="", slack="")
    assert tasks.send_due() == 0
    states = dict(NoticeDelivery.objects.values_list("channel", "state"))
    assert states == {"teams": "failed", "slack": "waiting"}
    assert "Case W-7" in str(asked)
    assert Notice.objects.get().to is None
