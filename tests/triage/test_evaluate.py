"""The table of docs/triage.md: counted right, by set, category and group, and refused in a sentence."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from core.commands import CommandRefused
from moderation.triage import evaluate, shipped
from moderation.triage.blend import Triage

LINES = [
    ("I am going to kill myself tonight", "suicide_self_harm", ""),
    ("nobody would care about the dog's empty bowl", "suicide_self_harm", ""),
    ("they pulled my mum's hijab off on the bus", "hate_crime", "muslim"),
    ("the mosque has an open day", "none", "muslim"),
    ("thanks", "praise", ""),
]
RULES_FIND = {
    "Suicide and self-harm": 0.36,
    "Threat to a person": 0.40,
    "Violence happening": 0.32,
    "Hate: hostile words": 0.42,
    "Hate: reported": 0.31,
    "People in need": 0.19,
}
"""A little below what rules alone call high of each lane, measured; the rest is found with the model."""
RULES_FLAG = 0.09
"""The most of an ordinary day's set that rules alone may call high."""
MODEL_FINDS = {
    "Suicide and self-harm": 0.81,
    "Threat to a person": 0.89,
    "Violence happening": 0.90,
    "Hate: hostile words": 0.77,
    "Hate: reported": 0.77,
    "People in need": 0.89,
}
"""A little below what rules and model find where 10 % of an ordinary day is flagged (docs/triage.md)."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "small.jsonl").write_text(
        "\n".join(json.dumps({"text": text, "label": label, "group": group}) for text, label, group in LINES)
    )
    monkeypatch.setattr(shipped, "triage", lambda folder: Triage(why_not="Left out."))
    return tmp_path


def test_the_table_counts_what_was_found_and_what_was_flagged(folder):
    out, errors = io.StringIO(), io.StringIO()
    call_command("triage", "evaluate", folder=folder, stdout=out, stderr=errors)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in out.getvalue().splitlines()]
    assert ["small", "Suicide or self-harm", "2", "50%", "50%", "50%"] in rows
    assert ["all", "all", "3", "67%", "67%", "67%"] in rows
    assert ["small", "2", "0%", "0%", "0%"] in rows
    assert ["muslim", "1", "100%", "1", "0%"] in rows
    assert "rules alone" in errors.getvalue()


def test_a_folder_without_sets_or_with_a_wrong_label_is_refused(folder, tmp_path):
    with pytest.raises(CommandRefused, match=r"no \*\.jsonl"):
        call_command("triage", "evaluate", folder=Path(tmp_path / "empty"))
    (folder / "wrong.jsonl").write_text('{"text": "a", "label": "nonsense"}\n')
    with pytest.raises(CommandRefused, match="cannot be read"):
        call_command("triage", "evaluate", folder=folder)


def test_after_labels_each_comment_is_judged_by_a_version_that_has_not_seen_it():
    given = [evaluate.Case("blind_suicide", f"cry {number}", "suicide_self_harm") for number in range(20)] + [
        evaluate.Case("blind_ordinary", f"weather {number}", "none") for number in range(21)
    ]
    lessons = []

    class Recalls(Triage):
        def judge(self, texts, **given):
            assert not {one.text for one in lessons[-1]} & set(texts)
            return super().judge(texts, **given)

    def taught(labels):
        lessons.append(labels)
        return Recalls(why_not="Left out.")

    said, labels = evaluate.judged_after_labels(taught, given, 8)
    assert len(said) == len(given)
    assert labels == 16
    for learnt in lessons:
        assert all(one.taught for one in learnt)
        assert sum(one.category == "suicide_self_harm" for one in learnt) == 8
    shown = evaluate.table_after_labels(given, said, labels, 8)
    assert "at most 8 labels of a category, 16 in all" in shown
    assert shown.count("| Suicide and self-harm | 20 | 97% |") == 2  # all sets, and the blind ones alone


def test_the_page_has_the_place_for_the_table():
    page = (Path(settings.BASE_DIR) / "docs" / "triage.md").read_text(encoding="utf-8")
    assert "<!-- below: manage.py triage evaluate --write -->" in page
    assert "| set | category |" in page


def test_the_rules_alone_find_at_least_this_much_of_each_lane_and_flag_no_more():
    given = evaluate.cases(Path(__file__).parent / "evaluation")
    flagged: dict[str, list[bool]] = defaultdict(list)
    for case, one in zip(given, evaluate.judged(Triage(why_not="Left out."), given), strict=True):
        flagged[case.set_name].append(one.priority <= 2)
    found = {
        lane: sum(sum(flagged[name]) for name in of.sets) / sum(len(flagged[name]) for name in of.sets)
        for lane, of in evaluate.LANES.items()
    }
    assert {lane: share for lane, share in found.items() if share < RULES_FIND[lane]} == {}
    for name in evaluate.EVERYDAY:
        assert sum(flagged[name]) / len(flagged[name]) <= RULES_FLAG, name


@pytest.mark.more
def test_what_ships_keeps_what_was_measured_of_it():
    ready = shipped.triage(Path(settings.VAR_DIR) / "triage")
    assert ready.why_not == ""
    given = evaluate.cases(Path(__file__).parent / "evaluation")
    said = evaluate.judged(ready, given)
    found = evaluate.by_lane(given, said, 0.10)
    assert {lane: found[lane] for lane, least in MODEL_FINDS.items() if found[lane] < least} == {}
