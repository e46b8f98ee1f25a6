"""Operations on tips: those on an appeal, and one. How to reach whoever told is for people alone."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import Cursor, Operation, operation, page_of
from moderation import tips
from moderation.actions import tips as actions
from moderation.models import Tip
from staff.roles import Power


class TipShown(serializers.Serializer):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    appeal = serializers.IntegerField()
    way = serializers.CharField(help_text="form, comment or message.")
    comment = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(
        help_text="The public's words, unchanged. Escape them before you show them.", allow_blank=True
    )
    when = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    area = serializers.CharField(allow_blank=True)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    files = serializers.IntegerField()
    can_be_reached = serializers.BooleanField(help_text="How is shown to people alone, and recorded.")
    like = serializers.IntegerField(allow_null=True, help_text="The first tip that says nearly the same.")
    state = serializers.CharField(help_text="new, passed_on or settled.")
    passed_as = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()


class TipsAsked(Cursor):
    state = serializers.ChoiceField(choices=Tip.State.values, required=False)


def shown(line: tips.Line) -> dict[str, Any]:
    tip = line.tip
    return {
        "id": tip.pk,
        "reference": tip.reference,
        "appeal": tip.appeal_id,
        "way": tip.way,
        "comment": tip.comment_id,
        "text": line.words,
        "when": tip.when,
        "place": tip.place,
        "area": tip.area.name if tip.area is not None else "",
        "latitude": tip.latitude,
        "longitude": tip.longitude,
        "files": line.files,
        "can_be_reached": line.has_contact,
        "like": tip.like_id,
        "state": tip.state,
        "passed_as": tip.passed_as,
        "received_at": tip.received_at.isoformat(),
    }


class Tips(Operation):
    """Tips on one appeal. Whoever was shown what is recorded before it is answered."""

    needs = {"GET": (Power.SEE_COMMENTS,)}

    @operation("Tips on a public appeal, the newest first", page_of(TipShown), query=TipsAsked)
    def get(self, request: Request, pk: int) -> Response:
        asked = self.given(TipsAsked)
        appeal = tips.appeal(self.service, pk)
        found = tips.inbox(
            self.service, appeal, state=asked.get("state", Tip.State.NEW), before=asked.get("before")
        )
        page = found[: tips.PAGE_LENGTH]
        actions.note_listed(actor=self.service, appeal=appeal, shown=[line.tip for line in page])
        onwards = str(page[-1].tip.pk) if len(found) > len(page) else None
        return Response({"items": [shown(line) for line in page], "next": onwards})


class OneTip(Operation):
    """One tip."""

    needs = {"GET": (Power.SEE_COMMENTS,)}

    @operation("One tip", TipShown)
    def get(self, request: Request, pk: int) -> Response:
        found = tips.tip(self.service, pk)
        actions.note_listed(actor=self.service, appeal=found.appeal, shown=[found])
        return Response(shown(tips.lines([found])[0]))
