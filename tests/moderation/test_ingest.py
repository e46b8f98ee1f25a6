"""Taking in what the public wrote: twice, out of order, edited, deleted, unreadable, hostile."""

from __future__ import annotations

import math
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from audit.models import Entry
from core import clock
from core.actors import System
from moderation.actions import arrivals, desk, ingest
from moderation.models import Comment, Commenter, Conversation, IngestSource, Quarantined, RawPayload
from moderation.storable import LONGEST_TEXT
from platforms.contract import RawMessage
from smmp.seed import force
from tests.moderation.feed import Feed, message

INGEST = System("ingest")


@pytest.fixture
def take_in(force_account):
    def run(*messages, connector=None, account=force_account, source="poll", **given):
        return ingest.take_in(
            actor=INGEST,
            official_account=account,
            messages=messages,
            source=source,
            connector=connector or Feed(),
            **given,
        )

    return run


def the(external_id: str) -> Comment:
    return Comment.objects.get(external_id=external_id)


def test_a_comment_is_stored_raw_triaged_and_audited_once(take_in, force_account):
    taken = take_in(message("c1", "I am going to kill myself tonight"))
    comment = the("c1")
    assert taken.new == [comment.pk]
    assert (comment.priority, comment.category, comment.state) == (1, "suicide_self_harm", "open")
    assert "suicide" in comment.findings[0]["sentence"].lower()
    assert comment.answer_by - comment.received_at == timedelta(minutes=5)
    assert comment.revisions.get().text == comment.text
    assert RawPayload.objects.get(pk=comment.revisions.get().raw_payload_id).payload["id"] == "c1"
    entry = Entry.objects.get(event="comments.ingested")
    assert entry.shown_ids == [comment.pk]
    assert entry.official_account_id == force_account.pk


def test_the_same_page_twice_changes_and_audits_nothing(take_in):
    take_in(message("c1"), message("c2"))
    again = take_in(message("c1"), message("c2"))
    assert again.all == []
    assert (Comment.objects.count(), RawPayload.objects.count()) == (2, 2)
    assert Entry.objects.filter(event="comments.ingested").count() == 1


def test_the_same_message_twice_in_one_page_is_one_comment(take_in):
    assert len(take_in(message("c1"), message("c1")).all) == 1


def test_a_reply_that_comes_before_its_parent_joins_its_thread_when_the_parent_comes(take_in):
    take_in(message("child", parent="parent", root=""))
    assert the("child").conversation.root_external_id == "parent"
    taken = take_in(message("parent", root="p1"))
    assert the("child").conversation == the("parent").conversation
    assert the("child").conversation.root_external_id == "p1"
    assert set(taken.all) == {the("child").pk, the("parent").pk}


def test_a_reply_without_a_root_stands_where_its_parent_stands(take_in):
    take_in(message("parent", root="p1"))
    take_in(message("child", parent="parent", root=""))
    assert the("child").conversation.root_external_id == "p1"


def test_an_edit_makes_a_revision_triages_again_and_reopens_a_decided_comment(take_in, amira_hussain):
    take_in(message("c1", "Lovely to see you out today"))
    comment = the("c1")
    comment = desk.claim(actor=amira_hussain, comment=comment)
    desk.no_action(actor=amira_hussain, comment=comment, revision_number=1)
    assert the("c1").state == "decided"
    take_in(message("c1", "He says he will kill me tonight", edited="2026-11-22T17:05:00+00:00"))
    comment = the("c1")
    assert (comment.state, comment.decided_at, comment.revision_number) == ("open", None, 2)
    assert comment.priority <= 2
    assert [r.text for r in comment.revisions.all()] == [
        "Lovely to see you out today",
        "He says he will kill me tonight",
    ]
    assert comment.decisions.filter(kind="reopen", by=None).get().revision.number == 2
    entry = Entry.objects.get(event="comment.edited_upstream")
    assert entry.details == {"revision": 2, "reopened": True}


def test_edits_twice_make_three_revisions_and_an_older_one_that_comes_late_is_not_one(take_in):
    take_in(message("c1", "one"))
    take_in(message("c1", "two", edited="2026-11-22T17:05:00+00:00"))
    take_in(message("c1", "three", edited="2026-11-22T17:06:00+00:00"))
    assert take_in(message("c1", "two and a half", edited="2026-11-22T17:05:30+00:00")).all == []
    assert take_in(message("c1", "one", name="Jordan Pike")).all == []
    assert (the("c1").text, the("c1").revision_number) == ("three", 3)


def test_words_changed_back_are_a_revision_too(take_in):
    take_in(message("c1", "one"))
    take_in(message("c1", "two", edited="2026-11-22T17:05:00+00:00"))
    take_in(message("c1", "one", edited="2026-11-22T17:06:00+00:00"))
    assert (the("c1").text, the("c1").revision_number) == ("one", 3)


def test_an_edit_never_makes_a_comment_less_urgent(take_in):
    take_in(message("c1", "I am going to kill myself tonight"))
    take_in(message("c1", "Lovely day", edited="2026-11-22T17:05:00+00:00"))
    assert (the("c1").priority, the("c1").category) == (1, "suicide_self_harm")


def test_a_deletion_upstream_keeps_the_words_and_the_place_in_the_queue(take_in):
    take_in(message("c1", "They have a knife"))
    take_in(message("c1", "", deleted=True))
    take_in(message("c1", "", deleted=True, name="again"))
    comment = the("c1")
    assert comment.removed_at is not None
    assert (comment.text, comment.state) == ("They have a knife", "open")
    assert Entry.objects.filter(event="comment.removed_upstream").count() == 1


def test_a_deletion_before_the_comment_leaves_nothing_and_marks_it_gone_when_it_comes(take_in):
    assert take_in(message("c1", "", deleted=True)).all == []
    assert not Comment.objects.exists()
    take_in(message("c1", "Help us"))
    assert the("c1").removed_at is not None
    assert (the("c1").text, the("c1").state) == ("Help us", "open")


def test_an_edit_after_a_deletion_is_kept_and_the_comment_stays_gone(take_in):
    take_in(message("c1", "one"))
    take_in(message("c1", "", deleted=True))
    take_in(message("c1", "two", edited="2026-11-22T17:05:00+00:00"))
    assert the("c1").removed_at is not None
    assert (the("c1").text, the("c1").revision_number) == ("two", 2)


def test_hiding_and_showing_on_the_platform_is_followed(take_in):
    take_in(message("c1"))
    take_in(message("c1", hidden=True))
    assert the("c1").hidden_at is not None
    take_in(message("c1", hidden=False))
    assert the("c1").hidden_at is None


def test_what_we_wrote_is_shown_and_never_queued(take_in):
    take_in(message("c1", "He will kill you, call 999", by_us=True))
    assert (the("c1").state, the("c1").priority, the("c1").answer_by) == ("ours", 5, None)


def test_private_messages_of_one_person_are_one_conversation(take_in):
    take_in(message("m1", root="", private=True), message("m2", root="m1", parent="m1", private=True))
    assert the("m1").conversation == the("m2").conversation
    assert the("m1").conversation.private
    take_in(message("m3", root="", parent="m2", private=True, by_us=True, author="us"))
    assert the("m3").conversation == the("m1").conversation


def test_a_changed_name_is_followed(take_in):
    take_in(message("c1", name="Jordan P."))
    take_in(message("c2", name="Jordan Pike"))
    assert Commenter.objects.get().name == "Jordan Pike"


# Hostile and odd


def test_nul_and_half_characters_are_storable_and_the_raw_payload_says_what_they_were(take_in):
    take_in(message("c1", "a\x00b\ud800c"))
    assert the("c1").text == "a\ufffdb\ufffdc"
    assert RawPayload.objects.get().payload["text"] == "a\\u0000b\\ud800c"


def test_a_hundred_kilobytes_are_stored_whole_and_triaged_to_the_last_sentence(take_in):
    words = "The weather was fine and we walked on. " * 2600 + "I am going to kill myself tonight"
    assert len(words) > 100_000
    take_in(message("c1", words))
    assert the("c1").text == words
    assert the("c1").priority == 1


def test_what_is_longer_still_is_cut_with_a_mark_and_whole_in_the_raw_payload(take_in):
    words = "x" * (LONGEST_TEXT + 50)
    take_in(message("c1", words))
    assert len(the("c1").text) == LONGEST_TEXT
    assert the("c1").text.endswith("raw payload]")
    assert RawPayload.objects.get().payload["text"] == words


@pytest.mark.parametrize(
    "text",
    ["🙏🙏", "h̷̨̢̛͔e̵͓͝l̸̰̈́p̶̛̟", "\u202eلمساعدة\u202c من فضلك", "", "   ", "\u200b\u200d", "ﷺ" * 400],
    ids=["emoji", "zalgo", "right to left", "empty", "blank", "invisible", "ligatures"],
)
def test_odd_words_are_kept_as_they_came(take_in, text):
    take_in(message("c1", text))
    assert the("c1").text == text


def test_a_time_in_the_future_is_when_it_reached_us_and_one_without_a_zone_is_utc(take_in):
    take_in(message("c1", at="2999-01-01T00:00:00+00:00"), message("c2", at="2026-01-02T03:04:05"))
    assert the("c1").posted_at == the("c1").received_at
    assert the("c2").posted_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert RawPayload.objects.get(external_id="c1").payload["at"].startswith("2999")


def test_a_number_that_is_none_is_storable(take_in):
    take_in(message("c1", score=math.nan, deep=[{"x\x00": math.inf}]))
    assert RawPayload.objects.get().payload["deep"] == [{"x\\u0000": "inf"}]


# What cannot be read


@pytest.mark.parametrize(
    "bad",
    [
        RawMessage("bad", {"id": "bad"}),
        RawMessage("bad", {}),
        message("bad", at="yesterday"),
        message("bad", author=None),
        message("x" * 301),
        message("bad\x00"),
    ],
    ids=["no text", "empty", "no time", "no author", "long id", "nul in id"],
)
def test_a_poison_message_is_set_aside_and_its_page_goes_on(take_in, bad):
    taken = take_in(message("c1"), bad, message("c2"))
    assert len(taken.new) == 2
    assert taken.set_aside == 1
    assert Quarantined.objects.get().tries == 1
    assert RawPayload.objects.count() == 3
    assert Entry.objects.get(event="comment.quarantined").details["fault"]


def test_a_payload_nested_without_end_is_set_aside(take_in):
    deep: dict = {}
    inner = deep
    for _ in range(100_000):
        inner["x"] = {}
        inner = inner["x"]
    taken = take_in(RawMessage("deep", deep), message("c1"))
    assert (len(taken.new), taken.set_aside) == (1, 1)


def test_after_three_tries_it_waits_for_a_person(take_in, force_account):
    bad = RawMessage("bad", {"id": "bad"})
    take_in(bad)
    for _ in range(5):
        ingest.take_in_again(actor=INGEST, official_account=force_account, connector=Feed())
    take_in(bad)
    waiting = Quarantined.objects.get()
    assert (waiting.tries, waiting.settled_at) == (3, None)
    assert Entry.objects.filter(event="comment.quarantined").count() == 1


def test_a_message_that_can_be_read_after_all_is_taken_in_and_settled(take_in, force_account):
    class Broken(Feed):
        def read(self, message):
            raise KeyError("author")

    take_in(message("c1"), connector=Broken())
    assert not Comment.objects.exists()
    taken = ingest.take_in_again(actor=INGEST, official_account=force_account, connector=Feed())
    assert len(taken.new) == 1
    assert Quarantined.objects.get().settled_at is not None
    assert RawPayload.objects.count() == 1


def test_dying_between_raw_payload_and_comment_leaves_nothing_half(take_in, force_account):
    class Dying(Feed):
        def read(self, message):
            if message.external_id == "c2":
                raise KeyboardInterrupt
            return super().read(message)

    with pytest.raises(KeyboardInterrupt):
        take_in(message("c1"), message("c2"), connector=Dying(), position="7")
    for model in (
        RawPayload,
        Comment,
        Commenter,
        Conversation,
        Entry.objects.filter(event="comments.ingested"),
    ):
        assert not getattr(model, "objects", model).all().exists()
    assert not IngestSource.objects.filter(official_account=force_account).exclude(position="").exists()
    assert len(take_in(message("c1"), message("c2")).new) == 2


# The position


def test_the_position_moves_with_the_rows_and_only_under_the_present_lease(take_in, force_account):
    take_in(message("c1"), position="5")
    source = IngestSource.objects.get(official_account=force_account)
    assert source.position == "5"
    IngestSource.objects.filter(pk=source.pk).update(lease_until=clock.now())
    take_in(message("c2"), position="3", lease_until=None)
    source.refresh_from_db()
    assert source.position == "5"
    assert the("c2")


def test_two_workers_with_the_same_page_store_each_comment_once(committed_db):
    accounts = force.make().accounts
    page = [message(f"c{n}", author=f"u{n % 5}", root=f"p{n % 3}") for n in range(30)]
    faults: list[BaseException] = []
    together = threading.Barrier(4)

    def work(handle: str, messages: list[RawMessage]) -> None:
        try:
            together.wait(timeout=10)
            ingest.take_in(
                actor=INGEST,
                official_account=accounts[handle],
                messages=messages,
                source="poll",
                connector=Feed(),
            )
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    workers = [
        threading.Thread(target=work, args=(handle, messages))
        for handle in ("wealdshire-police", "harrowfield-police")
        for messages in (page, page[::-1])
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert faults == []
    assert Comment.objects.count() == 30
    assert Commenter.objects.count() == 5
    assert all(comment.revisions.count() == 1 for comment in Comment.objects.all())


# A page at once


def test_a_page_of_new_comments_costs_as_many_questions_as_one(take_in, django_assert_max_num_queries):
    take_in(message("first"))
    with django_assert_max_num_queries(25):
        taken = take_in(*(message(f"c{n}", author=f"u{n % 7}", root=f"p{n % 3}") for n in range(60)))
    assert len(taken.new) == 60
    assert Comment.objects.get(external_id="c59").commenter.external_id == "u3"
    assert Comment.objects.get(external_id="c59").conversation.root_external_id == "p2"


def test_a_page_that_cannot_be_written_together_is_taken_one_by_one(take_in, monkeypatch):
    def refuse(*given):
        raise IntegrityError("a commenter that another took in meanwhile")

    monkeypatch.setattr(arrivals.Batch, "_commenters", refuse)
    taken = take_in(message("c1"), RawMessage("bad", {"id": "bad"}), message("c2", author="u2"))
    assert (len(taken.new), taken.set_aside) == (2, 1)
    assert RawPayload.objects.count() == 3
    assert all(comment.revisions.count() == 1 for comment in Comment.objects.all())


def test_a_page_all_out_of_order_ends_as_one_by_one_would(take_in):
    take_in(
        message("grandchild", parent="child", root=""),
        message("child", parent="parent", root=""),
        message("other", root="p2"),
        message("parent", root="p1"),
        message("other", "edited", root="p2", edited="2026-11-22T17:05:00+00:00"),
        message("late", parent="grandchild", root=""),
    )
    assert the("other").text == "edited"
    assert the("child").conversation.root_external_id == "p1"
    assert the("late").conversation == the("grandchild").conversation
    assert Comment.objects.count() == 5
