"""From the request of an official account to its closure, by the right people, with every refusal beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import governance, naming
from accounts.actions import mandates as actions
from accounts.actions import particulars
from accounts.models import Mandate, MandateStep, NativeAdministrator, OfficialAccount
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice

WANTED = {
    "kind": "team",
    "platform": "mastodon",
    "handle": "@roads@social.example",
    "name": "Wealdshire Roads Policing",
    "purpose": "Closures and road safety",
    "audience": "Drivers",
    "reasons": "Nobody reaches drivers before they set out",
    "content_plan": "Closures as they happen, one post a week on safety",
    "trained": "The roads team, trained in May",
}


@pytest.fixture
def wanted(leah_brandt, victoria_lang):
    return actions.request(actor=leah_brandt, owner=victoria_lang, **WANTED)


@pytest.fixture
def approved(wanted, helen_achebe, joan_pritchard, victoria_lang):
    actions.assess(actor=helen_achebe, mandate=wanted, side="comms", words="Needed")
    actions.assess(actor=joan_pritchard, mandate=wanted, side="infosec", words="With keys")
    return actions.approve(actor=victoria_lang, mandate=wanted, words="Within policy")


def _tick_all(actor, mandate):
    for point in governance.checklist(mandate):
        if point.done is None:
            actions.tick(actor=actor, mandate=mandate, point=point.slug, done=True, words="Seen")


def test_an_account_goes_from_request_to_closure_by_people_of_their_roles(
    wanted, leah_brandt, helen_achebe, joan_pritchard, victoria_lang, ben_osei, amira_hussain
):
    assert wanted.handle == "roads@social.example"
    assert wanted.state == "requested"
    assert wanted.due_on > clock.today()
    assert Notice.objects.filter(to=helen_achebe, title__contains="asked for").exists()
    for actor, side in ((leah_brandt, "comms"), (joan_pritchard, "comms"), (helen_achebe, "infosec")):
        with pytest.raises((NotPermitted, NotFound)):
            actions.assess(actor=actor, mandate=wanted, side=side, words="Yes")
    with pytest.raises(NotFound):
        actions.withdraw(actor=amira_hussain, mandate=wanted)
    with pytest.raises(NotValid, match="how you judge"):
        actions.assess(actor=helen_achebe, mandate=wanted, side="comms", words=" ")
    actions.assess(actor=helen_achebe, mandate=wanted, side="comms", words="Needed")
    with pytest.raises(TransitionNotAllowed, match="for that side already"):
        actions.assess(actor=helen_achebe, mandate=wanted, side="comms", words="Needed")
    with pytest.raises(TransitionNotAllowed):
        actions.approve(actor=victoria_lang, mandate=wanted, words="Yes")
    row = actions.assess(actor=joan_pritchard, mandate=wanted, side="infosec", words="With keys")
    assert row.state == "assessed"
    with pytest.raises(NotPermitted, match="needs the right"):
        actions.approve(actor=ben_osei, mandate=row, words="Yes")
    row = actions.approve(actor=victoria_lang, mandate=row, words="Within policy")
    assert (row.state, row.asset_owner) == ("approved", victoria_lang)

    with pytest.raises(NotValid, match="not ticked yet"):
        actions.finish(actor=ben_osei, mandate=row)
    with pytest.raises(NotValid, match="address among the particulars"):
        actions.tick(actor=ben_osei, mandate=row, point="mailbox", done=True)
    particulars.change_particulars(
        actor=ben_osei,
        mandate=row,
        mailbox="roads@wealdshire.example",
        vault_entry="social/roads",
        recovery="Key in the safe",
        bio="In an emergency 999, otherwise 101",
        has_picture=True,
    )
    particulars.add_rule(actor=helen_achebe, kind="name_begins", text="WPolice", why="So it is known")
    with pytest.raises(NotValid, match="does not begin with “WPolice”"):
        actions.tick(actor=ben_osei, mandate=row, point="naming", done=True)
    particulars.change_particulars(actor=ben_osei, mandate=row, name="WPolice Roads")
    _tick_all(ben_osei, row)
    row = actions.finish(actor=ben_osei, mandate=row)
    with pytest.raises(NotPermitted, match="A second person"):
        actions.open_account(actor=ben_osei, mandate=row)
    row = actions.send_back(actor=victoria_lang, mandate=row, words="The alerts go to a person")
    assert row.finished_by is None
    actions.tick(actor=ben_osei, mandate=row, point="login_alerts", done=False)
    actions.tick(actor=ben_osei, mandate=row, point="login_alerts", done=True)
    row = actions.finish(actor=ben_osei, mandate=row)
    account = actions.open_account(actor=victoria_lang, mandate=row)
    assert (account.status, account.name, account.platform) == ("active", "WPolice Roads", "mastodon")

    row = Mandate.objects.get(official_account=account)
    with pytest.raises(NotValid, match="Choose a day to come"):
        actions.review(
            actor=victoria_lang, mandate=row, words="Run well", next_on=clock.today() + timedelta(days=400)
        )
    row = actions.review(actor=victoria_lang, mandate=row, words="Run well")
    assert row.due_on == clock.today() + timedelta(days=365)
    row = actions.suspend(actor=ben_osei, mandate=row, words="Odd sign-in")
    assert OfficialAccount.objects.get(pk=account.pk).status == "suspended"
    row = actions.resume(actor=ben_osei, mandate=row, words="It was us")
    row = actions.end(actor=ben_osei, mandate=row, words="The team is gone")
    with pytest.raises(NotValid, match="not ticked"):
        actions.close(actor=victoria_lang, mandate=row, words="")
    with pytest.raises(NotValid, match="what was decided"):
        actions.tick(actor=ben_osei, mandate=row, point="handle", done=True)
    _tick_all(ben_osei, row)
    with pytest.raises(NotPermitted, match="A second person closes"):
        actions.close(actor=ben_osei, mandate=row, words="")
    row = actions.close(actor=victoria_lang, mandate=row, words="")
    assert (row.state, row.due_on) == ("closed", None)
    assert OfficialAccount.objects.get(pk=account.pk).status == "closed"
    with pytest.raises(TransitionNotAllowed):
        actions.review(actor=victoria_lang, mandate=row, words="Once more")
    with pytest.raises(TransitionNotAllowed):
        particulars.change_particulars(actor=ben_osei, mandate=row, name="Other")
    events = [step.event for step in MandateStep.objects.filter(mandate=row)]
    assert events[0] == "request"
    assert events[-1] == "close"
    trail = set(
        Entry.objects.filter(subject_id=str(row.pk), event__startswith="mandate.").values_list(
            "event", flat=True
        )
    )
    assert {"mandate.requested", "mandate.assessed", "mandate.opened", "mandate.closed"} <= trail


def test_whoever_asked_judges_nothing_and_takes_it_back(victoria_lang, leah_brandt, helen_achebe):
    row = actions.request(actor=victoria_lang, owner=victoria_lang, **WANTED)
    with pytest.raises(NotValid, match="asked for @roads"):
        actions.request(actor=leah_brandt, owner=victoria_lang, **WANTED)
    with pytest.raises(NotPermitted, match="You asked for this"):
        actions.refuse(actor=victoria_lang, mandate=row, words="No")
    with pytest.raises(NotPermitted, match="Only whoever asked"):
        actions.withdraw(actor=helen_achebe, mandate=row)
    assert actions.withdraw(actor=victoria_lang, mandate=row).state == "withdrawn"
    again = actions.request(actor=leah_brandt, owner=victoria_lang, **WANTED)
    assert actions.refuse(actor=helen_achebe, mandate=again, words="X reaches them").state == "refused"
    assert Notice.objects.filter(to=leah_brandt, title__contains="refused", body="X reaches them").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"platform": "exercise"}, "Choose a platform"),
        ({"reasons": " "}, "do not do"),
        ({"kind": "officer"}, "Choose the officer"),
        ({"platform": "exercise2"}, "Choose a platform"),
    ],
)
def test_a_request_that_lacks_something_is_refused(leah_brandt, victoria_lang, given, sentence):
    with pytest.raises(NotValid, match=sentence):
        actions.request(actor=leah_brandt, owner=victoria_lang, **{**WANTED, **given})
    assert not Mandate.objects.filter(platform="mastodon").exists()


def test_an_officer_is_named_with_consent_alone(leah_brandt, victoria_lang, pc_nair, ben_osei):
    officer = {**WANTED, "kind": "officer", "officer": pc_nair}
    with pytest.raises(NotValid, match="agreed in writing"):
        actions.request(actor=leah_brandt, owner=victoria_lang, **officer)
    row = actions.request(actor=leah_brandt, owner=victoria_lang, consented_on=clock.today(), **officer)
    with pytest.raises(NotValid, match="consent and a safety check"):
        particulars.change_particulars(actor=ben_osei, mandate=row, named_publicly=True)
    assert "safety" in governance.points(Mandate(state="approved", kind="officer"))
    assert "safety" not in governance.points(Mandate(state="approved", kind="team"))
    assert not row.officer_leaves_by(clock.today())
    row.posting_ends_on = clock.today()
    assert row.officer_leaves_by(clock.today())


def test_the_database_itself_holds_the_second_person(approved, ben_osei, victoria_lang, force_account):
    for wrong in (
        {"comms_by": approved.requested_by},
        {"infosec_by": approved.comms_by},
        {"opened_by": ben_osei, "finished_by": ben_osei},
        {"closed_by": ben_osei, "ended_by": ben_osei},
        {"state": "active"},
        {"named_publicly": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mandate.objects.filter(pk=approved.pk).update(**wrong)


def test_what_was_changed_meanwhile_is_not_overwritten_and_an_address_serves_one(
    approved, wealdshire, ben_osei, force_account
):
    seen = approved.changed_at.isoformat()
    particulars.change_particulars(
        actor=ben_osei, mandate=approved, mailbox="a@wealdshire.example", seen=seen
    )
    with pytest.raises(ChangedSinceSeen):
        particulars.change_particulars(actor=ben_osei, mandate=approved, audience="All", seen=seen)
    with pytest.raises(NotValid, match="Nothing was changed"):
        particulars.change_particulars(actor=ben_osei, mandate=approved, mailbox="a@wealdshire.example")
    other = Mandate.objects.get(official_account=force_account)
    with pytest.raises(NotValid, match="serves another"):
        particulars.change_particulars(actor=ben_osei, mandate=other, mailbox="A@wealdshire.example")
    particulars.change_particulars(actor=ben_osei, mandate=other, purpose="Warnings")
    force_account.refresh_from_db()
    assert force_account.purpose == "Warnings"


def test_who_administers_it_there_is_noted_checked_and_in_a_leavers_checklist(
    force_account, ben_osei, leah_brandt, amira_hussain
):
    with pytest.raises(NotPermitted):
        particulars.note_administrator(
            actor=leah_brandt, official_account=force_account, name="L", role="Admin"
        )
    with pytest.raises(NotValid, match="Nobody stands"):
        particulars.check_administrators(actor=ben_osei, official_account=force_account)
    row = particulars.note_administrator(
        actor=ben_osei, official_account=force_account, name="Leah B", role="Admin", person=leah_brandt
    )
    with pytest.raises(NotValid, match="already"):
        particulars.note_administrator(
            actor=ben_osei, official_account=force_account, name="leah b", role="Editor"
        )
    assert particulars.check_administrators(actor=ben_osei, official_account=force_account) == 1
    particulars.remove_administrator(actor=ben_osei, administrator=row)
    with pytest.raises(TransitionNotAllowed):
        particulars.remove_administrator(actor=ben_osei, administrator=row)
    assert not NativeAdministrator.objects.filter(removed_at=None).exists()


def test_rules_of_names_find_what_breaks_them(approved, helen_achebe, leah_brandt, ben_osei):

    with pytest.raises(NotPermitted):
        particulars.add_rule(actor=leah_brandt, kind="forbidden", text="mod", why="No")
    rule = particulars.add_rule(actor=helen_achebe, kind="forbidden", text="mod", why="Not an army")
    with pytest.raises(NotValid, match="already"):
        particulars.add_rule(actor=helen_achebe, kind="forbidden", text="MOD", why="Not an army")
    particulars.add_rule(actor=helen_achebe, kind="bio_has", text="999", why="Lives", platforms=["x"])
    particulars.add_rule(actor=helen_achebe, kind="picture", text="", why="The crest")

    def face(**given):
        return naming.Face(
            **{
                "platform": "x",
                "handle": "modern",
                "name": "Modern",
                "bio": "999",
                "has_picture": True,
                **given,
            }
        )

    rules = naming.rules()
    assert naming.broken(rules, face()) == []
    assert naming.broken(rules, face(name="MOD Wealdshire")) == ["“mod” stands in the name."]
    assert naming.broken(rules, face(bio="Hello")) == ["The profile does not say “999”."]
    assert naming.broken(rules, face(bio="", platform="bluesky")) == []
    assert naming.broken(rules, face(has_picture=None)) == [
        "Nobody has noted whether it has a profile picture."
    ]
    particulars.end_rule(actor=ben_osei, rule=rule)
    with pytest.raises(TransitionNotAllowed):
        particulars.end_rule(actor=ben_osei, rule=rule)
    assert naming.broken(naming.rules(), face(name="MOD Wealdshire")) == []


def test_every_step_of_the_course_is_taken_where_it_may_and_nowhere_else():
    assert governance.COURSE.states == set(Mandate.State.values)
    for state in Mandate.State.values:
        for event in governance.COURSE.events:
            if governance.COURSE.allows(state, event):
                assert governance.COURSE.next(state, event) in Mandate.State.values
            else:
                with pytest.raises(TransitionNotAllowed):
                    governance.COURSE.next(state, event)


def test_the_pages_lead_through_it(client, approved, ben_osei, victoria_lang, leah_brandt, amira_hussain):
    page = reverse("accounts:mandate", args=[approved.pk])
    client.force_login(amira_hussain)
    assert client.get(page).status_code == 404
    client.force_login(ben_osei)
    assert "Wealdshire Roads Policing" in client.get(reverse("home")).content.decode()
    shown = client.get(page).content.decode()
    assert "Checklist of opening" in shown
    refused = client.post(page, {"do": "finish"})
    assert refused.status_code == 422
    assert "not ticked yet" in refused.content.decode()
    refused = client.post(page, {"do": "tick", "point": "mailbox", "done": "yes"})
    assert "particulars first" in refused.content.decode()
    assert client.post(page, {"do": "tick", "point": "two_factor", "done": "yes"}).status_code == 302
    refused = client.post(page, {"do": "approve", "words": "Kept words"})
    assert refused.status_code == 403
    assert client.post(page, {"do": "fly"}).status_code == 404
    form = client.get(reverse("accounts:particulars", args=[approved.pk]))
    assert form.status_code == 200
    given = {
        "name": approved.name,
        "kind": "team",
        "purpose": "Roads",
        "owner": victoria_lang.pk,
        "run": "run",
        "verified": "none",
        "mailbox": "roads@wealdshire.example",
        "has_picture": "yes",
    }
    saved = client.post(reverse("accounts:particulars", args=[approved.pk]), given)
    assert saved.status_code == 302
    approved.refresh_from_db()
    assert (approved.mailbox, approved.has_picture) == ("roads@wealdshire.example", True)
    wrong = client.post(reverse("accounts:particulars", args=[approved.pk]), {**given, "mailbox": "no"})
    assert wrong.status_code == 422
    assert "Give an e-mail address" in wrong.content.decode()
    client.force_login(leah_brandt)
    assert approved.name in client.get(reverse("accounts:mandates")).content.decode()
    asked = client.post(
        reverse("accounts:request_account"),
        {**WANTED, "handle": "new@social.example", "owner": victoria_lang.pk},
    )
    assert asked.status_code == 302
    refused = client.post(reverse("accounts:request_account"), {**WANTED, "owner": victoria_lang.pk})
    assert refused.status_code == 422
    assert "already" in refused.content.decode()


def test_faults_name_what_is_lacking_page_and_table(client, approved, ben_osei, helen_achebe):
    account = OfficialAccount.objects.create(
        platform="x",
        handle="old",
        name="Old account",
        owner=ben_osei,
        registered_at=clock.now(),
    )
    client.force_login(ben_osei)
    page = client.get(reverse("accounts:faults")).content.decode()
    assert "Its particulars are not recorded yet." in page
    client.post(reverse("accounts:begin_particulars", args=[account.pk]))
    client.post(reverse("accounts:begin_particulars", args=[account.pk]))
    assert Mandate.objects.filter(official_account=account).count() == 1
    table = client.get(reverse("accounts:faults"), {"as": "csv"}).content.decode()
    assert "Old account,X,old,record,There is no continuity plan." in table
    assert "What is lacking" in client.get(reverse("accounts:account", args=[account.pk])).content.decode()
