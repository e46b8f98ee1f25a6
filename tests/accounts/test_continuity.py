"""Plans for the loss of a platform or of this product, their tests, whom to ring, and a platform that is down."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import continuity, papers, tasks
from accounts.actions import continuity as actions
from accounts.actions import outages
from accounts.models import ContinuityAction, ContinuityContact, ContinuityPlan, Outage
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from smmp.seed.force import SEED
from staff.actions import departures

pytestmark = pytest.mark.django_db


def written(owner, actor=SEED, platform="exercise", **given):
    today = clock.today()
    words = {
        "first": "Tell the desk supervisor\nRead the channel on the platform itself",
        "alternative": "The public list and Bluesky",
        "native": "Vault entry social/exercise, key 4",
        "afterwards": "Read through the outbox",
        "messages": [{"who": "Duty officer", "where": "Bluesky", "words": "We are here for now."}],
        "changes": "",
        "review_on": today + timedelta(days=100),
        "next_test_on": today + timedelta(days=50),
        "seen": 0,
        **given,
    }
    return actions.write_plan(actor=actor, platform=platform, owner=owner, **words)


def tried(plan, actor, **given):
    words = {
        "held_on": clock.today(),
        "how": "table",
        "scenario": "The platform answers nothing for an hour",
        "people": "Early shift",
        "worked": "The public list carried it",
        "failed": "Nobody knew the vault entry",
        "actions": [],
        "next_test_on": clock.today() + timedelta(days=90),
        **given,
    }
    return actions.record_test(actor=actor, plan=plan, **words)


def pages_of(document: bytes) -> str:
    """What stands on a PDF, as far as its compressed streams show it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.S)
    return " ".join(zlib.decompress(one).decode("latin-1") for one in streams if one[:1] == b"x")


# Plans


def test_a_plan_is_kept_in_versions_and_two_writers_do_not_overwrite_each_other(helen_achebe, leah_brandt):
    plan = written(helen_achebe, actor=helen_achebe)
    with pytest.raises(ChangedSinceSeen):
        written(helen_achebe, actor=helen_achebe)
    with pytest.raises(NotValid, match="Say what is new"):
        written(helen_achebe, actor=helen_achebe, seen=1)
    plan = written(leah_brandt, actor=helen_achebe, seen=1, changes="Leah owns it", first="Ring the desk")
    assert (plan.version, plan.owner) == (2, leah_brandt)
    versions = continuity.versions(helen_achebe, plan)
    assert [(one.number, one.owner.called) for one in versions] == [
        (2, leah_brandt.called),
        (1, helen_achebe.called),
    ]
    assert "Read the channel" in continuity.as_text(versions[1])
    assert Entry.objects.filter(event="continuity.plan_written").count() == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"first": "  "}, "what to do first"),
        ({"alternative": ""}, "which channel"),
        ({"native": "Log in.\nPassword: Wealdshire1"}, "no password"),
        ({"first": "PIN: 0412"}, "no password"),
        ({"messages": [{"who": "Desk", "where": "", "words": "Hello"}]}, "who says it, where"),
        ({"messages": [{"who": "a", "where": "b", "words": "c"}] * 9}, "at most 8"),
    ],
)
def test_what_a_plan_lacks_is_said_beside_it(helen_achebe, given, says):
    with pytest.raises(NotValid, match=says):
        written(helen_achebe, **given)
    assert not ContinuityPlan.objects.exists()


def test_days_lie_ahead_and_no_more_than_a_year_off(helen_achebe):
    for wrong in (clock.today(), clock.today() + timedelta(days=367)):
        for name in ("review_on", "next_test_on"):
            with pytest.raises(NotValid, match="a day to come"):
                written(helen_achebe, **{name: wrong})


def test_whoever_sets_policies_writes_and_the_owner_records_tests(
    helen_achebe, leah_brandt, amira_hussain, ben_osei
):
    with pytest.raises(NotPermitted):
        written(leah_brandt, actor=leah_brandt)
    plan = written(leah_brandt, actor=ben_osei)
    with pytest.raises(NotPermitted):
        tried(plan, amira_hussain)
    due = clock.today() + timedelta(days=10)
    test = tried(
        plan, leah_brandt, actions=[{"words": "Note the vault entry", "owner": amira_hussain, "due_on": due}]
    )
    plan.refresh_from_db()
    assert plan.next_test_on == clock.today() + timedelta(days=90)
    assert Notice.objects.get(to=amira_hussain).title.startswith("After a test")
    row = test.actions.get()
    with pytest.raises(NotPermitted):
        actions.settle_action(actor=leah_brandt, row=row, outcome="Done")
    with pytest.raises(NotValid):
        actions.settle_action(actor=amira_hussain, row=row, outcome=" ")
    actions.settle_action(actor=amira_hussain, row=row, outcome="It stands among the particulars")
    with pytest.raises(TransitionNotAllowed):
        actions.settle_action(actor=amira_hussain, row=row, outcome="Again")
    with pytest.raises(NotValid, match="has been held"):
        tried(plan, leah_brandt, held_on=clock.today() + timedelta(days=1))


def test_what_is_overdue_is_said_once_to_whom_it_belongs(helen_achebe, amira_hussain):
    plan = written(helen_achebe)
    tried(plan, SEED, actions=[{"words": "Ring round", "owner": amira_hussain, "due_on": clock.today()}])
    assert tasks.remind_continuity() == 0
    yesterday = clock.today() - timedelta(days=1)
    ContinuityPlan.objects.update(review_on=yesterday, next_test_on=yesterday)
    ContinuityAction.objects.update(due_on=yesterday)
    for _ in range(2):
        tasks.remind_continuity()
    assert Notice.objects.filter(to=helen_achebe, title__contains="plan for the loss").count() == 2
    assert Notice.objects.filter(to=amira_hussain, title__contains="overdue").count() == 1
    plans, todo = continuity.waiting_for(helen_achebe)
    assert (plans, todo) == ([plan], [])
    assert [row.words for row in continuity.waiting_for(amira_hussain)[1]] == ["Ring round"]


def test_what_a_leaver_owned_goes_to_the_heir_and_their_number_is_gone(helen_achebe, leah_brandt, ben_osei):
    plan = written(leah_brandt)
    tried(plan, SEED, actions=[{"words": "Ring", "owner": leah_brandt, "due_on": clock.today()}])
    contact = actions.note_contact(actor=helen_achebe, duty="Vault", phone="07700 900123", person=leah_brandt)
    departures.record_leaver(actor=ben_osei, member=leah_brandt, why="Resigned", heir=helen_achebe)
    for _ in range(2):
        tasks.rehome()
    contact.refresh_from_db()
    assert (contact.phone, contact.struck_by) == ("", None)
    assert contact.struck_at is not None
    plan.refresh_from_db()
    assert (plan.owner, ContinuityAction.objects.get().owner) == (helen_achebe, helen_achebe)
    assert Entry.objects.filter(event="continuity.rehomed").count() == 2


# Whom to ring


def test_numbers_are_recorded_and_go_when_struck_off(helen_achebe, leah_brandt, sergeant_okafor):
    with pytest.raises(NotPermitted):
        actions.note_contact(actor=leah_brandt, duty="Vault", phone="07700 900123", person=leah_brandt)
    for given in (
        {"phone": "nonsense", "person": leah_brandt},
        {"phone": "07700 900123"},
        {"phone": "07700 900123", "person": leah_brandt, "name": "Somebody"},
    ):
        with pytest.raises(NotValid):
            actions.note_contact(actor=helen_achebe, duty="Vault", **given)
    row = actions.note_contact(actor=helen_achebe, duty="Vault", phone="07700 900123", person=leah_brandt)
    assert "07700" not in str(Entry.objects.get(event="continuity.contact_noted").details)
    assert continuity.contacts(sergeant_okafor) == [row]
    with pytest.raises(NotPermitted):
        continuity.contacts(leah_brandt)
    for _ in range(2):
        row = actions.strike_contact(actor=helen_achebe, contact=row)
    assert row.phone == ""
    assert Entry.objects.filter(event="continuity.contact_struck").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ContinuityContact.objects.filter(pk=row.pk).update(phone="07700 900123")


def test_the_contact_sheet_is_made_anew_dated_and_audited(client, helen_achebe, sergeant_okafor, leah_brandt):
    written(helen_achebe, platform="")
    actions.note_contact(actor=helen_achebe, duty="Opens the vault", phone="07700 900123", name="Night desk")
    client.force_login(sergeant_okafor)
    answer = client.get(reverse("accounts:continuity_sheet"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    shown = pages_of(answer.content)
    assert "07700 900123" in shown
    today = clock.today()
    assert re.search(rf"contact sheet of {today.day} {today:%B %Y}, \d\d:\d\d", shown)
    assert "Tell the desk supervisor" in shown
    assert "password" in shown
    assert Entry.objects.get(event="contacts.exported").details["count"] > 1
    actions.strike_contact(actor=helen_achebe, contact=ContinuityContact.objects.get())
    assert "07700 900123" not in pages_of(client.get(reverse("accounts:continuity_sheet")).content)
    client.force_login(leah_brandt)
    assert client.get(reverse("accounts:continuity_sheet")).status_code == 403


def test_a_paper_log_has_the_columns_that_the_import_knows(client, amira_hussain):
    client.force_login(amira_hussain)
    answer = client.get(reverse("accounts:continuity_paper_log", args=["product"]))
    shown = pages_of(answer.content)
    assert all(head in shown for head, _ in papers.LOG_COLUMNS)
    assert client.get(reverse("accounts:continuity_paper_log", args=["nowhere"])).status_code == 404


# A platform is down


def test_a_platform_is_said_to_be_down_and_back_by_people_and_told_once(
    sergeant_okafor, amira_hussain, joan_pritchard, force_account, client
):
    with pytest.raises(NotPermitted):
        outages.raise_outage(actor=amira_hussain, platform="exercise", why="It answers nothing")
    with pytest.raises(NotValid, match="Say what you see"):
        outages.raise_outage(actor=sergeant_okafor, platform="exercise", why="  ")
    with pytest.raises(NotValid, match="no official account"):
        outages.raise_outage(actor=sergeant_okafor, platform="facebook", why="It answers nothing")
    made = outages.raise_outage(actor=sergeant_okafor, platform="exercise", why="It answers nothing")
    with pytest.raises(TransitionNotAllowed):
        outages.raise_outage(actor=sergeant_okafor, platform="exercise", why="Still")
    assert Notice.objects.filter(to=amira_hussain, key=f"outage:{made.pk}").count() == 1
    client.force_login(amira_hussain)
    page = client.get(reverse("moderation:desk")).content.decode()
    assert "Exercise network is down." in page
    assert reverse("accounts:continuity_plan", args=["exercise"]) in page
    client.force_login(joan_pritchard)
    assert "Exercise network is down." not in client.get("/").content.decode()
    with pytest.raises(TransitionNotAllowed, match="a person says"):
        outages.end_outage(actor=outages.WATCH, outage=made, why="It answers")
    outages.end_outage(actor=sergeant_okafor, outage=made, why="It answers again")
    with pytest.raises(TransitionNotAllowed):
        outages.end_outage(actor=sergeant_okafor, outage=made, why="Again")
    client.force_login(amira_hussain)
    assert "Exercise network is down." not in client.get(reverse("moderation:desk")).content.decode()
    assert Notice.objects.filter(to=amira_hussain, title="Exercise network is back").count() == 1
    assert [entry.event for entry in Entry.objects.filter(event__startswith="outage.").order_by("id")] == [
        "outage.raised",
        "outage.ended",
    ]


def test_the_writing_pages_say_so_where_it_matters(client, sergeant_okafor, leah_brandt, helen_achebe):
    outages.raise_outage(actor=sergeant_okafor, platform="exercise", why="It answers nothing")
    for person, route in (
        (leah_brandt, "publishing:compose"),
        (leah_brandt, "publishing:field"),
        (leah_brandt, "publishing:outbox"),
        (helen_achebe, "publishing:approvals"),
    ):
        client.force_login(person)
        assert "<b>Exercise network is down</b>" in client.get(reverse(route)).content.decode(), route


def test_the_rule_of_down_by_itself_is_set_by_those_who_may(client, helen_achebe, amira_hussain):
    assert continuity.rule() == continuity.DEFAULT_RULE
    client.force_login(helen_achebe)
    page = reverse("accounts:continuity")
    assert client.post(page, {"accounts": "3", "minutes": "20"}).status_code == 302
    assert continuity.rule() == (3, 20)
    assert client.post(page, {"accounts": "0", "minutes": "20"}).status_code == 422
    assert client.post(page, {"accounts": "x", "minutes": ""}).status_code == 422
    client.force_login(amira_hussain)
    assert client.post(page, {"accounts": "9", "minutes": "9"}).status_code == 403
    assert continuity.rule() == (3, 20)
    with pytest.raises(NotValid):
        outages.set_rule(actor=helen_achebe, accounts=2, minutes=2000)


# Pages


def test_a_plan_is_written_tried_and_read_anew_in_the_browser(client, helen_achebe, amira_hussain):
    client.force_login(helen_achebe)
    at = {
        name: reverse(f"accounts:continuity_{name}", args=["exercise"])
        for name in ("plan", "write", "test", "history")
    }
    assert "Nobody has written this plan" in client.get(at["plan"]).content.decode()
    assert client.get(at["test"]).status_code == 404
    assert client.get(at["history"]).status_code == 404
    day = (clock.today() + timedelta(days=30)).isoformat()
    given = {
        "seen": "0",
        "owner": helen_achebe.pk,
        "first": "Ring <b>the desk</b>",
        "alternative": "Bluesky",
        "who_0": "Desk",
        "where_0": "Bluesky",
        "words_0": "We read you here.",
        "review_on": day,
        "next_test_on": day,
    }
    half = client.post(at["write"], {**given, "where_0": ""})
    assert half.status_code == 422
    assert "We read you here." in half.content.decode()
    assert client.post(at["write"], given).status_code == 302
    page = client.get(at["plan"]).content.decode()
    assert "Ring &lt;b&gt;the desk&lt;/b&gt;" in page
    assert "We read you here." in page
    stale = client.post(at["write"], {**given, "changes": "New"})
    assert (stale.status_code, "since you opened it" in stale.content.decode()) == (409, True)
    test = {
        "held_on": clock.today().isoformat(),
        "how": "played",
        "scenario": "Gone for an hour",
        "people": "Early shift",
        "worked": "All",
        "next_test_on": day,
        "words_0": "Print the sheet",
    }
    lacking = client.post(at["test"], test)
    assert (lacking.status_code, "Choose who does it." in lacking.content.decode()) == (422, True)
    soon = (clock.today() + timedelta(days=10)).isoformat()
    full = {**test, "owner_0": amira_hussain.pk, "due_0": soon}
    assert client.post(at["test"], full).status_code == 302
    row = ContinuityAction.objects.get()
    client.force_login(amira_hussain)
    assert "Print the sheet" in client.get("/").content.decode()
    empty = client.post(at["plan"], {"do": "done", "action": row.pk, "outcome": ""})
    assert (empty.status_code, "Say what came of it" in empty.content.decode()) == (422, True)
    assert client.post(at["plan"], {"do": "done", "action": row.pk, "outcome": "Printed"}).status_code == 302
    assert client.post(at["plan"], {"do": "done", "action": row.pk, "outcome": "Printed"}).status_code == 409
    assert client.post(at["plan"], {"do": "done", "action": 10**12, "outcome": "Printed"}).status_code == 404
    assert client.get(at["write"]).status_code == 403
    client.force_login(helen_achebe)
    again = (clock.today() + timedelta(days=60)).isoformat()
    assert client.post(at["plan"], {"do": "review", "review_on": again}).status_code == 302
    assert client.post(at["plan"], {"do": "review", "review_on": ""}).status_code == 422
    assert "The first version." in client.get(at["history"]).content.decode()


def test_a_platform_is_said_to_be_down_in_the_browser(client, sergeant_okafor, amira_hussain):
    page = reverse("accounts:continuity_plan", args=["exercise"])
    client.force_login(amira_hussain)
    assert client.post(page, {"do": "raise", "why": "Nothing"}).status_code == 403
    client.force_login(sergeant_okafor)
    assert client.post(page, {"do": "raise", "why": ""}).status_code == 422
    assert client.post(page, {"do": "raise", "why": "Nothing answers"}).status_code == 302
    assert client.post(page, {"do": "raise", "why": "Nothing answers"}).status_code == 409
    assert "said by Sgt Daniel Okafor" in client.get(page).content.decode()
    assert client.post(page, {"do": "end", "why": "It answers"}).status_code == 302
    assert client.post(page, {"do": "end", "why": "It answers"}).status_code == 404
    assert Outage.objects.get().ended_why == "It answers"
    overview = client.get(reverse("accounts:continuity")).content.decode()
    assert "Nothing answers" in overview
    assert client.get(reverse("accounts:continuity_plan", args=["nowhere"])).status_code == 404
