"""The table of docs/triage.md: counted right, by set, category and group, and refused in a sentence."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from core.commands import CommandRefused
from moderation.triage import shipped
from moderation.triage.blend import Triage

LINES = [
    ("I am going to kill myself tonight", "suicide_self_harm", ""),
    ("nobody would care about the dog's empty bowl", "suicide_self_harm", ""),
    ("they pulled my mum's hijab off on the bus", "hate_crime", "muslim"),
    ("the mosque has an open day", "none", "muslim"),
    ("thanks", "praise", ""),
]


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


def test_the_page_has_the_place_for_the_table():
    page = (Path(settings.BASE_DIR) / "docs" / "triage.md").read_text(encoding="utf-8")
    assert "<!-- below: manage.py triage evaluate --write -->" in page
    assert "| set | category |" in page
