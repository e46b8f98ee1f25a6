"""Connecting an official account by the platform's own page, testing it, and what else is connected there."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import actions as accounts
from accounts import calling, connections
from accounts.actions import connecting, credentials
from accounts.models import Allowance, ConnectAttempt, ConnectedApp, PlatformLink
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid
from notices.models import Notice
from platforms.contract import Capability, Identity, PermanentFault, Token, Usage
from tests.embedded import made_before
from tests.youtube.hub import Hub

BACK = "http://testserver/back"


@pytest.fixture
def ben(client, ben_osei):
    return client.force_login(ben_osei)


@pytest.fixture
@made_before
def still():
    """The clock stands until a test moves it."""
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False) as frozen:
        yield frozen


@pytest.fixture
def platform(monkeypatch, settings):
    """A platform that hands out tokens on its own page and says whose they are."""
    said = SimpleNamespace(
        codes={}, identity=Identity(external_id="4711", handle="wealdshire", scopes=frozenset({"read"}))
    )

    def authorise_url(*, app, redirect, state, challenge):
        return f"https://platform.example/allow?client={app['client_id']}&state={state}&challenge={challenge}"

    def exchange(*, base_url, app, code, verifier, redirect):
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if said.codes.pop(code, None) != digest:
            raise PermanentFault("The platform takes this code no more.")
        return Token(secret="handed-out", refresh="next", expires_at=clock.now() + timedelta(hours=2))

    class Connector:
        name = "Platform"

        def __init__(self, login):
            self.login = login

        def check(self):
            if isinstance(said.identity, Exception):
                raise said.identity
            return said.identity

        def usage(self):
            return [Usage("GET /inbox", 0.25, limit=300, remaining=225)]

    oauth = SimpleNamespace(authorise_url=authorise_url, exchange=exchange)
    monkeypatch.setattr(connections, "_oauth", lambda slug: oauth)
    monkeypatch.setattr(connections.registry, "connect", lambda slug, login: Connector(login))
    settings.PLATFORM_APPS = {"exercise": {"client_id": "force", "client_secret": "hush"}}
    return said


def begin(actor, account):
    address = connections.begin(actor=actor, official_account=account, redirect=BACK)
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def finish(actor, state, code="code-1"):
    return connections.finish(actor=actor, platform="exercise", state=state, code=code, redirect=BACK)


def test_somebody_allows_it_on_the_platform_and_it_is_connected(ben, ben_osei, force_account, platform):
    page = ben.post(reverse("accounts:connect", args=[force_account.pk]))
    address = page.context["address"]
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    platform.codes["code-1"] = asked["challenge"]
    back = reverse("accounts:connected", args=["exercise"])
    answer = ben.get(back, {"state": asked["state"], "code": "code-1"}, follow=True)
    assert "is connected" in answer.text
    assert "handed-out" not in answer.text
    assert credentials.open_token(force_account).secret == "handed-out"
    link = PlatformLink.objects.get(official_account=force_account)
    assert (link.external_id, link.handle, link.scopes) == ("4711", "wealdshire", ["read"])
    again = ben.get(back, {"state": asked["state"], "code": "code-1"})
    assert again.status_code == 422
    assert "used already" in again.text
    assert Entry.objects.filter(event="account.connection_refused").count() == 1


def test_a_forged_an_old_and_somebody_elses_answer_store_nothing(
    ben_osei, victoria_lang, force_account, platform, still
):
    before = credentials.open_token(force_account).secret
    with pytest.raises(NotValid):
        finish(ben_osei, "forged")
    asked = begin(ben_osei, force_account)
    platform.codes["code-1"] = asked["challenge"]
    with pytest.raises(NotPermitted):
        finish(victoria_lang, asked["state"])
    still.shift(timedelta(minutes=11))
    with pytest.raises(NotValid, match="ten minutes"):
        finish(ben_osei, asked["state"])
    assert credentials.open_token(force_account).secret == before


def test_a_code_of_another_attempt_is_of_no_use(ben_osei, force_account, platform):
    first, second = begin(ben_osei, force_account), begin(ben_osei, force_account)
    platform.codes["code-1"] = first["challenge"]
    with pytest.raises(NotValid, match="not connected"):
        finish(ben_osei, second["state"])


def test_an_answer_for_another_platform_is_not_taken(ben_osei, force_account, platform):
    asked = begin(ben_osei, force_account)
    with pytest.raises(NotValid):
        connections.finish(
            actor=ben_osei, platform="bluesky", state=asked["state"], code="code-1", redirect=BACK
        )


def test_a_credential_that_the_platform_refuses_at_once_replaces_nothing(ben_osei, force_account, platform):
    before = credentials.open_token(force_account).secret
    asked = begin(ben_osei, force_account)
    platform.codes["code-1"] = asked["challenge"]
    platform.identity = PermanentFault("It belongs to another page.")
    with pytest.raises(NotValid, match="another page"):
        finish(ben_osei, asked["state"])
    assert credentials.open_token(force_account).secret == before


def test_attempts_go_after_a_day(ben_osei, force_account, platform, still):
    begin(ben_osei, force_account)
    assert connecting.sweep_attempts() == 0
    still.shift(timedelta(days=1, minutes=1))
    assert connecting.sweep_attempts() == 1
    assert not ConnectAttempt.objects.exists()


# Testing


def test_a_test_says_that_it_works_and_then_that_it_does_not(ben, force_account, platform):
    address = reverse("accounts:check_connection", args=[force_account.pk])
    page = ben.post(address, follow=True)
    assert "the credential works" in page.text
    assert "25 %" in page.text
    platform.identity = PermanentFault("The token was revoked. Connect it again.", raw='{"code": 190}')
    page = ben.post(address, follow=True)
    assert "The token was revoked" in page.text
    assert PlatformLink.objects.get(official_account=force_account).fault_raw == '{"code": 190}'
    assert [
        e.details["outcome"] for e in Entry.objects.filter(event="account.connection_checked").order_by("id")
    ] == [
        "it works",
        "The token was revoked. Connect it again.",
    ]


def test_an_ability_whose_scope_is_missing_says_which(force_account, monkeypatch):
    kind = connections.registry.connector_class("exercise")
    monkeypatch.setattr(kind, "scopes", {Capability.HIDE: "moderate"}, raising=False)
    found = {
        ability.capability: ability
        for ability in connections.abilities(force_account, PlatformLink(scopes=["read"]))
    }
    assert not found[Capability.HIDE].can
    assert "moderate" in found[Capability.HIDE].why
    assert found[Capability.REPLY].can
    lacking = next(one for one in Capability if one not in kind.capabilities)
    assert not found[lacking].can
    assert found[lacking].why.endswith(".")
    unknown = {a.capability: a for a in connections.abilities(force_account, PlatformLink(scopes=None))}
    assert unknown[Capability.HIDE].can


def test_every_ability_has_words():
    assert set(connections.ABILITIES) == set(Capability)


# What else is connected


def test_a_program_without_a_need_is_to_be_removed_and_somebody_signs_for_it(ben, ben_osei, force_account):
    page = ben.post(
        reverse("accounts:note_app", args=[force_account.pk]), {"name": "Auto Poster 3000"}, follow=True
    )
    assert "no critical need, nobody who approved it and no review date" in page.text
    app = ConnectedApp.objects.get()
    assert Notice.objects.get(title__startswith="Remove Auto Poster").to == force_account.owner
    twice = ben.post(reverse("accounts:note_app", args=[force_account.pk]), {"name": "auto poster 3000"})
    assert twice.status_code == 422
    page = ben.post(reverse("accounts:remove_app", args=[app.pk]), follow=True)
    app.refresh_from_db()
    assert app.removed_by == ben_osei
    assert "Auto Poster 3000</th>" not in page.text
    assert ben.post(reverse("accounts:remove_app", args=[app.pk])).status_code == 409
    assert [e.event for e in Entry.objects.filter(event__startswith="account.app").order_by("id")] == [
        "account.app_noted",
        "account.app_removed",
    ]


def test_a_program_with_all_three_stays(ben, force_account, victoria_lang):
    ben.post(reverse("accounts:note_app", args=[force_account.pk]), {"name": "Subtitler"})
    app = ConnectedApp.objects.get()
    late = ben.post(
        reverse("accounts:change_app", args=[app.pk]),
        {"need": "Captions", "approved_by": victoria_lang.pk, "review_on": "2020-01-01"},
    )
    assert late.status_code == 422
    ben.post(
        reverse("accounts:change_app", args=[app.pk]),
        {
            "need": "Captions for the deaf",
            "approved_by": victoria_lang.pk,
            "review_on": (clock.today() + timedelta(days=90)).isoformat(),
        },
    )
    app.refresh_from_db()
    assert app.lacks == ""


def test_who_does_not_manage_the_register_changes_nothing_here(client, tom_beckett, force_account):
    tom = client.force_login(tom_beckett)
    for name in ("connect", "check_connection", "note_app"):
        assert tom.post(reverse(f"accounts:{name}", args=[force_account.pk])).status_code == 403


# The command


def write(tmp_path, **content):
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(content))
    return str(path)


def run(*words, capsys=None):
    with pytest.raises(CommandError) as refused:
        call_command("connector", *words)
    assert refused.value.returncode == 2
    return str(refused.value)


def test_the_command_refuses_in_sentences(db, tmp_path):
    path = write(tmp_path, handle="x", secret="y", base_url="https://elsewhere.example")
    assert "There are" in run("telegraph", "whoami", "--credentials", path)
    assert "is no act" in run("exercise", "shout", "--credentials", path)
    assert "cannot be read" in run("exercise", "whoami", "--credentials", str(tmp_path / "none"))
    assert "needs --arg post" in run("exercise", "read-back", "--credentials", path)
    assert "does not fit" in run("exercise", "whoami", "--credentials", path, "--arg", "post=1")
    assert "not towards elsewhere.example" in run(
        "exercise", "delete", "--credentials", path, "--arg", "post=1"
    )
    (tmp_path / "bad.json").write_text("{")
    assert "is not JSON" in run("exercise", "whoami", "--credentials", str(tmp_path / "bad.json"))


def test_reading_elsewhere_is_in_the_trail_and_a_fault_is_an_answer(db, tmp_path, monkeypatch, capsys):
    asked = []

    class Connector:
        def __init__(self, login):
            asked.append(login)

        def check(self):
            raise PermanentFault("Refused.", raw="no")

    monkeypatch.setattr(
        "accounts.management.commands.connector.registry.connect", lambda slug, login: Connector(login)
    )
    path = write(tmp_path, handle="x", secret="open-sesame", base_url="https://elsewhere.example")
    with pytest.raises(SystemExit) as left:
        call_command("connector", "exercise", "whoami", "--credentials", path, "--json")
    assert left.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["fault"], said["sentence"]) == ("permanent", "Refused.")
    assert asked[0].secret == "open-sesame"
    entry = Entry.objects.get(event="account.diagnosed")
    assert entry.details == {"act": "whoami"}
    assert System("connector command").actor_name == entry.actor_name


def test_units_that_no_platform_tells_are_added_up_for_all_processes_and_official_accounts(
    ben_osei, victoria_lang
):
    first, second = (
        accounts.register_account(
            actor=ben_osei,
            platform="youtube",
            handle=handle,
            name=handle,
            owner=victoria_lang,
            purpose="Videos",
        )
        for handle in ("force-one", "force-two")
    )
    anew = clock.now() + timedelta(hours=5)

    def told(account, counted: int, resets_at=anew) -> dict[str, int]:
        usage = Usage(
            "units a day", 0.0, resets_at=resets_at, limit=10_000, remaining=10_000, counted=counted
        )
        connecting.note_usage(official_account=account, usage=[usage])
        rows = Allowance.objects.filter(endpoint="units a day")
        return dict(rows.values_list("official_account__handle", "remaining"))

    assert told(first, 1600) == {"force-one": 8400, "force-two": 8400}
    assert told(second, 3) == {"force-one": 8397, "force-two": 8397}
    assert told(second, 0) == {"force-one": 8397, "force-two": 8397}
    assert told(second, 20_000) == {"force-one": 0, "force-two": 0}
    assert told(first, 5, anew + timedelta(days=1)) == {"force-one": 9995, "force-two": 9995}


def test_x_is_given_our_address_once_and_only_with_the_apps_own_token(
    settings, monkeypatch, ben_osei, victoria_lang
):
    account = accounts.register_account(
        actor=ben_osei, platform="x", handle="force", name="On X", owner=victoria_lang, purpose="News"
    )
    credentials.store_credential(actor=ben_osei, official_account=account, secret="token of the account")
    PlatformLink.objects.create(official_account=account, external_id="99")
    called: list[tuple[str, str, str]] = []
    held: dict[str, bool] = {}

    def register(*, login, address):
        held[address] = True
        called.append(("register", login.secret, address))
        return "7"

    webhook = SimpleNamespace(
        registered=lambda *, login: held,
        register=register,
        subscribe=lambda *, login, webhook_id: called.append((webhook_id, login.secret, login.account_id)),
    )
    monkeypatch.setattr(calling.registry, "webhook", lambda platform: webhook)
    settings.PUBLIC_ADDRESS = "https://smmp.example"
    settings.PLATFORM_APPS = {**settings.PLATFORM_APPS, "x": {"bearer": ""}}
    with pytest.raises(CommandError, match="SMMP_X_APP_BEARER"):
        call_command("webhooks", "x")
    settings.PLATFORM_APPS = {**settings.PLATFORM_APPS, "x": {"bearer": "token of the app"}}
    call_command("webhooks", "x")
    address = "https://smmp.example/hooks/x/"
    assert called == [("register", "token of the app", address), ("7", "token of the account", "99")]
    assert Entry.objects.get(event="platform.call_registered").details == {"count": 1}
    with pytest.raises(CommandError, match="already"):
        call_command("webhooks", "x")
    settings.PUBLIC_ADDRESS = "http://smmp.example"
    with pytest.raises(CommandError, match="HTTPS"):
        call_command("webhooks", "x")


def on_youtube(ben_osei, victoria_lang, handle: str, channel: str):
    account = accounts.register_account(
        actor=ben_osei, platform="youtube", handle=handle, name=handle, owner=victoria_lang, purpose="Videos"
    )
    PlatformLink.objects.create(official_account=account, external_id=channel)


def test_youtubes_hub_is_asked_for_every_channel_although_it_refuses_one(settings, ben_osei, victoria_lang):
    first, second, third = ("UC" + letter * 22 for letter in "abc")
    for handle, channel in (("one", first), ("two", second), ("three", third)):
        on_youtube(ben_osei, victoria_lang, handle, channel)
    settings.PUBLIC_ADDRESS = "https://smmp.example"
    settings.PLATFORM_APPS = {**settings.PLATFORM_APPS, "youtube": {"client_secret": ""}}
    with pytest.raises(CommandError, match="SMMP_YOUTUBE_CLIENT_SECRET"):
        call_command("webhooks", "youtube")
    assert calling.renew_calls() == 0
    settings.PLATFORM_APPS = {**settings.PLATFORM_APPS, "youtube": {"client_secret": "of the app"}}
    with Hub(refuses=(second,)) as hub:
        settings.YOUTUBE_HUB_ADDRESS = hub.address
        with pytest.raises(CommandError, match="2 of 3 channels"):
            call_command("webhooks", "youtube")
        assert [first in one["hub.topic"] or third in one["hub.topic"] for one in hub.taken] == [True, True]
        assert calling.renew_calls() == 2
    assert Entry.objects.filter(event="platform.call_registered", details={"count": 2}).count() == 2
    settings.PUBLIC_ADDRESS = "http://smmp.example"
    with pytest.raises(CommandError, match="HTTPS"):
        call_command("webhooks", "youtube")
    assert calling.renew_calls() == 0
