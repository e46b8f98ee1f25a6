"""Sessions as their person sees them: listed, ended from elsewhere, locked, shared desks, allowances."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid
from staff import links, sessions
from staff.actions import sessions as acting
from staff.models import Allowance, KnownDevice, SignInSession
from staff.tasks import send_letters
from tests.browser import Browser

PASSWORD = "four quiet herons wading"
NOW = datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=2)
NEXT_PASSWORD = "seven loud geese asleep"
PROFILE = "/profile/"
CERTIFIED = {"HTTP_X_CLIENT_CERTIFICATE": "SUCCESS"}


@pytest.fixture
def device(amira_hussain):
    """Amira's authenticator app; she has a password too."""
    amira_hussain.set_password(PASSWORD)
    amira_hussain.save()
    return TOTPDevice.objects.create(user=amira_hussain, name="app", confirmed=True)


def code(device: TOTPDevice) -> str:
    device.refresh_from_db()
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = clock.now().timestamp()
    return f"{totp.token():06d}"


def sign_in(browser: Browser, device: TOTPDevice, **more) -> None:
    browser.post(reverse("staff:sign_in"), {"email": device.user.email, "password": PASSWORD}, **more)
    browser.post(reverse("staff:second_factor"), {"code": code(device)}, **more)


def test_a_sign_in_stands_in_the_list_and_a_new_device_is_told_by_letter(device, amira_hussain):
    browser = Browser(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko Firefox/140.0"})
    with time_machine.travel(NOW, tick=False) as now:
        sign_in(browser, device)
        session = SignInSession.objects.get(member=amira_hussain)
        assert session.called == "Firefox on Linux"
        assert b"this one" in browser.get(reverse("staff:sessions")).content
        assert not mail.outbox, "no mail server is asked while somebody signs in"
        send_letters()
        assert [letter.to for letter in mail.outbox] == [[amira_hussain.email]]
        assert "Firefox on Linux" in mail.outbox[0].body
        assert Entry.objects.filter(event="staff.new_device", actor_id=amira_hussain.pk).count() == 1
        now.shift(timedelta(minutes=2))
        browser.post(reverse("staff:sign_out"))
        sign_in(browser, device)
    send_letters()
    assert len(mail.outbox) == 1, "a browser that is known already is told of twice"
    assert KnownDevice.objects.count() == 1


def test_a_session_ended_from_elsewhere_opens_nothing_more(client, amira_hussain):
    other = Browser().force_login(amira_hussain)
    assert other.get(PROFILE).status_code == 200
    client.force_login(amira_hussain)
    row = other.session[sessions.ROW]
    client.post(reverse("staff:end_session", args=[row]))
    answer = other.get(PROFILE, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("staff:sign_in"))
    assert b"ended from another device" in answer.content
    assert client.get(PROFILE).status_code == 200
    entry = Entry.objects.get(event="staff.session_ended")
    assert entry.subject_id == str(amira_hussain.pk)
    acting.end_session(actor=amira_hussain, session_id=row)
    assert Entry.objects.filter(event="staff.session_ended").count() == 1


def test_sessions_of_others_are_for_administrators_alone(client, amira_hussain, tom_beckett, nadia_rahman):
    row = Browser().force_login(amira_hussain).session[sessions.ROW]
    with pytest.raises(NotFound):
        acting.end_session(actor=tom_beckett, session_id=row)
    client.force_login(tom_beckett)
    assert client.get(reverse("staff:sessions_of", args=[amira_hussain.pk])).status_code == 403


def test_an_administrator_ends_anyones_session(client, amira_hussain, ben_osei, wealdshire):
    other = Browser().force_login(amira_hussain)
    client.force_login(ben_osei)
    page = client.get(reverse("staff:sessions_of", args=[amira_hussain.pk]))
    assert page.status_code == 200
    row = other.session[sessions.ROW]
    assert reverse("staff:end_session", args=[row]).encode() in page.content
    client.post(reverse("staff:end_session", args=[row]))
    assert other.get(PROFILE).status_code == 302


def test_a_managed_desk_locks_instead_of_signing_out(client, amira_hussain):
    client.force_login(amira_hussain)
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        answer = client.get(PROFILE)
        assert answer.url.startswith(reverse("staff:step_up"))
        assert client.get(reverse("notices:alarm")).json() == {"pages": 0, "newest": 0}
        refused = client.get(PROFILE, headers={"hx-request": "true"})
        assert refused.headers["HX-Trigger"] == "screen-locked"
        assert not refused.content


def test_unlocking_takes_the_second_factor_and_the_form_that_was_sent_is_not_lost(device, amira_hussain):
    browser = Browser()
    with time_machine.travel(NOW, tick=False) as now:
        sign_in(browser, device)
        now.shift(timedelta(minutes=31))
        held = browser.post(PROFILE, {"theme": "dark", "phone": "07700 900123"})
        assert held.status_code == 403
        assert b"07700 900123" in held.content
        amira_hussain.refresh_from_db()
        assert amira_hussain.phone != "07700 900123"
        wrong = browser.post(reverse("staff:step_up"), {"second_factor": "000000"})
        assert wrong.status_code == 422
        now.shift(timedelta(minutes=1))
        right = browser.post(reverse("staff:step_up"), {"second_factor": code(device), "next": PROFILE})
        assert right.url == PROFILE
        assert browser.get(PROFILE).status_code == 200
    assert Entry.objects.filter(event="staff.step_up_proved", details__page="staff:lock_screen").exists()


def test_a_screen_can_be_locked_by_hand(client, amira_hussain):
    client.force_login(amira_hussain)
    client.post(reverse("staff:lock_screen"))
    assert client.get(PROFILE).url.startswith(reverse("staff:step_up"))
    assert Entry.objects.filter(event="staff.screen_locked").count() == 1


def test_administrators_lock_after_a_quarter_of_an_hour(client, ben_osei):
    client.force_login(ben_osei)
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert client.get(PROFILE).url.startswith(reverse("staff:step_up"))


def test_two_people_take_turns_at_one_screen_each_with_their_own_factor(device, amira_hussain, tom_beckett):
    tom_beckett.set_password(PASSWORD)
    tom_beckett.save()
    toms = TOTPDevice.objects.create(user=tom_beckett, name="app", confirmed=True)
    browser = Browser()
    with time_machine.travel(NOW, tick=False) as now:
        sign_in(browser, device)
        hers = browser.session[sessions.ROW]
        browser.post(reverse("staff:change_person"), {"to": "new"})
        assert browser.get(PROFILE).url.startswith(reverse("staff:sign_in"))
        assert amira_hussain.called.encode() in browser.get(reverse("staff:sign_in")).content
        sign_in(browser, toms)
        assert b"Tom Beckett" in browser.get(PROFILE).content
        his = browser.session[sessions.ROW]
        now.shift(timedelta(minutes=1))
        browser.post(reverse("staff:change_person"), {"to": str(hers)})
        assert browser.get(PROFILE).url.startswith(reverse("staff:step_up"))
        # Tom's code does not open Amira's session.
        assert browser.post(reverse("staff:step_up"), {"second_factor": code(toms)}).status_code == 422
        now.shift(timedelta(minutes=1))
        browser.post(reverse("staff:step_up"), {"second_factor": code(device)})
        assert browser.session[sessions.ROW] == hers
        assert amira_hussain.email.encode() in browser.get(PROFILE).content
        browser.post(reverse("staff:change_person"), {"to": str(his)})
        assert browser.get(PROFILE).url.startswith(reverse("staff:step_up"))


def test_nobody_changes_to_a_session_that_this_desk_does_not_keep(client, amira_hussain, tom_beckett):
    row = Browser().force_login(tom_beckett).session[sessions.ROW]
    client.force_login(amira_hussain)
    client.cookies["parked"] = "forged:1:forged"
    assert client.post(reverse("staff:change_person"), {"to": str(row)}).url == reverse("staff:sign_in")
    assert client.get(PROFILE).url.startswith(reverse("staff:sign_in"))


@pytest.fixture
def classes(settings):
    settings.DEVICE_CLASSES = True
    settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
    settings.FORCE_NETWORKS = ["10.20.0.0/16"]


OFFICE = {**CERTIFIED, "HTTP_X_FORWARDED_FOR": "10.20.0.7"}
ROAD = {**CERTIFIED, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
OWN_PHONE = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}


def test_off_the_network_sessions_are_short_and_nothing_is_kept(classes, device, amira_hussain):
    browser = Browser()
    with time_machine.travel(NOW, tick=False) as now:
        sign_in(browser, device, **ROAD)
        assert "known_device" not in browser.cookies
        assert not KnownDevice.objects.exists()
        assert browser.post(reverse("staff:renew_recovery_codes"), **ROAD).status_code == 403
        assert browser.post(reverse("staff:change_person"), {"to": "new"}, **ROAD).status_code == 403
        now.shift(timedelta(minutes=11))
        assert browser.get(PROFILE, **ROAD).url.startswith(reverse("staff:sign_in"))


def test_exports_leave_from_force_devices_on_the_network_alone(classes, joan_pritchard):
    browser = Browser().force_login(joan_pritchard)
    refused = browser.get(reverse("audit:export"), **ROAD)
    assert refused.status_code == 403
    assert b"force network alone" in refused.content


def test_a_personal_device_is_refused_unless_allowed_by_name(classes, device, amira_hussain, ben_osei):
    browser = Browser()
    refused = browser.post(
        reverse("staff:sign_in"), {"email": amira_hussain.email, "password": PASSWORD}, **OWN_PHONE
    )
    assert refused.status_code == 403
    assert b"not a force device" in refused.content
    assert Entry.objects.filter(event="staff.device_refused", subject_id=str(amira_hussain.pk)).exists()
    acting.allow(
        actor=ben_osei,
        kind=Allowance.Kind.DEVICE,
        email=amira_hussain.email.upper(),
        reason="Mutual aid in a surge, force phone broken",
        until=clock.now() + timedelta(days=1),
    )
    sign_in(browser, device, **OWN_PHONE)
    assert browser.get(PROFILE, **OWN_PHONE).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=False):
        assert browser.get(PROFILE, **OWN_PHONE).status_code == 302


@pytest.mark.parametrize("make", [links.make, links.make_reset])
def test_no_link_lets_anybody_in_on_a_personal_device_or_is_spent_there(classes, amira_hussain, make):
    address = urlsplit(make(amira_hussain)).path
    chosen = {"password": NEXT_PASSWORD, "again": NEXT_PASSWORD}
    for ask in (
        lambda: Browser().get(address, **OWN_PHONE),
        lambda: Browser().post(address, chosen, **OWN_PHONE),
    ):
        refused = ask()
        assert refused.status_code == 403
        assert b"not a force device" in refused.content
    amira_hussain.refresh_from_db()
    assert not amira_hussain.check_password(NEXT_PASSWORD)
    refusals = Entry.objects.filter(event="staff.device_refused", subject_id=str(amira_hussain.pk))
    assert refusals.count() == 2
    assert Browser().post(address, chosen, **OFFICE)["Location"] == "/sign-in/code/"


def test_no_session_begins_on_a_personal_device_whoever_begins_it(classes, rf, amira_hussain):
    request = rf.get("/", **OWN_PHONE)
    request.session = SessionStore()
    with pytest.raises(NotPermitted, match="not a force device"):
        sessions.begin(request, amira_hussain)
    assert not request.session.keys()
    assert Entry.objects.filter(event="staff.device_refused").count() == 1


def test_a_session_that_moves_to_a_personal_device_ends(classes, device):
    browser = Browser()
    sign_in(browser, device, **OFFICE)
    assert browser.get(PROFILE, **OFFICE).status_code == 200
    assert browser.get(PROFILE, **OWN_PHONE).status_code == 302


def test_a_personal_address_is_refused_unless_allowed(settings, device, amira_hussain, ben_osei):
    settings.FORCE_MAIL_DOMAINS = ["police.example"]
    refused = Browser().post(reverse("staff:sign_in"), {"email": amira_hussain.email, "password": PASSWORD})
    assert refused.status_code == 403
    assert b"not one of the force" in refused.content


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"reason": "  "}, "reason"),
        ({"kind": "tablet"}, "kind"),
        ({"until": timedelta(days=200)}, "until"),
        ({"until": timedelta(seconds=-1)}, "until"),
    ],
)
def test_an_allowance_has_a_name_a_reason_and_an_end(ben_osei, amira_hussain, change, field):
    given = {
        "kind": Allowance.Kind.DEVICE,
        "email": amira_hussain.email,
        "reason": "Surge",
        "until": timedelta(days=1),
        **change,
    }
    given["until"] = clock.now() + given["until"]
    with pytest.raises(NotValid) as refusal:
        acting.allow(actor=ben_osei, **given)
    assert refusal.value.field == field


def test_nobody_allows_themselves(ben_osei, amira_hussain):
    until = clock.now() + timedelta(days=1)
    with pytest.raises(NotPermitted):
        acting.allow(actor=ben_osei, kind="device", email=ben_osei.email, reason="Mine", until=until)
    with pytest.raises(NotPermitted):
        acting.allow(actor=amira_hussain, kind="device", email=ben_osei.email, reason="His", until=until)


def test_an_administrator_allows_and_ends_on_the_page(client, ben_osei, amira_hussain):
    client.force_login(ben_osei)
    end = clock.in_london(clock.now() + timedelta(days=3))
    client.post(
        reverse("staff:allowances"),
        {
            "kind": "address",
            "email": "nia.new@post.example",
            "reason": "Secondment, force address follows",
            "until": f"{end:%Y-%m-%dT%H:%M}",
        },
    )
    allowance = Allowance.objects.get()
    page = client.get(reverse("staff:allowances"))
    assert b"Secondment, force address follows" in page.content
    client.post(reverse("staff:end_allowance", args=[allowance.pk]))
    client.post(reverse("staff:end_allowance", args=[allowance.pk]))
    allowance.refresh_from_db()
    assert allowance.ended_at
    assert Entry.objects.filter(event="staff.allowance_ended").count() == 1


def test_sessions_that_nobody_used_for_a_quarter_go(amira_hussain):
    old = Browser().force_login(amira_hussain).session[sessions.ROW]
    SignInSession.objects.filter(pk=old).update(seen_at=clock.now() - timedelta(days=91))
    fresh = Browser().force_login(amira_hussain).session[sessions.ROW]
    acting.sweep_sessions()
    assert list(SignInSession.objects.values_list("pk", flat=True)) == [fresh]
