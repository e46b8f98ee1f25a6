"""Rotas from a file: shown first, applied as shown, with what is wrong of each row in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_oncall, shifts
from escalation.actions import rotas
from escalation.models import Post, Rota, RotaImport, Shift
from smmp.seed.force import SEED
from staff.actions import members

NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
CSV = """Email;Starts;Ends
ruth.calder@wealdshire.example;2026-10-24 19:00;2026-10-25 07:00
owen.price@wealdshire.example;25/10/2026 07:00;2026-10-25T19:00
ruth.calder@wealdshire.example;2026-01-01 07:00;2026-01-01 19:00
"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//rota//EN
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/London:20261023T190000
DTEND;TZID=Europe/London:20261024T070000
RRULE:FREQ=DAILY;COUNT=4
EXDATE;TZID=Europe/London:20261025T190000
ATTENDEE;CN=Ruth:mailto:ruth.calder@wealdshire.example
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20261028
DTEND;VALUE=DATE:20261029
SUMMARY:On call owen.price@wealdshire.example
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Nothing
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def rota(wealdshire):
    return Rota.objects.get(name="Duty command")


@pytest.fixture
def still():
    """The force is made at this instant (tests.conftest)."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_a_file_is_shown_first_and_applied_as_shown(still, client, rota, sergeant_okafor, inspector_calder):
    client.force_login(sergeant_okafor)
    read = reverse("escalation:read_rota", args=[rota.pk])
    for content in (b"", b"\xff\xfe\x00", b"name,from\nx,y\n", b"BEGIN:VCALENDAR\nnonsense", b"a\0b"):
        assert client.post(read, {"file": SimpleUploadedFile("rota.csv", content)}).status_code == 422
    seen = client.post(read, {"file": SimpleUploadedFile("rota.csv", CSV.encode())})
    kept = RotaImport.objects.get()
    assert seen.url == reverse("escalation:rota_file", args=[rota.pk, kept.pk])
    page = client.get(seen.url).content.decode()
    assert "2 shifts to come" in page
    assert not Shift.objects.exists()
    assert client.post(seen.url).status_code == 302
    # The night on which the clocks go back has thirteen hours.
    night = Shift.objects.get(person=inspector_calder)
    assert (night.starts_at, night.ends_at) == (
        datetime(2026, 10, 24, 18, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 7, 0, tzinfo=UTC),
    )
    assert client.post(seen.url).status_code == 409
    shown = client.get(reverse("escalation:rota", args=[rota.pk])).content.decode()
    assert "Nobody is on call now" in shown
    assert "Insp Ruth Calder" in shown
    again = rotas.read_file(actor=sergeant_okafor, rota=rota, file_name="2.csv", content=CSV.encode())
    assert rotas.apply_file(actor=sergeant_okafor, kept=again) == 0
    other = CSV.replace("owen.price", "daniel.okafor")
    changed = rotas.read_file(actor=sergeant_okafor, rota=rota, file_name="3.csv", content=other.encode())
    assert rotas.apply_file(actor=sergeant_okafor, kept=changed) == 1
    assert Shift.objects.filter(withdrawn_at=None).count() == 2
    assert Shift.objects.exclude(withdrawn_at=None).get().person.name == "Owen Price"


def test_a_calendar_with_repeats_keeps_london_time_over_the_change_of_the_clocks(still, rota):
    rows = shifts.plan(shifts.rows_of(CALENDAR.encode()), rota)
    good = [row for row in rows if not row["problem"]]
    assert [(row["called"], row["starts"]) for row in good] == [
        ("Insp Ruth Calder", "2026-10-23T18:00:00+00:00"),
        ("Insp Ruth Calder", "2026-10-24T18:00:00+00:00"),
        ("Insp Ruth Calder", "2026-10-26T19:00:00+00:00"),
        ("Supt Owen Price", "2026-10-28T00:00:00+00:00"),
    ]
    # The night on which the clocks go back is an hour longer, and its shift too: nobody is missing from 6 to 7.
    assert [row["ends"][8:16] for row in good[:3]] == ["24T06:00", "25T07:00", "27T07:00"]
    assert [row["problem"] for row in rows if row["problem"]] == ["This event cannot be read."]


SWAPPED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//rota//EN
BEGIN:VEVENT
UID:nights
DTSTART;TZID=Europe/London:20261021T190000
DTEND;TZID=Europe/London:20261022T070000
RRULE:FREQ=DAILY;UNTIL=20261024T180000Z
RDATE;TZID=Europe/London:20261030T190000
ATTENDEE:mailto:ruth.calder@wealdshire.example
END:VEVENT
BEGIN:VEVENT
UID:nights
RECURRENCE-ID;TZID=Europe/London:20261022T190000
DTSTART;TZID=Europe/London:20261022T200000
DTEND;TZID=Europe/London:20261023T070000
ATTENDEE:mailto:owen.price@wealdshire.example
END:VEVENT
BEGIN:VEVENT
UID:nights
RECURRENCE-ID;TZID=Europe/London:20261023T190000
STATUS:CANCELLED
DTSTART;TZID=Europe/London:20261023T190000
DTEND;TZID=Europe/London:20261024T070000
ATTENDEE:mailto:ruth.calder@wealdshire.example
END:VEVENT
BEGIN:VEVENT
UID:flood
DTSTART;TZID=Europe/London:20200101T190000
DTEND;TZID=Europe/London:20200101T190001
RRULE:FREQ=SECONDLY
ATTENDEE:mailto:ruth.calder@wealdshire.example
END:VEVENT
END:VCALENDAR
"""


def test_a_shift_that_was_swapped_cancelled_or_added_counts_as_it_was_left(still, rota):
    rows = shifts.plan(shifts.rows_of(SWAPPED.encode()), rota)
    assert [(row["called"], row["starts"][8:16]) for row in rows if not row["problem"]] == [
        ("Insp Ruth Calder", "21T18:00"),
        ("Insp Ruth Calder", "24T18:00"),
        ("Insp Ruth Calder", "30T19:00"),
        ("Supt Owen Price", "22T19:00"),
    ]
    assert [row["problem"] for row in rows if row["problem"]] == ["It repeats more often than once a day."]


def test_each_refused_row_says_why_and_none_is_applied(
    still, rota, sergeant_okafor, superintendent_price, amira_hussain
):
    members.record_leaver(actor=SEED, member=superintendent_price, why="Retired")
    text = """email,starts,ends
nobody@wealdshire.example,2026-11-01 07:00,2026-11-01 19:00
owen.price@wealdshire.example,2026-11-01 07:00,2026-11-01 19:00
amira.hussain@wealdshire.example,2026-11-01 07:00,2026-11-01 19:00
ruth.calder@wealdshire.example,2026-11-02 19:00,2026-11-02 07:00
ruth.calder@wealdshire.example,tomorrow,2026-11-02 07:00
ruth.calder@wealdshire.example,2026-11-03 07:00,2026-12-03 07:00
,2026-11-01 07:00,2026-11-01 19:00
ruth.calder@wealdshire.example,2026-11-04 07:00,2026-11-04 19:00
ruth.calder@wealdshire.example,2026-11-04 07:00,2026-11-04 19:00
"""
    kept = rotas.read_file(actor=sergeant_okafor, rota=rota, file_name="x.csv", content=text.encode())
    said = [row["problem"] for row in kept.rows]
    for number, words in enumerate(
        [
            "Nobody here has the address",
            "Supt Owen Price has left",
            "holds no role that may have cases",
            "ends before it begins",
            "“tomorrow” is no time",
            "longer than 14 days",
            "names nobody",
            "",
            "The same person begins at the same time",
        ]
    ):
        assert words in said[number]
    with pytest.raises(NotValid, match="Nothing was changed"):
        rotas.apply_file(actor=sergeant_okafor, kept=kept)
    assert not Shift.objects.exists()
    with pytest.raises(NotPermitted):
        rotas.read_file(actor=amira_hussain, rota=rota, file_name="x.csv", content=text.encode())
    with pytest.raises(NotValid, match="no shift"):
        shifts.rows_of(b"email,starts,ends\n")


def test_one_tap_covers_tonight_and_is_taken_back(still, client, rota, inspector_calder, amira_hussain):
    client.force_login(inspector_calder)
    address = reverse("escalation:cover", args=[rota.pk])
    assert client.post(address).status_code == 302
    made = Shift.objects.get()
    assert (made.person, made.cover, made.ends_at) == (
        inspector_calder,
        True,
        datetime(2026, 10, 21, 6, 0, tzinfo=UTC),
    )
    still.shift(60)
    assert client.post(reverse("escalation:withdraw_shift", args=[made.pk])).status_code == 302
    assert queries_oncall.on_call(rota) == []
    with pytest.raises(TransitionNotAllowed):
        rotas.withdraw_shift(actor=inspector_calder, shift=made)
    still.shift(60)
    person = {"person": inspector_calder.pk, "until": "2026-10-22T09:00"}
    assert client.post(address, {**person, "until": "2027-10-22T09:00"}).status_code == 422
    assert client.post(address, person).status_code == 302
    client.force_login(amira_hussain)
    assert client.post(address).status_code == 403
    assert client.get(reverse("escalation:rotas")).status_code == 200


def test_posts_are_kept_with_a_way_to_reach_them(client, sergeant_okafor, wealdshire):
    client.force_login(sergeant_okafor)
    add = reverse("escalation:add_post")
    for wrong in (
        {"name": ""},
        {"name": "Silver"},
        {"name": "Silver", "mobile": "ring me"},
        {"name": "Silver", "email": "nobody"},
        {"name": "force incident manager", "phone": "01632 960100"},
    ):
        assert client.post(add, wrong).status_code == 422
    assert client.post(add, {"name": "Silver", "mobile": "07700 900123", "active": "on"}).status_code == 302
    post = Post.objects.get(name="Silver")
    change = reverse("escalation:post", args=[post.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"name": "Silver", "email": "silver@wealdshire.example"}).status_code == 302
    post.refresh_from_db()
    assert (post.active, post.mobile) == (False, "")
    rota = client.post(reverse("escalation:add_rota"), {"name": "Gold", "what_for": "Major incidents"})
    assert rota.status_code == 302
    assert client.post(reverse("escalation:add_rota"), {"name": "gold"}).status_code == 422
