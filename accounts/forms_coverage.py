"""What arrives from the forms about hours of watching, read and typed."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.coverage import DAYS
from staff.models import StaffMember, Team


class HoursForm(forms.Form):
    """A team watches on some days in some hours."""

    team = forms.ModelChoiceField(
        label="Team",
        queryset=Team.objects.none(),
        empty_label="Choose one",
        error_messages={"required": "Choose the team that watches."},
    )
    days = forms.TypedMultipleChoiceField(
        label="On",
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the days on which it is watched."},
    )
    from_hour = forms.TypedChoiceField(
        label="From", coerce=int, choices=[(n, f"{n:02}:00") for n in range(24)], initial=0
    )
    until_hour = forms.TypedChoiceField(
        label="Until",
        coerce=int,
        choices=[(n, f"{n:02}:00") for n in range(1, 25)],
        initial=24,
        help_text="One that is not later runs into the next day",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.all()  # type: ignore[attr-defined]


class RiskForm(forms.Form):
    """What it risks that nobody watches, and who bears it."""

    risk = forms.CharField(
        label="What may be missed",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what may be missed while nobody watches."},
    )
    instead = forms.CharField(
        label="What happens meanwhile",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the public is told there, who is called",
        error_messages={"required": "Say what happens meanwhile: what the public is told, who is called."},
    )
    borne_by = forms.ModelChoiceField(
        label="Who bears the risk",
        queryset=StaffMember.objects.none(),
        empty_label="Choose one",
        error_messages={"required": "Choose who bears the risk."},
    )
    review_on = forms.DateField(
        label="Looked at again on",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose a day to come.", "invalid": "Give a date, such as 2027-03-31."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["borne_by"].queryset = StaffMember.objects.filter(active=True)  # type: ignore[attr-defined]
