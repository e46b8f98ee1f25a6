"""Who watches an official account when, and the recorded risk of the hours in which nobody does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import coverage
from accounts.actions import coverage as actions
from accounts.models import UnwatchedRisk, WatchHours
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid
from staff.models import Team


def test_hours_run_over_midnight_and_what_is_left_is_said_in_words(force_account, victoria_lang, ben_osei):
    desk = Team.objects.get(name="Digital desk")
    actions.add_hours(
        actor=ben_osei, account=force_account, team=desk, days=range(5), from_hour=22, until_hour=7
    )
    actions.add_hours(
        actor=ben_osei, account=force_account, team=desk, days=range(5), from_hour=7, until_hour=22
    )
    one = coverage.coverage(ben_osei, force_account.pk)
    assert one.watched_hours == 5 * 24
    assert [(s.days, s.hours) for s in one.unwatched] == [
        ("Monday", "00:00 to 07:00"),
        ("Saturday", "07:00 to 24:00"),
        ("Sunday", "the whole day"),
    ]
    assert one.lacks_record
    with pytest.raises(NotValid, match="already"):
        actions.add_hours(
            actor=ben_osei, account=force_account, team=desk, days=range(5), from_hour=7, until_hour=22
        )
    for wrong in ({"days": []}, {"days": [7]}, {"days": [0], "from_hour": 24}):
        with pytest.raises(NotValid):
            actions.add_hours(
                actor=ben_osei,
                account=force_account,
                team=desk,
                **{"days": [1], "from_hour": 1, "until_hour": 2, **wrong},
            )


def test_the_register_keeps_hours_and_the_risk_and_others_only_read(
    client, force_account, ben_osei, amira_hussain, victoria_lang
):
    page = reverse("accounts:coverage_of", args=[force_account.pk])
    client.force_login(ben_osei)
    assert "Not recorded" in client.get(reverse("accounts:coverage")).content.decode()
    team = Team.objects.get(name="Digital desk").pk
    assert client.post(page, {"do": "add"}).status_code == 422
    hours = {"do": "add", "team": team, "days": ["5", "6"], "from_hour": 8, "until_hour": 20}
    assert "Saturday, Sunday" in client.post(page, hours, follow=True).content.decode()
    risk = {"do": "risk", "risk": "A cry at night", "instead": "999 is named", "borne_by": victoria_lang.pk}
    past = client.post(page, {**risk, "review_on": clock.today().isoformat()})
    assert (past.status_code, "Choose a day to come" in past.content.decode()) == (422, True)
    until = (clock.today() + timedelta(days=90)).isoformat()
    for words in ("A cry at night", "A cry at night, or a threat"):
        assert client.post(page, {**risk, "risk": words, "review_on": until}).status_code == 302
    assert UnwatchedRisk.objects.filter(official_account=force_account).count() == 2
    assert UnwatchedRisk.objects.get(replaced_at=None).risk == "A cry at night, or a threat"
    watch = WatchHours.objects.get()
    assert client.post(page, {"do": "end", "watch": watch.pk}).status_code == 302
    assert client.post(page, {"do": "end", "watch": watch.pk}).status_code == 404
    assert Entry.objects.filter(event="account.watch_changed").count() == 2
    client.force_login(amira_hussain)
    assert "A cry at night" in client.get(page).content.decode()
    assert client.post(page, hours).status_code == 403
    with pytest.raises(NotPermitted):
        actions.end_hours(actor=amira_hussain, watch=watch)
