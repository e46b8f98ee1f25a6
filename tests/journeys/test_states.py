"""axe on one record of each kind in each state: conversations, cases, referrals, reports, pathways, rotas; hostile words in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Neighbourhood
from core import clock
from escalation import tasks
from escalation.actions import cases
from escalation.models import Case, IntelligenceReport, Pathway, Rota
from moderation.actions import approving, desk
from moderation.actions import surges as surging
from moderation.models import Clause, Comment
from moderation.queries import teams_for
from smmp.seed import intelligence, oncall, queue, reference, referrals
from tests import comments
from tests.browser import check_both_looks
from tests.moderation.comments import a_comment, a_commenter, edited

pytestmark = pytest.mark.more

HOSTILE = (
    '\u202eevil\u202c <script>alert(1)</script> <b>bold</b> =HYPERLINK("https://far.example") '
    + "z\u0300\u0301\u0302\u0303\u0334\u0335\u0336" * 40
    + " W" * 20
    + "unbroken" * 1200
)
"""Turned round, marked up, a formula, letters that climb out of their line, and 10,000 letters without a blank."""


def look_at(page, paths, *, narrow=True):
    """Each answers, has no violation in two looks, and is no wider than a phone of 320 px."""
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check_both_looks(page)
        if narrow:
            page.set_viewport_size({"width": 320, "height": 640})
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{path} is {over} px too wide at 320 px"


def conversations(account, amira, tom) -> dict[str, Comment]:
    """One in each state that a conversation has."""
    now = clock.now()
    clause = Clause.objects.filter(sensitive=False).first()
    found = {
        what: a_comment(account, f"This one is {what}", priority=2)
        for what in ("claimed", "hidden", "removed", "held", "handed", "decided", "escalated", "asked")
    }
    found["hostile"] = a_comment(
        account, HOSTILE, commenter=a_commenter("\u202eR\u0300\u0301T\u202c" + "L" * 60)
    )
    found["private"] = a_comment(account, "Only for you", private=True)
    found["edited"] = edited(a_comment(account, "The first words"), "Other words")
    found["broken"] = a_comment(account, "Unread by triage", triage_broken=True)
    found["Arabic"] = a_comment(account, "\u0645\u0631\u062d\u0628\u0627 123", language="ar")
    desk.claim(actor=tom, comment=found["claimed"])
    desk.hide(actor=amira, comment=found["hidden"], revision_number=1, clause=clause)
    desk.no_action(actor=amira, comment=found["decided"], revision_number=1, why="Nothing in it")
    Comment.objects.filter(pk=found["removed"].pk).update(removed_at=now, removed_by="author")
    Comment.objects.filter(pk=found["held"].pk).update(held_why="likely spam", hidden_at=now)
    desk.hand_over(
        actor=amira,
        comment=found["handed"],
        revision_number=1,
        team=teams_for(found["handed"])[0],
        why="Yours",
    )
    desk.escalate(
        actor=amira, comment=found["escalated"], revision_number=1, category="missing_person", why="Gone"
    )
    approving.ask(actor=amira, comment=found["asked"], revision_number=1, text="It is open again.")
    return found


def test_a_conversation_in_each_state_has_no_violation(
    browser_of, served, wealdshire, force_account, amira_hussain, tom_beckett, sergeant_okafor
):
    reference.make()
    found = conversations(force_account, amira_hussain, tom_beckett)
    paths = [f"/desk/comments/{comment.pk}/" for comment in found.values()]
    look_at(browser_of(amira_hussain), ["/desk/?queue=open", "/desk/?queue=mine", *paths])
    supervisor = [f"/desk/comments/{found[what].pk}/" for what in ("claimed", "asked", "hostile")]
    look_at(browser_of(sergeant_okafor), supervisor)
    surge = surging.start(actor=sergeant_okafor, account=force_account, why=HOSTILE[:200])
    look_at(browser_of(sergeant_okafor), [f"/desk/surges/{surge.pk}/"])


def test_what_is_set_about_the_desk_has_no_violation(
    browser_of, served, wealdshire, sergeant_okafor, inspector_calder, ben_osei
):
    for part in (reference, queue, oncall):
        part.make(*([] if part is reference else [wealdshire]))
    places = f"/desk/places/{Neighbourhood.objects.first().pk}/"
    look_at(browser_of(ben_osei), ["/desk/places/", places, "/desk/guard/"])
    pathway = Pathway.objects.first()
    rota = Rota.objects.get(name="Duty command")
    look_at(
        browser_of(inspector_calder),
        [
            "/cases/pathways/",
            f"/cases/pathways/{pathway.pk}/",
            f"/cases/pathways/{pathway.pk}/draft/",
            "/cases/rotas/",
            f"/cases/rotas/{rota.pk}/",
            "/cases/grades/",
        ],
    )
    look_at(
        browser_of(sergeant_okafor),
        ["/cases/drills/", "/desk/triage/try/", "/desk/triage/versions/", "/desk/triage/"],
    )


def test_a_case_a_referral_and_a_report_in_each_state_have_no_violation(
    browser_of,
    served,
    wealdshire,
    force_account,
    amira_hussain,
    sergeant_okafor,
    sergeant_mayhew,
    inspector_kerr,
    inspector_calder,
):
    reference.make()
    for part in (oncall, referrals, intelligence):
        part.make(wealdshire)
    for by, words in (("kit.r", HOSTILE), ("sam.d", "They said goodbye"), ("ana.t", "Goodbye")):
        comments.escalate(
            comments.write(force_account, words, by=by, at=clock.now() - timedelta(minutes=3)), amira_hussain
        )
    tasks.open_cases()
    _, held, over = Case.objects.filter(state="waiting").order_by("pk")
    cases.acknowledge(actor=inspector_calder, case=held)
    cases.acknowledge(actor=inspector_calder, case=over)
    cases.add_log_entry(actor=inspector_calder, case=over, text="Found safe")
    kinds = Case.objects.order_by("state", "-pk").distinct("state").values_list("pk", flat=True)
    assert len(kinds) >= 3
    look_at(browser_of(inspector_calder), ["/cases/", "/cases/board/", *(f"/cases/{pk}/" for pk in kinds)])

    for person in (amira_hussain, inspector_kerr):
        page = browser_of(person)
        page.goto("/cases/referrals/")
        hers = page.eval_on_selector_all(
            "main a.big", "links => links.map(one => new URL(one.href).pathname)"
        )
        assert hers
        look_at(page, ["/cases/referrals/", *hers])
    reports = IntelligenceReport.objects.order_by("state", "pk").distinct("state")
    assert reports
    numbers = list(reports.values_list("pk", flat=True))
    look_at(
        browser_of(sergeant_mayhew),
        ["/cases/intelligence/", *(f"/cases/intelligence/{pk}/" for pk in numbers)],
    )
