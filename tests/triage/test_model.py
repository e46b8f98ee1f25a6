"""The exemplar model beside the rules: it ranks, gives its reason, never lowers, and may be missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from moderation.categories import HIGH_RISK, Category
from moderation.triage import encoder as encoders
from moderation.triage import judge, language
from moderation.triage import model as models
from moderation.triage.blend import ALWAYS, Triage, without
from moderation.triage.encoder import PEAKS, Encoder, EncoderMissing, encoder
from moderation.triage.exemplars import Exemplar, Lessons
from moderation.triage.features import WINDOWS, spoken, windows
from moderation.triage.model import CATEGORIES, Model, _invert, train
from moderation.triage.rules import RULES

QUIET_DESPAIR = "There is nothing in me any more and I long for it all to be dark and silent"


def test_what_no_rule_knows_is_found_by_its_likeness_and_the_example_is_named(triage):
    assert judge(QUIET_DESPAIR).priority > 2
    found = triage.judge([QUIET_DESPAIR, "What time does the park close"])
    assert found[0].category == Category.SUICIDE_SELF_HARM
    assert found[0].priority <= 3
    assert "because it is like" in found[0].findings[0].sentence
    assert found[0].risk > 0.5 > found[1].risk
    assert found[0].version == found[1].version != judge("x").version


def test_the_model_never_makes_a_comment_less_urgent_than_the_rules(triage):
    texts = [
        "I am going to kill myself tonight",
        "theres a man with a knife outside tesco",
        "My car was stolen last night",
        "thank you",
    ]
    for text, found in zip(texts, triage.judge(texts), strict=True):
        alone = judge(text)
        assert found.priority <= alone.priority
        assert {finding.rule for finding in alone.findings} <= {finding.rule for finding in found.findings}


def test_first_person_suicide_and_direct_threats_surface_whatever_the_model_says(triage):
    triage.model = replace(triage.model, thresholds=dict.fromkeys(triage.model.thresholds, 1e6))
    for text in ("I'm going to kill myself", "I will kill you"):
        (found,) = triage.judge([text])
        assert found.priority == 1
        assert found.risk >= 0.6
    assert {rule.name for rule in RULES} >= ALWAYS


def test_the_worst_window_of_a_long_comment_counts(triage):
    long = "We went to the fair and the children loved the horses and the ice cream. " * 25
    place = CATEGORIES.index(Category.SUICIDE_SELF_HARM)
    texts = [long, f"{long} {QUIET_DESPAIR}. {long}"]
    alone, with_risk = triage.model.score(triage.encoder, texts, [judge(text) for text in texts])
    assert with_risk.categories[place] > alone.categories[place] + 0.5
    assert len(windows(long * 20)) <= WINDOWS
    assert windows("short") == ["short"]


def test_without_the_encoder_the_rules_carry_on_and_say_why(monkeypatch):
    found = Triage(why_not="The language model is not installed.").judge(["I will kill you"])[0]
    assert (found.priority, found.without_model) == (1, "The language model is not installed.")
    assert found.risk >= 0.6
    assert found.categories == {}


def test_a_model_that_fails_hands_over_to_the_rules(triage, monkeypatch):
    def fails(*arguments):
        raise MemoryError

    monkeypatch.setattr(Model, "score", fails)
    (found,) = triage.judge(["I will kill you"])
    assert (found.priority, found.broken) == (1, False)
    assert "MemoryError" in found.without_model


def test_another_encoder_than_the_tested_one_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setitem(encoders.RESOURCES, "sp.model", "0" * 64)
    with pytest.raises(EncoderMissing, match=r"sp\.model is not the one that was tested"):
        Encoder()
    monkeypatch.setattr(encoders, "_folder", lambda: tmp_path)
    with pytest.raises(EncoderMissing, match="cannot be read"):
        Encoder()


def test_a_model_kept_as_bytes_says_the_same(triage):
    texts = [QUIET_DESPAIR, "lovely", "x" * 3000, ""]
    again = Triage(Model.from_bytes(triage.model.as_bytes()), triage.encoder, why_not="")
    for one, other in zip(triage.judge(texts), again.judge(texts), strict=True):
        assert one.risk == pytest.approx(other.risk, abs=0.02)
        assert (one.priority, one.version) == (other.priority, other.version)
    with pytest.raises(ValueError, match="no model"):
        Model.from_bytes(b"PK\x03\x04 nothing")


def test_a_model_of_an_earlier_release_is_refused(triage, monkeypatch):
    monkeypatch.setattr(models, "FORMAT", models.FORMAT - 1)
    kept = triage.model.as_bytes()
    monkeypatch.undo()
    with pytest.raises(ValueError, match="another shape"):
        Model.from_bytes(kept)


def test_an_example_more_moves_what_is_like_it_and_names_the_version_anew(triage, lessons):
    said = "the pigeons on Mill Street have been taught to read by somebody"
    more = Lessons((*lessons.exemplars, Exemplar(said, Category.SUICIDE_SELF_HARM)), lessons.ordinary)
    taught = Triage(train(encoder(), more), encoder(), why_not="")
    place = CATEGORIES.index(Category.SUICIDE_SELF_HARM)
    before, after = (
        one.model.score(one.encoder, [said], [judge(said)])[0].categories[place] for one in (triage, taught)
    )
    assert after > before + 1
    assert taught.model.version != triage.model.version
    assert said[:40] in taught.judge([said])[0].findings[0].sentence


def test_what_people_taught_weighs_more_than_what_ships_for_and_against(lessons):
    said, alike = (
        "the lamps on Mill Street are humming my name",
        "the lamps on Mill Street hum my name at night",
    )
    place = CATEGORIES.index(Category.SUICIDE_SELF_HARM)

    def score(*more):
        made = train(encoder(), Lessons((*lessons.exemplars, *more), lessons.ordinary))
        return made.score(encoder(), [alike], [judge(alike)])[0].categories[place]

    ships, taught = (score(Exemplar(said, Category.SUICIDE_SELF_HARM, taught=by)) for by in (False, True))
    assert taught > ships > score()
    cry = Exemplar(said, Category.SUICIDE_SELF_HARM)
    nothing = Exemplar("the lamps on Mill Street are humming", Category.NONE, taught=True)
    assert score(cry, nothing) < ships


def test_a_strong_word_is_heard_in_a_long_text(read_once):
    read_once.clear()  # all three in one batch, as `encode` has them
    directions, peaks = encoder().read(["Lovely day. " * 40, "Lovely day. " * 40 + "I have a knife.", ""])
    assert np.allclose(
        directions, encoder().encode(["Lovely day. " * 40, "Lovely day. " * 40 + "I have a knife.", ""])
    )
    assert peaks.shape == (3, PEAKS)
    assert (peaks[1] > peaks[0] + 0.1).mean() > 0.2


def test_a_category_that_is_off_is_not_named_and_with_all_off_it_goes_by_time(triage, lessons):
    off = frozenset({str(Category.SUICIDE_SELF_HARM)})
    quiet = Triage(
        train(encoder(), Lessons(lessons.exemplars, lessons.ordinary, off=off)),
        encoder(),
        why_not="",
        off=off,
    )
    (found,) = quiet.judge(["I am going to kill myself"])
    assert Category.SUICIDE_SELF_HARM not in {finding.category for finding in found.findings}
    everything = without(judge("I am going to kill myself"), frozenset(CATEGORIES))
    assert (everything.priority, everything.category, everything.findings) == (3, Category.NONE, [])


def test_too_little_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="at least 20 exemplars"):
        train(encoder(), Lessons((Exemplar("one", Category.SPAM),), ("two",)))


@pytest.mark.parametrize(
    "text", ["", " ", "🔪", "\ud800", "\x00", "a" * 100_000, "\u200b" * 50, "🙏 " * 5000]
)
def test_odd_texts_are_scored(triage, text):
    (found,) = triage.judge([text])
    assert 0 <= found.risk <= 1
    assert found.without_model == ""


def test_text_speak_disguise_and_emoji_are_written_out_for_the_encoder():
    assert spoken("u r gonna d1e m8 🔪") == "you are going to die m8 knife"
    assert spoken("k.i.l.l him") == "kill him"
    assert spoken("see https://example.org/x @someone_else") == "see link someone"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("When will the road be open again", "en"),
        ("Pomocy, on mnie zabije", "pl"),
        ("Diolch yn fawr i chi gyd am eich help heddiw", "cy"),
        ("مجھے بچاؤ وہ مجھے مار دے گا", "ur"),
        ("👍", ""),
        ("ok", ""),
    ],
)
def test_the_language_is_told(text, code):
    assert language.detect(text) == code


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("Can you tell me when the road opens?", language.ENGLISH),
        ("Dzień dobry, czy można już przejechać przez rynek? Bardzo dziękuję", language.UNDERSTOOD),
        ("ਬਹੁਤ ਵਧੀਆ ਕੰਮ ਕੀਤਾ ਜੀ, ਧੰਨਵਾਦ", language.UNREAD),
        ("Diolch yn fawr iawn i chi, mae'r ffordd ar agor eto", language.UNREAD),
    ],
)
def test_it_is_known_which_languages_the_model_reads(text, tongue):
    assert language.tongue(*language.heard(text, judge(text).findings)) == tongue


def test_another_language_is_measured_against_ordinary_comments_in_it(triage):
    model, thanks = triage.model, "ਬਹੁਤ ਵਧੀਆ ਕੰਮ ਕੀਤਾ ਜੀ, ਧੰਨਵਾਦ"
    (scores,) = model.score(triage.encoder, [thanks], [judge(thanks)])
    usual = {**model.thresholds, "raised": scores.raw - 2, "surfaced": scores.raw - 1, "sure": scores.raw - 1}

    def said(**thresholds):
        measured = Triage(replace(model, thresholds=usual | thresholds), triage.encoder, why_not="")
        (one,) = measured.judge([thanks])
        return one

    calm, loud = said(unread=scores.raw + 1), said(unread=scores.raw - 1)
    assert (calm.priority, loud.priority) == (3, 2)
    # A model of an earlier release knows no ordinary comments in other languages: there it must be sure.
    assert said(sure=scores.raw + 1).priority == 3
    (reason,) = [finding for finding in loud.findings if finding.rule == "model.like"]
    assert "somebody who reads it has to look" in reason.sentence


def test_a_model_made_with_enough_of_other_languages_has_a_measure_for_them(lessons):
    thanks = tuple(f"Dziękujemy bardzo za pomoc, dom numer {number}, wszystko dobrze" for number in range(40))
    made = train(encoder(), replace(lessons, ordinary=lessons.ordinary + thanks))
    assert language.UNDERSTOOD in made.thresholds
    assert language.UNREAD not in made.thresholds


def test_half_by_half_a_matrix_is_inverted_as_it_is_whole(monkeypatch):
    monkeypatch.setattr("moderation.triage.model.INVERTED_WHOLE", 3)
    rows = np.random.default_rng(7).standard_normal((23, 23))
    matrix = rows @ rows.T + np.eye(23)
    inverse = matrix.copy()
    _invert(inverse)
    assert np.allclose(inverse @ matrix, np.eye(23))


def test_every_category_is_a_column_once():
    assert len(CATEGORIES) == len(set(CATEGORIES)) == len(Category) - 1
    assert set(CATEGORIES) >= set(HIGH_RISK)
    assert np.isfinite(encoder().encode(["a", "b"])).all()
