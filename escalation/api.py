"""Operations on cases. A program reads them; only a person says “I have it”."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import Cursor, Operation, operation, page_of
from core.errors import NotPermitted, NotValid
from escalation import queries
from escalation.actions import cases as actions
from escalation.models import Case
from staff.roles import Power

PAGE = 30


class CaseShown(serializers.Serializer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    title = serializers.CharField()
    pathway = serializers.CharField()
    priority = serializers.IntegerField()
    state = serializers.CharField()
    official_account = serializers.IntegerField()
    exercise = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    acknowledge_by = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class CasesAsked(Cursor):
    state = serializers.ChoiceField(choices=Case.State.values, required=False)


class CaseWanted(serializers.Serializer):
    official_account = serializers.IntegerField(min_value=1, max_value=2**62)
    pathway = serializers.SlugField(max_length=40, help_text="E.g. threat_to_life.")
    title = serializers.CharField(max_length=160, help_text="The kind of risk and the place; nobody's words.")
    why = serializers.CharField(max_length=4000)
    place = serializers.CharField(max_length=160, required=False, default="", allow_blank=True)


class Nothing(serializers.Serializer):
    """No fields: an empty object."""


def shown(case: Case) -> dict[str, Any]:
    return {
        "id": case.pk,
        "reference": case.reference,
        "title": case.title,
        "pathway": case.pathway.title,
        "priority": case.priority,
        "state": case.state,
        "official_account": case.official_account_id,
        "exercise": case.exercise,
        "opened_at": case.opened_at,
        "acknowledge_by": case.acknowledge_by,
        "acknowledged_by": case.holder or None,
        "closed_at": case.closed_at,
    }


class Cases(Operation):
    """A list of cases, the latest first; and opening one, whose first level is called at once."""

    needs = {"GET": (Power.SEE_CASES,), "POST": (Power.ESCALATE,)}

    @operation("Cases", page_of(CaseShown), query=CasesAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(CasesAsked)
        found = queries.cases(self.service).order_by("-pk")
        if state := asked.get("state"):
            found = found.filter(state=state)
        if before := asked.get("before"):
            found = found.filter(pk__lt=before)
        page = list(found[: PAGE + 1])
        actions.view_list(actor=self.service, cases=page[:PAGE])
        onwards = str(page[PAGE - 1].pk) if len(page) > PAGE else None
        return Response({"items": [shown(case) for case in page[:PAGE]], "next": onwards})

    @operation(
        "Open a case and call its first level",
        CaseShown,
        takes=CaseWanted,
        status=201,
        example={
            "official_account": 1,
            "pathway": "threat_to_life",
            "title": "Concern for safety, Saltmere viaduct",
            "why": "A caller told the control room",
        },
    )
    def post(self, request: Request) -> Response:
        given = self.given(CaseWanted)
        account = queries.accounts_to_escalate(self.service).filter(pk=given["official_account"]).first()
        if account is None:
            raise NotPermitted(f"{self.service.name} may not open cases for this official account.")
        pathway = queries.pathways().filter(slug=given["pathway"]).first()
        if pathway is None:
            raise NotValid("There is no live pathway of that name.", field="pathway")

        def opened() -> tuple[int, Any]:
            made = actions.open_case(
                actor=self.service,
                official_account=account,
                pathway=pathway,
                title=given["title"],
                why=given["why"],
                place=given["place"],
            )
            # The answer is kept, so that a program that asks again gets the same: text, no instants.
            return 201, dict(CaseShown(shown(made)).data)

        return self.once(given, opened)


class OneCase(Operation):
    """One case, without the public's words: those are read on its page."""

    needs = {"GET": (Power.SEE_CASES,)}

    @operation("One case", CaseShown)
    def get(self, request: Request, pk: int) -> Response:
        case = queries.case(self.service, pk)
        actions.view_evidence(actor=self.service, case=case, comment_ids=[])
        return Response(shown(case))


class Acknowledge(Operation):
    """Refused to every service, whatever its grants."""

    needs = {"POST": (Power.SEE_CASES,)}

    @operation("Refused: only a person acknowledges a case", CaseShown, takes=Nothing)
    def post(self, request: Request, pk: int) -> Response:
        case = queries.case(self.service, pk)
        raise NotPermitted(
            f"Only a person can have case {case.reference}: somebody must act on it and answer for it. "
            "The people whom it needs are being called."
        )
