"""The audit trail for programs that watch it, such as a SIEM. Reading it stands in it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import LARGEST_ID, Cursor, Moment, Operation, operation, page_of
from audit import queries, reasons
from audit.actions import record_reading
from audit.catalogue import EVENTS
from audit.models import Entry
from core.errors import NotValid
from staff.roles import Power

PAGE = 100


class EntryShown(serializers.Serializer):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    event = serializers.CharField()
    says = serializers.CharField(help_text="The entry as a sentence.")
    operation = serializers.CharField(help_text="Of DPA 2018 s.62(1); empty for the platform's own business.")
    actor_kind = serializers.CharField()
    actor_id = serializers.IntegerField(allow_null=True)
    actor_name = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    official_account = serializers.IntegerField(allow_null=True)
    records = serializers.ListField(child=serializers.IntegerField())
    leaf_hash = serializers.CharField()


class EntriesAsked(Cursor):
    event = serializers.ChoiceField(choices=sorted(EVENTS), required=False)
    official_account = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    since = Moment(required=False)
    until = Moment(required=False)
    reason = serializers.CharField(required=False, max_length=300, help_text="Kept in the trail.")


class Entries(Operation):
    """Search of the trail."""

    needs = {"GET": (Power.SEE_AUDIT,)}

    @operation("Search the audit trail, newest first", page_of(EntryShown), query=EntriesAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(EntriesAsked)
        reason = reasons.check("audit.view", asked.get("reason", ""))
        filters = queries.Filters(
            event=asked.get("event", ""),
            official_account=asked.get("official_account"),
            since=asked.get("since"),
            until=asked.get("until"),
        )
        found = queries.entries(self.service, filters)
        if before := asked.get("before"):
            last_seen = queries.entries(self.service, queries.Filters()).filter(pk=before).first()
            if last_seen is None:
                raise NotValid("“before” is not a place in the trail. Take it from `next`.", field="before")
            found = found.filter(Q(at__lt=last_seen.at) | Q(at=last_seen.at, id__lt=last_seen.pk))
        page = list(found[: PAGE + 1])
        record_reading(
            actor=self.service, event="audit.viewed", reason=reason, details={"filters": filters.as_details()}
        )
        onwards = str(page[PAGE - 1].pk) if len(page) > PAGE else None
        return Response({"items": [_shown(entry) for entry in page[:PAGE]], "next": onwards})


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "at": entry.at,
        "event": entry.event,
        "says": queries.sentence(entry),
        "operation": entry.operation,
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "official_account": entry.official_account_id,
        "records": entry.shown_ids,
        "leaf_hash": bytes(entry.leaf_hash or b"").hex(),
    }
