"""The schedule, holds and disposals in the browser, and who may do what with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.actions import give_grant
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from retention import queries, tasks
from retention.actions import holds, schedule
from retention.models import Disposal, Hold, ScheduleRow
from smmp.seed.force import SEED
from staff.models import StaffMember
from staff.roles import Role
from tests import comments


@pytest.fixture
def row(db):
    return ScheduleRow.objects.get(slug="routine_comment")


@pytest.fixture
def comment(force_account):
    return comments.write(force_account)


def hold_on(comment, actor, days=30):
    return holds.place_hold(
        actor=actor,
        subject_type="moderation.comment",
        subject_id=comment.pk,
        reason="FOI 26/1042",
        review_on=clock.today() + timedelta(days=days),
    )


def change(row, actor, **given):
    return schedule.change_period(
        **{
            "actor": actor,
            "row": row,
            "number": 3,
            "unit": "years",
            "why": "National schedule v5",
            "version": row.version,
            **given,
        }
    )


def test_a_period_is_changed_with_a_reason_and_keeps_its_history(row, graham_ellis):
    schedule.confirm(actor=graham_ellis, row=row, version=1)
    changed = change(row, graham_ellis)
    assert (changed.period, changed.version, changed.confirmed_at) == ("3 years", 2, None)
    kept = row.changes.get()
    assert (kept.was, kept.became, kept.why) == ("2 years", "3 years", "National schedule v5")
    assert Entry.objects.get(event="schedule.row_changed").details["was"] == "2 years"
    with pytest.raises(ChangedSinceSeen, match="3 years now"):
        change(row, graham_ellis, number=1)


@pytest.mark.parametrize(
    "given", [{"why": " "}, {"number": 0}, {"number": 101}, {"unit": "weeks"}, {"number": 2}]
)
def test_a_change_that_makes_no_sense_is_refused(row, graham_ellis, given):
    with pytest.raises(NotValid):
        change(row, graham_ellis, **given)
    assert not Entry.objects.filter(event="schedule.row_changed").exists()


def test_only_a_records_manager_changes_and_confirms(row, nadia_rahman, ben_osei, graham_ellis):
    for person in (nadia_rahman, ben_osei):
        with pytest.raises(NotPermitted):
            change(row, person)
        with pytest.raises(NotPermitted):
            schedule.confirm(actor=person, row=row, version=1)
    schedule.confirm(actor=graham_ellis, row=row, version=1)
    with pytest.raises(TransitionNotAllowed):
        schedule.confirm(actor=graham_ellis, row=row, version=1)
    with pytest.raises(ChangedSinceSeen):
        schedule.confirm(actor=graham_ellis, row=row, version=7)


def test_holds_need_a_reason_a_later_date_and_a_record(comment, graham_ellis, amira_hussain):
    today = clock.today()
    good = {
        "actor": graham_ellis,
        "subject_type": "moderation.comment",
        "subject_id": comment.pk,
        "reason": "FOI",
        "review_on": today + timedelta(days=1),
    }
    for wrong, refusal in (
        ({"reason": " "}, NotValid),
        ({"reason": "x" * 401}, NotValid),
        ({"review_on": today}, NotValid),
        ({"subject_type": "staff.staffmember"}, NotValid),
        ({"subject_id": 987654}, NotFound),
        ({"actor": amira_hussain}, NotPermitted),
    ):
        with pytest.raises(refusal):
            holds.place_hold(**{**good, **wrong})
    assert not Hold.objects.exists()
    assert holds.place_hold(**good).subject_name == f"Comment {comment.pk}"


def test_a_hold_is_lifted_by_who_placed_it_or_a_records_manager(
    comment, nadia_rahman, inspector_kerr, graham_ellis
):
    hold = hold_on(comment, nadia_rahman)
    with pytest.raises(NotPermitted, match="whoever placed it"):
        holds.lift_hold(actor=inspector_kerr, hold=hold, reason="Done")
    with pytest.raises(NotValid):
        holds.lift_hold(actor=graham_ellis, hold=hold, reason="")
    later = clock.today() + timedelta(days=90)
    assert (
        holds.review_hold(actor=nadia_rahman, hold=hold, reason="Appeal", review_on=later).review_on == later
    )
    holds.lift_hold(actor=graham_ellis, hold=hold, reason="Answered")
    for act in (
        lambda: holds.lift_hold(actor=graham_ellis, hold=hold, reason="Again"),
        lambda: holds.review_hold(actor=graham_ellis, hold=hold, reason="Again", review_on=later),
    ):
        with pytest.raises(TransitionNotAllowed):
            act()
    assert hold_on(comment, nadia_rahman).pk != hold.pk
    assert Entry.objects.filter(event="hold.lifted").count() == 1


def test_overdue_reviews_stand_first(force_account, graham_ellis):
    later = hold_on(comments.write(force_account, "a"), graham_ellis, days=40)
    overdue = hold_on(comments.write(force_account, "b"), graham_ellis, days=3)
    assert list(queries.live_holds(graham_ellis)) == [overdue, later]


def test_the_schedule_in_the_browser(client, row, graham_ellis, nadia_rahman, amira_hussain):
    client.force_login(graham_ellis)
    page = client.get(reverse("retention:schedule")).content.decode()
    assert row.title in page
    assert "to confirm" in page
    address = reverse("retention:row", args=[row.pk])
    assert client.get(address).status_code == 200
    given = {"number": 3, "unit": "years", "why": "v5", "version": 1}
    refused = client.post(address, {**given, "why": ""})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    assert client.post(address, {**given, "number": "many"}).status_code == 422
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 409
    confirm = reverse("retention:confirm", args=[row.pk])
    assert client.post(confirm, {"version": "x"}).status_code == 422
    own = client.post(confirm, {"version": 2})
    assert own.status_code == 403
    assert "somebody else who may change the schedule has to confirm it" in own.text
    assert "nothing goes until somebody else confirms it" in client.get(reverse("retention:schedule")).text
    deputy = StaffMember.objects.get(name="Tom Beckett")
    give_grant(actor=SEED, person=deputy, role=Role.RECORDS_MANAGER, why="Deputy")
    client.force_login(deputy)
    assert client.post(confirm, {"version": 2}).status_code == 302
    client.force_login(nadia_rahman)
    assert client.get(reverse("retention:schedule")).status_code == 200
    assert client.post(confirm, {"version": 2}).status_code == 403
    client.force_login(amira_hussain)
    for name in ("schedule", "holds", "disposals", "place_hold"):
        assert client.get(reverse(f"retention:{name}")).status_code == 403


def test_holds_in_the_browser(client, comment, graham_ellis, nadia_rahman):
    client.force_login(nadia_rahman)
    place = reverse("retention:place_hold")
    filled = client.get(place, {"type": "moderation.comment", "id": comment.pk}).content.decode()
    assert f'value="{comment.pk}"' in filled
    assert client.get(place, {"type": "x", "id": "y"}).status_code == 200
    given = {
        "subject_type": "moderation.comment",
        "subject_id": comment.pk,
        "reason": "FOI",
        "review_on": (clock.today() + timedelta(days=5)).isoformat(),
    }
    for wrong in ({"subject_id": 999999}, {"review_on": "soon"}, {"review_on": "2020-01-01"}, {"reason": ""}):
        assert client.post(place, {**given, **wrong}).status_code == 422
    assert client.post(place, given).status_code == 302
    again = client.post(place, given)
    assert again.status_code == 422
    assert "Open the hold that stands" in again.content.decode()
    hold = Hold.objects.get()
    assert "FOI" in client.get(reverse("retention:holds")).content.decode()
    assert client.get(reverse("retention:hold", args=[hold.pk])).status_code == 200
    assert client.get(reverse("retention:hold", args=[999])).status_code == 404
    review = reverse("retention:review_hold", args=[hold.pk])
    assert client.post(review, {"reason": "", "review_on": given["review_on"]}).status_code == 422
    assert client.post(review, {"reason": "Appeal", "review_on": given["review_on"]}).status_code == 302
    lift = reverse("retention:lift_hold", args=[hold.pk])
    assert client.post(lift, {"reason": ""}).status_code == 422
    assert client.post(lift, {"reason": "Answered"}).status_code == 302
    assert client.post(lift, {"reason": "Answered"}).status_code == 409


def test_disposals_and_their_certificate_in_the_browser(client, row, graham_ellis):
    client.force_login(graham_ellis)
    assert "Nothing has been disposed of yet" in client.get(reverse("retention:disposals")).content.decode()
    tasks.run_daily()
    assert "Certificate" in client.get(reverse("retention:disposals"), {"before": "x"}).content.decode()
    done = Disposal.objects.get(row=row)
    paper = client.get(reverse("retention:certificate", args=[done.pk]))
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert client.get(reverse("retention:certificate", args=[99999])).status_code == 404
