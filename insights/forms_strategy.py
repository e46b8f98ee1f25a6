"""What is typed of the social media strategy."""

from __future__ import annotations

from typing import Any

from django import forms

from insights import strategy
from insights.models import Strategy, StrategyChannel
from platforms import registry
from staff.models import StaffMember


class WriteForm(forms.Form):
    """The words of a draft, heading by heading; none is asked for before it is approved."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Owner",
        required=False,
        empty_label="Nobody yet",
        error_messages={"invalid_choice": "Choose somebody of the list."},
    )
    review_on = forms.DateField(
        label="Looked at again on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give a date, such as 2027-03-31."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = StaffMember.objects.filter(active=True)  # type: ignore[attr-defined]
        for section in strategy.SECTIONS:
            self.fields[section.field] = forms.CharField(
                label=section.title,
                help_text=section.hint,
                required=False,
                max_length=6000,
                widget=forms.Textarea(attrs={"rows": 5}),
            )
        self.fields["changes"] = forms.CharField(
            label="What is new in it",
            required=False,
            max_length=500,
            help_text="For those who have read the one before.",
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    @classmethod
    def of(cls, row: Strategy) -> WriteForm:
        """The form with what stands in the draft."""
        names = ("review_on", "changes", *strategy.WORDS)
        initial = {name: getattr(row, name) for name in names}
        return cls(initial={**initial, "owner": row.owner_id, "seen": row.changed_at.isoformat()})


class ChannelForm(forms.Form):
    """What one platform is for."""

    platform = forms.ChoiceField(
        label="Platform",
        choices=[("", "Choose a platform"), *registry.NAMES.items()],
        error_messages={"required": "Choose a platform."},
    )
    purpose = forms.CharField(
        label="What it is for",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what it is for."},
    )
    audience = forms.CharField(label="For whom", max_length=300, required=False)
    rhythm = forms.CharField(label="What is posted, and how often", max_length=300, required=False)
    course = forms.ChoiceField(
        label="Where it is going",
        choices=[("", "Choose"), *StrategyChannel.Course.choices],
        error_messages={"required": "Say where it is going."},
    )
    course_words = forms.CharField(label="Why, and by when", max_length=300, required=False)
    reviewed_on = forms.DateField(
        label="Last asked whether it is the right channel",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give a date, such as 2026-03-31."},
    )

    @classmethod
    def of(cls, channel: StrategyChannel) -> ChannelForm:
        """The form with what stands there."""
        return cls(initial={name: getattr(channel, name) for name in cls.base_fields})
