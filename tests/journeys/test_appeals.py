"""Every page of a public appeal, for staff and for the public, with axe and on a phone."""

from __future__ import annotations

import pytest

from moderation.models import Tip
from publishing.models import Appeal
from smmp.seed import appeals as appeals_seed
from smmp.seed import outbox
from smmp.seed import register as register_seed
from tests.browser import check_both_looks

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.more]


def test_no_page_of_an_appeal_has_a_violation(
    browser_of, new_page, served, wealdshire, settings, leah_brandt, helen_achebe, amira_hussain
):
    settings.DEMO = True
    outbox.make(wealdshire)
    register_seed.make(wealdshire)
    appeals_seed.make(wealdshire)
    live, due, gone = (Appeal.objects.get(state=state) for state in ("live", "under_review", "verified"))
    tip = Tip.objects.filter(contact__isnull=False).get()
    looks = {
        leah_brandt: [f"/publishing/appeals/{one.pk}/" for one in (live, due, gone)]
        + [
            f"/publishing/appeals/{live.pk}/change/",
            "/publishing/appeals/",
            "/publishing/appeals/?which=over",
            "/",
        ],
        helen_achebe: ["/publishing/shown/", "/publishing/shown/?which=over"],
        amira_hussain: ["/desk/tips/", f"/desk/tips/appeals/{live.pk}/", f"/desk/tips/{tip.pk}/", "/"],
        None: [
            "/public/appeals/",
            f"/public/appeals/{live.key}/",
            f"/public/appeals/{live.key}/tell/",
            f"/public/appeals/{live.key}/told/?reference=ABCD-EFGH",
            f"/public/appeals/{gone.key}/",
        ],
    }
    for person, paths in looks.items():
        page = browser_of(person) if person is not None else new_page()
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == (410 if path == f"/public/appeals/{gone.key}/" else 200), path
            check_both_looks(page)
            page.set_viewport_size({"width": 320 if person is None else 390, "height": 640})
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{path} is {over} px too wide on a phone"
