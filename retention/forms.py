"""What people type about the schedule and holds."""

from __future__ import annotations

from django import forms

from retention.registry import HOLDABLE


class ChangePeriod(forms.Form):
    number = forms.IntegerField(
        min_value=0,
        max_value=36_500,
        label="Keep for",
        error_messages={
            "required": "Say for how many days or years.",
            "invalid": "Give a whole number, such as 2.",
        },
    )
    unit = forms.ChoiceField(choices=[("days", "days"), ("years", "years")], label="Days or years")
    why = forms.CharField(
        max_length=300,
        label="Why",
        error_messages={"required": "Say why, e.g. which decision or version of the national schedule."},
        help_text="Which decision, or which version of the national schedule.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class Confirm(forms.Form):
    version = forms.IntegerField()


class PlaceHold(forms.Form):
    subject_type = forms.ChoiceField(
        choices=[(label, noun) for label, (noun, _) in HOLDABLE.items()], label="Kind of record"
    )
    subject_id = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        label="Its number",
        error_messages={
            "required": "Give the number of the record, as its page shows it.",
            "invalid": "Give the number alone, such as 1204.",
        },
    )
    reason = forms.CharField(
        max_length=400,
        label="Why it must be kept",
        error_messages={"required": "Say why it must be kept, e.g. the number of the request."},
        help_text="E.g. the number of the information request or the court case.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    review_on = forms.DateField(
        label="Look at it again on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Choose the day on which somebody looks at it again.",
            "invalid": "Give a date, such as 31/12/2026.",
        },
    )


class ReviewHold(forms.Form):
    reason = forms.CharField(
        max_length=400, label="Why it stays", error_messages={"required": "Say why it is still needed."}
    )
    review_on = forms.DateField(
        label="Look at it again on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Choose the day on which somebody looks at it again.",
            "invalid": "Give a date, such as 31/12/2026.",
        },
    )


class LiftHold(forms.Form):
    reason = forms.CharField(
        max_length=400,
        label="Why it is no longer needed",
        error_messages={"required": "Say why it is no longer needed."},
    )
