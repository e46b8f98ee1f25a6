"""Appeals and tips for programs: within their grant, recorded, and never how to reach whoever told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.actions import services
from accounts.models import Grant
from audit.models import Entry
from core import clock
from publishing import sending
from smmp.seed.force import SEED
from staff.roles import Role
from tests.moderation.test_tips import SEEN, told
from tests.publishing.appeals import live_appeal
from tests.publishing.platform import StubbornPlatform


@pytest.fixture
def live(monkeypatch, settings, leah_brandt, helen_achebe, force_account):
    settings.OUTBOX_UNDO_S = 0
    platform = StubbornPlatform()
    monkeypatch.setattr(sending, "kept_connector", lambda official_account: platform)
    return live_appeal(leah_brandt, helen_achebe, [force_account], platform)


def key_over(account, owner):
    service = services.add_service(
        actor=SEED, name=f"Reader of {account}", purpose="Test", owner=owner, networks=["127.0.0.0/8"]
    )
    _, key = services.make_key(actor=SEED, service=service, until=clock.now() + timedelta(days=1))
    Grant.objects.create(
        person=service.member,
        role=Role.DESK_OPERATOR,
        official_account=account,
        since=clock.now() - timedelta(hours=1),
        why="Test",
    )
    return {"Authorization": f"Bearer {key}"}


def test_a_program_reads_appeals_and_tips_within_its_grant(
    client, live, victoria_lang, force_account, saltmere_account
):
    tip = told(live, telephone="07700 900123", place="Viaduct")
    near, far = key_over(force_account, victoria_lang), key_over(saltmere_account, victoria_lang)
    listed = client.get("/api/v1/appeals", headers=near).json()["items"]
    assert [(one["reference"], one["state"]) for one in listed] == [(live.reference, "live")]
    assert client.get(f"/api/v1/appeals/{live.pk}", headers=near).json()["official_accounts"] == [
        force_account.pk
    ]
    found = client.get(f"/api/v1/appeals/{live.pk}/tips", headers=near)
    assert found.json()["items"][0]["text"] == SEEN
    assert found.json()["items"][0]["can_be_reached"] is True
    one = client.get(f"/api/v1/tips/{tip.pk}", headers=near)
    assert one.json()["place"] == "Viaduct"
    for answer in (found, one):
        assert "07700" not in answer.content.decode()
    assert Entry.objects.filter(event="tips.listed", shown_ids__contains=[tip.pk]).count() == 2
    assert client.get("/api/v1/appeals", headers=far).json()["items"] == []
    for path in (f"appeals/{live.pk}", f"appeals/{live.pk}/tips", f"tips/{tip.pk}"):
        assert client.get(f"/api/v1/{path}", headers=far).status_code == 404
