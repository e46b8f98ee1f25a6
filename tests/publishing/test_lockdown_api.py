"""A program reads what is in force and stops what goes out, where it was granted; it never lets it go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import services
from audit.models import Entry
from core import clock
from core.errors import NotPermitted
from notices.models import Notice
from publishing import queries_lockdown, sending
from publishing.actions import lockdown
from publishing.models import Delivery, Lockdown
from smmp.api import document
from smmp.seed.force import SEED
from staff.roles import Role
from tests.publishing.test_lockdown import end_by_two, queue_reply

pytestmark = pytest.mark.django_db


def program(owner, role, by, name="Intrusion alarm"):
    made = services.add_service(
        actor=by, name=name, purpose="Stops what goes out", owner=owner, networks=["127.0.0.0/8"]
    )
    accounts.give_grant(
        actor=SEED, person=made.member, role=role, until=clock.now() + timedelta(days=30), why="Alarm"
    )
    return made, services.make_key(actor=by, service=made, until=clock.now() + timedelta(days=90))[1]


@pytest.fixture
def alarm(clock_at, ben_osei, victoria_lang):
    """A program that may lock down; Victoria Lang answers for it."""
    return program(victoria_lang, Role.DUTY_COMMAND, ben_osei)


@pytest.fixture
def key(alarm):
    return alarm[1]


def ask(client, route, key, body=None, *, token="first-try-1", **kwargs):
    headers = {"Authorization": f"Bearer {key}"}
    address = reverse(f"api:{route}", kwargs=kwargs or None)
    if body is None:
        return client.get(address, headers=headers)
    return client.post(
        address, body, content_type="application/json", headers={**headers, "Idempotency-Key": token}
    )


def test_what_is_in_force_is_read_with_its_scope_and_since_when(
    client, key, sergeant_okafor, harrowfield_account
):
    assert ask(client, "lockdowns", key).json() == {"stopped": False, "items": []}
    lockdown.start_lockdown(actor=sergeant_okafor, why="Trying it", drill=True)
    assert ask(client, "lockdowns", key).json()["stopped"] is False
    made = ask(
        client,
        "lockdowns",
        key,
        {"kind": "pause", "why": "A death", "official_accounts": [harrowfield_account.pk]},
    )
    assert made.status_code == 201
    shown = ask(client, "lockdowns", key).json()
    assert shown["stopped"] is True
    pause = next(one for one in shown["items"] if not one["exercise"])
    assert pause["official_accounts"] == [harrowfield_account.pk]
    assert (pause["reach"], pause["since"]) == (harrowfield_account.name, clock.now().isoformat())
    assert ask(client, "lockdown", key, pk=pause["id"]).json() == pause
    assert ask(client, "lockdown", key, pk=10**12).status_code == 404


def test_a_program_stops_what_goes_out_once_and_it_is_audited(
    client, key, platform, amira_hussain, victoria_lang, force_account
):
    queue_reply(amira_hussain, force_account)
    body = {"kind": "compromise", "why": "The intrusion alarm went off"}
    first = ask(client, "lockdowns", key, body)
    assert first.status_code == 201
    assert ask(client, "lockdowns", key, body).json() == first.json()
    assert Lockdown.objects.count() == 1
    again = ask(client, "lockdowns", key, body, token="second-try")
    assert (again.status_code, "in force already" in again.json()["detail"]) == (409, True)
    assert sending.send_due() == 0
    assert platform.acts == 0
    assert Entry.objects.get(event="lockdown.started").actor_kind == "service"
    live = queries_lockdown.live()[0]
    lockdown.tell(lockdown=live)
    assert Notice.objects.filter(to=amira_hussain, key=lockdown.told_key(live)).exists()
    Delivery.objects.update(state="unknown", opened_at=clock.now(), fence=1)
    lockdown.tell_what_was_caught(lockdown=live)
    assert Notice.objects.filter(to=victoria_lang, title__startswith="In between").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "compromise", "why": ""}, "why"),
        ({"kind": "everything", "why": "Because"}, "kind"),
        ({"kind": "pause", "why": "x" * 401}, "why"),
        ({"kind": "pause", "why": "Because", "official_accounts": [10**12]}, "scope"),
        ({"kind": "pause", "why": "Because", "what": ["replies"]}, "what"),
        ({"kind": "pause", "why": "Because", "what": ["nonsense"]}, None),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_stopped(client, key, body, field):
    answer = ask(client, "lockdowns", key, body)
    assert answer.status_code == 422
    assert field is None or answer.json()["field"] == field
    assert not Lockdown.objects.exists()


def test_no_program_lets_it_go_on(
    client, alarm, sergeant_okafor, inspector_calder, amira_hussain, force_account
):
    service, key = alarm
    delivery = queue_reply(amira_hussain, force_account)
    made = ask(client, "lockdowns", key, {"kind": "compromise", "why": "Alarm"}).json()
    refused = ask(client, "release_lockdown", key, {}, token="let-it-go", pk=made["id"])
    assert refused.status_code == 403
    assert "two people do that" in refused.json()["detail"]
    live = Lockdown.objects.get()
    actor = service.member
    asked = lockdown.ask_release(actor=sergeant_okafor, lockdown=live, why="All clear")
    for act in (
        lambda: lockdown.confirm_release(actor=actor, release=asked),
        lambda: lockdown.decline_release(actor=actor, release=asked, why="No"),
        lambda: lockdown.ask_release(actor=actor, lockdown=live, why="All clear"),
        lambda: lockdown.release_pause(
            actor=actor, lockdown=live, why="All clear", manager_name="Ch Insp Vale"
        ),
        lambda: lockdown.let_pass(actor=actor, lockdown=live, delivery=delivery, why="A life"),
        lambda: lockdown.end_drill(actor=actor, lockdown=live, why="Over"),
    ):
        with pytest.raises(NotPermitted, match="two people do that"):
            act()
    assert queries_lockdown.live() == [live]
    lockdown.decline_release(actor=sergeant_okafor, release=asked)
    end_by_two(live, sergeant_okafor, inspector_calder)
    assert queries_lockdown.live() == []


def test_who_was_not_granted_it_is_refused_in_words(client, clock_at, ben_osei, victoria_lang):
    _, reader = program(victoria_lang, Role.COMMS_OFFICER, ben_osei, "Wallboard")
    assert ask(client, "lockdowns", reader).status_code == 200
    answer = ask(client, "lockdowns", reader, {"kind": "pause", "why": "Because"})
    assert answer.status_code == 403
    assert "Stop everything that goes out" in answer.json()["detail"]
    _, blind = program(victoria_lang, Role.RECORDS_MANAGER, ben_osei, "Archive")
    assert ask(client, "lockdowns", blind).status_code == 403


def test_the_document_describes_it():
    paths = document()["paths"]
    assert {"get", "post"} <= paths["/api/v1/lockdowns"].keys()
    assert "/api/v1/lockdowns/{id}" in paths or "/api/v1/lockdowns/{pk}" in paths
