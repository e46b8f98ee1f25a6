"""Writing scenarios of the force's own: begun, copied or brought as a file, edited as a draft, put in use in versions."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotValid, TransitionNotAllowed
from exercise import library, scenarios
from exercise.authority import require_trainer
from exercise.models import OwnScenario, ScenarioVersion

State = ScenarioVersion.State
_LONGEST_MOVE_S = 999 * 60
_ADDRESSES = frozenset({"format"})
"""Words that the addresses of the library use themselves."""


@action
def begin_scenario(
    *, actor: Actor, name: str, title: str, summary: str, minutes: int, accounts: list[str]
) -> ScenarioVersion:
    """A scenario of the force's own begins as an empty draft. Returns its version.

    Raises NotPermitted, NotValid (a name that is taken or not allowed). Audits exercise.scenario_begun.
    """
    require_trainer(actor)
    content = {
        "name": _free(name),
        "title": title.strip(),
        "summary": summary.strip(),
        "minutes": minutes,
        "accounts": accounts,
        "posts": [],
        "comments": [],
        "weather": [],
    }
    row = _made(actor, content)
    record(actor=actor, event="exercise.scenario_begun", subject=row.scenario, subject_name=str(row.scenario))
    return row


@action
def copy_scenario(*, actor: Actor, of: str, name: str, title: str) -> ScenarioVersion:
    """A draft of the force's own begins as a copy of another scenario, shipped or own.

    Raises NotPermitted, NotFound, NotValid (name). Audits exercise.scenario_begun.
    """
    require_trainer(actor)
    content = {**library.content_for(actor, of), "name": _free(name), "title": title.strip()}
    row = _made(actor, content)
    record(
        actor=actor,
        event="exercise.scenario_begun",
        subject=row.scenario,
        subject_name=str(row.scenario),
        details={"copy_of": of[:60]},
    )
    return row


@action
def import_scenario(*, actor: Actor, content: bytes, source: str) -> ScenarioVersion:
    """A file becomes a draft: of a new scenario, or the next version of the force's own scenario of that name.

    Raises NotPermitted, ScenarioBroken (with line and sentence), NotValid where the name is that of a shipped one,
    TransitionNotAllowed where a draft of it is being worked on. Audits exercise.scenario_imported.
    """
    require_trainer(actor)
    read = library.read_file(content, source=source)
    standing = OwnScenario.objects.select_for_update().filter(slug=read["name"]).first()
    if standing is None:
        _free(read["name"])
        row = _made(actor, read)
    else:
        row = _next(actor, standing, read)
    record(
        actor=actor,
        event="exercise.scenario_imported",
        subject=row.scenario,
        subject_name=str(row.scenario),
        details={"lines": len(read["posts"]) + len(read["comments"]), "number": row.number},
    )
    return row


@action
def begin_version(*, actor: Actor, scenario: OwnScenario) -> ScenarioVersion:
    """The next version begins as a draft, with what the newest one holds.

    Raises NotPermitted, TransitionNotAllowed where there is a draft. Audits exercise.scenario_changed.
    """
    require_trainer(actor)
    scenario = OwnScenario.objects.select_for_update().get(pk=scenario.pk)
    newest = scenario.versions.order_by("-number").first()
    row = _next(actor, scenario, dict(newest.content) if newest is not None else {})
    _tell(actor, row, f"version {row.number} begun")
    return row


@action
def save_head(*, actor: Actor, version: ScenarioVersion, seen: int, **given: Any) -> ScenarioVersion:
    """The draft has another title, summary, length or other official profiles.

    seen: the count of changes that the writer had before them. Raises NotPermitted, ChangedSinceSeen,
    NotValid, TransitionNotAllowed. Audits exercise.scenario_changed.
    """
    row = _draft(actor, version, seen)
    row.content = {**row.content, **given}
    _check_head(row.content)
    row.scenario.title = str(given.get("title", row.scenario.title))[:120]
    row.scenario.save(update_fields=["title"])
    return _kept(actor, row, "the head")


@action
def save_line(
    *, actor: Actor, version: ScenarioVersion, seen: int, section: str, key: str, line: dict[str, Any]
) -> ScenarioVersion:
    """One line of the draft is written anew, or added where `key` is empty.

    What is wrong with the line itself is refused at once; what is wrong elsewhere stands on the page of the draft.
    Raises NotPermitted, NotValid, ChangedSinceSeen, TransitionNotAllowed, NotFound. Audits exercise.scenario_changed.
    """
    row = _draft(actor, version, seen)
    content = dict(row.content)
    rows = list(content.get(section, []))
    if key:
        place = rows.index(library.entry(content, section, key))
        rows[place] = line
    else:
        rows.append(line)
        place = len(rows) - 1
    content[section] = rows
    called = str(line.get("key", place + 1))
    for problem in library.problems(content):
        if (problem.section, problem.key) == (section, called):
            raise NotValid(problem.sentence)
    row.content = content
    return _kept(actor, row, f"{section}: {called}")


@action
def remove_line(
    *, actor: Actor, version: ScenarioVersion, seen: int, section: str, key: str
) -> ScenarioVersion:
    """One line of the draft is taken out. What answers it stays and is shown as wrong until it answers something else.

    Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed, NotFound. Audits exercise.scenario_changed.
    """
    row = _draft(actor, version, seen)
    gone = library.entry(row.content, section, key)
    row.content = {**row.content, section: [one for one in row.content[section] if one is not gone]}
    return _kept(actor, row, f"{section}: {key} removed")


@action
def move_line(
    *,
    actor: Actor,
    version: ScenarioVersion,
    seen: int,
    section: str,
    key: str,
    by_s: int,
    and_all_after: bool = False,
) -> ScenarioVersion:
    """One line comes earlier (by_s below 0) or later, alone or with everything that comes after it.

    Its edit and its deletion move with it. A time never goes below 00:00 nor beyond the end of the scenario.
    Raises NotPermitted, NotValid, ChangedSinceSeen, TransitionNotAllowed, NotFound. Audits exercise.scenario_changed.
    """
    row = _draft(actor, version, seen)
    if not -_LONGEST_MOVE_S <= by_s <= _LONGEST_MOVE_S:
        raise NotValid("Move a line by at most the length of a scenario.")
    from_s = library.seconds_of(str(library.entry(row.content, section, key).get("at", "")))
    last_s = int(row.content.get("minutes", 0)) * 60
    content = dict(row.content)
    for of in library.SECTIONS:
        content[of] = [
            _moved(one, by_s, last_s)
            if (of, called) == (section, key) or (and_all_after and library.seconds_of(one["at"]) > from_s)
            else one
            for found_in, called, one in library.rows_of(row.content)
            if found_in == of
        ]
    row.content = content
    return _kept(actor, row, f"{section}: {key} moved by {by_s} s")


@action
def put_in_use(*, actor: Actor, version: ScenarioVersion, seen: int) -> ScenarioVersion:
    """The draft becomes the version that is played; the one before it is kept as a former one.

    Raises NotPermitted, ScenarioBroken where it cannot be played, ChangedSinceSeen, TransitionNotAllowed.
    Audits exercise.scenario_in_use.
    """
    row = _draft(actor, version, seen)
    library.scenario_of(row)
    ScenarioVersion.objects.filter(scenario=row.scenario, state=State.LIVE).update(state=State.PAST)
    row.state, row.in_use_at = State.LIVE, clock.now()
    row.save(update_fields=["state", "in_use_at"])
    record(
        actor=actor,
        event="exercise.scenario_in_use",
        subject=row.scenario,
        subject_name=str(row.scenario),
        details={"number": row.number},
    )
    return row


@action
def give_up_draft(*, actor: Actor, version: ScenarioVersion) -> None:
    """The draft is kept as a former version that was never played; the one in use stays in use.

    Raises NotPermitted, TransitionNotAllowed. Audits exercise.scenario_dropped.
    """
    row = _draft(actor, version, None)
    row.state = State.PAST
    row.save(update_fields=["state"])
    record(
        actor=actor,
        event="exercise.scenario_dropped",
        subject=row.scenario,
        subject_name=str(row.scenario),
        details={"number": row.number},
    )


@action
def retire(*, actor: Actor, scenario: OwnScenario, retired: bool) -> OwnScenario:
    """The scenario is offered no more, or is offered again. Twice is no fault.

    Raises NotPermitted. Audits exercise.scenario_retired, exercise.scenario_returned.
    """
    require_trainer(actor)
    scenario = OwnScenario.objects.select_for_update().get(pk=scenario.pk)
    if (scenario.retired_at is not None) != retired:
        scenario.retired_at = clock.now() if retired else None
        scenario.save(update_fields=["retired_at"])
        event = "exercise.scenario_retired" if retired else "exercise.scenario_returned"
        record(actor=actor, event=event, subject=scenario, subject_name=str(scenario))
    return scenario


def _free(name: str) -> str:
    name = name.strip()
    if name in scenarios.shipped_names() or name in _ADDRESSES:
        raise NotValid(f"“{name}” is taken by the platform. Give yours another name.", field="name")
    if OwnScenario.objects.filter(slug=name).exists():
        raise NotValid(f"There is a scenario called “{name}” already.", field="name")
    return name


def _check_head(content: dict[str, Any]) -> None:
    for problem in library.problems(content):
        if not problem.section:
            raise NotValid(problem.sentence)


def _made(actor: Actor, content: dict[str, Any]) -> ScenarioVersion:
    _check_head(content)
    try:
        with transaction.atomic():
            scenario = OwnScenario.objects.create(
                slug=content["name"],
                title=content["title"][:120],
                begun_at=clock.now(),
                begun_by_name=actor.actor_name[:200],
            )
    except IntegrityError:
        raise NotValid(f"There is a scenario called “{content['name']}” already.", field="name") from None
    return _next(actor, scenario, content)


def _next(actor: Actor, scenario: OwnScenario, content: dict[str, Any]) -> ScenarioVersion:
    numbers = list(scenario.versions.values_list("number", "state"))
    if any(state == State.DRAFT for _, state in numbers):
        raise TransitionNotAllowed(
            f"A draft of “{scenario.title}” is being worked on. Put it in use or give it up first."
        )
    scenario.title = str(content.get("title", scenario.title))[:120]
    scenario.save(update_fields=["title"])
    return ScenarioVersion.objects.create(
        scenario=scenario,
        number=1 + max((number for number, _ in numbers), default=0),
        content=content,
        changed_at=clock.now(),
        changed_by_name=actor.actor_name[:200],
    )


def _draft(actor: Actor, version: ScenarioVersion, seen: int | None) -> ScenarioVersion:
    require_trainer(actor)
    row = (
        ScenarioVersion.objects.select_for_update(of=("self",)).select_related("scenario").get(pk=version.pk)
    )
    if row.state != State.DRAFT:
        raise TransitionNotAllowed(
            f"Version {row.number} is no draft: it is not changed any more. Begin the next version."
        )
    if seen is not None and row.changes != seen:
        raise ChangedSinceSeen(
            f"{row.changed_by_name} changed this draft since you opened it. Look at it again, then repeat your change."
        )
    return row


def _kept(actor: Actor, row: ScenarioVersion, what: str) -> ScenarioVersion:
    if len(library.as_file(row.content).encode()) > scenarios.LARGEST_FILE_BYTES:
        raise NotValid("The scenario would be larger than 1 MB, which none needs. Take something out first.")
    row.changes += 1
    row.changed_at = clock.now()
    row.changed_by_name = actor.actor_name[:200]
    row.save(update_fields=["content", "changes", "changed_at", "changed_by_name"])
    _tell(actor, row, what)
    return row


def _tell(actor: Actor, row: ScenarioVersion, what: str) -> None:
    record(
        actor=actor,
        event="exercise.scenario_changed",
        subject=row.scenario,
        subject_name=str(row.scenario),
        details={"what": what, "number": row.number},
    )


def _moved(line: dict[str, Any], by_s: int, last_s: int) -> dict[str, Any]:
    def at(words: str) -> str:
        return library.clock_words(max(0, min(last_s, library.seconds_of(words) + by_s)))

    moved = {**line, "at": at(line["at"])}
    if "edit" in line:
        moved["edit"] = {**line["edit"], "at": at(line["edit"]["at"])}
    if "delete_at" in line:
        moved["delete_at"] = at(line["delete_at"])
    return moved
