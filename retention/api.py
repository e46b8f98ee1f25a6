"""Operations on requests under information law, for the force's casework system: one is taken in, and where each stands.

What people asked and what was found is for people alone: the answers here hold numbers, kinds, states and dates.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import Cursor, Operation, operation, page_of
from core.errors import NotFound
from retention.actions import rights
from retention.actions.rights import Intake
from retention.models import RightsRequest
from retention.models.schedule import Regime
from retention.queries_rights import for_programs
from staff.roles import Power

PAGE = 50
_REGIMES = [one for one in Regime.values if one != Regime.NONE]


class RequestShown(serializers.Serializer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    outside_reference = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    regime = serializers.CharField()
    channel = serializers.CharField()
    received_on = serializers.DateField()
    due_at = serializers.DateTimeField(
        help_text="By when it is answered; while `stopped` says why, the clock stands still."
    )
    stopped = serializers.CharField(allow_blank=True, help_text="identity, clearer, or empty.")
    state = serializers.CharField(help_text="open, put, agreed or closed.")
    outcome = serializers.CharField(allow_blank=True)
    answered_on = serializers.DateField(allow_null=True)


class RequestGiven(serializers.Serializer):
    kind = serializers.ChoiceField(choices=RightsRequest.Kind.values)
    received_on = serializers.DateField(help_text="The day of receipt, in London. Never later than today.")
    outside_reference = serializers.CharField(
        max_length=60, help_text="Its number there. The same number twice is one request."
    )
    requester = serializers.CharField(max_length=200)
    wanted = serializers.CharField(max_length=20_000, help_text="What they ask, in their words.")
    contact = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    regime = serializers.ChoiceField(choices=_REGIMES, required=False, default=Regime.BOTH.value)
    platform = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    handle = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    words = serializers.ListField(
        child=serializers.CharField(max_length=190),
        required=False,
        default=list,
        max_length=10,
        help_text="Other names, addresses or numbers that they go by: held at once, and found by the search.",
    )


class RequestsAsked(Cursor):
    state = serializers.ChoiceField(choices=RightsRequest.State.values, required=False)


def shown(one: RightsRequest) -> dict[str, Any]:
    return {
        "id": one.pk,
        "reference": one.reference,
        "outside_reference": one.outside_reference,
        "kind": one.kind,
        "regime": one.regime,
        "channel": one.channel,
        "received_on": one.received_on.isoformat(),
        "due_at": one.due_at.isoformat(),
        "stopped": one.stopped,
        "state": one.state,
        "outcome": one.outcome,
        "answered_on": one.answered_on.isoformat() if one.answered_on else None,
    }


class Requests(Operation):
    """Requests under information law: where each stands, and taking one in."""

    needs = {"GET": (Power.HANDLE_REQUESTS,), "POST": (Power.TAKE_IN_REQUESTS,)}

    @operation("Requests under information law, the newest first", page_of(RequestShown), query=RequestsAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(RequestsAsked)
        found = for_programs(self.service)
        if state := asked.get("state"):
            found = found.filter(state=state)
        if before := asked.get("before"):
            found = found.filter(pk__lt=before)
        page = list(found[: PAGE + 1])
        onwards = str(page[PAGE - 1].pk) if len(page) > PAGE else None
        return Response({"items": [shown(one) for one in page[:PAGE]], "next": onwards})

    @operation(
        "Take in a request under information law",
        RequestShown,
        takes=RequestGiven,
        example={
            "kind": "subject_access",
            "received_on": "2026-11-27",
            "outside_reference": "SAR/26/0117",
            "requester": "Jo Harrow",
            "wanted": "Everything you hold about me",
            "handle": "jo_harrow",
        },
    )
    def post(self, request: Request) -> Response:
        given = self.given(RequestGiven)

        def taken_in() -> tuple[int, Any]:
            made = rights.receive(
                actor=self.service, intake=Intake(channel=RightsRequest.Channel.CASEWORK, **given)
            )
            return 200, shown(made)

        return self.once(given, taken_in)


class OneRequest(Operation):
    """One request under information law."""

    needs = {"GET": (Power.HANDLE_REQUESTS,)}

    @operation("One request under information law", RequestShown)
    def get(self, request: Request, pk: int) -> Response:
        found = for_programs(self.service).filter(pk=pk).first()
        if found is None:
            raise NotFound("There is nothing under that number.")
        return Response(shown(found))
