"""Programs are told of changes of the register: signed, in time, once each, and nowhere inside the force's network."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.urls import reverse

from accounts import actions as accounts
from accounts import hooks, tasks
from accounts.actions import hooks as actions
from accounts.actions import services
from accounts.models import Hook, HookCall, OfficialAccount
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from media import fetching
from notices.models import Notice
from staff.roles import Role

State = HookCall.State


class Receiver:
    """A program of the force's website. `answers`: the status of each answer, the last one again and again."""

    def __init__(self) -> None:
        self.answers, self.got = [200], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/register"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings):
    made = Receiver()
    settings.HOOKS_INSIDE = (made.address,)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def website(ben_osei, force_account):
    """A program that may see the register."""
    service = services.add_service(
        actor=ben_osei,
        name="The website",
        purpose="Lists our accounts",
        owner=ben_osei,
        networks=["10.0.0.0/8"],
    )
    accounts.give_grant(
        actor=ben_osei,
        person=service.member,
        role=Role.ASSET_OWNER,
        until=clock.now() + timedelta(days=30),
        why="Lists our accounts",
    )
    return service


@pytest.fixture
def hook(ben_osei, website, receiver):
    made, made.secret = actions.add_hook(actor=ben_osei, service=website, address=receiver.address)
    return made


def change(account, **fields):
    OfficialAccount.objects.filter(pk=account.pk).update(**fields)


def signed_by(secret, headers, body):
    said = hmac.new(secret.encode(), headers["Smmp-Timestamp"].encode() + b"." + body, hashlib.sha256)
    return f"sha256={said.hexdigest()}"


def test_a_change_is_told_once_signed_and_says_what_changed(hook, receiver, force_account):
    assert tasks.note_register() == 0
    change(force_account, purpose="Everything that matters")
    assert tasks.note_register() == 1
    assert tasks.note_register() == 0
    assert tasks.tell_programs() == 1
    assert tasks.tell_programs() == 0
    [(headers, body)] = receiver.got
    told = json.loads(body)
    assert (told["event"], told["change"], told["changed"]) == ("register.changed", "changed", ["purpose"])
    assert told["official_account"]["handle"] == force_account.handle
    assert headers["Smmp-Signature"] == signed_by(hook.secret, headers, body)
    assert "Smmp-Signature-Former" not in headers
    call = HookCall.objects.get()
    assert (call.state, call.status, str(call.key)) == (State.SENT, 200, headers["Smmp-Delivery"])
    assert Entry.objects.filter(event="hook.told").count() == 1


def test_a_new_account_is_told_and_one_that_it_may_not_see_is_not(hook, receiver, ben_osei, force_account):
    made = accounts.register_account(
        actor=ben_osei, platform="mastodon", handle="new@example.org", name="New", owner=ben_osei
    )
    tasks.note_register()
    assert HookCall.objects.get().payload["change"] == "added"
    accounts.end_grant(actor=ben_osei, grant=hook.service.member.grants.get(), why="Over")
    change(made, purpose="Other")
    assert tasks.note_register() == 0


def test_what_was_before_the_first_webhook_is_not_told(ben_osei, website, receiver, force_account):
    change(force_account, purpose="Long ago")
    actions.add_hook(actor=ben_osei, service=website, address=receiver.address)
    assert tasks.note_register() == 0


def test_a_new_secret_and_the_one_before_sign_together_for_a_day(hook, receiver, ben_osei):
    new = actions.renew_secret(actor=ben_osei, hook=hook)
    actions.try_hook(actor=ben_osei, hook=hook)
    tasks.tell_programs()
    headers, body = receiver.got[-1]
    assert headers["Smmp-Signature"] == signed_by(new, headers, body)
    assert headers["Smmp-Signature-Former"] == signed_by(hook.secret, headers, body)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        actions.try_hook(actor=ben_osei, hook=hook)
        tasks.tell_programs()
    assert "Smmp-Signature-Former" not in receiver.got[-1][0]


def test_no_secret_lies_open(hook):
    row = Hook.objects.get()
    assert hook.secret.encode() not in bytes(row.sealed) + bytes(row.wrapped_key)
    assert not Entry.objects.filter(details__icontains=hook.secret).exists()


def test_it_is_tried_again_later_and_later_and_then_given_up(hook, receiver, ben_osei):
    receiver.answers = [503]
    actions.try_hook(actor=ben_osei, hook=hook)
    Hook.objects.update(failures=0)
    at = clock.now()
    waits = []
    for _ in range(8):
        with time_machine.travel(at, tick=False):
            tasks.tell_programs()
        call = HookCall.objects.get()
        waits.append(call.due_at - at)
        at = call.due_at
    assert tuple(waits[:7]) == hooks.WAITS
    assert (call.state, call.tries, call.status) == (State.FAILED, 8, 503)
    assert len({headers["Smmp-Delivery"] for headers, _ in receiver.got}) == 1
    assert Entry.objects.filter(event="hook.given_up").count() == 1


@pytest.mark.parametrize("status", [301, 400, 401, 403, 410])
def test_a_refusal_is_not_tried_again_and_no_redirect_is_followed(hook, receiver, ben_osei, status):
    receiver.answers = [status]
    actions.try_hook(actor=ben_osei, hook=hook)
    tasks.tell_programs()
    assert HookCall.objects.get().state == State.FAILED
    assert len(receiver.got) == 1


def test_ten_failures_in_a_row_switch_it_off_with_a_notice_and_what_waits_is_told_afterwards(
    hook, receiver, ben_osei, force_account
):
    receiver.answers = [400]
    for _ in range(10):
        actions.try_hook(actor=ben_osei, hook=hook)
        tasks.tell_programs()
    hook.refresh_from_db()
    assert hook.stopped_at
    assert Notice.objects.filter(to=ben_osei, title__contains="switched off").count() == 1
    change(force_account, purpose="Meanwhile")
    assert tasks.note_register() == 1
    assert tasks.tell_programs() == 0
    with pytest.raises(TransitionNotAllowed, match="switched off"):
        actions.try_hook(actor=ben_osei, hook=hook)
    receiver.answers = [200]
    actions.switch_on(actor=ben_osei, hook=hook)
    assert tasks.tell_programs() == 1
    assert Hook.objects.get().failures == 0


def test_what_was_given_up_is_told_again_under_the_same_number(hook, receiver, ben_osei):
    receiver.answers = [410, 200]
    call = actions.try_hook(actor=ben_osei, hook=hook)
    tasks.tell_programs()
    actions.send_again(actor=ben_osei, call=call)
    with pytest.raises(TransitionNotAllowed, match="waits"):
        actions.send_again(actor=ben_osei, call=call)
    tasks.tell_programs()
    first, second = receiver.got
    assert first[0]["Smmp-Delivery"] == second[0]["Smmp-Delivery"]
    assert HookCall.objects.get().state == State.SENT


def test_an_ended_webhook_and_a_retired_service_are_told_nothing(hook, receiver, ben_osei, force_account):
    actions.try_hook(actor=ben_osei, hook=hook)
    actions.end_hook(actor=ben_osei, hook=hook)
    assert HookCall.objects.get().state == State.FAILED
    change(force_account, purpose="Later")
    assert tasks.note_register() == 0
    with pytest.raises(TransitionNotAllowed, match="ended"):
        actions.end_hook(actor=ben_osei, hook=hook)


@pytest.mark.parametrize(
    "address",
    [
        "http://www.example.org/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://user:pw@www.example.org/",
        "https://www.example.org:8443/",
        "ftp://www.example.org/",
        "nonsense",
    ],
)
def test_addresses_inside_and_odd_ones_are_refused(address, monkeypatch):
    def resolved(name, port, **_):
        number = {"localhost": "127.0.0.1"}.get(
            name, name if name[0].isdigit() or ":" in name else "93.184.216.34"
        )
        return [(0, 0, 0, "", (number, port))]

    monkeypatch.setattr(fetching.socket, "getaddrinfo", resolved)
    with pytest.raises(NotValid):
        actions.check_address(address)


def test_a_name_that_answers_otherwise_later_is_refused_at_the_send(
    hook, receiver, ben_osei, settings, monkeypatch
):
    settings.HOOKS_INSIDE = ()
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("10.0.0.7", 443))])
    Hook.objects.update(address="https://rebound.example.org/")
    actions.try_hook(actor=ben_osei, hook=hook)
    tasks.tell_programs()
    assert HookCall.objects.get().state == State.FAILED
    assert receiver.got == []


def test_two_workers_tell_a_thing_once(hook, receiver, ben_osei):
    actions.try_hook(actor=ben_osei, hook=hook)
    first = actions.claim_calls()
    assert actions.claim_calls() == []
    assert len(first) == 1
    late = HookCall.objects.get()
    late.tries += 1
    late.save()
    actions.note_tried(call=first[0], tried=hooks.Tried(200))
    assert HookCall.objects.get().state == State.WAITING, "somebody else has it by now"


def test_who_may_not_manage_staff_adds_none(website, amira_hussain, receiver):
    with pytest.raises(NotPermitted):
        actions.add_hook(actor=amira_hussain, service=website, address=receiver.address)


def test_at_most_five_and_none_twice(hook, website, receiver, ben_osei):
    with pytest.raises(NotValid, match="already"):
        actions.add_hook(actor=ben_osei, service=website, address=receiver.address)
    for number in range(4):
        actions.add_hook(actor=ben_osei, service=website, address=f"{receiver.address}/{number}")
    with pytest.raises(NotValid, match="at most 5"):
        actions.add_hook(actor=ben_osei, service=website, address=f"{receiver.address}/more")


def test_the_pages_show_the_secret_once_and_what_was_told(client, website, receiver, ben_osei, force_account):
    client.force_login(ben_osei)
    where = reverse("accounts:hooks", args=[website.pk])
    assert "No webhook" in client.get(where).text
    wrong = client.post(where, {"address": "https://127.0.0.1/"})
    assert wrong.status_code == 422
    assert "not one that can be told" in wrong.text
    made = client.post(where, {"address": receiver.address})
    assert "whsec_" in made.text
    assert "whsec_" not in client.get(where).text
    page = reverse("accounts:hook", args=[Hook.objects.get().pk])
    client.post(page, {"do": "test"})
    tasks.tell_programs()
    assert "answered 200" in client.get(page).text
    assert "whsec_" in client.post(page, {"do": "secret"}).text
    assert client.post(page, {"do": "on"}).status_code == 409
    assert client.post(page, {"do": "nonsense"}).status_code == 404
    assert client.post(page, {"do": "end"}, follow=True).status_code == 200
    assert "Ended" in client.get(page).text


def test_the_register_answers_304_while_nothing_has_changed(client, website, ben_osei, force_account):
    _, key = services.make_key(actor=ben_osei, service=website, until=clock.now() + timedelta(days=3))
    ask = {"Authorization": f"Bearer {key}"}

    def get(**headers):
        return client.get("/api/v1/official-accounts", headers={**ask, **headers}, REMOTE_ADDR="10.0.0.1")

    first = get()
    assert first.status_code == 200
    assert first["Cache-Control"] == "private, no-cache"
    entry = next(one for one in first.json() if one["id"] == force_account.pk)
    assert entry["handle"] == force_account.handle
    assert not {"owner", "deputy"} & entry.keys()
    same = get(**{"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    change(force_account, purpose="Other")
    assert get(**{"If-None-Match": first["ETag"]}).status_code == 200
