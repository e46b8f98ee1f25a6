"""axe on every page that somebody opens from their own menu, with work on it, on a phone at night and on a wide screen by day."""

from __future__ import annotations

import pytest

from exercise.models import Profile
from tests.browser import check_both_looks

pytestmark = pytest.mark.xdist_group("journeys")

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
    ],
    "amira_hussain": ["/desk/?queue=open", "/desk/feedback/", "/cases/alerts/"],
    "leah_brandt": ["/", "/publishing/compose/", "/publishing/calendar/", "/publishing/field/", "/register/"],
    "helen_achebe": ["/publishing/approvals/"],
    "pc_nair": ["/", "/desk/"],
    "inspector_calder": ["/", "/cases/"],
    "joan_pritchard": [
        "/",
        "/audit/",
        "/audit/seal/",
        "/audit/export/",
        "/audit/assignments/",
        "/insights/alerts/",
    ],
    "inspector_kerr": ["/", "/register/conduct/", "/register/conduct/new/"],
    "graham_ellis": ["/", "/retention/", "/retention/holds/", "/retention/disposals/"],
    "ben_osei": [
        "/",
        "/register/",
        "/register/grants/",
        "/register/staff/",
        "/register/powers/",
        "/publishing/checks/",
        "/register/neighbourhoods/",
        "/register/teams/",
        "/register/departures/",
        "/register/review/",
        "/register/requests/",
        "/register/emergency/",
        "/register/staff/directory/",
        "/register/staff/lists/",
        "/devices/",
    ],
}


@pytest.mark.parametrize("person", PAGES)
def test_no_page_has_a_violation(person, browser_of, at_work, public, our_post):
    public("Is the road open yet? My mum is stuck on the bus 😬 <b>please</b> answer", under=our_post)
    public(
        "\u202eevil\u202c z\u0300\u0301\u0302\u0303a\u0334\u0335lgo", handle="rtl", name="RTL", under=our_post
    )
    assert Profile.objects.filter(handle="mo_k").exists()
    page = browser_of(at_work.people[person])
    for path in PAGES[person]:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check_both_looks(page)
