"""Queries whose SQL is made once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant
from core import clock, prepared
from core.prepared import Prepared, PreparedObjects
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


def _by_id(*, pk: int):
    return StaffMember.objects.filter(pk=pk).order_by()


def _names_kept() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'smmp%'")
        return {name for (name,) in cursor.fetchall()}


def test_a_query_asked_again_answers_the_same_from_a_plan_that_is_kept(wealdshire, django_assert_num_queries):
    asked = Prepared(_called)
    person = StaffMember.objects.first()
    given = {"name": person.name, "since": person.joined_at, "active": True}
    prepared._plans.pop(connection.connection, None)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with django_assert_num_queries(4):
        answers = [asked.first(**given) for _ in range(4)]
    assert set(answers) == {(person.pk, person.email)}
    assert _names_kept() == set(prepared._plans[connection.connection])
    assert len(_names_kept()) == 1
    hostile = {"name": "'); DROP TABLE staff_staffmember; --", "since": person.joined_at, "active": True}
    assert asked.first(**hostile) is None


def test_instances_come_with_what_is_joined(wealdshire, django_assert_num_queries):
    asked = PreparedObjects(lambda *, pk: Grant.objects.select_related("given_by").filter(pk=pk).order_by())
    for grant in Grant.objects.exclude(given_by=None)[:3]:
        with django_assert_num_queries(1):
            found = asked.one(pk=grant.pk)
            assert found.given_by.name
        assert found.given_by == grant.given_by
    with pytest.raises(Grant.DoesNotExist):
        asked.one(pk=0)


def test_the_plan_unused_for_longest_makes_room_and_is_made_again(wealdshire, monkeypatch):
    monkeypatch.setattr("core.prepared.MOST_PLANS", 2)
    people = StaffMember.objects.order_by("pk")
    prepared._plans.pop(connection.connection, None)
    asked = [
        Prepared(lambda *, pk, last=last: people.filter(pk=pk).values_list(*last).order_by())
        for last in (["pk"], ["pk", "name"], ["pk", "email"])
    ]
    pk = people[0].pk
    for _ in range(3):
        for one in asked:
            assert one.first(pk=pk)[0] == pk
    assert len(prepared._plans[connection.connection]) == 2


def test_a_plan_outlives_a_rollback(wealdshire):
    asked = Prepared(_by_id_values)
    pk = StaffMember.objects.first().pk
    for _ in range(2):
        with transaction.atomic():
            assert asked.first(pk=pk) == (pk,)
            transaction.set_rollback(True)
    assert asked.first(pk=pk) == (pk,)


def _by_id_values(*, pk: int):
    return _by_id(pk=pk).values_list("pk")
