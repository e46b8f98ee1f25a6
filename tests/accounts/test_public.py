"""What the public reads of our official accounts, without a session: the list, the check, reports of impostors."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions as register
from accounts import lookalikes, public
from accounts.actions import coverage, particulars
from accounts.models import AreaDetails, Impostor, Mandate, Neighbourhood, OfficialAccount
from core import clock, crowd
from core.actors import System
from core.middleware import TrustedProxy
from smmp.seed import reference
from staff.models import Team

SEED = System("seed")


@pytest.fixture
def listed(wealdshire, victoria_lang):
    """Two official accounts on platforms: of the force, and of Harrowfield."""
    crowd.forget()
    public.forget()
    made = {
        "force": register.register_account(
            actor=SEED,
            platform="threads",
            handle="wealdshirepolice",
            name="Wealdshire Police",
            owner=victoria_lang,
            purpose="News and warnings",
            profile_url="https://threads.example/@wealdshirepolice",
        ),
        "area": register.register_account(
            actor=SEED,
            platform="nextdoor",
            handle="harrowfieldpolice",
            name="Harrowfield Police",
            owner=victoria_lang,
            neighbourhood=Neighbourhood.objects.get(slug="harrowfield"),
        ),
    }
    yield made
    crowd.forget()
    public.forget()


def test_the_list_holds_what_is_ours_and_no_exercise_no_officer_who_did_not_agree(
    client, listed, pc_nair, ben_osei
):
    page = client.get("/public/accounts/").content.decode()
    assert "@wealdshirepolice" in page
    assert "@harrowfieldpolice" in page
    assert "wealdshire-police" not in page
    assert "Victoria Lang" not in page
    mandate = Mandate.objects.get(official_account=listed["area"])
    particulars.change_particulars(
        actor=ben_osei,
        mandate=mandate,
        kind="officer",
        officer=pc_nair,
        consented_on=clock.today(),
        safety_checked_on=clock.today(),
    )
    assert "@harrowfieldpolice" not in client.get("/public/accounts/").content.decode()
    assert "is not on our list" in _check(client, "harrowfieldpolice")
    mandate.refresh_from_db()
    particulars.change_particulars(actor=ben_osei, mandate=mandate, named_publicly=True)
    assert "@harrowfieldpolice" in client.get("/public/accounts/").content.decode()


def _check(client, account: str) -> str:
    return client.get("/public/accounts/check/", {"account": account}).content.decode()


def test_the_list_is_found_by_place_postcode_platform_and_word(client, listed):
    AreaDetails.objects.create(
        neighbourhood=listed["area"].neighbourhood,
        places=["Mill Green", "WD9"],
        source="a file",
        imported_at=clock.now(),
    )
    for given, there, gone in (
        ({"q": "mill"}, "@harrowfieldpolice", "@wealdshirepolice"),
        ({"q": "WD9 4QX"}, "@harrowfieldpolice", "@wealdshirepolice"),
        ({"q": "warnings"}, "@wealdshirepolice", "@harrowfieldpolice"),
        ({"platform": "threads"}, "@wealdshirepolice", "@harrowfieldpolice"),
        ({"area": "harrowfield"}, "@harrowfieldpolice", "@wealdshirepolice"),
    ):
        page = client.get("/public/accounts/", given).content.decode()
        assert there in page, given
        assert gone not in page, given
    assert "No account of ours is found" in client.get("/public/accounts/", {"q": "<b>"}).content.decode()


def test_programs_get_the_same_as_json_as_a_table_and_to_embed(client, listed):
    data = json.loads(client.get("/public/accounts.json").content)
    assert data["sameAs"] == ["https://threads.example/@wealdshirepolice"]
    assert {one["handle"] for one in data["accounts"]} == {"harrowfieldpolice", "wealdshirepolice"}
    answer = client.get("/public/accounts.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["handle"] for row in rows} == {"harrowfieldpolice", "wealdshirepolice"}
    frame = client.get("/public/accounts/embedded/")
    assert "frame-ancestors *" in frame["Content-Security-Policy"]
    assert "X-Frame-Options" not in frame
    assert "frame-ancestors 'none'" in client.get("/public/accounts/")["Content-Security-Policy"]


def test_hours_of_reading_stand_beside_each_account(client, listed, ben_osei, victoria_lang):
    assert "Not read all the time." in client.get("/public/accounts/").content.decode()
    coverage.add_hours(
        actor=ben_osei,
        account=listed["force"],
        team=Team.objects.get(name="Digital desk"),
        days=range(5),
        from_hour=8,
        until_hour=20,
    )
    page = client.get("/public/accounts/").content.decode()
    assert "Read Monday to Friday, 08:00 to 20:00." in page
    assert "Digital desk" not in page


@pytest.mark.parametrize(
    ("account", "answer"),
    [
        ("wealdshirepolice", "Yes, it is ours"),
        ("@WealdshirePolice", "Yes, it is ours"),
        ("https://threads.example/@wealdshirepolice?x=1", "Yes, it is ours"),
        ("https://www.threads.net/@wealdshirepolice", "Yes, it is ours"),
        ("https://x.com/wealdshirepolice", "not where your link leads"),
        ("https://evil.example/wealdshirepolice", "only looks like one of ours"),
        ("wеаldshirepolice", "cyrillic small letter ie"),
        ("wealdshirepo1ice", "with a digit that is read as a letter"),
        ("wealdshirepolce", "1 letter differs"),
        ("wealdshirepolice_uk", "with something added"),
        ("Real_Wealdshire-Police_24", "only looks like one of ours"),
        ("leicesterpolice", "is not on our list"),
        ("@", "cannot tell which account"),
        ("https://[", "cannot tell which account"),
    ],
)
def test_is_this_account_real(client, listed, account, answer):
    page = _check(client, account)
    assert answer in page
    assert ("Yes, it is ours" in page) == (answer == "Yes, it is ours")


def test_what_is_closed_and_what_is_known_to_pretend_is_said_so(client, listed):
    OfficialAccount.objects.filter(pk=listed["area"].pk).update(status="suspended")
    assert "is not in use now" in _check(client, "harrowfieldpolice")
    Impostor.objects.create(
        platform="x", handle="weald_help", found_by="staff", state="confirmed", found_at=clock.now()
    )
    assert "It pretends to be us" in _check(client, "weald_help")
    assert "It pretends to be us" not in _check(client, "https://instagram.com/weald_help")


def test_letters_that_look_alike_are_found_and_others_are_not():
    ours = "harrowfieldpolice"
    for theirs in (
        "hаrrowfieldpolice",
        "harrovvfieldpolice",
        "Harrowf1eldPolice",
        "harrowfield.police",
        "hаrrowfie1dpolice",
        "harrowfeildpolice",
        "harrowfieldpolice2",
    ):
        assert lookalikes.likeness(theirs, ours), theirs
    for theirs in (ours, ours.upper(), "saltmerepolice", "harrow", "", "jo_harrow", "policenews"):
        assert not lookalikes.likeness(theirs, ours), theirs
    assert lookalikes.distance("abcd", "abdc") == 1
    assert lookalikes.distance("abcd", "wxyz") == 3
    assert lookalikes.read("bsky.app/profile/a.example").platform == "bluesky"
    assert lookalikes.read("https://social.example/@weald").handle == "weald@social.example"


def test_a_repeat_asks_the_database_nothing_and_a_change_shows_in_time(client, listed, settings, monkeypatch):
    settings.PUBLIC_KEPT_FOR_S = 15
    assert settings.PUBLIC_KEPT_FOR_S + settings.PUBLIC_MAX_AGE_S <= 60
    addresses = [
        "/public/accounts/",
        "/public/accounts.json",
        "/public/accounts/check/?account=wealdshirepo1ice",
        "/public/areas/harrowfield/",
        "/public/areas/harrowfield/feed.atom",
    ]
    first = {address: client.get(address) for address in addresses}
    with CaptureQueriesContext(connection) as queries:
        for address in addresses:
            again = client.get(address)
            assert again.content == first[address].content
            assert again["Content-Security-Policy"] == first[address]["Content-Security-Policy"]
            assert "max-age=30" in again["Cache-Control"]
            same = client.get(address, headers={"If-None-Match": again["ETag"]})
            assert (same.status_code, same.content) == (304, b"")
            assert client.head(address).content == b""
    assert not queries.captured_queries
    assert not client.cookies
    OfficialAccount.objects.filter(pk=listed["force"].pk).update(name="Wealdshire Constabulary")
    assert "Constabulary" not in client.get("/public/accounts/").content.decode()
    at = time.monotonic() + 16
    monkeypatch.setattr(time, "monotonic", lambda: at)
    changed = client.get("/public/accounts/", headers={"If-None-Match": first["/public/accounts/"]["ETag"]})
    assert changed.status_code == 200
    assert "Constabulary" in changed.content.decode()


def test_a_crowd_is_answered_before_django_is_woken_and_nobody_chooses_what_others_get(
    client, listed, settings
):
    settings.PUBLIC_KEPT_FOR_S = 15
    settings.TRUSTED_PROXIES = ["192.0.2.10"]
    woken = []

    def django(environ, start_response):
        woken.append(environ)
        start_response("200 OK", [])
        return [b"made anew"]

    before = crowd.FromMemory(django, scheme_of=TrustedProxy(django).scheme_of)
    first = client.get("/public/accounts.json")
    asked = {**client._base_environ(), "PATH_INFO": "/public/accounts.json", "HTTP_HOST": ""}

    def ask(**more):
        told = []
        body = b"".join(
            before({**asked, **more}, lambda status, headers: told.append((status, dict(headers))))
        )
        return *told[0], body

    status, headers, body = ask()
    assert (status, body) == ("200 OK", first.content)
    assert headers["Content-Length"] == str(len(first.content))
    assert headers["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert ask(REQUEST_METHOD="HEAD")[2] == b""
    assert ask(HTTP_IF_NONE_MATCH=first["ETag"])[0] == "304 Not Modified"
    assert not woken
    for other in (
        {"REQUEST_METHOD": "POST"},
        {"QUERY_STRING": "q=1"},
        {"HTTP_HOST": "elsewhere.example"},
        {"REMOTE_ADDR": "192.0.2.10", "HTTP_X_FORWARDED_PROTO": "https"},
    ):
        woken.clear()
        assert ask(**other)[2] == b"made anew"
        assert woken
    client.get("/public/accounts.json", REMOTE_ADDR="192.0.2.10", headers={"X-Forwarded-Proto": "https"})
    woken.clear()
    by_https = ask(REMOTE_ADDR="192.0.2.10", HTTP_X_FORWARDED_PROTO="https")[2]
    assert b"https://testserver" in by_https
    assert ask(HTTP_X_FORWARDED_PROTO="https")[2] == first.content
    assert not woken


def test_nothing_of_a_signed_in_person_is_kept_for_others(client, listed, settings, ben_osei):
    settings.PUBLIC_KEPT_FOR_S = 15
    client.force_login(ben_osei)
    ben_osei.theme = "dark"
    ben_osei.save()
    page = client.get("/public/accounts/").content.decode()
    assert "data-theme" not in page
    assert "Ben Osei" not in page


def test_one_source_may_not_ask_for_new_things_without_end(client, listed, settings):
    settings.PUBLIC_ASKS_A_MINUTE = 3
    settings.PUBLIC_KEPT_FOR_S = 15
    for n in range(3):
        assert client.get("/public/accounts/", {"q": n}).status_code == 200
    refused = client.get("/public/accounts/", {"q": "more"})
    assert refused.status_code == 429
    assert refused["Retry-After"] == "60"
    assert "Wait a minute" in refused.content.decode()
    assert client.get("/public/accounts/", {"q": 1}).status_code == 200
    elsewhere = client.get("/public/accounts/", {"q": "more"}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 200


def test_the_public_reports_an_impostor_and_nothing_of_theirs_is_kept(client, listed, helen_achebe):
    where = "/public/accounts/report/"
    assert client.get(where, {"account": "wealdshirepo1ice"}).status_code == 200
    assert client.post(where, {"what": ""}).status_code == 422
    refused = client.post(where, {"what": "https://threads.net/@wealdshirepolice"})
    assert refused.status_code == 422
    assert "is an official account of ours" in refused.content.decode()
    done = client.post(where, {"what": "https://x.com/wealdshirepo1ice", "words": "It asks for gift cards"})
    assert done["Location"] == reverse("accounts_public:reported")
    row = Impostor.objects.get()
    assert (row.platform, row.handle, row.alike) == ("x", "wealdshirepo1ice", listed["force"])
    assert "digit" in row.alike_why
    assert "127.0.0.1" not in str(vars(row))
    client.post(where, {"what": "https://x.com/WEALDSHIREPO1ICE"})
    row.refresh_from_db()
    assert row.reports == 2
    for n in range(4):
        client.post(where, {"what": f"https://x.com/weald_help_{n}"})
    refused = client.post(where, {"what": "https://x.com/weald_help_9"})
    assert refused.status_code == 429
    assert "Try again in an hour" in refused.content.decode()
    Impostor.objects.update(found_at=clock.now() - timedelta(hours=2))
    assert client.post(where, {"what": "https://x.com/weald_help_9"}).status_code == 302


def test_statements_are_there_and_say_what_the_schedule_says(client, listed, settings):
    reference.make()
    page = client.get("/public/privacy/").content.decode()
    assert "Account that pretended to be the force, and what was done about it: 6 years" in page
    assert "2.2, level AA" in client.get("/public/accessibility/").content.decode()
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "security@wealdshire.example"
    text = client.get("/.well-known/security.txt").content.decode()
    assert "Contact: mailto:security@wealdshire.example" in text
    assert "Expires: " in text
