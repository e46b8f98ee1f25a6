"""A neglected appeal, and a post that still stands though it should be gone, climb like every case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from escalation import tasks
from escalation.models import AppealCase, Case
from publishing import sending, taking_down
from publishing.actions import appeals
from publishing.models import TakeDown
from tests.publishing.appeals import live_appeal
from tests.publishing.platform import StubbornPlatform


@pytest.fixture
def platform(monkeypatch):
    stubborn = StubbornPlatform()
    monkeypatch.setattr(sending, "kept_connector", lambda official_account: stubborn)
    return stubborn


@pytest.fixture
def live(platform, settings, leah_brandt, helen_achebe, force_account):
    settings.OUTBOX_UNDO_S = 0
    return live_appeal(leah_brandt, helen_achebe, [force_account], platform)


def test_an_overdue_review_is_one_case_that_says_what_became_of_it(
    live, client, leah_brandt, sergeant_okafor
):
    type(live).objects.filter(pk=live.pk).update(review_on=clock.today() - timedelta(days=1))
    taking_down.carry_on()
    taking_down.carry_on()
    assert tasks.open_for_appeals() == 1
    assert tasks.open_for_appeals() == 0
    case = Case.objects.get()
    assert (case.pathway.slug, case.priority, case.state) == ("public_appeal", 3, "waiting")
    assert AppealCase.objects.get().appeal == live
    live.refresh_from_db()
    appeals.review(
        actor=leah_brandt, appeal=live, review_on=clock.today() + timedelta(days=7), why="Still missing"
    )
    client.force_login(sergeant_okafor)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "It is live now." in page
    type(live).objects.filter(pk=live.pk).update(review_on=clock.today() - timedelta(days=2))
    taking_down.carry_on()
    assert tasks.open_for_appeals() == 1
    assert Case.objects.count() == 2


def test_what_still_stands_is_a_case_once(live, platform, leah_brandt):
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    taking_down.carry_on()
    TakeDown.objects.update(verify_by=clock.now() - timedelta(seconds=1))
    taking_down.verify_due()
    assert tasks.open_for_appeals() == 1
    assert tasks.open_for_appeals() == 0
    case = Case.objects.get()
    assert case.title.startswith("Not seen to be gone")
    assert case.priority == 2
