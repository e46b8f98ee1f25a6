"""The force's own grades: edited in the browser, while what was signed keeps its name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import Entry
from core.errors import NotPermitted
from escalation import queries_risk, tasks
from escalation.actions import grades, risk
from escalation.models import Case, Grade
from tests import comments


def scheme():
    return [(one.name, one.active) for one in Grade.objects.order_by("position")]


def test_the_scheme_is_edited_in_the_browser(client, inspector_calder, amira_hussain):
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:grades")).content.decode()
    assert "Grade 5: No attendance" in page
    add = reverse("escalation:add_grade")
    own = {
        "name": "Significant",
        "target": "Within an hour",
        "place": "2",
        "active": "on",
        "source": "Our policy",
    }
    assert client.post(add, {**own, "name": "grade 2: priority"}).status_code == 422
    assert client.post(add, own).status_code == 302
    assert [name for name, _ in scheme()][:3] == ["Grade 1: Immediate", "Significant", "Grade 2: Priority"]
    made = Grade.objects.get(name="Significant")
    address = reverse("escalation:grade", args=[made.pk])
    assert "after “Grade 1: Immediate”" in client.get(address).content.decode()
    assert client.post(address, {**own, "place": "6"}).status_code == 302
    assert scheme()[-1] == ("Significant", True)
    first = Grade.objects.get(slug="immediate")
    gone = client.post(
        reverse("escalation:grade", args=[first.pk]), {"name": first.name, "place": "1", "active": "on"}
    )
    assert "One grade in use has to be immediate" in gone.content.decode()
    assert [one.position for one in Grade.objects.order_by("position")] == list(range(1, 7))
    assert Entry.objects.filter(event="grade.saved").count() == 2
    client.force_login(amira_hussain)
    assert client.get(reverse("escalation:grades")).status_code == 200
    assert client.get(add).status_code == 403
    with pytest.raises(NotPermitted):
        grades.save_grade(actor=amira_hussain, grade=None, name="Mine")


def test_what_an_assessment_was_signed_with_keeps_its_name(force_account, amira_hussain, inspector_calder):
    comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    case = Case.objects.get()
    priority = Grade.objects.get(slug="priority")
    risk.assess(
        actor=amira_hussain, case=case, grade=priority, answers={"threat": "None"}, rationale="May be hurt"
    )
    renamed = grades.save_grade(
        actor=inspector_calder, grade=priority, name="Significant", target="Within an hour", place=2
    )
    priority.refresh_from_db()
    assert (renamed.pk != priority.pk, priority.active, priority.name) == (True, False, "Grade 2: Priority")
    assert str(case.assessments.get().grade) == "Grade 2: Priority"
    assert [one.name for one in queries_risk.grades()][:2] == ["Grade 1: Immediate", "Significant"]
    case.refresh_from_db()
    risk.assess(
        actor=amira_hussain,
        case=case,
        grade=renamed,
        answers={"threat": "None"},
        rationale="The same",
        why_changed="New scheme",
    )
    assert not case.assessments.first().lowered
    target = grades.save_grade(
        actor=inspector_calder, grade=renamed, name="Significant", target="Within 30 min", place=2
    )
    assert target.pk == renamed.pk
