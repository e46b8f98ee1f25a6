"""Who works here: joiners, their links, and what people set for themselves. Leavers: staff.actions.departures."""

from __future__ import annotations

import smtplib
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction

from audit.actions import record
from core import clock, context
from core.acting import action, action_on_oneself
from core.actors import Actor, Stranger
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff import addresses, links
from staff.actions import letters
from staff.actions.departures import record_leaver as record_leaver
from staff.actions.factors import remove_factors
from staff.actions.sign_in import spend_try
from staff.models import Letter, ResetAsk, StaffMember
from staff.names import written
from staff.throttle import key_for

RESET_EVERY = timedelta(minutes=5)


@action
def add_member(*, actor: Actor, email: str, name: str, rank: str = "", phone: str = "") -> StaffMember:
    """Somebody works here; they can sign in once they have used the link that is sent to them.

    They hold no grant yet. Raises NotPermitted, or NotValid (address unreadable or known already, a name
    that hides something).
    Audits staff.member_added.
    """
    _require_manager(actor)
    email, name, rank = email.strip(), written(name, field="name"), written(rank, field="rank")
    if not name:
        raise NotValid("Give the name by which colleagues know this person.", field="name")
    try:
        addresses.check(email)
    except ValidationError:
        raise NotValid(
            "That is not an e-mail address. Check it for a typing mistake.", field="email"
        ) from None
    member = StaffMember(email=email, name=name, rank=rank, phone=phone.strip(), joined_at=clock.now())
    member.set_unusable_password()
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError:
        raise NotValid(
            "A staff member with this e-mail address is in the list already, or has left.", field="email"
        ) from None
    record(actor=actor, event="staff.member_added", subject=member, subject_name=member.called)
    return member


@action
def rename_member(*, actor: Actor, member: StaffMember, name: str, rank: str) -> StaffMember:
    """Colleagues read the person's name and rank as given.

    Raises NotPermitted, or NotValid (no name, too long). Audits staff.details_changed.
    """
    _require_manager(actor)
    member = StaffMember.objects.alone(member.pk)
    name, rank = written(name, field="name"), written(rank, field="rank")
    if not name or len(name) > 120:
        raise NotValid("Give the name, in at most 120 characters.", field="name")
    if len(rank) > 80:
        raise NotValid("A rank has at most 80 characters.", field="rank")
    given = (("name", member.name, name), ("rank", member.rank, rank))
    if changed := [word for word, was, now in given if was != now]:
        member.name, member.rank = name, rank
        member.save(update_fields=["name", "rank"])
        record(
            actor=actor,
            event="staff.details_changed",
            subject=member,
            subject_name=member.called,
            details={"changed": changed},
        )
    return member


def send_link(*, actor: Actor, member: StaffMember) -> None:
    """The person gets a link by e-mail, good once and for 24 hours, to choose a password.

    A link that was sent before no longer works. The letter leaves outside any transaction. Raises NotPermitted, TransitionNotAllowed (has left, or
    signs in already: renew the sign-in), NotValid where the mail server did not take the letter: send
    it again later. Audits staff.link_sent.
    """
    member = _revoke_links(actor=actor, member=member)
    try:
        send_mail(
            subject=f"Your sign-in to the social media platform of {settings.FORCE_NAME}",
            message=(
                f"{member.called},\n\n"
                "Open this link within 24 hours to choose a password and to set up your authenticator "
                f"app. It works once.\n\n{links.make(member)}\n\n"
                "If you did not expect this letter, do not open the link and tell your service "
                "administrator.\n"
            ),
            from_email=settings.DEFAULT_FROM_EMAIL,
            recipient_list=[member.email],
        )
    except (OSError, smtplib.SMTPException):
        raise NotValid(
            f"The mail server did not take the letter to {member.called}. They are in the list; send the "
            "link again from their page in a few minutes."
        ) from None
    _note_link(actor=actor, member=member)


@action
def _revoke_links(*, actor: Actor, member: StaffMember) -> StaffMember:
    """Links are bound to the password as it is kept: another unusable one makes every earlier link worthless."""
    _require_manager(actor)
    member = StaffMember.objects.alone(member.pk)
    if not member.is_active:
        raise TransitionNotAllowed(f"{member.called} has left the force.")
    if member.has_usable_password():
        raise TransitionNotAllowed(
            f"{member.called} has a password already. If it is lost, renew the sign-in."
        )
    member.set_unusable_password()
    member.save(update_fields=["password"])
    return member


@action
def _note_link(*, actor: Actor, member: StaffMember) -> None:
    record(actor=actor, event="staff.link_sent", subject=member, subject_name=member.called)


@action
def renew_sign_in(*, actor: Actor, member: StaffMember, why: str) -> StaffMember:
    """Password, authenticator app and recovery codes of the person count no longer; sessions end.

    A part of accounts.actions.recovery.agree, by which two people renew. Send a link afterwards. Raises NotPermitted (oneself
    included: a second administrator does it), NotValid (no reason), TransitionNotAllowed (has left).
    Audits staff.sign_in_renewed.
    """
    _require_manager(actor)
    member = StaffMember.objects.alone(member.pk)
    if actor.actor_kind == "staff" and actor.actor_id == member.pk:
        raise NotPermitted("You cannot renew your own sign-in. Ask another administrator.")
    if not member.active:
        raise TransitionNotAllowed(f"{member.called} has left the force.")
    if not why.strip():
        raise NotValid("Say why, in a few words.", field="why")
    member.set_unusable_password()
    member.authentication_epoch += 1
    member.save(update_fields=["password", "authentication_epoch"])
    remove_factors(member)
    record(
        actor=actor,
        event="staff.sign_in_renewed",
        subject=member,
        subject_name=member.called,
        reason=why.strip(),
    )
    return member


@transaction.atomic
def choose_first_password(*, token: str, password: str) -> StaffMember:
    """The person of a one-use link has a password; the link is spent, the second factor comes next.

    Raises NotValid for a link that no longer works or a password that is too weak.
    Audits staff.password_chosen.
    """
    pk = links.owner(token).pk
    StaffMember.objects.alone(pk)
    # Read again behind the lock: of two who open the same link at once, one is told that it is spent.
    member = links.owner(token)
    _set_password(member, password)
    record(actor=member, event="staff.password_chosen", subject=member, subject_name=member.called)
    letters.queue(member, Letter.Kind.PASSWORD, what="a password was chosen for your sign-in.")
    return member


@action
def ask_reset(*, actor: Stranger, email: str, source: str) -> None:
    """Somebody asks for a link to choose a new password; whether the address is known is not looked at here.

    The same is written for every address, so that neither the answer nor its time tells who has one.
    Raises TooMany after ten tries from one source for one address. `answer_resets` goes on, seconds later.
    """
    email = email.strip()
    spend_try(key=key_for("reset", email, source), source=source)
    ask = ResetAsk(
        email=email,
        asked_at=clock.now(),
        request_id=context.request_id()[:64],
        source=context.source_address()[:64],
    )
    ResetAsk.objects.bulk_create([ask], ignore_conflicts=True)


@action
def answer_resets(*, actor: Actor, most: int = 50) -> int:
    """Whoever owns an address that was asked for gets a link, if they sign in with a password.

    At most one letter in five minutes for each person. Answers how many were asked for.
    Audits staff.reset_asked, for a known address.
    """
    asks = list(ResetAsk.objects.select_for_update(skip_locked=True).order_by("asked_at")[:most])
    for ask in asks:
        with context.request(ask.request_id, source=ask.source):
            _answer_reset(ask.email)
        ask.delete()
    return len(asks)


def _answer_reset(email: str) -> None:
    member = StaffMember.objects.filter(email__iexact=email, active=True).first()
    if member is None or not member.is_active or not member.has_usable_password():
        return
    StaffMember.objects.alone(member.pk)
    lately = clock.now() - RESET_EVERY
    if Letter.objects.filter(member=member, kind=Letter.Kind.RESET, made_at__gt=lately).exists():
        return
    letters.queue(member, Letter.Kind.RESET)
    record(actor=Stranger(), event="staff.reset_asked", subject=member, subject_name=member.called)


@transaction.atomic
def choose_new_password(*, token: str, password: str) -> StaffMember:
    """The person of a reset link has a new password; every session of theirs ends. Their second factors
    stay as they are and are asked for next.

    Raises NotValid for a link that no longer works or a password that is too weak.
    Audits staff.password_chosen.
    """
    pk = links.owner_of_reset(token).pk
    StaffMember.objects.alone(pk)
    member = links.owner_of_reset(token)
    _set_password(member, password)
    record(actor=member, event="staff.password_chosen", subject=member, subject_name=member.called)
    letters.queue(
        member, Letter.Kind.PASSWORD, what="a new password was chosen with a link sent to this address."
    )
    return member


@action
def change_email(*, actor: Actor, member: StaffMember, email: str) -> StaffMember:
    """The person signs in with another address; both addresses are told.

    Raises NotPermitted (oneself included), NotValid (unreadable, taken, the same), TransitionNotAllowed
    (has left). Audits staff.email_changed.
    """
    _require_manager(actor)
    member = StaffMember.objects.alone(member.pk)
    if actor.actor_kind == "staff" and actor.actor_id == member.pk:
        raise NotPermitted("You cannot change your own address. Ask another administrator.")
    if not member.active:
        raise TransitionNotAllowed(f"{member.called} has left the force.")
    before, email = member.email, email.strip()
    if email == before:
        raise NotValid("That is the present address.", field="email")
    try:
        addresses.check(email)
    except ValidationError:
        raise NotValid(
            "That is not an e-mail address. Check it for a typing mistake.", field="email"
        ) from None
    member.email = email
    try:
        with transaction.atomic():
            member.save(update_fields=["email"])
    except IntegrityError:
        raise NotValid(
            "Another staff member has this address, or had it when they left.", field="email"
        ) from None
    record(actor=actor, event="staff.email_changed", subject=member, subject_name=member.called)
    letters.queue(member, Letter.Kind.EMAIL, what="Letters now go to another address.", to=before)
    letters.queue(member, Letter.Kind.EMAIL, what="Letters now come to this address.")
    return member


@action_on_oneself
def change_password(*, actor: StaffMember, password: str) -> StaffMember:
    """The person has a new password; their other sessions end with the old one.

    The caller has proved the present password. Raises NotValid for one that is too weak or the same.
    Audits staff.password_chosen.
    """
    member = StaffMember.objects.alone(actor.pk)
    if member.check_password(password):
        raise NotValid("That is your present password. Choose another.", field="password")
    _set_password(member, password)
    record(actor=actor, event="staff.password_chosen", subject=member, subject_name=member.called)
    letters.queue(
        member, Letter.Kind.PASSWORD, what="you, or somebody signed in as you, chose a new password."
    )
    return member


def _set_password(member: StaffMember, password: str) -> None:
    try:
        validate_password(password, user=member)
    except ValidationError as weak:
        raise NotValid(" ".join(weak.messages), field="password") from None
    member.set_password(password)
    member.save(update_fields=["password"])


@action_on_oneself
def change_profile(*, actor: StaffMember, theme: str, single_keys: bool, phone: str) -> StaffMember:
    """How the pages look to the person, whether single keys act, and the duty phone.

    Raises NotValid for a theme that there is not. Audits staff.profile_changed.
    """
    member = StaffMember.objects.alone(actor.pk)
    if theme not in {"system", "light", "dark"}:
        raise NotValid("Choose light, dark, or as your device is set.", field="theme")
    member.theme, member.single_keys, member.phone = theme, single_keys, phone.strip()
    member.save(update_fields=["theme", "single_keys", "phone"])
    record(actor=actor, event="staff.profile_changed", subject=member, subject_name=member.called)
    return member


def _require_manager(actor: Actor) -> None:
    """People need the power, which accounts.backend reads from live grants; the platform does not."""
    if isinstance(actor, StaffMember) and not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted(
            "Adding staff members and recording leavers belongs to the service administrators."
        )
