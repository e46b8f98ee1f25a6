"""What is typed to make a report, and to say who receives which."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Neighbourhood
from insights.models_reports import Kind
from insights.reports import FORMS, Form
from staff.models import StaffMember


def _place(places: list[Neighbourhood]) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Neighbourhood.objects.filter(pk__in=[one.pk for one in places]),
        label="Neighbourhood",
        required=False,
        empty_label="None",
        help_text="For the weekly report alone.",
        error_messages={"invalid_choice": "Choose a neighbourhood of the list."},
    )


class MakeForm(forms.Form):
    """A report that somebody wants now."""

    kind = forms.ChoiceField(label="Report", error_messages={"required": "Choose a report."})
    day = forms.DateField(
        label="Of the period with this day",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Its day, week, month or year, as far as it has come.",
        error_messages={"required": "Give a day.", "invalid": "Give a date, such as 2027-03-31."},
    )
    place = forms.ModelChoiceField(Neighbourhood.objects.none())

    def __init__(self, *args: Any, kinds: list[Form], places: list[Neighbourhood], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(one.kind, one.kind.label) for one in kinds]  # type: ignore[attr-defined]
        self.fields["place"] = _place(places)


class ReceiverForm(forms.Form):
    """Who receives which report."""

    kind = forms.ChoiceField(
        label="Report",
        choices=[(kind, Kind(kind).label) for kind in FORMS],
        error_messages={"required": "Choose a report."},
    )
    place = forms.ModelChoiceField(Neighbourhood.objects.none())
    person = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Who receives it",
        empty_label="Choose somebody",
        help_text="They must be able to see everything that it tells of.",
        error_messages={"required": "Choose somebody.", "invalid_choice": "Choose somebody of the list."},
    )
    attaches = forms.ChoiceField(
        label="By e-mail",
        choices=[("yes", "Counts, a link and the PDF"), ("no", "Counts and a link, no PDF")],
        required=False,
        help_text="Where their mail may hold no attachments, take the link. Adding somebody again changes it.",
    )

    def __init__(
        self, *args: Any, people: list[StaffMember], places: list[Neighbourhood], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = _place(places)
        self.fields["person"].queryset = StaffMember.objects.filter(pk__in=[one.pk for one in people])  # type: ignore[attr-defined]

    def clean_attaches(self) -> bool:
        """Whether the PDF comes along: unless the link alone was chosen."""
        return self.cleaned_data["attaches"] != "no"


class LessonsForm(forms.Form):
    """What was learned from an incident."""

    lessons = forms.CharField(
        label="Lessons",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What to do again, and what to change. It stands at the end of the report.",
    )
