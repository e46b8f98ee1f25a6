"""`manage.py access-matrix`: how it says that the page is out of date or an address has no line."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from smmp import access
from smmp.management.commands import access_matrix


def test_it_writes_the_page_and_finds_it_up_to_date(tmp_path, monkeypatch, settings, capsys):
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(access_matrix, "PAGE", tmp_path / "matrix.md")
    with pytest.raises(CommandError) as late:
        call_command("access_matrix", check=True)
    assert late.value.returncode == 1
    call_command("access_matrix")
    assert "GET `/audit/`" in (tmp_path / "matrix.md").read_text()
    call_command("access_matrix", check=True)


def test_an_address_without_a_line_is_named_with_the_line_to_add(monkeypatch):
    monkeypatch.delitem(access.TABLE, "audit:trail")
    with pytest.raises(CommandError) as refused:
        call_command("access_matrix", check=True)
    assert refused.value.returncode == 2
    assert '"audit:trail": [get(...)],  # /audit/' in str(refused.value)


def test_a_line_of_an_address_that_is_gone_is_named(monkeypatch):
    monkeypatch.setitem(access.TABLE, "audit:gone", [access.get()])
    with pytest.raises(CommandError, match="audit:gone"):
        call_command("access_matrix")
