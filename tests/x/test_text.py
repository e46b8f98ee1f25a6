"""Lengths and words as X counts and changes them."""

import pytest

from platforms.contract import Picture, PostToSend
from platforms.x import costs, text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", 0),
        ("Mill Lane is open again.", 24),
        ("é" * 280, 280),
        ("cafe\u0301", 4),
        ("“It’s open” – at last…", 23),
        ("日本", 4),
        ("👮", 2),
        ("🙋🏽", 2),
        ("👨\u200d👩\u200d👧\u200d👦", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("🇬🇧", 2),
        ("1\ufe0f\u20e3", 2),
        ("Call 101 #now", 13),
    ],
)
def test_words_weigh_what_x_weighs(words, expected):
    assert text.length(words) == expected


@pytest.mark.parametrize(
    ("words", "linked"),
    [
        ("See https://wealdshire.example/a/very/long/path?with=this&and=that now", 1),
        ("See wealdshire.police.uk.", 1),
        ("(https://wealdshire.example)", 1),
        ("https://a.example/x, https://b.example/y", 2),
        ("mail jo@wealdshire.example now", 0),
        ("at 10.30 on Mr. Jones’s farm, e.g. here", 0),
        ("@wealdshire #closed", 0),
    ],
)
def test_a_link_weighs_23_however_long_it_is(words, linked):
    spans = text.links(words)
    assert len(spans) == linked
    outside = len(words) - sum(end - start for start, end in spans)
    assert text.length(words) == outside + 23 * linked


def test_the_words_come_back_as_they_were_written():
    urls = [
        {"url": "https://t.co/abc", "expanded_url": "https://wealdshire.example/a?b=1&c=2"},
        {"url": "https://t.co/pic", "expanded_url": "https://x.com/a/status/1/photo/1", "media_key": "3_1"},
        {"url": 7},
        None,
    ]
    assert (
        text.as_written("Tea &amp; cake &lt;3 https://t.co/abc https://t.co/pic", urls)
        == "Tea & cake <3 https://wealdshire.example/a?b=1&c=2"
    )


def test_one_post_is_known_again_after_x_has_been_through_it():
    assert text.fingerprint("See wealdshire.example  now") == text.fingerprint(
        "See http://wealdshire.example/ now"
    )
    assert text.fingerprint("@jo_h From ten.") == text.fingerprint("From ten.")
    assert text.fingerprint("cafe\u0301") == text.fingerprint("café")
    assert text.fingerprint("From ten.") != text.fingerprint("From eleven.")


def test_a_post_with_a_link_costs_far_more_and_a_description_a_little():
    def cost(words, **more):
        return costs.cost_of(PostToSend(key="k", text=words, **more))

    described = Picture(b"x", "image/jpeg", "A blue square")
    assert str(cost("Road closed.")) == "0.015"
    assert str(cost("Road closed: wealdshire.police.uk/a")) == "0.200"
    assert str(cost("Road closed.", pictures=[described, described])) == "0.025"
    assert str(cost("See https://wealdshire.example", private_to="1")) == "0.015"
