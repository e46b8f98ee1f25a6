"""Whether a text names its source, however it is spelt, and what may point to somebody."""

from __future__ import annotations

import pytest

from escalation.sanitising import Source, hints, names

WATCHER = Source(
    handle="tide.watcher@social.example",
    name="José Tide",
    external_id="900112233",
    address="https://social.example/@tide.watcher/118",
    said="He keeps the stolen bikes in the blue shed behind the old boat house",
)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Told by tide.watcher", "the handle"),
        ("Told by @Tide_Watcher yesterday", "the handle"),
        ("see tide\u200b.watcher", "the handle"),
        ("ＴＩＤＥ ＷＡＴＣＨＥＲ said so", "the handle"),
        ("so says tide watch er", "the handle"),
        ("tidewatcher told us", "the handle"),
        ("Jose Tide said so", "the name"),
        ("one josé.t.i.d.e", "the name"),
        ("JOSÉ  TIDE", "the name"),
        ("account 900112233 wrote", "the number of the account"),
        ("at www.social.example/@tide.watcher/118", "the handle"),
    ],
)
def test_a_source_is_found_however_it_is_spelt(text, what):
    assert what in {found.what for found in names(text, WATCHER)}


def test_where_it_stands_is_said_and_what_is_no_name_is_left_alone():
    text = "A van stood there.\nIts driver, says José\u0301 Tide, sells bikes."
    (found,) = names(text, WATCHER)
    assert (found.line, "José" in found.around) == (2, True)
    assert names("Tidewatchers and the tide in Saltmere, josefine's tides", WATCHER) == []
    assert names("A sea view", Source(handle="a", name="A")) == []
    assert [one.what for one in names("told by @a", Source(handle="a"))] == ["the handle"]
    assert names("anything", Source()) == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("José saw it", "“jose”: part of the name"),
        ("I saw it myself", "whose words are these"),
        ("The neighbour saw it", "“neighbour”"),
        ("ring 07700 900123", "a telephone number"),
        ("sam@mail.example knows", "an e-mail address"),
        ("see https://x.example", "an address on the web"),
        ("keeps the stolen bikes in the blue shed behind", "a search would lead to its author"),
    ],
)
def test_what_may_point_to_somebody_is_named(text, hint):
    assert any(hint in one for one in hints(text, WATCHER))


def test_a_plain_report_has_nothing_to_look_at():
    assert hints("Stolen bicycles are kept at a boat house in Saltmere.", WATCHER) == []
