"""What waits in publishing: posts from their approval to the outbox, campaigns, appeals, the library."""

from __future__ import annotations

from accounts.queries import Authority
from core import clock
from moderation import tips
from publishing import (
    incidents,
    queries_appeals,
    queries_campaigns,
    queries_concerns,
    queries_engagements,
    queries_meetings,
    queries_occasions,
)
from publishing.models import Appeal, Delivery, FollowUp, Post
from publishing.queries import approvals, corrections_waiting, expired, waiting_for_approval
from publishing.queries_approval import looks, to_answer, written_version
from publishing.queries_library import ending_soon, statements_waiting
from smmp.frame import address_of
from smmp.home.now import AT_MOST_EACH, HIGH, LATER, MINE, SOON, Now, Waiting, count_up_to, number_of
from staff.models import StaffMember
from staff.roles import Power


def add_approvals(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Posts of others that wait for approval by somebody like the viewer."""
    ids = may.account_ids(Power.APPROVE_POSTS)
    if not ids:
        return
    for update in incidents.waiting_for(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"Update {update.number} of “{update.incident.title}” waits for your yes",
                f"Written by {update.author}. Nothing of it is public before.",
                "Read it",
                address_of("publishing:incident", update.incident_id),
                glyph="alert",
                since=update.written_at,
            )
        )
    alone, logs = queries_campaigns.apart_from_logs(waiting_for_approval(viewer))
    for log, number in logs.items():
        now.waiting.append(
            Waiting(
                SOON,
                number_of(number, "post of", "posts of")
                + f" “{log.name}” {'waits' if number == 1 else 'wait'} for approval",
                "Lines of a 24-hour log, which go out at its pace.",
                "Read them",
                address_of("publishing:log", log.pk),
                glyph="seal",
            )
        )
    for post in alone[:AT_MOST_EACH]:
        first = approvals(post)
        now.waiting.append(
            Waiting(
                SOON,
                f"“{post.title}” waits for {'a second approval' if first else 'approval'}",
                f"Written by {post.author}."
                + (f" {first[0].approver.called} approved it first." if first else ""),
                "Read it",
                address_of("publishing:post", post.pk),
                glyph="seal",
                until=post.publish_at,
                then="its time has passed",
                since=post.changed_at,
            )
        )
    for correction in corrections_waiting(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"A {correction.get_kind_display()} of “{correction.post.title}” waits for approval",
                f"Asked for by {correction.asked_by}: {correction.why}",
                "Read it",
                address_of("publishing:approvals"),
                glyph="seal",
                since=correction.asked_at,
            )
        )


def add_afterwards(now: Now, viewer: StaffMember, may: Authority) -> None:
    """What went out and waits for the viewer to look at it, what is due first."""
    if not may.holds(Power.APPROVE_POSTS):
        return
    for look in looks(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                HIGH if look.due_at <= clock.now() else SOON,
                f"“{look.post.title}” is to be looked at",
                f"{look.get_why_display()}.",
                "Look at it",
                address_of("publishing:afterwards"),
                glyph="eye",
                until=look.due_at,
                then="more people are told",
            )
        )


def add_expired(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Posts whose time passed before anybody approved them, and questions about the viewer's own."""
    if not (may.holds(Power.WRITE_POSTS) or may.holds(Power.APPROVE_POSTS)):
        return
    for post in expired(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"“{post.title}” was not approved in time",
                "It does not go out by itself.",
                "Give it another time",
                address_of("publishing:expired"),
                glyph="clock",
                since=post.publish_at,
            )
        )
    for question in to_answer(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{question.asked_by.called} asks about “{question.post.title}”",
                "It waits for approval meanwhile.",
                "Answer",
                f"{address_of('publishing:post', question.post_id)}#questions",
                glyph="question",
                since=question.asked_at,
            )
        )


def add_steps(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Approval steps that ask for less than before, where the viewer may be the second person."""
    if not may.holds(Power.SET_SAFEGUARDS):
        return
    written = written_version()
    if written is None or written.version.state != "asked" or viewer not in written.waits_for:
        return
    now.waiting.append(
        Waiting(
            LATER,
            f"Version {written.version.number} of the approval steps waits for a second person",
            f"It asks for less than what is in force: {written.version.why}",
            "Read it",
            f"{address_of('publishing:steps')}#draft",
            glyph="seal",
        )
    )


def add_returned(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Posts of the viewer that came back for changes, and what was urgent and is to be put right."""
    if not may.holds(Power.WRITE_POSTS):
        return
    for left in FollowUp.objects.filter(done_at=None, post__author=viewer).select_related("post")[
        :AT_MOST_EACH
    ]:
        now.waiting.append(
            Waiting(
                SOON,
                f"“{left.post.title}” was urgent and is to be put right",
                left.sentence,
                "Put it right",
                f"{address_of('publishing:post', left.post_id)}#put-right",
                glyph="pen",
                since=left.made_at,
            )
        )
    drafts = Post.objects.filter(author=viewer, state=Post.State.DRAFT).prefetch_related("changes")
    for post in drafts.order_by("changed_at")[: AT_MOST_EACH * 4]:
        last = max(post.changes.all(), key=lambda change: (change.at, change.pk), default=None)
        if last is not None and last.event.startswith("return"):
            now.waiting.append(
                Waiting(
                    SOON,
                    f"“{post.title}” came back to you",
                    last.why or "The approver asks for changes.",
                    "Change it",
                    address_of("publishing:post", post.pk),
                    glyph="undo",
                    since=last.at,
                )
            )


def add_campaigns(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Lines of a log that nobody has read, and campaigns of the viewer's that are over."""
    if not may.holds(Power.PLAN_POSTS):
        return
    for log, number in queries_campaigns.to_run(viewer):
        now.waiting.append(
            Waiting(
                SOON,
                number_of(number, "line of", "lines of") + f" “{log.name}” to be read",
                "Without names and addresses they go on to approval.",
                "Read them",
                address_of("publishing:log", log.pk),
                glyph="page",
                until=log.ends_at,
                then="the log is over",
            )
        )
    for campaign in queries_campaigns.to_end(viewer):
        now.waiting.append(
            Waiting(
                LATER,
                f"“{campaign.name}” is over",
                "Say what came of it.",
                "Write it down",
                address_of("publishing:campaign", campaign.pk),
                glyph="people",
                since=campaign.ends_at,
            )
        )


def add_meetings(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Questions of meetings that nobody has read, and those that the viewer is to answer."""
    if may.holds(Power.WORK_COMMENTS):
        for meeting, number in queries_meetings.waiting_for(viewer):
            now.waiting.append(
                Waiting(
                    SOON,
                    number_of(number, "question", "questions") + f" for “{meeting.campaign.name}” to be read",
                    "The public reads them once you have.",
                    "Read them",
                    address_of("moderation:meeting", meeting.campaign_id),
                    glyph="question",
                )
            )
    for meeting, number in queries_meetings.to_answer(viewer):
        now.waiting.append(
            Waiting(
                MINE,
                number_of(number, "question", "questions")
                + f" of “{meeting.campaign.name}” without an answer",
                "You answer in this meeting.",
                "Answer",
                address_of("moderation:meeting", meeting.campaign_id),
                glyph="bubble",
                until=meeting.campaign.ends_at,
                then="the meeting is over",
            )
        )


def add_concerns(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Worries of neighbourhoods that the viewer is to see to, and results that wait for their yes."""
    for concern in queries_concerns.owed_by(viewer):
        late = queries_concerns.is_late(concern)
        assert concern.due_on is not None
        now.waiting.append(
            Waiting(
                SOON if late else LATER,
                f"{concern.neighbourhood.name}: {concern.action}",
                f"{'It was' if late else 'It is'} to be done by {concern.due_on:%-d %B}.",
                "Say what was done",
                address_of("publishing:concern", concern.pk),
                glyph="bubble",
            )
        )
    if may.holds(Power.APPROVE_POSTS):
        for concern in queries_concerns.to_publish(viewer):
            now.waiting.append(
                Waiting(
                    LATER,
                    f"A result for {concern.neighbourhood.name} waits to be published",
                    f"You said, we did. Written by {concern.result_by}.",
                    "Read it",
                    address_of("publishing:concern", concern.pk),
                    glyph="seal",
                )
            )


def add_engagements(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Influencers, paid media and partners that wait for the viewer's yes."""
    if not may.holds(Power.APPROVE_POSTS):
        return
    for entry in queries_engagements.waiting_for(viewer):
        now.waiting.append(
            Waiting(
                LATER,
                f"{entry.get_kind_display()} waits for approval: {entry.who}",
                f"Asked for by {entry.asked_by}.",
                "Look at it",
                address_of("publishing:engagement", entry.pk),
                glyph="seal",
                since=entry.asked_at,
            )
        )


def add_takeovers(now: Now, viewer: StaffMember) -> None:
    """House rules for the viewer to accept, who is asked to write as a guest."""
    for takeover in queries_occasions.to_accept(viewer):
        now.waiting.append(
            Waiting(
                SOON,
                f"You are asked to write as a guest: {takeover.campaign.name}",
                f"By {takeover.named_by}. It begins with the house rules.",
                "Read the house rules",
                address_of("publishing:takeover_rules", takeover.pk),
                glyph="pen",
                until=takeover.campaign.ends_at,
                then="it is over",
            )
        )


def add_library(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Holding statements for this person's yes, and pictures whose rights or consent end soon."""
    if may.holds(Power.APPROVE_POSTS):
        for statement in statements_waiting(viewer).order_by("written_at")[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    LATER,
                    f"The holding statement “{statement.name}” waits for your yes",
                    f"Version {statement.version}. Nobody can use it before.",
                    "Read it",
                    address_of("publishing:template", statement.pk),
                    glyph="seal",
                    since=statement.written_at,
                )
            )
    if number := ending_soon(viewer):
        now.waiting.append(
            Waiting(
                LATER,
                number_of(number, "picture of the library ends", "pictures of the library end")
                + " within two weeks",
                "Its rights or consent run out." if number == 1 else "Their rights or consent run out.",
                "See the library",
                address_of("publishing:library"),
                glyph="picture",
            )
        )


def add_appeals(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Appeals that this person answers for, what is to be taken down by hand, and tips that nobody has looked at."""
    for appeal in queries_appeals.waiting_for(viewer)[:AT_MOST_EACH] if may.holds(Power.SEE_POSTS) else []:
        gone = appeal.state == Appeal.State.VERIFIED
        overdue = not gone and appeal.review_on < clock.today()
        now.waiting.append(
            Waiting(
                LATER if gone else SOON,
                f"Appeal {appeal.reference} is seen to be gone"
                if gone
                else f"Appeal {appeal.reference} is due for review",
                "Close its file once its tips have been dealt with."
                if gone
                else f"{appeal.title}. Its review {'was' if overdue else 'is'} due on {appeal.review_on:%-d %B}.",
                "Close its file" if gone else "Review it",
                address_of("publishing:appeal", appeal.pk),
                glyph="people",
                since=appeal.verified_at,
            )
        )
    if may.holds(Power.PLAN_POSTS):
        for row in queries_appeals.left_to_people(viewer)[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    SOON,
                    f"To be taken down by hand on {row.standing.official_account.name}",
                    row.says,
                    "Take it down",
                    address_of("publishing:appeal", row.appeal_id)
                    if row.appeal_id
                    else address_of("publishing:shown"),
                    glyph="stop",
                    since=row.begun_at,
                )
            )
    if may.holds(Power.WORK_COMMENTS) and (number := tips.new_count(viewer)):
        now.waiting.append(
            Waiting(
                SOON,
                number_of(number, "tip on an appeal waits", "tips on appeals wait"),
                "Somebody of the public may know where to look.",
                "Read them",
                address_of("moderation:tip_inboxes"),
                glyph="bubble",
            )
        )


def add_outbox(now: Now, may: Authority) -> None:
    """What left without a known outcome, and what is held for a person."""
    ids = may.account_ids(Power.WRITE_POSTS) | may.account_ids(Power.REPLY)
    mine = Delivery.objects.filter(official_account__in=ids)
    if number := count_up_to(mine.filter(state=Delivery.State.UNKNOWN)):
        now.waiting.append(
            Waiting(
                HIGH,
                f"{number_of(number, 'delivery has', 'deliveries have')} an unknown outcome",
                "The platform did not answer. Each is read back; none is sent twice.",
                "Look at them",
                address_of("publishing:outbox"),
                glyph="question",
            )
        )
    if number := count_up_to(mine.filter(state=Delivery.State.SCHEDULED).exclude(held_why="")):
        now.waiting.append(
            Waiting(
                SOON,
                f"{number_of(number, 'delivery is', 'deliveries are')} held",
                "Each waits for a person to release or withdraw it.",
                "Release or withdraw",
                address_of("publishing:outbox"),
                glyph="hold",
            )
        )
