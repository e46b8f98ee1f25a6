"""Whether private messages are run on an official account, and the automatic first answer when nobody reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from django.db import IntegrityError, transaction

from accounts.models import OfficialAccount
from accounts.queries import may_on, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, Refused
from moderation import private_messages
from moderation.actions import desk
from moderation.models import AutomaticAnswer, Comment, Decision, MessagingDecision
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from platforms.contract import Login
from publishing.actions import outbox
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

AUTOMATIC = System("automatic first answer")
LATE = timedelta(minutes=15)
"""An automatic answer that could not leave by then is held for a person: it would be no first answer."""


@action
def decide(
    *,
    actor: StaffMember,
    official_account: OfficialAccount,
    run: bool,
    reasons: str,
    review_on: date,
    days: Sequence[int] = (),
    from_time: time | None = None,
    until_time: time | None = None,
    automatic: bool = False,
    answer: str = "",
) -> MessagingDecision:
    """It stands, with reasons and a day for looking again, whether private messages are run there and when they are read.

    automatic: whoever writes in hours when nobody reads gets an honest first answer, once in each such stretch.
    Source: APP social media, private messaging: an informed decision, and a record of the risk of unread hours.
    Raises NotPermitted, NotValid. Audits messaging.decided.
    """
    require(actor, Power.APPROVE_POSTS, official_account.pk)
    reasons = reasons.replace("\r\n", "\n").strip()
    answer = answer.replace("\r\n", "\n").strip()
    if not reasons:
        raise NotValid(
            "Say why: who reads them, what risk that leaves, and why you take it.", field="reasons"
        )
    if len(reasons) > 4000:
        raise NotValid("Keep the reasons under 4,000 characters.", field="reasons")
    if not clock.today() < review_on <= clock.today() + timedelta(days=366):
        raise NotValid(
            "Choose a day within the next year on which this is looked at again.", field="review_on"
        )
    if run and (why := private_messages.why_not(official_account.platform)):
        raise NotValid(f"They cannot be run from here: {why}", field="run")
    if (from_time is None) != (until_time is None):
        raise NotValid("Give both times, or neither for the whole day.", field="until_time")
    if from_time is not None and until_time == from_time:
        raise NotValid(
            "The hours begin and end at the same time. Leave both empty for the whole day.",
            field="until_time",
        )
    if automatic:
        _refuse_bad_answer(official_account, answer)
        if not run:
            raise NotValid(
                "Where private messages are not run, nobody is answered automatically.", field="automatic"
            )
    row = MessagingDecision.objects.create(
        official_account=official_account,
        run=run,
        reasons=reasons,
        review_on=review_on,
        days=sorted({day for day in days if 0 <= day <= 6}) if run else [],
        from_time=from_time if run else None,
        until_time=until_time if run else None,
        automatic=automatic,
        answer=answer if automatic else "",
        by=actor,
        at=clock.now(),
    )
    record(
        actor=actor,
        event="messaging.decided",
        subject=official_account,
        subject_name=official_account.name,
        official_account_id=official_account.pk,
        reason=reasons,
        details={"run": run, "automatic": automatic, "review_on": review_on.isoformat()},
    )
    return row


@action
def answer_unread(*, actor: Actor = AUTOMATIC, comment: Comment) -> bool:
    """The conversation has its automatic first answer of this stretch of hours, whatever the message says.

    Safe to run twice and by two workers at once: the stretch is a unique row. The comment stays open for a
    person. Answers whether one went to the outbox. Audits messaging.answered, or messaging.not_answered.
    """
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    comment = Comment.objects.select_related("official_account", "conversation", "commenter").get(
        pk=comment.pk
    )
    decision = private_messages.standing(comment.official_account_id)
    now = clock.now()
    if (
        decision is None
        or not (decision.run and decision.automatic)
        or private_messages.reads_at(decision, now)
    ):
        return False
    if comment.state != Comment.State.OPEN or comment.removed_at is not None:
        return False
    began = private_messages.stretch_began(decision, now)
    if AutomaticAnswer.objects.filter(conversation=comment.conversation, stretch_began_at=began).exists():
        return False
    account = comment.official_account
    if not may_on(decision.by, Power.REPLY, account):
        _tell_owner(actor, decision, "whoever decided on it may no longer answer there")
        return False
    try:
        with transaction.atomic():
            delivery = outbox.queue(
                actor=actor,
                official_account=account,
                kind=Delivery.Kind.REPLY,
                author=decision.by,
                subject=comment,
                text=private_messages.answer(decision, now),
                target_external_id=comment.external_id,
                private_to_external_id=comment.commenter.external_id,
                cut_off_at=now + LATE,
            )
            AutomaticAnswer.objects.create(
                conversation=comment.conversation,
                comment=comment,
                stretch_began_at=began,
                delivery=delivery,
                at=now,
            )
    except IntegrityError as fault:
        if "automatic_answer_once_a_stretch" not in str(fault):
            raise
        return False
    except Refused as refusal:
        _tell_owner(actor, decision, refusal.sentence)
        return False
    desk.decision_row(actor, comment, Decision.Kind.AUTOMATIC, delivery=delivery)
    record(
        actor=actor,
        event="messaging.answered",
        subject=comment,
        subject_name=f"comment {comment.pk} on {account.name}",
        official_account_id=account.pk,
        details={"to": "whoever wrote it", "decision": decision.pk},
    )
    return True


def _refuse_bad_answer(official_account: OfficialAccount, answer: str) -> None:
    if not answer:
        raise NotValid("Write the automatic answer, or switch it off.", field="answer")
    if "999" not in answer or "101" not in answer:
        raise NotValid(
            "The automatic answer has to say where to turn meanwhile: 999 in an emergency, and 101.",
            field="answer",
        )
    connector = registry.connect(
        official_account.platform, Login(base_url="", handle=official_account.handle, secret="")
    )
    longest = f"{private_messages.MARK}{answer}".replace(private_messages.OPENS, "00:00 on Wednesday")
    length, most = connector.length(longest), connector.limits.reply_length
    if length > most:
        raise NotValid(
            f"With “{private_messages.MARK.strip()}” before it the answer is {length:,} long and "
            f"{registry.NAMES[official_account.platform]} takes {most:,}. Shorten it by {length - most:,}.",
            field="answer",
        )


def _tell_owner(actor: Actor, decision: MessagingDecision, why: str) -> None:
    """Once a day: that nobody is answered automatically, and why."""
    account = decision.official_account
    key = f"no-automatic-answer-{account.pk}-{clock.today():%Y%m%d}"
    if Notice.objects.filter(to=account.owner, key=key).exists():
        return
    notify(
        actor=actor,
        to=[account.owner],
        urgency=Notice.Urgency.SOON,
        title=f"No automatic answers go out on {account.name}"[:160],
        body=f"Because {why}. Somebody who may answer there has to decide anew.",
        link=f"/desk/private-messages/{account.pk}/",
        key=key,
    )
    record(
        actor=actor,
        event="messaging.not_answered",
        subject=account,
        subject_name=account.name,
        official_account_id=account.pk,
        details={"why": why},
    )
