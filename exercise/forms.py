"""What trainers type."""

from __future__ import annotations

import math

from django import forms

from exercise.actions.runs import FASTEST
from exercise.models import Profile

SPEEDS = [("1", "As it happened (1×)"), ("10", "10×"), ("60", "60×"), ("max", "All at once")]


class Start(forms.Form):
    """Which scenario, how fast."""

    scenario = forms.SlugField(
        max_length=60, error_messages={"required": "Choose a scenario.", "invalid": "Choose a scenario."}
    )
    speed = forms.CharField(
        max_length=12, error_messages={"required": "Choose a speed.", "max_length": "Choose a speed."}
    )

    def clean_speed(self) -> float:
        return speed_of(self.cleaned_data["speed"])


def speed_of(typed: str) -> float:
    """A speed as typed: a number above 0, or “max”. Raises ValidationError with a sentence."""
    if typed.strip().lower() == "max":
        return FASTEST
    try:
        speed = float(typed)
    except ValueError:
        speed = math.nan
    if not 0 < speed <= FASTEST:
        raise forms.ValidationError("Give a speed above 0, such as 1, 10 or 60; or max.")
    return speed


class Weather(forms.Form):
    """How the network treats one official profile's connector."""

    handle = forms.CharField(max_length=30)
    weather = forms.ChoiceField(choices=Profile.Weather.choices)


class Words(forms.Form):
    """What a trainer writes as a member of the public. Rules of length stand in exercise.limits."""

    handle = forms.CharField(
        label="Handle",
        max_length=31,
        error_messages={
            "required": "Give the handle to write as, such as jo_harrow.",
            "max_length": "A handle has at most 30 characters.",
        },
    )
    name = forms.CharField(label="Name", max_length=80, required=False)
    text = forms.CharField(
        label="Words",
        widget=forms.Textarea(attrs={"rows": 4}),
        strip=False,
        error_messages={"required": "Write something first."},
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned is not None and not cleaned.get("name"):
            cleaned["name"] = cleaned.get("handle", "")
        return cleaned
