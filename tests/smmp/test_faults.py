"""What people see when the fault is ours."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.urls import reverse

from smmp import home


@pytest.fixture
def signed_in(client, amira_hussain):
    client.force_login(amira_hussain)
    client.raise_request_exception = False
    return client


def test_a_database_that_is_away_is_said_so_and_not_called_a_fault(signed_in, monkeypatch):
    def away(*_):
        raise OperationalError("the database system is in recovery mode")

    monkeypatch.setattr(home, "for_person", away)
    answer = signed_in.get(reverse("home"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "cannot reach its database" in answer.content.decode()
    assert "recovery mode" not in answer.content.decode()
    assert "Content-Security-Policy" in answer
    assert "X-Request-ID" in answer


def test_a_mistake_of_ours_is_a_page_without_its_details(signed_in, monkeypatch):
    def mistaken(*_):
        raise KeyError("Jordan's words")

    monkeypatch.setattr(home, "for_person", mistaken)
    answer = signed_in.get(reverse("home"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "Jordan" not in answer.content.decode()
