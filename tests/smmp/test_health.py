"""Health and figures: honest about each part, closed without the token."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings

from core import clock
from smmp import lanes, pulse


def test_alive_asks_nothing_of_the_database(client):
    assert client.get("/healthz").content == b"ok\n"


PARTS = {
    "worker": ["worker"],
    "scheduler": ["scheduler"],
    "calls": [f"lane {name}" for name in lanes.lanes()],
}


def beat(parts) -> None:
    for part in parts:
        for name in PARTS[part]:
            pulse.beat(name)


def test_ready_when_every_part_gave_a_sign_of_life(client, db):
    beat(["worker", "scheduler"])
    assert client.get("/readyz").json()["parts"]["calls"] == {"ready": False, "age_s": None}
    beat(PARTS)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["worker"]["age_s"] < 5


@pytest.mark.parametrize("silent", PARTS)
def test_not_ready_while_a_part_is_silent(client, db, silent):
    beat(PARTS)
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        beat(PARTS.keys() - {silent})
        if silent == "calls":
            pulse.beat("lane desk")
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"][silent]["ready"] is False


def test_figures_need_the_token(client, db):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    right = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    assert right.status_code == 200
    assert b"smmp_lockdown 0.0" in right.content


def test_there_are_no_figures_where_no_token_is_set(client, db, monkeypatch):
    monkeypatch.setattr(settings, "METRICS_TOKEN", "")
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_every_answer_carries_a_request_id_and_takes_only_a_harmless_one(client):
    assert client.get("/healthz", headers={"X-Request-ID": "abc-12345678"})["X-Request-ID"] == "abc-12345678"
    assert "\n" not in client.get("/healthz", headers={"X-Request-ID": "bad id"})["X-Request-ID"]
    assert client.get("/healthz", headers={"X-Request-ID": "bad id"})["X-Request-ID"] != "bad id"
