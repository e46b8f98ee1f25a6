"""Official accounts from a file, areas from a file or an address: all of it or nothing."""

from __future__ import annotations

import csv
import io
import json

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import areas, bulk, governance
from accounts.actions import bulk as actions
from accounts.models import AreaDetails, Mandate, Neighbourhood, OfficialAccount
from audit.models import Entry
from core.errors import NotPermitted, NotValid

OWNER = "victoria.lang@wealdshire.example"


def table(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, bulk.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def sixty() -> list[dict[str, str]]:
    return [
        {
            "platform": "Facebook" if n % 2 else "x",
            "handle": f"@Wealdshire{n}",
            "name": f"Wealdshire Police {n}",
            "owner": OWNER.upper(),
            "area": "Harrowfield" if n % 3 == 0 else "",
            "mailbox": f"social{n}@wealdshire.example" if n % 4 else "",
        }
        for n in range(60)
    ]


def test_sixty_accounts_come_in_with_their_faults_listed(wealdshire, ben_osei, leah_brandt):
    content = table(*sixty())
    with pytest.raises(NotPermitted):
        actions.enter_accounts(actor=leah_brandt, content=content, name="a.csv")
    rows = bulk.plan(bulk.read(content))
    assert not any(row.wrong for row in rows)
    assert "No continuity." in rows[0].lacks
    before = OfficialAccount.objects.count()
    entered = actions.enter_accounts(actor=ben_osei, content=content, name="a.csv")
    assert len(entered) == 60
    assert OfficialAccount.objects.count() == before + 60
    mandate = Mandate.objects.get(official_account=entered[1])
    assert (mandate.state, mandate.mailbox) == ("active", "social1@wealdshire.example")
    assert mandate.due_on is not None
    assert Entry.objects.filter(event="account.list_entered", details__count=60).exists()
    assert len([one for one in governance.faults(ben_osei) if one.count]) == 60
    with pytest.raises(NotValid, match="60 of 60 rows are refused"):
        actions.enter_accounts(actor=ben_osei, content=content, name="a.csv")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"platform": "MySpace"}, "no platform “MySpace”"),
        ({"handle": ""}, "There is no handle"),
        ({"owner": "nobody@wealdshire.example"}, "works here"),
        ({"owner": ""}, "no owner"),
        ({"area": "Atlantis"}, "no area “Atlantis”"),
        ({"kind": "A named officer"}, "consent"),
        ({"link": "javascript:alert(1)"}, "no address that begins"),
        ({"name": "=SUM(A1)"}, "as a formula does"),
        ({"mailbox": "social1@wealdshire.example"}, "more than one row"),
        ({"picture": "perhaps"}, "neither yes nor no"),
        ({"handle": "Wealdshire2"}, "more than one row"),
        ({"name": "Weald\u202eshire"}, "cannot be seen"),
    ],
)
def test_one_row_with_a_fault_keeps_all_of_them_out(wealdshire, ben_osei, change, sentence):
    rows = sixty()[:5]
    rows[4] = {**rows[4], **change}
    before = OfficialAccount.objects.count()
    with pytest.raises(NotValid):
        actions.enter_accounts(actor=ben_osei, content=table(*rows), name="a.csv")
    assert OfficialAccount.objects.count() == before
    wrong = [words for row in bulk.plan(bulk.read(table(*rows))) for words in row.wrong]
    assert any(sentence in words for words in wrong), wrong


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"platform;handle;name;owner\n", "semicolons"),
        (b"platform,handle,name,owner,colour\nx,a,b,c,d\n", "no column “colour”"),
        (b"platform,handle,name,owner\n", "no row of accounts below"),
        (b"platform,handle,name,owner\nx,a\n", "2 cells"),
        (b'platform,handle,name,owner\nx,"a,b,c\n', "double quote"),
        (b"\xff\xfep", "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, sentence):
    with pytest.raises(NotValid, match=sentence):
        bulk.read(content)


def test_the_template_reads_as_the_page_says(client, wealdshire, ben_osei, leah_brandt):
    assert len(bulk.plan(bulk.read(bulk.template().encode()))) == 2
    client.force_login(ben_osei)
    page = reverse("accounts:enter_accounts")
    file = SimpleUploadedFile("a.csv", table(*sixty()[:3]))
    shown = client.post(page, {"do": "show", "file": file})
    assert shown.status_code == 200
    assert "Enter all 3" in shown.content.decode()
    assert not OfficialAccount.objects.filter(handle="Wealdshire1").exists()
    done = client.post(page, {"do": "enter", "content": shown.context["content"], "name": "a.csv"})
    assert done.status_code == 302
    assert OfficialAccount.objects.filter(handle="Wealdshire1").exists()
    again = client.post(page, {"do": "enter", "content": shown.context["content"], "name": "a.csv"})
    assert again.status_code == 422
    assert "register already" in again.content.decode()
    wrong = client.post(page, {"do": "show", "file": SimpleUploadedFile("b.csv", b"nonsense")})
    assert wrong.status_code == 422
    assert "lacks “platform”" in wrong.content.decode()
    client.force_login(leah_brandt)
    assert client.get(page).status_code == 403


def area(name: str, code: str, **more) -> dict:
    return {
        "id": code,
        "name": name,
        "description": "<p>The <b>market</b> town</p>",
        "population": "0",
        "url_force": "http://www.wealdshire.example/area",
        "contact_details": {
            "email": "team@wealdshire.example",
            "telephone": "101",
            "twitter": "http://www.twitter.com/harrowfieldcops",
            "facebook": "http://www.facebook.com/harrowfield",
        },
        "centre": {"latitude": "51.43", "longitude": "-1.2"},
        "locations": [{"name": "Market station", "postcode": "WD9 4QX", "address": "", "type": "station"}],
        "boundary": [
            {"latitude": "51.40", "longitude": "-1.20"},
            {"latitude": "51.45", "longitude": "-1.25"},
            {"latitude": "51.45", "longitude": "-1.15"},
        ],
        **more,
    }


def test_areas_come_in_with_boundary_places_and_channels(client, wealdshire, ben_osei, leah_brandt):
    given = [area("Harrowfield", "HF1"), area("Northmoor", "NM1")]
    with pytest.raises(NotPermitted):
        actions.keep_areas(actor=leah_brandt, given=given, source="a file")
    kept = actions.keep_areas(actor=ben_osei, given=given, source="a file")
    assert (kept.added, kept.changed) == (1, 1)
    details = AreaDetails.objects.get(neighbourhood__slug="harrowfield")
    assert details.description == "The market town"
    assert details.places == ["Market station", "WD9"]
    assert len(details.boundary) == 3
    assert {channel["platform"] for channel in details.channels} == {"x", "facebook"}
    assert details.population is None
    unknown = governance.channels_unknown(ben_osei)
    assert ("Harrowfield", "X", "http://www.twitter.com/harrowfieldcops") in unknown
    again = actions.keep_areas(
        actor=ben_osei, given={"neighbourhoods": [area("Harrowfield", "HF1", locations=[])]}, source="b"
    )
    assert (again.added, again.changed) == (0, 1)
    details.refresh_from_db()
    assert details.places == []
    page = client.get("/public/areas/harrowfield/").content.decode()
    assert "The market town" in page
    assert "<polygon" in page
    assert "team@wealdshire.example" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([area("", "X1")], "no name in letters"),
        ([area("Twin", "T1"), area("Twin", "T2")], "more than once"),
        ([area("Odd", "O1", boundary=[{"latitude": "91", "longitude": "0"}] * 3)], "boundary"),
        (["words"], "no neighbourhood"),
        ([area("Cutlers Cross", "C1")], "too much like that of"),
    ],
)
def test_one_area_with_a_fault_keeps_all_of_them_out(wealdshire, ben_osei, given, sentence):
    before = Neighbourhood.objects.count()
    with pytest.raises(NotValid, match=sentence):
        actions.keep_areas(actor=ben_osei, given=[area("Fine", "F1"), *given], source="a file")
    assert (Neighbourhood.objects.count(), AreaDetails.objects.count()) == (before, 0)


def test_areas_are_read_from_the_address_and_from_no_other_host(
    client, wealdshire, ben_osei, settings, monkeypatch
):
    settings.POLICE_DATA_HOSTS = ["data.police.uk"]
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.path.endswith("/neighbourhoods"):
            return httpx.Response(200, json=[{"id": "HF1", "name": "Harrowfield"}])
        if request.url.path.endswith("/boundary"):
            return httpx.Response(200, json=area("", "")["boundary"])
        if request.url.path.endswith("/HF1"):
            given = area("Harrowfield", "HF1")
            del given["boundary"]
            return httpx.Response(200, json=given)
        return httpx.Response(404, text="Not found")

    client_class = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **given: client_class(**{**given, "transport": httpx.MockTransport(answer)})
    )
    rows, source = areas.from_address("https://data.police.uk/api/wealdshire/neighbourhoods")
    assert [row.name for row in rows] == ["Harrowfield"]
    assert source == "https://data.police.uk/api/wealdshire/neighbourhoods"
    assert len(rows[0].boundary) == 3
    assert rows[0].force == "wealdshire"
    asked.clear()
    for wrong in (
        "http://data.police.uk/api/wealdshire/neighbourhoods",
        "https://data.police.uk.evil.example/api/wealdshire/neighbourhoods",
        "https://user@data.police.uk/api/wealdshire/neighbourhoods",
        "https://127.0.0.1/api/wealdshire/neighbourhoods",
        "https://data.police.uk/api/../secret",
    ):
        with pytest.raises(NotValid, match="Give an address such as"):
            areas.from_address(wrong)
    assert not asked
    client.force_login(ben_osei)
    page = reverse("accounts:import_areas")
    missing = client.post(page, {"do": "show", "address": "https://data.police.uk/api/wealdshire/XX"})
    assert missing.status_code == 422
    assert "refused (404)" in missing.content.decode()
    shown = client.post(
        page, {"do": "show", "address": "https://data.police.uk/api/wealdshire/neighbourhoods"}
    )
    assert "its details are replaced" in shown.content.decode()
    given = {"do": "keep", "content": shown.context["content"], "source": shown.context["source"]}
    assert client.post(page, given).status_code == 302
    assert AreaDetails.objects.get().places == ["Market station", "WD9"]
    assert len(AreaDetails.objects.get().channels) == 2
    assert client.post(page, {"do": "keep", "content": "{"}).status_code == 422
    both = client.post(page, {"do": "show"})
    assert "one of the two" in both.content.decode()
    file = SimpleUploadedFile("areas.json", json.dumps(area("Northmoor", "NM1")).encode())
    assert "a new neighbourhood" in client.post(page, {"do": "show", "file": file}).content.decode()
