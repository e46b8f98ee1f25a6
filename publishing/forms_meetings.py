"""What the public types in a meeting."""

from __future__ import annotations

from django import forms

from publishing.queries_meetings import LONGEST_QUESTION


class AskForm(forms.Form):
    """A question, and what to call whoever asks; nothing else of theirs is asked for."""

    words = forms.CharField(
        label="Your question",
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write your question."},
        help_text="Please no names, addresses or number plates: neither yours nor others’.",
    )
    name = forms.CharField(
        label="What may we call you?",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="A first name is enough. It is shown with your question.",
    )
