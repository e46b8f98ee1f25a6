"""The force's directory: what it may do with its key, what it is refused, what hostile bodies meet."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import actions, queries
from accounts.actions import directory as provisioning
from accounts.models import Grant
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from smmp.seed.force import PERSONAS
from staff.actions import conduct, departures, directory, members
from staff.models import DirectoryGroup, DirectoryKey, DirectoryPerson, Membership, StaffMember, Team
from staff.roles import Role
from staff.scim import resources

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Directory:
    """A directory that speaks SCIM with a key."""

    def __init__(self, token: str) -> None:
        self.browser = Client()
        self.token = token

    def ask(self, method: str, path: str, body=None, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.browser.generic(
            method,
            f"/scim/v2/{path}",
            b"" if body is None else content,
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        assert answer.status_code < 500 or answer.status_code == 501, answer.content
        answer.said = json.loads(answer.content) if answer.content else None
        return answer

    def get(self, path: str, **headers):
        return self.ask("GET", path, **headers)

    def find(self, what: str, expression: str):
        return self.browser.get(
            f"/scim/v2/{what}", {"filter": expression}, headers={"Authorization": f"Bearer {self.token}"}
        )

    def patch(self, path: str, *operations, **headers):
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)


@pytest.fixture
def entra(wealdshire, ben_osei):
    """Entra ID with a fresh key."""
    _, token = directory.make_key(actor=ben_osei, name="Entra ID", days=90)
    return Directory(token)


def as_entra_sends(name: str = "nia.new", **more):
    """A joiner, with all that Entra ID sends beside what is kept."""
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": f"oid-{name}",
        "userName": f"{name}@wealdshire.example",
        "active": True,
        "displayName": "Nia New",
        "title": "PC",
        "emails": [{"primary": True, "type": "work", "value": f"{name}@wealdshire.example"}],
        "phoneNumbers": [{"type": "work", "value": "07700 900456"}],
        "name": {"formatted": "Nia New", "familyName": "New", "givenName": "Nia"},
        "roles": [],
        "meta": {"resourceType": "User"},
        ENTERPRISE: {"department": "Response", "manager": {"value": "1"}},
        **more,
    }


@pytest.fixture
def nia(entra):
    """PC Nia New, whom the directory has added."""
    return StaffMember.objects.get(pk=entra.ask("POST", "Users", as_entra_sends()).said["id"])


# The key


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic YTpi", f"Bearer {'x' * 5000}"])
def test_without_a_key_nothing_is_answered(entra, header):
    answer = Client().get("/scim/v2/Users", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert "amira" not in answer.content.decode().lower()


def test_a_session_is_no_key(client, ben_osei):
    client.force_login(ben_osei)
    assert client.get("/scim/v2/Users").status_code == 401


def test_wrong_keys_are_slowed_and_stand_in_the_trail(entra):
    for _ in range(10):
        assert Directory("smmp-scim-guess").get("Users").status_code == 401
    slowed = Directory("smmp-scim-guess").get("Users")
    assert slowed.status_code == 429
    assert slowed["Retry-After"] == "60"
    assert Entry.objects.filter(event="directory.key_refused").count() == 10
    assert entra.get("Users").status_code == 200


def test_a_key_is_kept_as_its_hash_and_works_until_it_runs_out(entra):
    key = DirectoryKey.objects.get()
    assert entra.token not in str(key.__dict__)
    assert entra.get("Users").status_code == 200
    assert DirectoryKey.objects.get().last_used_at is not None
    with time_machine.travel(key.expires_at, tick=False):
        assert entra.get("Users").status_code == 401


def test_a_renewed_key_leaves_a_day_to_change_over(entra, ben_osei):
    old = DirectoryKey.objects.get()
    fresh, token = directory.renew_key(actor=ben_osei, key=old)
    assert fresh.expires_at - fresh.made_at == timedelta(days=90)
    assert entra.get("Users").status_code == Directory(token).get("Users").status_code == 200
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=False):
        assert entra.get("Users").status_code == 401
        assert Directory(token).get("Users").status_code == 200
    assert Entry.objects.filter(event="directory.key_renewed").count() == 1


def test_a_revoked_key_is_out_at_commit(entra, ben_osei):
    key = DirectoryKey.objects.get()
    with pytest.raises(NotValid):
        directory.revoke_key(actor=ben_osei, key=key, why=" ")
    directory.revoke_key(actor=ben_osei, key=key, why="Seen in a ticket")
    assert entra.get("Users").status_code == 401
    with pytest.raises(NotPermitted):
        provisioning.remove_user(actor=key, pk=ben_osei.pk)
    with pytest.raises(TransitionNotAllowed):
        directory.revoke_key(actor=ben_osei, key=key, why="Again")
    with pytest.raises(TransitionNotAllowed):
        directory.renew_key(actor=ben_osei, key=key)
    assert Entry.objects.get(event="directory.key_revoked").reason == "Seen in a ticket"


def test_only_an_administrator_makes_renews_or_revokes_a_key(entra, amira_hussain):
    key = DirectoryKey.objects.get()
    with pytest.raises(NotPermitted):
        directory.make_key(actor=amira_hussain, name="Mine", days=90)
    with pytest.raises(NotPermitted):
        directory.renew_key(actor=amira_hussain, key=key)
    with pytest.raises(NotPermitted):
        directory.revoke_key(actor=amira_hussain, key=key, why="Fun")
    with pytest.raises(NotValid):
        directory.make_key(actor=System("test"), name=" ", days=90)
    with pytest.raises(NotValid):
        directory.make_key(actor=System("test"), name="Entra", days=9999)


def test_one_key_has_a_pace(entra, monkeypatch):
    monkeypatch.setattr("accounts.views.scim.REQUESTS_PER_MINUTE", 3)
    with time_machine.travel(clock.now(), tick=False):
        answers = [entra.get("ServiceProviderConfig").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


# Discovery


def test_the_service_says_what_it_speaks(entra):
    config = entra.get("ServiceProviderConfig").said
    assert config["patch"] == {"supported": True}
    assert config["bulk"]["supported"] is False
    assert {kind["id"] for kind in entra.get("ResourceTypes").said["Resources"]} == {"User", "Group"}
    schema = entra.get(f"Schemas/{USER}").said
    assert {attribute["name"] for attribute in schema["attributes"]} == {
        "userName",
        "displayName",
        "title",
        "active",
        "emails",
        "phoneNumbers",
        "groups",
    }
    assert entra.get("Schemas/urn:nothing").status_code == 404
    assert entra.get("Schemas?filter=id%20pr").status_code == 403
    assert entra.get("Nowhere").status_code == 404
    assert entra.ask("POST", "Schemas", {}).status_code == 405


# People


def test_a_joiner_of_the_directory_works_here_and_may_do_nothing_yet(entra):
    answer = entra.ask("POST", "Users", as_entra_sends())
    assert answer.status_code == 201
    member = StaffMember.objects.get(email="nia.new@wealdshire.example")
    assert (member.called, member.phone, member.active) == ("PC Nia New", "07700 900456", True)
    assert member.get_all_permissions() == set()
    assert not member.has_usable_password()
    assert answer["Location"] == answer.said["meta"]["location"]
    assert answer["ETag"] == answer.said["meta"]["version"]
    assert "name" not in answer.said
    added = Entry.objects.get(event="staff.member_added", subject_id=str(member.pk))
    assert (added.actor_kind, added.actor_id) == ("service", None)
    assert "Entra ID" in added.actor_name


def test_the_page_of_a_person_says_that_the_directory_keeps_them(client, ben_osei, nia):
    client.force_login(ben_osei)
    page = client.get(f"/register/staff/{nia.pk}/").content.decode()
    assert "the force’s directory, as nia.new@wealdshire.example" in page


def test_a_name_may_come_in_parts_and_an_address_as_the_user_name(entra):
    sent = as_entra_sends(name="kit.lane")
    del sent["displayName"], sent["emails"], sent["active"]
    sent["name"] = {"givenName": "Kit", "familyName": "Lane"}
    made = entra.ask("POST", "Users", sent).said
    assert made["displayName"] == "Kit Lane"
    assert made["emails"] == [{"value": "kit.lane@wealdshire.example", "type": "work"}]
    assert made["active"] is True


@pytest.mark.parametrize(
    ("change", "kind", "status"),
    [
        ({"userName": "AMIRA.HUSSAIN@wealdshire.example"}, "uniqueness", 409),
        ({"emails": [{"value": "amira.hussain@wealdshire.example"}]}, "uniqueness", 409),
        ({"emails": [{"value": "not an address"}]}, "invalidValue", 400),
        ({"emails": "text"}, "invalidValue", 400),
        ({"userName": ""}, "invalidValue", 400),
        ({"userName": 5}, "invalidValue", 400),
        ({"displayName": "x" * 121}, "invalidValue", 400),
        ({"active": "perhaps"}, "invalidValue", 400),
        ({"title": "half \ud800 a letter"}, "invalidValue", 400),
        ({"title": "no\x00thing"}, "invalidValue", 400),
        ({"schemas": "User"}, "invalidValue", 400),
    ],
)
def test_a_person_that_cannot_be_added_is_refused_and_nothing_is_half_done(entra, change, kind, status):
    before = StaffMember.objects.count()
    answer = entra.ask("POST", "Users", as_entra_sends(**change))
    assert (answer.status_code, answer.said["scimType"]) == (status, kind)
    assert answer.said["detail"]
    assert StaffMember.objects.count() == before


def test_an_external_id_belongs_to_one_person(entra, nia):
    answer = entra.ask("POST", "Users", as_entra_sends(name="other", externalId="oid-nia.new"))
    assert (answer.status_code, answer.said["scimType"]) == (409, "uniqueness")
    assert DirectoryPerson.objects.count() == 1


def test_the_directory_takes_up_somebody_who_was_here_before_it(entra, amira_hussain):
    found = entra.find("Users", 'userName eq "Amira.Hussain@wealdshire.example"').json()["Resources"]
    assert [user["id"] for user in found] == [str(amira_hussain.pk)]
    assert "externalId" not in found[0]
    answer = entra.patch(f"Users/{amira_hussain.pk}", {"op": "Add", "path": "externalId", "value": "oid-1"})
    assert answer.said["externalId"] == "oid-1"
    assert entra.find("Users", 'externalId eq "oid-1"').json()["totalResults"] == 1
    assert entra.find("Users", 'externalId eq "OID-1"').json()["totalResults"] == 0


@pytest.mark.parametrize("name", ["User", "Group"])
def test_what_a_filter_may_name_is_known_before_anybody_asks(name):
    # Read once more: the one in use may have been completed since, by the first person that was answered.
    spec = importlib.util.spec_from_file_location("read_again", resources.__file__)
    again = importlib.util.module_from_spec(spec)
    sys.modules["read_again"] = again
    try:
        spec.loader.exec_module(again)
    finally:
        del sys.modules["read_again"]
    assert getattr(again, name).__pydantic_complete__


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('userName sw "AMIRA"', {"Amira Hussain"}),
        ('displayName co "rahman" or displayName eq "ben osei"', {"Nadia Rahman", "Ben Osei"}),
        ('title eq "sgt" and not (displayName co "mayhew")', {"Daniel Okafor"}),
        ('emails[type eq "work" and value ew "pritchard@wealdshire.example"]', {"Joan Pritchard"}),
        ('emails.value eq "leah.brandt@wealdshire.example" and active eq true', {"Leah Brandt"}),
        ('phoneNumbers pr and displayName sw "A"', set()),
        ('emails[type eq "home"] or active eq false', set()),
        ('displayName eq "100%" or displayName co "_____________________"', set()),
        ('title eq null and displayName sw "Tom"', {"Tom Beckett"}),
        ('groups eq "5" or id eq "x"', set()),
        (f'{USER}:displayName eq "Tom Beckett"', {"Tom Beckett"}),
        ('meta.created gt "2020-01-01T00:00:00Z" and displayName eq "Tom Beckett"', {"Tom Beckett"}),
        ('displayName eq "\' OR 1=1 --"', set()),
    ],
)
def test_a_filter_finds_whom_it_names(entra, expression, names):
    answer = entra.find("Users", expression)
    assert answer.status_code == 200, answer.content
    assert {user["displayName"] for user in answer.json()["Resources"]} == names


@pytest.mark.parametrize(
    "expression",
    [
        "userName",
        'userName eq "a" and',
        'password eq "x"',
        "active gt true",
        "userName eq 5",
        'meta.created gt "soon"',
        'meta.created co "2026"',
        'schemas eq "x"',
        'groups co "5"',
        'displayName eq "no\\u0000thing"',
        'displayName eq "half a letter \\ud800"',
        'meta.created gt "0001-01-01T00:00:00+23:59"',
        'meta.created lt "9999-12-31T23:59:59-23:59"',
        " or ".join(['displayName eq "a"'] * 99 + ['title eq "b"', 'title eq "c"']),
        "not (" * 40 + 'title eq "a"' + ")" * 40,
        'userName eq "' + "x" * 3000 + '"',
        'groups.display eq "x"',
    ],
)
def test_a_filter_that_cannot_be_asked_is_refused(entra, expression):
    answer = entra.find("Users", expression)
    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidFilter"


def test_pages_are_counted_and_sorted(entra):
    first = entra.get("Users?startIndex=1&count=4&sortBy=displayName").said
    second = entra.get("Users?startIndex=5&count=4&sortBy=displayName").said
    backwards = entra.get("Users?count=4&sortBy=displayName&sortOrder=descending").said
    names = [user["displayName"] for user in first["Resources"] + second["Resources"]]
    assert names == sorted(names, key=str.lower)
    assert len(set(names)) == 8
    assert backwards["Resources"][0]["displayName"] == "Victoria Lang"
    assert first["totalResults"] == len(PERSONAS)
    assert entra.get("Users?count=0").said["Resources"] == []
    assert entra.get("Users?startIndex=-3&count=-1").said["startIndex"] == 1
    assert entra.get("Users?startIndex=900000000").said["itemsPerPage"] == 0
    for wrong in ("startIndex=x", "count=" + "9" * 30, "sortBy=password", "sortBy=emails%5Bx"):
        assert entra.get(f"Users?{wrong}").status_code == 400
    wanted = entra.get("Users?count=1&attributes=displayName").said["Resources"][0]
    assert set(wanted) == {"schemas", "id", "displayName"}


def test_a_search_may_stand_in_the_body(entra, nia):
    answer = entra.ask("POST", "Users/.search", {"filter": 'title eq "PC" and displayName sw "Nia"'})
    assert answer.said["totalResults"] == 1
    assert entra.ask("POST", ".search", {}).status_code == 501
    assert entra.ask("POST", "Users/.search", {"filter": ["x"]}).status_code == 400


def test_each_reading_stands_in_the_trail_without_names(entra, nia):
    entra.get("Users?count=3")
    entra.get(f"Users/{nia.pk}")
    read = Entry.objects.filter(event="directory.read").order_by("id")
    assert [entry.details["count"] for entry in read] == [3, 1]
    assert {entry.operation for entry in read} == {"disclosure"}


def test_a_version_guards_a_change(entra, nia):
    version = entra.get(f"Users/{nia.pk}")["ETag"]
    assert entra.get(f"Users/{nia.pk}", **{"If-None-Match": version}).status_code == 304
    change = {"op": "replace", "path": "title", "value": "Sgt"}
    assert entra.patch(f"Users/{nia.pk}", change, **{"If-Match": version}).status_code == 200
    assert entra.patch(f"Users/{nia.pk}", change, **{"If-Match": version}).status_code == 412
    assert entra.ask("DELETE", f"Users/{nia.pk}", **{"If-Match": version}).status_code == 412
    nia.refresh_from_db()
    assert nia.active


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "title", "value": "Sgt"},
        {
            "op": "REPLACE",
            "value": {"title": "Sgt", "name.givenName": "Nia", f"{ENTERPRISE}:department": "CID"},
        },
        {"op": "add", "path": f"{USER}:title", "value": "Sgt"},
    ],
)
def test_a_patch_changes_what_it_names_and_says_so(entra, nia, operation):
    assert entra.patch(f"Users/{nia.pk}", operation).said["title"] == "Sgt"
    nia.refresh_from_db()
    assert nia.called == "Sgt Nia New"
    assert Entry.objects.get(event="staff.details_changed").details == {"changed": ["title"]}
    assert entra.patch(f"Users/{nia.pk}", operation).status_code == 200
    assert Entry.objects.filter(event="staff.details_changed").count() == 1


def test_an_address_changes_by_its_path(entra, nia):
    path = 'emails[type eq "work"].value'
    entra.patch(f"Users/{nia.pk}", {"op": "Replace", "path": path, "value": "nia@wealdshire.example"})
    nia.refresh_from_db()
    assert nia.email == "nia@wealdshire.example"
    answer = entra.patch(
        f"Users/{nia.pk}", {"op": "Replace", "path": path, "value": "amira.hussain@wealdshire.example"}
    )
    assert (answer.status_code, answer.said["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize(
    ("operations", "kind"),
    [
        ([{"op": "delete", "path": "title"}], "invalidValue"),
        ([{"op": "replace", "path": "title"}], "invalidValue"),
        ([{"op": "remove"}], "noTarget"),
        ([{"op": "remove", "path": "userName"}], "mutability"),
        ([{"op": "remove", "path": "active"}], "mutability"),
        ([{"op": "replace", "path": "id", "value": "1"}], "mutability"),
        ([{"op": "replace", "path": "groups", "value": []}], "mutability"),
        ([{"op": "replace", "path": "a." * 800, "value": 1}], "invalidPath"),
        ([{"op": "replace", "path": 'emails[type eq "work"', "value": 1}], "invalidPath"),
        (
            [
                {
                    "op": "replace",
                    "path": "emails[" + "not (" * 60 + "value pr" + ")" * 60 + "].value",
                    "value": "x",
                }
            ],
            "invalidPath",
        ),
        ([{"op": "replace", "path": "title", "value": {"a": {"b": 1}}}], "invalidValue"),
        ([{"op": "replace", "path": "title", "value": ["a"]}], "invalidValue"),
        ([{"op": "replace", "path": "active", "value": "perhaps"}], "invalidValue"),
        ([{"op": "replace", "path": "title", "value": "\ud83d"}], "invalidValue"),
        ([{"op": "replace", "path": "displayName", "value": "x" * 100_000}], "invalidValue"),
        ([{"op": "replace", "path": "displayName", "value": "  "}], "invalidValue"),
        ([{"op": "replace", "path": 5, "value": "x"}], "invalidValue"),
        ([], "invalidValue"),
        (["replace"], "invalidValue"),
        ("replace", "invalidValue"),
        (None, "invalidValue"),
    ],
)
def test_a_hostile_patch_is_refused_and_changes_nothing(entra, nia, operations, kind):
    before = entra.get(f"Users/{nia.pk}").said
    body = {"schemas": [PATCH], "Operations": operations}
    answer = entra.ask("PATCH", f"Users/{nia.pk}", body)
    assert (answer.status_code, answer.said.get("scimType")) == (400, kind), answer.said
    assert entra.get(f"Users/{nia.pk}").said == before


def test_one_wrong_operation_undoes_those_before_it(entra, nia):
    answer = entra.patch(
        f"Users/{nia.pk}",
        {"op": "replace", "path": "title", "value": "Supt"},
        {"op": "replace", "path": "emails", "value": "x"},
    )
    assert answer.status_code == 400
    nia.refresh_from_db()
    assert nia.rank == "PC"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"a": NaN}', 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (
            b'{"schemas":["'
            + PATCH.encode()
            + b'"],"Operations":['
            + b",".join([b'{"op":"add","path":"title","value":"x"}'] * 1001)
            + b"]}",
            413,
        ),
        (b'{"a":"' + b"x" * (1024 * 1024) + b'"}', 413),
    ],
    ids=["empty", "half", "list", "nan", "bytes", "deep list", "deep object", "many", "large"],
)
def test_a_body_is_read_within_bounds(entra, nia, body, status):
    assert entra.ask("PATCH", f"Users/{nia.pk}", body).status_code == status


@pytest.mark.parametrize("pk", ["0", "999999999999999", "9" * 40, "-1", "x", "%00", "٣", "1%27"])
def test_an_id_of_nobody_is_not_found(entra, pk):
    for method, body in (
        ("GET", None),
        ("DELETE", None),
        ("PATCH", {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "title"}]}),
    ):
        for what in ("Users", "Groups"):
            assert entra.ask(method, f"{what}/{pk}", body).status_code in {400, 404}


def test_a_put_replaces_what_is_kept(entra, nia):
    sent = as_entra_sends(displayName="Nia Newer")
    del sent["title"], sent["phoneNumbers"], sent["active"]
    answer = entra.ask("PUT", f"Users/{nia.pk}", sent)
    assert answer.status_code == 200
    nia.refresh_from_db()
    assert (nia.name, nia.rank, nia.phone, nia.active) == ("Nia Newer", "", "", True)
    assert entra.ask("PUT", f"Users/{nia.pk}", {"schemas": [USER]}).status_code == 400


# Leaving and coming back


@pytest.mark.parametrize("value", [False, "False", "false"])
def test_switched_off_in_the_directory_is_out_at_once(entra, nia, value):
    actions.give_grant(actor=System("test"), person=nia, role=Role.DESK_OPERATOR, why="Surge")
    epoch = nia.authentication_epoch
    answer = entra.patch(f"Users/{nia.pk}", {"op": "Replace", "path": "active", "value": value})
    assert answer.said["active"] is False
    nia.refresh_from_db()
    assert not nia.active
    assert nia.authentication_epoch == epoch + 1
    assert Entry.objects.get(event="staff.member_left").reason == "Switched off in the force's directory"
    assert entra.get(f"Users/{nia.pk}").said["active"] is False
    again = entra.patch(f"Users/{nia.pk}", {"op": "Replace", "path": "active", "value": value})
    assert again.status_code == 200
    assert Entry.objects.filter(event="staff.member_left").count() == 1


def test_a_delete_means_leave_and_the_row_remains(entra, nia):
    assert entra.ask("DELETE", f"Users/{nia.pk}").status_code == 204
    nia.refresh_from_db()
    assert not nia.active
    assert entra.get(f"Users/{nia.pk}").status_code == 404
    assert entra.ask("DELETE", f"Users/{nia.pk}").status_code == 404
    assert entra.find("Users", 'displayName eq "Nia New"').json()["totalResults"] == 0
    assert Entry.objects.filter(event="directory.person_removed").count() == 1


def test_somebody_switched_on_again_is_back_without_what_they_held(entra, nia):
    actions.give_grant(actor=System("test"), person=nia, role=Role.DESK_OPERATOR, why="Surge")
    entra.patch(f"Users/{nia.pk}", {"op": "replace", "path": "active", "value": False})
    answer = entra.patch(f"Users/{nia.pk}", {"op": "replace", "path": "active", "value": True})
    assert answer.said["active"] is True
    nia.refresh_from_db()
    assert nia.active
    assert nia.left_at is None
    assert nia.get_all_permissions() == set()
    assert Grant.objects.get(person=nia).expiry_recorded
    assert Entry.objects.filter(event="staff.member_returned").count() == 1


def test_somebody_deleted_and_sent_again_is_the_same_staff_member(entra, nia):
    entra.ask("DELETE", f"Users/{nia.pk}")
    answer = entra.ask("POST", "Users", as_entra_sends(externalId="oid-2"))
    assert (answer.status_code, answer.said["id"]) == (201, str(nia.pk))


def test_the_directory_does_not_bring_back_whom_a_person_let_go(entra, nia, ben_osei):
    members.record_leaver(actor=ben_osei, member=nia, why="Dismissed")
    answer = entra.patch(f"Users/{nia.pk}", {"op": "replace", "path": "active", "value": True})
    assert answer.status_code == 403
    assert "cannot bring" in answer.said["detail"]
    entra.ask("DELETE", f"Users/{nia.pk}")
    assert entra.ask("POST", "Users", as_entra_sends()).status_code == 403
    nia.refresh_from_db()
    assert not nia.active


def test_the_directory_neither_undoes_nor_betrays_what_people_decided(
    entra, nia, tom_beckett, ben_osei, inspector_kerr
):
    """A departure that is announced, and a matter of conduct, outlive switching somebody off and on."""
    departures.announce_leaver(
        actor=ben_osei, member=nia, leaves_at=clock.now() + timedelta(days=3), kind="resigned", why="Resigned"
    )
    conduct.decide(actor=inspector_kerr, member=tom_beckett, kind="covert", why="For professional standards")
    said = []
    for person in (nia, tom_beckett):
        entra.patch(f"Users/{person.pk}", {"op": "replace", "path": "active", "value": False})
        answer = entra.patch(f"Users/{person.pk}", {"op": "replace", "path": "active", "value": True})
        assert answer.status_code == 403
        said.append(answer.said["detail"].replace(person.called, "X"))
        person.refresh_from_db()
        assert not person.active
    assert said[0].replace("PC Nia New", "X") == said[1]


def test_the_last_administrator_is_not_let_go_by_a_directory(entra, ben_osei, leah_brandt):
    for ask in (
        lambda: entra.patch(f"Users/{ben_osei.pk}", {"op": "replace", "path": "active", "value": False}),
        lambda: entra.ask("DELETE", f"Users/{ben_osei.pk}"),
    ):
        assert ask().status_code == 403
    actions.give_grant(
        actor=System("test"), person=leah_brandt, role=Role.SERVICE_ADMINISTRATOR, why="Stand-in"
    )
    assert entra.ask("DELETE", f"Users/{ben_osei.pk}").status_code == 204


def test_a_leaver_who_was_held_elsewhere_is_out_once(committed_db, wealdshire):
    """Two directories let the same person go at the same moment: one leaver, one entry."""
    tokens = [directory.make_key(actor=System("test"), name=f"D{i}", days=30)[1] for i in range(2)]
    tom = wealdshire.people["tom_beckett"]
    seen = []

    def let_go(token):
        try:
            seen.append(Directory(token).ask("DELETE", f"Users/{tom.pk}").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=let_go, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [204, 404]
    assert Entry.objects.filter(event="staff.member_left").count() == 1


# Groups


def group_of(name: str = "Surge desk", **more):
    return {"schemas": [GROUP], "displayName": name, "externalId": "gid-1", **more}


@pytest.fixture
def surge(entra, nia):
    """A group of the directory with Nia in it."""
    made = entra.ask("POST", "Groups", group_of(members=[{"value": str(nia.pk)}]))
    assert made.status_code == 201, made.said
    return Team.objects.get(pk=made.said["id"])


def test_what_a_group_gives_is_an_ordinary_grant_and_lasts_as_long_as_the_place(
    entra, nia, surge, ben_osei, force_account
):
    actions.give_grant(actor=ben_osei, team=surge, role=Role.DESK_OPERATOR, why="Surge plan 4")
    assert queries.may(nia, "reply", force_account.pk)
    assert entra.get(f"Users/{nia.pk}").said["groups"][0]["display"] == "Surge desk"
    answer = entra.patch(
        f"Groups/{surge.pk}", {"op": "Remove", "path": "members", "value": [{"value": str(nia.pk)}]}
    )
    assert "members" not in answer.said
    assert not queries.may(nia, "reply", force_account.pk)
    assert Entry.objects.get(event="team.left").details == {"team": "Surge desk"}
    grant = Grant.objects.get(team=surge)
    assert (grant.given_by, grant.why) == (ben_osei, "Surge plan 4")


@pytest.mark.parametrize(
    "operation",
    [
        lambda a, b: {"op": "Add", "path": "members", "value": [{"value": a}, {"value": b}]},
        lambda a, b: {
            "op": "replace",
            "path": "members",
            "value": [{"value": b}, {"value": a}, {"value": a}],
        },
        lambda a, b: {"op": "add", "value": {"members": [{"value": a, "$ref": None}, {"value": b}]}},
    ],
)
def test_members_are_added_as_directories_write_it(entra, surge, nia, tom_beckett, operation):
    answer = entra.patch(f"Groups/{surge.pk}", operation(str(tom_beckett.pk), str(nia.pk)))
    assert answer.status_code == 200, answer.said
    assert {member["value"] for member in answer.said["members"]} == {str(nia.pk), str(tom_beckett.pk)}
    assert Entry.objects.filter(event="team.joined").count() == 2


def test_many_members_leave_in_one_operation(entra, surge, wealdshire):
    everybody = [str(person.pk) for person in wealdshire.people.values()]
    entra.patch(
        f"Groups/{surge.pk}", {"op": "add", "path": "members", "value": [{"value": pk} for pk in everybody]}
    )
    answer = entra.patch(
        f"Groups/{surge.pk}",
        {"op": "Remove", "path": "members", "value": [{"value": pk} for pk in everybody]},
    )
    assert len(answer.said["members"]) == 1
    by_path = entra.patch(
        f"Groups/{surge.pk}",
        {"op": "remove", "path": f'members[value eq "{answer.said["members"][0]["value"]}"]'},
    )
    assert "members" not in by_path.said


@pytest.mark.parametrize("value", ["999999999", "x", "", "-1", "1; DROP", "9" * 30])
def test_a_member_of_nobody_is_refused(entra, surge, value):
    answer = entra.patch(f"Groups/{surge.pk}", {"op": "add", "path": "members", "value": [{"value": value}]})
    assert (answer.status_code, answer.said["scimType"]) == (400, "invalidValue")
    assert Membership.objects.filter(team=surge, until=None).count() == 1


def test_too_many_members_are_refused(entra):
    answer = entra.ask("POST", "Groups", group_of(members=[{"value": "1"}] * 5001))
    assert answer.status_code == 413


def test_a_team_of_ours_is_the_directorys_only_when_somebody_hands_it_over(entra, wealdshire, ben_osei):
    desk = wealdshire.teams["Digital desk"]
    assert entra.get(f"Groups/{desk.pk}").status_code == 404
    answer = entra.ask("POST", "Groups", group_of("Digital desk"))
    assert (answer.status_code, answer.said["scimType"]) == (409, "uniqueness")
    directory.hand_over(actor=ben_osei, team=desk, external_id="gid-9")
    assert len(entra.get(f"Groups/{desk.pk}").said["members"]) == 3
    with pytest.raises(TransitionNotAllowed):
        directory.hand_over(actor=ben_osei, team=desk, external_id=None)


def test_a_group_is_found_renamed_and_replaced(entra, surge, nia):
    assert entra.find("Groups", 'displayName eq "SURGE DESK"').json()["totalResults"] == 1
    assert entra.find("Groups", f'members eq "{nia.pk}"').json()["totalResults"] == 1
    assert entra.find("Groups", 'externalId eq "gid-2"').json()["totalResults"] == 0
    assert "members" not in entra.get(f"Groups/{surge.pk}?excludedAttributes=members").said
    renamed = entra.patch(f"Groups/{surge.pk}", {"op": "Replace", "value": {"displayName": "Surge"}})
    assert renamed.said["displayName"] == "Surge"
    taken = entra.patch(
        f"Groups/{surge.pk}", {"op": "Replace", "path": "displayName", "value": "Digital desk"}
    )
    assert (taken.status_code, taken.said["scimType"]) == (409, "uniqueness")
    replaced = entra.ask("PUT", f"Groups/{surge.pk}", {"schemas": [GROUP], "displayName": "Surge"})
    assert "members" not in replaced.said
    assert not Membership.objects.filter(team=surge, until=None).exists()


def test_a_deleted_group_gives_nothing_even_when_it_comes_back(entra, surge, nia, ben_osei, force_account):
    actions.give_grant(actor=ben_osei, team=surge, role=Role.DESK_OPERATOR, why="Surge plan 4")
    assert entra.ask("DELETE", f"Groups/{surge.pk}").status_code == 204
    assert entra.get(f"Groups/{surge.pk}").status_code == 404
    assert not queries.may(nia, "reply", force_account.pk)
    assert Grant.objects.get(team=surge).ended_why == "The force's directory removed the group"
    back = entra.ask("POST", "Groups", group_of(members=[{"value": str(nia.pk)}]))
    assert back.said["id"] == str(surge.pk)
    assert not queries.may(nia, "reply", force_account.pk)
    assert DirectoryGroup.objects.get().removed_at is None


def test_somebody_switched_off_stays_in_the_group_and_holds_nothing(
    entra, nia, surge, ben_osei, force_account
):
    actions.give_grant(actor=ben_osei, team=surge, role=Role.DESK_OPERATOR, why="Surge plan 4")
    entra.patch(f"Users/{nia.pk}", {"op": "replace", "path": "active", "value": "False"})
    nia.refresh_from_db()
    assert not queries.may(nia, "reply", force_account.pk)
    assert len(entra.get(f"Groups/{surge.pk}").said["members"]) == 1
    entra.patch(f"Users/{nia.pk}", {"op": "replace", "path": "active", "value": "True"})
    nia.refresh_from_db()
    assert queries.may(nia, "reply", force_account.pk)


# The pages


@pytest.fixture
def ben(client, ben_osei):
    return client.force_login(ben_osei)


def test_an_administrator_makes_renews_and_revokes_a_key_in_the_browser(ben):
    page = ben.get(reverse("accounts:directory")).text
    assert "No key yet" in page
    assert "/scim/v2" in page
    assert "Which directory" in ben.get(reverse("accounts:make_directory_key")).text
    assert ben.post(reverse("accounts:make_directory_key"), {"name": "", "days": "7"}).status_code == 422
    made = ben.post(reverse("accounts:make_directory_key"), {"name": "Entra ID", "days": "90"})
    key = DirectoryKey.objects.get()
    token = made.text.split("smmp-scim-")[1].split("<")[0]
    assert Directory(f"smmp-scim-{token}").get("Users").status_code == 200
    listed = ben.get(reverse("accounts:directory")).text
    assert str(key) in listed
    assert token not in listed
    renewed = ben.post(reverse("accounts:renew_directory_key", args=[key.pk]))
    assert "24 hours more" in renewed.text
    where = reverse("accounts:revoke_directory_key", args=[key.pk])
    assert "cannot be undone" in ben.get(where).text
    assert ben.post(where, {"why": ""}).status_code == 422
    assert ben.post(where, {"why": "Changed over"})["Location"] == reverse("accounts:directory")
    assert ben.post(where, {"why": "Twice"}).status_code == 422
    assert "revoked" in ben.get(reverse("accounts:directory")).text
    assert ben.get(reverse("accounts:revoke_directory_key", args=[10**9])).status_code == 404


def test_the_page_shows_what_each_group_gives_and_leads_to_giving_more(ben, surge, ben_osei):
    actions.give_grant(actor=ben_osei, team=surge, role=Role.DESK_OPERATOR, why="Surge plan 4")
    page = ben.get(reverse("accounts:directory")).text
    assert "Digital desk operator over all official accounts" in page
    form = ben.get(f"{reverse('accounts:give_grant')}?team={surge.pk}").text
    assert f'value="{surge.pk}" selected' in form


def test_a_team_is_handed_over_in_the_browser(ben, wealdshire, surge):
    where = reverse("accounts:hand_over_team")
    desk = wealdshire.teams["Digital desk"]
    assert ben.post(where, {"team": ""}).status_code == 422
    assert "already" in ben.post(where, {"team": desk.pk, "external_id": "gid-1"}).text
    assert ben.post(where, {"team": desk.pk, "external_id": ""}).status_code == 302
    assert "Digital desk" in ben.get(reverse("accounts:directory")).text


def test_the_directory_is_the_administrators_alone(client, amira_hussain):
    client.force_login(amira_hussain)
    for name in ("directory", "make_directory_key", "hand_over_team"):
        assert client.get(reverse(f"accounts:{name}")).status_code == 403


def test_a_change_that_is_refused_leaves_an_entry_and_a_read_leaves_none(entra, nia):
    refused = entra.ask("PATCH", f"Users/{nia.pk}", {"schemas": ["nonsense"], "Operations": "all"})
    assert refused.status_code == 400
    assert entra.ask("GET", "Users?filter=nonsense").status_code == 400
    entry = Entry.objects.get(event="input.refused")
    assert entry.details == {"what": "a change to the directory (PATCH)", "status": 400}
