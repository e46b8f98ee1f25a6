"""Queries whose SQL is made once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.prepared import Prepared
from publishing.models import Lockdown
from staff.models import StaffMember

pytestmark = pytest.mark.django_db


def _called(*, name: str, since, active: bool | None):
    people = StaffMember.objects.filter(name=name, joined_at__gte=since)
    if active is not None:
        people = people.filter(active=active)
    return people.order_by("id").values_list("pk", "email")


def test_a_prepared_query_answers_as_its_queryset_does_for_each_value(wealdshire):
    asked = Prepared(_called)
    for person in StaffMember.objects.all():
        given = {"name": person.name, "since": person.joined_at, "active": True}
        assert asked.first(**given) == _called(**given).first()
        assert asked.rows(**given) == list(_called(**given))
        assert asked.first(**given | {"since": person.joined_at + timedelta(seconds=1)}) is None
        assert asked.first(**given | {"active": None}) == _called(**given | {"active": None}).first()


def test_hostile_words_are_values_and_nothing_else(wealdshire):
    asked = Prepared(_called)
    long_ago = clock.now() - timedelta(days=40_000)
    assert asked.first(name="' OR 1=1 --", since=long_ago, active=None) is None
    assert asked.first(name="%s %(name)s", since=long_ago, active=None) is None


def test_a_query_that_can_have_no_answer_is_not_asked(wealdshire, django_assert_num_queries):
    asked = Prepared(lambda *, pks: StaffMember.objects.filter(pk__in=pks).values_list("pk"))
    with django_assert_num_queries(0):
        assert asked.first(pks=()) is None


def test_a_value_that_the_query_does_not_ask_about_is_a_mistake_of_ours(wealdshire):
    asked = Prepared(lambda *, pk, other: StaffMember.objects.filter(pk=pk).values_list("pk"))
    with pytest.raises(TypeError, match="other"):
        asked.first(pk=1, other=2)


def test_the_shapes_that_are_kept_are_bounded(wealdshire, monkeypatch):
    monkeypatch.setattr("core.prepared.MOST_SHAPES", 2)
    asked = Prepared(lambda *, pks: StaffMember.objects.filter(pk__in=pks).order_by().values_list("pk"))
    people = list(StaffMember.objects.values_list("pk", flat=True)[:4])
    for pk in people:
        assert asked.first(pks=(pk,)) == (pk,)


def test_a_locking_query_stays_one(wealdshire):
    asked = Prepared(
        lambda *, at: Lockdown.objects.select_for_update().filter(lifted_at__lte=at).values_list("pk")
    )
    with CaptureQueriesContext(connection) as queries:
        asked.first(at=clock.now())
    assert "FOR UPDATE" in queries[0]["sql"]
