"""Single sign-on against a certified provider that is not ours (`make test-oidc`)."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest
import time_machine
from django.test import Client

from accounts import actions
from audit.models import Entry
from core import clock
from core.actors import System
from staff.actions import directory
from staff.models import Membership, SignOnIdentity
from staff.roles import Role
from staff.sso import provider

pytestmark = pytest.mark.live_oidc
ADDRESS = os.environ.get("SMMP_LIVE_OIDC", "")
AMIRA = "amira.hussain@wealdshire.example"


class Person:
    """Somebody at a browser: the platform on one side, the provider on the other."""

    def __init__(self) -> None:
        self.platform = Client()
        self.there = httpx.Client(follow_redirects=False)

    def sent_off(self, path: str = "/sign-in/sso/") -> str:
        answer = self.platform.get(path)
        assert answer.status_code == 302, answer.content
        return answer["Location"]

    def at_provider(self, address: str) -> str:
        """Through the provider's pages, up to the address of ours that it leads back to."""
        for _ in range(8):
            answer = self.there.get(address)
            assert answer.status_code in {302, 303}, answer.text
            address = str(httpx.URL(address).join(answer.headers["Location"]))
            if address.startswith("http://testserver/"):
                return address.removeprefix("http://testserver")
        raise AssertionError(address)

    def sign_on(self, path: str = "/sign-in/sso/"):
        return self.platform.get(self.at_provider(self.sent_off(path)))


def tell(**words) -> None:
    """Who signs in at the provider from now on, and how."""
    httpx.post(f"{ADDRESS}/control", json=words).raise_for_status()


@pytest.fixture(autouse=True)
def provided(settings, wealdshire):
    """The platform with the provider, and Amira's identity there."""
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = ADDRESS, "smmp"
    settings.OIDC_CLIENT_SECRET = "a secret of the tests"
    settings.OIDC_NAME = "Wealdshire sign-on"
    settings.OIDC_MFA_AMR, settings.OIDC_MFA_ACR = ["mfa"], []
    settings.OIDC_GROUPS_CLAIM = "groups"
    settings.PUBLIC_ADDRESS = "http://testserver"
    provider.forget()
    tell(
        account="sub-amira",
        amr=["pwd", "mfa"],
        acr=None,
        claims={"email": AMIRA, "email_verified": True, "name": "Amira Hussain"},
        id_token_s=600,
        deny=False,
    )


@pytest.fixture
def person():
    return Person()


def whys() -> list[str]:
    return [entry.details["why"] for entry in Entry.objects.filter(event="staff.sign_on_refused")]


def test_both_factors_at_the_provider_let_somebody_in(person, amira_hussain):
    entered = person.sign_on("/sign-in/sso/?next=/profile/")
    assert entered["Location"] == "/profile/"
    assert person.platform.get("/profile/").status_code == 200
    assert SignOnIdentity.objects.get().user == amira_hussain
    assert Entry.objects.get(event="staff.signed_in").details == {"by": "single sign-on"}
    assert "left=1" in person.platform.post("/sign-out/")["Location"]
    assert person.platform.get("/sign-out/sso/")["Location"].startswith(f"{ADDRESS}/session/end?")


def test_one_factor_there_asks_for_our_second_one_here(person):
    tell(amr=["pwd"])
    assert person.sign_on()["Location"] == "/sign-in/code/"
    assert person.platform.get("/profile/").status_code == 302
    assert not Entry.objects.filter(event="staff.signed_in").exists()


def test_a_class_of_authentication_counts_where_it_is_named(person, settings):
    settings.OIDC_MFA_ACR = ["urn:smmp:two-factors"]
    tell(amr=["pwd"], acr="urn:smmp:two-factors")
    assert person.sign_on()["Location"] == "/"


def test_the_subject_is_bound_once_and_the_address_never_again(person, tom_beckett):
    person.sign_on()
    tell(account="sub-thief")
    refused = Person().sign_on()
    assert refused.status_code == 403
    assert whys() == ["bound_to_another"]
    tell(account="sub-amira", claims={"email": tom_beckett.email, "email_verified": True})
    again = Person()
    again.sign_on()
    assert "Amira Hussain" in again.platform.get("/profile/").text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": AMIRA, "email_verified": False},
        {"email": AMIRA},
        {"email": "nobody@wealdshire.example", "email_verified": True},
        {},
    ],
)
def test_nobody_is_let_in_or_added_by_an_address_that_proves_nothing(person, claims):
    tell(account="sub-new", claims=claims)
    assert person.sign_on().status_code == 403
    assert whys() == ["nobody"]
    assert not SignOnIdentity.objects.exists()


def test_somebody_is_added_where_that_is_configured_and_may_do_nothing(person, settings):
    settings.OIDC_CREATE = True
    tell(
        account="sub-new",
        claims={"email": "nia@wealdshire.example", "email_verified": True, "name": "Nia New"},
    )
    assert person.sign_on()["Location"] == "/"
    assert SignOnIdentity.objects.get().user.get_all_permissions() == set()


def test_groups_of_the_token_are_followed(person, amira_hussain, wealdshire):
    team = directory.add_group(actor=System("test"), name="Surge desk", external_id="gid-1")
    actions.give_grant(actor=System("test"), team=team, role=Role.DESK_SUPERVISOR, why="Surge plan")
    tell(claims={"email": AMIRA, "email_verified": True, "groups": ["gid-1", "other"]})
    person.sign_on()
    assert amira_hussain.has_perm("accounts.lock_down")
    tell(claims={"email": AMIRA, "email_verified": True, "groups": []})
    Person().sign_on()
    assert not amira_hussain.has_perm("accounts.lock_down")
    assert not Membership.objects.filter(team=team, until=None).exists()


def test_step_up_goes_to_the_provider_and_leads_back(person, wealdshire):
    tell(account="sub-ben", claims={"email": "ben.osei@wealdshire.example", "email_verified": True})
    person.sign_on()
    page = "/register/staff/directory/keys/new/"
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        asked = person.platform.get(page)
        assert asked["Location"].startswith("/")
        question = person.platform.get(asked["Location"]).text
        assert "Prove yourself with Wealdshire sign-on" in question
    address = person.sent_off(f"/sign-in/sso/again/?next={page}")
    assert parse_qs(urlsplit(address).query)["max_age"] == ["0"]
    assert person.platform.get(person.at_provider(address))["Location"] == page
    assert Entry.objects.get(event="staff.step_up_proved").details["by"] == "single sign-on"
    assert person.platform.get(page).status_code == 200


def test_step_up_of_somebody_else_or_with_one_factor_opens_nothing(person, wealdshire):
    person.sign_on()
    tell(amr=["pwd"])
    assert person.sign_on("/sign-in/sso/again/").status_code == 409
    person.there = httpx.Client(follow_redirects=False)
    tell(
        account="sub-tom",
        amr=["mfa"],
        claims={"email": "tom.beckett@wealdshire.example", "email_verified": True},
    )
    assert person.sign_on("/sign-in/sso/again/").status_code == 409
    assert sorted(whys()) == ["another_person", "one_factor"]
    assert not Entry.objects.filter(event="staff.step_up_proved").exists()


def test_keys_that_the_provider_changed_are_read_anew(person):
    person.sign_on()
    tell(rotate=True)
    with time_machine.travel(clock.now() + timedelta(seconds=provider.LOOK_AGAIN_S + 1)):
        assert Person().sign_on()["Location"] == "/"


def test_a_nonce_that_is_not_ours_is_refused(person):
    parts = urlsplit(person.sent_off())
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    forged = urlunsplit(parts._replace(query=urlencode({**asked, "nonce": "another"})))
    assert person.platform.get(person.at_provider(forged)).status_code == 403
    assert whys() == ["wrong_nonce"]


def test_an_expired_token_is_refused(person):
    tell(id_token_s=1)
    back = person.at_provider(person.sent_off())
    with time_machine.travel(clock.now() + timedelta(minutes=4)):
        assert person.platform.get(back).status_code == 403
    assert whys() == ["expired"]


def test_an_answer_counts_once_and_in_its_own_browser(person):
    back = person.at_provider(person.sent_off())
    assert Person().platform.get(back).status_code == 403
    assert person.platform.get(back)["Location"] == "/"
    person.platform.post("/sign-out/")
    assert person.platform.get(back).status_code == 403
    other = Person()
    other.sent_off()
    assert other.platform.get(back).status_code == 403
    assert whys() == ["not_begun_here"] * 3


def test_a_code_of_another_sign_on_is_refused_by_pkce(person):
    code = parse_qs(urlsplit(person.at_provider(person.sent_off())).query)["code"][0]
    thief = Person()
    own = urlsplit(thief.at_provider(thief.sent_off()))
    asked = {name: values[0] for name, values in parse_qs(own.query).items()}
    swapped = f"{own.path}?{urlencode({**asked, 'code': code})}"
    assert thief.platform.get(swapped).status_code == 403
    assert whys() == ["code_refused"]


def test_a_refusal_there_is_said_here(person):
    tell(deny=True)
    answer = person.sign_on()
    assert answer.status_code == 403
    assert "did not let you in" in answer.text
    assert whys() == ["provider_access_denied"]


def test_signing_out_there_ends_the_session_that_rests_on_it_and_no_other(person):
    person.sign_on()
    elsewhere = Person()
    elsewhere.sign_on()
    page = person.there.get(f"{ADDRESS}/session/end", params={"client_id": "smmp"})
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    assert xsrf, page.text
    ended = person.there.post(f"{ADDRESS}/session/end/confirm", data={"xsrf": xsrf.group(1), "logout": "yes"})
    assert ended.status_code in {302, 303}, ended.text
    tokens = httpx.get(f"{ADDRESS}/heard").json()
    assert len(tokens) == 1
    answers = [Client().post("/sign-in/sso/out/", {"logout_token": tokens[0]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert person.platform.get("/profile/").status_code == 302
    assert elsewhere.platform.get("/profile/").status_code == 200
    assert whys() == ["logout_replayed"]
