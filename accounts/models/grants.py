"""Who may do what on which official account, until when, and what is asked for."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from guardian.models import UserObjectPermissionBase

from accounts.models.register import Neighbourhood, OfficialAccount
from core import clock
from staff.models import StaffMember, Team
from staff.roles import Role


class Grant(models.Model):
    """A role for a person or a team over one official account, one neighbourhood, or all, for a time.

    This is the truth about authority; guardian's rows (AccountPermission) are its projection.
    Nobody gives one to themselves, nor to a team that they are in: constraint grant_by_another and
    trigger accounts_grant_not_own_team. It holds from `since` up to but not including `until`. Rows are never deleted.
    """

    record_class = "staff_record"

    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    role = models.CharField(max_length=30, choices=Role)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="grants_given"
    )
    why = models.CharField(max_length=300)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="grants_ended"
    )
    ended_why = models.CharField(max_length=300, blank=True)
    expiry_recorded = models.BooleanField(default=False)

    class Meta:
        ordering = ["-since", "-id"]
        indexes = [
            models.Index(fields=["person", "since"], name="grant_by_person"),
            models.Index(fields=["team", "since"], name="grant_by_team"),
            models.Index(fields=["until"], condition=Q(expiry_recorded=False), name="grant_to_expire"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, team__isnull=False) | Q(person__isnull=False, team=None),
                name="grant_person_or_team",
            ),
            models.CheckConstraint(
                condition=Q(official_account=None) | Q(neighbourhood=None), name="grant_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="grant_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(given_by=None) | Q(person=None) | ~Q(given_by=F("person")),
                name="grant_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(role="surge_helper")
                | Q(until__isnull=False, until__lte=F("since") + timedelta(hours=72)),
                name="grant_helper_ends",
            ),
            models.CheckConstraint(
                condition=~Q(role="guest_writer") | Q(until__isnull=False), name="grant_guest_ends"
            ),
            ExclusionConstraint(
                name="grant_no_overlap",
                expressions=[
                    (Coalesce("person", 0), RangeOperators.EQUAL),
                    (Coalesce("team", 0), RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("official_account", 0), RangeOperators.EQUAL),
                    (Coalesce("neighbourhood", 0), RangeOperators.EQUAL),
                    (
                        # '[)': a grant holds from its first second and not at its last.
                        Func(
                            "since",
                            "until",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.team}: {self.get_role_display()}"

    @property
    def is_over(self) -> bool:
        """Whether it gives nothing any more."""
        return self.expiry_recorded or (self.until is not None and self.until <= clock.now())

    @property
    def scope_name(self) -> str:
        """What the grant covers, in words."""
        return str(self.official_account or self.neighbourhood or "all official accounts")


class AccountPermission(UserObjectPermissionBase):
    """Guardian's direct-foreign-key row on an official account: the projection of live grants.

    Written only with grants (accounts.actions). Nobody asks it what somebody may do:
    accounts.queries answers that, since guardian knows no time.
    """

    record_class = "staff_record"

    content_object = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.user} on {self.content_object}"


class GrantRequest(models.Model):
    """A role that is asked for, until somebody who gives grants answers. Nobody answers their own."""

    record_class = "staff_record"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="grant_requests")
    role = models.CharField(max_length=30, choices=Role)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="grant_requests_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_why = models.CharField(max_length=300, blank=True)
    grant = models.OneToOneField(
        Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )
    """What was given; empty while it waits and where it was refused."""

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("person")), name="request_by_another"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_at=None, grant=None)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="request_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(official_account=None) | Q(neighbourhood=None), name="request_one_scope"
            ),
            models.UniqueConstraint(
                fields=["person", "role", "official_account", "neighbourhood"],
                condition=Q(answered_at=None),
                nulls_distinct=False,
                name="request_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} asks for {self.get_role_display()}"

    @property
    def scope_name(self) -> str:
        """What the role would cover, in words."""
        return str(self.official_account or self.neighbourhood or "all official accounts")
