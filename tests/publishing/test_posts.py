"""Posts: written by one person, approved by another, sent once per official account."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import actions as accounts
from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid, TransitionNotAllowed
from media.actions import store_image
from notices.models import Notice
from publishing import checks, queries, sending
from publishing.actions import machinery, posts
from publishing.models import Approval, Delivery, Post, PostChange
from publishing.workflow import POST
from staff.models import StaffMember
from staff.roles import POWERS, Power, Role
from tests.publishing.platform import LOST_ANSWER, StubbornPlatform, raising

State = Post.State


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def draft(clock_at, leah_brandt, force_account, saltmere_account):
    """A witness appeal by Leah for two official accounts, due at once."""
    return posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk, saltmere_account.pk],
        words="We want to hear from anyone who saw a collision on Saltmere viaduct.",
        own_words={saltmere_account.pk: "Were you near the viaduct? Tell us."},
        title="Witness appeal",
    )


@pytest.fixture
def submitted(draft, leah_brandt):
    return posts.submit_post(actor=leah_brandt, post=draft, version_seen=1)


@pytest.fixture
def approved(submitted, helen_achebe):
    return posts.approve_post(actor=helen_achebe, post=submitted, version_seen=1)


def edit(post, actor, **changes):
    texts = {v.official_account_id: v.text for v in queries.live_variants(post)}
    given = {
        "account_ids": list(texts),
        "words": post.words,
        "own_words": texts,
        "title": post.title,
        "publish_at": post.publish_at,
        "version_seen": post.version,
    }
    return posts.edit_post(actor=actor, post=post, **{**given, **changes})


def picture_upload(name="viaduct.jpg"):
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "grey").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def test_an_approved_post_goes_out_once_on_each_official_account(
    approved, platform, leah_brandt, helen_achebe
):
    assert approved.state == State.APPROVED
    assert sending.send_due() == 2
    assert sending.send_due() == 0
    approved.refresh_from_db()
    assert approved.state == State.PUBLISHED
    assert {post.text for post in platform.standing} == {
        "We want to hear from anyone who saw a collision on Saltmere viaduct.",
        "Were you near the viaduct? Tell us.",
    }
    delivery = Delivery.objects.first()
    assert (delivery.author, delivery.approver) == (leah_brandt, helen_achebe)
    assert delivery.cut_off_at == delivery.due_at + timedelta(minutes=30)
    told = Entry.objects.filter(subject_type="publishing.post").order_by("id").values_list("event", flat=True)
    assert list(told) == ["post.drafted", "post.submitted", "post.approved", "post.published"]
    story = PostChange.objects.filter(post=approved).values_list("event", flat=True)
    assert list(story) == ["drafted", "submitted", "approved", "published"]


def test_a_post_is_published_only_with_its_last_delivery(approved, platform, clock_at):
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    approved.refresh_from_db()
    assert approved.state == State.APPROVED
    clock_at.shift(5)
    sending.settle_due()
    approved.refresh_from_db()
    assert approved.state == State.PUBLISHED
    assert platform.acts == 2


def test_it_waits_for_its_time(clock_at, platform, leah_brandt, helen_achebe, force_account):
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="At ten",
        publish_at=clock.now() + timedelta(hours=1),
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=1)
    assert sending.send_due() == 0
    clock_at.shift(3600)
    assert sending.send_due() == 1


def test_an_approval_long_after_its_time_sends_nothing(
    clock_at, platform, leah_brandt, helen_achebe, force_account
):
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="At half past nine",
        publish_at=clock.now() + timedelta(minutes=30),
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    clock_at.shift(3601)
    with pytest.raises(NotValid, match="has passed, so it does not go out by itself"):
        posts.approve_post(actor=helen_achebe, post=post, version_seen=1)
    assert not Delivery.objects.exists()


# Two people


def test_nobody_approves_their_own_words(clock_at, helen_achebe, force_account):
    post = posts.draft_post(actor=helen_achebe, account_ids=[force_account.pk], words="Mine")
    with pytest.raises(NotValid, match="Nobody may approve"):
        posts.submit_post(actor=helen_achebe, post=post, version_seen=1)
    Post.objects.filter(pk=post.pk).update(state=State.SUBMITTED)
    with pytest.raises(NotPermitted, match="written some of this"):
        posts.approve_post(actor=helen_achebe, post=post, version_seen=1)


def test_whoever_edited_it_does_not_approve_it_either(
    draft, leah_brandt, helen_achebe, ben_osei, tom_beckett
):
    accounts.give_grant(actor=ben_osei, person=tom_beckett, role=Role.COMMS_APPROVER, why="Cover")
    edited = edit(draft, helen_achebe, words="Helen’s words", own_words={})
    assert edited.version == 2
    posts.submit_post(actor=leah_brandt, post=draft, version_seen=2)
    assert queries.approvers(draft) == [tom_beckett]
    with pytest.raises(NotPermitted):
        posts.approve_post(actor=helen_achebe, post=draft, version_seen=2)
    assert queries.waiting_for_approval(helen_achebe) == []
    posts.approve_post(actor=tom_beckett, post=draft, version_seen=2)
    assert Approval.objects.get().approver == tom_beckett


def test_the_version_that_was_read_is_the_one_that_is_approved(submitted, leah_brandt, helen_achebe):
    edit(submitted, leah_brandt, words="Other words", own_words={})
    with pytest.raises(ChangedSinceSeen):
        posts.approve_post(actor=helen_achebe, post=submitted, version_seen=1)
    posts.submit_post(actor=leah_brandt, post=submitted, version_seen=2)
    posts.approve_post(actor=helen_achebe, post=submitted, version_seen=2)
    with pytest.raises(TransitionNotAllowed):
        posts.approve_post(actor=helen_achebe, post=submitted, version_seen=2)
    assert Delivery.objects.count() == 2


def test_powers_over_posts_person_by_person(draft, wealdshire, harrowfield_account):
    for person in wealdshire.people.values():
        role = person.grants.get().role
        if Power.WRITE_POSTS in POWERS[role]:
            posts.draft_post(actor=person, account_ids=[harrowfield_account.pk], words="Hello")
        else:
            with pytest.raises(NotPermitted):
                posts.draft_post(actor=person, account_ids=[harrowfield_account.pk], words="Hello")
        if Power.APPROVE_POSTS not in POWERS[role]:
            with pytest.raises(NotPermitted):
                posts.approve_post(actor=person, post=draft, version_seen=1)


def test_a_neighbourhood_officer_writes_for_their_own_area_only(
    clock_at, pc_nair, harrowfield_account, saltmere_account, draft
):
    with pytest.raises(NotPermitted):
        posts.draft_post(actor=pc_nair, account_ids=[saltmere_account.pk], words="Hello")
    own = posts.draft_post(actor=pc_nair, account_ids=[harrowfield_account.pk], words="Surgery at six")
    assert list(queries.posts(pc_nair)) == [own]
    with pytest.raises(NotFound):
        queries.post(pc_nair, draft.pk)
    with pytest.raises(NotPermitted):
        edit(draft, pc_nair, words="Mine now")


def test_the_author_is_told_of_return_and_approvers_of_submission(submitted, helen_achebe, leah_brandt):
    assert Notice.objects.get(to=helen_achebe).title == "Waits for approval: Witness appeal"
    with pytest.raises(NotValid):
        posts.return_post(actor=helen_achebe, post=submitted, version_seen=1, why=" ")
    back = posts.return_post(actor=helen_achebe, post=submitted, version_seen=1, why="Name the road")
    assert back.state == State.DRAFT
    assert Notice.objects.get(to=leah_brandt).body == "Name the road"
    assert Entry.objects.get(event="post.returned").reason == "Name the road"
    with pytest.raises(TransitionNotAllowed):
        posts.return_post(actor=helen_achebe, post=submitted, version_seen=1, why="Again")


# Editing and taking back


def test_an_edit_that_changes_nothing_makes_no_version(draft, leah_brandt):
    assert edit(draft, leah_brandt).version == 1
    assert edit(draft, leah_brandt, words="New", own_words={}).version == 2


def test_two_writers_do_not_overwrite_each_other(draft, leah_brandt, helen_achebe):
    edit(draft, helen_achebe, words="Helen’s", own_words={})
    with pytest.raises(ChangedSinceSeen):
        edit(draft, leah_brandt, words="Leah’s", own_words={}, version_seen=1)


def test_a_writer_has_seen_their_own_later_saves(draft, leah_brandt):
    edit(draft, leah_brandt, words="One", own_words={})
    assert edit(draft, leah_brandt, words="Two", own_words={}, version_seen=1).version == 3


def test_an_edit_after_approval_needs_a_new_one_and_stops_what_was_queued(
    approved, leah_brandt, helen_achebe, platform
):
    edit(approved, leah_brandt, words="Corrected", own_words={})
    approved.refresh_from_db()
    assert (approved.state, approved.version) == (State.DRAFT, 2)
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.WITHDRAWN}
    assert sending.send_due() == 0
    posts.submit_post(actor=leah_brandt, post=approved, version_seen=2)
    posts.approve_post(actor=helen_achebe, post=approved, version_seen=2)
    assert sending.send_due() == 2
    assert {post.text for post in platform.standing} == {"Corrected"}


def test_a_post_is_not_edited_while_it_is_going_out(approved, leah_brandt, platform):
    machinery.claim_next()
    with pytest.raises(TransitionNotAllowed, match="at this moment"):
        edit(approved, leah_brandt, words="Too late", own_words={})
    approved.refresh_from_db()
    assert (approved.state, approved.version) == (State.APPROVED, 1)


def test_a_withdrawn_post_never_goes(approved, leah_brandt, pc_nair, platform):
    with pytest.raises(NotPermitted):
        posts.withdraw_post(actor=pc_nair, post=approved, why="Mine")
    after = posts.withdraw_post(actor=leah_brandt, post=approved, why="Found safe")
    assert after.state == State.WITHDRAWN
    assert sending.send_due() == 0
    assert platform.acts == 0
    with pytest.raises(TransitionNotAllowed):
        posts.withdraw_post(actor=leah_brandt, post=approved, why="Again")
    with pytest.raises(TransitionNotAllowed):
        edit(after, leah_brandt, words="Again", own_words={})


def test_withdrawing_when_some_has_gone_out_keeps_the_rest_back(approved, leah_brandt, platform):
    sending.deliver(machinery.claim_next())
    after = posts.withdraw_post(actor=leah_brandt, post=approved, why="Found safe")
    assert after.state == State.PUBLISHED
    assert sending.send_due() == 0
    assert platform.acts == 1


def test_a_leavers_post_is_held(approved, leah_brandt, platform):
    StaffMember.objects.filter(pk=leah_brandt.pk).update(active=False, left_at=clock.now())
    sending.send_due()
    assert all("who wrote it, has left" in d.held_why for d in Delivery.objects.all())
    assert platform.acts == 0


def test_an_approver_who_lost_the_right_holds_what_they_approved(approved, helen_achebe, ben_osei, platform):
    accounts.end_grant(actor=ben_osei, grant=helen_achebe.grants.get(), why="Moved")
    sending.send_due()
    assert all("who approved it" in d.held_why for d in Delivery.objects.all())
    assert platform.acts == 0


# Checks


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"words": "", "own_words": {}}, "no words"),
        ({"words": "x" * 501, "own_words": {}}, "1 characters too long"),
        ({"account_ids": []}, "Choose at least one"),
    ],
)
def test_what_cannot_be_sent_is_not_submitted(draft, leah_brandt, changes, sentence):
    edit(draft, leah_brandt, **changes)
    with pytest.raises(NotValid, match=sentence):
        posts.submit_post(actor=leah_brandt, post=draft, version_seen=2)


def test_a_suspended_official_account_and_a_past_time_are_said(
    draft, ben_osei, leah_brandt, force_account, clock_at
):
    accounts.change_status(
        actor=ben_osei, official_account=force_account, status=OfficialAccount.Status.SUSPENDED, why="Hijack"
    )
    Post.objects.filter(pk=draft.pk).update(publish_at=clock.now() - timedelta(seconds=1))
    draft.refresh_from_db()
    found = checks.of_post(draft, list(queries.live_variants(draft)), [])
    said = " ".join(check.sentence for check in checks.stops(found))
    assert "suspended" in said
    assert "time has passed" in said


def test_a_picture_goes_with_its_alt_text(draft, leah_brandt, helen_achebe, platform, settings, tmp_path):
    settings.MEDIA_STORE = tmp_path
    file = store_image(actor=leah_brandt, upload=picture_upload(), name="viaduct.jpg")
    with pytest.raises(NotValid, match="Describe"):
        posts.add_picture(actor=leah_brandt, post=draft, version_seen=1, file=file, alt_text=" ")
    picture = posts.add_picture(
        actor=leah_brandt, post=draft, version_seen=1, file=file, alt_text="The viaduct by day"
    )
    posts.submit_post(actor=leah_brandt, post=draft, version_seen=2)
    posts.approve_post(actor=helen_achebe, post=draft, version_seen=2)
    sending.send_due()
    sent = platform.standing[0].pictures[0]
    assert sent.alt_text == "The viaduct by day"
    assert Image.open(io.BytesIO(sent.content)).size == (64, 36)
    with pytest.raises(TransitionNotAllowed):
        posts.remove_picture(actor=leah_brandt, post=draft, version_seen=2, picture_id=picture.pk)


def test_the_approver_sees_what_changed_since_the_last_time(submitted, leah_brandt, helen_achebe):
    assert queries.compared(helen_achebe, submitted)[0] is None
    edit(submitted, leah_brandt, words="We want to hear from you.", own_words={})
    earlier, lines = queries.compared(helen_achebe, Post.objects.get(pk=submitted.pk))
    assert earlier.version == 1
    assert [line.now for line in lines] == ["We want to hear from you."] * 2
    assert {line.before for line in lines} == {
        "We want to hear from anyone who saw a collision on Saltmere viaduct.",
        "Were you near the viaduct? Tell us.",
    }


@pytest.mark.parametrize("state", sorted(State))
@pytest.mark.parametrize("event", sorted(POST.events))
def test_the_table_of_a_post(state, event):
    allowed = {
        ("draft", "edit"), ("draft", "submit"), ("draft", "let_go"), ("draft", "withdraw"),
        ("submitted", "edit"), ("submitted", "approve_first"), ("submitted", "approve"), ("submitted", "return"), ("submitted", "withdraw"),
        ("approved", "edit"), ("approved", "withdraw"), ("approved", "publish"),
    }  # fmt: skip
    assert POST.allows(state, event) == ((state, event) in allowed)
