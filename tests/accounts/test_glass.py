"""Emergency access: two open it, it ends to the second, information security hears of it and reviews it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from accounts import actions, queries
from accounts import glass as glasses
from accounts.actions import glass as acting
from accounts.actions.requests import Wanted
from accounts.models import BreakGlass, Grant
from accounts.tasks import expire_grants
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from notices.queries import calling
from smmp.seed.force import SEED
from staff.models import StaffMember
from staff.roles import Power, Role
from tests.browser import check_both_looks, sign_in

NIGHT = clock.now().replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=2)
"""Two in the morning, after the grants of the cast began."""
WHY = "Flood; the approver on call cannot be reached"


def ask(actor, person=None, **more):
    given = {"wanted": Wanted(Role.COMMS_APPROVER), "hours": 2, "why": WHY, **more}
    return acting.ask(actor=actor, person=person or actor, **given)


@pytest.fixture
def asked(amira_hussain):
    return ask(amira_hussain)


@pytest.fixture
def opened(asked, superintendent_price):
    return acting.agree(actor=superintendent_price, glass=asked)


@pytest.fixture
def second_auditor(wealdshire, nadia_rahman):
    actions.give_grant(actor=SEED, person=nadia_rahman, role=Role.INFOSEC_AUDITOR, why="Deputy")
    return nadia_rahman


def events(pk) -> list[str]:
    found = Entry.objects.filter(subject_type="accounts.breakglass", subject_id=str(pk))
    return [
        event.removeprefix("accounts.break_glass_")
        for event in found.values_list("event", flat=True).order_by("id")
    ]


def test_two_people_open_it_and_it_is_gone_at_its_last_second(
    amira_hussain, superintendent_price, joan_pritchard, ben_osei
):
    with time_machine.travel(NIGHT, tick=False) as now:
        asked = ask(amira_hussain)
        assert not queries.may(amira_hussain, Power.APPROVE_POSTS, 1)
        told = set(Notice.objects.filter(urgency="page").values_list("to", flat=True))
        assert {superintendent_price.pk, ben_osei.pk} <= told
        assert not {amira_hussain.pk, joan_pritchard.pk} & told
        assert calling(ben_osei).exists()
        opened = acting.agree(actor=superintendent_price, glass=asked)
        assert not calling(ben_osei).exists()
        assert not calling(superintendent_price).exists()
        assert opened.until == clock.now() + timedelta(hours=2)
        assert opened.grant.until == opened.until
        assert opened.grant.given_by == superintendent_price
        assert opened.grant.why.startswith("Break-glass")
        assert Power.APPROVE_POSTS in queries.authority_of(amira_hussain).over_all
        page = Notice.objects.get(to=joan_pritchard)
        assert (page.urgency, page.link) == ("page", reverse("accounts:glass", args=[asked.pk]))
        now.move_to(NIGHT + timedelta(hours=2, seconds=-1))
        assert Power.APPROVE_POSTS in queries.authority_of(amira_hussain).over_all
        now.move_to(NIGHT + timedelta(hours=2))
        assert Power.APPROVE_POSTS not in queries.authority_of(amira_hussain).over_all
        assert BreakGlass.objects.get().state == "over"
        expire_grants()
        expire_grants()
    done = BreakGlass.objects.get()
    assert (done.closed_at, done.closed_by) == (done.until, None)
    assert events(done.pk) == ["asked", "opened", "closed"]
    assert Notice.objects.filter(to=joan_pritchard, title__startswith="Review").count() == 1


def test_neither_who_asked_nor_whom_it_is_for_agrees(
    ben_osei, superintendent_price, amira_hussain, joan_pritchard
):
    asked = ask(ben_osei, superintendent_price)
    for person, words in (
        (ben_osei, "You asked"),
        (superintendent_price, "This is for you"),
        (amira_hussain, "Service administrators"),
        (joan_pritchard, "Service administrators"),
    ):
        with pytest.raises(NotPermitted, match=words):
            acting.agree(actor=person, glass=asked)
    assert not Grant.objects.filter(person=superintendent_price, role=Role.COMMS_APPROVER).exists()
    assert events(asked.pk) == ["asked"]


def test_whoever_works_by_emergency_access_does_not_agree_to_another(opened, amira_hussain, pc_nair):
    assert queries.may(amira_hussain, Power.LOCK_DOWN)
    other = ask(pc_nair)
    assert amira_hussain not in glasses.agreers(other)
    assert glasses.to_answer(amira_hussain) == []
    with pytest.raises(NotPermitted, match="by emergency access yourself"):
        acting.agree(actor=amira_hussain, glass=other)


def test_an_ask_lapses_after_an_hour(amira_hussain, superintendent_price):
    with time_machine.travel(NIGHT, tick=False) as now:
        asked = ask(amira_hussain)
        with pytest.raises(TransitionNotAllowed, match="still waits"):
            ask(amira_hussain)
        now.move_to(NIGHT + timedelta(hours=1))
        with pytest.raises(TransitionNotAllowed, match="more than an hour ago"):
            acting.agree(actor=superintendent_price, glass=asked)
        assert glasses.to_answer(superintendent_price) == []
        assert acting.settle() == 1
        assert acting.settle() == 0
        assert events(asked.pk) == ["asked", "lapsed"]
        again = ask(amira_hussain)
        now.move_to(NIGHT + timedelta(hours=2, seconds=-1))
        assert acting.agree(actor=superintendent_price, glass=again).state == "open"


def test_asking_anew_records_that_the_last_one_lapsed(amira_hussain):
    with time_machine.travel(NIGHT, tick=False) as now:
        asked = ask(amira_hussain)
        now.move_to(NIGHT + timedelta(hours=1))
        assert ask(amira_hussain).state == "waiting"
        asked.refresh_from_db()
        assert asked.lapsed_at == asked.lapses_at


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"wanted": Wanted(Role.INFOSEC_AUDITOR)}, "role"),
        ({"wanted": Wanted(Role.PROFESSIONAL_STANDARDS)}, "role"),
        ({"wanted": Wanted("king")}, "role"),
        ({"hours": 5}, "hours"),
        ({"hours": 0}, "hours"),
        ({"why": "  "}, "why"),
    ],
)
def test_what_cannot_be_asked_for(amira_hussain, more, field):
    with pytest.raises(NotValid) as refusal:
        ask(amira_hussain, **more)
    assert refusal.value.field == field
    assert not BreakGlass.objects.exists()


def test_what_they_hold_already_cannot_be_asked_for_nor_opened(amira_hussain, superintendent_price):
    asked = ask(amira_hussain)
    actions.give_grant(actor=SEED, person=amira_hussain, role=Role.COMMS_APPROVER, why="Cover")
    with pytest.raises(NotValid, match="hold this role"):
        acting.agree(actor=superintendent_price, glass=asked)
    assert BreakGlass.objects.get().state == "waiting"
    acting.refuse(actor=amira_hussain, glass=asked, why="Given otherwise")
    with pytest.raises(NotValid, match="holds this role over this already"):
        ask(amira_hussain)


def test_a_leaver_is_neither_asked_for_nor_let_in(asked, amira_hussain, superintendent_price, pc_nair):
    StaffMember.everyone.filter(pk=amira_hussain.pk).update(active=False, left_at=clock.now())
    amira_hussain.refresh_from_db()
    with pytest.raises(NotValid, match="have left"):
        ask(pc_nair, amira_hussain)
    with pytest.raises(NotValid, match="has left"):
        acting.agree(actor=superintendent_price, glass=asked)


def test_refused_or_taken_back_it_never_opens(asked, amira_hussain, superintendent_price, pc_nair):
    with pytest.raises(NotPermitted):
        acting.refuse(actor=pc_nair, glass=asked, why="No")
    with pytest.raises(NotValid):
        acting.refuse(actor=superintendent_price, glass=asked, why=" ")
    acting.refuse(actor=superintendent_price, glass=asked, why="Ring Helen")
    assert Notice.objects.get(to=amira_hussain).body.endswith("Ring Helen")
    with pytest.raises(TransitionNotAllowed, match="answered already"):
        acting.agree(actor=superintendent_price, glass=asked)
    back = ask(amira_hussain)
    assert acting.refuse(actor=amira_hussain, glass=back, why="Helen is here").state == "refused"
    assert events(back.pk) == ["asked", "refused"]
    assert not Grant.objects.filter(person=amira_hussain, role=Role.COMMS_APPROVER).exists()


def test_ended_early_the_powers_are_gone_at_once(opened, amira_hussain, pc_nair):
    with pytest.raises(NotPermitted):
        acting.close(actor=pc_nair, glass=opened, why="x")
    with pytest.raises(NotValid):
        acting.close(actor=amira_hussain, glass=opened, why="")
    acting.close(actor=amira_hussain, glass=opened, why="Helen is here")
    assert Power.APPROVE_POSTS not in queries.authority_of(amira_hussain).over_all
    with pytest.raises(TransitionNotAllowed, match="not open"):
        acting.close(actor=amira_hussain, glass=opened, why="Again")
    done = BreakGlass.objects.get(pk=opened.pk)
    assert (done.closed_by, done.state) == (amira_hussain, "over")
    assert events(done.pk) == ["asked", "opened", "closed"]


def test_ended_from_the_grants_page_it_is_closed_as_well(opened, ben_osei):
    actions.end_grant(actor=ben_osei, grant=opened.grant, why="Not meant")
    assert acting.settle() == 1
    opened.refresh_from_db()
    assert (opened.closed_by, opened.state) == (ben_osei, "over")


def test_information_security_reviews_what_it_had_no_part_in(
    opened, amira_hussain, superintendent_price, joan_pritchard, second_auditor
):
    review = {"outcome": "right", "note": "Two posts, both about the flood"}
    with pytest.raises(TransitionNotAllowed, match="is over"):
        acting.review(actor=joan_pritchard, glass=opened, **review)
    acting.close(actor=amira_hussain, glass=opened, why="Done")
    for person in (amira_hussain, superintendent_price):
        with pytest.raises(NotPermitted):
            acting.review(actor=person, glass=opened, **review)
    actions.give_grant(actor=SEED, person=superintendent_price, role=Role.INFOSEC_AUDITOR, why="x")
    with pytest.raises(NotPermitted, match="had a part"):
        acting.review(actor=superintendent_price, glass=opened, **review)
    for wrong in ({**review, "outcome": "fine"}, {**review, "note": " "}):
        with pytest.raises(NotValid):
            acting.review(actor=joan_pritchard, glass=opened, **wrong)
    assert glasses.to_review(joan_pritchard) == [opened]
    done = acting.review(actor=joan_pritchard, glass=opened, **review)
    assert done.state == "reviewed"
    with pytest.raises(TransitionNotAllowed, match="already"):
        acting.review(actor=second_auditor, glass=opened, **review)
    assert glasses.to_review(joan_pritchard) == []
    assert events(done.pk) == ["asked", "opened", "closed", "reviewed"]


def test_a_review_of_what_ran_out_does_not_wait_for_the_scheduler(
    amira_hussain, superintendent_price, joan_pritchard
):
    with time_machine.travel(NIGHT, tick=False) as now:
        opened = acting.agree(actor=superintendent_price, glass=ask(amira_hussain))
        now.move_to(NIGHT + timedelta(hours=2))
        done = acting.review(actor=joan_pritchard, glass=opened, outcome="not_needed", note="Nothing done")
        assert done.closed_at == opened.until
        assert acting.settle() == 0


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"agreed_by": "asked_by"}, "glass_two_people"),
        ({"agreed_by": "person"}, "glass_two_people"),
        ({"until": timedelta(hours=4, seconds=1)}, "glass_four_hours"),
        ({"agreed_by": None}, "glass_opened_whole"),
        ({"asked_at": timedelta(hours=-1)}, "glass_agreed_within_the_hour"),
        ({"hours": 5}, "glass_hours"),
        ({"reviewed_by": "asked_by"}, "glass_reviewed_by_another"),
        ({"reviewed_by": "agreed_by"}, "glass_reviewed_by_another"),
        ({"reviewed_by": "person"}, "glass_reviewed_by_another"),
        ({"closed_at": None, "reviewed_by": "joan"}, "glass_reviewed_after_its_end"),
        ({"refused_by": "joan"}, "glass_one_answer"),
    ],
)
def test_the_database_refuses_it_as_well(
    ben_osei, superintendent_price, amira_hussain, joan_pritchard, change, rule
):
    glass = ask(ben_osei, amira_hussain)
    glass = acting.agree(actor=superintendent_price, glass=glass)
    acting.close(actor=amira_hussain, glass=glass, why="Done")
    people = {
        "asked_by": ben_osei,
        "agreed_by": superintendent_price,
        "person": amira_hussain,
        "joan": joan_pritchard,
    }
    values = {}
    for name, value in change.items():
        if isinstance(value, timedelta):
            value += glass.agreed_at
        values[name] = people.get(value, value) if isinstance(value, str) else value
    if "reviewed_by" in values:
        values |= {"reviewed_at": clock.now(), "outcome": "right", "note": "x"}
    if "refused_by" in values:
        values |= {"refused_at": clock.now(), "refused_why": "x"}
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BreakGlass.objects.filter(pk=glass.pk).update(**values)
    assert refusal.value.__cause__.diag.constraint_name == rule


def test_of_two_who_agree_at_once_one_opens_it(
    committed_db, wealdshire, amira_hussain, superintendent_price, ben_osei
):
    asked = ask(amira_hussain)

    def agree(person):
        try:
            acting.agree(actor=person, glass=asked)
            return "opened"
        except TransitionNotAllowed:
            return "told"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(agree, [superintendent_price, ben_osei])) == ["opened", "told"]
    assert Grant.objects.filter(person=amira_hussain, role=Role.COMMS_APPROVER).count() == 1
    assert Entry.objects.filter(event="accounts.break_glass_opened").count() == 1


def test_two_schedulers_at_once_close_it_once(
    committed_db, wealdshire, amira_hussain, superintendent_price, ben_osei
):
    opened = acting.agree(actor=superintendent_price, glass=ask(amira_hussain))
    actions.end_grant(actor=ben_osei, grant=opened.grant, why="Over")

    def settle(_):
        try:
            return acting.settle()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(settle, range(2))) == [0, 1]
    assert Entry.objects.filter(event="accounts.break_glass_closed").count() == 1


def test_it_is_done_in_the_browser_from_first_page_to_review(
    client, amira_hussain, superintendent_price, joan_pritchard, pc_nair
):
    client.force_login(amira_hussain)
    assert reverse("accounts:glasses") in client.get("/").text
    assert reverse("accounts:ask_glass") in client.get(reverse("accounts:glasses")).text
    form = {"role": Role.COMMS_APPROVER, "hours": "1", "why": WHY}
    assert client.post(reverse("accounts:ask_glass"), {**form, "why": ""}).status_code == 422
    unknown = client.post(reverse("accounts:ask_glass"), {**form, "email": "nobody@wealdshire.example"})
    assert unknown.status_code == 422
    assert "Nobody who works here has that address" in unknown.text
    assert WHY in unknown.text
    page = client.post(reverse("accounts:ask_glass"), form)["Location"]
    pk = BreakGlass.objects.get().pk
    assert page == reverse("accounts:glass", args=[pk])
    own = client.get(page).text
    assert "Take it back" in own
    assert "Agree, and open it" not in own
    assert superintendent_price.called in own
    assert client.post(reverse("accounts:agree_glass", args=[pk])).status_code == 403

    client.force_login(pc_nair)
    assert client.get(page).status_code == 404
    assert client.post(reverse("accounts:close_glass", args=[pk]), {"ending-why": "x"}).status_code == 404

    client.force_login(superintendent_price)
    assert "asks for emergency access" in client.get("/").text
    assert "Agree, and open it" in client.get(page).text
    refusal = client.post(reverse("accounts:refuse_glass", args=[pk]), {"refusal-why": ""})
    assert refusal.status_code == 422
    agree = reverse("accounts:agree_glass", args=[pk])
    assert client.post(agree)["Location"] == page
    assert client.post(agree).status_code == 409

    client.force_login(joan_pritchard)
    assert "End it now" in client.get(page).text
    client.force_login(amira_hussain)
    assert "Emergency access is open for you." in client.get("/").text
    assert client.post(reverse("accounts:close_glass", args=[pk]), {"ending-why": ""}).status_code == 422
    client.post(reverse("accounts:close_glass", args=[pk]), {"ending-why": "Done"})
    assert "Emergency access is open for you." not in client.get("/").text

    client.force_login(joan_pritchard)
    assert "Review the emergency access of" in client.get("/").text
    assert "Your review" in client.get(page).text
    review = reverse("accounts:review_glass", args=[pk])
    assert client.post(review, {"review-outcome": "", "review-note": ""}).status_code == 422
    client.post(review, {"review-outcome": "right", "review-note": "Two posts about the flood"})
    assert "Two posts about the flood" in client.get(page).text
    assert "Review the emergency access of" not in client.get("/").text


def test_what_they_gave_meanwhile_stands_beside_the_review(
    amira_hussain, superintendent_price, joan_pritchard, pc_nair, client
):
    asked = ask(amira_hussain, wanted=Wanted(Role.SERVICE_ADMINISTRATOR))
    opened = acting.agree(actor=superintendent_price, glass=asked)
    given = actions.give_grant(actor=amira_hussain, person=pc_nair, role=Role.DESK_OPERATOR, why="Cover")
    acting.close(actor=amira_hussain, glass=opened, why="Done")
    opened.refresh_from_db()
    assert glasses.given_meanwhile(opened) == [given]
    client.force_login(joan_pritchard)
    assert "Grants given meanwhile" in client.get(reverse("accounts:glass", args=[opened.pk])).text


def test_the_pages_are_for_everybody(
    browser_page, amira_hussain, superintendent_price, ben_osei, joan_pritchard, pc_nair
):
    opened = acting.agree(actor=superintendent_price, glass=ask(amira_hussain))
    waiting = ask(ben_osei, pc_nair)
    over = acting.agree(actor=superintendent_price, glass=ask(pc_nair, wanted=Wanted(Role.DESK_SUPERVISOR)))
    acting.close(actor=pc_nair, glass=over, why="Done")
    looks = [
        (amira_hussain, reverse("accounts:ask_glass")),
        (amira_hussain, reverse("accounts:glass", args=[opened.pk])),
        (superintendent_price, reverse("accounts:glass", args=[waiting.pk])),
        (superintendent_price, reverse("accounts:glasses")),
        (joan_pritchard, reverse("accounts:glass", args=[over.pk])),
    ]
    for person, address in looks:
        sign_in(browser_page, person)
        browser_page.goto(address)
        check_both_looks(browser_page)
