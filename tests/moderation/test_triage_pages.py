"""The pages that say how comments are sorted: to staff, and to the public as a transparency record."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from moderation import measured
from moderation.categories import Category
from moderation.triage import VERSION
from moderation.triage.evaluate import Case
from moderation.triage.rules import RULES


@pytest.fixture
def how(client, amira_hussain):
    client.force_login(amira_hussain)
    return lambda: client.get(reverse("moderation:how_triage_works")).content.decode()


def test_staff_read_what_runs_now_and_how_often_it_is_right(how):
    page = how()
    assert VERSION in page
    for category in Category:
        assert category.label in page
    assert f"{len(RULES)}, all of them on every comment" in page
    assert measured.GRAVE["suicide_self_harm"] in page
    assert "muslim" in page
    assert "the rules alone" in page


def test_figures_of_another_version_say_so(how, monkeypatch):
    old = {**measured.kept(), "version": "rules-before"}
    monkeypatch.setattr(measured, "kept", lambda: old)
    assert "They are of version rules-before, not of the one that is live." in how()
    monkeypatch.setattr(measured, "kept", lambda: {**old, "version": VERSION})
    assert "They are of the version that is live." in how()
    monkeypatch.setattr(measured, "kept", lambda: None)
    assert "Nothing has been measured" in how()


def test_anybody_reads_the_record_with_every_field_of_both_tiers(client, db, settings):
    settings.PUBLIC_CONTACT = "desk@wealdshire.example"
    response = client.get(reverse("moderation:triage_record"))
    page = response.content.decode()
    assert response.status_code == 200
    assert not response.cookies
    assert "mailto:desk@wealdshire.example" in page
    for field in [
        "Name",
        "Description",
        "Website",
        "Contact",
        "Organisation",
        "Team",
        "Scope",
        "Benefit",
        "Phase",
        "Task",
        "Input",
        "Output",
        "Performance",
        "Training",
    ]:
        assert f"<dt>{field}</dt>" in page, field
    for field in (
        "Senior responsible owner",
        "Third parties",
        "Alternatives considered",
        "Human decisions",
        "Appeals and review",
        "Model version",
        "Data it was made from",
    ):
        assert f"<dt>{field}</dt>" in page, field
    assert VERSION in page
    settings.PUBLIC_CONTACT = ""
    assert "No address is given" in client.get(reverse("moderation:triage_record")).content.decode()


def test_the_figures_are_counts_of_what_was_judged():
    comments = [
        Case("suicide_self_harm", "a", "suicide_self_harm"),
        Case("suicide_self_harm", "b", "suicide_self_harm", language="pl"),
        *[Case("identity_mentions", "c", "none", group="muslim")] * 4,
        Case("identity_mentions", "a", "none", group="muslim"),
        Case("identity_mentions", "c", "none", group="irish"),
    ]
    taken = measured.take(
        comments, [{"a": 2, "b": 3, "c": 5}[one.text] for one in comments], version="x", on=date(2026, 11, 28)
    )
    assert taken["grave"] == {"comments": 2, "flagged": 1, "share": 0.5}
    assert taken["calm"] == {"comments": 6, "flagged": 1, "share": 0.167}
    assert taken["other_languages"] == {"comments": 1, "flagged": 0, "share": 0.0}
    assert taken["groups"] == [{"title": "muslim", "comments": 5, "flagged": 1, "share": 0.2}]
    assert taken["grave_sets"][0] == {"title": measured.GRAVE["suicide_self_harm"], **taken["grave"]}
