"""What is written of an incident."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Neighbourhood
from publishing.actions.incidents import LONGEST


def _words(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What happened, what people should do, when they hear more. No names, nothing that identifies anybody.",
        error_messages={"required": "Write what the public needs to know now."},
    )


class UpdateForm(forms.Form):
    words = _words("The next update")


class IncidentForm(forms.Form):
    title = forms.CharField(
        label="What it is called",
        max_length=120,
        help_text="As the public knows it, such as “Fire in Mill Lane”.",
        error_messages={"required": "Name it as the public knows it."},
    )
    neighbourhood = forms.ModelChoiceField(
        label="Where",
        queryset=Neighbourhood.objects.none(),
        required=False,
        empty_label="The whole force area",
    )
    words = _words("The first update")

    def __init__(self, *args: Any, whole_force: bool, areas: list[Neighbourhood], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["neighbourhood"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Neighbourhood.objects.filter(pk__in=[one.pk for one in areas]).order_by("name")
        if not whole_force:
            field.required, field.empty_label = True, "Choose one"
            field.error_messages["required"] = "Choose the area. For the whole force a colleague writes."
