"""How long it takes to work out what somebody may do, in a force of 400 with 20,000 grants."""

from __future__ import annotations

import contextlib
import random
import time
from datetime import timedelta

import psycopg2
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, OfficialAccount
from accounts.queries import authority_of
from core import clock
from smmp.local import scratch
from staff.models import Membership, StaffMember, Team
from staff.roles import ENDS, Role

STAFF, ACCOUNTS, GRANTS, TEAMS = 400, 100, 20_000, 20
TRIES = 5


def measure() -> tuple[float, int]:
    """Milliseconds (95th of 100 people, the best of five tries each) and queries (the most of anybody).

    Everything stands in a scratch database that is gone afterwards.
    """
    with scratch.database() as made:
        people = _force()
        _analyse(made.owner)
        times_ms, queries = [], 0
        for person in people:
            with CaptureQueriesContext(connection) as asked:
                authority_of(person)
            queries = max(queries, len(asked))
            times_ms.append(min(_once_ms(person) for _ in range(TRIES)))
        return sorted(times_ms)[int(len(times_ms) * 0.95)], queries


def _analyse(owner_address: str) -> None:
    """As the server does by itself within a minute; the application role may not."""
    with contextlib.closing(psycopg2.connect(owner_address)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("ANALYZE")


def _once_ms(person: StaffMember) -> float:
    began = time.perf_counter()
    authority_of(person)
    return (time.perf_counter() - began) * 1000


def _force() -> list[StaffMember]:
    """Grants of people and of teams, live, ended and to come; the same ones each time."""
    chance, now = random.Random(4), clock.now()  # noqa: S311 (a figure, not a secret)
    people = [
        StaffMember(email=f"p{n}@bench.example", name=f"Person {n}", joined_at=now, password="!")  # noqa: S106
        for n in range(STAFF)
    ]
    StaffMember.objects.bulk_create(people)
    accounts = [
        OfficialAccount(
            platform="bluesky", handle=f"a{n}", name=f"Account {n}", owner=people[0], registered_at=now
        )
        for n in range(ACCOUNTS)
    ]
    OfficialAccount.objects.bulk_create(accounts)
    teams = Team.objects.bulk_create([Team(name=f"Team {n}") for n in range(TEAMS)])
    Membership.objects.bulk_create(
        [Membership(team=teams[n % TEAMS], member=person, since=now) for n, person in enumerate(people)]
    )
    slots = [(role, account) for role in Role.values if role not in ENDS for account in accounts]
    grants: list[Grant] = []
    each_team = GRANTS // 10 // TEAMS
    each_person = (GRANTS - each_team * TEAMS) // STAFF
    for holder, count in [
        *((team, each_team) for team in teams),
        *((person, each_person) for person in people),
    ]:
        for role, account in chance.sample(slots, count):
            since, until = chance.choice(
                [
                    (now - timedelta(days=30), None),
                    (now - timedelta(days=3), now + timedelta(days=18)),
                    (now - timedelta(days=90), now - timedelta(days=60)),
                    (now + timedelta(days=5), None),
                ]
            )
            whose = {"team": holder} if isinstance(holder, Team) else {"person": holder}
            grants.append(
                Grant(role=role, official_account=account, since=since, until=until, why="Bench", **whose)
            )
    Grant.objects.bulk_create(grants, batch_size=2000)
    return people
