"""What the register does by the clock."""

from __future__ import annotations

from celery import shared_task

from accounts import actions


@shared_task(name="accounts.expire_grants")
def expire_grants() -> None:
    """Grants that ran out and grants of leavers are recorded; those that began reach the projection."""
    actions.record_expired_grants()
    actions.project_what_began()


@shared_task(name="accounts.project_grants")
def project_grants() -> None:
    """The whole projection is compared with the grants, whatever was missed during an outage."""
    actions.project_grants()
