"""What somebody looks for in the trail. Times are London wall clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django import forms

from audit import queries, reasons
from audit.catalogue import EVENTS, OPERATIONS
from core.clock import LONDON
from core.errors import NotValid
from core.middleware import plain_address


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
    operation = forms.ChoiceField(
        required=False,
        label="Kind of processing",
        choices=[("", "Any"), *((name, name.capitalize()) for name in OPERATIONS)],
    )
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
    commenter = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**62,
        label="Commenter’s reference",
        help_text="Its number stands on the page of who saw a comment.",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Give the number of a commenter, such as 31."},
    )
    address = forms.CharField(
        required=False,
        max_length=45,
        label="Network address",
        help_text="Whole, or the beginning of several: 192.0.2. with its dot.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    since = LondonTime(fold=0, label="From")
    until = LondonTime(fold=1, label="Up to")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "Anybody"), *queries.people()]
        self.fields["event"].choices = [("", "Anything"), *_grouped_events()]
        self.fields["official_account"].choices = [("", "Any"), *queries.official_accounts()]

    def clean_address(self) -> str:
        given = self.cleaned_data["address"].strip().lower()
        if not given or re.fullmatch(r"[0-9a-f.:]*[.:]", given):
            return given
        if plain := plain_address(given):
            return plain
        raise forms.ValidationError(
            "Give an address such as 192.0.2.7, or its beginning with the dot: 192.0.2."
        )

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
            operation=given["operation"],
            commenter=given["commenter"],
            address=given["address"],
            since=given["since"],
            until=given["until"],
        )


class WhoSaw(forms.Form):
    """Which comment."""

    comment = forms.IntegerField(min_value=1, max_value=2**62, label="Number of the comment")


class Export(forms.Form):
    """As what, for whom, and why."""

    format = forms.ChoiceField(
        label="As",
        choices=[("csv", "CSV, for a spreadsheet"), ("jsonl", "JSON Lines, for another system")],
        initial="csv",
    )
    to = forms.CharField(
        label="Given to whom",
        max_length=200,
        help_text="The person or body that receives it, such as DI S. Kerr, Professional Standards.",
        error_messages={"required": "Say who receives it: the law asks for it (DPA 2018 s.62)."},
    )
    reason = forms.CharField(label="Why", max_length=300, required=False, strip=True)

    def clean_reason(self) -> str:
        return _reason("export", self.cleaned_data["reason"])


class Reason(forms.Form):
    """Why somebody opens the trail."""

    reason = forms.CharField(label="What are you looking into?", max_length=300, required=False)

    def clean_reason(self) -> str:
        return _reason("audit.view", self.cleaned_data["reason"])


def _reason(action: str, given: str) -> str:
    try:
        return reasons.check(action, given)
    except NotValid as refusal:
        raise forms.ValidationError(refusal.sentence) from None


class SaveSearch(forms.Form):
    name = forms.CharField(
        label="Name of the search", max_length=60, error_messages={"required": "Give the search a name."}
    )


class Assign(forms.Form):
    """Whose acts, of which time, for whom."""

    reference = forms.CharField(
        label="Case reference",
        max_length=60,
        help_text="Of the professional standards case, such as PSD-0418.",
        error_messages={"required": "Give the reference of the case."},
    )
    officer = forms.TypedChoiceField(
        label="Who may read it",
        coerce=int,
        error_messages={"required": "Choose who may read it."},
    )
    people = forms.TypedMultipleChoiceField(
        label="Whose acts",
        coerce=int,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="Hold Ctrl to choose several.",
        error_messages={"required": "Choose whose acts are looked into."},
    )
    since = LondonTime(fold=0, label="What they did from")
    until = LondonTime(fold=1, label="Up to")
    ends = LondonTime(fold=1, label="It may be read until")
    why = forms.CharField(
        label="Why",
        max_length=400,
        error_messages={"required": "Say why, in a few words."},
        help_text="Kept with the assignment and in the audit trail.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["officer"].choices = [("", "Choose"), *((p.pk, str(p)) for p in queries.officers())]
        self.fields["people"].choices = queries.members()
        for name in ("since", "until", "ends"):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = "Give a date and a time."

    def clean(self):
        given = super().clean()
        for name in ("since", "until", "ends"):
            if name not in self.errors and given.get(name) is None:
                self.add_error(name, "Give a date and a time.")
        return given


class SetReason(forms.Form):
    of = forms.CharField(max_length=40)
    mode = forms.CharField(max_length=8)


def _grouped_events() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in EVENTS:
        if EVENTS[name].restricted:
            continue
        groups.setdefault(name.partition(".")[0].capitalize(), []).append((name, queries.event_name(name)))
    return sorted(groups.items())
