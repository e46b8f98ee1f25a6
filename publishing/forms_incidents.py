"""What is written of an incident."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Neighbourhood
from publishing.actions.incidents import LONGEST
from publishing.forms_checks import field_of
from publishing.incidents import ASKED


def _words(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What happened, what people should do, when they hear more. No names, nothing that identifies anybody.",
        error_messages={"required": "Write what the public needs to know now."},
    )


class _Asked(forms.Form):
    """Words, and below them what the checks ask of something that is happening now."""

    def ask(self) -> None:
        """Put the questions on the page."""
        for question in ASKED:
            self.fields[question.field] = field_of(question)
        live = self.fields["q_live"]
        live.required = True
        live.error_messages["required"] = "Say whether it tells where officers are now."

    @property
    def said(self) -> dict[str, Any]:
        """For the action, with the answers together."""
        given = dict(self.cleaned_data)
        given["answers"] = {one.slug: given.pop(one.field) for one in ASKED}
        return given


class UpdateForm(_Asked):
    """The next update."""

    words = _words("The next update")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask()


class IncidentForm(_Asked):
    """An incident with its first update."""

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
        self.ask()
        field = self.fields["neighbourhood"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Neighbourhood.objects.filter(pk__in=[one.pk for one in areas]).order_by("name")
        if not whole_force:
            field.required, field.empty_label = True, "Choose one"
            field.error_messages["required"] = "Choose the area. For the whole force a colleague writes."
