"""Assessments and grades, decisions, people involved, and cases that belong together or apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_risk, tasks
from escalation.actions import cases, risk, together
from escalation.models import Assessment, Case, CaseComment, Grade, Involved, Pathway
from moderation.actions import assessing
from notices.models import Notice
from staff.models import LastSeen
from tests import comments


@pytest.fixture
def case(force_account, amira_hussain):
    comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    return Case.objects.get()


def grade(slug):
    return Grade.objects.get(slug=slug)


def assess(person, case, slug, **given):
    usual = {"answers": {"threat": "Says goodbye"}, "rationale": "Alone and near water"}
    return risk.assess(actor=person, case=case, grade=grade(slug), **usual | given)


def another(account, person, text="Somebody else entirely", by="kim", category="suicide_self_harm"):
    comments.escalate(comments.write(account, text, by=by), person, category)
    tasks.open_cases()
    return Case.objects.latest("number")


def test_an_assessment_is_signed_dated_and_repeated(client, case, amira_hussain, inspector_calder):
    client.force_login(amira_hussain)
    address = reverse("escalation:assess", args=[case.pk])
    page = client.get(address).content.decode()
    assert "Who cannot protect themselves" in page
    assert "Code of Ethics" in page
    given = {"threat": "Says goodbye", "grade": grade("immediate").pk, "rationale": "Near water"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert "Name the force incident manager" in refused.content.decode()
    assert "Near water" in refused.content.decode()
    assert client.post(address, {**given, "threat": "", "incident_manager": "Insp Marlow"}).status_code == 422
    assert client.post(address, {**given, "incident_manager": "Insp Max Marlow"}).status_code == 302
    case.refresh_from_db()
    assert case.grade == grade("immediate")
    cases.acknowledge(actor=inspector_calder, case=case)
    second = assess(inspector_calder, case, "immediate", incident_manager="Insp Max Marlow")
    assert case.assessments.count() == 2
    case.refresh_from_db()
    assert (case.act_by, second.lowered) == (None, False)
    shown = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "Alone and near water" in shown
    assert "Force incident manager: Insp Max Marlow" in shown
    assert Entry.objects.filter(event="case.assessed").count() == 2


def test_the_desks_thrive_stands_in_the_case_and_is_carried_over(
    client, force_account, amira_hussain, tom_beckett, inspector_calder
):
    comment = comments.write(force_account, "I cannot go on")
    assessing.assess(
        actor=amira_hussain,
        comment=comment,
        revision_number=1,
        said={"threat": "Says goodbye", "risk": "Tonight"},
    )
    comments.escalate(comment, amira_hussain, "suicide_self_harm")
    tasks.open_cases()
    case = Case.objects.get()
    assessing.assess(actor=tom_beckett, comment=comment, revision_number=1, said={"risk": "Within the hour"})
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert page.index("Within the hour") < page.index("Tonight")
    assert f"Amira Hussain, on comment {comment.pk}" in page
    latest, first = queries_risk.desk_assessments(case)
    assert latest.by == tom_beckett
    assert first.answers == {"threat": "Says goodbye", "risk": "Tonight"}
    address = reverse("escalation:assess", args=[case.pk])
    begun = client.get(f"{address}?desk={first.pk}").content.decode()
    assert "Says goodbye" in begun
    assert "THRIVE by <b>Amira Hussain</b>" in begun
    given = {"desk": first.pk, "threat": "Says goodbye", "risk": "Tonight", "rationale": "As the desk found"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert f'value="{first.pk}"' in refused.content.decode()
    given["grade"] = grade("priority").pk
    assert client.post(address, given).status_code == 302
    signed = case.assessments.get()
    assert (signed.by, signed.answers) == (inspector_calder, first.answers)
    assert "Carried over from the desk’s THRIVE by Amira Hussain" in case.log.get(event="assessed").text
    assert Entry.objects.get(event="case.assessed").details["carried_from_comment"] == comment.pk
    both = client.get(f"{address}?desk={latest.pk}").content.decode()
    assert "Tonight\nWithin the hour" in both
    assert client.get(f"{address}?desk=0.7x").status_code == 404


def test_lowering_a_grade_needs_a_supervisor_or_is_looked_at_the_next_day(
    client, case, amira_hussain, sergeant_okafor, tom_beckett
):
    assess(amira_hussain, case, "priority")
    with pytest.raises(NotValid, match="Say why the grade changes"):
        assess(amira_hussain, case, "scheduled")
    seen = LastSeen.objects.create(member=sergeant_okafor, at=clock.now())
    with pytest.raises(NotPermitted, match="Sgt Daniel Okafor is on shift"):
        assess(amira_hussain, case, "scheduled", why_changed="Found at home")
    seen.at = clock.now() - timedelta(hours=9)
    seen.save()
    lowered = assess(amira_hussain, case, "scheduled", why_changed="Found at home")
    assert (lowered.agreed_by, lowered.review_on) == (None, clock.today() + timedelta(days=1))
    case.refresh_from_db()
    assert case.grade == grade("scheduled")
    assert list(queries_risk.reviews_due(sergeant_okafor)) == [lowered]
    client.force_login(sergeant_okafor)
    assert "Grades lowered with no supervisor" in client.get(reverse("escalation:cases")).content.decode()
    address = reverse("escalation:review", args=[lowered.pk])
    assert client.post(address, {"says": ""}).status_code == 422
    assert client.post(address, {"says": "Right: she was seen"}).status_code == 302
    assert client.post(address, {"says": "Again"}).status_code == 409
    assert not queries_risk.reviews_due(sergeant_okafor).exists()
    own = assess(sergeant_okafor, case, "no_attendance", why_changed="Safe with her mother")
    assert (own.agreed_by, own.review_on) == (sergeant_okafor, None)
    with pytest.raises(NotPermitted):
        risk.review_lowered(actor=tom_beckett, assessment=own, says="Mine")
    assert Assessment.objects.filter(lowered=True).count() == 2


def test_decisions_people_and_place_stand_in_the_case(client, case, amira_hussain, pc_nair):
    client.force_login(amira_hussain)

    def post(route, **data):
        return client.post(reverse(f"escalation:{route}", args=[case.pk]), data).status_code

    assert post("decide", what="Ring her mother", why="") == 422
    assert post("decide", what="Ring her mother", why="She knows where she goes") == 302
    assert "Because: She knows where she goes" in case.log.get(event="decided").text
    assert post("person", name="The author", category="victim") == 422
    assert post("person", name="The author", category="murderer", facts="Wrote it") == 422
    given = {"name": "The author", "category": "not_known", "facts": "Wrote it at 3", "assessment": "Alone"}
    assert post("person", **given) == 302
    first = Involved.objects.get()
    assert post("person", **{**given, "category": "victim", "facts": "Is 17", "replaces": first.pk}) == 302
    assert post("person", **{**given, "replaces": first.pk}) == 409
    assert post("person", **{**given, "replaces": 10**9}) == 404
    assert [one.category for one in queries_risk.people(case)] == ["victim"]
    assert case.people.count() == 2
    assert post("place", place="Saltmere viaduct") == 302
    assert post("record", item="Not asked", text="x") == 422
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "Victim, or may be one" in page
    assert "Saltmere viaduct" in page
    with pytest.raises(NotPermitted):
        risk.decide(actor=pc_nair, case=case, what="x", why="y")
    assert Entry.objects.filter(event="case.person_noted").count() == 2


def test_related_cases_are_offered_and_never_joined(
    case, force_account, saltmere_account, amira_hussain, inspector_calder
):
    author = another(
        force_account, amira_hussain, "she has not come home", by="jordan.p", category="missing_person"
    )
    words = "Meet at the bridge at nine tonight and bring what you have"
    one = another(force_account, amira_hussain, words, by="a")
    two = another(saltmere_account, amira_hussain, words.upper() + "!", by="b")
    cases.acknowledge(actor=inspector_calder, case=one)
    risk.set_place(actor=amira_hussain, case=one, place="Saltmere viaduct")
    risk.set_place(actor=amira_hussain, case=case, place="saltmere viaduct")
    case.refresh_from_db()
    assert {(r.case, r.why) for r in queries_risk.related(amira_hussain, case)} == {
        (author, ("the same commenter",)),
        (one, ("the same place",)),
    }
    assert [(r.case, r.why) for r in queries_risk.related(amira_hussain, two)] == [
        (one, ("nearly the same words",))
    ]
    together.link(actor=amira_hussain, case=case, other=one, why="The same bridge")
    assert one not in [r.case for r in queries_risk.related(amira_hussain, case)]
    with pytest.raises(NotValid, match="tied already"):
        together.link(actor=amira_hussain, case=one, other=case, why="Again")
    with pytest.raises(NotValid):
        together.link(actor=amira_hussain, case=case, other=case, why="Itself")


def test_merging_silences_nobody(
    client, case, force_account, saltmere_account, amira_hussain, inspector_calder, superintendent_price
):
    other = another(force_account, amira_hussain)
    with pytest.raises(NotPermitted):
        together.merge(actor=amira_hussain, case=other, into=case, why="One person")
    cases.acknowledge(actor=inspector_calder, case=case)
    Case.objects.filter(pk=case.pk).update(priority=3)
    with pytest.raises(NotValid, match="is more urgent than"):
        together.merge(actor=superintendent_price, case=other, into=case, why="One person")
    Case.objects.filter(pk=case.pk).update(priority=1)
    worst = Grade.objects.order_by("position").first()
    Case.objects.filter(pk=other.pk).update(grade=worst, place="Saltmere viaduct")
    client.force_login(superintendent_price)
    address = reverse("escalation:tie", args=[other.pk])
    for wrong in ("W-1", "nonsense", ""):
        assert client.post(address, {"other": wrong, "how": "merge", "why": "One"}).status_code == 422
    assert (
        client.post(address, {"other": case.reference, "how": "merge", "why": "One person"}).status_code
        == 302
    )
    other.refresh_from_db()
    case.refresh_from_db()
    assert (other.state, other.merged_into, case.state) == ("closed", case, "acknowledged")
    assert case.evidence.count() == 2
    assert (case.grade, case.place) == (worst, "Saltmere viaduct")
    assert f"Its grade counts here: “{worst}”" in case.log.get(event="merged").text
    assert Notice.objects.filter(to=inspector_calder, title__contains="was merged into it").exists()
    assert case.reference in client.get(reverse("escalation:case", args=[other.pk])).content.decode()
    with pytest.raises(TransitionNotAllowed):
        together.merge(actor=superintendent_price, case=other, into=case, why="Twice")
    elsewhere = another(saltmere_account, amira_hussain, by="lee")
    with pytest.raises(NotValid, match="different official accounts"):
        together.merge(actor=superintendent_price, case=elsewhere, into=case, why="One person")
    # Reopened, it calls by itself again.
    cases.reopen(actor=amira_hussain, case=other, why="Another person after all")
    other.refresh_from_db()
    assert (other.state, other.merged_into) == ("waiting", None)


def test_splitting_opens_a_case_of_its_own_that_calls(client, case, force_account, amira_hussain):
    more = comments.write(force_account, "They took my bag", by="kim", at=clock.now() - timedelta(hours=5))
    cases.add_comment(actor=amira_hussain, case=case, comment=more)
    piece = CaseComment.objects.get(comment=more)
    client.force_login(amira_hussain)
    address = reverse("escalation:split", args=[case.pk])
    given = {
        "pathway": Pathway.objects.get(slug="crime_report").pk,
        "title": "Theft, Saltmere",
        "why": "Another matter",
    }
    everything = list(case.evidence.values_list("pk", flat=True))
    assert client.post(address, {**given, "evidence": everything}).status_code == 422
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "evidence": [piece.pk]}).status_code == 302
    part = Case.objects.latest("number")
    assert [link.comment for link in part.evidence.all()] == [more]
    assert (part.pathway.slug, part.state, part.call_outs.exists()) == ("crime_report", "waiting", True)
    # The force was told when they wrote, not when somebody saw that it is another matter.
    assert (part.first_told_at, part.due_at) == (more.posted_at, more.posted_at + timedelta(hours=24))
    assert case.evidence.count() == 1


def test_a_case_whose_comment_is_long_gone_still_shows_what_was_kept(client, case, amira_hussain):
    comment = case.evidence.get().comment
    comment.text, comment.removed_at, comment.removed_by = "", clock.now(), "author"
    comment.save()
    client.force_login(amira_hussain)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "I can&#x27;t do this any more" in page
    assert "removed on the platform since" in page
