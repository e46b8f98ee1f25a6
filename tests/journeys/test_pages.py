"""axe on every page that somebody opens from their own menu, with work on it, on a phone at night or a wide screen by day.

make test-more looks at each in both.
"""

from __future__ import annotations

import time

import pytest

from accounts import governance
from accounts.models import Hook, Impostor, Mandate, OfficialAccount, PolicyPage, ServiceIdentity
from accounts.queries import may
from exercise.models import Profile
from insights.actions import rollups
from insights.models import Report, ScorecardMeeting
from moderation.models import Comment
from publishing.models import Incident
from smmp.models import Import
from smmp.seed import briefs, moving, programs, reference, register, standing
from staff.models import StaffMember
from staff.roles import Power
from tests.browser import check_both_looks, check_one_look

PAGES = {
    "sergeant_okafor": [
        "/",
        "/desk/",
        "/cases/",
        "/publishing/",
        "/publishing/outbox/",
        "/publishing/lockdown/",
        "/publishing/lockdown/history/",
        "/publishing/lockdown/kept-back/",
        "/exercise/control/",
        "/exercise/scenarios/?copy=market-street",
        "/exercise/scenarios/format/",
        "/exercise/scenarios/silent-saturday/",
        "/exercise/scenarios/silent-saturday/preview/?minute=30",
        "/notices/",
        "/profile/",
        "/desk/search/?q=road",
        "/desk/narrow/?queue=open",
        "/desk/views/",
        "/desk/acts/",
        "/desk/blocks/",
        "/desk/replies/",
        "/desk/replies/new/",
        "/desk/second-looks/",
        "/desk/surges/",
        "/desk/looked-over/",
        "/desk/welfare/",
        "/desk/look-ups/",
        "/desk/triage/",
        "/desk/triage/examples/",
        "/desk/triage/examples/suicide_self_harm/",
        "/desk/triage/versions/",
        "/desk/triage/record/",
        "/desk/guidelines/",
        "/desk/set-aside/",
        "/cases/alerts/",
        "/cases/handover/",
        "/public/why-hidden/",
        "/public/why-hidden/figures/",
        "/desk/tips/",
    ],
    "amira_hussain": [
        "/desk/?queue=open",
        "/desk/feedback/",
        "/cases/alerts/",
    ],
    "leah_brandt": [
        "/",
        "/publishing/compose/",
        "/publishing/calendar/",
        "/publishing/field/",
        "/register/",
        "/publishing/incidents/",
        "/moving/",
        "/publishing/appeals/",
        "/publishing/appeals/new/",
        "/publishing/shown/",
        "/publishing/campaigns/",
        "/publishing/campaigns/plan/log/",
        "/publishing/you-said/",
        "/publishing/you-said/new/",
        "/publishing/beside-us/",
        "/publishing/beside-us/new/",
        "/insights/rumours/",
        "/insights/rumours/new/",
        "/insights/areas/",
        "/insights/areas/harrowfield/",
        "/insights/map/",
    ],
    "helen_achebe": [
        "/publishing/approvals/",
        "/publishing/approvals/afterwards/",
        "/publishing/approvals/expired/",
        "/publishing/approvals/cover/",
        "/insights/reports/",
        "/insights/reports/receivers/",
    ],
    "pc_nair": [
        "/",
        "/desk/",
    ],
    "inspector_calder": [
        "/",
        "/cases/",
    ],
    "joan_pritchard": [
        "/",
        "/audit/",
        "/audit/seal/",
        "/audit/export/",
        "/audit/assignments/",
        "/insights/alerts/",
    ],
    "inspector_kerr": [
        "/",
        "/register/conduct/",
        "/register/conduct/new/",
    ],
    "graham_ellis": [
        "/",
        "/retention/",
        "/retention/holds/",
        "/retention/disposals/",
        "/retention/changes/",
        "/retention/proposals/",
        "/retention/reviews/",
        "/retention/restricted/",
        "/retention/transfers/",
        "/retention/archive/",
        "/papers/",
        "/papers/dpia/",
        "/retention/holds/place/",
        "/retention/restricted/add/",
        "/retention/transfers/add/",
        "/retention/requests/",
        "/retention/requests/take-in/",
        "/insights/requests/",
    ],
    "ben_osei": [
        "/",
        "/register/",
        "/register/grants/",
        "/register/staff/",
        "/register/powers/",
        "/publishing/checks/",
        "/publishing/approvals/steps/",
        "/register/neighbourhoods/",
        "/register/teams/",
        "/register/departures/",
        "/register/review/",
        "/register/requests/",
        "/register/emergency/",
        "/register/staff/directory/",
        "/register/staff/lists/",
        "/devices/",
        "/moving/",
        "/moving/side-by-side/",
    ],
}


@pytest.mark.parametrize("person", PAGES)
def test_no_page_has_a_violation(person, browser_of, at_work, work, public, our_post):
    public("Is the road open yet? My mum is stuck on the bus 😬 <b>please</b> answer", under=our_post)
    public(
        "\u202eevil\u202c z\u0300\u0301\u0302\u0303a\u0334\u0335lgo", handle="rtl", name="RTL", under=our_post
    )
    assert Profile.objects.filter(handle="mo_k").exists()
    deadline = time.monotonic() + 60
    while Comment.objects.exclude(triage_version="").count() < 2:
        assert time.monotonic() < deadline, "the comments did not arrive"
        time.sleep(0.2)
    work.end()
    page = browser_of(at_work.people[person])
    for path in PAGES[person]:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check_one_look(page)


PUBLIC = [
    "/public/retention/",
    "/public/accounts/",
    "/public/accounts/?q=nothing+like+it",
    "/public/accounts/?q=Harrowfield",
    "/public/accounts/embedded/",
    "/public/accounts/check/",
    "/public/accounts/check/?account=wealdshirepo1ice",
    "/public/accounts/check/?account=wealdshirepolice",
    "/public/accounts/check/?account=someone_else",
    "/public/accounts/report/",
    "/public/accounts/reported/",
    "/public/appeals/",
    "/public/areas/harrowfield/",
    "/public/areas/cutlers-cross/",
    "/public/updates/",
    "/public/areas/saltmere/",
    "/public/areas/harrowfield/you-said/",
    "/public/accessibility/",
    "/public/privacy/",
    "/public/guidelines/",
    "/public/why-hidden/",
    "/public/why-hidden/figures/",
    "/public/figures/",
]
"""Of each kind of answer one: the accessibility statement says that a program looks at them with each change."""


@pytest.mark.parametrize("kept", [False, True], ids=["an empty register", "a register that is kept"])
def test_no_page_of_the_public_has_a_violation(kept, new_page, wealdshire):
    reference.make()
    if kept:
        register.make(wealdshire)
        moving.make(wealdshire)
    page = new_page()
    for path in PUBLIC:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check_both_looks(page)
        page.set_viewport_size({"width": 320, "height": 640})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{path} is {over} px too wide at 320 px"
    # A form that is sent carries a token against forgery; nobody is known by it.
    assert {cookie.get("name") for cookie in page.context.cookies()} <= {"csrftoken"}


REGISTER = {
    "ben_osei": [
        "/register/wanted/",
        "/register/wanted/new/",
        "/register/faults/",
        "/register/naming/",
        "/register/impostors/",
        "/register/import/",
        "/register/neighbourhoods/import/",
        "/register/hours/",
        "/register/training/",
        "/register/training/import/",
        "/register/policies/new/",
    ],
    "helen_achebe": ["/register/naming/", "/register/impostors/", "/register/faults/", "/register/wanted/"],
    "pc_nair": ["/register/policies/"],
}
STANDING = {
    "helen_achebe": [
        "/insights/scorecard/",
        "/insights/scorecard/minimums/",
        "/insights/scorecard/duties/policy.breaches/",
        "/insights/scorecard/duties/security.verification/",
        "/insights/scorecard/meetings/",
        "/insights/scorecard/meetings/new/",
        "/insights/strategy/",
        "/insights/figures/communications/",
        "/insights/figures/scrutiny/?span=month",
    ],
    "sergeant_okafor": ["/insights/figures/desk/", "/insights/figures/command/?span=today"],
    "joan_pritchard": ["/insights/scorecard/?show=gaps", "/insights/scorecard/duties/minimum.two_factor/"],
    "pc_nair": ["/insights/strategy/", "/insights/figures/neighbourhood/"],
}
OF_A_KEPT_ONE = {
    "helen_achebe": ["/insights/strategy/2/draft/", "/insights/strategy/1/"],
    "leah_brandt": [
        "/insights/strategy/2/write/",
        "/insights/strategy/2/channels/new/",
    ],
}


@pytest.mark.more
@pytest.mark.parametrize("kept", [False, True], ids=["nothing recorded", "kept for a while"])
def test_no_page_of_the_scorecard_has_a_violation(kept, browser_of, wealdshire):
    reference.make()
    if kept:
        register.make(wealdshire)
        standing.make(wealdshire)
        rollups.refresh()
    pages = {person: list(paths) for person, paths in STANDING.items()}
    if kept:
        for person, paths in OF_A_KEPT_ONE.items():
            pages.setdefault(person, []).extend(paths)
        account = OfficialAccount.objects.get(handle="wealdshirepolice")
        pages["joan_pritchard"].append(f"/register/{account.pk}/security/")
        pages["helen_achebe"].append(f"/insights/scorecard/meetings/{ScorecardMeeting.objects.get().pk}/")
        briefs.make(wealdshire)
        pages["helen_achebe"] += [
            *(f"/insights/reports/{pk}/" for pk in Report.objects.values_list("pk", flat=True)),
            "/public/figures/",
        ]
    for person, paths in pages.items():
        page = browser_of(wealdshire.people[person])
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            check_both_looks(page)


def _of_moving() -> dict[str, list[str]]:
    """What the seed keeps of imports, webhooks, proofs and incidents."""
    hooks = [f"/register/hooks/{pk}/" for pk in Hook.objects.values_list("pk", flat=True)]
    services = [
        f"/register/services/{pk}/hooks/" for pk in ServiceIdentity.objects.values_list("pk", flat=True)
    ]
    proofs = OfficialAccount.objects.filter(platform__in=["bluesky", "mastodon", "x", "facebook"])
    return {
        "ben_osei": [
            *hooks,
            *services,
            *(f"/register/{pk}/proof/" for pk in proofs.values_list("pk", flat=True)[:3]),
        ],
        "helen_achebe": [
            "/moving/",
            *(f"/moving/{pk}/" for pk in Import.objects.values_list("pk", flat=True)),
            "/publishing/incidents/",
            *(f"/publishing/incidents/{pk}/" for pk in Incident.objects.values_list("pk", flat=True)),
        ],
    }


@pytest.mark.more
def test_no_page_of_moving_webhooks_and_incidents_has_a_violation(browser_of, wealdshire):
    reference.make()
    programs.make(wealdshire)
    register.make(wealdshire)
    moving.make(wealdshire)
    for person, paths in _of_moving().items():
        assert paths
        page = browser_of(wealdshire.people[person])
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            check_both_looks(page)


@pytest.mark.parametrize(
    "kept",
    [False, pytest.param(True, marks=pytest.mark.more)],
    ids=["an empty register", "a register that is kept"],
)
def test_no_page_of_the_register_has_a_violation(kept, browser_of, wealdshire):
    reference.make()
    if kept:
        register.make(wealdshire)
    for person, paths in REGISTER.items():
        page = browser_of(wealdshire.people[person])
        for path in [*paths, *(_of_one(wealdshire.people[person]) if kept else [])]:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            check_one_look(page)


def _of_one(person: StaffMember) -> list[str]:
    """One account wanted in each state, one impostor in each, and what is recorded of an official account."""
    wanted = governance.mandates(person).values("pk")
    states = Mandate.objects.filter(pk__in=wanted).order_by("state", "id").distinct("state")
    pages = [f"/register/wanted/{pk}/" for pk in states.values_list("pk", flat=True)]
    kinds = Impostor.objects.order_by("state", "id").distinct("state").values_list("pk", flat=True)
    pages += [f"/register/impostors/{pk}/" for pk in kinds]
    if may(person, Power.MANAGE_REGISTER):
        pages += [f"/register/policies/{pk}/" for pk in PolicyPage.objects.values_list("pk", flat=True)]
        account = OfficialAccount.objects.get(handle="wealdshirepolice")
        pages += [
            f"/register/{account.pk}/",
            f"/register/{account.pk}/administrators/",
            f"/register/{account.pk}/hours/",
            f"/register/wanted/{account.mandate.pk}/particulars/",
        ]
    return pages
