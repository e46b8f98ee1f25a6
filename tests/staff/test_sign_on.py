"""Single sign-on: tokens that hold, and every way in which one does not.

The provider here is played by keys of the tests; `make test-oidc` proves the same against a certified one.
"""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, TransitionNotAllowed
from staff.actions import directory, members, sign_on
from staff.models import ProviderLogout, SignInSession, SignOnIdentity, StaffMember
from staff.scim.known import Details
from staff.sso import provider
from staff.tasks import sweep_throttles
from tests.staff.test_step_up import code_of

ISSUER = "https://login.wealdshire.example"
AMIRA = "amira.hussain@wealdshire.example"
PASSWORD = "four quiet herons wading"
BACK = "/sign-in/sso/back/"


class Provider:
    """Answers as an OpenID provider does, with faults that the tests ask for."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.published = [self.key]
        self.metadata = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "end_session_endpoint": f"{ISSUER}/out",
        }
        self.token = ""
        self.calls: list[str] = []
        self.answer: dict[str, httpx.Response] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls.append(path)
        if path in self.answer:
            if isinstance(self.answer[path], Exception):
                raise self.answer[path]
            return self.answer[path]
        if path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self.metadata)
        if path == "/keys":
            return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.published]})
        assert path == "/token"
        sent = parse_qs(request.content.decode())
        assert sent["code_verifier"]
        return httpx.Response(
            200, json={"id_token": self.token, "access_token": "at", "token_type": "Bearer"}
        )

    def sign(self, *, key=None, header=None, **claims) -> str:
        at = int(clock.now().timestamp())
        whole = {
            "iss": ISSUER,
            "aud": "smmp",
            "sub": "sub-amira",
            "iat": at,
            "exp": at + 300,
            "auth_time": at,
            "amr": ["pwd", "mfa"],
            "email": AMIRA,
            "email_verified": True,
            **claims,
        }
        whole = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(
            header or {"alg": "RS256", "kid": "k1"},
            whole,
            key or self.key,
            algorithms=["RS256", "HS256", "none"],
        )


@pytest.fixture
def there(settings, monkeypatch, wealdshire):
    """The provider, set up for the platform."""
    played = Provider()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = ISSUER, "smmp", "s"
    settings.OIDC_NAME = "Wealdshire sign-on"
    monkeypatch.setattr(provider, "_client", lambda: httpx.Client(transport=httpx.MockTransport(played)))
    provider.forget()
    yield played
    provider.forget()


@pytest.fixture
def browser():
    return Client()


def begun(browser, path="/sign-in/sso/") -> dict[str, str]:
    """Off to the provider: what was asked there."""
    sent = browser.get(path)
    assert sent.status_code == 302, sent.content
    assert sent["Location"].startswith(f"{ISSUER}/auth?")
    return {name: values[0] for name, values in parse_qs(urlsplit(sent["Location"]).query).items()}


def answered(browser, there, path="/sign-in/sso/", **claims):
    """A whole sign-on with these claims."""
    asked = begun(browser, path)
    there.token = claims.pop("token", None) or there.sign(**{"nonce": asked["nonce"], **claims})
    return browser.get(BACK, {"code": "c", "state": asked["state"]})


def whys() -> list[str]:
    return [entry.details["why"] for entry in Entry.objects.filter(event="staff.sign_on_refused")]


def test_the_request_binds_the_answer_three_ways(browser, there):
    asked = begun(browser)
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 40


def test_somebody_with_both_factors_is_in_and_one_without_is_asked(browser, there, amira_hussain):
    assert answered(browser, there, "/sign-in/sso/?next=/profile/")["Location"] == "/profile/"
    assert browser.get("/profile/").status_code == 200
    half = Client()
    assert answered(half, there, amr=["pwd"])["Location"] == "/sign-in/code/"
    assert half.get("/profile/").status_code == 302
    assert SignOnIdentity.objects.get().user == amira_hussain


def refused_tokens(there):
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    unknown = RSAKey.generate_key(2048, {"kid": "k9"})
    at = int(clock.now().timestamp())
    return {
        "bad_signature": {"key": other},
        "unknown_key": {"key": unknown, "header": {"alg": "RS256", "kid": "k9"}},
        "wrong_issuer": {"iss": "https://evil.example"},
        "wrong_audience": {"aud": "another-client"},
        "wrong_audience ": {"aud": ["smmp", "another"], "azp": "another"},
        "expired": {"iat": at - 900, "exp": at - 61},
        "claims_refused": {"iat": at + 3600, "exp": at + 7200},
        "claims_refused ": {"exp": None},
        "claims_refused  ": {"amr": "mfa"},
        "wrong_nonce": {"nonce": "another"},
        "wrong_nonce ": {"nonce": None},
        "claims_refused   ": {"sub": ["a"]},
        "no_subject": {"sub": "x" * 256},
    }


@pytest.mark.parametrize("kind", list(refused_tokens(None)))
def test_a_token_that_does_not_hold_opens_nothing(browser, there, kind):
    answer = answered(browser, there, **refused_tokens(there)[kind])
    assert answer.status_code == 403
    assert "cannot be trusted" in answer.text
    assert whys() == [kind.strip()]
    assert browser.get("/profile/").status_code == 302
    assert not SignOnIdentity.objects.exists()


def test_a_token_signed_with_what_everybody_knows_is_refused(browser, there):
    asked = begun(browser)
    public = json.dumps(there.key.as_dict(private=False))
    for key, header in (
        (OctKey.import_key(public), {"alg": "HS256", "kid": "k1"}),
        (OctKey.import_key(b"s"), {"alg": "none"}),
    ):
        there.token = there.sign(key=key, header=header, nonce=asked["nonce"])
        assert browser.get(BACK, {"code": "c", "state": asked["state"]}).status_code == 403
        asked = begun(browser)
    assert not SignOnIdentity.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "." * 50, "x" * 100_000])
def test_an_answer_that_is_no_token_is_refused(browser, there, token):
    asked = begun(browser)
    there.token = token
    assert browser.get(BACK, {"code": "c", "state": asked["state"]}).status_code == 403


def test_an_answer_is_good_once_in_its_browser_and_for_ten_minutes(browser, there):
    asked = begun(browser)
    there.token = there.sign(nonce=asked["nonce"])
    answer = {"code": "c", "state": asked["state"]}
    assert Client().get(BACK, answer).status_code == 403
    assert browser.get(BACK, {**answer, "state": "é"}).status_code == 403
    assert browser.get(BACK, answer).status_code == 403
    late = begun(browser)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert browser.get(BACK, {"code": "c", "state": late["state"]}).status_code == 403
    assert whys() == ["not_begun_here"] * 4


def test_another_issuer_in_the_answer_is_refused(browser, there):
    asked = begun(browser)
    there.token = there.sign(nonce=asked["nonce"])
    assert (
        browser.get(BACK, {"code": "c", "state": asked["state"], "iss": "https://evil.example"}).status_code
        == 403
    )
    assert whys() == ["wrong_issuer"]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/token", httpx.Response(500)),
        ("/token", httpx.Response(200, text="<html>")),
        ("/token", httpx.Response(200, content=b"x" * 600_000)),
        ("/token", httpx.ConnectError("down")),
        ("/token", httpx.ReadTimeout("slow")),
        ("/token", httpx.Response(302, headers={"Location": "https://evil.example"})),
    ],
)
def test_a_provider_that_fails_in_the_middle_is_said(browser, there, path, fault):
    asked = begun(browser)
    there.answer[path] = fault
    answer = browser.get(BACK, {"code": "c", "state": asked["state"]})
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert whys() == ["provider_down"]
    del there.answer[path]
    assert answered(browser, there)["Location"] == "/"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/.well-known/openid-configuration", httpx.ConnectError("down")),
        ("/.well-known/openid-configuration", httpx.Response(200, json={"issuer": "https://evil.example"})),
        (
            "/.well-known/openid-configuration",
            httpx.Response(
                200,
                json={
                    "issuer": ISSUER,
                    "authorization_endpoint": "http://plain.example",
                    "token_endpoint": "x",
                    "jwks_uri": "x",
                },
            ),
        ),
        ("/keys", httpx.Response(200, json={"keys": "x"})),
        ("/keys", httpx.Response(404)),
    ],
)
def test_a_provider_that_cannot_be_begun_with_is_said(browser, there, path, fault):
    there.answer[path] = fault
    answer = browser.get("/sign-in/sso/")
    assert answer.status_code in {403, 503}
    assert "Wealdshire sign-on" in answer.text


def test_a_key_that_is_new_there_is_looked_for_once(browser, there):
    assert answered(browser, there)["Location"] == "/"
    there.key = RSAKey.generate_key(2048, {"kid": "k2"})
    there.published.append(there.key)
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=False):
        fresh = Client()
        assert answered(fresh, there, header={"alg": "RS256", "kid": "k2"})["Location"] == "/"
    assert there.calls.count("/keys") == 2


def test_a_subject_is_bound_once_and_an_address_never_moves_it(browser, there, tom_beckett):
    answered(browser, there)
    assert answered(Client(), there, sub="sub-thief").status_code == 403
    again = Client()
    answered(again, there, email=tom_beckett.email)
    assert "Amira Hussain" in again.get("/profile/").text
    assert whys() == ["bound_to_another"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": "nobody@wealdshire.example"},
        {"email": "x\x00@wealdshire.example"},
        {"email": AMIRA.replace("ss", "\u017f\u017f")},
        {"email": "x" * 300},
        {"email": [AMIRA]},
    ],
)
def test_an_address_that_proves_nothing_binds_nobody(browser, there, claims):
    assert answered(browser, there, **claims).status_code == 403
    assert whys() == ["nobody"]


def test_an_address_is_enough_where_the_provider_is_trusted_with_it(browser, there, settings):
    settings.OIDC_EMAILS = "trusted"
    assert answered(browser, there, email_verified=None)["Location"] == "/"


def test_the_directorys_id_binds_without_an_address(browser, there, settings):
    settings.OIDC_SUBJECT_CLAIM = "oid"
    person = directory.add_person(
        actor=sign_on.PROVIDER,
        details=Details(
            "nia@wealdshire.example", "oid-1", "Nia New", "PC", "nia@wealdshire.example", "", True
        ),
    )
    assert answered(browser, there, oid="oid-1", email=None)["Location"] == "/"
    assert SignOnIdentity.objects.get().user == person


def test_a_leaver_is_not_let_in_by_any_provider(browser, there, ben_osei, amira_hussain):
    answered(browser, there)
    members.record_leaver(actor=ben_osei, member=amira_hussain, why="Retired")
    assert browser.get("/profile/").status_code == 302
    assert answered(Client(), there).status_code == 403
    assert whys() == ["left"]


def test_step_up_at_the_provider_wants_a_fresh_proof_of_the_same_person(browser, there, ben_osei):
    ben = {"sub": "sub-ben", "email": ben_osei.email}
    answered(browser, there, **ben)
    again = "/sign-in/sso/again/?next=/register/grants/new/"
    assert begun(browser, again)["prompt"] == "login"
    stale = int((clock.now() - timedelta(minutes=3)).timestamp())
    assert answered(browser, there, again, **ben, auth_time=stale).status_code == 409
    assert answered(browser, there, again, **ben, auth_time=None).status_code == 409
    assert answered(browser, there, again, **ben, amr=["pwd"]).status_code == 409
    assert answered(browser, there, again).status_code == 409
    assert sorted(whys()) == ["another_person", "no_auth_time", "one_factor", "stale"]
    assert answered(browser, there, again, **ben)["Location"] == "/register/grants/new/"
    assert Entry.objects.get(event="staff.step_up_proved").details == {
        "by": "single sign-on",
        "page": "accounts:give_grant",
    }


def test_what_was_typed_is_held_while_somebody_proves_themselves_in_another_tab(
    browser, there, ben_osei, amira_hussain
):
    ben = {"sub": "sub-ben", "email": ben_osei.email}
    answered(browser, there, **ben)
    sent = {"person": amira_hussain.pk, "role": "desk_supervisor", "why": "Stand-in"}
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        held = browser.post(reverse("accounts:give_grant"), sent)
        assert held.status_code == 403
        assert "Prove yourself with Wealdshire sign-on" in held.text
        assert 'name="why" value="Stand-in"' in held.text
        assert 'name="second_factor"' not in held.text
        proved = answered(browser, there, "/sign-in/sso/again/?stay=1", **ben)
        assert "Close this tab" in proved.text
        assert browser.post(reverse("accounts:give_grant"), sent).status_code == 302


def test_passwords_are_for_those_who_are_named(browser, there, settings, amira_hussain, tom_beckett):
    settings.OIDC_PASSWORDS, settings.OIDC_PASSWORD_PEOPLE = "named", [tom_beckett.email]
    for person in (amira_hussain, tom_beckett):
        person.set_password(PASSWORD)
        person.save()
    page = browser.post("/sign-in/", {"email": amira_hussain.email, "password": PASSWORD})
    assert "Passwords are for emergencies" in page.text
    assert "Sign in with Wealdshire sign-on" in page.text
    assert (
        "for emergencies"
        not in browser.post("/sign-in/", {"email": amira_hussain.email, "password": "x"}).text
    )
    assert browser.post("/sign-in/", {"email": tom_beckett.email, "password": PASSWORD}).status_code == 302


def logout_token(there, **more):
    return there.sign(
        **{"events": {provider.LOGOUT_EVENT: {}}, "jti": "j", "email": None, "amr": None, **more}
    )


def test_signing_out_there_signs_out_here(browser, there):
    answered(browser, there)
    for wrong in (
        {"nonce": "n"},
        {"events": None},
        {"aud": "x"},
        {"iss": "https://evil.example"},
        {"sub": None},
        {"iat": 5},
    ):
        answer = Client().post("/sign-in/sso/out/", {"logout_token": logout_token(there, **wrong)})
        assert answer.status_code == 400
    assert browser.get("/profile/").status_code == 200
    assert Client().post("/sign-in/sso/out/", {"logout_token": logout_token(there)}).status_code == 200
    assert browser.get("/profile/").status_code == 302
    assert Entry.objects.filter(event="staff.signed_out_by_provider").count() == 1


def out_there(there, **more) -> int:
    return Client().post("/sign-in/sso/out/", {"logout_token": logout_token(there, **more)}).status_code


def refused_logouts() -> list[str]:
    return sorted(why for why in whys() if why.startswith("logout_"))


def test_a_session_that_ends_there_ends_here_and_no_other(browser, there):
    desk, phone = browser, Client()
    answered(desk, there, sid="s-desk")
    answered(phone, there, sid="s-phone")
    assert out_there(there, sid="s-desk") == 200
    assert desk.get("/profile/").status_code == 302
    assert phone.get("/profile/").status_code == 200
    assert out_there(there, sub=None, sid="s-phone", jti="j2") == 200
    assert phone.get("/profile/").status_code == 302
    assert Entry.objects.filter(event="staff.signed_out_by_provider").count() == 2
    assert not SignInSession.objects.filter(at_provider__contains="s-").exists(), "kept as a keyed hash"


def test_a_session_of_which_nothing_here_knows_ends_all_of_the_person(browser, there):
    answered(browser, there)
    assert out_there(there, sid="never seen here") == 200
    assert browser.get("/profile/").status_code == 302


def test_the_session_of_another_person_is_not_ended(browser, there, ben_osei):
    answered(browser, there, sid="s-amira")
    assert out_there(there, sub="sub-nobody", sid="s-amira") == 200
    answered(Client(), there, sub="sub-ben", email=ben_osei.email)
    assert out_there(there, sub="sub-ben", sid="s-amira", jti="j2") == 200
    assert browser.get("/profile/").status_code == 200


def test_a_logout_token_is_obeyed_once(browser, there):
    answered(browser, there, sid="s-1")
    token = logout_token(there, sid="s-1")
    first, second = (Client().post("/sign-in/sso/out/", {"logout_token": token}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 400)
    answered(browser, there, sid="s-2")
    assert out_there(there, sid="s-2") == 400, "another token of the same name"
    assert browser.get("/profile/").status_code == 200
    assert refused_logouts() == ["logout_replayed"] * 2
    assert Entry.objects.filter(event="staff.signed_out_by_provider").count() == 1
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        sweep_throttles()
    assert not ProviderLogout.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"nonce": "n"}, "no_logout_token"),
        ({"events": None}, "no_logout_token"),
        ({"events": {"http://other.example": {}}}, "no_logout_token"),
        ({"events": "x"}, "no_logout_token"),
        ({"header": {"alg": "RS256", "kid": "k1", "typ": "at+jwt"}}, "no_logout_token"),
        ({"aud": "x"}, "wrong_audience"),
        ({"iss": "https://evil.example"}, "wrong_issuer"),
        ({"sub": None, "sid": None}, "no_subject"),
        ({"sub": None, "sid": 7}, "claims_unreadable"),
        ({"sid": "x" * 300}, "claims_unreadable"),
        ({"jti": None}, "no_jti"),
        ({"jti": ["j"]}, "claims_unreadable"),
        ({"iat": 5}, "expired"),
        ({"exp": 5}, "expired"),
        ({"key": RSAKey.generate_key(2048, {"kid": "k1"})}, "bad_signature"),
        ({"header": {"alg": "none"}}, "bad_signature"),
    ],
)
def test_a_logout_token_that_does_not_hold_ends_nothing(browser, there, wrong, why):
    answered(browser, there, sid="s-1")
    assert out_there(there, **{"sid": "s-1", **wrong}) == 400
    assert browser.get("/profile/").status_code == 200
    assert refused_logouts() == [f"logout_{why}"]
    assert not ProviderLogout.objects.exists()


def test_where_people_are_known_by_another_claim_only_a_session_can_be_named(browser, there, settings):
    settings.OIDC_SUBJECT_CLAIM = "oid"
    answered(browser, there, oid="oid-amira", sid="s-1")
    assert out_there(there) == 400
    assert browser.get("/profile/").status_code == 200
    assert out_there(there, sid="s-1") == 200
    assert browser.get("/profile/").status_code == 302


def test_a_sign_on_whose_session_ended_there_before_the_second_factor_opens_nothing(
    browser, there, amira_hussain
):
    amira_hussain.set_password(PASSWORD)
    amira_hussain.save()
    app = TOTPDevice.objects.create(user=amira_hussain, name="phone", confirmed=True)
    assert answered(browser, there, sid="s-1", amr=["pwd"])["Location"] == "/sign-in/code/"
    assert out_there(there, sub=None, sid="s-1") == 200
    browser.post("/sign-in/code/", {"code": code_of(app.user)})
    assert browser.get("/profile/").status_code == 302


def test_an_administrator_releases_an_identity_that_was_renewed(browser, there, ben_osei, amira_hussain):
    answered(browser, there)
    with pytest.raises(NotPermitted):
        sign_on.release(actor=amira_hussain, member=ben_osei)
    sign_on.release(actor=ben_osei, member=amira_hussain)
    assert browser.get("/profile/").status_code == 302
    with pytest.raises(TransitionNotAllowed):
        sign_on.release(actor=ben_osei, member=amira_hussain)
    assert answered(Client(), there, sub="sub-renewed")["Location"] == "/"


def test_without_a_provider_there_is_no_such_door(client, browser, db, settings):
    settings.OIDC_ISSUER = ""
    assert "Or with a password" not in browser.get("/sign-in/").text
    for path in ("/sign-in/sso/", BACK):
        assert browser.get(path).status_code == 404
    assert browser.post("/sign-in/sso/out/").status_code == 404
    assert not StaffMember.objects.exists()
