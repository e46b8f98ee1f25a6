"""The pages of cases: what a person called at night sees, and what is noted about their seeing it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import Entry
from escalation import queries, tasks
from escalation.actions import cases
from escalation.models import Case, Pathway
from escalation.queries import answer
from notices import queries as notices
from tests import comments


@pytest.fixture
def comment(force_account, amira_hussain):
    words = "<b>I can't</b> do this \u202e any more"
    return comments.escalate(comments.write(force_account, words, url="javascript:alert(1)"), amira_hussain)


@pytest.fixture
def case(comment):
    tasks.open_cases()
    return Case.objects.get()


def test_the_list_shows_what_waits_with_its_clock_and_notes_who_looked(client, case, inspector_calder):
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:cases")).content.decode()
    assert case.title in page
    assert "you were called" in page
    assert "data-until" in page
    assert Entry.objects.get(event="cases.listed").shown_ids == [case.pk]


def test_opening_a_case_shows_the_words_as_the_publics_own(client, case, comment, inspector_calder):
    client.force_login(inspector_calder)
    assert notices.unseen_count(inspector_calder) == 1
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "&lt;b&gt;I can" in page
    assert "<b>I can" not in page
    assert "javascript:" not in page
    assert "\u202e" not in page
    assert "If nobody acts" in page
    assert "I have it" in page
    assert notices.unseen_count(inspector_calder) == 0
    viewed = Entry.objects.get(event="case.viewed")
    assert (viewed.shown_ids, viewed.subject_name) == ([comment.pk], case.reference)


def test_whose_words_stand_above_the_evidence_is_noted_as_seen_too(
    client, force_account, amira_hussain, inspector_calder
):
    above = comments.write(force_account, "Go on then, nobody would miss you", by="cruel.c")
    below = comments.escalate(comments.write(force_account, "Goodbye", under=above), amira_hussain)
    tasks.open_cases()
    case = Case.objects.get()
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "nobody would miss you" in page
    assert sorted(Entry.objects.get(event="case.viewed").shown_ids) == [above.pk, below.pk]
    live = reverse("escalation:live", args=[case.pk])
    version = answer(inspector_calder, case.pk).version
    more = comments.escalate(comments.write(force_account, "Really", under=above), amira_hussain)
    tasks.open_cases()
    assert client.get(live, {"v": version}).status_code == 200
    assert sorted(Entry.objects.filter(event="case.viewed").latest("id").shown_ids) == [above.pk, more.pk]


def test_a_refresh_says_nothing_new_until_something_is(
    client, case, force_account, amira_hussain, inspector_calder
):
    client.force_login(inspector_calder)
    client.get(reverse("escalation:case", args=[case.pk]))
    live = reverse("escalation:live", args=[case.pk])
    version = answer(inspector_calder, case.pk).version
    assert client.get(live, {"v": version}).status_code == 204
    more = comments.escalate(comments.write(force_account, "tell Mum"), amira_hussain)
    tasks.open_cases()
    changed = client.get(live, {"v": version})
    assert changed.status_code == 200
    assert "tell Mum" in changed.content.decode()
    assert Entry.objects.filter(event="case.viewed").latest("id").shown_ids == [more.pk]
    for nonsense in ("", "x", "a.b.c.999999999", "-1"):
        assert client.get(live, {"v": nonsense}).status_code == 200


def test_the_whole_way_from_i_have_it_to_closed_and_back(client, case, inspector_calder):
    client.force_login(inspector_calder)

    def post(name, **data):
        return client.post(reverse(f"escalation:{name}", args=[case.pk]), data)

    assert post("close", outcome="Fine", item0="Log 41", item1="Safe").status_code == 409
    assert post("acknowledge").status_code == 302
    assert post("log", text="Rang the control room").status_code == 302
    refused = post("log", text="  ")
    assert refused.status_code == 422
    assert "Write what was done" in refused.content.decode()
    kept = post("close", outcome="x" * 501)
    assert kept.status_code == 422
    assert "x" * 501 in kept.content.decode()
    missing = post("close", outcome="Found safe")
    assert missing.status_code == 422
    assert "Record it first: incident number" in missing.content.decode()
    assert post("record", item=case.version.must_record[0], text="Log 41 of 29 November").status_code == 302
    assert post("close", outcome="Found safe", item0="Taken home").status_code == 302
    assert post("reopen", why="Wrote again").status_code == 302
    assert post("cannot_take", why="Elsewhere").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.round, case.level) == ("waiting", 2, 2)


def test_the_second_to_say_it_reads_who_has_it(client, case, inspector_calder, superintendent_price):
    cases.acknowledge(actor=superintendent_price, case=case)
    client.force_login(inspector_calder)
    second = client.post(reverse("escalation:acknowledge", args=[case.pk]))
    assert second.status_code == 409
    assert "Supt Owen Price has case" in second.content.decode()


def test_cases_are_unknown_to_who_may_not_see_them(client, case, pc_nair, joan_pritchard, amira_hussain):
    client.force_login(joan_pritchard)
    assert client.get(reverse("escalation:cases")).status_code == 403
    client.force_login(amira_hussain)
    assert client.get(reverse("escalation:case", args=[999])).status_code == 404
    assert client.post(reverse("escalation:acknowledge", args=[case.pk])).status_code == 403


def test_evidence_is_added_by_its_number(client, case, force_account, amira_hussain):
    client.force_login(amira_hussain)
    witness = comments.write(force_account, "I saw them", by="kim")
    address = reverse("escalation:add_comment", args=[case.pk])
    for number in ("", "abc", "0", "99999999", str(2**70)):
        assert client.post(address, {"comment": number}).status_code == 422
    assert client.post(address, {"comment": witness.pk}).status_code == 302
    assert case.evidence.count() == 2


def test_a_case_is_opened_by_hand(client, amira_hussain, pc_nair, force_account, harrowfield_account):
    client.force_login(amira_hussain)
    address = reverse("escalation:open")
    assert client.get(address).status_code == 200
    assert client.post(address, {"title": "Viaduct"}).status_code == 422
    given = {
        "official_account": force_account.pk,
        "pathway": Pathway.objects.get(slug="threat_to_life").pk,
        "title": "Viaduct",
        "why": "A caller saw someone",
    }
    assert client.post(address, given).status_code == 302
    client.force_login(pc_nair)
    assert client.post(address, given).status_code == 422
    opened = client.post(address, {**given, "official_account": harrowfield_account.pk})
    assert "is open" in opened.content.decode()


def test_from_a_comment_to_its_case(client, force_account, harrowfield_account, amira_hussain, pc_nair):
    plain = comments.write(harrowfield_account, "Nice horse")
    waiting = comments.escalate(comments.write(harrowfield_account, "help"), amira_hussain)
    client.force_login(amira_hussain)

    def ask(comment):
        return client.get(reverse("escalation:for_comment", args=[comment.pk]))

    assert "is in no case" in ask(plain).content.decode()
    assert "being opened" in ask(waiting).content.decode()
    tasks.open_cases()
    assert ask(waiting).url == reverse("escalation:case", args=[Case.objects.get().pk])
    client.force_login(pc_nair)
    assert "nobody has it yet" in ask(waiting).content.decode()
    elsewhere = comments.write(force_account, "hello", by="kim")
    assert ask(elsewhere).status_code == 404


def test_closed_cases_are_paged(client, force_account, amira_hussain, inspector_calder, monkeypatch):
    monkeypatch.setattr("escalation.queries.PAGE_LENGTH", 2)
    for author in ("a", "b", "c"):
        comments.escalate(comments.write(force_account, "help", by=author), amira_hussain)
    tasks.open_cases()
    for case in Case.objects.all():
        cases.acknowledge(actor=inspector_calder, case=case)
        recorded = dict.fromkeys(case.version.must_record, "Done")
        cases.close(actor=inspector_calder, case=case, outcome="Safe", recorded=recorded)
    client.force_login(inspector_calder)
    newest = Case.objects.order_by("-number")
    page = client.get(reverse("escalation:cases")).content.decode()
    assert f"?before={newest[1].number}" in page
    rest = client.get(reverse("escalation:cases"), {"before": newest[1].number}).content.decode()
    assert newest[2].reference in rest
    assert newest[0].reference not in rest
    assert client.get(reverse("escalation:cases"), {"before": "x'; --"}).status_code == 200


def test_the_list_says_that_cases_changed_and_fills_only_while_it_is_empty(
    client, comment, inspector_calder, superintendent_price
):
    client.force_login(inspector_calder)
    changed, empty = reverse("escalation:changed"), queries.list_version([], [])
    assert client.get(changed, {"v": empty}).status_code == 204
    tasks.open_cases()
    case = Case.objects.get()
    filled = client.get(changed, {"v": empty})
    assert filled["HX-Retarget"] == "#open-cases"
    assert case.title in filled.content.decode()
    assert Entry.objects.get(event="cases.listed").shown_ids == [case.pk]
    before = queries.list_version(list(queries.waiting(inspector_calder)), [])
    assert client.get(changed, {"v": before}).status_code == 204
    cases.acknowledge(actor=superintendent_price, case=case)
    told = client.get(changed, {"v": before})
    assert "HX-Retarget" not in told.headers
    assert case.title not in told.content.decode()
    after = queries.list_version([], queries.acknowledged(inspector_calder))
    assert client.get(changed, {"v": f"{after}.told"}).status_code == 204


def test_the_desk_reads_in_one_line_who_has_the_case_of_a_comment(
    client, comment, amira_hussain, pc_nair, inspector_calder
):
    brief = reverse("escalation:brief", args=[comment.pk])
    client.force_login(amira_hussain)
    assert "Its case is being opened" in client.get(brief).content.decode()
    tasks.open_cases()
    case = Case.objects.get()
    page = client.get(brief).content.decode()
    assert "Nobody has it yet" in page
    assert Entry.objects.get(event="cases.listed").shown_ids == [case.pk]
    version = queries.list_version([case], [])
    assert client.get(brief, {"v": version}).status_code == 204
    cases.acknowledge(actor=inspector_calder, case=case)
    assert "Insp Ruth Calder has it" in client.get(brief, {"v": version}).content.decode()
    assert Entry.objects.filter(event="cases.listed").count() == 1
    client.force_login(pc_nair)
    assert client.get(brief).status_code == 404


def test_saying_i_have_it_ends_the_persons_own_call(case, inspector_calder, superintendent_price):
    assert notices.bell(superintendent_price).called is not None
    cases.acknowledge(actor=inspector_calder, case=case)
    assert notices.bell(inspector_calder) == notices.Bell(0, None)
    assert notices.bell(superintendent_price).called is None
