"""Operations about the key itself, official accounts and grants."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries, told
from accounts.actions import services
from accounts.models import Grant
from accounts.operations import LARGEST_ID, Operation, operation, page_of
from staff.roles import Power


class Held(serializers.Serializer):
    power = serializers.CharField()
    says = serializers.CharField(help_text="What may be done, in words.")
    official_accounts = serializers.ListField(
        child=serializers.IntegerField(), help_text="On which official accounts; empty for the whole force."
    )


class Me(serializers.Serializer):
    name = serializers.CharField()
    purpose = serializers.CharField()
    answered_for_by = serializers.CharField()
    key = serializers.CharField(help_text="Prefix of the key that was sent.")
    key_until = serializers.DateTimeField()
    powers = Held(many=True)


class Account(serializers.Serializer):
    id = serializers.IntegerField()
    platform = serializers.CharField()
    platform_name = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    profile_url = serializers.CharField(help_text="Empty where none is recorded.")
    status = serializers.CharField(help_text="active, suspended or closed.")
    exercise = serializers.BooleanField(help_text="On the exercise network: nothing of it is real.")
    neighbourhood = serializers.CharField(allow_null=True)
    kind = serializers.CharField(
        allow_null=True, help_text="force, team, role or officer; null: not recorded."
    )
    audience = serializers.CharField()
    run = serializers.CharField(help_text="run, dormant, or nobody.")
    verified = serializers.CharField(help_text="unknown, none, applied, verified or not_offered.")
    read = serializers.CharField(help_text="When somebody reads what is written there, in words.")


class GrantShown(serializers.Serializer):
    id = serializers.IntegerField()
    holder = serializers.CharField()
    role = serializers.CharField()
    over = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField()


class GrantsAsked(serializers.Serializer):
    state = serializers.ChoiceField(choices=queries.GRANT_STATES, default="live")
    before = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


class WhoAmI(Operation):
    """Whose key this is and what it opens now."""

    @operation("Whose key this is, and what it opens now", Me)
    def get(self, request: Request) -> Response:
        key = self.service.api_key
        held = queries.authority_of(self.service)
        powers = [
            {"power": power, "says": Power(power).label, "official_accounts": sorted(ids)}
            for power, ids in [*held.accounts.items(), *((power, ()) for power in held.force_wide)]
        ]
        return Response(
            {
                "name": self.service.name,
                "purpose": key.service.purpose,
                "answered_for_by": key.service.owner.called,
                "key": key.prefix,
                "key_until": key.until,
                "powers": sorted(powers, key=lambda power: str(power["power"])),
            }
        )


class Accounts(Operation):
    """The register, as far as the service may see it. With If-None-Match: 304 while nothing of it has changed."""

    needs = {"GET": (Power.SEE_REGISTER,)}

    @operation("Official accounts", Account(many=True))
    def get(self, request: Request) -> Response:
        return self.tagged(list(told.seen_by(self.service).values()))


class OneAccount(Operation):
    """One entry of the register."""

    needs = {"GET": (Power.SEE_REGISTER,)}

    @operation("One official account", Account)
    def get(self, request: Request, pk: int) -> Response:
        found = queries.official_account(self.service, pk)
        return self.tagged(told.entries([found])[found.pk])


class Grants(Operation):
    """Who holds what, for services that audit it."""

    needs = {"GET": (Power.GIVE_GRANTS, Power.SEE_AUDIT)}

    @operation("Grants in force, to come or over", page_of(GrantShown), query=GrantsAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(GrantsAsked)
        found, onwards = queries.grants(self.service, asked["state"], before=asked.get("before"))
        services.note_looked(actor=self.service, what="grants", shown_ids=[grant.pk for grant in found])
        return Response({"items": [_grant(grant) for grant in found], "next": onwards and str(onwards)})


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.pk,
        "holder": str(grant.person or grant.team),
        "role": grant.role,
        "over": grant.scope_name,
        "since": grant.since,
        "until": grant.until,
        "why": grant.why,
    }
