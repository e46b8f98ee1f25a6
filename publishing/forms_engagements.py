"""What the register of influencers, paid media and partners takes in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from publishing.models import Campaign, Engagement

_DAY = {"type": "date"}


class EngagementForm(forms.Form):
    """One entry."""

    kind = forms.ChoiceField(label="It is", choices=Engagement.Kind.choices, widget=forms.RadioSelect)
    who = forms.CharField(label="Who", max_length=120, help_text="A firm, a charity, a public handle.")
    what = forms.CharField(
        label="What they do for us", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    campaign = forms.TypedChoiceField(label="Campaign", required=False, coerce=int, empty_value=None)
    cost = forms.DecimalField(
        label="Cost in pounds, all of it", min_value=Decimal(0), max_digits=10, decimal_places=2, initial=0
    )
    label = forms.CharField(
        label="How the public sees that it is for us",
        required=False,
        max_length=200,
        help_text="“Ad”, “Paid for by the force”. Needed of influencers, of paid media, and of what costs money.",
    )
    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    ends_on = forms.DateField(label="Until", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def __init__(self, data=None, *, campaigns: Sequence[Campaign], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.campaigns = {one.pk: one for one in campaigns}
        self.fields["campaign"].choices = [("", "None"), *((one.pk, one.name) for one in campaigns)]

    def said(self) -> dict[str, Any]:
        """What was typed, for the action."""
        given = dict(self.cleaned_data)
        given["cost_pence"] = int(given.pop("cost") * 100)
        given["campaign"] = self.campaigns.get(given["campaign"])
        return given
