"""What the public tells on an appeal, and what staff decide about it."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from accounts.models import Neighbourhood
from moderation import tips
from moderation.actions.tips import WORDS_LENGTH, Told
from moderation.models import Tip

NO_POINT = "Give latitude and longitude with a comma between, such as 53.1234, -1.2345, or leave it empty."


class _Placed(forms.Form):
    """A part of the forms that say where something was."""

    area = forms.ModelChoiceField(
        label="In which area",
        required=False,
        queryset=Neighbourhood.objects.none(),
        empty_label="I do not know",
        error_messages={"invalid_choice": "Choose an area from the list, or none."},
    )
    point = forms.CharField(
        label="Its exact place",
        required=False,
        max_length=60,
        help_text="Latitude and longitude, such as 53.1234, -1.2345: a map on your phone gives them.",
    )

    def __init__(self, data=None, files=None, **kwargs) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["area"].queryset = Neighbourhood.objects.order_by("name")

    def clean_point(self) -> tuple[float, float] | None:
        text = self.cleaned_data["point"].strip()
        if not text:
            return None
        point = tips.point_of(text)
        if point is None:
            raise forms.ValidationError(NO_POINT)
        return point


class TellForm(_Placed):
    """What somebody of the public knows. Nothing but that is asked for."""

    words = forms.CharField(
        label="What do you know?",
        required=False,
        max_length=WORDS_LENGTH,
        strip=False,
        help_text="What you saw or heard, and how you know it.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    when = forms.CharField(
        label="When was it?",
        required=False,
        max_length=200,
        help_text="Such as: Sunday, about 4 in the afternoon.",
    )
    place = forms.CharField(
        label="Where was it?", required=False, max_length=200, help_text="A street, a shop, a bus stop."
    )
    file = forms.FileField(
        label="A photo or video",
        required=False,
        allow_empty_file=True,
        help_text="JPEG, PNG or WebP, or MP4 up to 50 MB. Where and when it was taken is removed from the copy that officers "
        "look at; the original is kept sealed.",
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,video/mp4,video/quicktime"}
        ),
    )
    name = forms.CharField(
        label="Your name",
        required=False,
        max_length=120,
        help_text="Only if you wish that we can ask you back. Reading it is recorded.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    telephone = forms.CharField(
        label="Your telephone number",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label="Your e-mail address",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Write it as name@example.org, or leave it empty."},
    )
    field_order = ("words", "when", "place", "area", "point", "file", "name", "telephone", "email")

    @property
    def told(self) -> Told:
        point = self.cleaned_data["point"]
        return Told(
            words=self.cleaned_data["words"],
            when=self.cleaned_data["when"],
            place=self.cleaned_data["place"],
            area=self.cleaned_data["area"],
            latitude=point[0] if point else None,
            longitude=point[1] if point else None,
            name=self.cleaned_data["name"],
            telephone=self.cleaned_data["telephone"],
            email=self.cleaned_data["email"],
        )


class PlaceForm(_Placed):
    """Where a tip was, as staff find it."""


class PassOnForm(forms.Form):
    """As what a tip goes on, and what it tells."""

    passed_as = forms.ChoiceField(
        label="It goes on as",
        choices=Tip.As.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose as what it goes on."},
    )
    why = forms.CharField(
        label="What it tells, in a few words",
        required=False,
        max_length=500,
        help_text="The first thing that is read in the case.",
    )


class SettleForm(forms.Form):
    """Nothing is to be done, and why."""

    why = forms.CharField(label="Why there is nothing to do", required=False, max_length=500)


class TakeCommentForm(forms.Form):
    """A comment or message from elsewhere that belongs to the appeal."""

    comment = forms.IntegerField(
        label="Number of a comment or message",
        min_value=1,
        max_value=2**62,
        error_messages={"required": "Give its number: it stands on its page at the desk."},
    )


def initial_place(tip: Tip) -> dict[str, object]:
    """What the form shows of where a tip is."""
    point = f"{tip.latitude}, {tip.longitude}" if tip.latitude is not None else ""
    return {"area": tip.area_id, "point": point}


CHOICES: Sequence[tuple[str, str]] = (
    (Tip.State.NEW, "Not looked at"),
    (Tip.State.PASSED_ON, "Passed on"),
    (Tip.State.SETTLED, "Nothing to do"),
)
