"""The records manager changes a period and sees it through; a subject-access request stops it at once; what is redacted stays so."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from playwright.sync_api import expect

from core import clock
from media import actions as media
from media.fetching import Fetched
from moderation.models import Attachment, Comment
from retention import tasks
from retention.models import Disposal, Proposal, RightsRequest, ScheduleRow
from smmp.seed import force as force_seed
from tests import comments
from tests.browser import check_both_looks

pytestmark = pytest.mark.more

VERIFIER = Path(__file__).resolve().parents[2] / "scripts" / "verify_certificate.py"
SECRET, THIRD = "07700 900555", "@third_party"


@pytest.fixture
def store(settings, tmp_path):
    settings.MEDIA_STORE = tmp_path / "store"


def years_old(account, amira, words, by, *, days):
    at = clock.now() - timedelta(days=days)
    return comments.decide(comments.write(account, words, by=by, at=at), amira, at=at)


def days_pass() -> None:
    """The daily run, and the one after the quiet time of whatever was proposed."""
    tasks.run_daily()
    Proposal.objects.filter(state=Proposal.State.WAITING).update(goes_at=clock.now())
    tasks.run_daily()


def test_a_period_is_changed_seen_approved_disposed_by_and_proved_and_an_open_request_stops_it(
    browser_of, served, wealdshire, store, tmp_path, force_account, amira_hussain, graham_ellis, nadia_rahman
):
    force_seed.make_seconds(wealdshire)
    ines_moreau = wealdshire.people["ines_moreau"]
    # Given two comments that the schedule keeps for another year, and two pictures with one of them
    gone = years_old(force_account, amira_hussain, "Thank you for the dog show", "old.one", days=500)
    theirs = years_old(
        force_account, amira_hussain, f"Łukasz and I saw {THIRD}, ring {SECRET} 🕯", "jo_h", days=500
    )
    out = io.BytesIO()
    Image.new("RGB", (160, 120), (200, 0, 0)).save(out, "PNG")
    Attachment.objects.create(
        comment=theirs,
        number=1,
        kind="image",
        address="https://files.example.org/1",
        state="kept",
        file=media.seal_received(actor=amira_hussain, received=Fetched(out.getvalue(), "image/png")),
    )
    days_pass()
    assert Comment.objects.filter(pk__in=[gone.pk, theirs.pk]).count() == 2

    # When Graham drafts a year in place of two, the page says what that would do
    graham = browser_of(graham_ellis)
    graham.goto("/retention/")
    graham.get_by_role("link", name="Routine public comment or message").click()
    graham.locator("[name=number]").fill("1")
    graham.get_by_role("button", name="Put it in the draft").click()
    expect(graham.locator(".answer-first")).to_contain_text("2 records would fall due earlier")
    check_both_looks(graham)
    graham.locator("[name=effective_on]").fill(f"{clock.today():%Y-%m-%d}")
    graham.locator("#id_why").fill("Version 5 of the national schedule")
    graham.get_by_role("button", name="Put it forward").click()
    expect(graham.get_by_role("button", name="Approve")).to_have_count(0)
    change = graham.url

    # And Ines approves it, and Nadia takes in a request of whoever wrote one of the two
    ines = browser_of(ines_moreau)
    ines.goto(change)
    ines.get_by_role("button", name="Approve, to count from").click()
    expect(ines.locator("main")).to_contain_text("Approved by")
    nadia = browser_of(nadia_rahman)
    nadia.goto("/retention/requests/take-in/")
    nadia.get_by_label("Subject access").check()
    nadia.locator("[name=channel]").select_option("email")
    nadia.locator("[name=received_on]").fill(f"{clock.today():%Y-%m-%d}")
    nadia.locator("[name=requester]").fill("Jo Harrow")
    nadia.locator("[name=wanted]").fill("Everything that you hold about me")
    nadia.locator("[name=handle]").fill("jo_h")
    nadia.locator("main form button.primary").click()
    made = RightsRequest.objects.get()
    expect(nadia.get_by_role("heading", level=1)).to_contain_text(f"RQ-{made.pk}")

    # Then the one goes by the new period and the other is kept
    days_pass()
    assert list(Comment.objects.filter(pk__in=[gone.pk, theirs.pk])) == [theirs]
    disposal = Disposal.objects.get(row=ScheduleRow.objects.get(slug="routine_comment"))
    assert (disposal.disposed_count, disposal.held_count) == (1, 1)

    # And the certificate says so on another machine, and of nothing else
    graham.goto("/retention/disposals/")
    with graham.expect_download() as download:
        graham.get_by_role("link", name="JSON").first.click()
    certificate = tmp_path / "certificate.json"
    download.value.save_as(certificate)
    for record, listed in ((gone.pk, "is on"), (theirs.pk, "is not on")):
        checked = subprocess.run(
            [sys.executable, VERIFIER, certificate, "--record", str(record)], capture_output=True, text=True
        )
        assert listed in checked.stdout, checked
    certificate.write_text(certificate.read_text().replace('"disposed": 1', '"disposed": 2'))
    changed = subprocess.run([sys.executable, VERIFIER, certificate], capture_output=True, text=True)
    assert changed.returncode == 1

    # When Nadia searches and decides: what is about others is cut out, and half of the picture is black
    nadia.get_by_role("button", name="Search").click()
    nadia.goto(f"/retention/requests/{made.pk}/records/{made.items.get(subject_id=theirs.pk).pk}/")
    nadia.locator("[name=words]").fill("Łukasz")
    nadia.get_by_label("Goes in with squares made black").check()
    nadia.get_by_text("Show picture 1").click()
    for row in range(6):
        for column in range(4):
            nadia.locator(f"[name=squares-0][value='{row * 8 + column + 1}']").check(force=True)
    check_both_looks(nadia)
    nadia.get_by_role("button", name="Goes in, as redacted").click()
    expect(nadia.get_by_role("heading", level=1)).to_contain_text(f"RQ-{made.pk}")
    nadia.get_by_role("button", name="Make the bundle").click()
    with nadia.expect_download() as download:
        nadia.get_by_role("link", name="Take it out").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    # Then nothing of it can be had back: not from the words, not from under the black, in no file
    for one in json.loads(files["manifest.json"])["files"]:
        assert hashlib.sha256(files[one["name"]]).hexdigest() == one["sha256"]
    pdf = pypdf.PdfReader(io.BytesIO(files[f"RQ-{made.pk}-records.pdf"]))
    said = "\n".join(page.extract_text() for page in pdf.pages)
    assert "I saw [redacted]" in said
    assert "🕯" in said
    everything = said + files[f"RQ-{made.pk}-records.json"].decode() + str(pdf.metadata)
    for secret in (SECRET, "900555", THIRD, "Łukasz", "ukasz"):
        assert secret not in everything
    # Of letters that only what was cut out had, not even the shape is embedded.
    assert "Ł" not in everything
    pictures = [image for page in pdf.pages for image in page.images]
    assert len(pictures) == 1
    for shown in (
        Image.open(io.BytesIO(pictures[0].data)),
        Image.open(io.BytesIO(files["pictures/0001-1.jpg"])),
    ):
        assert max(shown.convert("RGB").getpixel((20, 60))) < 8
        assert shown.convert("RGB").getpixel((140, 60))[0] > 180
