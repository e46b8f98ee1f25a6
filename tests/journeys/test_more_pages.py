"""axe on the pages behind the first ones: one record of each kind opened, forms empty and refused, the public's inquiry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import Model
from playwright.sync_api import expect

from accounts.models import Campaign, Grant, OfficialAccount, PolicyPage, ServiceIdentity, StaffImport
from core import clock
from core.actors import System
from escalation.actions import cases
from exercise import scenarios
from exercise.actions.runs import FASTEST, advance_runs, start_run
from insights.actions import reports
from insights.models import Report, Rumour
from insights.models_reports import Kind
from moderation.actions import desk as deciding
from moderation.models import Clause, Comment, DipSample, Inquiry, Surge
from moderation.models import Decision as DeskDecision
from publishing.models import Asset, Post, PostTemplate, Series
from retention.models import FoundItem, RightsRequest
from smmp.seed import (
    appeals,
    briefs,
    continuity,
    desk,
    outbox,
    people,
    planning,
    programs,
    queue,
    reference,
    register,
    rumours,
    shifts,
    standing,
)
from staff.models import Departure, DirectoryKey, Team
from tests import comments
from tests.browser import check_both_looks

pytestmark = pytest.mark.more


@pytest.fixture
def filled(served, wealdshire):
    """The demonstration force with something of everything."""
    reference.make()
    for part in (people, programs, queue, outbox, desk, shifts, planning, register, continuity):
        part.make(wealdshire)
    return wealdshire


def one(model: type[Model], **where: object) -> int:
    """The number of some record; there is one, or the page was not looked at."""
    pk = model._default_manager.filter(**where).order_by("pk").values_list("pk", flat=True).first()
    assert pk is not None, f"the demonstration has no {model.__name__} {where}"
    return pk


def of_the_register(cast) -> list[str]:
    leah = cast["leah_brandt"].pk
    return [
        "/register/grants/new/",
        f"/register/grants/{one(Grant, until=None)}/end/",
        "/register/services/",
        "/register/services/new/",
        f"/register/services/{one(ServiceIdentity)}/",
        "/register/staff/new/",
        f"/register/staff/{leah}/leaver/",
        f"/register/staff/{leah}/move/",
        "/register/ask/",
        "/register/confirm/",
        f"/register/review/recertification/{one(Campaign)}/",
        "/register/emergency/new/",
        f"/register/teams/{one(Team)}/",
        f"/register/departures/{one(Departure)}/",
        "/register/staff/directory/keys/new/",
        f"/register/staff/directory/keys/{one(DirectoryKey, revoked_at=None)}/revoke/",
        "/register/staff/directory/groups/new/",
        f"/register/staff/lists/{one(StaffImport)}/",
        f"/register/policies/{one(PolicyPage)}/write/",
        "/desk/channels/",
        f"/desk/channels/{one(OfficialAccount, status='active')}/",
        "/register/continuity/",
        "/register/continuity/contacts/",
        "/register/continuity/product/",
        "/register/continuity/exercise/write/",
        "/register/continuity/exercise/history/",
        "/register/continuity/exercise/test/",
        "/register/continuity/youtube/",
    ]


def of_publishing(cast) -> list[str]:
    draft = one(Post, state="draft", author=cast["leah_brandt"])
    return [
        f"/publishing/compose/{draft}/",
        f"/publishing/posts/{one(Post, state='approved')}/",
        f"/publishing/field/{draft}/",
        f"/publishing/posts/{draft}/versions/",
        f"/publishing/posts/{draft}/repeat/",
        "/publishing/series/",
        f"/publishing/series/{one(Series)}/",
        "/publishing/templates/",
        "/publishing/templates/write/",
        f"/publishing/templates/{one(PostTemplate)}/",
        "/publishing/tags/",
        "/publishing/library/",
        "/publishing/library/add/",
        f"/publishing/library/{one(Asset)}/",
        "/publishing/calendar/?view=week",
        "/publishing/calendar/?view=list",
        "/publishing/calendar/by-hand/",
        "/publishing/calendar/addresses/",
        "/register/continuity/exercise/",
    ]


def of_the_desk(cast) -> list[str]:
    nextdoor = one(OfficialAccount, platform="nextdoor")
    return [
        "/desk/private-messages/",
        f"/desk/private-messages/{one(OfficialAccount, handle='wealdshire-police')}/",
        f"/desk/by-hand/{nextdoor}/",
        f"/desk/looked-over/{one(DipSample)}/",
        f"/desk/surges/{one(Surge)}/",
        "/desk/paper-log/",
        "/desk/paper-log/import/",
        "/register/continuity/contacts/",
        "/register/continuity/exercise/",
    ]


def of_requests(cast) -> list[str]:
    item = FoundItem.objects.filter(decision="").earliest("pk")
    of = f"/retention/requests/{item.request_id}/"
    return [
        of,
        f"{of}records/",
        f"{of}records/{item.pk}/",
        f"/retention/requests/{one(RightsRequest, state='put')}/",
        f"/retention/requests/{one(RightsRequest, stopped='identity')}/",
        f"/retention/requests/{one(RightsRequest, state='closed')}/",
    ]


PAGES: dict[str, Callable] = {
    "graham_ellis": of_requests,
    "ben_osei": of_the_register,
    "leah_brandt": of_publishing,
    "sergeant_okafor": of_the_desk,
}


@pytest.mark.parametrize("person", PAGES)
def test_no_page_behind_the_first_ones_has_a_violation(person, browser_of, filled):
    page = browser_of(filled.people[person])
    for path in PAGES[person](filled.people):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check_both_looks(page)


def of_figures(force) -> dict[str, list[str]]:
    """Every page of figures, areas, rumours and reports with something on it."""
    cry = comments.write(force.accounts["wealdshire-police"], "Goodbye to all of you")
    comments.escalate(cry, force.people["amira_hussain"])
    case = cases.open_for_comment(actor=System("cases"), comment=cry)
    helen, nair = force.people["helen_achebe"], force.people["pc_nair"]
    harrowfield = force.neighbourhoods["Harrowfield"]
    for kind in (Kind.MONTHLY, Kind.YEARLY, Kind.DAILY):
        reports.make_now(actor=helen, kind=kind, day=clock.today())
    weekly = reports.make_now(actor=nair, kind=Kind.WEEKLY, day=clock.today(), place=harrowfield)
    incident = reports.make_of_case(
        actor=force.people["inspector_calder"], case=case, lessons="Ring earlier."
    )
    rumoured = [f"/insights/rumours/{pk}/" for pk in Rumour.objects.values_list("pk", flat=True)]
    assert len(rumoured) > 1
    run = start_run(actor=System("trainer"), scenario=scenarios.named("quayside-attack"), speed=FASTEST)
    while advance_runs():
        pass
    month = "span=custom&first=2026-01-01&last=2026-03-31"
    return {
        "helen_achebe": [
            "/insights/figures/communications/?span=month",
            "/insights/figures/scrutiny/?span=month",
            f"/insights/figures/communications/?{month}",
            "/insights/reports/",
            "/insights/reports/receivers/",
            *(
                f"/insights/reports/{pk}/"
                for pk in Report.objects.exclude(kind__in=[Kind.WEEKLY, Kind.INCIDENT]).values_list(
                    "pk", flat=True
                )
            ),
        ],
        "sergeant_okafor": [
            "/insights/figures/desk/?span=month",
            "/insights/figures/desk/?span=today",
            "/insights/figures/command/?span=month",
            f"/insights/exercises/{run.pk}/",
            f"/insights/exercises/{run.pk}/?show=all",
            f"/insights/reports/incident/surge/{one(Surge)}/",
        ],
        "leah_brandt": [
            "/insights/rumours/?shelf=closed",
            *rumoured,
            "/insights/areas/",
            "/insights/areas/saltmere/",
            "/insights/map/?layer=disorder&public=yes",
            "/insights/map/?layer=concerns",
            "/insights/map/?layer=tips",
        ],
        "pc_nair": [
            "/insights/areas/harrowfield/",
            "/insights/figures/neighbourhood/?span=month",
            f"/insights/reports/{weekly.pk}/",
        ],
        "inspector_calder": [
            rumoured[0],
            f"/insights/reports/incident/case/{case.pk}/",
            f"/insights/reports/{incident.pk}/",
        ],
        "graham_ellis": ["/insights/requests/?months=36"],
        "joan_pritchard": ["/insights/alerts/rules/"],
        "victoria_lang": ["/insights/costs/"],
    }


def test_no_page_of_figures_rumours_and_reports_has_a_violation(browser_of, filled):
    for part in (appeals, standing, rumours, briefs):
        part.make(filled)
    for person, paths in of_figures(filled).items():
        page = browser_of(filled.people[person])
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            check_both_looks(page)


def test_a_paper_log_that_is_tried_and_one_that_is_refused_have_no_violation(browser_of, filled):
    page = browser_of(filled.people["amira_hussain"])
    for lines in (
        "direction,official_account,at,words\nin,exercise:wealdshire-police,28/11/2026 14:20,Is the bridge open?\n",
        "direction,official_account,at,words\nsideways,nobody,yesterday,\n",
    ):
        page.goto("/desk/paper-log/import/")
        page.get_by_label("Or type the lines here").fill(lines)
        page.get_by_role("button", name="Try it").click()
        check_both_looks(page)


def test_a_platform_that_is_down_is_said_everywhere_with_its_plan_one_click_away(
    browser_of, wealdshire, sergeant_okafor, leah_brandt
):
    # When Daniel says on the plan that the network is down
    daniel = browser_of(sergeant_okafor)
    daniel.goto("/register/continuity/exercise/")
    daniel.get_by_label("What you see").fill("Neither the app nor the website loads")
    daniel.get_by_role("button", name="Say that it is down").click()
    check_both_looks(daniel)

    # Then Leah reads it where she writes, and the plan is one click away
    leah = browser_of(leah_brandt)
    for path in ("/publishing/compose/", "/publishing/field/", "/publishing/outbox/"):
        leah.goto(path)
        expect(leah.get_by_label("Platform down")).to_contain_text("Said by Sgt Daniel Okafor")
        check_both_looks(leah)
    leah.get_by_label("Platform down").get_by_role("link", name="The plan").click()
    expect(leah.get_by_role("heading", level=1)).to_have_text("If Exercise network is gone")

    # And it is gone when he says so
    daniel.get_by_label("What you see").fill("It loads again")
    daniel.get_by_role("button", name="Say that it is back").click()
    leah.goto("/publishing/compose/")
    expect(leah.get_by_label("Platform down")).to_have_count(0)


def test_whoever_asks_why_a_comment_is_hidden_meets_no_violation(
    new_page, wealdshire, force_account, amira_hussain
):
    # Given a comment that was hidden
    reference.make()
    hidden = comments.write(force_account, "You are all useless clowns")
    Comment.objects.filter(pk=hidden.pk).update(url="https://exercise.example/p/77")
    decision = deciding.hide(
        actor=amira_hussain, comment=hidden, revision_number=1, clause=Clause.objects.get(slug="abuse")
    )
    DeskDecision.objects.filter(pk=decision.pk).update(outcome_noted=True)
    Comment.objects.filter(pk=hidden.pk).update(hidden_at=clock.now())

    # When its author asks, first with something that is no link
    page = new_page()
    page.goto("/public/why-hidden/")
    page.get_by_role("button", name="Ask").click()
    check_both_looks(page)
    page.locator("form input[name=link]").fill("https://exercise.example/p/77")
    page.get_by_role("button", name="Ask").click()

    # Then the page with the code, the answer once the handle is proved, and the second look have none
    page.wait_for_url("**/why-hidden/*/")
    check_both_looks(page)
    page.get_by_role("button", name="I have sent it").click()
    check_both_looks(page)
    inquiry = Inquiry.objects.get()
    comments.write(force_account, inquiry.code, by=hidden.commenter.external_id)
    page.get_by_role("button", name="I have sent it").click()
    check_both_looks(page)
    page.get_by_role("button", name="Ask for a second look").click()
    check_both_looks(page)
