"""The community guidelines in versions: written by one, approved by another, in force on a date."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from moderation import guidelines
from moderation.actions import guidelines as actions
from moderation.models import Clause, Guidelines
from notices.models import Notice

WORDS = {"title": "Doxxing", "text": "We hide comments that say where somebody lives."}


@pytest.fixture
def draft(leah_brandt, wealdshire):
    return actions.begin(actor=leah_brandt)


def _described(draft, leah_brandt):
    actions.write_clause(actor=leah_brandt, version=draft, **WORDS)
    actions.describe(actor=leah_brandt, version=draft, changes="Doxxing has a clause of its own.")
    draft.refresh_from_db()
    return guidelines.changed_at(draft)


def test_a_draft_begins_with_the_words_in_force_and_there_is_one_at_a_time(draft, leah_brandt, amira_hussain):
    present = guidelines.in_force()
    assert [c.title for c in guidelines.clauses_of(draft)] == [
        c.title for c in guidelines.clauses_of(present)
    ]
    assert not Clause.objects.filter(guidelines=draft, published=True).exists()
    assert guidelines.differences(draft) == []
    with pytest.raises(TransitionNotAllowed, match="Version 2 is draft already"):
        actions.begin(actor=leah_brandt)
    with pytest.raises(NotPermitted):
        actions.begin(actor=amira_hussain)
    with pytest.raises(IntegrityError, match="guidelines_one_to_come"), transaction.atomic():
        Guidelines.objects.create(number=9, drafted_at=clock.now())
    assert Entry.objects.filter(event="guidelines.begun").count() == 1


def test_clauses_are_added_changed_moved_left_out_and_put_back(draft, leah_brandt):
    new = actions.write_clause(actor=leah_brandt, version=draft, position=1, **WORDS)
    spam = Clause.objects.get(guidelines=draft, slug="spam")
    actions.leave_out(actor=leah_brandt, clause=spam)
    hate = Clause.objects.get(guidelines=draft, slug="hate")
    actions.write_clause(
        actor=leah_brandt, version=draft, clause=hate, title="Hate", text="We hide hate.", position=99
    )
    standing = list(guidelines.clauses_of(draft))
    assert [c.position for c in standing] == list(range(1, len(standing) + 1))
    assert (standing[0], standing[-1].slug) == (new, "hate")
    kinds = {(d.after or d.before).slug: d.kind for d in guidelines.differences(draft)}
    assert (kinds["doxxing"], kinds["spam"], kinds["hate"]) == ("New", "Left out", "Changed")
    actions.put_back(actor=leah_brandt, clause=spam)
    assert list(guidelines.clauses_of(draft))[-1].slug == "spam"
    said = [line.what for line in guidelines.history(draft)]
    assert "left out “Advertising, scams and repeated posts”" in said
    assert "changed “Hate”" in said
    for other in list(guidelines.clauses_of(draft))[1:]:
        actions.leave_out(actor=leah_brandt, clause=other)
    with pytest.raises(TransitionNotAllowed, match="Keep one"):
        actions.leave_out(actor=leah_brandt, clause=guidelines.clauses_of(draft).get())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "SPAM, scams", "text": "x", "title_cy": "Sbam"}, "text_cy"),
        ({"title": "Hate", "text": "x"}, "title"),
    ],
)
def test_a_clause_that_cannot_stand_is_refused_and_nothing_changes(draft, leah_brandt, given, field):
    before = guidelines.changed_at(draft)
    with pytest.raises(NotValid) as refused:
        actions.write_clause(actor=leah_brandt, version=draft, **given)
    assert refused.value.field == field
    assert guidelines.changed_at(draft) == before


def test_whoever_wrote_some_of_it_does_not_approve_it_and_nothing_unseen_is_approved(
    draft, leah_brandt, helen_achebe
):
    with pytest.raises(NotValid, match="what is different"):
        actions.approve(actor=helen_achebe, version=draft, seen=guidelines.changed_at(draft))
    seen = _described(draft, leah_brandt)
    with pytest.raises(NotPermitted):
        actions.approve(actor=leah_brandt, version=draft, seen=seen)
    spam = Clause.objects.get(guidelines=draft, slug="spam")
    actions.leave_out(actor=leah_brandt, clause=spam, seen=seen)
    with pytest.raises(ChangedSinceSeen):
        actions.approve(actor=helen_achebe, version=draft, seen=seen)
    with pytest.raises(ChangedSinceSeen):
        actions.put_back(actor=leah_brandt, clause=spam, seen=seen)
    actions.put_back(actor=helen_achebe, clause=spam)
    with pytest.raises(NotPermitted, match="written some of it"):
        actions.approve(actor=helen_achebe, version=draft, seen=guidelines.changed_at(draft))
    with pytest.raises(IntegrityError, match="guidelines_approved_by_another"), transaction.atomic():
        Guidelines.objects.filter(pk=draft.pk).update(approved_by=leah_brandt)


def test_at_once_it_is_the_only_reason_and_what_was_decided_keeps_its_words(
    client, draft, leah_brandt, helen_achebe
):
    seen = _described(draft, leah_brandt)
    old = Clause.objects.get(slug="spam", published=True)
    client.force_login(helen_achebe)
    assert "Version 2 of the community guidelines waits for your approval" in client.get("/").content.decode()
    actions.approve(actor=helen_achebe, version=draft, seen=seen)
    draft.refresh_from_db()
    old.refresh_from_db()
    assert (draft.state, guidelines.in_force()) == (Guidelines.State.IN_FORCE, draft)
    assert not old.published
    assert set(Clause.objects.filter(published=True)) == set(guidelines.clauses_of(draft))
    assert Guidelines.objects.get(number=1).in_force_until == draft.in_force_from
    assert Notice.objects.filter(key="guidelines:2:in_force").exists()
    entry = Entry.objects.get(event="guidelines.in_force")
    assert entry.details == {"instead_of": 1}
    with pytest.raises(TransitionNotAllowed, match="in force"):
        actions.write_clause(actor=leah_brandt, version=draft, **WORDS | {"title": "Late"})


def test_on_its_date_it_comes_into_force_by_itself_once_and_before_it_can_be_taken_back(
    draft, leah_brandt, helen_achebe, time_machine
):
    seen = _described(draft, leah_brandt)
    on = clock.now() + timedelta(days=3)
    for wrong in (clock.now() - timedelta(minutes=1), clock.now() + timedelta(days=400)):
        with pytest.raises(NotValid, match="a time to come"):
            actions.approve(actor=helen_achebe, version=draft, seen=seen, in_force_from=wrong)
    actions.approve(actor=helen_achebe, version=draft, seen=seen, in_force_from=on)
    assert actions.put_due_in_force() is None
    actions.take_back(actor=leah_brandt, version=draft)
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by, draft.in_force_from) == ("draft", None, None)
    actions.approve(actor=helen_achebe, version=draft, seen=guidelines.changed_at(draft), in_force_from=on)
    time_machine.move_to(on + timedelta(seconds=1))
    assert actions.put_due_in_force() == draft
    assert actions.put_due_in_force() is None
    assert guidelines.in_force() == draft


def test_a_draft_that_is_given_up_changes_nothing(draft, leah_brandt):
    actions.give_up(actor=leah_brandt, version=draft)
    with pytest.raises(TransitionNotAllowed):
        actions.give_up(actor=leah_brandt, version=draft)
    assert guidelines.in_force().number == 1
    assert actions.begin(actor=leah_brandt).number == 3


def test_the_public_reads_what_is_in_force_and_what_was_but_no_draft(
    client, draft, leah_brandt, helen_achebe
):
    address = reverse("moderation:guidelines_version", args=[2])
    assert client.get(address).status_code == 404
    frame = reverse("moderation_public:guidelines_embedded")
    first = client.get(frame)
    assert first["Content-Security-Policy"].count("frame-ancestors *") == 1
    assert "X-Frame-Options" not in first
    assert client.get(frame, headers={"If-None-Match": first["ETag"]}).status_code == 304
    seen = _described(draft, leah_brandt)
    actions.approve(actor=helen_achebe, version=draft, seen=seen)
    assert client.get(frame, headers={"If-None-Match": first["ETag"]}).status_code == 200
    page = client.get(address).content.decode()
    assert "Doxxing has a clause of its own." in page
    past = client.get(reverse("moderation:guidelines_version", args=[1]), {"lang": "cy"}).content.decode()
    assert "Canllawiau blaenorol" in past
    assert "Doxxing" not in past
    data = client.get(reverse("moderation_public:guidelines_data")).json()
    assert (data["version"], data["clauses"][-1]["title"]) == (2, "Doxxing")


def test_it_is_written_and_approved_in_the_browser(client, leah_brandt, helen_achebe, amira_hussain):
    client.force_login(amira_hussain)
    assert client.get(reverse("moderation:guidelines_versions")).status_code == 403
    client.force_login(leah_brandt)
    assert client.post(reverse("moderation:begin_guidelines")).status_code == 302
    page = reverse("moderation:guidelines_draft", args=[2])
    refused = client.post(reverse("moderation:new_clause", args=[2]), {"title": "Doxxing", "text": ""})
    assert refused.status_code == 422
    assert 'value="Doxxing"' in refused.content.decode()
    client.post(reverse("moderation:new_clause", args=[2]), WORDS | {"sensitive": "on"})
    client.post(reverse("moderation:describe_guidelines", args=[2]), {"changes": "Doxxing is named."})
    own = client.get(page).content.decode()
    assert "New: Doxxing" in own
    assert 'action="/desk/guidelines/versions/2/approve/"' not in own
    client.force_login(helen_achebe)
    seen = guidelines.changed_at(Guidelines.objects.get(number=2)).isoformat()
    stale = client.post(reverse("moderation:approve_guidelines", args=[2]), {"seen": "2026-01-01T00:00:00Z"})
    assert stale.status_code == 422
    assert "changed the draft since" in stale.content.decode()
    done = client.post(reverse("moderation:approve_guidelines", args=[2]), {"seen": seen}, follow=True)
    assert "It is in force. The public reads it now." in done.content.decode()
    assert Clause.objects.get(slug="doxxing", published=True).sensitive
