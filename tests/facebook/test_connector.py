"""What is Facebook's own: threads at every depth, rounds through old posts, filters, bans, private answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from platforms import registry
from platforms.contract import (
    Capability,
    Login,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    TemporaryFault,
    Video,
)
from platforms.facebook.connector import FacebookConnector
from platforms.meta.reading import instant
from tests.facebook.conftest import APP
from tests.facebook.network import PAGE, TOKEN, USER_TOKEN, Facebook
from tests.meta.graph import Refused
from tests.platforms.between import Between
from tests.platforms.contract import key, small_picture


def everything(connector, position=""):
    found = {}
    for _ in range(200):
        page = connector.poll(position)
        for message in page.messages:
            comment = connector.read(message)
            found[comment.external_id] = comment
        position = page.position
        assert len(position) <= 300
        if not page.more:
            return found, position
    raise AssertionError("polling never came to an end")


def publish(connector, text="The road is closed."):
    return connector.send(PostToSend(key=key(), text=text))


# Reading


def test_an_answer_to_an_answer_is_read_with_its_place(facebook, connector):
    post = publish(connector)
    first = facebook.comment(post.external_id, "For how long?", author="3003")
    second = facebook.comment(first, "Ages", author="3004")
    third = facebook.comment(second, "Really?", author="3003")
    found, _ = everything(connector)
    assert found[first].parent_external_id == post.external_id
    assert found[second].parent_external_id == first
    assert found[third].parent_external_id == first
    assert {found[i].root_external_id for i in (first, second, third)} == {post.external_id}
    assert found[first].author.name == "Jo Harbour"


def test_more_comments_than_a_page_are_all_read_and_swept(facebook, connector):
    post = publish(connector)
    made = {facebook.comment(post.external_id, f"Number {n}", author="3003") for n in range(230)}
    assert everything(connector)[0].keys() >= made
    swept = connector.sweep(post.external_id)
    assert {m.external_id for m in swept} == made
    assert [connector.read(m).text for m in swept[:2]] == ["Number 0", "Number 1"]


def test_a_late_comment_on_an_old_post_is_found_by_the_round(facebook, connector):
    old = publish(connector, "The oldest post of all.")
    for number in range(60):
        publish(connector, f"Post number {number}")
    _, position = everything(connector)
    late = facebook.comment(old.external_id, "I only saw this now", author="3003")
    found = {}
    for _ in range(8):
        page = connector.poll(position)
        found.update({m.external_id: m for m in page.messages})
        position = page.position
    assert late in found


def test_a_quiet_page_is_polled_again_without_reading_old_comments_anew(facebook, connector):
    post = publish(connector)
    early = facebook.comment(post.external_id, "Early", author="3003")
    facebook.epoch += timedelta(hours=2)
    late = facebook.comment(post.external_id, "Late", author="3003")
    _, position = everything(connector)
    for _ in range(6):
        page = connector.poll(position)
        position = page.position
    ids = {m.external_id for m in connector.poll(position).messages}
    assert late in ids
    assert early not in ids


def test_a_cursor_that_is_no_longer_taken_starts_its_part_of_the_round_again(facebook, connector):
    page = connector.poll("1790000000||1790000000|p:bm90LXRoZXJl")
    assert page.position.endswith("|p:")
    assert everything(connector, page.position)[1]


def test_posts_of_visitors_and_posts_about_us_are_read(facebook, connector):
    visit = facebook.visit("Your officer was kind", author="3003")
    tagged = facebook.visit("Well done Wealdshire Police", author="3004", edge="tagged")
    below = facebook.comment(visit, "I agree", author="3004")
    found, _ = everything(connector)
    assert found[visit].text == "Your officer was kind"
    assert found[visit].root_external_id == visit
    assert found[visit].parent_external_id == ""
    assert found[tagged].text == "Well done Wealdshire Police"
    assert found[below].root_external_id == visit


def test_many_posts_of_visitors_are_read_bit_by_bit_and_none_is_lost(facebook, connector):
    made = {facebook.visit(f"Visitor {number}", author="3003") for number in range(60)}
    assert len(connector.poll("").messages) == 25
    assert everything(connector)[0].keys() >= made


def test_private_messages_and_mentions_of_long_ago_are_left_where_they_are(facebook, connector):
    old = facebook.write("Years ago", author="3004")
    facebook.nodes[old]["created_time"] = facebook.nodes["t_3004"]["updated_time"] = (
        "2021-03-01T10:00:00+0000"
    )
    tagged = facebook.visit("Years ago as well", author="3004", edge="tagged")
    facebook.nodes[tagged]["created_time"] = "2021-03-01T10:00:00+0000"
    new = facebook.write("Just now", author="3003")
    assert set(everything(connector)[0]) == {new}


def test_a_hidden_comment_is_read_and_marked_as_held(facebook, connector):
    post = publish(connector)
    held = facebook.comment(post.external_id, "Words on the list", author="3003", is_hidden=True)
    shown = facebook.comment(post.external_id, "Hello", author="3003")
    found, _ = everything(connector)
    assert found[held].hidden
    assert found[held].held == "hidden on Facebook"
    assert (found[shown].hidden, found[shown].held) == (False, "")


def test_a_comment_whose_author_facebook_keeps_back_is_not_lost(facebook, connector):
    post = publish(connector)
    one, two = (facebook.comment(post.external_id, "Anonymous", author="3003") for _ in range(2))
    for nameless in (one, two):
        del facebook.nodes[nameless]["from"]
    found, _ = everything(connector)
    assert found[one].author.external_id != found[two].author.external_id
    assert not found[one].by_us


def test_an_edited_comment_comes_with_its_new_words(facebook, connector, public_voice):
    post = publish(connector)
    comment = public_voice.reply(post, "Mill Lane")
    _, position = everything(connector)
    public_voice.edit(comment, "Mill Road, sorry")
    assert everything(connector, position)[0][comment].text == "Mill Road, sorry"
    assert connector.read(connector.sweep(post.external_id)[0]).text == "Mill Road, sorry"


def test_what_hangs_on_a_comment_is_told(facebook, connector):
    post = publish(connector)
    picture = {"type": "photo", "media": {"image": {"src": "https://cdn.example/1.jpg"}}}
    comment = facebook.comment(post.external_id, "", author="3003", attachment=picture)
    (attachment,) = everything(connector)[0][comment].attachments
    assert (attachment.kind, attachment.address) == ("image", "https://cdn.example/1.jpg")


def test_without_the_permission_for_messages_comments_are_still_read(facebook, connector):
    post = publish(connector)
    comment = facebook.comment(post.external_id, "Hello", author="3003")
    facebook.write("Privately", author="3003")
    facebook.without = {"pages_messaging"}
    found, _ = everything(connector)
    assert set(found) == {comment}
    assert "pages_messaging" not in connector.check().scopes


def test_our_own_private_answers_are_marked_as_ours(facebook, connector):
    facebook.write("Are you there?", author="3003")
    ours = facebook.write("We are.", author="3003", by_us=True)
    found, _ = everything(connector)
    assert found[ours].by_us
    assert found[ours].private
    assert found[ours].root_external_id == "t_3003"


# Who we are


def test_a_check_tells_the_page_its_permissions_and_its_own_filters(facebook, connector):
    facebook.without = {"pages_manage_posts"}
    identity = connector.check()
    assert (identity.external_id, identity.handle, identity.name) == (
        PAGE,
        "wealdshirepolice",
        "Wealdshire Police",
    )
    assert identity.settings == {"profanity_filter": "medium"}
    assert connector.scopes[Capability.PUBLISH_TEXT] not in identity.scopes
    assert connector.scopes[Capability.HIDE] in identity.scopes


def test_a_credential_of_a_person_or_of_another_page_is_refused(facebook):
    with pytest.raises(PermanentFault, match="belongs to a person"):
        FacebookConnector(Login(facebook.address, "x", USER_TOKEN, app=APP)).check()
    assert facebook.complaints == ["GET user/: no field username", "GET user/: no field category"]
    facebook.complaints.clear()  # that a person has no such fields is how they are told from a Page
    with pytest.raises(PermanentFault, match="another Page"):
        FacebookConnector(Login(facebook.address, "x", TOKEN, account_id="4004", app=APP)).check()


def test_without_an_account_id_the_page_is_asked_for_it(facebook):
    connector = FacebookConnector(Login(facebook.address, "x", TOKEN, app=APP))
    post = publish(connector)
    own = facebook.comment(post.external_id, "From us", author=PAGE)
    assert everything(connector)[0][own].by_us


def test_two_pages_at_two_addresses_do_not_disturb_each_other(facebook, connector):
    other = Facebook()
    try:
        second = FacebookConnector(Login(other.address, "x", TOKEN, account_id=PAGE, app=APP))
        publish(connector, "On the first")
        publish(second, "On the second")
        publish(connector, "On the first again")
        assert [p.text for p in connector.own_posts()] == ["On the first again", "On the first"]
        assert [p.text for p in second.own_posts()] == ["On the second"]
    finally:
        other.stop()


def test_every_call_proves_the_app_and_carries_no_secret_in_its_address(facebook, connector):
    connector.poll("")
    assert facebook.calls
    assert facebook.complaints == []
    with pytest.raises(PermanentFault):
        FacebookConnector(
            Login(
                facebook.address,
                "x",
                TOKEN,
                account_id=PAGE,
                app={"client_id": "1", "client_secret": "another"},
            )
        ).poll("")


# Writing


def test_pictures_go_up_unseen_with_alternative_text_and_one_post_shows_them(facebook, connector):
    pictures = [Picture(small_picture(), "image/jpeg", words) for words in ("A blue square", "Another")]
    sent = connector.send(PostToSend(key=key(), text="Two pictures", pictures=pictures))
    photos = [facebook.nodes[i] for i in facebook.nodes[sent.external_id]["media"]]
    assert [p["alt_text"] for p in photos] == ["A blue square", "Another"]
    assert photos[0]["content"] == small_picture()


def test_an_address_in_the_words_becomes_the_card(facebook, connector):
    sent = publish(connector, "Read more (https://wealdshire.example/road). Thank you.")
    assert facebook.nodes[sent.external_id]["link"] == "https://wealdshire.example/road"
    assert facebook.nodes[publish(connector, "No address").external_id]["link"] is None


@pytest.mark.parametrize("address", ["", "https://media.wealdshire.example/v.mp4"])
def test_a_video_goes_out_and_is_read_back_as_its_post(facebook, connector, address):
    video = Video(b"not really a video", "video/mp4", title="The river", address=address)
    post = PostToSend(key=key(), text="The river is high", video=video)
    sent = connector.send(post)
    assert connector.read_back(sent.external_id).text == "The river is high"
    assert connector.find_post(post).external_id == sent.external_id
    assert facebook.asked("POST", "videos")[0].get("file_url", "") == address


def test_a_picture_that_fails_to_go_up_leaves_nothing_unknown(facebook, connector_at):
    with Between(facebook.address) as between:
        between.mode, between.only = "lost", "/photos"
        picture = Picture(small_picture(), "image/jpeg", "Blue")
        with pytest.raises(TemporaryFault):
            connector_at(between.address).send(PostToSend(key=key(), text="Seen?", pictures=[picture]))
    assert connector_at(facebook.address).own_posts() == []


def test_a_lost_comment_is_found_under_what_it_answers_and_nowhere_else(facebook, connector_at, connector):
    post = publish(connector)
    first = facebook.comment(post.external_id, "When?", author="3003")
    second = facebook.comment(post.external_id, "When, please?", author="3004")
    answer = PostToSend(key=key(), text="At ten.", reply_to=first, root=post.external_id)
    connector.send(answer)
    other = PostToSend(key=key(), text="At ten.", reply_to=second, root=post.external_id)
    assert connector.find_post(other) is None
    with Between(facebook.address) as between:
        between.mode, between.only = "cut", "/comments"
        with pytest.raises(OutcomeUnknown):
            connector_at(between.address).send(other)
    assert connector.find_post(other).external_id != connector.find_post(answer).external_id
    nested = facebook.comment(first, "Sure?", author="3004")
    deep = PostToSend(key=key(), text="Quite sure.", reply_to=nested, root=post.external_id)
    assert connector.send(deep).external_id == connector.find_post(deep).external_id
    top = PostToSend(key=key(), text="Quite sure.", reply_to=post.external_id, root=post.external_id)
    assert connector.find_post(top) is None


def test_what_stood_there_before_it_was_first_sent_is_not_it(facebook, connector):
    sent = publish(connector, "Same words")
    written = instant(facebook.nodes[sent.external_id]["created_time"])
    earlier, later = (
        PostToSend(key=key(), text="Same words", not_before=written + timedelta(seconds=by)) for by in (-1, 1)
    )
    assert connector.find_post(earlier).external_id == sent.external_id
    assert connector.find_post(later) is None


def test_two_posts_with_the_same_words_are_for_a_person_to_tell_apart(connector):
    publish(connector, "Same words")
    publish(connector, "Something between")
    publish(connector, "Same words")
    with pytest.raises(PermanentFault, match="settle it by hand"):
        connector.find_post(PostToSend(key=key(), text="Same words"))


def test_the_same_words_twice_in_a_row_are_refused_in_words(connector):
    publish(connector, "Again and again")
    with pytest.raises(PermanentFault, match="exactly these words"):
        publish(connector, "Again and again")


def test_a_comment_is_answered_privately_once(facebook, connector):
    post = publish(connector)
    comment = facebook.comment(post.external_id, "Call me?", author="3003")
    answer = PostToSend(
        key=key(), text="Please ring 101.", reply_to=comment, root=post.external_id, private_to="3003"
    )
    sent = connector.send(answer)
    assert facebook.nodes[sent.external_id]["conversation"] == "t_3003"
    assert connector.find_post(answer).external_id == sent.external_id
    assert connector.read_back(sent.external_id).text == "Please ring 101."
    with pytest.raises(PermanentFault, match="answered privately once"):
        connector.send(answer)


def test_a_post_of_a_visitor_is_answered_privately_and_in_public(facebook, connector):
    visit = facebook.visit("A question", author="3003")
    private = PostToSend(key=key(), text="Privately.", reply_to=visit, root=visit, private_to="3003")
    assert connector.send(private).external_id.startswith("m_")
    public = PostToSend(key=key(), text="In public.", reply_to=visit, root=visit)
    assert connector.send(public).external_id == connector.find_post(public).external_id


def test_a_private_message_is_never_answered_in_public(facebook, connector):
    private = facebook.write("He reads my phone", author="3003")
    with pytest.raises(PermanentFault, match="answer it privately"):
        connector.send(PostToSend(key=key(), text="Ring 999", reply_to=private))


def test_a_private_message_outside_its_window_says_what_to_do(connector):
    with pytest.raises(PermanentFault, match="within 24 hours"):
        connector.send(PostToSend(key=key(), text="Hello", private_to="3003", reply_to="m_1"))


def test_a_picture_goes_along_with_a_comment(facebook, connector):
    post = publish(connector)
    comment = facebook.comment(post.external_id, "Where?", author="3003")
    picture = Picture(small_picture(), "image/jpeg", "A map")
    answer = PostToSend(key=key(), text="Here.", reply_to=comment, root=post.external_id, pictures=[picture])
    sent = connector.send(answer)
    assert facebook.nodes[facebook.nodes[sent.external_id]["attachment_id"]]["alt_text"] == "A map"


def test_somebody_elses_words_cannot_be_changed(facebook, connector):
    post = publish(connector)
    comment = facebook.comment(post.external_id, "Mine", author="3003")
    with pytest.raises(PermanentFault, match="does not let this credential"):
        connector.edit(comment, "Ours now")


def test_a_person_whose_id_is_not_told_cannot_be_banned_and_staff_read_why(connector):
    with pytest.raises(PermanentFault, match="not told us who"):
        connector.block("unknown:5001_7001")


@pytest.mark.parametrize("bad", ["", "..", "../me", "a/b", "me?fields=x", "ü"])
def test_an_id_that_is_no_id_stays_inside_its_path(facebook, connector, bad):
    with pytest.raises(PermanentFault):
        connector.is_hidden(comment_external_id=bad, root_external_id="")
    assert all(kind != "page" or edge for _, kind, edge, _ in facebook.calls)


# What Facebook says about itself


def test_a_permission_that_is_missing_is_named(facebook, connector):
    facebook.without = {"pages_manage_posts"}
    with pytest.raises(PermanentFault, match="pages_manage_posts") as fault:
        publish(connector)
    assert "Connect the official account again" in fault.value.sentence


def test_allowances_are_told_from_the_headers(facebook, connector):
    facebook.headers = {
        "X-Business-Use-Case-Usage": '{"1001": [{"type": "pages", "call_count": 12, "total_cputime": 40, '
        '"total_time": 25, "estimated_time_to_regain_access": 0}]}',
        "X-App-Usage": '{"call_count": 3, "total_time": 1, "total_cputime": 2}',
    }
    connector.own_posts()
    told = {u.endpoint: (u.share_used, u.resets_at) for u in connector.usage()}
    assert told == {"pages": (0.4, None), "app": (0.03, None)}


def test_a_full_allowance_says_when_it_opens_again(facebook, connector, monkeypatch):
    facebook.headers = {
        "X-Business-Use-Case-Usage": '{"1001": [{"type": "pages", "call_count": 100, "total_cputime": 1, '
        '"total_time": 1, "estimated_time_to_regain_access": 19}]}'
    }
    facebook.next_error = Refused(80001, "There have been too many calls to this Page account.")
    noon = clock.now()
    monkeypatch.setattr("platforms.meta.faults.clock.now", lambda: noon)
    with pytest.raises(TemporaryFault) as fault:
        publish(connector)
    assert fault.value.retry_after_s == 19 * 60
    (usage,) = connector.usage()
    assert (usage.share_used, usage.resets_at) == (1.0, noon + timedelta(minutes=19))


def test_it_is_registered():
    assert registry.connector_class("facebook") is FacebookConnector
    assert registry.NAMES["facebook"] == "Facebook"
