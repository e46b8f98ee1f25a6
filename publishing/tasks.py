"""The outbox at work. Each task reads from Postgres what is due and is safe to run twice at once."""

from __future__ import annotations

from celery import shared_task

from core import clock
from publishing import queries, queries_approval, queries_campaigns, queries_lockdown, sending, taking_down
from publishing.actions import afterwards, campaigns, logs, rehoming, shown
from publishing.actions import lockdown as lockdowns


@shared_task(name="publishing.send_due")
def send_due() -> int:
    """Everything that is due goes to its platform (every second)."""
    return sending.send_due()


@shared_task(name="publishing.settle")
def settle() -> int:
    """What is unknown is read back from its platform (every 2 seconds)."""
    return sending.settle_due()


@shared_task(name="publishing.rehome")
def rehome() -> int:
    """What people who have left wrote, queued or were to approve goes to their heirs (every 3 seconds)."""
    done = sum(rehoming.rehome_delivery(delivery=delivery) for delivery in queries.deliveries_of_leavers())
    done += sum(rehoming.rehome_post(post=post) for post in queries.posts_of_leavers())
    asked = queries.approvals_asked_of_leavers()
    return done + sum(rehoming.rehome_approval(post=post, leaver=leaver) for post, leaver in asked)


@shared_task(name="publishing.tell_lockdowns")
def tell_lockdowns() -> int:
    """Whoever a pause or lockdown concerns is told, and whoever started it what was in between (every second)."""
    told = 0
    for lockdown in queries_lockdown.to_be_told():
        if lockdown.lifted_at is not None:
            told += lockdowns.tell_end(lockdown=lockdown)
            continue
        told += lockdowns.tell(lockdown=lockdown)
        if clock.now() >= lockdown.started_at + lockdowns.CAUGHT_AFTER:
            told += lockdowns.tell_what_was_caught(lockdown=lockdown)
    return told


@shared_task(name="publishing.chase_looks")
def chase_looks() -> int:
    """What nobody has looked at in time reaches more people; whose post expired hears of it (every 15 seconds)."""
    done = sum(afterwards.climb(look=look) for look in queries_approval.overdue()[:200])
    return done + sum(afterwards.tell_expired(post=post) for post in queries_approval.expired_untold())


@shared_task(name="publishing.carry_on_appeals")
def carry_on_appeals() -> int:
    """Appeals take their next step, and what pictures somebody and has reached its day comes down (every 2 seconds)."""
    return taking_down.carry_on()


@shared_task(name="publishing.verify_take_downs")
def verify_take_downs() -> int:
    """What should be gone is read back from its platform until it is (every 2 seconds)."""
    return taking_down.verify_due()


@shared_task(name="publishing.tell_take_downs")
def tell_take_downs() -> int:
    """Whoever answers for a picture of somebody is told before it comes down (every ten minutes)."""
    return shown.tell_before()


@shared_task(name="publishing.mind_campaigns")
def mind_campaigns() -> int:
    """Logs are counted in the morning, and campaigns whose time was up a day ago end (every minute)."""
    mornings = queries_campaigns.mornings_to_count()
    done = sum(
        logs.count_morning(campaign=one, since=since, until=until) is not None
        for one, since, until in mornings
    )
    return done + sum(campaigns.end_overdue(campaign=one) for one in queries_campaigns.overdue())
