"""Lists of staff: what each row comes to, what is refused with which words, and all or nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import actions, imports, queries
from accounts.actions import imports as applying
from accounts.models import Grant, StaffImport
from accounts.tasks import empty_lists
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from smmp.seed.force import PERSONAS
from staff.actions import directory, members
from staff.models import Membership, StaffMember
from staff.roles import Role

HEADER = ",".join(imports.COLUMNS)
TEST = System("test")


def listed(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows]).encode()


def row(email="nia.new@wealdshire.example", name="Nia New", **more) -> str:
    cells = {"email": email, "name": name, **more}
    return ",".join(cells.get(column, "") for column in imports.COLUMNS)


def steps_of(content: bytes, actor=TEST) -> list[dict]:
    return applying.read_list(actor=actor, name="list.csv", content=content).steps


def day_to_come(days: int = 30) -> str:
    return (clock.today() + timedelta(days=days)).strftime("%d/%m/%Y")


@pytest.fixture
def ben(client, ben_osei):
    return client.force_login(ben_osei)


def test_a_list_shows_joiners_changes_leavers_and_what_stays(wealdshire, amira_hussain, tom_beckett, pc_nair):
    steps = steps_of(
        listed(
            row(
                rank="PC",
                team="harrowfield neighbourhood team",
                role="Neighbourhood officer",
                neighbourhood="Harrowfield",
                until=day_to_come(),
            ),
            row(amira_hussain.email.upper(), "Amira Hussain", rank="Sgt"),
            row(tom_beckett.email, "", leaves="Resigned"),
            row(pc_nair.email, "", role="neighbourhood_officer", neighbourhood="harrowfield"),
        )
    )
    assert [step["outcome"] for step in steps] == ["join", "change", "leave", "unchanged"]
    assert steps[0]["line"] == 2
    last = clock.today() + timedelta(days=30)
    assert f"until the end of {last:%-d %B %Y}" in " ".join(steps[0]["words"])
    assert "put into Harrowfield neighbourhood team" in " ".join(steps[0]["words"])
    assert steps[1]["words"] == ["Amira Hussain becomes Sgt Amira Hussain."]
    assert StaffMember.objects.count() == len(PERSONAS)
    assert StaffMember.objects.get(pk=tom_beckett.pk).active


def test_what_was_shown_is_what_happens(
    ben_osei, wealdshire, tom_beckett, harrowfield_account, saltmere_account
):
    until = day_to_come(7)
    kept = applying.read_list(
        actor=ben_osei,
        name="list.csv",
        content=listed(
            row(
                rank="PC",
                team="Digital desk",
                role="Neighbourhood officer",
                neighbourhood="Harrowfield",
                until=until,
            ),
            row(tom_beckett.email, "", leaves="Resigned"),
        ),
    )
    (nia,) = applying.apply_list(actor=ben_osei, kept=kept)
    assert nia.called == "PC Nia New"
    assert queries.may(nia, "reply", harrowfield_account.pk)
    assert not queries.may(nia, "reply", saltmere_account.pk)
    grant = Grant.objects.get(person=nia)
    assert (grant.given_by, grant.why) == (ben_osei, "By a list of staff")
    assert clock.in_london(grant.until).strftime("%d/%m/%Y %H:%M") == day_to_come(8) + " 00:00"
    assert Membership.objects.get(member=nia).team == wealdshire.teams["Digital desk"]
    assert not StaffMember.objects.get(pk=tom_beckett.pk).active
    assert Entry.objects.get(event="staff.list_applied").details["join"] == 1
    assert Entry.objects.get(event="staff.member_left").reason == "Resigned"
    kept.refresh_from_db()
    assert kept.rows == kept.steps == []
    with pytest.raises(TransitionNotAllowed, match="already"):
        applying.apply_list(actor=ben_osei, kept=kept)


def test_a_name_and_a_rank_change_as_shown(ben_osei, amira_hussain):
    kept = applying.read_list(
        actor=ben_osei, name="a.csv", content=listed(row(amira_hussain.email, "Amira Khan", rank="Sgt"))
    )
    assert applying.apply_list(actor=ben_osei, kept=kept) == []
    amira_hussain.refresh_from_db()
    assert amira_hussain.called == "Sgt Amira Khan"
    assert Entry.objects.get(event="staff.details_changed").details == {"changed": ["name", "rank"]}


def test_the_same_list_a_second_time_changes_nothing(ben_osei, wealdshire):
    content = listed(row(team="Digital desk", role="Digital desk operator", until=day_to_come()))
    applying.apply_list(
        actor=ben_osei, kept=applying.read_list(actor=ben_osei, name="a.csv", content=content)
    )
    assert [step["outcome"] for step in steps_of(content)] == ["unchanged"]


def test_another_last_day_ends_the_grant_and_gives_it_anew(ben_osei, wealdshire):
    for days in (10, 20):
        content = listed(row(role="Digital desk operator", until=day_to_come(days)))
        kept = applying.read_list(actor=ben_osei, name="a.csv", content=content)
        applying.apply_list(actor=ben_osei, kept=kept)
    first, second = Grant.objects.filter(person__email="nia.new@wealdshire.example").order_by("id")
    assert first.ended_why == "By a list of staff"
    assert clock.in_london(second.until).date() == clock.today() + timedelta(days=21)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"email": ""}, "no e-mail address"),
        ({"email": "nia"}, "not an e-mail address"),
        ({"email": "=cmd|' /C calc'!A0"}, "as a formula does"),
        ({"name": "+44"}, "as a formula does"),
        ({"name": "Nia \u202ewen"}, "cannot be seen"),
        ({"name": "@SUM(A1)"}, "as a formula does"),
        ({"rank": "-1"}, "as a formula does"),
        ({"name": ""}, "There is no name"),
        ({"name": "x" * 121}, "longer than 120"),
        ({"team": "No such team"}, "no team “No such team”"),
        ({"role": "Superuser"}, "no role “Superuser”"),
        ({"role": "Digital desk operator", "neighbourhood": "Nowhere"}, "no neighbourhood “Nowhere”"),
        ({"role": "Digital desk operator", "until": "soon"}, "no date to come"),
        ({"role": "Digital desk operator", "until": "31/02/2027"}, "no date to come"),
        ({"role": "Digital desk operator", "until": "01/01/2020"}, "no date to come"),
        ({"until": "01/01/2030"}, "no role"),
        ({"neighbourhood": "Harrowfield"}, "no role"),
        ({"leaves": "Gone"}, "cannot leave"),
        ({"leaves": "Gone", "team": "Digital desk"}, "no team and no role"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_reason(ben_osei, wealdshire, cells, words):
    kept = applying.read_list(
        actor=ben_osei, name="list.csv", content=listed(row(**cells), row("kit@wealdshire.example", "Kit"))
    )
    assert kept.steps[0]["outcome"] == "refused"
    assert words in " ".join(kept.steps[0]["words"])
    with pytest.raises(NotValid, match="Mend the refused rows"):
        applying.apply_list(actor=ben_osei, kept=kept)
    assert not StaffMember.objects.filter(email="kit@wealdshire.example").exists()


def test_one_address_in_two_rows_is_refused_in_both(wealdshire):
    steps = steps_of(listed(row(), row("NIA.new@wealdshire.example", "Other")))
    assert [step["outcome"] for step in steps] == ["refused", "refused"]


def test_nobody_comes_back_by_a_list_and_nobody_acts_on_themselves(ben_osei, tom_beckett, wealdshire):
    members.record_leaver(actor=ben_osei, member=tom_beckett, why="Left")
    steps = steps_of(
        listed(
            row(tom_beckett.email, "Tom"),
            row(ben_osei.email, "", leaves="Bye"),
        ),
        ben_osei,
    )
    assert "bring them back on their page" in steps[0]["words"][0]
    assert "yourself" in steps[1]["words"][0]
    for cells in ({"role": "Information security auditor"}, {"team": "Digital desk"}):
        assert steps_of(listed(row(ben_osei.email, "", **cells)), ben_osei)[0]["outcome"] == "refused"
    assert steps_of(listed(row(tom_beckett.email, "", leaves="Left")))[0]["outcome"] == "unchanged"


def test_a_team_of_the_directory_is_left_to_it(ben_osei, wealdshire):
    directory.hand_over(actor=ben_osei, team=wealdshire.teams["Digital desk"], external_id=None)
    assert "directory keeps" in steps_of(listed(row(team="Digital desk")))[0]["words"][0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf  \r\n", "empty"),
        (HEADER.encode(), "no row of people"),
        (listed(row()).replace(b",", b";"), "semicolons"),
        (listed(row()).replace(b",", b"\t"), "tabs"),
        (listed(row(), header="email,name"), "lacks “rank”"),
        (listed(row() + ",x", header=HEADER + ",salary"), "no column “salary”"),
        (listed(row() + ",x", header=HEADER + ",name"), "twice"),
        (listed("a@b.example,A"), "has 2 cells"),
        (listed('"a@b.example,A'), "double quote"),
        (listed(row(name="Zoë")).decode().encode("cp1252"), "Windows-1252"),
        (listed(row()).decode().encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "workbook"),
        (listed(row(name="a\x00b")), "no text has"),
        (
            listed(*[row(f"p{i}@wealdshire.example", "Nia New " * 3) for i in range(50_000)]),
            "larger than 2 MB",
        ),
        (listed(*["a@b.example,A,,,,,,"] * 50_000), "about 50,000 lines"),
        (listed(*["a@b.example,A,,,,,,"] * 2001), "about 2,001 lines"),
        (listed("x" * 200_000), "cannot be read"),
    ],
    ids=[
        "empty",
        "blank",
        "header",
        "semicolons",
        "tabs",
        "missing",
        "unknown",
        "twice",
        "ragged",
        "quote",
        "1252",
        "utf16",
        "workbook",
        "nul",
        "large",
        "many",
        "one too many",
        "field",
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_mend(ben, content, words):
    where = reverse("accounts:staff_lists")
    answer = ben.post(where, {"file": SimpleUploadedFile("list.csv", content)})
    assert answer.status_code == 422
    assert words in answer.text
    assert not StaffImport.objects.exists()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_is_read_with_and_without_its_mark(wealdshire, mark):
    (step,) = steps_of(mark + listed(row(name="Zoë Ńowak")))
    assert (step["outcome"], step["name"]) == ("join", "Zoë Ńowak")


def test_the_template_reads_as_a_list(ben, wealdshire):
    answer = ben.get(reverse("accounts:staff_list_template"))
    assert answer["Content-Type"].startswith("text/csv")
    rows = imports.rows_of(answer.content)
    assert [row["name"] for row in rows] == ["Nia New", "Kit Lane", "Sam Gone"]


def test_a_list_is_refused_when_things_have_moved_on(ben_osei, wealdshire, tom_beckett):
    kept = applying.read_list(
        actor=ben_osei, name="a.csv", content=listed(row(), row(tom_beckett.email, "", leaves="Left"))
    )
    members.record_leaver(actor=ben_osei, member=tom_beckett, why="Meanwhile")
    with pytest.raises(ChangedSinceSeen):
        applying.apply_list(actor=ben_osei, kept=kept)
    assert not StaffMember.objects.filter(email="nia.new@wealdshire.example").exists()
    assert not Entry.objects.filter(event="staff.list_applied").exists()


def test_a_list_belongs_to_whoever_read_it(ben_osei, amira_hussain, leah_brandt, client):
    kept = applying.read_list(actor=ben_osei, name="a.csv", content=listed(row()))
    with pytest.raises(NotPermitted):
        applying.read_list(actor=amira_hussain, name="a.csv", content=listed(row()))
    actions.give_grant(actor=TEST, person=leah_brandt, role=Role.SERVICE_ADMINISTRATOR, why="Stand-in")
    with pytest.raises(NotPermitted):
        applying.apply_list(actor=leah_brandt, kept=kept)
    client.force_login(leah_brandt)
    assert client.get(reverse("accounts:staff_list", args=[kept.pk])).status_code == 404
    assert "a.csv" in client.get(reverse("accounts:staff_lists")).text
    client.force_login(amira_hussain)
    assert client.get(reverse("accounts:staff_lists")).status_code == 403


def test_a_list_that_waits_longer_than_a_day_is_emptied(ben_osei, wealdshire):
    kept = applying.read_list(actor=ben_osei, name="a.csv", content=listed(row()))
    empty_lists()
    assert StaffImport.objects.get().rows
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=False):
        empty_lists()
        empty_lists()
        assert StaffImport.objects.get().rows == []
        with pytest.raises(TransitionNotAllowed, match="more than a day"):
            applying.apply_list(actor=ben_osei, kept=kept)
    assert Entry.objects.filter(event="staff.lists_emptied").count() == 1


def test_an_administrator_reads_looks_and_applies_in_the_browser(ben, wealdshire, tom_beckett):
    where = reverse("accounts:staff_lists")
    assert "Template to fill in" in ben.get(where).text
    assert ben.post(where, {}).status_code == 422
    content = listed(row(rank="PC"), row(tom_beckett.email, "", leaves="Resigned"))
    read = ben.post(where, {"file": SimpleUploadedFile("joiners.csv", content)})
    page = ben.get(read["Location"]).text
    assert "Nothing has happened yet" in page
    assert "They are out at once" in page
    assert "Tom Beckett" not in ben.get(read["Location"] + "?only=join").text
    assert StaffMember.objects.count() == len(PERSONAS)
    applied = ben.post(read["Location"] + "apply/", {"links": "1"})
    assert applied["Location"] == reverse("accounts:staff")
    assert [letter.to for letter in mail.outbox] == [["nia.new@wealdshire.example"]]
    again = ben.post(read["Location"] + "apply/")
    assert again.status_code == 409
    assert "applied already" in again.text
    assert "1 joined" in ben.get(where).text


def test_refused_rows_are_shown_and_there_is_nothing_to_press(ben, wealdshire):
    read = ben.post(
        reverse("accounts:staff_lists"), {"file": SimpleUploadedFile("x.csv", listed(row(role="King")))}
    )
    page = ben.get(read["Location"]).text
    assert "no role “King”" in page
    assert "Apply it as shown" not in page
    assert ben.post(read["Location"] + "apply/").status_code == 422


def test_the_command_shows_then_applies(wealdshire, tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(listed(row()))
    out = StringIO()
    call_command("staff", "import", str(file), "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["applied"], said["counts"]["join"]) == (False, 1)
    assert not StaffMember.objects.filter(email="nia.new@wealdshire.example").exists()
    out = StringIO()
    call_command("staff", "import", str(file), "--apply", stdout=out)
    assert "Applied: 1 join" in out.getvalue()
    assert StaffMember.objects.filter(email="nia.new@wealdshire.example").exists()
    file.write_bytes(listed(row("x@wealdshire.example", "X", role="King")))
    with pytest.raises(CommandError, match="1 rows are refused"):
        call_command("staff", "import", str(file), "--apply", stdout=StringIO())
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("staff", "import", str(tmp_path / "none.csv"))
    file.write_bytes(b"")
    with pytest.raises(CommandError, match="empty"):
        call_command("staff", "import", str(file))


def test_a_list_that_cannot_be_read_leaves_an_entry(client, ben_osei):
    client.force_login(ben_osei)
    file = SimpleUploadedFile("staff.csv", "name,email\n".encode("utf-16"))
    assert client.post(reverse("accounts:staff_lists"), {"file": file}).status_code == 422
    entry = Entry.objects.get(event="input.refused")
    assert entry.details == {"what": "a list of staff"}
    assert "UTF-16" in entry.reason
