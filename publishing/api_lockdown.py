"""Operations on the one control: what is in force, starting a pause or a lockdown. It ends by people alone."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import LARGEST_ID, Operation, operation
from publishing import queries_lockdown, stopping
from publishing.actions import lockdown as actions
from publishing.models import Lockdown
from staff.roles import Power

READS = (Power.LOCK_DOWN, Power.SEE_POSTS)


def _ids(says: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=100,
        help_text=says,
    )


class LockdownShown(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Lockdown.Kind.values)
    exercise = serializers.BooleanField(help_text="Nothing is held: it is tried.")
    reach = serializers.CharField(help_text="What it covers, in words.")
    stops = serializers.CharField(help_text="What it means, in a sentence or two.")
    why = serializers.CharField()
    started_by = serializers.CharField()
    since = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    official_accounts = _ids("With none named here nor under neighbourhoods or teams: the whole force.")
    neighbourhoods = _ids("")
    teams = _ids("")
    acts = serializers.ListField(
        child=serializers.CharField(), help_text="Kinds of act; empty: everything that its kind stops."
    )
    campaigns = _ids("")


class InForce(serializers.Serializer):
    stopped = serializers.BooleanField(help_text="Whether anything is held now; exercises hold nothing.")
    items = LockdownShown(many=True)


class Start(serializers.Serializer):
    kind = serializers.ChoiceField(
        choices=Lockdown.Kind.values,
        help_text="pause: posts wait, replies and take-downs go on. compromise: everything stops.",
    )
    why = serializers.CharField(max_length=actions.WHY_AT_MOST, help_text="Stands over every page.")
    exercise = serializers.BooleanField(required=False, default=False)
    official_accounts = _ids("Only on these.")
    neighbourhoods = _ids("Only in these.")
    teams = _ids("Only of these.")
    campaigns = _ids("Only posts of these.")
    what = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(stopping.WHAT)),
        required=False,
        help_text="Only these kinds of act.",
    )


def shown(row: Lockdown) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "exercise": row.drill,
        "reach": row.reach,
        "stops": queries_lockdown.what_it_stops(row),
        "why": row.why,
        "started_by": row.started_by.called,
        "since": row.started_at.isoformat(),
        "ended_at": row.lifted_at.isoformat() if row.lifted_at else None,
        "official_accounts": row.official_account_ids,
        "neighbourhoods": row.neighbourhood_ids,
        "teams": row.team_ids,
        "acts": row.kinds,
        "campaigns": row.campaign_ids,
    }


class Lockdowns(Operation):
    """What is in force, and starting one."""

    needs = {"GET": READS, "POST": (Power.LOCK_DOWN,)}

    @operation("Pauses and lockdowns in force", InForce)
    def get(self, request: Request) -> Response:
        live = queries_lockdown.live()
        return Response(
            {"stopped": any(not row.drill for row in live), "items": [shown(row) for row in live]}
        )

    @operation(
        "Start a pause or a lockdown",
        LockdownShown,
        takes=Start,
        status=201,
        example={"kind": "compromise", "why": "The intrusion alarm of the mail system went off"},
    )
    def post(self, request: Request) -> Response:
        given = self.given(Start)

        def start() -> tuple[int, Any]:
            made = actions.start_lockdown(
                actor=self.service,
                why=given["why"],
                kind=given["kind"],
                drill=given["exercise"],
                scope=stopping.scope_of(
                    **{
                        name: given.get(name, ())
                        for name in ("official_accounts", "neighbourhoods", "teams", "what", "campaigns")
                    }
                ),
            )
            actions.note_under_way(actor=self.service, lockdown=made)
            return 201, shown(queries_lockdown.lockdown(made.pk))

        return self.once(given, start)


class OneLockdown(Operation):
    """One of them, in force or over."""

    needs = {"GET": READS}

    @operation("One pause or lockdown", LockdownShown)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(queries_lockdown.lockdown(pk)))


class Release(Operation):
    """Ending is for people: whatever program asks is refused, with what to do instead."""

    needs = {"POST": (Power.LOCK_DOWN,)}

    @operation("End a pause or lockdown: refused, two people do that", LockdownShown)
    def post(self, request: Request, pk: int) -> Response:
        actions.ask_release(
            actor=self.service, lockdown=queries_lockdown.lockdown(pk), why="Asked through the API"
        )
        raise AssertionError("unreachable: the action refuses a program")
