"""What people type to change the force's grades."""

from __future__ import annotations

from django import forms


class SaveGrade(forms.Form):
    name = forms.CharField(max_length=120, label="Name", help_text="As the force calls it.")
    target = forms.CharField(
        required=False, max_length=200, label="Target", help_text="What is promised, in words."
    )
    place = forms.TypedChoiceField(coerce=int, label="Where it stands", help_text="The most urgent first.")
    immediate = forms.BooleanField(
        required=False,
        label="Immediate: the case names the force incident manager, and the control room comes first",
    )
    source = forms.CharField(
        required=False, max_length=300, label="Source", help_text="The policy that sets it."
    )
    active = forms.BooleanField(required=False, label="In use")

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        below = [(number, f"after “{name}”") for number, name in enumerate(places, start=2)]
        self.fields["place"].choices = [(1, "first"), *below]
