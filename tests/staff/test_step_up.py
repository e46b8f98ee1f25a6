"""The second factor asked for again: what waits for it, what is kept meanwhile, and what never waits."""

from __future__ import annotations

import html
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Credential, Grant
from audit.models import Entry
from publishing.actions import lockdown
from publishing.models import LockdownRelease, Post
from retention.models import Hold, ScheduleRow
from staff import sessions, step_up
from staff.actions import factors
from tests import comments
from tests.embedded import made_before

NOW = datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=2)


@pytest.fixture
@made_before
def clock_at():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def code_of(person):
    device = TOTPDevice.objects.get(user=person, confirmed=True)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    return f"{totp.token():06d}"


def wrong_code(person):
    return "000000" if code_of(person) != "000000" else "111111"


def sent_on(page, **more):
    """What a browser sends from the page that holds a form."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return {**fields, **more}


def events():
    return list(
        Entry.objects.filter(event__startswith="staff.step_up").order_by("pk").values_list("event", flat=True)
    )


def test_a_page_asks_after_five_minutes_and_leads_back(client, clock_at, ben_osei):
    client.force_login(ben_osei)
    page = reverse("accounts:give_grant") + "?role=desk_operator"
    clock_at.shift(timedelta(minutes=5))
    assert client.get(page).status_code == 200
    clock_at.shift(1)
    asked = client.get(page)
    assert asked.status_code == 302
    assert asked["Location"] == "/sign-in/again/?next=%2Fregister%2Fgrants%2Fnew%2F%3Frole%3Ddesk_operator"
    assert "authenticator app" in client.get(asked["Location"]).text
    key = client.session.session_key
    proved = client.post("/sign-in/again/", {"next": page, "second_factor": code_of(ben_osei)})
    assert proved["Location"] == page
    assert client.get(page).status_code == 200
    assert client.session.session_key != key
    assert client.get("/sign-in/again/", {"next": page})["Location"] == page
    entry = Entry.objects.get(event="staff.step_up_proved")
    assert entry.details == {"page": "accounts:give_grant", "by": "authenticator app"}


def test_a_wrong_code_is_said_audited_and_slows_the_next(client, clock_at, ben_osei):
    client.force_login(ben_osei)
    clock_at.shift(400)
    wrong = client.post("/sign-in/again/", {"second_factor": wrong_code(ben_osei)})
    assert wrong.status_code == 422
    assert "That code is not right" in wrong.text
    waiting = client.post("/sign-in/again/", {"second_factor": code_of(ben_osei)})
    assert waiting.status_code == 429
    assert events() == ["staff.step_up_refused"]
    assert client.get(reverse("accounts:give_grant")).status_code == 302
    clock_at.shift(3)
    assert client.post("/sign-in/again/", {"second_factor": code_of(ben_osei)})["Location"] == "/"


@pytest.mark.parametrize("code", ["", " ", "x" * 5000, "１２３４５６", "\x00", "12345", "<b>", "-1"])
def test_no_code_whatever_breaks_the_page(client, ben_osei, code):
    client.force_login(ben_osei)
    answer = client.post("/sign-in/again/", {"second_factor": code, "next": "//elsewhere.example/"})
    assert answer.status_code == 422
    assert "elsewhere" not in answer.text


def test_a_recovery_code_counts_once(client, clock_at, ben_osei):
    codes = factors.renew_recovery_codes(actor=ben_osei)
    client.force_login(ben_osei)
    clock_at.shift(400)
    assert client.post("/sign-in/again/", {"second_factor": codes[0]}).status_code == 302
    clock_at.shift(400)
    assert client.post("/sign-in/again/", {"second_factor": codes[0]}).status_code == 422
    proved = Entry.objects.get(event="staff.step_up_proved")
    assert proved.details["by"] == "recovery code"


def test_another_persons_code_proves_nothing(client, clock_at, ben_osei, amira_hussain):
    client.force_login(amira_hussain)
    client.force_login(ben_osei)
    clock_at.shift(400)
    answer = client.post("/sign-in/again/", {"second_factor": code_of(amira_hussain)})
    assert answer.status_code == 422


def test_a_form_that_was_sent_is_held_and_goes_on(client, clock_at, ben_osei, amira_hussain):
    """Words with quotes, lines and angle brackets, and a field with several values, all come through."""
    client.force_login(ben_osei)
    address = reverse("accounts:give_grant")
    typed = {
        "person": str(amira_hussain.pk),
        "role": "desk_operator",
        "over": "all",
        "why": 'Line one "quoted"\r\n<b>line two</b> & more',
        "odd": ["1", "2"],
    }
    clock_at.shift(400)
    before = Grant.objects.count()
    held = client.post(address + "?a=1&b=2", typed)
    assert held.status_code == 403
    assert Grant.objects.count() == before
    assert 'action="/register/grants/new/?a=1&amp;b=2"' in held.text
    again = sent_on(held)
    again.pop("csrfmiddlewaretoken", None)
    assert again == {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
    wrong = client.post(address, {**again, step_up.FIELD: wrong_code(ben_osei)})
    assert wrong.status_code == 422
    assert "That code is not right" in wrong.text
    clock_at.shift(31)
    done = client.post(address, sent_on(wrong, second_factor=code_of(ben_osei)))
    # The code was right, so the page itself answers now, whatever it thinks of the form.
    assert "Your code once more" not in done.text
    assert events() == ["staff.step_up_refused", "staff.step_up_proved"]


def test_a_hold_is_placed_after_the_code(client, clock_at, graham_ellis, force_account):
    comment = comments.write(force_account, "Held words")
    typed = {
        "kind": "record",
        "subject_type": "moderation.comment",
        "subject_id": comment.pk,
        "for_what": "foi",
        "reason": "FOI 2026/118:\r\n“all of it”",
        "review_on": (NOW + timedelta(days=90)).date().isoformat(),
    }
    client.force_login(graham_ellis)
    address = reverse("retention:place_hold")
    clock_at.shift(400)
    held = client.post(address, typed)
    assert held.status_code == 403
    assert not Hold.objects.exists()
    done = client.post(address, sent_on(held, second_factor=code_of(graham_ellis)))
    assert done.status_code == 302
    assert Hold.objects.get().why == "FOI 2026/118:\r\n“all of it”"


def test_secrets_and_files_are_asked_for_again_and_never_written_into_the_page(
    client, clock_at, ben_osei, force_account
):
    client.force_login(ben_osei)
    address = reverse("accounts:store_credential", args=[force_account.pk])
    clock_at.shift(400)
    before = Credential.objects.count()
    held = client.post(
        address,
        {
            "secret": "hush-hush-token",
            "kind": "token",
            "list": SimpleUploadedFile("people <1>.csv", b"private-bytes"),
        },
    )
    assert held.status_code == 403
    assert "hush-hush-token" not in held.text
    assert "private-bytes" not in held.text
    assert 'name="secret" type="password"' in held.text
    assert 'name="list" type="file"' in held.text
    assert "people &lt;1&gt;.csv" in held.text
    assert 'enctype="multipart/form-data"' in held.text
    assert Credential.objects.count() == before
    assert sent_on(held)["kind"] == ["token"]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("password", True),
        ("renewal-password", True),
        ("again", True),
        ("present", True),
        ("secret", True),
        ("token", True),
        ("code", True),
        ("why", False),
        ("words", False),
        ("postcode", False),
    ],
)
def test_which_fields_are_secrets(name, secret):
    assert bool(step_up.SECRET.search(name)) is secret


def test_a_part_of_a_page_leads_there_too_and_a_held_form_stands_above_the_page(
    client, clock_at, sergeant_okafor
):
    lockdown.start_lockdown(actor=sergeant_okafor, why="Rehearsal")
    client.force_login(sergeant_okafor)
    clock_at.shift(400)
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/publishing/lockdown/"}
    held = client.post(reverse("publishing:lift_lockdown"), {"do": "ask", "why": "Over"}, headers=htmx)
    assert held.status_code == 200
    assert held["HX-Retarget"] == "#notice"
    assert "<html" not in held.text
    assert sent_on(held)["why"] == ["Over"]
    part = client.get(reverse("staff:change_password"), headers=htmx)
    assert part.status_code == 204
    assert part["HX-Redirect"] == "/sign-in/again/?next=%2Fpublishing%2Flockdown%2F"
    told = client.post(
        reverse("publishing:lift_lockdown"), "{}", content_type="application/json", headers=htmx
    )
    assert told.status_code == 403
    assert told.json() == {"step_up": "/sign-in/again/?next=%2Fpublishing%2Flockdown%2F"}


def test_a_lockdown_begins_at_once_and_ends_after_the_code(client, clock_at, sergeant_okafor):
    client.force_login(sergeant_okafor)
    clock_at.shift(400)
    assert client.post(reverse("publishing:lockdown"), {"why": "Hijack"}).status_code == 302
    held = client.post(reverse("publishing:lift_lockdown"), {"do": "ask", "why": "Over"})
    assert not LockdownRelease.objects.exists()
    done = client.post(
        reverse("publishing:lift_lockdown"), sent_on(held, second_factor=code_of(sergeant_okafor))
    )
    assert done.status_code == 302
    assert LockdownRelease.objects.get().why == "Over"


def test_who_may_not_open_a_page_is_told_so_without_being_asked(client, clock_at, amira_hussain):
    client.force_login(amira_hussain)
    clock_at.shift(400)
    assert client.get(reverse("accounts:give_grant")).status_code == 403
    assert client.post(reverse("accounts:give_grant"), {}).status_code == 403
    assert "belongs to a role" in client.post(reverse("accounts:give_grant"), {}).text


def test_a_row_of_the_schedule_is_read_freely_and_changed_after_the_code(client, clock_at, graham_ellis):
    row = reverse("retention:row", args=[ScheduleRow.objects.order_by("pk").first().pk])
    client.force_login(graham_ellis)
    clock_at.shift(400)
    assert client.get(row).status_code == 200
    assert "Your code once more" in client.post(row, {"number": "3"}).text


def test_publishing_to_several_accounts_asks_once_a_shift(
    client, clock_at, leah_brandt, force_account, harrowfield_account
):
    client.force_login(leah_brandt)
    clock_at.shift(400)
    compose = reverse("publishing:compose")
    one = {"accounts": [force_account.pk], "words": "Road closed", "version": 0, "do": "submit"}
    several = {**one, "accounts": [force_account.pk, harrowfield_account.pk]}
    assert client.post(compose, one).status_code == 302
    assert client.post(compose, {**several, "do": "keep"}).status_code == 302
    count = Post.objects.count()
    held = client.post(compose, several)
    assert held.status_code == 403
    assert Post.objects.count() == count
    assert sent_on(held)["accounts"] == [str(force_account.pk), str(harrowfield_account.pk)]
    assert client.post(compose, sent_on(held, second_factor=code_of(leah_brandt))).status_code == 302
    for _ in range(26):
        clock_at.shift(timedelta(minutes=29))
        client.get(compose)
    assert client.post(compose, several).status_code == 302


def test_a_clock_that_was_put_back_proves_nothing(client, clock_at, ben_osei):
    clock_at.shift(timedelta(minutes=20))
    client.force_login(ben_osei)
    clock_at.shift(timedelta(minutes=-15))
    assert client.get(reverse("accounts:give_grant")).status_code == 302


def test_a_session_from_before_the_rule_is_asked(client, clock_at, ben_osei):
    client.force_login(ben_osei)
    session = client.session
    del session[sessions.PROVED]
    session.save()
    assert client.get(reverse("accounts:give_grant")).status_code == 302
    session[sessions.PROVED] = "soon"
    session.save()
    assert client.get(reverse("accounts:give_grant")).status_code == 302
