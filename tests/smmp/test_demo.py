"""The demonstration page: one click for one of the cast, and nowhere but in a demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from audit.models import Entry
from core.actors import System
from core.errors import NotFound
from publishing.actions import lockdown
from smmp import actions
from smmp.seed.force import PERSONAS
from staff import sessions
from staff.actions import members

ROOT = Path(__file__).resolve().parents[2]


def test_every_persona_has_a_card_and_one_click_signs_in(client, wealdshire):
    page = client.get(reverse("demo"))
    for persona in PERSONAS:
        assert persona.name in page.text
    for persona in PERSONAS:
        entered = client.post(reverse("demo"), {"persona": persona.slug})
        assert entered["Location"] == "/"
        assert persona.name in client.get(reverse("staff:profile")).text
    assert Entry.objects.filter(event="staff.signed_in").count() == len(PERSONAS)


@pytest.mark.parametrize("slug", ["", "nobody", "x" * 500, "\x00"])
def test_nobody_else_gets_in(client, wealdshire, slug):
    assert client.post(reverse("demo"), {"persona": slug}).status_code == 404
    assert client.get(reverse("staff:profile")).status_code == 302


def test_a_persona_who_has_left_stays_out(client, ben_osei, amira_hussain):
    members.record_leaver(actor=ben_osei, member=amira_hussain, why="Left")
    assert client.post(reverse("demo"), {"persona": "amira_hussain"}).status_code == 404
    assert "Amira Hussain" not in client.get(reverse("demo")).text


def test_the_sign_in_page_shows_the_way(client, db):
    assert reverse("demo") in client.get(reverse("staff:sign_in")).text


def test_without_the_demo_setting_the_action_refuses(wealdshire, settings):
    settings.DEMO = False
    with pytest.raises(NotFound):
        actions.enter_as(actor=System("demonstration"), slug="amira_hussain")


def test_one_click_proves_a_persona_again_and_goes_on(client, sergeant_okafor):
    lockdown.start_lockdown(actor=sergeant_okafor, why="Rehearsal")
    client.force_login(sergeant_okafor)
    _grow_stale(client)
    lift = reverse("publishing:lift_lockdown")
    page = client.post(lift, {"do": "ask", "why": "Over"})
    assert page.status_code == 403
    assert f'formaction="{reverse("demo_prove")}"' in page.text
    onwards = client.post(reverse("demo_prove"), {"do": "ask", "why": "Over", "demo_onwards": lift})
    assert (onwards.status_code, onwards["Location"]) == (307, lift)
    assert client.post(lift, {"do": "ask", "why": "Over"}).status_code == 302
    entry = Entry.objects.get(event="staff.step_up_proved")
    assert entry.details == {"page": "publishing:lift_lockdown", "by": "the demonstration page"}


def test_one_click_comes_back_to_a_page_and_never_leads_elsewhere(client, ben_osei):
    client.force_login(ben_osei)
    _grow_stale(client)
    asked = client.get(reverse("accounts:give_grant"))
    assert reverse("demo_prove") in client.get(asked["Location"]).text
    give = reverse("accounts:give_grant")
    assert client.post(reverse("demo_prove"), {"next": give, "demo_onwards": ""})["Location"] == give
    assert client.get(give).status_code == 200
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        answer = client.post(reverse("demo_prove"), {"next": elsewhere, "demo_onwards": elsewhere})
        assert answer["Location"] == "/"


def test_one_click_proves_nobody_but_the_cast(client, ben_osei, settings):
    joiner = members.add_member(actor=ben_osei, email="nia.new@wealdshire.example", name="Nia New")
    client.force_login(joiner)
    _grow_stale(client)
    assert client.post(reverse("demo_prove"), {}).status_code == 404
    settings.DEMO = False
    with pytest.raises(NotFound):
        actions.prove_as(actor=ben_osei, page="")
    assert not Entry.objects.filter(event="staff.step_up_proved").exists()


def _grow_stale(client):
    session = client.session
    session[sessions.PROVED] -= sessions.FRESH.total_seconds() + 1
    session.save()


def test_production_has_no_such_route_and_no_such_module():
    """Started as production is, the address, its name and its code are not there."""
    asks = (
        "import sys, django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.urls import NoReverseMatch, Resolver404, resolve, reverse\n"
        "resolve('/sign-in/')\n"
        "for ask in (lambda: resolve('/demo/'), lambda: reverse('demo'), lambda: resolve('/demo/prove/'),\n"
        "            lambda: reverse('demo_prove')):\n"
        "    try: ask()\n"
        "    except (Resolver404, NoReverseMatch): print('absent')\n"
        "print(settings.DEMO, 'smmp.demo' in sys.modules)\n"
    )
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("SMMP_")},
        "DJANGO_SETTINGS_MODULE": "smmp.settings.production",
        "DATABASE_URL": "postgresql:///none",
        "DATABASE_OWNER_URL": "postgresql:///none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SMMP_SECRET_KEY": "k" * 60,
        "SMMP_CREDENTIAL_KEYS": "b2ZmaWNpYWwtYWNjb3VudHMtdGVzdC1rZXktMDAwMDE=",
        "SMMP_SEAL_SIGNERS": "/none",
        "SMMP_HOSTS": "smmp.example",
        "SMMP_DEVICE_CLASSES": "off",
        "SMMP_ADDRESS": "https://smmp.example",
    }
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", asks],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stdout.split("\n")[:5] == ["absent"] * 4 + ["False False"], answer.stderr
