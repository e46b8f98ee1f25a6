"""Operations on campaigns: lines of the control room for a 24-hour log. Reading and approving them is for people."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import Moment, Operation, operation
from publishing import queries_campaigns as queries
from publishing import stripping
from publishing.actions import logs
from publishing.models import LogLine
from staff.roles import Power


class LineGiven(serializers.Serializer):
    words = serializers.CharField(max_length=stripping.LONGEST)
    happened_at = Moment(required=False)
    key = serializers.CharField(
        required=False,
        max_length=98,
        help_text="What your system calls it. Sent again under the same key, it comes in once.",
    )


class LinesGiven(serializers.Serializer):
    lines = LineGiven(many=True, allow_empty=False, max_length=logs.MOST_AT_ONCE)


class LinesTaken(serializers.Serializer):
    new = serializers.IntegerField()
    seen = serializers.IntegerField(help_text="Lines that had come before.")


class Lines(Operation):
    """Lines of the control room come into a 24-hour log."""

    needs = {"POST": (Power.PLAN_POSTS,)}

    @operation(
        "Send lines to a log",
        LinesTaken,
        takes=LinesGiven,
        status=201,
        example={
            "lines": [
                {
                    "key": "4711",
                    "happened_at": "2026-11-28T02:14:00Z",
                    "words": "Sheep on the A41 at Harrowfield.",
                }
            ]
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(LinesGiven)
        found = queries.campaign(self.service, pk)

        def take() -> tuple[int, Any]:
            taken = logs.take_lines(
                actor=self.service,
                campaign=found,
                lines=[
                    logs.Line(one["words"], one.get("happened_at"), one.get("key", ""))
                    for one in given["lines"]
                ],
                source=LogLine.Source.API,
            )
            return 201, {"new": taken.new, "seen": taken.seen}

        return self.once(given, take)
