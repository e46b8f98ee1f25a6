"""Two factors, or nobody gets in."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.models import Entry
from core.errors import NotValid, TooMany
from staff import links
from staff.actions import factors, members, sign_in
from staff.models import FailedSignIn
from staff.tasks import sweep_throttles

PASSWORD = "four quiet herons wading"
NOW = datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=2)
"""An evening to come: what the demonstration force was granted is in force by then."""
PROFILE = "/profile/"


@pytest.fixture
def plain():
    """A browser that has proved nothing."""
    return Client()


@pytest.fixture
def amira(amira_hussain):
    """Amira with a password and, as yet, no authenticator app."""
    amira_hussain.set_password(PASSWORD)
    amira_hussain.save()
    return amira_hussain


@pytest.fixture
def app(amira):
    """Amira's authenticator app."""
    return TOTPDevice.objects.create(user=amira, name="phone", confirmed=True)


def code_of(device):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06d}"


def enter_password(browser, password=PASSWORD, email="amira.hussain@wealdshire.example", **more):
    return browser.post(reverse("staff:sign_in"), {"email": email, "password": password, **more})


def enter_code(browser, code, **more):
    return browser.post(reverse("staff:second_factor"), {"code": code, **more})


def test_password_and_code_let_somebody_in_and_back_to_where_they_were(plain, amira, app):
    turned_away = plain.get(PROFILE)
    assert turned_away.status_code == 302
    assert turned_away["Location"] == "/sign-in/?next=%2Fprofile%2F"
    asked = enter_password(plain, next=PROFILE)
    assert asked["Location"] == "/sign-in/code/?next=%2Fprofile%2F"
    entered = enter_code(plain, code_of(app), next=PROFILE)
    assert entered["Location"] == PROFILE
    page = plain.get(PROFILE)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert Entry.objects.get(event="staff.signed_in").details == {"by": "authenticator app"}


def test_the_password_alone_opens_nothing(plain, amira, app):
    enter_password(plain)
    assert plain.get(PROFILE)["Location"].startswith("/sign-in/code/")
    assert plain.post(reverse("staff:renew_recovery_codes"))["Location"] == "/sign-in/code/"
    assert not StaticToken.objects.exists()
    assert plain.get(reverse("staff:set_up_second_factor"))["Location"] == "/sign-in/code/"
    assert plain.get(reverse("staff:authenticator_picture")).status_code == 404


def test_a_code_lets_in_once(plain, amira, app):
    with time_machine.travel(NOW, tick=False):
        code = code_of(app)
        enter_password(plain)
        assert enter_code(plain, code).status_code == 302
        second = Client()
        enter_password(second)
        assert enter_code(second, code).status_code == 422


def test_wrong_codes_make_one_wait_and_stand_in_the_trail(plain, amira, app):
    with time_machine.travel(NOW, tick=False) as clock:
        enter_password(plain)
        assert "not right" in enter_code(plain, "000000" if code_of(app) != "000000" else "111111").text
        waiting = enter_code(plain, code_of(app))
        assert waiting.status_code == 429
        assert "Wait a second" in waiting.text
        clock.shift(2)
        assert enter_code(plain, code_of(app)).status_code == 302
    assert Entry.objects.filter(event="staff.second_factor_refused").count() == 1


@pytest.mark.parametrize("code", ["", "x" * 500, "１２３４５６", "12 34", "\x00\x00", "abcde-fghjk", "-1"])
def test_no_code_whatever_breaks_the_page(plain, amira, app, code):
    enter_password(plain)
    assert enter_code(plain, code).status_code in {422, 429}


def test_at_first_sign_in_an_app_is_set_up_and_recovery_codes_are_shown_once(plain, amira):
    assert enter_password(plain, next=PROFILE).status_code == 302
    asked = plain.get(reverse("staff:second_factor"))
    assert asked["Location"] == "/sign-in/authenticator/"
    page = plain.get("/sign-in/authenticator/")
    device = TOTPDevice.objects.get(user=amira)
    assert not device.confirmed
    key = re.search(r'<code class="key">([^<]*)</code>', page.text).group(1).replace(" ", "")
    assert f"secret={key.upper()}" in device.config_url
    picture = plain.get(reverse("staff:authenticator_picture"))
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    assert picture.content.startswith(b"<?xml")
    shown = plain.post("/sign-in/authenticator/", {"code": code_of(device), "next": PROFILE})
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", shown.text)
    assert len(codes) == 10
    assert "no-store" in shown["Cache-Control"]
    assert plain.get(PROFILE).status_code == 200
    assert plain.get(reverse("staff:authenticator_picture")).status_code == 404
    assert not StaticToken.objects.filter(token__in=[code.replace("-", "") for code in codes]).exists()
    events = set(Entry.objects.values_list("event", flat=True))
    assert {"staff.second_factor_enrolled", "staff.recovery_codes_made"} <= events

    # Without the phone, a recovery code lets in, once.
    other = Client()
    enter_password(other)
    assert enter_code(other, codes[0].upper()).status_code == 302
    assert other.get(PROFILE).status_code == 200
    third = Client()
    enter_password(third)
    assert enter_code(third, codes[0]).status_code == 422


def test_a_wrong_first_code_sets_nothing_up(plain, amira):
    enter_password(plain)
    plain.get("/sign-in/authenticator/")
    assert plain.post("/sign-in/authenticator/", {"code": "12345x"}).status_code == 422
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert plain.post("/sign-in/authenticator/", {"code": "12345x"}).status_code == 429


def test_new_recovery_codes_replace_the_old(amira):
    old = factors.renew_recovery_codes(actor=amira)
    new = factors.renew_recovery_codes(actor=amira)
    with pytest.raises(NotValid):
        sign_in.prove_second_factor(actor=amira, code=old[0])
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1)):
        assert sign_in.prove_second_factor(actor=amira, code=new[0])


@time_machine.travel(NOW, tick=False)
def test_nobody_learns_which_addresses_exist(plain, amira, victoria_lang, monkeypatch, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    amira.set_password(PASSWORD)
    amira.save()
    gone = victoria_lang
    gone.set_password(PASSWORD)
    gone.active, gone.left_at = False, datetime.now(UTC)
    gone.save()
    hashed = []
    encode = hashers.PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        hashers.PBKDF2PasswordHasher,
        "encode",
        lambda self, *args, **kwargs: hashed.append(1) or encode(self, *args, **kwargs),
    )
    answers, work = set(), set()
    for email, password in [
        ("amira.hussain@wealdshire.example", "wrong"),  # somebody
        ("nobody@wealdshire.example", "wrong"),  # nobody
        ("tom.beckett@wealdshire.example", "wrong"),  # somebody who has never chosen a password
        ("victoria.lang@wealdshire.example", PASSWORD),  # a leaver
    ]:
        hashed.clear()
        page = enter_password(plain, password, email)
        assert page.status_code == 422
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.text).replace(email, "")
        answers.add(text)
        work.add(len(hashed))
    assert len(answers) == 1
    assert work == {1}


def test_ten_failures_then_a_pause_for_that_name_from_that_source(plain, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(10):
            assert enter_password(plain, "wrong").status_code == 422
        refused = enter_password(plain)
        assert refused.status_code == 429
        assert "15 minutes" in refused.text
        elsewhere = Client(REMOTE_ADDR="192.0.2.7")
        assert enter_password(elsewhere).status_code == 302
        assert enter_password(plain, email="tom.beckett@wealdshire.example").status_code == 422
        clock.shift(timedelta(minutes=15))
        assert enter_password(plain).status_code == 302
    assert Entry.objects.filter(event="staff.sign_in_refused").count() == 11


def test_a_right_password_clears_the_count_and_old_rows_are_swept(plain, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        enter_password(plain, "wrong")
        enter_password(plain, "wrong", "AMIRA.hussain@wealdshire.example ")
        assert FailedSignIn.objects.get().failures == 2
        enter_password(plain)
        assert not FailedSignIn.objects.exists()
        enter_password(plain, "wrong")
        clock.shift(timedelta(hours=23))
        sweep_throttles()
        assert FailedSignIn.objects.exists()
        clock.shift(timedelta(hours=2))
        sweep_throttles()
        sweep_throttles()
        assert not FailedSignIn.objects.exists()


def test_throttle_rows_name_nobody(plain, amira):
    enter_password(plain, "wrong")
    row = FailedSignIn.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", row.key)
    entry = Entry.objects.get(event="staff.sign_in_refused")
    assert entry.subject_id == str(amira.pk)
    assert "127.0.0.1" not in str(entry.details)


@pytest.mark.parametrize(
    "given",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-out/",
        "x" * 3000,
    ],
)
def test_next_leads_nowhere_but_here(plain, amira, app, given):
    enter_password(plain)
    assert enter_code(plain, code_of(app), next=given)["Location"] == "/"


def test_parts_of_pages_send_the_whole_page_to_sign_in(plain):
    answer = plain.get(
        PROFILE,
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/register/?status=active"},
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fregister%2F%3Fstatus%3Dactive"


def test_a_form_sent_without_a_session_comes_back_to_its_page(plain):
    answer = plain.post(
        reverse("staff:renew_recovery_codes"), headers={"Referer": "http://testserver/profile/"}
    )
    assert answer["Location"] == "/sign-in/?next=%2Fprofile%2F"


def test_a_screen_locks_after_thirty_idle_minutes(client, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(amira)
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert client.get(PROFILE).status_code == 200
        clock.shift(timedelta(minutes=31))
        assert client.get(PROFILE)["Location"].startswith(reverse("staff:step_up"))


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(client, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(amira)
        for _ in range(6):
            clock.shift(timedelta(minutes=5))
            assert client.get(PROFILE, headers={"X-Background": "1"}).status_code == 200
        clock.shift(timedelta(minutes=1))
        assert client.get(PROFILE, headers={"X-Background": "1"}).status_code == 302


def test_a_session_ends_after_fourteen_hours_however_busy(client, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(amira)
        for _ in range(42):
            clock.shift(timedelta(minutes=20))
            assert client.get(PROFILE).status_code == 200
        clock.shift(timedelta(minutes=1))
        assert client.get(PROFILE).status_code == 302


def test_half_a_session_ends_after_ten_minutes(plain, amira, app):
    with time_machine.travel(NOW, tick=False) as clock:
        enter_password(plain)
        clock.shift(timedelta(minutes=11))
        assert enter_code(plain, code_of(app))["Location"] == "/sign-in/"
        assert plain.get(PROFILE).status_code == 302


def test_a_leaver_is_out_at_commit(client, amira, ben_osei):
    client.force_login(amira)
    assert client.get(PROFILE).status_code == 200
    members.record_leaver(actor=ben_osei, member=amira, why="Resigned")
    assert client.get(PROFILE)["Location"].startswith("/sign-in/")


def test_signing_out_everywhere_ends_every_session(client, amira):
    client.force_login(amira)
    other = type(client)().force_login(amira)
    assert other.get(PROFILE).status_code == 200
    assert client.post(reverse("staff:sign_out_everywhere")).status_code == 302
    assert other.get(PROFILE).status_code == 302


def test_signing_out_needs_a_form_and_may_be_done_twice(client, amira):
    client.force_login(amira)
    assert client.get(reverse("staff:sign_out")).status_code == 405
    assert client.post(reverse("staff:sign_out")).status_code == 302
    assert client.post(reverse("staff:sign_out")).status_code == 302
    assert client.get(PROFILE).status_code == 302
    assert Entry.objects.filter(event="staff.signed_out").count() == 1


def test_each_step_of_signing_in_has_a_session_key_of_its_own(plain, amira, app):
    plain.get(reverse("staff:sign_in"))
    enter_password(plain)
    first = plain.session.session_key
    enter_code(plain, code_of(app))
    assert plain.session.session_key != first


def test_the_sign_in_form_demands_its_token(amira):
    strict = Client(enforce_csrf_checks=True)
    assert enter_password(strict).status_code == 403


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client, amira):
    client.force_login(amira)
    other = type(client)().force_login(amira)
    page = client.post(
        reverse("staff:change_password"),
        {"present": PASSWORD, "password": "seven loud otters diving", "again": "seven loud otters diving"},
    )
    assert page.status_code == 302
    assert client.get(PROFILE).status_code == 200
    assert other.get(PROFILE).status_code == 302


@pytest.mark.parametrize(
    ("present", "new", "again", "says"),
    [
        ("wrong", "seven loud otters diving", "seven loud otters diving", "not your present"),
        (PASSWORD, PASSWORD, PASSWORD, "Choose another"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, "seven loud otters diving", "seven loud otters", "not the same"),
        (PASSWORD, "q1w2e3r4t5y6", "q1w2e3r4t5y6", "too common"),
    ],
)
def test_a_password_is_not_changed_to_a_bad_one(client, amira, present, new, again, says):
    client.force_login(amira)
    page = client.post(
        reverse("staff:change_password"), {"present": present, "password": new, "again": again}
    )
    assert page.status_code == 422
    assert says in page.text
    amira.refresh_from_db()
    assert amira.check_password(PASSWORD)


def test_the_present_password_cannot_be_guessed_for_ever(client, amira):
    client.force_login(amira)
    answers = [
        client.post(
            reverse("staff:change_password"),
            {"present": "x", "password": "seven loud otters", "again": "seven loud otters"},
        ).status_code
        for _ in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_the_profile_keeps_what_is_chosen(client, amira):
    client.force_login(amira)
    assert client.post(PROFILE, {"theme": "dark", "phone": " 07700 900123 "}).status_code == 302
    amira.refresh_from_db()
    assert (amira.theme, amira.single_keys, amira.phone) == ("dark", False, "07700 900123")
    assert client.post(PROFILE, {"theme": "pink"}).status_code == 422
    assert Entry.objects.filter(event="staff.profile_changed").count() == 1


def test_a_joiner_gets_a_link_that_works_once_and_for_a_day(ben_osei, plain, settings):
    settings.PUBLIC_ADDRESS = "http://testserver"
    with time_machine.travel(NOW, tick=False) as clock:
        joiner = members.add_member(actor=ben_osei, email="new@wealdshire.example", name="Nia  New")
        members.send_link(actor=ben_osei, member=joiner)
        link = re.search(r"http://testserver(/enrol/\S+)", mail.outbox[0].body).group(1)
        assert "Nia New" in plain.get(link).text
        assert plain.post(link, {"password": "short", "again": "short"}).status_code == 422
        clock.shift(timedelta(hours=25))
        assert plain.get(link).status_code == 422
        clock.shift(timedelta(hours=-2))
        done = plain.post(link, {"password": PASSWORD, "again": PASSWORD})
        assert done["Location"] == "/sign-in/code/"
        assert plain.get(done["Location"])["Location"] == "/sign-in/authenticator/"
        again = Client().post(link, {"password": "another one entirely", "again": "another one entirely"})
        assert again.status_code == 422
        assert "used already" in again.text
    joiner.refresh_from_db()
    assert joiner.check_password(PASSWORD)


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "WzEsIDJd:1abc:def"])
def test_a_link_that_is_not_ours_is_refused_kindly(plain, db, token):
    answer = plain.get(f"/enrol/{token}/")
    assert answer.status_code == 422
    assert "new one" in answer.text


def test_a_renewed_sign_in_takes_everything_away_and_makes_links_worthless(client, amira, app, ben_osei):
    client.force_login(amira)
    factors.renew_recovery_codes(actor=amira)
    link = links.make(amira).rsplit("/", 2)[1]
    renewed = members.renew_sign_in(actor=ben_osei, member=amira, why="Lost phone and codes")
    assert client.get(PROFILE).status_code == 302
    assert not TOTPDevice.objects.filter(user=amira).exists()
    assert not StaticToken.objects.exists()
    with pytest.raises(NotValid):
        links.owner(link)
    members.send_link(actor=ben_osei, member=renewed)
    assert mail.outbox[0].to == [amira.email]


def test_many_tries_at_once_do_not_slip_past_the_limit(amira):
    for _ in range(10):
        sign_in.spend_try(key="k", source="")
    with pytest.raises(TooMany):
        sign_in.spend_try(key="k", source="")
