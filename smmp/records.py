"""What retention must know of the platform's own tables, and of those that its libraries brought."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass(
        "operational",
        "Swept or written over; it holds nothing about anybody.",
        not_searched="It holds nothing about anybody.",
        tables=(
            "auth_group",
            "auth_group_permissions",
            "auth_permission",
            "django_admin_log",
            "django_content_type",
            "django_migrations",
            "guardian_groupobjectpermission",
            "guardian_userobjectpermission",
            "staff_staffmember_groups",
            "staff_staffmember_user_permissions",
        ),
    ),
)
