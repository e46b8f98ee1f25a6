"""Whether somebody may publish: what they have to read and confirm, which training counts, and since when it does not.

What has lapsed warns for 14 days and then keeps that person's own posts, and their approvals, from the queue. It never keeps
back a reply, an escalation, a correction, a deletion or what is urgent: those protect people and the record.
Source: APP social media, "Social media policy" and "Training".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from accounts import imports, queries
from accounts.models import Course, Grant, PolicyPage, PolicyReading, PolicyVersion, Training
from core import clock, sheets
from core.errors import NotFound, NotPermitted
from staff.models import Membership, StaffMember
from staff.roles import POWERS, Power

WARNS_FOR = timedelta(days=14)
PUBLISHING = (Power.WRITE_POSTS, Power.APPROVE_POSTS)
ROLES = sorted(role for role, powers in POWERS.items() if powers & {*PUBLISHING})
COLUMNS = ("email", "course", "done")
MOST_ROWS = 2000
SHAPE = sheets.Shape("trainings", MOST_ROWS, imports.LARGEST_BYTES, known=COLUMNS, needed=COLUMNS)


@dataclass(frozen=True)
class Lapse:
    """One thing that somebody lacks. `since`: the first London day on which they lacked it."""

    title: str
    since: date
    renew: str
    """What they do about it, in a sentence."""
    address: str
    to_read: bool
    slug: str
    """Names what is lacking: of a page with the version, of a course with its number."""

    @property
    def blocks_on(self) -> date:
        """The first day on which they no longer publish."""
        return self.since + WARNS_FOR

    @property
    def blocks(self) -> bool:
        return clock.today() >= self.blocks_on

    @property
    def says(self) -> str:
        """Until when, or since when, and what to do."""
        if self.blocks:
            return f"It keeps their posts back since {self.blocks_on:%-d %B %Y}. {self.renew}"
        return f"From {self.blocks_on:%-d %B %Y} on they cannot publish without it. {self.renew}"


def lapses(person: StaffMember) -> list[Lapse]:
    """What somebody who may publish lacks, what blocks first. Nobody lacks anything who may not publish."""
    pages, courses = _latest(), list(Course.objects.filter(ended_at=None))
    if not (pages or courses):
        return []
    if not any(queries.may(person, power) for power in PUBLISHING):
        return []
    return _of_each([person], pages, courses, ahead=timedelta(0))[person]


def lapses_of_all(*, ahead: timedelta = timedelta(0)) -> dict[StaffMember, list[Lapse]]:
    """Everybody who may publish with what they lack, or will lack within `ahead`. Ten reads for however many."""
    pages, courses = _latest(), list(Course.objects.filter(ended_at=None))
    people = publishers()
    return _of_each(people, pages, courses, ahead=ahead) if pages or courses else {one: [] for one in people}


def _of_each(
    people: list[StaffMember], pages: list[PolicyVersion], courses: list[Course], *, ahead: timedelta
) -> dict[StaffMember, list[Lapse]]:
    began = _began([person.pk for person in people])
    published: dict[int, list[tuple[int, datetime]]] = {}
    for page, number, at in (
        PolicyVersion.objects.filter(page__in=[version.page_id for version in pages])
        .order_by("number")
        .values_list("page_id", "number", "published_at")
    ):
        published.setdefault(page, []).append((number, at))
    read: dict[int, dict[int, int]] = {}
    for pk, page, number in PolicyReading.objects.filter(person__in=began).values_list(
        "person_id", "version__page_id", "version__number"
    ):
        of = read.setdefault(pk, {})
        of[page] = max(number, of.get(page, 0))
    until: dict[int, dict[int, date]] = {}
    for pk, course, day in Training.objects.filter(person__in=began, struck_at=None).values_list(
        "person_id", "course_id", "counts_until"
    ):
        done = until.setdefault(pk, {})
        done[course] = max(day, done.get(course, day))
    found: dict[StaffMember, list[Lapse]] = {}
    for person in people:
        since = began.get(person.pk)
        lacking = (
            []
            if since is None
            else [
                *_unread(pages, published, read.get(person.pk, {}), since),
                *_untrained(courses, until.get(person.pk, {}), since, ahead),
            ]
        )
        found[person] = sorted(lacking, key=lambda one: (one.since, one.title))
    return found


def refuse_lapsed(person: StaffMember) -> None:
    """Called in the transaction that queues a post. Raises NotPermitted with the way to renew."""
    blocking = [one for one in lapses(person) if one.blocks]
    if blocking:
        raise NotPermitted(why_not(person, blocking))


def why_not(person: StaffMember, blocking: Iterable[Lapse]) -> str:
    """The sentence for whoever publishes, and for whoever approves."""
    told = " ".join(f"{one.title}: {one.renew}" for one in blocking)
    return f"{person.called} does not publish until this is renewed. {told}"


def _began(ids: list[int]) -> dict[int, date]:
    """The day on which each of these could first publish; who never could is left out."""
    since: dict[int, list[datetime]] = {}
    for pk, at in Grant.objects.filter(person__in=ids, role__in=ROLES).values_list("person_id", "since"):
        since.setdefault(pk, []).append(at)
    for pk, joined, at in Membership.objects.filter(member__in=ids, team__grants__role__in=ROLES).values_list(
        "member_id", "since", "team__grants__since"
    ):
        since.setdefault(pk, []).append(max(joined, at))
    return {pk: clock.in_london(min(instants)).date() for pk, instants in since.items()}


def _latest() -> list[PolicyVersion]:
    return list(
        PolicyVersion.objects.filter(page__ended_at=None)
        .select_related("page")
        .order_by("page_id", "-number")
        .distinct("page_id")
    )


def _unread(
    latest: list[PolicyVersion],
    published: dict[int, list[tuple[int, datetime]]],
    read: dict[int, int],
    began: date,
) -> list[Lapse]:
    found = []
    for version in latest:
        done = read.get(version.page_id, 0)
        if done >= version.number:
            continue
        # A second version while the first waits to be read gives nobody another fortnight.
        first = next(at for number, at in published[version.page_id] if number > done)
        found.append(
            Lapse(
                f"{version.page.get_kind_display()} “{version.page}”, version {version.number}",
                max(clock.in_london(first).date(), began),
                "Read it and confirm it.",
                reverse("accounts:policy", args=[version.page_id]),
                to_read=True,
                slug=f"policy:{version.page_id}:{version.number}",
            )
        )
    return found


def _untrained(courses: list[Course], until: dict[int, date], began: date, ahead: timedelta) -> list[Lapse]:
    found = []
    for course in courses:
        last = until.get(course.pk)
        since = last + timedelta(days=1) if last else max(course.asked_since, began)
        if last is not None and since > clock.today() + ahead:
            continue
        found.append(
            Lapse(
                f"Training “{course}”",
                since,
                f"{course.renew} Then have the date recorded by whoever keeps the training.",
                reverse("accounts:policies"),
                to_read=False,
                slug=f"course:{course.pk}",
            )
        )
    return found


# What the pages read.


def may_set(viewer: StaffMember) -> bool:
    """Whether they write policies and keep the training."""
    return queries.may(viewer, Power.SET_POLICIES)


@dataclass(frozen=True)
class Shown:
    """One page as a person finds it in the list."""

    version: PolicyVersion
    read_at: datetime | None


def pages(viewer: StaffMember) -> list[Shown]:
    """Every live page in its latest version, and when the viewer confirmed it."""
    read = dict(PolicyReading.objects.filter(person=viewer).values_list("version_id", "at"))
    found = [Shown(version, read.get(version.pk)) for version in _latest()]
    return sorted(found, key=lambda one: (one.version.page.kind, one.version.page.title))


def page(viewer: StaffMember, pk: int) -> PolicyPage:
    """One live page: everybody who works here reads it. Raises NotFound."""
    found = PolicyPage.objects.filter(pk=pk, ended_at=None).first()
    if found is None:
        raise NotFound("There is no such page, or it holds no longer.")
    return found


def versions(viewer: StaffMember, page: PolicyPage) -> list[tuple[PolicyVersion, datetime | None]]:
    """All versions, the newest first, and when the viewer confirmed each."""
    read = dict(
        PolicyReading.objects.filter(person=viewer, version__page=page).values_list("version_id", "at")
    )
    rows = PolicyVersion.objects.filter(page=page).select_related("published_by").order_by("-number")
    return [(row, read.get(row.pk)) for row in rows]


def readers(page: PolicyPage) -> tuple[int, int]:
    """How many of those who publish have confirmed the latest version, of how many."""
    people = publishers()
    latest = PolicyVersion.objects.filter(page=page).order_by("-number").first()
    ids = [one.pk for one in people]
    return PolicyReading.objects.filter(version=latest, person__in=ids).count(), len(ids)


def publishers() -> list[StaffMember]:
    """Everybody who may write or approve posts somewhere."""
    found = {person.pk: person for power in PUBLISHING for person in queries.people_with(power)}
    return sorted(found.values(), key=lambda person: person.called)


def standing(viewer: StaffMember) -> list[tuple[StaffMember, list[Lapse]]]:
    """Everybody who may publish with what they lack, who is blocked first."""
    rows = list(lapses_of_all().items())
    rows.sort(key=lambda row: (not any(one.blocks for one in row[1]), not row[1], row[0].called))
    return rows


def courses(viewer: StaffMember) -> list[Course]:
    """Those that are asked for."""
    return list(Course.objects.filter(ended_at=None))


def course(viewer: StaffMember, pk: int) -> Course:
    """One course, whether or not it is still asked for. Raises NotFound."""
    found = Course.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such course. Reload the page.")
    return found


def training(viewer: StaffMember, pk: int) -> Training:
    """One record, struck out or not. Raises NotFound."""
    found = Training.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such record. Reload the page.")
    return found


def trainings(viewer: StaffMember, *, most: int = 200) -> list[Training]:
    """What was noted, the newest first."""
    rows = Training.objects.filter(struck_at=None, course__ended_at=None)
    return list(rows.select_related("person", "course", "noted_by").order_by("-noted_at", "-id")[:most])


def own_trainings(viewer: StaffMember) -> list[Training]:
    """What counts, or counted, for the viewer."""
    rows = Training.objects.filter(person=viewer, struck_at=None, course__ended_at=None)
    return list(rows.select_related("course"))


# Files.


@dataclass
class Row:
    """One line of a file: who took which course when, or why it is refused."""

    line: int
    email: str
    course_name: str
    done: str
    person: StaffMember | None = None
    course: Course | None = None
    done_on: date | None = None
    known: bool = False
    """It is noted already."""
    wrong: str = ""


def template() -> str:
    """A file to begin from."""
    name = Course.objects.filter(ended_at=None).values_list("name", flat=True).first()
    row = ("nia.new@wealdshire.example", name or "Social media", f"{clock.today():%d/%m/%Y}")
    return sheets.written(COLUMNS, [row])


def plan(content: bytes, *, actor: StaffMember) -> list[Row]:
    """What each line comes to. Raises NotValid where the file cannot be read."""
    rows = [
        Row(int(row["line"]), row["email"], row["course"], row["done"]) for row in sheets.read(content, SHAPE)
    ]
    _compare(rows, actor)
    return rows


def _compare(rows: list[Row], actor: StaffMember) -> None:
    emails = [row.email.lower() for row in rows]
    people = {
        person.email.lower(): person
        for person in StaffMember.objects.filter(active=True, kind=StaffMember.Kind.PERSON).extra(
            where=["lower(email) = ANY(%s)"], params=[emails]
        )
    }
    known_courses = {course.name.lower(): course for course in Course.objects.filter(ended_at=None)}
    known = set(
        Training.objects.filter(struck_at=None, person__in=people.values()).values_list(
            "person_id", "course_id", "done_on"
        )
    )
    for row in rows:
        row.person = people.get(row.email.lower())
        row.course = known_courses.get(row.course_name.lower())
        row.done_on = day_of(row.done)
        if row.person is None:
            row.wrong = "Nobody with this e-mail address works here."
        elif row.person.pk == actor.pk:
            row.wrong = "You cannot record your own training. A colleague does it."
        elif row.course is None:
            row.wrong = f"There is no course “{row.course_name[:60]}”."
        elif row.done_on is None or row.done_on > clock.today():
            row.wrong = "The date is none that has been, such as 31/03/2026."
        else:
            key = (row.person.pk, row.course.pk, row.done_on)
            row.known = key in known
            known.add(key)


def day_of(text: str) -> date | None:
    """A date as people write it; None for what is none."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a date, on London's calendar
        except ValueError:
            continue
        return found if found.year >= 2000 else None
    return None


def counts_until(course: Course, done_on: date) -> date:
    """The last day on which it counts: the same day so many months on, or the last of that month."""
    return clock.add_months(done_on, course.counts_for_months)
