"""Letters about one's own sign-in, passwords that are chosen anew, and the pace of wrong ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.models import Entry
from core.actors import System
from core.errors import NotPermitted, NotValid, TooMany, TransitionNotAllowed
from staff import links
from staff.actions import factors, letters, members, sign_in
from staff.models import FailedSignIn, Letter, ResetAsk
from staff.tasks import send_letters
from tests.staff.test_step_up import code_of

PASSWORD = "four quiet herons wading"
NEXT_PASSWORD = "seven loud geese asleep"
NOW = datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=2)
FORGOTTEN = "/sign-in/forgotten/"


@pytest.fixture
def amira(amira_hussain):
    amira_hussain.set_password(PASSWORD)
    amira_hussain.save()
    TOTPDevice.objects.create(user=amira_hussain, name="phone", confirmed=True)
    return amira_hussain


@pytest.fixture
def plain():
    return Client()


def ask(browser, email="amira.hussain@wealdshire.example"):
    return browser.post(FORGOTTEN, {"email": email})


def link_of(letter):
    return re.search(r"http\S+(/sign-in/new-password/\S+)", letter.body).group(1)


def test_a_lost_password_is_chosen_anew_and_the_second_factor_stays(plain, amira):
    assert "letter is on its way" in ask(plain).text
    send_letters()
    link = link_of(mail.outbox[-1])
    assert mail.outbox[-1].to == ["amira.hussain@wealdshire.example"]
    assert plain.get(link).status_code == 200
    weak = plain.post(link, {"password": "password1234", "again": "password1234"})
    assert weak.status_code == 422
    chosen = plain.post(link, {"password": NEXT_PASSWORD, "again": NEXT_PASSWORD})
    assert chosen["Location"] == "/sign-in/code/"
    assert plain.get("/profile/").status_code == 302
    assert plain.get("/sign-in/authenticator/")["Location"] == "/sign-in/code/"
    assert plain.post("/sign-in/code/", {"code": code_of(amira)})["Location"] == "/"
    spent = Client().get(link)
    assert spent.status_code == 422
    assert "used already" in spent.text
    amira.refresh_from_db()
    assert amira.check_password(NEXT_PASSWORD)
    send_letters()
    assert ["was changed" in letter.subject for letter in mail.outbox[-2:]] == [True, False]
    assert "new device" in mail.outbox[-1].subject
    assert {"staff.reset_asked", "staff.password_chosen", "staff.letter_sent"} <= set(
        Entry.objects.values_list("event", flat=True)
    )


def test_nobody_learns_who_has_an_address(plain, amira, tom_beckett, ben_osei):
    members.record_leaver(actor=ben_osei, member=tom_beckett, why="Left")
    answers = [ask(plain, email) for email in (amira.email, "nobody@wealdshire.example", tom_beckett.email)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({re.sub(r'"served-at" content="[^"]*"', "", answer.text) for answer in answers}) == 1
    assert not Letter.objects.exists(), "nobody is looked up while the page is asked"
    send_letters()
    assert [letter.member for letter in Letter.objects.filter(kind="reset")] == [amira]
    assert not ResetAsk.objects.exists()


def test_every_address_costs_the_same(plain, amira, tom_beckett, ben_osei):
    """The same statements, reads and writes alike, so that time tells nothing either."""
    members.record_leaver(actor=ben_osei, member=tom_beckett, why="Left")
    asked = []
    # Nobody of the others chose a password: the fifth is known, works here, and gets no letter.
    addresses = ("nobody@wealdshire.example", amira.email, tom_beckett.email, "no-one@elsewhere.example")
    for email in (*addresses, ben_osei.email):
        with CaptureQueriesContext(connection) as done:
            assert ask(plain, email).status_code == 200
        asked.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in done.captured_queries])
    assert all(queries == asked[0] for queries in asked)
    assert any("staff_resetask" in query for query in asked[0])
    assert not any('FROM "staff_staffmember"' in query for query in asked[0])
    send_letters()
    assert [letter.to for letter in mail.outbox] == [[amira.email]]
    entry = Entry.objects.get(event="staff.reset_asked")
    assert (entry.actor_kind, entry.source_address) == ("public", "127.0.0.1")
    assert entry.request_id


def test_two_workers_answer_one_ask_once(plain, amira):
    ask(plain)
    ask(plain, amira.email.upper())
    assert ResetAsk.objects.count() == 1
    assert members.answer_resets(actor=System("letters")) == 1
    assert members.answer_resets(actor=System("letters")) == 0
    assert Letter.objects.filter(kind="reset").count() == 1


def test_one_letter_in_five_minutes_and_ten_tries_from_one_source(plain, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(10):
            assert ask(plain).status_code == 200
            send_letters()
        assert ask(plain).status_code == 429
        assert ask(plain, "other@wealdshire.example").status_code == 200
        assert Letter.objects.count() == 1
        clock.shift(timedelta(minutes=16))
        assert ask(plain).status_code == 200
        send_letters()
        assert Letter.objects.count() == 2


@pytest.mark.parametrize("email", ["", "x" * 300, "\x00@x.example", "a b", "<script>@x.example"])
def test_no_address_whatever_breaks_the_page(plain, db, email):
    assert ask(plain, email).status_code in {200, 422}


def test_a_link_ends_after_an_hour_and_links_of_one_kind_do_not_serve_the_other(plain, amira):
    with time_machine.travel(NOW, tick=False) as clock:
        link, enrol = links.make_reset(amira), links.make(amira)
        token, enrol_token = link.split("/")[-2], enrol.split("/")[-2]
        assert links.owner_of_reset(token) == amira
        for wrong in (enrol_token, token[:-1], "", "x"):
            with pytest.raises(NotValid):
                links.owner_of_reset(wrong)
        with pytest.raises(NotValid):
            links.owner(token)
        clock.shift(3601)
        with pytest.raises(NotValid, match="an hour"):
            links.owner_of_reset(token)


def test_a_leaver_chooses_nothing(plain, amira, ben_osei):
    link = links.make_reset(amira).split("8000")[-1]
    members.record_leaver(actor=ben_osei, member=amira, why="Left")
    assert plain.post(link, {"password": NEXT_PASSWORD, "again": NEXT_PASSWORD}).status_code == 422
    amira.refresh_from_db()
    assert not amira.has_usable_password()


def test_a_letter_says_what_changed_and_leaves_after_the_commit(amira):
    factors.renew_recovery_codes(actor=amira)
    members.change_password(actor=amira, password=NEXT_PASSWORD)
    assert mail.outbox == []
    assert letters.send_due(actor=System("letters")) == 2
    assert letters.send_due(actor=System("letters")) == 0
    assert ["recovery codes were made" in mail.outbox[0].body, "new password" in mail.outbox[1].body] == [
        True,
        True,
    ]
    with transaction.atomic():
        factors.renew_recovery_codes(actor=amira)
        transaction.set_rollback(True)
    assert letters.send_due(actor=System("letters")) == 0


def test_a_mail_server_that_is_down_is_tried_six_times(amira, monkeypatch):
    def down(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", down)
    with time_machine.travel(NOW, tick=False) as clock:
        letters.queue(amira, Letter.Kind.FACTOR, what="a test.")
        for _ in range(9):
            letters.send_due(actor=System("letters"))
            clock.shift(3601)
    letter = Letter.objects.get()
    assert (letter.tries, letter.sent_at) == (6, None)
    assert letter.given_up_at
    assert Entry.objects.filter(event="staff.letter_failed").count() == 1


def test_another_address_is_told_to_both(client, ben_osei, amira):
    client.force_login(ben_osei)
    page = reverse("accounts:change_email", args=[amira.pk])
    assert client.post(page, {"email": "amira.moved@wealdshire.example"}).status_code == 302
    amira.refresh_from_db()
    assert amira.email == "amira.moved@wealdshire.example"
    send_letters()
    assert [letter.to for letter in mail.outbox] == [
        ["amira.hussain@wealdshire.example"],
        ["amira.moved@wealdshire.example"],
    ]
    for wrong in ("", "amira", "amira.moved@wealdshire.example", "BEN.OSEI@wealdshire.example"):
        assert client.post(page, {"email": wrong}).status_code == 422
    with pytest.raises(NotPermitted):
        members.change_email(actor=ben_osei, member=ben_osei, email="b@wealdshire.example")
    with pytest.raises(NotPermitted):
        members.change_email(actor=amira, member=ben_osei, email="b@wealdshire.example")
    members.record_leaver(actor=ben_osei, member=amira, why="Left")
    with pytest.raises(TransitionNotAllowed):
        members.change_email(actor=ben_osei, member=amira, email="b@wealdshire.example")


def test_a_network_of_the_force_is_slowed_and_never_locked(amira, settings):
    settings.FORCE_NETWORKS = ["10.20.0.0/16"]
    with time_machine.travel(NOW, tick=False) as clock:
        for source in ("10.20.1.1", "198.51.100.7"):
            for _ in range(10):
                with pytest.raises(NotValid):
                    sign_in.prove_password(email=amira.email, password="wrong", source=source)
            with pytest.raises(TooMany):
                sign_in.prove_password(email=amira.email, password=PASSWORD, source=source)
        clock.shift(16)
        assert sign_in.prove_password(email=amira.email, password=PASSWORD, source="10.20.1.1") == amira
        with pytest.raises(TooMany, match="15 minutes"):
            sign_in.prove_password(email=amira.email, password=PASSWORD, source="198.51.100.7")


def test_what_counts_wrong_tries_names_nobody(plain, amira):
    plain.post(reverse("staff:sign_in"), {"email": amira.email, "password": "wrong"})
    ask(plain)
    for row in FailedSignIn.objects.all():
        assert re.fullmatch(r"[0-9a-f]{64}", row.key)
