"""What a trainer writes when an exercise is talked through."""

from __future__ import annotations

from django import forms


class DebriefForm(forms.Form):
    """What was learned. Figures are added by the platform; nobody is named."""

    went_well = forms.CharField(
        label="What went well", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    to_change = forms.CharField(
        label="What to change",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Of the team, the procedures or the tools. Speak with people about their own work; it is not kept here.",
    )
