"""Operations on calls for service: the control room's system reads them and sends back their numbers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import Cursor, Operation, operation, page_of
from escalation import queries_referrals
from escalation.actions import referrals as actions
from escalation.models import Referral
from staff.roles import Power

PAGE = 30


class CallShown(serializers.Serializer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    case = serializers.CharField()
    exercise = serializers.BooleanField()
    made_at = serializers.DateTimeField()
    first_told_at = serializers.DateTimeField(allow_null=True, help_text="When the force was first told.")
    due_at = serializers.DateTimeField(help_text="By when an incident number is wanted.")
    given = serializers.DictField(
        child=serializers.CharField(), help_text="what, where, when, who, risk, contact"
    )
    incident_number = serializers.CharField(allow_blank=True)
    incident_on = serializers.DateField(allow_null=True)
    crime_reported = serializers.BooleanField()
    crime_by = serializers.DateTimeField(allow_null=True)
    crime_number = serializers.CharField(allow_blank=True)


class CallsAsked(Cursor):
    waiting = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="true: those without an incident number."
    )


class NumbersGiven(serializers.Serializer):
    incident_number = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    incident_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The day of the number; without one, today."
    )
    crime_number = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    why = serializers.CharField(
        max_length=300, required=False, default="", allow_blank=True, help_text="Where a number changes."
    )


class NothingMore(serializers.Serializer):
    """The address says it all."""


def shown(call: Referral) -> dict[str, Any]:
    return {
        "id": call.pk,
        "reference": call.reference,
        "case": call.case.reference,
        "exercise": call.case.exercise,
        "made_at": call.at,
        "first_told_at": call.first_told_at,
        "due_at": call.due_at,
        "given": call.given,
        "incident_number": call.incident_number,
        "incident_on": call.incident_on,
        "crime_reported": call.crime,
        "crime_by": call.crime_by,
        "crime_number": call.crime_number,
    }


class Calls(Operation):
    """Calls for service, the latest first."""

    needs = {"GET": (Power.RECORD_INCIDENTS,)}

    @operation("Calls for service", page_of(CallShown), query=CallsAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(CallsAsked)
        found = queries_referrals.calls(self.service, waiting=asked.get("waiting"))
        if before := asked.get("before"):
            found = found.filter(pk__lt=before)
        page = list(found[: PAGE + 1])
        actions.view_list(actor=self.service, referrals=page[:PAGE])
        onwards = str(page[PAGE - 1].pk) if len(page) > PAGE else None
        return Response({"items": [shown(call) for call in page[:PAGE]], "next": onwards})


class OneCall(Operation):
    """One call for service."""

    needs = {"GET": (Power.RECORD_INCIDENTS,)}

    @operation("One call for service", CallShown)
    def get(self, request: Request, pk: int) -> Response:
        call = queries_referrals.call(self.service, pk)
        actions.view(actor=self.service, referral=call)
        return Response(shown(call))


class Numbers(Operation):
    """The numbers of a call for service. Said twice, nothing changes; another number needs a reason."""

    needs = {"POST": (Power.RECORD_INCIDENTS,)}

    @operation(
        "Send back the numbers of a call for service",
        CallShown,
        takes=NumbersGiven,
        example={"incident_number": "0412", "incident_on": "2026-11-29"},
    )
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(NumbersGiven)
        call = queries_referrals.call(self.service, pk)

        def numbered() -> tuple[int, Any]:
            return 200, shown(actions.record_numbers(actor=self.service, referral=call, **given))

        return self.once(given, numbered)


class SendAgain(Operation):
    """The message of a call once more, under the same Smmp-Delivery: for a receiver that has lost it."""

    needs = {"POST": (Power.RECORD_INCIDENTS,)}

    @operation("Have a call for service posted again", CallShown, takes=NothingMore)
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(NothingMore)
        call = queries_referrals.call(self.service, pk)

        def sent() -> tuple[int, Any]:
            return 200, shown(actions.send_anew(actor=self.service, referral=call))

        return self.once(given, sent)


def _text(says: str) -> dict[str, str]:
    return {"type": "string", "description": says}


def _instant(says: str) -> dict[str, Any]:
    return {"type": "string", "format": "date-time", "nullable": True, "description": says}


WEBHOOKS: dict[str, Any] = {
    "control_room.call": {
        "post": {
            "summary": "A call for service, posted to the control room's system",
            "description": (
                "Sent to SMMP_CONTROL_ROOM_WEBHOOK. Headers: Smmp-Event, Smmp-Version (1; a change that could break a "
                "reader gets another number), Smmp-Delivery (the same in every try and when it is sent again, so that "
                "a message that comes twice is known), Smmp-Timestamp (seconds since 1970) and Smmp-Signature: "
                '"sha256=" and the hexadecimal HMAC-SHA256 of the timestamp, a full stop and the body as it came, with '
                "the shared secret. Refuse timestamps older than five minutes. Answer 2xx once it is kept; other "
                "answers are tried again (408, 425, 429, 5xx) or taken as refused."
            ),
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {
                                "event": _text("control_room.call"),
                                "version": {"type": "integer", "enum": [actions.VERSION]},
                                "id": {"type": "integer", "description": "Of the call, in /api/v1/calls."},
                                "reference": _text("How people speak of it, e.g. R-12."),
                                "case": _text("The number of the case."),
                                "exercise": {
                                    "type": "boolean",
                                    "description": "Nobody is sent to an exercise.",
                                },
                                "made_at": _instant("When the desk handed it over."),
                                "first_told_at": _instant(
                                    "When the force was first told, by the platform's time of the first message."
                                ),
                                "what": _text("What is happening."),
                                "where": _text("Where, or how it can be found out."),
                                "when": _text("When."),
                                "who": _text("Who is involved."),
                                "risk": _text("What the risk is."),
                                "contact": _text("How to reach whoever told us."),
                                "crime_reported": {"type": "boolean"},
                                "crime_by": _instant("When its 24 hours end."),
                                "evidence": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {
                                            "comment": {"type": "integer"},
                                            "platform": _text("Of the comment."),
                                            "url": _text(
                                                "The comment on the platform; empty where it has none."
                                            ),
                                            "posted_at": _instant("By the platform's clock."),
                                            "words": _text("As they were kept."),
                                        },
                                    },
                                },
                                "page": _text("The call on this platform, for people."),
                                "answer_to": _text("Where its numbers are sent back."),
                            },
                        }
                    }
                }
            },
            "responses": {"200": {"description": "It is kept."}},
        }
    }
}
"""What this platform posts to others. `tests/escalation` holds that a message has exactly these fields."""
