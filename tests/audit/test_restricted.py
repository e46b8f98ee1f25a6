"""What professional standards keep to themselves, nobody else reads, counts or exports."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from audit import catalogue, queries
from audit.actions import record
from core.actors import System
from staff.actions import conduct

SECRET = catalogue.Event("{actor} did something that nobody else may know of", restricted=True)


@pytest.fixture
def hidden(monkeypatch, inspector_kerr, amira_hussain):
    monkeypatch.setitem(catalogue.EVENTS, "conduct.tested", SECRET)
    monkeypatch.setattr(queries, "RESTRICTED", frozenset({"conduct.tested"}))
    return record(actor=inspector_kerr, event="conduct.tested", subject=amira_hussain, shown_ids=[7])


def test_others_read_the_trail_as_if_it_were_not_there(client, hidden, joan_pritchard, inspector_kerr):
    assert not queries.in_sight(joan_pritchard).filter(pk=hidden.pk).exists()
    assert not queries.open_entries().filter(pk=hidden.pk).exists()
    assert queries.in_sight(inspector_kerr).filter(pk=hidden.pk).exists()
    client.force_login(joan_pritchard)
    for page in ("audit:trail", "audit:export"):
        assert "nobody else may know" not in client.get(reverse(page)).text
    client.force_login(inspector_kerr)
    assert "nobody else may know" in client.get(reverse("audit:trail")).text


def test_it_is_in_no_count_of_the_first_page(hidden, joan_pritchard, inspector_kerr):
    record(actor=System("test"), event="lockdown.started")
    assert queries.in_sight(joan_pritchard).count() == queries.open_entries().count()
    # Of the rest they see what is assigned to them: nothing yet.
    assert list(queries.in_sight(inspector_kerr)) == [hidden]


def test_every_night_that_the_trail_leads_to_may_be_opened(client, inspector_kerr, amira_hussain):
    conduct.decide(actor=inspector_kerr, member=amira_hussain, kind="covert", why="An allegation")
    client.force_login(inspector_kerr)
    page = client.get("/audit/").content.decode()
    assert inspector_kerr.called in page
    for address in re.findall(r'href="(/audit/people/[^"]+)"', page):
        assert client.get(address).status_code == 200, address
