"""Refusals where a form stands: the sentence beside the field that it is about."""

from __future__ import annotations

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest

from core.errors import Refused


def show_refusal(form: BaseForm, refusal: Refused) -> None:
    """The sentence stands beside the field that the refusal names; above the form where it has no such field."""
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, refusal.sentence)


def show_refusal_on_page(request: HttpRequest, refusal: Refused, *forms: BaseForm) -> None:
    """On a page of several forms: with the one that was sent; above the page where a button alone was."""
    sent = next((form for form in forms if form.is_bound), None)
    if sent is not None:
        show_refusal(sent, refusal)
    else:
        messages.error(request, refusal.sentence)
