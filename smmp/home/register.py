"""What waits in the register: official accounts, grants, people who come and go."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from accounts import continuity, glass, governance, impostors, posting, reviews
from accounts.actions import recovery
from accounts.models import Grant, Mandate
from accounts.queries import Authority, departures_with_open_steps, live_grants
from core import clock
from smmp.frame import address_of
from smmp.home.now import AT_MOST_EACH, HIGH, LATER, SOON, Now, Waiting, number_of
from staff import queries as staff
from staff.models import Departure, StaffMember
from staff.roles import Power

GRANT_ENDS_SOON = timedelta(days=7)


def add_lapses(now: Now, viewer: StaffMember) -> None:
    """What the viewer has to read and confirm, or to learn again, before they publish."""
    for lapse in posting.lapses(viewer)[:AT_MOST_EACH]:
        kept_back = "Your posts and approvals are kept back until then; replies and cases are not."
        now.waiting.append(
            Waiting(
                HIGH if lapse.blocks else SOON,
                lapse.title,
                f"{lapse.renew} {kept_back}" if lapse.blocks else lapse.renew,
                "Read and confirm" if lapse.to_read else "See how",
                lapse.address,
                glyph="page" if lapse.to_read else "book",
                until=clock.midnight(lapse.blocks_on),
                then="you publish nothing until it is renewed",
            )
        )


def add_grants(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Grants that end within a week: everybody's for those who give them, else the viewer's own."""
    soon = clock.now() + GRANT_ENDS_SOON
    all_of_them = may.holds(Power.GIVE_GRANTS)
    ending: QuerySet[Grant] = live_grants(person=None if all_of_them else viewer).filter(until__lte=soon)
    for grant in ending.select_related("person", "team", "official_account", "neighbourhood").order_by(
        "until"
    )[:AT_MOST_EACH]:
        whose = "Your grant" if grant.person_id == viewer.pk else f"The grant of {grant.person or grant.team}"
        now.waiting.append(
            Waiting(
                LATER,
                f"{whose} as {grant.get_role_display().lower()} ends",
                f"It covers {grant.scope_name}.",
                "Look at grants" if all_of_them else "Read your notices",
                address_of("accounts:grants") if all_of_them else address_of("notices:list"),
                glyph="key",
                until=grant.until,
                then="the role is gone",
            )
        )


def add_mandates(now: Now, viewer: StaffMember) -> None:
    """Official accounts that are wanted, reviewed or closed, where the next step is this person's."""
    for mandate, step in governance.waiting_for(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON if mandate.is_overdue else LATER,
                f"{mandate.name}: {mandate.get_state_display().lower()}",
                f"{governance.NEXT[Mandate.State(mandate.state)]} by {mandate.due_on:%-d %B %Y}"
                + (", which has passed." if mandate.is_overdue else "."),
                step,
                address_of("accounts:mandate", mandate.pk),
                glyph="book",
            )
        )


def add_impostors(now: Now, viewer: StaffMember) -> None:
    """Accounts that may pretend to be the force, to be looked at, reported, or asked about again."""
    if not impostors.may_follow(viewer):
        return
    figures = impostors.figures(viewer)
    if figures.open:
        asked = f"; {figures.due} of them to be asked about again" if figures.due else ""
        now.waiting.append(
            Waiting(
                SOON,
                f"{number_of(figures.open, 'account may pretend', 'accounts may pretend')} to be us",
                f"Reported, and not gone yet{asked}.",
                "Follow them",
                address_of("accounts:impostors"),
                glyph="shield",
            )
        )


def add_continuity(now: Now, viewer: StaffMember) -> None:
    """Plans of the viewer that are to be read anew or tried, and what they are to do after a test."""
    plans, actions = continuity.waiting_for(viewer)
    for plan in plans[:AT_MOST_EACH]:
        missed = [
            *([f"read anew by {plan.review_on:%-d %B %Y}"] if plan.review_is_due else []),
            *([f"tried by {plan.next_test_on:%-d %B %Y}"] if plan.test_is_due else []),
        ]
        now.waiting.append(
            Waiting(
                SOON,
                f"The {plan} is overdue",
                f"It was to be {' and '.join(missed)}.",
                "Open the plan",
                address_of("accounts:continuity_plan", plan.slug),
                glyph="shield",
            )
        )
    for row in actions[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON if row.is_overdue else LATER,
                row.words,
                f"After a test of the {row.test.plan}, by {row.due_on:%-d %B %Y}"
                + (", which has passed." if row.is_overdue else "."),
                "Say what came of it",
                address_of("accounts:continuity_plan", row.test.plan.slug) + f"#action-{row.pk}",
                glyph="shield",
            )
        )


def add_emergency(now: Now, viewer: StaffMember) -> None:
    """Emergency access: what waits for the viewer's answer, and what for their review."""
    for one in glass.to_answer(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                HIGH,
                f"{one.asked_by.called} asks for emergency access",
                f"{one.get_role_display()} for {one.person.called}, {one.scope_name}.",
                "Agree or refuse",
                address_of("accounts:glass", one.pk),
                glyph="key",
                until=one.lapses_at,
                then="it lapses",
            )
        )
    for one in glass.to_review(viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"Review the emergency access of {one.person.called}",
                f"{one.get_role_display()}, {one.scope_name}. Agreed by {one.agreed_by.called}.",  # type: ignore[union-attr]
                "Review this",
                address_of("accounts:glass", one.pk),
                glyph="key",
                since=one.ends_at,
            )
        )


def add_requests(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Roles that people ask for, and what of a recertification waits for the viewer."""
    if may.holds(Power.GIVE_GRANTS):
        for request in reviews.requests(viewer)[:AT_MOST_EACH]:
            now.waiting.append(
                Waiting(
                    SOON,
                    f"{request.person.called} asks for a role",
                    f"{request.get_role_display()}, {request.scope_name}.",
                    "Answer it",
                    address_of("accounts:requests"),
                    glyph="key",
                    since=request.asked_at,
                )
            )
    rows = reviews.asked_of(viewer)
    if rows:
        now.waiting.append(
            Waiting(
                SOON,
                f"{number_of(len(rows), 'grant', 'grants')} of your people to confirm",
                f"{rows[0].campaign.title}. Say keep or end for each.",
                "Confirm them",
                address_of("accounts:confirm"),
                glyph="key",
                until=rows[0].campaign.due_at,
                then="it is overdue",
            )
        )


def add_recoveries(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Lost sign-ins that another administrator asked to renew, and that wait for this one."""
    if not may.holds(Power.MANAGE_STAFF):
        return
    live = staff.recoveries(viewer).filter(asked_at__gt=clock.now() - recovery.VALID_FOR)
    for one in live.exclude(asked_by=viewer).exclude(member=viewer)[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"Renew the sign-in of {one.member.called}?",
                f"{one.asked_by.called} asks. It takes two administrators.",
                "Agree or refuse",
                address_of("accounts:member", one.member_id),
                glyph="key",
                until=one.asked_at + recovery.VALID_FOR,
                then="it lapses",
            )
        )


def add_departures(now: Now, may: Authority) -> None:
    """Steps by hand that nobody has signed after somebody left, and who leaves within a week."""
    if not may.holds(Power.MANAGE_STAFF):
        return
    for departure in departures_with_open_steps()[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                SOON,
                f"{departure.person.called} has left",
                f"{number_of(departure.open_steps, 'step by hand is', 'steps by hand are')} not signed yet.",
                "Do and sign them",
                address_of("accounts:departure", departure.pk),
                glyph="people",
                since=departure.carried_out_at,
            )
        )
    coming = Departure.objects.filter(
        carried_out_at=None, called_off_at=None, leaves_at__lte=clock.now() + GRANT_ENDS_SOON
    ).select_related("person", "heir")
    for departure in coming.order_by("leaves_at")[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                LATER,
                f"{departure.person.called} leaves",
                f"{departure.get_kind_display()}. Their open work goes to "
                f"{departure.heir.called if departure.heir else 'whoever may do it'}.",
                "Look at it",
                address_of("accounts:departure", departure.pk),
                glyph="people",
                until=departure.leaves_at,
                then="they are out",
            )
        )


def add_conduct(now: Now, viewer: StaffMember, may: Authority) -> None:
    """Open matters of conduct, without a name: a first page is read over shoulders."""
    if not may.holds(Power.HANDLE_CONDUCT):
        return
    opened = staff.matters(viewer).filter(carried_out_at=None, ended_at=None)
    for matter in opened.order_by("act_at", "id")[:AT_MOST_EACH]:
        now.waiting.append(
            Waiting(
                LATER,
                f"Matter {matter.pk} is open",
                "Only professional standards can see it.",
                "Look at it",
                address_of("accounts:matter", matter.pk),
                glyph="people",
                until=matter.act_at,
                then="it is carried out",
                since=matter.decided_at,
            )
        )
