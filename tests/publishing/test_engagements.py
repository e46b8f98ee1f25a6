"""The register of influencers, paid media and partners."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from publishing import queries_engagements
from publishing.actions import engagements
from publishing.models import Engagement
from publishing.workflow_campaigns import ENGAGEMENT

GIVEN = {
    "kind": "influencer",
    "who": "@wealdshire_cyclist",
    "what": "Three films",
    "cost_pence": 45_000,
    "label": "Ad",
    "starts_on": date(2026, 3, 31),
    "ends_on": date(2026, 4, 30),
}


@pytest.fixture
def entry(leah_brandt):
    return engagements.ask(actor=leah_brandt, **GIVEN)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "friend"}, "kind"),
        ({"who": " "}, "who"),
        ({"what": ""}, "what"),
        ({"cost_pence": -1}, "cost"),
        ({"cost_pence": 10_000_000_01}, "cost"),
        ({"label": ""}, "label"),
        ({"kind": "partner", "label": ""}, "label"),
        ({"ends_on": date(2026, 3, 30)}, "ends_on"),
        ({"ends_on": date(2036, 3, 30)}, "ends_on"),
    ],
)
def test_what_cannot_be_entered_names_its_field(leah_brandt, changed, field):
    with pytest.raises(NotValid) as refused:
        engagements.ask(actor=leah_brandt, **GIVEN | changed)
    assert refused.value.field == field
    assert not Engagement.objects.exists()


def test_a_partner_who_costs_nothing_needs_no_label(leah_brandt):
    assert (
        engagements.ask(actor=leah_brandt, **GIVEN | {"kind": "partner", "cost_pence": 0, "label": ""}).label
        == ""
    )


def test_somebody_else_approves_and_the_database_agrees(entry, leah_brandt, helen_achebe, amira_hussain):
    for person in (leah_brandt, amira_hussain):
        with pytest.raises(NotPermitted):
            engagements.decide(actor=person, entry=entry, approve=True)
    own = engagements.ask(actor=helen_achebe, **GIVEN)
    with pytest.raises(NotPermitted, match="You asked for this"):
        engagements.decide(actor=helen_achebe, entry=own, approve=True)
    with pytest.raises(IntegrityError, match="engagement_two_people"), transaction.atomic():
        Engagement.objects.filter(pk=entry.pk).update(
            state="approved", decided_by=leah_brandt, decided_at=entry.asked_at
        )
    with pytest.raises(NotValid, match="Say why"):
        engagements.decide(actor=helen_achebe, entry=entry, approve=False)
    with pytest.raises(TransitionNotAllowed):
        engagements.close(actor=leah_brandt, entry=entry, result="Seen by many")
    engagements.decide(actor=helen_achebe, entry=entry, approve=True)
    with pytest.raises(TransitionNotAllowed):
        engagements.decide(actor=helen_achebe, entry=entry, approve=False, why="After all not")
    assert engagements.close(actor=leah_brandt, entry=entry, result="Seen by many").state == "closed"
    assert ENGAGEMENT.states == {"asked", "approved", "refused", "closed"}


def test_a_financial_year_begins_on_the_first_of_april(leah_brandt, helen_achebe, entry):
    assert [
        queries_engagements.year_of(day) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2028, 2, 29))
    ] == [
        2025,
        2026,
        2027,
    ]
    later = engagements.ask(actor=leah_brandt, **GIVEN | {"starts_on": date(2026, 4, 1)})
    engagements.decide(actor=helen_achebe, entry=later, approve=True)
    assert [one.pence for one in queries_engagements.totals(leah_brandt, 2025)] == [0, 0, 0, 0]
    assert [one.pence for one in queries_engagements.totals(leah_brandt, 2026)] == [45_000, 0, 0, 45_000]


def test_an_entry_from_asking_to_the_table(client, leah_brandt, helen_achebe, amira_hussain):
    client.force_login(leah_brandt)
    new = reverse("publishing:engagement_new")
    typed = {
        "kind": "paid",
        "who": "=Radio",
        "what": "Spots",
        "cost": "2400.50",
        "label": "",
        "starts_on": "2026-05-01",
        "ends_on": "2026-06-01",
    }
    answer = client.post(new, typed)
    assert answer.status_code == 422
    assert "2400.50" in answer.content.decode()
    client.post(new, {**typed, "label": "Paid for by Wealdshire Police"})
    entry = Engagement.objects.get()
    one, step = (reverse(f"publishing:{name}", args=[entry.pk]) for name in ("engagement", "engagement_step"))
    assert "Somebody else who may approve" in client.get(one).content.decode()
    client.force_login(helen_achebe)
    assert "Paid media waits for approval: =Radio" in client.get("/").content.decode()
    assert client.post(step, {"do": "refuse", "why": ""}).status_code == 422
    client.post(step, {"do": "approve"})
    client.force_login(leah_brandt)
    assert client.post(step, {"do": "close", "why": " "}).status_code == 422
    assert "£2,400.50" in client.get(reverse("publishing:engagements") + "?year=2026").content.decode()
    table = client.get(reverse("publishing:engagement_table") + "?year=2026")
    rows = list(csv.reader(io.StringIO(table.content.decode())))
    assert rows[1][:2] == ["Paid media", "'=Radio"]
    assert rows[1][4] == "2400.50"
    client.force_login(amira_hussain)
    assert client.get(one).status_code == 403
