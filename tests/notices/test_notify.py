"""Notices: who is told, once; what leaves by e-mail, and what becomes of it when it cannot."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

import pytest
import time_machine
from django.core import mail

from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotFound
from notices import actions, queries, tasks
from notices.models import Notice, NoticeDelivery

DESK = System("desk")
SEND = "django.core.mail.backends.locmem.EmailBackend.send_messages"


def tell(people, urgency="page", key="case 7", **given):
    usual = {"title": "Case W-7 needs you", "link": "/cases/7/"}
    return actions.notify(actor=DESK, to=people, urgency=urgency, key=key, **usual | given)


def test_a_page_reaches_the_screen_and_the_letter_box(inspector_calder):
    tell([inspector_calder], body="Threat to life on Wealdshire Police")
    assert tasks.send_due() == 1
    (letter,) = mail.outbox
    assert letter.to == [inspector_calder.email]
    assert letter.subject == "Act now: Case W-7 needs you"
    assert "/cases/7/" in letter.body
    assert Entry.objects.get(event="notice.given").subject_name == inspector_calder.called
    assert Entry.objects.get(event="notice.sent").details["channel"] == "email"
    assert tasks.send_due() == 0
    assert len(mail.outbox) == 1


def test_the_same_occasion_tells_the_same_person_once(inspector_calder, superintendent_price):
    first = tell([inspector_calder])
    again = tell([inspector_calder, superintendent_price])
    assert again[0].pk == first[0].pk
    assert Notice.objects.count() == 2
    assert Entry.objects.filter(event="notice.given").count() == 2
    tell([inspector_calder, superintendent_price])
    assert Notice.objects.count() == NoticeDelivery.objects.count() == 2
    assert Entry.objects.filter(event="notice.given").count() == 2


def test_notices_without_an_occasion_are_each_their_own(inspector_calder):
    tell([inspector_calder], key="")
    tell([inspector_calder], key="")
    assert Notice.objects.count() == 2


def test_what_is_for_information_stays_on_the_platform(leah_brandt):
    tell([leah_brandt], urgency="fyi")
    assert tasks.send_due() == 0
    assert not NoticeDelivery.objects.exists()


def test_somebody_who_has_left_is_told_nothing(leah_brandt):
    leah_brandt.active = False
    leah_brandt.left_at = clock.now()
    leah_brandt.save()
    assert tell([leah_brandt]) == []
    assert not Entry.objects.filter(event="notice.given").exists()


def test_a_link_leads_nowhere_else(leah_brandt):
    for link in ("https://elsewhere.example/", "//elsewhere.example/"):
        with pytest.raises(ValueError, match="this platform"):
            actions.notify(actor=DESK, to=[leah_brandt], urgency="fyi", title="Look", link=link)


def test_long_or_broken_titles_are_brought_to_one_line(leah_brandt):
    (notice,) = actions.notify(actor=DESK, to=[leah_brandt], urgency="page", title="One\r\nBcc: two " * 40)
    assert "\n" not in notice.title
    assert len(notice.title) == 160
    assert tasks.send_due() == 1


def test_a_letter_that_cannot_leave_is_tried_five_times_and_then_failed(inspector_calder):
    with time_machine.travel("2026-11-22T03:00:00Z", tick=False) as traveller:
        tell([inspector_calder])
        tries = []
        with patch(SEND, side_effect=smtplib.SMTPServerDisconnected):
            for _second in range(900):
                before = NoticeDelivery.objects.get().tries
                tasks.send_due()
                if NoticeDelivery.objects.get().tries > before:
                    tries.append(clock.now())
                if NoticeDelivery.objects.get().state == "failed":
                    break
                traveller.shift(1)
        waits = [(late - early).total_seconds() for early, late in pairwise(tries)]
        assert waits == list(actions.QUICK_WAIT_AFTER_TRY_S)
        assert Entry.objects.get(event="notice.failed").details["tries"] == 5
        traveller.shift(timedelta(hours=1))
        assert tasks.send_due() == 0
    assert queries.unseen_count(inspector_calder) == 1


def test_one_address_that_refuses_delays_nobody_else(inspector_calder, superintendent_price):
    def refuse(backend, messages):
        if inspector_calder.email in messages[0].to:
            raise smtplib.SMTPRecipientsRefused({})
        return 1

    tell([inspector_calder, superintendent_price])
    with patch(SEND, refuse):
        assert tasks.send_due() == 1
    states = dict(NoticeDelivery.objects.values_list("notice__to", "state"))
    assert states == {inspector_calder.pk: "waiting", superintendent_price.pk: "sent"}


def test_a_worker_that_died_while_sending_is_taken_over(inspector_calder):
    with time_machine.travel("2026-11-22T03:00:00Z", tick=False) as traveller:
        tell([inspector_calder])
        actions.claim_due(actor=DESK)
        assert tasks.send_due() == 0
        traveller.shift(actions.LEASE)
        assert tasks.send_due() == 1


def test_people_see_their_own_notices_only(inspector_calder, superintendent_price):
    mine, theirs = tell([inspector_calder, superintendent_price])
    assert list(queries.unseen(inspector_calder)) == [mine]
    with pytest.raises(NotFound):
        queries.notice(inspector_calder, theirs.pk)
    assert actions.see(actor=inspector_calder, notices=[mine, theirs]) == 1
    assert queries.unseen_count(inspector_calder) == 0
    assert queries.unseen_count(superintendent_price) == 1
    assert actions.see(actor=inspector_calder) == 0
    assert Entry.objects.filter(event="notice.seen").count() == 1


def test_pages_stand_above_what_is_newer_but_less_urgent(inspector_calder):
    tell([inspector_calder])
    tell([inspector_calder], urgency="fyi", key="other", link="/posts/")
    assert [notice.urgency for notice in queries.unseen(inspector_calder)] == ["page", "fyi"]


def test_a_call_calls_nobody_any_more_when_word_came_how_it_went_on(inspector_calder):
    called = tell([inspector_calder])[0]
    assert queries.bell(inspector_calder).called == called
    tell([inspector_calder], urgency="fyi", key="has it", title="Supt Owen Price has case W-7")
    assert queries.bell(inspector_calder) == queries.Bell(2, None)
    again = tell([inspector_calder], key="reopened")[0]
    assert queries.bell(inspector_calder).called == again


def test_a_page_leaves_by_its_own_lane_before_what_failed_and_before_what_can_wait(
    inspector_calder, superintendent_price, leah_brandt
):
    tell([leah_brandt], urgency="soon", key="a letter", title="Access is to be confirmed")
    with patch(SEND, side_effect=OSError("away")):
        tell([inspector_calder], key="old", title="Case W-1 needs you")
        assert tasks.send_pages() == 0
    later = clock.now() + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        tell([superintendent_price], key="new", title="Case W-2 needs you")
        claimed = actions.claim_due(actor=DESK, most=2)
        assert [one.notice.title for one in claimed] == ["Case W-2 needs you", "Case W-1 needs you"]
    with time_machine.travel(later + timedelta(minutes=2), tick=False):
        assert tasks.send_pages() == 2
        assert tasks.send_pages() == 0
        assert tasks.send_due() == 1
    assert [letter.to for letter in mail.outbox][2:] == [[leah_brandt.email]]


def test_a_file_goes_along_by_e_mail_and_is_let_go_of_once_it_has_left(
    inspector_calder, superintendent_price
):
    along = actions.Attachment("brief.pdf", b"%PDF-1.4 counts alone")
    (sent, _) = actions.notify(
        actor=DESK,
        to=[inspector_calder, superintendent_price],
        urgency="soon",
        title="Daily brief",
        key="report-1",
        ways=["email", "teams"],
        attachments={inspector_calder.pk: along},
    )
    with patch(SEND, side_effect=smtplib.SMTPServerDisconnected):
        tasks.send_due()
    waiting = NoticeDelivery.objects.get(notice=sent, channel="email")
    assert bytes(waiting.attachment) == along.content
    assert NoticeDelivery.objects.filter(attachment__isnull=False).count() == 1
    NoticeDelivery.objects.update(due_at=clock.now())
    tasks.send_due()
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert letters[inspector_calder.email].attachments == [("brief.pdf", along.content, "application/pdf")]
    assert "Attached: brief.pdf" in letters[inspector_calder.email].body
    assert letters[superintendent_price.email].attachments == []
    assert "Attached" not in letters[superintendent_price.email].body
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attachment, waiting.attachment_name) == ("sent", None, "brief.pdf")
    # The same occasion once more: nobody is written to twice.
    actions.notify(
        actor=DESK, to=[inspector_calder], urgency="soon", title="Daily brief", key="report-1",
        attachments={inspector_calder.pk: along},
    )  # fmt: skip
    assert tasks.send_due() == 0
    assert not NoticeDelivery.objects.filter(attachment__isnull=False).exists()
