"""What the calendar, series and their neighbours take in."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, datetime

from django import forms

from accounts.models import OfficialAccount
from core import clock
from publishing import times
from publishing.checks.questions import Question
from publishing.forms_checks import Declared
from publishing.models import Asset, PostTemplate, Series, Tag
from publishing.queries_calendar import Choices, Only


class MoveForm(forms.Form):
    """Another time: the whole of it, or a day alone, which keeps the time of day as London shows it."""

    version = forms.IntegerField(min_value=0, max_value=10**9)
    publish_at = forms.CharField(required=False, max_length=40)
    day = forms.DateField(required=False)

    def instant(self, present: datetime | None) -> datetime | None:
        """The instant that was meant. Raises NotValid where London has no such time, or has it twice."""
        day: date | None = self.cleaned_data["day"]
        if day is None:
            return times.from_wall_clock(self.cleaned_data["publish_at"])
        wall = clock.in_london(present).strftime("%H:%M") if present else "09:00"
        return times.from_wall_clock(f"{day.isoformat()}T{wall}")


class FeedForm(forms.Form):
    """An address for a calendar program: what it is for, and what it shows."""

    name = forms.CharField(
        label="What it is for", max_length=80, help_text="The program or device, so that you know it again."
    )
    account = forms.TypedChoiceField(label="Official account", required=False, coerce=int, empty_value=None)
    team = forms.TypedChoiceField(label="Team", required=False, coerce=int, empty_value=None)
    neighbourhood = forms.TypedChoiceField(
        label="Neighbourhood", required=False, coerce=int, empty_value=None
    )

    def __init__(self, data=None, *, choices: Choices) -> None:
        super().__init__(data)
        self.fields["account"].choices = [
            ("", "All that you may see"),
            *((a.pk, a.name) for a in choices.accounts),
        ]
        self.fields["team"].choices = [("", "All teams"), *choices.teams]
        self.fields["neighbourhood"].choices = [("", "All neighbourhoods"), *choices.neighbourhoods]

    @property
    def only(self) -> Only:
        return Only(
            self.cleaned_data["account"], self.cleaned_data["team"], self.cleaned_data["neighbourhood"]
        )


class RepeatForm(forms.Form):
    """How a post comes again."""

    version = forms.IntegerField(min_value=0, max_value=10**9, widget=forms.HiddenInput)
    every = forms.ChoiceField(label="It comes every", choices=Series.Every.choices, widget=forms.RadioSelect)
    weekdays = forms.TypedMultipleChoiceField(
        label="Days of the week",
        required=False,
        coerce=int,
        choices=[(number, name) for number, name in enumerate(calendar.day_name)],
        widget=forms.CheckboxSelectMultiple,
        help_text="For every week.",
    )
    at = forms.TimeField(
        label="At, London time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="It stays this time on London clocks when they change.",
    )
    first_on = forms.DateField(
        label="First on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label="Last on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class TemplateForm(forms.Form):
    """A template or holding statement as it is written."""

    kind = forms.ChoiceField(label="It is a", choices=PostTemplate.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label="Called", max_length=120, help_text="The name of one that is there makes its next version."
    )
    use_when = forms.CharField(label="When to use it", required=False, max_length=300)
    words = forms.CharField(
        label="Words",
        max_length=10_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="A blank that has to be filled is [[what goes there]].",
    )


class FillForm(forms.Form):
    """The blanks of a template, and where the post goes."""

    accounts = forms.TypedMultipleChoiceField(
        label="Goes to", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, blanks: Sequence[str], accounts: Sequence[OfficialAccount]) -> None:
        super().__init__(data)
        self.blanks = list(blanks)
        self.fields["accounts"].choices = [(a.pk, a.name) for a in accounts]
        for number, blank in enumerate(self.blanks):
            self.fields[f"blank_{number}"] = forms.CharField(label=blank, max_length=500)

    @property
    def fills(self) -> dict[str, str]:
        return {blank: self.cleaned_data[f"blank_{number}"] for number, blank in enumerate(self.blanks)}


class TagForm(forms.Form):
    """A hashtag or a campaign."""

    kind = forms.ChoiceField(label="It is a", choices=Tag.Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label="Name", max_length=61, help_text="A hashtag has a capital for each word: #SaltmereViaduct."
    )
    about = forms.CharField(label="What it is for", required=False, max_length=300)


class AssetForm(forms.Form):
    """A picture or video for the library."""

    file = forms.FileField(
        label="Picture or video",
        allow_empty_file=True,
        help_text="JPEG, PNG, WebP or GIF up to 20 MB; MP4 or MOV up to 100 MB. Where and when it was taken is removed.",
    )
    title = forms.CharField(label="Called", max_length=120)
    alt_text = forms.CharField(
        label="What it shows, for people who cannot see it",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    captions = forms.FileField(
        label="Captions, for a video with speech",
        required=False,
        allow_empty_file=True,
        help_text="A WebVTT (.vtt) or SubRip (.srt) file.",
    )
    rights = forms.ChoiceField(label="Whose it is", choices=Asset.Rights.choices)
    credit = forms.CharField(
        label="Whom to credit", required=False, max_length=200, help_text="Needed where it is not ours."
    )
    consent = forms.ChoiceField(label="People in it", choices=Asset.Consent.choices)
    consent_note = forms.CharField(
        label="Where consent or reasons are kept",
        required=False,
        max_length=300,
        help_text="Needed where somebody can be recognised. Name the record, not the person.",
    )
    expires_on = forms.DateField(
        label="Last day on which it may go out",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Left empty, neither licence nor consent ends.",
    )


class FieldForm(Declared):
    """A neighbourhood officer's post: a photo, what it shows, the words, where it goes."""

    post = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=0, max_value=10**9, widget=forms.HiddenInput)
    picture = forms.FileField(label="Photo", required=False, allow_empty_file=True)
    alt_text = forms.CharField(
        label="What it shows", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    words = forms.CharField(
        label="Words",
        required=False,
        max_length=10_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    accounts = forms.TypedMultipleChoiceField(label="Goes to", required=False, coerce=int)

    def __init__(
        self,
        data=None,
        files=None,
        *,
        accounts: Sequence[OfficialAccount],
        asked: Sequence[Question] = (),
        **kwargs,
    ) -> None:
        super().__init__(data, files, auto_id="%s", **kwargs)
        self.ask(asked)
        self.fields["accounts"].choices = [(a.pk, a.name) for a in accounts]
