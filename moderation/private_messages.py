"""Reading for private messages: whether they are run, when somebody reads, and how long a platform lets us answer."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.db.models import QuerySet

from accounts.models import OfficialAccount
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound, NotValid, TransitionNotAllowed
from moderation.models import AutomaticAnswer, Comment, MessagingDecision
from platforms import registry
from platforms.contract import Capability
from staff.models import StaffMember
from staff.roles import Power

WINDOW = {"facebook": timedelta(hours=24), "instagram": timedelta(hours=24)}
"""How long after somebody's last message a platform takes an answer. Source: Meta, Messenger Platform, "24-hour
standard messaging window", and the same for Instagram messaging."""

MARK = "Automatic answer: "
FRESH = timedelta(minutes=30)
"""An automatic answer is for a message that came just now: what is read in after a gap gets none."""

STARTING_ANSWER = (
    "Thank you for your message. Nobody is reading our messages at the moment; we will again from {opens}. "
    "If somebody is in danger or a crime is happening now, ring 999. Otherwise ring 101. If you are deaf or cannot "
    "speak, use Relay UK: 18000 in an emergency, 18001 101 otherwise."
)
OPENS = "{opens}"


def standing(official_account_id: int) -> MessagingDecision | None:
    """The decision in force for an official account; None where nobody has decided yet."""
    return (
        MessagingDecision.objects.filter(official_account_id=official_account_id)
        .select_related("by", "official_account")
        .first()
    )


def window_ends(comment: Comment) -> datetime | None:
    """Until when the platform takes a private answer to this person; None where it sets no end."""
    window = WINDOW.get(comment.platform)
    if not comment.private or window is None:
        return None
    last = (
        Comment.objects.filter(conversation_id=comment.conversation_id, private=True)
        .exclude(state=Comment.State.OURS)
        .order_by("-posted_at")
        .values_list("posted_at", flat=True)
        .first()
    )
    return (last or comment.posted_at) + window


def refuse_unless_answerable(comment: Comment) -> None:
    """Raises where a private message may not be answered from here, with where to answer instead.

    Somebody whose life may be at risk is answered whatever was decided about the channel.
    """
    if comment.state == Comment.State.OURS:
        raise TransitionNotAllowed(
            "They have not written to us here, so we do not write to them privately: ring them, or send an officer."
        )
    if sentence := why_closed(comment):
        raise NotValid(sentence, field="reply_text")


def why_closed(comment: Comment) -> str:
    """Why a private message cannot be answered from here now; empty where it can."""
    name = registry.NAMES.get(comment.platform, comment.platform)
    decision = standing(comment.official_account_id)
    if decision is not None and not decision.run and not comment.at_risk:
        return (
            f"{decision.by.called} decided on {clock.in_london(decision.at):%-d %B %Y} that private messages are not "
            f"run on {comment.official_account.name}. Answer by telephone or e-mail if you know how, and mark it "
            "handled elsewhere; escalate it where somebody may be at risk."
        )
    closes_at = window_ends(comment)
    if closes_at is not None and closes_at <= clock.now():
        at = clock.in_london(closes_at)
        return (
            f"{name} takes a private answer for 24 hours after somebody’s last message, and that ended at "
            f"{at:%H:%M} on {at:%-d %B}. They have to write again first: ring them, or mark it handled elsewhere."
        )
    return ""


# Hours


def reads_at(decision: MessagingDecision, at: datetime) -> bool:
    """Whether somebody reads messages at that instant."""
    return any(begins <= at < ends for begins, ends in _shifts(decision, at, back=1, ahead=0))


def _shifts(
    decision: MessagingDecision, at: datetime, *, back: int, ahead: int
) -> list[tuple[datetime, datetime]]:
    """When somebody reads, as instants, of the London days around that one, the earliest first.

    Hours that end no later than they begin end on the next day. In UTC: two times of one London night, in which the
    clocks change, are not to be compared by what a clock on the wall shows.
    """
    today = clock.in_london(at).date()
    found = []
    for n in range(-back, ahead + 1):
        day = today + timedelta(days=n)
        if day.weekday() not in decision.days:
            continue
        begins, ends = decision.from_time or time.min, decision.until_time or time.min
        last = day if ends > begins else day + timedelta(days=1)
        found.append(
            (
                datetime.combine(day, begins, clock.LONDON).astimezone(UTC),
                datetime.combine(last, ends, clock.LONDON).astimezone(UTC),
            )
        )
    return found


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def hours(decision: MessagingDecision) -> str:
    """When somebody reads, in words."""
    if not decision.days:
        return "Nobody reads them at any hour."
    days = "every day" if len(decision.days) == 7 else ", ".join(DAYS[day] for day in decision.days)
    if decision.from_time is None or decision.until_time is None:
        return f"Somebody reads them {days}, at all hours."
    over_night = " on the next day" if decision.until_time <= decision.from_time else ""
    return (
        f"Somebody reads them {days}, {decision.from_time:%H:%M} to {decision.until_time:%H:%M}{over_night}."
    )


def stretch_began(decision: MessagingDecision, at: datetime) -> datetime:
    """When the hours began in which nobody reads and in which `at` lies: the last time that somebody stopped.

    Where nobody ever reads, each London day is a stretch of its own.
    """
    over = [ends for _, ends in _shifts(decision, at, back=8, ahead=0) if ends <= at]
    return max(over) if over else clock.midnight(clock.in_london(at).date())


def opens(decision: MessagingDecision, at: datetime) -> str:
    """When somebody reads again, as the public reads it; empty where nobody ever does."""
    for begins, _ in _shifts(decision, at, back=0, ahead=8):
        if begins <= at:
            continue
        local = clock.in_london(begins)
        ahead = (local.date() - clock.in_london(at).date()).days
        if ahead > 1:
            return f"{local:%H:%M} on {local:%A}"
        return f"{local:%H:%M} {'tomorrow' if ahead else 'today'}"
    return ""


def answer(decision: MessagingDecision, at: datetime) -> str:
    """The automatic first answer as it goes out at that instant, marked as what it is."""
    when = opens(decision, at)
    words = decision.answer.replace(OPENS, when) if when else decision.answer.replace(f" from {OPENS}", "")
    return MARK + words


def unanswered_now() -> list[Comment]:
    """Private messages that came just now in hours when nobody reads, and whose conversation had no answer in them.

    Whatever they say: nothing here looks at risk, and each stays open for a person.
    """
    now = clock.now()
    found = []
    for decision in _automatic():
        if reads_at(decision, now):
            continue
        began = stretch_began(decision, now)
        answered = AutomaticAnswer.objects.filter(
            stretch_began_at=began, conversation__official_account_id=decision.official_account_id
        )
        fresh = (
            Comment.objects.filter(
                official_account_id=decision.official_account_id,
                private=True,
                state=Comment.State.OPEN,
                received_at__gt=max(now - FRESH, decision.at),
                posted_at__gt=now - 2 * FRESH,
                removed_at=None,
            )
            .exclude(conversation__in=answered.values("conversation"))
            .order_by("conversation_id", "posted_at", "id")
            .distinct("conversation_id")
        )
        found += list(fresh[:100])
    return found


def _automatic() -> list[MessagingDecision]:
    """Decisions in force by which an automatic answer goes out."""
    latest = MessagingDecision.objects.order_by("official_account_id", "-at", "-id").distinct(
        "official_account_id"
    )
    return [
        decision
        for decision in MessagingDecision.objects.filter(pk__in=latest.values("pk")).select_related(
            "official_account", "by"
        )
        if decision.run
        and decision.automatic
        and decision.official_account.status == OfficialAccount.Status.ACTIVE
    ]


# Pages


def accounts(viewer: StaffMember) -> list[tuple[OfficialAccount, MessagingDecision | None, str]]:
    """Official accounts in the viewer's sight, each with its decision and why it can have none."""
    ids = account_ids(viewer, Power.SEE_REGISTER)
    latest = {
        decision.official_account_id: decision
        for decision in MessagingDecision.objects.filter(official_account_id__in=ids)
        .select_related("by")
        .order_by("official_account_id", "-at", "-id")
        .distinct("official_account_id")
    }
    found = OfficialAccount.objects.filter(pk__in=ids).exclude(status=OfficialAccount.Status.CLOSED)
    return [
        (account, latest.get(account.pk), why_not(account.platform)) for account in found.order_by("name")
    ]


def account(viewer: StaffMember, pk: int) -> OfficialAccount:
    """One official account in the viewer's sight. Raises NotFound."""
    found = OfficialAccount.objects.filter(pk=pk, pk__in=account_ids(viewer, Power.SEE_REGISTER)).first()
    if found is None:
        raise NotFound("There is no such official account, or it is not one that you may see.")
    return found


def history(official_account: OfficialAccount) -> QuerySet[MessagingDecision]:
    """What was decided about it, the latest first."""
    return MessagingDecision.objects.filter(official_account=official_account).select_related("by")


def why_not(platform: str) -> str:
    """Why no private messages can be run from here on a platform; empty where they can."""
    kind = registry.connector_class(platform)
    if Capability.PRIVATE_MESSAGES in kind.capabilities:
        return ""
    return kind.why_not.get(
        Capability.PRIVATE_MESSAGES, f"{registry.NAMES.get(platform, platform)} offers no way."
    )
