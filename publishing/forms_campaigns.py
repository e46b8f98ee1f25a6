"""What campaigns and 24-hour logs take in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Neighbourhood, OfficialAccount
from core import clock, sheets
from core.errors import NotValid
from publishing import stripping, times
from publishing.actions.logs import MOST_AT_ONCE, Line
from publishing.models import Campaign, Tag

SHAPE = sheets.Shape(
    "lines",
    MOST_AT_ONCE,
    2 * 1024 * 1024,
    known=("words", "happened_at", "key"),
    needed=("words",),
    instead="Send it in parts.",
    others=True,
)
PACES = (
    (60, "minute"),
    (120, "2 minutes"),
    (180, "3 minutes"),
    (300, "5 minutes"),
    (600, "10 minutes"),
    (900, "15 minutes"),
    (1800, "half hour"),
)


class CampaignForm(forms.Form):
    """A campaign, as it is planned or changed."""

    name = forms.CharField(label="Called", max_length=60)
    purpose = forms.CharField(
        label="What it is for", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    audience = forms.CharField(label="Whom it is for", required=False, max_length=300)
    accounts = forms.TypedMultipleChoiceField(
        label="Official accounts", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    neighbourhood = forms.ModelChoiceField(
        label="Neighbourhood",
        queryset=Neighbourhood.objects.none(),
        required=False,
        empty_label="The whole force",
    )
    hashtag = forms.ModelChoiceField(
        label="Hashtag",
        queryset=Tag.objects.none(),
        required=False,
        empty_label="None",
        help_text="One of the force’s. It is put to the words of a log by itself.",
    )
    starts_at = forms.CharField(
        label="From, London time",
        required=False,
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Left empty: from now.",
    )
    ends_at = forms.CharField(
        label="Until, London time",
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    pace_s = forms.TypedChoiceField(label="One post every", coerce=int, choices=PACES)

    def __init__(
        self,
        data=None,
        *,
        kind: str,
        accounts: Sequence[OfficialAccount] = (),
        present: Campaign | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.kind, self.present = kind, present
        self.fields["neighbourhood"].queryset = Neighbourhood.objects.order_by("name")
        self.fields["hashtag"].queryset = Tag.objects.filter(kind=Tag.Kind.HASHTAG, retired_at=None)
        self.fields["accounts"].choices = [
            (a.pk, f"{a.name} (exercise)" if a.exercise else a.name) for a in accounts
        ]
        if present is not None:
            del self.fields["name"], self.fields["accounts"]
        if kind != Campaign.Kind.LOG:
            del self.fields["pace_s"]

    def said(self) -> dict[str, Any]:
        """What was typed, for the action. Raises NotValid for a time that there is not."""
        given = dict(self.cleaned_data)
        if "accounts" in given:
            given["account_ids"] = given.pop("accounts")
        present = self.present
        given["starts_at"] = self._at("starts_at", present.starts_at if present else None) or clock.now()
        given["ends_at"] = self._at("ends_at", present.ends_at if present else None)
        if given["ends_at"] is None:
            raise NotValid("Say until when.", field="ends_at")
        return given

    def _at(self, field: str, present: datetime | None) -> datetime | None:
        """What stands there already may have passed since."""
        typed = self.cleaned_data[field]
        if present is not None and typed == times.to_wall_clock(present):
            return present
        return times.from_wall_clock(typed, field=field)


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """A campaign as its form shows it."""
    return {
        "purpose": campaign.purpose,
        "audience": campaign.audience,
        "neighbourhood": campaign.neighbourhood_id,
        "hashtag": campaign.hashtag_id,
        "starts_at": times.to_wall_clock(campaign.starts_at),
        "ends_at": times.to_wall_clock(campaign.ends_at),
        "pace_s": campaign.pace_s,
    }


class ResultForm(forms.Form):
    """What came of a campaign."""

    result = forms.CharField(
        label="What came of it",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What it reached, and what to do otherwise next time.",
    )


class LineForm(forms.Form):
    """One line, typed in."""

    happened_at = forms.TimeField(
        label="Happened at, London time",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="In the last 24 hours.",
    )
    words = forms.CharField(
        label="The line as it stands in the log",
        max_length=stripping.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Names and addresses are taken out in the next step, before anybody publishes it.",
    )

    def line(self) -> Line:
        """The line, at the last time that London clocks showed this."""
        at = self.cleaned_data["happened_at"]
        if at is None:
            return Line(self.cleaned_data["words"])
        now = clock.in_london(clock.now())
        then = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        if then > now:
            then = times.day_before(then)
        return Line(self.cleaned_data["words"], then)


class LinesFileForm(forms.Form):
    """Many lines, in a file."""

    file = forms.FileField(
        label="File of lines",
        allow_empty_file=True,
        help_text="CSV with a heading: words, and if there are any, happened_at (2026-03-01T23:40) and key. "
        f"At most {MOST_AT_ONCE:,} lines.",
    )

    def lines(self) -> list[Line]:
        """The lines of the file. Raises NotValid, naming its line."""
        content = self.cleaned_data["file"].read(SHAPE.largest_bytes + 1)
        return [_line(row) for row in sheets.read(content, SHAPE)]


def _line(row: dict[str, str]) -> Line:
    number, words, typed = row[sheets.LINE], row["words"], row["happened_at"]
    if not words:
        raise NotValid(f"Line {number} has no words. Nothing was taken in.", field="file")
    at = None
    if typed:
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            raise NotValid(
                f"“{typed[:40]}” in line {number} is no time. Write it like 2026-03-01T23:40. Nothing was taken in.",
                field="file",
            ) from None
        at = at if at.tzinfo else at.replace(tzinfo=clock.LONDON)
        if not 2000 <= at.year <= 2200:
            raise NotValid(f"Line {number} has the year {at.year}. Nothing was taken in.", field="file")
    return Line(words, at, row["key"])


class ReadForm(forms.Form):
    """A line as it is to go out."""

    words = forms.CharField(
        label="What goes out",
        error_messages={"required": "Write what is to go out, or pass the line over."},
        max_length=2000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    why_stays = forms.CharField(
        label="If something stays that tells who or where: why it may",
        required=False,
        max_length=500,
    )
