"""Every address, asked as every role: within one's official accounts, beyond them, and after one's time.

The table is smmp/access.py; docs/access-matrix.md is what people read.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from smmp import access
from smmp.access import SEEN_OF_A_COMMENTER, TABLE, Answer, Line, answer_to
from staff.models import StaffMember
from staff.roles import Power, Role
from tests.access.world import MARKS, World, build, mark

EVERY_LINE = [(name, line) for name, lines in TABLE.items() for line in lines]
LINES = [(name, line) for name, line in EVERY_LINE if not line.key]
BY_KEY = [(name, line) for name, line in EVERY_LINE if line.key]
IDS = [f"{line.method} {name}" for name, line in LINES]
ROUTES = {name: (address, view) for name, address, view in access.routes()}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once; every question is asked in a savepoint of its own and leaves nothing behind."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = build()
        for person in (*made.people.values(), made.expired, made.everything):
            made.browser(person)
        yield made
        transaction.set_rollback(True)


def ask(
    world: World,
    browser: Client,
    name: str,
    line: Line,
    side: str,
    person: StaffMember | None,
    **headers: str,
) -> HttpResponse:
    """Ask one address as the line says; whatever it changed is taken back."""
    with transaction.atomic():
        kwargs: dict[str, Any] = dict(line.kwargs)
        if line.of:
            kwargs[_argument(name, kwargs)] = world.number(line.of, side, person)
        numbers = {kind.split()[-1]: pk[side] for kind, pk in world.records.items() if " " not in kind}
        gives = {key: _filled(value, numbers) for key, value in line.gives.items()}
        request = getattr(browser, line.method.lower())
        session = dict(browser.cookies)
        if line.key:
            named = {"HTTP_IDEMPOTENCY_KEY": uuid4().hex} if line.method == "POST" else {}
            given = {"content_type": "application/json", **named} if line.method == "POST" else {}
            response = request(reverse(name, kwargs=kwargs), gives, **given, **headers)
        elif line.method in ("GET", "POST"):
            response = request(reverse(name, kwargs=kwargs), gives)
        else:
            response = request(reverse(name, kwargs=kwargs))
        if response.streaming:
            # Read while what was asked for is still there, so that its words can be looked through.
            headers_given = dict(response.headers)
            response = HttpResponse(response.getvalue(), status=response.status_code, headers=headers_given)
        browser.cookies.clear()
        browser.cookies.update(session)
        transaction.set_rollback(True)
    return response


def _filled(value: Any, numbers: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(part, numbers) for part in value]
    return value.format_map(numbers) if isinstance(value, str) else value


def bearer(key: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {key}"}


def _argument(name: str, given: dict[str, Any]) -> str:
    """The name of the record in the address, e.g. "pk" of desk/comments/<int:pk>/."""
    named = re.findall(r"<(?:\w+:)?(\w+)>", ROUTES[name][0])
    return next(argument for argument in named if argument not in given)


def answered(line: Line, response: HttpResponse) -> Answer | str:
    """Which of the table's answers this is; anything else as it came."""
    status = response.status_code
    to_sign_in = response.headers.get("Location", "").startswith("/sign-in/")
    if status in line.answers or (line.of == "no record" and status == 404):
        return Answer.LET_IN
    if status < 400 and (not to_sign_in or line.ends_session):
        return Answer.LET_IN
    if status == 403 or (status == 422 and line.names_an_account):
        return Answer.REFUSED
    return Answer.NOT_THERE if status == 404 else f"{status} {response.headers.get('Location', '')}"


def test_every_route_has_a_line():
    missing = access.missing()
    assert not missing, "add to TABLE in smmp/access.py, then run manage.py access-matrix:\n" + "\n".join(
        missing
    )
    assert not access.stale(), "routes that are gone"


def test_the_page_for_people_is_up_to_date():
    call_command("access_matrix", check=True)


def test_each_line_names_the_powers_of_the_gate():
    wrong = [
        f"{line.method} {name}: the gate says {sorted(_of_gate(name, line))}, the line {sorted(_of_line(line))}"
        for name, line in EVERY_LINE
        if _of_gate(name, line) != _of_line(line)
    ]
    assert not wrong, "\n".join(wrong)
    spoken_of = {power for _, line in EVERY_LINE for power in (*line.needs, *line.sees, *line.does)}
    assert spoken_of <= {*Power.values, access.NEVER}


def _of_gate(name: str, line: Line) -> set[str]:
    view = ROUTES[name][1]
    gate = set(map(str, getattr(view, "gate", ())))
    return {*gate, *map(str, view.view_class.needs.get(line.method, ()))} if line.key else gate


def _of_line(line: Line) -> set[str]:
    needs = set(map(str, line.needs))
    if line.public:
        return {"public"}
    return {"key", *needs} if line.key else needs or {"signed in"}


@pytest.mark.parametrize(("name", "line"), LINES, ids=IDS)
def test_each_role_gets_what_the_table_says(world, name, line):
    wrong = []
    for role in _roles_that_tell(name, line):
        for scope in _scopes_that_tell(line, role):
            person = world.people[(role, "all" if scope == "all" else "own")]
            side = "other" if scope == "other" else "own"
            response = ask(world, world.browser(person), name, line, side, person)
            expected, got = answer_to(line, role, scope), answered(line, response)
            if got is not expected:
                wrong.append(f"{role} on {scope}: {expected.value} in the table, in fact {got}")
            if scope != "all" and not line.public and (leaked := _of_others(response)):
                wrong.append(f"{role} on {scope} is shown {leaked} of another official account")
    assert not wrong, "\n".join(wrong)


def _roles_that_tell(name: str, line: Line) -> list[str]:
    """Of the roles that hold the same of the powers that the line speaks of, one; of those that it turns away, one.

    SMMP_EVERY_ROLE=1 asks them all; make test-more does. The gate and the actions know powers alone
    (tests/architecture holds them to it), and the powers are compared with the line's above. From line to line
    it is another's turn, so that each role is asked on many.
    """
    if os.environ.get("SMMP_EVERY_ROLE"):
        return list(Role.values)
    alike: dict[tuple[bool, frozenset[str]], list[str]] = {}
    for role in Role.values:
        answers = {answer_to(line, role, scope) for scope in access.scopes_of(line)}
        spoken_of = {*line.needs, *line.sees, *line.does} & set(access.POWERS[role])
        away = answers == {Answer.REFUSED}
        alike.setdefault((away, frozenset() if away else frozenset(spoken_of)), []).append(role)
    turn = zlib.crc32(f"{line.method} {name}".encode())
    asked = {roles[turn % len(roles)] for roles in alike.values()}
    return [role for role in Role.values if role in asked]


def _scopes_that_tell(line: Line, role: str) -> tuple[str, ...]:
    """Who is refused even for an own official account is asked once, with the widest grant asked at all.

    What is refused before any record is looked up is refused for each of them.
    """
    scopes = access.scopes_of(line)
    if {answer_to(line, role, scope) for scope in scopes} == {Answer.REFUSED}:
        return ("all",) if "all" in scopes else ("own",)
    return scopes


def _lines_that_tell() -> list[tuple[str, Line]]:
    """Of the lines whose gates ask for the same powers one by each method; with SMMP_EVERY_ROLE=1 all of them."""
    if os.environ.get("SMMP_EVERY_ROLE"):
        return LINES
    return list({(line.method, line.needs, line.public): (name, line) for name, line in LINES}.values())


@pytest.mark.parametrize(
    ("name", "line"), _lines_that_tell(), ids=[f"{line.method} {name}" for name, line in _lines_that_tell()]
)
def test_a_grant_that_has_run_out_opens_nothing(world, name, line):
    """One person who held every role over all official accounts until a second ago stands for each role."""
    response = ask(world, world.browser(world.expired), name, line, "own", world.expired)
    expected = Answer.REFUSED if line.needs and not line.public else Answer.LET_IN
    assert answered(line, response) is expected
    if line.needs:
        assert not _marks(response, "own") | _marks(response, "other")


@pytest.mark.parametrize(("name", "line"), LINES, ids=IDS)
def test_nobody_is_let_in_who_is_not_signed_in(world, name, line):
    response = ask(world, Client(), name, line, "own", None)
    if line.public:
        assert answered(line, response) is Answer.LET_IN
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")
    assert not _marks(response, "own") | _marks(response, "other")


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_method_without_a_line_is_not_answered(world, name):
    """So that no form hides behind an address whose line speaks of reading."""
    lines = TABLE[name]
    if lines[0].key:
        return  # asked with a key below
    for method in {"GET", "POST"} - {line.method for line in lines}:
        asked = Line(method, of=lines[0].of, kwargs=lines[0].kwargs)
        response = ask(world, world.browser(world.everything), name, asked, "own", world.everything)
        assert response.status_code in (401, 405), f"{method} is answered with {response.status_code}"


@pytest.mark.parametrize(("name", "line"), BY_KEY, ids=[f"{line.method} {name}" for name, line in BY_KEY])
def test_each_key_gets_what_the_table_says(world, name, line):
    """Programs with one grant each, of each role; one whose grants have run out; sessions; nobody."""
    wrong = []
    for role in _roles_that_tell(name, line):
        for scope in _scopes_that_tell(line, role):
            key = world.keys[(role, "all" if scope == "all" else "own")]
            side = "other" if scope == "other" else "own"
            response = ask(world, Client(), name, line, side, None, **bearer(key))
            expected, got = answer_to(line, role, scope), answered(line, response)
            if got is not expected:
                wrong.append(f"{role} on {scope}: {expected.value} in the table, in fact {got}")
            if scope != "all" and (leaked := _of_others(response)):
                wrong.append(f"{role} on {scope} is shown {leaked} of another official account")
    assert not wrong, "\n".join(wrong)
    late = ask(world, Client(), name, line, "own", None, **bearer(world.keys[("", "expired")]))
    assert answered(line, late) is (Answer.REFUSED if line.needs else Answer.LET_IN)
    for browser in (Client(), world.browser(world.everything)):
        response = ask(world, browser, name, line, "own", None)
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
    for method in {"GET", "POST"} - {known.method for known in TABLE[name]}:
        key = world.keys[(Role.DESK_OPERATOR, "own")]
        asked = Line(method, of=line.of, kwargs=line.kwargs, key=True)
        assert ask(world, Client(), name, asked, "own", None, **bearer(key)).status_code == 405


PAGES = [
    (name, line)
    for name, line in LINES
    if line.method == "GET" and not line.public and line.of != "no record"
]


@pytest.mark.parametrize("role", Role.values)
def test_each_role_sees_of_a_commenter_what_the_table_says(world, role):
    person = world.people[(role, "own")]
    seen: set[str] = set()
    for name, line in _pages_with_a_commenter(world):
        if answer_to(line, role, "own") is Answer.LET_IN:
            seen |= _marks(ask(world, world.browser(person), name, line, "own", person), "own")
    for kind in ("claimed comment", "hidden comment"):
        line = Line("GET", of=kind)
        response = ask(world, world.browser(person), "moderation:conversation", line, "own", person)
        seen |= _marks(response, "own")
    expected = {what for what in SEEN_OF_A_COMMENTER if access.sees_of_a_commenter(what, role)}
    assert {what for what, word in MARKS.items() if word in seen} == expected


def _pages_with_a_commenter(world: World) -> list[tuple[str, Line]]:
    """The pages that show anything of a commenter to somebody who may see everything: asked once."""
    if not world.pages_with_a_commenter:
        browser, person = world.browser(world.everything), world.everything
        world.pages_with_a_commenter += [
            (name, line)
            for name, line in PAGES
            if _marks(ask(world, browser, name, line, "own", person), "own")
        ]
    return world.pages_with_a_commenter


def _marks(response: HttpResponse, side: str) -> set[str]:
    """The marked words of one side that stand in the answer."""
    text = response.content.decode(errors="replace")
    return {word for word in [*MARKS.values(), "post"] if mark(word, side) in text}


def _of_others(response: HttpResponse) -> set[str]:
    return _marks(response, "other")
