"""Costs: what X charges, by month and official account."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import actions
from core.actors import System
from insights import costs
from publishing.actions import outbox
from publishing.models import Delivery

TEST = System("test")


@pytest.fixture
def on_x(wealdshire, victoria_lang):
    return actions.register_account(
        actor=TEST, platform="x", handle="wealdshire", name="Wealdshire on X", owner=victoria_lang
    )


def sent(account, author, text, at, kind="reply"):
    delivery = outbox.queue(
        actor=TEST, official_account=account, kind=kind, author=author, text=text, target_external_id="1"
    )
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", sent_at=at, external_id=f"x{delivery.pk}")


def test_a_month_is_added_up_on_london_clocks(on_x, leah_brandt):
    inside = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    sent(on_x, leah_brandt, "See https://wealdshire.example/news", inside)
    sent(on_x, leah_brandt, "Thank you.", inside)
    sent(on_x, leah_brandt, "", inside, kind="hide")
    sent(on_x, leah_brandt, "Thank you.", datetime(2026, 7, 31, 23, 30, tzinfo=UTC))  # August in London
    [cost] = costs.of_month(leah_brandt, date(2026, 7, 1))
    assert cost.dollars == Decimal("0.200") + Decimal("0.015") + Decimal("0.005")
    assert sum(line.count for line in cost.lines) == 3
    [august] = costs.of_month(leah_brandt, date(2026, 8, 1))
    assert august.dollars == Decimal("0.015")


def test_the_months_go_back_over_new_year():
    months = costs.months(date(2027, 1, 31))
    assert months[:3] == [date(2027, 1, 1), date(2026, 12, 1), date(2026, 11, 1)]
    assert len(months) == costs.MONTHS_BACK


def test_the_page_is_read_by_who_sees_posts_and_an_unknown_month_is_this_one(client, on_x, leah_brandt):
    client.force_login(leah_brandt)
    page = client.get(reverse("insights:costs"), {"month": "0000-99"})
    assert "Wealdshire on X" in page.text
    assert "Nothing that costs anything" in page.text


def test_nothing_stands_there_where_nothing_charges(client, wealdshire, leah_brandt):
    client.force_login(leah_brandt)
    assert "No official account is on a platform that charges" in client.get(reverse("insights:costs")).text
