"""Passkeys: set up, used, removed; and ceremonies that are forged, replayed, truncated or somebody else's."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from functools import partial

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from audit.models import Entry
from staff import passkeys, queries, sessions
from staff.actions import factors, members
from staff.models import Ceremony
from tests.browser import Browser
from tests.staff.authenticator import ATTESTED, BACKED_UP, PRESENT, VERIFIED, Authenticator, b64, unb64
from tests.staff.test_step_up import clock_at, code_of, sent_on  # noqa: F401

PASSWORD = "four quiet herons wading"
PAGE = "/profile/factors/"


def options(client, kind="prove"):
    """What the platform asks of the browser."""
    name = "staff:new_passkey_options" if kind == "enrol" else "staff:passkey_options"
    answer = client.post(reverse(name), "{}", content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer.json()


def enrol(client, key, name="Blue key", **wrong):
    answer = key.enrol(options(client, "enrol"), **wrong)
    return client.post(reverse("staff:enrol_passkey"), {"new_passkey": json.dumps(answer), "name": name})


@pytest.fixture
def amira(amira_hussain):
    amira_hussain.set_password(PASSWORD)
    amira_hussain.save()
    return amira_hussain


@pytest.fixture
def key():
    return Authenticator()


@pytest.fixture
def holder(client, amira, key):
    """Amira's browser; she has an app and the passkey `key`."""
    client.force_login(amira)
    assert enrol(client, key).status_code == 302
    return client


def half(amira):
    """A browser after Amira's password."""
    browser = Client()
    browser.post(reverse("staff:sign_in"), {"email": amira.email, "password": PASSWORD})
    return browser


def prove(browser, answer):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return browser.post(reverse("staff:second_factor"), {"passkey_proof": text})


def test_a_passkey_is_set_up_named_used_and_removed(holder, amira, key):
    device = WebAuthnCredential.objects.get()
    assert (device.user, device.name, device.confirmed) == (amira, "Blue key", True)
    assert "Blue key" in holder.get(PAGE).text
    browser = half(amira)
    entered = prove(browser, key.prove(options(browser)))
    assert entered["Location"] == "/"
    assert browser.get("/profile/").status_code == 200
    assert Entry.objects.filter(event="staff.signed_in").latest("pk").details == {"by": "passkey"}
    device.refresh_from_db()
    assert device.sign_count == 1
    assert device.last_used_at
    assert (
        holder.post(reverse("staff:rename_passkey", args=[device.pk]), {"name": "Desk 4"}).status_code == 302
    )
    assert holder.post(reverse("staff:rename_passkey", args=[device.pk]), {"name": " "}).status_code == 422
    assert holder.post(reverse("staff:remove_passkey", args=[device.pk])).status_code == 302
    assert not WebAuthnCredential.objects.exists()
    assert holder.get(PAGE).status_code == 200
    # The session that rested on it alone is not whole any more.
    assert browser.get("/profile/").status_code == 302
    events = set(Entry.objects.values_list("event", flat=True))
    assert {"staff.passkey_enrolled", "staff.passkey_renamed", "staff.passkey_removed"} <= events


def test_a_first_passkey_brings_recovery_codes_and_lets_in(amira, key):
    browser = half(amira)
    assert browser.get("/sign-in/code/")["Location"] == "/sign-in/authenticator/"
    shown = enrol(browser, key)
    assert shown.status_code == 200
    assert shown.text.count("<li><code>") == 10
    assert StaticToken.objects.filter(device__user=amira).count() == 10
    assert browser.get("/profile/").status_code == 200


def test_a_password_alone_adds_no_passkey_beside_another_factor(holder, amira):
    browser = half(amira)
    refused = browser.post(reverse("staff:new_passkey_options"), "{}", content_type="application/json")
    assert refused.status_code == 403
    assert "second factor already" in refused.json()["sentence"]
    assert browser.post(reverse("staff:enrol_passkey"), {"new_passkey": "{}"}).status_code == 403
    assert browser.get(PAGE).status_code == 302


def test_adding_and_removing_ask_again_after_five_minutes(client, clock_at, amira, key):  # noqa: F811
    client.force_login(amira)
    clock_at.shift(400)
    assert client.get(PAGE).status_code == 302
    told = client.post(reverse("staff:new_passkey_options"), "{}", content_type="application/json")
    assert (told.status_code, told.json()) == (403, {"step_up": "/sign-in/again/"})
    assert client.post(reverse("staff:enrol_passkey"), {"new_passkey": "{}"}).status_code == 403
    assert not WebAuthnCredential.objects.exists()


def test_a_passkey_proves_again_a_page_and_a_held_form(holder, clock_at, amira, key):  # noqa: F811
    clock_at.shift(timedelta(minutes=6))
    holder.force_login(amira)
    clock_at.shift(400)
    assert "Use your passkey" in holder.get("/sign-in/again/", headers={"host": "localhost"}).text
    answer = json.dumps(key.prove(options(holder)))
    assert holder.post("/sign-in/again/", {"passkey_proof": answer, "next": PAGE})["Location"] == PAGE
    assert holder.get(PAGE).status_code == 200
    clock_at.shift(400)
    device = WebAuthnCredential.objects.get()
    rename = reverse("staff:rename_passkey", args=[device.pk])
    held = holder.post(rename, {"name": "Kept words"}, headers={"host": "localhost"})
    assert held.status_code == 403
    wrong = holder.post(rename, sent_on(held, passkey_proof="{}"), headers={"host": "localhost"})
    assert wrong.status_code == 422
    done = holder.post(rename, sent_on(wrong, passkey_proof=json.dumps(key.prove(options(holder)))))
    assert done.status_code == 302
    device.refresh_from_db()
    assert device.name == "Kept words"
    proved = Entry.objects.filter(event="staff.step_up_proved")
    assert [entry.details["by"] for entry in proved] == ["passkey", "passkey"]
    assert Entry.objects.get(event="staff.step_up_refused").details["why"] == "late"


def test_the_last_factor_is_never_removed(holder, amira):
    device = WebAuthnCredential.objects.get()
    assert holder.post(reverse("staff:remove_app")).status_code == 302
    assert not TOTPDevice.objects.filter(user=amira).exists()
    assert holder.get(PAGE).status_code == 200
    kept = holder.post(reverse("staff:remove_passkey", args=[device.pk]))
    assert kept.status_code == 409
    assert "your last second factor" in kept.text
    assert queries.has_factor(amira)


def test_the_app_is_the_last_factor_where_there_is_no_passkey(client, amira):
    client.force_login(amira)
    assert client.post(reverse("staff:remove_app")).status_code == 409
    assert TOTPDevice.objects.filter(user=amira, confirmed=True).exists()


def test_a_new_phone_takes_the_place_of_the_old_one(client, clock_at, amira):  # noqa: F811
    client.force_login(amira)
    old = TOTPDevice.objects.get(user=amira)
    assert "counts until the first right code" in client.get(reverse("staff:add_app")).text
    assert client.get(reverse("staff:authenticator_picture")).status_code == 200
    assert client.post(reverse("staff:add_app"), {"code": code_of(amira)}).status_code == 422
    new = TOTPDevice.objects.get(user=amira, confirmed=False)
    clock_at.shift(2)
    TOTPDevice.objects.filter(pk=old.pk).update(confirmed=False)
    TOTPDevice.objects.filter(pk=new.pk).update(confirmed=True)
    code = code_of(amira)
    TOTPDevice.objects.filter(pk=old.pk).update(confirmed=True)
    TOTPDevice.objects.filter(pk=new.pk).update(confirmed=False)
    assert client.post(reverse("staff:add_app"), {"code": code}).status_code == 302
    assert TOTPDevice.objects.get(user=amira) == new
    assert client.get(PAGE).status_code == 200


def test_other_peoples_passkeys_cannot_be_named_or_removed(holder, tom_beckett):
    other = Browser()
    other.force_login(tom_beckett)
    device = WebAuthnCredential.objects.get()
    assert other.post(reverse("staff:rename_passkey", args=[device.pk]), {"name": "Mine"}).status_code == 404
    assert other.post(reverse("staff:remove_passkey", args=[device.pk])).status_code == 404
    assert WebAuthnCredential.objects.get().name == "Blue key"


def test_ten_passkeys_are_enough(client, amira):
    client.force_login(amira)
    for number in range(10):
        assert enrol(client, Authenticator(), name=f"Key {number}").status_code == 302
    full = client.post(reverse("staff:new_passkey_options"), "{}", content_type="application/json")
    assert full.status_code == 409
    assert "ten passkeys" in full.json()["sentence"]


# Administrators


@pytest.fixture
def strict(settings):
    settings.PASSKEY_FOR_ADMINISTRATORS = True


@pytest.mark.usefixtures("strict")
def test_an_administrator_without_a_passkey_is_led_to_set_one_up(client, ben_osei, key):
    client.force_login(ben_osei)
    for page in (reverse("accounts:staff"), reverse("accounts:give_grant"), reverse("accounts:grants")):
        assert client.get(page)["Location"].startswith(PAGE)
    assert client.post(reverse("accounts:add_member"), {"name": "X"})["Location"].startswith(PAGE)
    assert "Administering people and grants needs a passkey" in client.get(PAGE).text
    assert client.get("/register/").status_code == 200
    assert enrol(client, key).status_code == 302
    assert client.get(reverse("accounts:staff")).status_code == 200


@pytest.mark.usefixtures("strict")
def test_an_administrator_with_a_passkey_does_not_get_by_with_an_app(client, clock_at, ben_osei, key):  # noqa: F811
    client.force_login(ben_osei)
    enrol(client, key)
    clock_at.shift(400)
    assert "Recovery code" in client.get("/sign-in/again/").text
    refused = client.post("/sign-in/again/", {"second_factor": code_of(ben_osei)})
    assert refused.status_code == 422
    assert "An administrator proves their passkey" in refused.text
    assert Entry.objects.get(event="staff.step_up_refused").details["why"] == "passkey required"
    device = WebAuthnCredential.objects.get()
    answer = json.dumps(key.prove(options(client)))
    assert client.post("/sign-in/again/", {"passkey_proof": answer}).status_code == 302
    kept = client.post(reverse("staff:remove_passkey", args=[device.pk]))
    assert kept.status_code == 409
    assert "at least one passkey" in kept.text


@pytest.mark.usefixtures("strict")
def test_at_the_next_sign_in_an_administrator_comes_to_their_factors(ben_osei, amira):
    ben_osei.set_password(PASSWORD)
    ben_osei.save()
    TOTPDevice.objects.create(user=ben_osei, name="phone", confirmed=True)
    browser = half(ben_osei)
    entered = browser.post(reverse("staff:second_factor"), {"code": code_of(ben_osei)})
    assert entered["Location"] == PAGE
    assert not queries.must_have_passkey(amira)


# Ceremonies that go wrong


def _swap(answer, *path, value):
    changed = copy.deepcopy(answer)
    *parents, last = path
    inner = changed
    for name in parents:
        inner = inner[name]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return changed


def _broken(change):
    """A right answer with something wrong about it."""
    return lambda key, asked: change(key.prove(asked))


STRANGE = "https://smmp.elsewhere.example"
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
LONG_NEST = "[" * 9000 + "]" * 9000

PROOFS = {
    "another site": lambda key, asked: key.prove(asked, client={"origin": STRANGE}),
    "a subdomain": lambda key, asked: key.prove(asked, client={"origin": "http://evil.localhost:8000"}),
    "another port": lambda key, asked: key.prove(asked, client={"origin": "http://localhost:9"}),
    "no origin": lambda key, asked: key.prove(asked, client={"origin": None}),
    "origin is a list": lambda key, asked: key.prove(asked, client={"origin": [passkeys.address()]}),
    "another challenge": lambda key, asked: key.prove(asked, client={"challenge": b64(b"x" * 64)}),
    "empty challenge": lambda key, asked: key.prove(asked, client={"challenge": ""}),
    "no challenge": lambda key, asked: key.prove(asked, client={"challenge": None}),
    "challenge is a number": lambda key, asked: key.prove(asked, client={"challenge": 7}),
    "made for setting up": lambda key, asked: key.prove(asked, client={"type": "webauthn.create"}),
    "no type": lambda key, asked: key.prove(asked, client={"type": None}),
    "another domain": lambda key, asked: key.prove(asked, domain="elsewhere.example"),
    "nobody present": lambda key, asked: key.prove(asked, flags=VERIFIED),
    "impossible backup": lambda key, asked: key.prove(asked, flags=PRESENT | BACKED_UP),
    "attested data announced, none there": lambda key, asked: key.prove(asked, flags=PRESENT | ATTESTED),
    "extensions announced, none there": lambda key, asked: key.prove(asked, flags=PRESENT | 128),
    "bytes left over": lambda key, asked: key.prove(asked, tail=b"more"),
    "another key signed": lambda key, asked: key.prove(asked, key=OTHER_KEY),
    "counter beyond the column": lambda key, asked: key.prove(asked, count=2**32 - 1),
    "signature empty": _broken(lambda a: _swap(a, "response", "signature", value="")),
    "signature cut": _broken(
        lambda a: _swap(a, "response", "signature", value=a["response"]["signature"][:20])
    ),
    "signature no base64": _broken(lambda a: _swap(a, "response", "signature", value="***é***")),
    "authenticator data cut": _broken(
        lambda a: _swap(a, "response", "authenticatorData", value=a["response"]["authenticatorData"][:40])
    ),
    "authenticator data empty": _broken(lambda a: _swap(a, "response", "authenticatorData", value="")),
    "client data no JSON": _broken(lambda a: _swap(a, "response", "clientDataJSON", value=b64(b"\xff{"))),
    "client data a list": _broken(lambda a: _swap(a, "response", "clientDataJSON", value=b64(b"[]"))),
    "client data nested": _broken(
        lambda a: _swap(a, "response", "clientDataJSON", value=b64(LONG_NEST.encode())[:9000])
    ),
    "id and rawId differ": _broken(lambda a: _swap(a, "id", value=b64(b"other"))),
    "unknown passkey": _broken(lambda a: {**a, "id": b64(b"unknown"), "rawId": b64(b"unknown")}),
    "rawId a number": _broken(lambda a: _swap(a, "rawId", value=5)),
    "no rawId": _broken(lambda a: _swap(a, "rawId", value=None)),
    "another type": _broken(lambda a: _swap(a, "type", value="password")),
    "no response": _broken(lambda a: _swap(a, "response", value=None)),
    "response a text": _broken(lambda a: _swap(a, "response", value="hello")),
    "an object without anything": lambda key, asked: {},
    "a list": lambda key, asked: "[]",
    "null": lambda key, asked: "null",
    "no JSON": lambda key, asked: "{",
    "a nest": lambda key, asked: LONG_NEST,
    "very long": lambda key, asked: '{"id": "' + "x" * 200_000 + '"}',
    "a NUL": lambda key, asked: '{"id": "\x00"}',
    "half a surrogate": lambda key, asked: '{"id": "\\ud800", "rawId": "\\ud800"}',
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_wrong_proof_is_refused_said_and_in_the_trail(holder, amira, key, name):
    browser = half(amira)
    refused = prove(browser, PROOFS[name](key, options(browser)))
    assert refused.status_code == 422
    assert 'class="error"' in refused.text
    assert any(
        sentence.split(":")[0][:30] in refused.text
        for sentence in [passkeys.AGAIN, *passkeys.SENTENCES.values()]
    )
    assert browser.get("/profile/").status_code == 302
    entry = Entry.objects.get(event="staff.second_factor_refused")
    assert entry.details["by"] == "passkey"
    assert entry.details["why"]
    # The right answer to a new ceremony still lets in.
    assert prove(browser, key.prove(options(browser), count=9)).status_code == 302


def _cut(key, asked, keep):
    whole = unb64(key.enrol(asked)["response"]["attestationObject"])
    return key.enrol(asked, attestation=whole[:keep])


ENROLMENTS = {
    "another site": lambda key, asked: key.enrol(asked, client={"origin": STRANGE}),
    "another challenge": lambda key, asked: key.enrol(asked, client={"challenge": b64(b"x" * 64)}),
    "made for proving": lambda key, asked: key.enrol(asked, client={"type": "webauthn.get"}),
    "another domain": lambda key, asked: key.enrol(asked, domain="elsewhere.example"),
    "nobody present": lambda key, asked: key.enrol(asked, flags=ATTESTED),
    "no credential": lambda key, asked: key.enrol(asked, flags=PRESENT),
    "empty id": lambda key, asked: key.enrol(asked, id=b""),
    "id too long": lambda key, asked: key.enrol(asked, id=b"x" * 1024),
    "unknown algorithm": lambda key, asked: key.enrol(asked, cose={3: -999}),
    "algorithm not asked for": lambda key, asked: key.enrol(asked, cose={3: -8}),
    "key of no kind": lambda key, asked: key.enrol(asked, cose={1: 99}),
    "point not on the curve": lambda key, asked: key.enrol(asked, cose={-2: b"\x01" * 32}),
    "key of wrong types": lambda key, asked: key.enrol(asked, cose={-2: "text", -3: 5}),
    "unknown format": lambda key, asked: key.enrol(asked, fmt="homemade"),
    "packed without a statement": lambda key, asked: key.enrol(asked, fmt="packed"),
    "counter beyond the column": lambda key, asked: key.enrol(asked, count=2**32 - 1),
    "CBOR cut early": partial(_cut, keep=9),
    "CBOR cut late": partial(_cut, keep=-40),
    "CBOR empty": lambda key, asked: key.enrol(asked, attestation=b""),
    "CBOR a number": lambda key, asked: key.enrol(asked, attestation=cbor2.dumps(5)),
    "CBOR a nest": lambda key, asked: key.enrol(asked, attestation=b"\x81" * 9000),
    "CBOR of endless length": lambda key, asked: key.enrol(asked, attestation=b"\x9b" + b"\xff" * 8),
    "no response": lambda key, asked: _swap(key.enrol(asked), "response", value=None),
    "an object without anything": lambda key, asked: {},
    "a list": lambda key, asked: [],
}


@pytest.mark.parametrize("name", ENROLMENTS)
def test_a_wrong_new_passkey_is_refused_said_and_in_the_trail(client, amira, key, name):
    client.force_login(amira)
    answer = ENROLMENTS[name](key, options(client, "enrol"))
    refused = client.post(
        reverse("staff:enrol_passkey"), {"new_passkey": json.dumps(answer), "name": "Forged"}
    )
    assert refused.status_code == 422
    assert 'class="refusal"' in refused.text
    assert not WebAuthnCredential.objects.exists()
    assert Entry.objects.get(event="staff.passkey_refused").details["why"]


@pytest.mark.parametrize(
    "odd",
    [
        {"clientExtensionResults": None},
        {"clientExtensionResults": []},
        {"clientExtensionResults": {"credProps": 5}},
        {"clientExtensionResults": {"credProps": {"rk": "x" * 100}}},
    ],
)
def test_odd_hints_of_the_browser_do_no_harm(client, amira, key, odd):
    client.force_login(amira)
    answer = key.enrol(options(client, "enrol")) | odd
    sent = {"new_passkey": json.dumps(answer), "name": "\x00" + "n" * 500}
    assert client.post(reverse("staff:enrol_passkey"), sent).status_code == 302
    assert WebAuthnCredential.objects.get().name == "n" * 60


def test_an_answer_counts_once(holder, amira, key):
    browser = half(amira)
    answer = key.prove(options(browser), count=0)
    assert prove(browser, answer).status_code == 302
    second = half(amira)
    assert "answered already" in prove(second, answer).text
    options(second)
    assert prove(second, answer).status_code == 422
    whys = [
        e.details["why"] for e in Entry.objects.filter(event="staff.second_factor_refused").order_by("pk")
    ]
    assert whys == ["late", "challenge"]


def test_a_challenge_is_over_with_the_first_answer_even_a_wrong_one(holder, amira, key):
    browser = half(amira)
    asked = options(browser)
    number = browser.session["ceremony"]
    prove(browser, {})
    assert not Ceremony.objects.filter(pk=number).exists()
    session = browser.session
    session["ceremony"] = number
    session.save()
    assert prove(browser, key.prove(asked)).status_code == 422


def test_a_challenge_lives_five_minutes(holder, clock_at, amira, key):  # noqa: F811
    browser = half(amira)
    asked = options(browser)
    clock_at.shift(301)
    assert "longer than five minutes" in prove(browser, key.prove(asked)).text


def test_a_challenge_for_setting_up_does_not_prove(client, amira, key):
    client.force_login(amira)
    enrol(client, key)
    asked = options(client, "enrol")
    session = client.session
    session[sessions.PROVED] -= 400
    session.save()
    answer = client.post("/sign-in/again/", {"passkey_proof": json.dumps(key.prove(asked))})
    assert answer.status_code == 422


def test_somebody_elses_passkey_reads_as_one_that_there_is_not(holder, amira, tom_beckett, key):
    tom_beckett.set_password(PASSWORD)
    tom_beckett.save()
    TOTPDevice.objects.create(user=tom_beckett, name="phone", confirmed=True)
    browser = half(tom_beckett)
    theirs = prove(browser, key.prove(options(browser)))
    assert "not one of yours" in theirs.text
    nobodys = prove(browser, Authenticator().prove(options(browser)))
    assert "not one of yours" in nobodys.text


def test_somebody_elses_ceremony_is_not_ones_own(holder, amira, tom_beckett, key):
    options(holder)
    session = half(amira)
    foreign = Ceremony.objects.latest("pk")
    Ceremony.objects.filter(pk=foreign.pk).update(member=tom_beckett)
    stored = session.session
    stored["ceremony"] = foreign.pk
    stored.save()
    assert prove(session, key.prove({"challenge": foreign.challenge})).status_code == 422
    assert Ceremony.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("number", ["1", None, -1, 2**70, [1], {"a": 1}, True])
def test_a_strange_ceremony_number_in_the_session_is_late(holder, amira, key, number):
    browser = half(amira)
    session = browser.session
    session["ceremony"] = number
    session.save()
    assert prove(browser, key.prove({"challenge": b64(b"x" * 64)})).status_code == 422


def test_a_counter_that_goes_back_is_a_copy(holder, amira, key):
    browser = half(amira)
    assert prove(browser, key.prove(options(browser), count=20)).status_code == 302
    copy_of_it = half(amira)
    refused = prove(copy_of_it, key.prove(options(copy_of_it), count=20))
    assert "tell information security" in refused.text
    assert Entry.objects.get(event="staff.second_factor_refused").details["why"] == "counter"


def test_a_passkey_that_somebody_holds_is_not_set_up_twice(holder, client, tom_beckett, key):
    other = Browser()
    other.force_login(tom_beckett)
    answer = enrol(other, key)
    assert answer.status_code == 422
    assert "set up already" in answer.text
    assert WebAuthnCredential.objects.count() == 1
    assert Entry.objects.get(event="staff.passkey_refused").details["why"] == "twice"


def test_a_leaver_keeps_no_passkey(holder, amira, ben_osei):
    members.record_leaver(actor=ben_osei, member=amira, why="Left")
    assert not WebAuthnCredential.objects.exists()


def test_recovery_codes_are_no_factor_to_fall_back_on(amira):
    factors.renew_recovery_codes(actor=amira)
    assert not queries.has_factor(amira)


@pytest.mark.parametrize(
    ("public", "address", "domain"),
    [
        ("http://127.0.0.1:8000", "http://localhost:8000", "localhost"),
        ("https://smmp.wealdshire.example", "https://smmp.wealdshire.example", "smmp.wealdshire.example"),
        (
            "https://smmp.wealdshire.example:8443",
            "https://smmp.wealdshire.example:8443",
            "smmp.wealdshire.example",
        ),
    ],
)
def test_where_passkeys_work(settings, public, address, domain):
    settings.PUBLIC_ADDRESS = public
    assert (passkeys.address(), passkeys.domain()) == (address, domain)
