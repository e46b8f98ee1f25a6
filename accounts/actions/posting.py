"""Policies and playbooks in versions, who has read them, and which training counts."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import posting, queries
from accounts.models import Course, PolicyPage, PolicyReading, PolicyVersion, Training
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LONGEST_TEXT = 40_000
FIRST = "The first version."


@action
def publish_page(*, actor: Actor, kind: str, title: str, text: str) -> PolicyPage:
    """A policy or playbook holds from now on; whoever publishes has 14 days to read and confirm it.

    Raises NotPermitted, NotValid. Audits policy.published.
    """
    _require(actor)
    title = " ".join(title.split())
    if kind not in PolicyPage.Kind.values:
        raise NotValid("Choose whether it is a policy or a playbook.", field="kind")
    if not title or len(title) > 120:
        raise NotValid("Give a title of at most 120 characters.", field="title")
    page = PolicyPage(kind=kind, title=title)
    try:
        with transaction.atomic():
            page.save(force_insert=True)
    except IntegrityError:
        raise NotValid("There is a page of this title already.", field="title") from None
    _publish(actor, page, 1, text, FIRST)
    return page


@action
def publish_version(*, actor: Actor, page: PolicyPage, seen: int, text: str, changes: str) -> PolicyVersion:
    """The next version takes the place of the one before, and is read and confirmed anew.

    seen: the number of the version that the writer had before them. Raises NotPermitted, NotValid,
    ChangedSinceSeen, TransitionNotAllowed (it holds no longer). Audits policy.published.
    """
    _require(actor)
    page = _locked(page)
    latest = page.versions.order_by("-number")[0]
    if seen != latest.number:
        raise ChangedSinceSeen(
            f"Version {latest.number} was published while you wrote. Copy your words, read it, then write yours."
        )
    if not changes.strip():
        raise NotValid("Say what is new, so that nobody has to search for it.", field="changes")
    if text.replace("\r\n", "\n").strip() == latest.text:
        raise NotValid("It says the same as the version before.", field="text")
    return _publish(actor, page, latest.number + 1, text, changes.strip()[:300])


@action
def end_page(*, actor: StaffMember, page: PolicyPage) -> PolicyPage:
    """The page holds no longer: nobody has to have read it. Raises NotPermitted, TransitionNotAllowed. Audits policy.ended."""
    _require(actor)
    page = _locked(page)
    page.ended_at, page.ended_by = clock.now(), actor
    page.save(update_fields=["ended_at", "ended_by"])
    record(actor=actor, event="policy.ended", subject=page, subject_name=page.title)
    return page


@action
def confirm_reading(*, actor: StaffMember, page: PolicyPage, seen: int) -> PolicyReading:
    """The actor has read the version that the page showed. Twice is once.

    Raises ChangedSinceSeen (there is a newer one), TransitionNotAllowed. Audits policy.read.
    """
    page = _locked(page)
    latest = page.versions.order_by("-number")[0]
    if seen != latest.number:
        raise ChangedSinceSeen(
            f"Version {latest.number} is out since you opened this one. Read that, then confirm it."
        )
    reading, new = PolicyReading.objects.get_or_create(
        version=latest, person=actor, defaults={"at": clock.now()}
    )
    if new:
        record(
            actor=actor,
            event="policy.read",
            subject=page,
            subject_name=page.title,
            details={"version": latest.number},
        )
    return reading


@action
def ask_for_course(*, actor: Actor, name: str, counts_for_months: int, renew: str) -> Course:
    """Nobody publishes without this training from now on, after 14 days of warning.

    Raises NotPermitted, NotValid. Audits training.course_asked.
    """
    _require(actor)
    name, renew = " ".join(name.split()), renew.strip()
    if not name or len(name) > 120:
        raise NotValid("Give the name of the course, at most 120 characters.", field="name")
    if not renew:
        raise NotValid("Say where it is taken, so that whoever lacks it knows.", field="renew")
    if not 1 <= counts_for_months <= 120:
        raise NotValid("It counts for 1 to 120 months.", field="counts_for_months")
    course = Course(
        name=name,
        counts_for_months=counts_for_months,
        renew=renew[:300],
        asked_since=clock.today(),
        set_by=actor if isinstance(actor, StaffMember) else None,
    )
    try:
        with transaction.atomic():
            course.save(force_insert=True)
    except IntegrityError:
        raise NotValid("This course is asked for already.", field="name") from None
    record(actor=actor, event="training.course_asked", subject=course, subject_name=name)
    return course


@action
def end_course(*, actor: StaffMember, course: Course) -> Course:
    """The course is asked for no longer. Raises NotPermitted, TransitionNotAllowed. Audits training.course_ended."""
    _require(actor)
    row = Course.objects.select_for_update().get(pk=course.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("This course is asked for no longer.")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    record(actor=actor, event="training.course_ended", subject=row, subject_name=row.name)
    return row


@action
def note_training(
    *, actor: Actor, person: StaffMember, course: Course, done_on: date, source: str = "by hand"
) -> Training:
    """Somebody took a course: it counts for them until the course's time is over. Nobody notes their own.

    Raises NotPermitted, NotValid. Audits training.noted.
    """
    _require(actor)
    if isinstance(actor, StaffMember) and actor.pk == person.pk:
        raise NotValid("You cannot record your own training. A colleague does it.", field="person")
    if course.ended_at is not None:
        raise NotValid("This course is asked for no longer.", field="course")
    if done_on > clock.today():
        raise NotValid("Give a day that has been.", field="done_on")
    row = Training(
        person=person,
        course=course,
        done_on=done_on,
        counts_until=posting.counts_until(course, done_on),
        source=source[:120],
        noted_by=actor if isinstance(actor, StaffMember) else None,
        noted_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise NotValid("This is recorded already.", field="done_on") from None
    record(
        actor=actor,
        event="training.noted",
        subject=person,
        subject_name=person.called,
        details={"course": course.name, "done_on": done_on.isoformat()},
    )
    return row


@action
def note_list(*, actor: StaffMember, content: bytes, name: str) -> int:
    """Every line of the file is recorded, or none is; what is known already stays. Answers how many are new.

    Raises NotPermitted, NotValid. Audits training.list_noted, and each as if it were noted by hand.
    """
    _require(actor)
    rows = posting.plan(content, actor=actor)
    if refused := [row for row in rows if row.wrong]:
        raise NotValid(
            f"{len(refused)} of {len(rows)} lines are refused, first line {refused[0].line}: {refused[0].wrong} "
            "Nothing was recorded.",
            field="file",
        )
    new = [row for row in rows if not row.known]
    for row in new:
        assert row.person is not None
        assert row.course is not None
        assert row.done_on is not None
        note_training(actor=actor, person=row.person, course=row.course, done_on=row.done_on, source=name)
    record(actor=actor, event="training.list_noted", subject_name=name[:120], details={"count": len(new)})
    return len(new)


@action
def strike_training(*, actor: StaffMember, training: Training) -> Training:
    """It was recorded wrongly and counts no longer. Raises NotPermitted, TransitionNotAllowed. Audits training.struck."""
    _require(actor)
    row = (
        Training.objects.select_for_update(of=("self",))
        .select_related("person", "course")
        .get(pk=training.pk)
    )
    if row.struck_at is not None:
        raise TransitionNotAllowed("This was struck out already.")
    row.struck_at, row.struck_by = clock.now(), actor
    row.save(update_fields=["struck_at", "struck_by"])
    record(
        actor=actor,
        event="training.struck",
        subject=row.person,
        subject_name=row.person.called,
        details={"course": row.course.name, "done_on": row.done_on.isoformat()},
    )
    return row


def _publish(actor: Actor, page: PolicyPage, number: int, text: str, changes: str) -> PolicyVersion:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise NotValid("Write what it says.", field="text")
    if len(text) > LONGEST_TEXT:
        raise NotValid(
            f"It is longer than {LONGEST_TEXT:,} characters. Split it into two pages.", field="text"
        )
    version = PolicyVersion.objects.create(
        page=page,
        number=number,
        text=text,
        changes=changes,
        published_by=actor if isinstance(actor, StaffMember) else None,
        published_at=clock.now(),
    )
    record(
        actor=actor,
        event="policy.published",
        subject=page,
        subject_name=page.title,
        reason=changes,
        details={"version": number},
    )
    notify(
        actor=actor,
        to=posting.publishers(),
        urgency=Notice.Urgency.FYI,
        title=f"To read and confirm: {page.title}, version {number}",
        body=f"{changes} Whoever has not confirmed it in 14 days does not publish until they have.",
        link=reverse("accounts:policy", args=[page.pk]),
        key=f"policy:{page.pk}:{number}",
    )
    return version


def _locked(page: PolicyPage) -> PolicyPage:
    row = PolicyPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("This page holds no longer.")
    return row


def _require(actor: Actor) -> None:
    if isinstance(actor, StaffMember):
        queries.require(actor, Power.SET_POLICIES)
