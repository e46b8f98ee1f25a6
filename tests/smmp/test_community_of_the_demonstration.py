"""The demonstration force has a campaign of each kind at work, made once, and every page of it opens."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core import crowd
from publishing.models import Campaign, Concern, Engagement, LogLine, Question
from smmp.seed import community, people, planning


@pytest.fixture
def made(wealdshire, settings, tmp_path):
    settings.MEDIA_STORE = tmp_path
    people.make(wealdshire)
    planning.make(wealdshire)
    community.make(wealdshire)
    return wealdshire


def test_it_is_made_once_has_something_in_every_state_and_each_page_of_it_opens(made, client):
    before = [model.objects.count() for model in (Campaign, LogLine, Question, Concern, Engagement)]
    community.make(made)
    assert [model.objects.count() for model in (Campaign, LogLine, Question, Concern, Engagement)] == before
    assert set(Campaign.objects.values_list("kind", flat=True)) == {
        "log",
        "meeting",
        "event",
        "patrol",
        "live",
        "takeover",
    }
    assert set(LogLine.objects.values_list("state", flat=True)) == {"waiting", "read", "skipped"}
    assert set(Question.objects.values_list("state", flat=True)) == {"waiting", "shown", "answered"}
    assert set(Concern.objects.values_list("state", flat=True)) == {"open", "planned", "done", "published"}
    assert set(Engagement.objects.values_list("state", flat=True)) == {"asked", "approved", "closed"}

    run = {"log": "publishing:log", "meeting": "moderation:meeting"}
    client.force_login(made.people["leah_brandt"])
    for campaign in Campaign.objects.all():
        for route in ("publishing:campaign", run.get(campaign.kind, "publishing:occasion")):
            assert client.get(reverse(route, args=[campaign.pk])).status_code == 200
        assert client.get(reverse("publishing:campaign_change", args=[campaign.pk])).status_code == 200
    for row in Concern.objects.all():
        assert client.get(reverse("publishing:concern", args=[row.pk])).status_code == 200
    for row in Engagement.objects.all():
        assert client.get(reverse("publishing:engagement", args=[row.pk])).status_code == 200
    crowd.forget()
    shown = Client().get(reverse("publishing_public:you_said", args=["harrowfield"])).content.decode()
    assert "31 drivers were reported" in shown
    assert "four lamps" not in shown
