"""Refusals where a form stands: the sentence beside the field that it is about."""

from __future__ import annotations

from django.forms import BaseForm

from core.errors import Refused


def show_refusal(form: BaseForm, refusal: Refused) -> None:
    """The sentence stands beside the field that the refusal names; above the form where it has no such field."""
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, refusal.sentence)
