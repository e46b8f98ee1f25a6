"""What information security types about alerts."""

from __future__ import annotations

from django import forms

from insights.kinds import KINDS
from insights.models import Alert


class Close(forms.Form):
    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[("", "Choose"), *Alert.Outcome.choices],
        error_messages={"required": "Choose what came of it.", "invalid_choice": "Choose what came of it."},
    )
    note = forms.CharField(
        label="What you found",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a few words what you found. It is kept with the alert."},
    )


class Reopen(forms.Form):
    why = forms.CharField(
        label="Why it is opened again",
        max_length=600,
        error_messages={"required": "Say why it is opened again."},
    )


class Rule(forms.Form):
    """One kind's numbers. `kind` must be one of insights.kinds.KINDS."""

    on = forms.BooleanField(label="Raise this alert", required=False)

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, prefix=kind, **kwargs)
        for name, number in KINDS[kind].numbers.items():
            self.fields[name] = forms.IntegerField(
                label=number.label,
                min_value=number.least,
                max_value=number.most,
                error_messages={
                    "required": f"Give a whole number from {number.least:,} to {number.most:,}.",
                    "invalid": f"Give a whole number from {number.least:,} to {number.most:,}.",
                },
            )
