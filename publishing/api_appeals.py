"""Operations on public appeals: a list, one with how far it is taken down. Writing them is for people."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import Cursor, Operation, operation, page_of
from publishing import queries_appeals as queries
from publishing.models import Appeal
from staff.roles import Power


class ChannelShown(serializers.Serializer):
    official_account = serializers.IntegerField()
    state = serializers.CharField(help_text="waiting, asked, by_hand, under_way or done.")
    result = serializers.CharField(help_text="Empty until it is seen to be done.", allow_blank=True)
    checks = serializers.IntegerField(help_text="How often it was read back.")
    done_at = serializers.DateTimeField(allow_null=True)


class AppealShown(serializers.Serializer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    force_reference = serializers.CharField()
    case_reference = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)
    owner = serializers.CharField()
    review_on = serializers.DateField()
    live_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    official_accounts = serializers.ListField(child=serializers.IntegerField())
    taken_down = ChannelShown(many=True)


class AppealsAsked(Cursor):
    which = serializers.ChoiceField(choices=["open", "over"], required=False)


def shown(appeal: Appeal) -> dict[str, Any]:
    return {
        "id": appeal.pk,
        "reference": appeal.reference,
        "kind": appeal.kind,
        "title": appeal.title,
        "force_reference": appeal.force_reference,
        "case_reference": appeal.case_reference,
        "state": appeal.state,
        "outcome": appeal.outcome,
        "owner": appeal.owner.called,
        "review_on": appeal.review_on.isoformat(),
        "live_at": appeal.live_at.isoformat() if appeal.live_at else None,
        "verified_at": appeal.verified_at.isoformat() if appeal.verified_at else None,
        "official_accounts": queries.account_ids_of(appeal),
        "taken_down": [
            {
                "official_account": row.standing.official_account_id,
                "state": row.state,
                "result": row.result,
                "checks": row.checks,
                "done_at": row.done_at.isoformat() if row.done_at else None,
            }
            for row in queries.take_downs(appeal)
        ],
    }


class Appeals(Operation):
    """Public appeals that the service may see."""

    needs = {"GET": (Power.SEE_POSTS,)}

    @operation("Public appeals, the newest first", page_of(AppealShown), query=AppealsAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(AppealsAsked)
        found = queries.page_of_appeals(
            self.service, which=asked.get("which", "open"), before=asked.get("before")
        )
        page = found[: queries.PAGE_LENGTH]
        onwards = str(page[-1].pk) if len(found) > len(page) else None
        return Response({"items": [shown(appeal) for appeal in page], "next": onwards})


class OneAppeal(Operation):
    """One public appeal."""

    needs = {"GET": (Power.SEE_POSTS,)}

    @operation("One public appeal", AppealShown)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(queries.appeal(self.service, pk)))
