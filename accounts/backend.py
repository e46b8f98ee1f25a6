"""Django's question `has_perm`, answered from live grants alone."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from accounts import queries
from accounts.models import OfficialAccount
from core.prepared import PreparedObjects
from staff.models import SignInSession, StaffMember


def _named(*, pk: int) -> QuerySet[StaffMember, StaffMember]:
    is_open = SignInSession.objects.filter(member=OuterRef("pk"), ended_at=None).order_by()
    return (
        StaffMember.objects.filter(pk=pk)
        .annotate(open_sign_ins=ArraySubquery(is_open.values("pk")))
        .order_by()
    )


_NAMED = PreparedObjects(_named)
"""Asked with every page."""


class GrantBackend(ModelBackend):
    """Knows people by e-mail and password; what they may do it reads from live grants at each call.

    Permissions are the powers of staff.roles, asked as "accounts.reply". Group and per-person
    permissions of Django, and guardian's rows, grant nothing.
    """

    def get_user(self, user_id):
        """Whoever a session names, with the sign-ins of theirs that are open (staff.sessions.why_over)."""
        try:
            found = _NAMED.one(pk=user_id)
        except StaffMember.DoesNotExist:
            return None
        return found if self.user_can_authenticate(found) else None

    def get_user_permissions(self, user_obj, obj=None):
        return set()

    def get_group_permissions(self, user_obj, obj=None):
        return set()

    def get_all_permissions(self, user_obj, obj=None):
        authority = queries.authority_of(user_obj)
        if isinstance(obj, OfficialAccount):
            held = {power for power, ids in authority.accounts.items() if obj.pk in ids}
        elif obj is None:
            held = {power for power, ids in authority.accounts.items() if ids}
            held |= authority.over_all | authority.force_wide
        else:
            held = set()
        return {f"accounts.{power}" for power in held}

    def has_perm(self, user_obj, perm, obj=None):
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj, app_label):
        return False

    def with_perm(self, perm, is_active=True, include_superusers=True, obj=None):
        people = queries.people_with(
            perm.removeprefix("accounts."), official_account_id=obj.pk if obj is not None else None
        )
        return StaffMember.objects.filter(pk__in=[person.pk for person in people])
