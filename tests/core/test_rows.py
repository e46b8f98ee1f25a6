"""Many rows in one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core import clock
from core.rows import write_objects, write_rows
from moderation.models import RawPayload
from staff.models import StaffMember, Team

pytestmark = pytest.mark.django_db


def test_rows_stand_as_given_in_their_order_with_one_value_for_all_where_that_is_so(wealdshire):
    now = clock.now()
    words = ["plain", "O'Brien \\ % %s {x}", "🚓 \u202e", ""]
    payloads = [{"a": word, "n": [1, None, True, 0.5]} for word in words]
    ids = write_rows(
        RawPayload,
        {
            "received_at": now,
            "official_account_id": 7,
            "source": "poll",
            "external_id": words,
            "digest": "d",
            "payload": payloads,
        },
        rows=len(words),
    )
    stored = RawPayload.objects.in_bulk(ids)
    assert [stored[pk].external_id for pk in ids] == words
    assert [stored[pk].payload for pk in ids] == payloads
    assert {(row.received_at, row.official_account_id, row.source) for row in stored.values()} == {
        (now, 7, "poll")
    }


def test_no_rows_ask_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert write_rows(RawPayload, {"external_id": []}, rows=0) == []
        write_objects(Team, [])


def test_objects_are_stored_with_what_the_database_gives_and_know_their_ids(wealdshire):
    teams = [Team(name=f"Team {n}") for n in range(3)]
    write_objects(Team, teams)
    assert [Team.objects.get(pk=team.pk).name for team in teams] == ["Team 0", "Team 1", "Team 2"]
    teams[0].name = "Renamed"
    teams[0].save()
    assert Team.objects.filter(name__in=["Team 0", "Renamed"]).count() == 1


def test_empty_values_are_kept_as_such(wealdshire):
    people = [
        StaffMember(email=f"{n}@example.org", name=f"Person {n}", joined_at=clock.now(), access_until=until)
        for n, until in enumerate([None, clock.now() + timedelta(days=1)])
    ]
    write_objects(StaffMember, people)
    kept = StaffMember.objects.in_bulk([person.pk for person in people])
    assert [kept[person.pk].access_until for person in people] == [person.access_until for person in people]


def test_what_the_database_forbids_is_refused_whole(wealdshire):
    with pytest.raises(IntegrityError), transaction.atomic():
        write_objects(Team, [Team(name="Twice"), Team(name="Twice")])
    assert not Team.objects.filter(name="Twice").exists()
