"""What is typed about policies, playbooks and training."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import posting
from accounts.models import Course, PolicyPage
from staff.models import StaffMember

_TEXT = forms.Textarea(attrs={"rows": 18})


class PageForm(forms.Form):
    kind = forms.ChoiceField(label="What it is", choices=PolicyPage.Kind.choices)
    title = forms.CharField(label="Title", max_length=120, error_messages={"required": "Give a title."})
    text = forms.CharField(
        label="What it says",
        max_length=40_000,
        widget=_TEXT,
        help_text="Plain words. An empty line begins a paragraph.",
        error_messages={"required": "Write what it says."},
    )


class VersionForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="What it says from now on",
        max_length=40_000,
        widget=_TEXT,
        error_messages={"required": "Write what it says."},
    )
    changes = forms.CharField(
        label="What is new",
        max_length=300,
        help_text="In a sentence, for those who have read the version before.",
        error_messages={"required": "Say what is new, so that nobody has to search for it."},
    )


class CourseForm(forms.Form):
    name = forms.CharField(label="Course", max_length=120, error_messages={"required": "Give its name."})
    counts_for_months = forms.IntegerField(
        label="Counts for, in months",
        min_value=1,
        max_value=120,
        initial=24,
        error_messages={"required": "Say for how long it counts.", "invalid": "Give a whole number."},
    )
    renew = forms.CharField(
        label="Where it is taken",
        max_length=300,
        help_text="A sentence for whoever lacks it, such as “Book the half day with the training unit.”",
        error_messages={"required": "Say where it is taken."},
    )


class TrainingForm(forms.Form):
    person = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Who",
        empty_label="Choose somebody",
        error_messages={"required": "Choose somebody.", "invalid_choice": "Choose somebody of the list."},
    )
    course = forms.ModelChoiceField(
        Course.objects.none(),
        label="Course taken",
        empty_label="Choose a course",
        error_messages={"required": "Choose a course.", "invalid_choice": "Choose a course of the list."},
    )
    done_on = forms.DateField(
        label="On",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the day.", "invalid": "Give a date, such as 2026-03-31."},
    )

    def __init__(self, *args: Any, viewer: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [person.pk for person in posting.publishers() if person.pk != viewer.pk]
        self.fields["person"].queryset = StaffMember.objects.filter(pk__in=ids).order_by("name")  # type: ignore[attr-defined]
        self.fields["course"].queryset = Course.objects.filter(ended_at=None)  # type: ignore[attr-defined]


class TrainingFileForm(forms.Form):
    file = forms.FileField(
        label="Who took which course when, as CSV",
        help_text="UTF-8 with commas. Nothing happens until you have seen what it comes to.",
        error_messages={"required": "Choose the file.", "empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
