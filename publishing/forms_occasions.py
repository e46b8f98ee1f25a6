"""What an event, a patrol and a live stream take in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.errors import NotValid
from publishing import times
from publishing.actions.takeovers import RULES
from publishing.models import Campaign, Occasion, Takeover
from staff.models import StaffMember


class OccasionForm(forms.Form):
    """Where it is and who is there."""

    who = forms.CharField(
        label="Who the public meets",
        max_length=200,
        help_text="As it knows them: “PC Nair and PCSO Tredwell”.",
    )
    place = forms.CharField(label="Where", required=False, max_length=200)
    link = forms.URLField(label="Where it is watched", required=False, max_length=500, assume_scheme="https")
    hold_line = forms.CharField(
        label="Hold line",
        required=False,
        max_length=500,
        help_text="What is said if it has to be interrupted.",
    )

    def __init__(self, data=None, *, campaign: Campaign, present: Occasion | None, **kwargs: Any) -> None:
        fields = ("who", "place", "link", "hold_line")
        initial = {name: getattr(present, name) for name in fields} if present is not None else {}
        super().__init__(data, initial=initial, **kwargs)
        if campaign.kind == Campaign.Kind.LIVE:
            self.fields["who"].label = "Who hosts it"
            del self.fields["place"]
        else:
            del self.fields["link"], self.fields["hold_line"]
        if campaign.kind == Campaign.Kind.PATROL:
            self.fields["place"].label = "Area"
            self.fields["place"].help_text = "Roughly: nobody should know where officers are now."


class GuestForm(forms.Form):
    """Who writes as a guest, and by which rules."""

    guest = forms.TypedChoiceField(label="Guest", coerce=int)
    rules = forms.CharField(
        label="House rules", max_length=5000, strip=False, widget=forms.Textarea(attrs={"rows": 7})
    )

    def __init__(
        self, data=None, *, people: Sequence[StaffMember], present: Takeover | None, **kwargs: Any
    ) -> None:
        initial = (
            {"guest": present.guest_id, "rules": present.rules} if present is not None else {"rules": RULES}
        )
        super().__init__(data, initial=initial, **kwargs)
        self.people = {one.pk: one for one in people}
        self.fields["guest"].choices = [(one.pk, one.called) for one in people]


class DutyForm(forms.Form):
    """Who moderates, and when."""

    person = forms.TypedChoiceField(label="Who moderates", coerce=int)
    since = forms.CharField(
        label="From, London time",
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    until = forms.CharField(
        label="Until, London time",
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(
        self, data=None, *, campaign: Campaign, people: Sequence[StaffMember], **kwargs: Any
    ) -> None:
        self.campaign = campaign
        initial = {
            "since": times.to_wall_clock(campaign.starts_at),
            "until": times.to_wall_clock(campaign.ends_at),
        }
        super().__init__(data, initial=initial, auto_id="duty_%s", **kwargs)
        self.people = {one.pk: one for one in people}
        self.fields["person"].choices = [(one.pk, one.called) for one in people]

    def said(self) -> dict[str, Any]:
        """What was typed, for the action; the beginning of the stream may have passed. Raises NotValid."""
        given: dict[str, Any] = {"person": self.people[self.cleaned_data["person"]]}
        for name, present in (("since", self.campaign.starts_at), ("until", self.campaign.ends_at)):
            typed = self.cleaned_data[name]
            at = (
                present if typed == times.to_wall_clock(present) else times.from_wall_clock(typed, field=name)
            )
            if at is None:
                raise NotValid("Give a time.", field=name)
            given[name] = at
        return given
