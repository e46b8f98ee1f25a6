"""What somebody looks for in the trail. Times are London wall clock."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms

from audit import queries
from audit.catalogue import EVENTS
from core.clock import LONDON


class LondonTime(forms.Field):
    """A moment by London clocks. In the hour that clocks show twice, `fold` says which one is meant."""

    def __init__(self, *, fold: int, **kwargs) -> None:
        super().__init__(
            required=False,
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            **kwargs,
        )
        self.fold = fold

    def to_python(self, value):
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise forms.ValidationError("Give a date and a time, such as 2026-11-22 03:00.") from None
        if not 2000 <= moment.year <= 2200:
            raise forms.ValidationError("Give a year from 2000 to 2200.")
        if moment.tzinfo is None:
            return moment.replace(tzinfo=LONDON, fold=self.fold)
        # In UTC: Python takes offsets up to 24 hours, Postgres refuses those over 16.
        return moment.astimezone(UTC)


class Trail(forms.Form):
    """Filters of the trail."""

    person = forms.ChoiceField(required=False, label="Who")
    event = forms.ChoiceField(required=False, label="What happened")
    subject = forms.ChoiceField(
        required=False,
        label="To what",
        choices=[("", "Anything"), *((kind, kind.capitalize()) for kind in queries.SUBJECTS)],
    )
    number = forms.RegexField(
        r"^(W-)?[0-9]{1,18}$",
        required=False,
        label="Its number",
        error_messages={"invalid": "Give a number, such as 412 or W-2041."},
    )
    official_account = forms.ChoiceField(required=False, label="Official account")
    since = LondonTime(fold=0, label="From")
    until = LondonTime(fold=1, label="Up to")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "Anybody"), *queries.people()]
        self.fields["event"].choices = [("", "Anything"), *_grouped_events()]
        self.fields["official_account"].choices = [("", "Any"), *queries.official_accounts()]

    def clean(self):
        given = super().clean()
        if given.get("number") and not given.get("subject"):
            self.add_error("subject", "Choose what the number belongs to.")
        return given

    def filters(self) -> queries.Filters:
        """The filters; call it when the form is valid."""
        given = self.cleaned_data
        return queries.Filters(
            person=given["person"],
            event=given["event"],
            subject=given["subject"],
            number=given["number"],
            official_account=int(given["official_account"]) if given["official_account"] else None,
            since=given["since"],
            until=given["until"],
        )


class WhoSaw(forms.Form):
    """Which comment."""

    comment = forms.IntegerField(min_value=1, max_value=2**62, label="Number of the comment")


def _grouped_events() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in EVENTS:
        if EVENTS[name].restricted:
            continue
        groups.setdefault(name.partition(".")[0].capitalize(), []).append((name, queries.event_name(name)))
    return sorted(groups.items())
