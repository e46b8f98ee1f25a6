"""What is typed about worries of a neighbourhood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import Neighbourhood
from publishing.models import Concern
from staff.models import StaffMember

_SAID = "What people worry about, in our words"


class RaiseForm(forms.Form):
    """A worry that was heard in person."""

    neighbourhood = forms.TypedChoiceField(label="Neighbourhood", coerce=int)
    said = forms.CharField(
        label=_SAID,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Without names and addresses: the public reads it in the end.",
    )

    def __init__(self, data=None, *, areas: Sequence[Neighbourhood], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.areas = {one.pk: one for one in areas}
        self.fields["neighbourhood"].choices = [(one.pk, one.name) for one in areas]


class PlanForm(forms.Form):
    """Who does what until when."""

    said = forms.CharField(label=_SAID, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    what = forms.CharField(label="What we do about it", max_length=500)
    owner = forms.TypedChoiceField(label="Who does it", coerce=int)
    due_on = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data=None, *, concern: Concern, people: Sequence[StaffMember], **kwargs: Any) -> None:
        initial = {
            "said": concern.said,
            "what": concern.action,
            "owner": concern.owner_id,
            "due_on": concern.due_on,
        }
        super().__init__(data, initial=initial, **kwargs)
        self.people = {one.pk: one for one in people}
        self.fields["owner"].choices = [(one.pk, one.called) for one in people]


class ReportForm(forms.Form):
    """What was done."""

    said = forms.CharField(label="You said", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    result = forms.CharField(
        label="We did", max_length=1000, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    why_stays = forms.CharField(
        label="If something stays that tells who or where: why it may", required=False, max_length=500
    )

    def __init__(self, data=None, **kwargs: Any) -> None:
        # It stands beside another form with the same names.
        super().__init__(data, auto_id="report_%s", **kwargs)
