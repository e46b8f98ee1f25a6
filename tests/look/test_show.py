"""The template tags: clocks in London, the public's words made harmless, glyphs that exist."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.template import engines

from core.templatetags import show

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def render(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00"),
        (4080, "1 h 08"),
        (86_399, "23 h 59"),
        (86_400, "1 d"),
        (86_400 * 45, "45 d"),
    ],
)
def test_waiting_is_said_in_the_largest_unit_that_helps(seconds, words):
    assert show.ago(NOON - timedelta(seconds=seconds)) == words
    assert show.left(NOON + timedelta(seconds=seconds)) == words


def test_what_is_still_to_come_has_waited_no_time():
    assert show.ago(NOON + timedelta(hours=1)) == "0 s"


def test_a_deadline_that_passed_says_how_late():
    assert show.left(NOON - timedelta(minutes=3)) == "3 min late"
    assert show.is_near(NOON - timedelta(minutes=3))
    assert show.is_near(NOON + timedelta(minutes=4))
    assert not show.is_near(NOON + timedelta(minutes=5))


@pytest.mark.parametrize("nothing", [None, "", 7])
def test_no_instant_is_a_dash_not_an_error(nothing):
    for tag in (show.ago, show.left, show.london, show.london_clock, show.london_date):
        assert tag(nothing) == "–"
    assert not show.is_near(nothing)
    assert not show.is_past(nothing)


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 22, 17, 5, tzinfo=UTC), "22 Nov 17:05"),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "2 Jul 00:30"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 Mar 00:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 Mar 02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 01:30 BST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 01:30 GMT"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "25 Oct 02:30"),
        (datetime(2024, 2, 29, 9, 0, tzinfo=UTC), "29 Feb 2024 09:00"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "31 Dec 23:59"),
    ],
)
def test_london_clocks_know_summer_time_and_leap_days(instant, words):
    assert show.london(instant) == words


def test_new_year_in_london_decides_whether_the_year_is_named():
    with time_machine.travel(datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), tick=False):
        assert show.london(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == "31 Dec 2026 23:59"


def test_a_policy_date_has_no_clock():
    assert show.london(date(2028, 2, 29)) == "29 Feb 2028"
    assert show.london_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 Jul 2026"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0"), (999, "999"), (1000, "1,000+"), (20_000, "1,000+"), (None, "–")]
)
def test_counts_stop_where_the_query_stopped(number, words):
    assert show.capped(number, 1000) == words


def test_a_count_has_its_word():
    assert show.counted(1, "comment,comments") == "1 comment"
    assert show.counted(2041, "comment") == "2,041 comments"


def test_markup_in_a_comment_is_only_words():
    shown = show.public_words("<script>alert(1)</script> & <b>bold</b>")
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in shown
    assert shown.startswith('<bdi class="words" dir="auto">')


def test_zalgo_is_cut_to_what_a_living_script_needs():
    zalgo = "H" + "\u0336\u0321\u0330\u0345\u034e\u0489" * 20 + "elp"
    plain = show.plain_words(zalgo)
    assert plain.startswith("H")
    assert plain.endswith("elp")
    assert len(plain) == len("Help") + 4


@pytest.mark.parametrize(
    "words", ["Việt Nam".replace("ệ", "e\u0302\u0323"), "שָׁלוֹם", "กำลังจะไป", "नमस्ते", "👩🏽‍🚒 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ❤️"]
)
def test_living_scripts_and_emoji_stay_whole(words):
    assert show.plain_words(words) == words


def test_direction_overrides_go_and_right_to_left_words_stay():
    assert show.plain_words("abc\u202egnp.exe\u202c \u2067مرحبا\u2069") == "abcgnp.exe مرحبا"
    assert 'dir="auto"' in show.public_words("مرحبا")


def test_control_characters_go_and_line_breaks_stay():
    assert show.plain_words("one\x00\x07\x1b[31m\r\ntwo\rthree\ttab") == "one[31m\ntwo\nthree\ttab"
    assert show.plain_words("a\n\n \n\t\n\n\nb") == "a\n\nb"
    assert show.plain_words("lone \ud800 surrogate") == "lone  surrogate"


@pytest.mark.parametrize("nothing", [None, "", "   ", "\u202e\u0000"])
def test_a_comment_without_words_shows_nothing_and_a_list_shows_a_dash(nothing):
    assert show.public_words(nothing) == '<bdi class="words" dir="auto"></bdi>'
    assert show.first_line(nothing) == '<bdi dir="auto">–</bdi>'


def test_a_hundred_kilobytes_make_one_short_line():
    assert len(show.first_line("x " * 50_000)) < 220


def test_a_page_of_many_shows_the_beginning_of_each_and_how_much_is_left():
    assert show.opening("x" * 1500) == "x" * 1500
    assert show.opening("x" * 100_000) == "x" * 1500 + "… (98,500 more characters)"
    assert show.opening(None) == ""
    late = "\n" * 5_000 + "Help me"
    assert "Help me" in show.first_line(late)


def test_differences_mark_what_went_and_what_came():
    shown = show.differences("A white van did not stop.", "A grey van did not stop. Ring 101 & tell us.")
    assert "<del>white</del>" in shown
    assert "<ins>grey</ins>" in shown
    assert "101" in shown
    assert "&amp;" in shown
    assert "<script" not in show.differences("", "<script>")


def test_long_texts_are_compared_as_a_whole():
    shown = show.differences("one " * 5000, "two " * 5000)
    assert shown.startswith("<del>")


@pytest.mark.parametrize(
    ("priority", "role", "word"),
    [(1, "immediate", "Immediate"), (2, "high", "High"), (3, "routine", "Routine"), (4, "routine", "Routine"),
     (5, "none", "None"), (None, "routine", "Routine"), (9, "routine", "Routine")],
)  # fmt: skip
def test_risk_is_a_shape_and_a_word(priority, role, word):
    html = render('{% include "components/risk.html" %}', priority=priority)
    assert f'class="risk {role}"' in html
    assert word in html
    assert "<use" in html


def test_a_glyph_is_decoration_unless_it_is_named():
    assert 'aria-hidden="true"' in render('{% glyph "lock" %}')
    named = render("{% glyph name label=words %}", name="page", words='Facebook "main"')
    assert 'role="img" aria-label="Facebook &quot;main&quot;"' in named
    assert "#g-dot" in render('{% glyph "no-such-thing" %}')


def test_every_glyph_named_in_a_template_is_drawn():
    templates = Path(settings.BASE_DIR) / "templates"
    for page in templates.rglob("*.html"):
        for name in re.findall(r'{%\s*glyph\s+"([^"]+)"', page.read_text()):
            assert name in show.glyph_names(), f"{page.relative_to(templates)} asks for the glyph {name!r}"


def test_templates_hold_no_inline_style_or_script():
    """The browser policy would refuse them, silently for the person who looks at the page."""
    templates = Path(settings.BASE_DIR) / "templates"
    for page in templates.rglob("*.html"):
        text = page.read_text()
        name = page.relative_to(templates)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|[\"']js:", text), name
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script, name
