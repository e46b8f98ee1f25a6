"""What trainers type when they write a scenario. What may be said stands in exercise.scenarios, which judges it."""

from __future__ import annotations

from typing import Any

from django import forms

from exercise import library, scenarios
from exercise.models import Profile

_AT = {"pattern": r"\d{1,3}:[0-5]\d", "inputmode": "numeric", "placeholder": "07:30"}


def _slug_words(slugs) -> list[tuple[str, str]]:
    return [("", "Choose"), *((slug, slug.replace("_", " ").capitalize()) for slug in sorted(slugs))]


def _at(label: str, *, required: bool = True, help_text: str = "") -> forms.RegexField:
    return forms.RegexField(
        r"^\d{1,3}:[0-5]\d$",
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs=_AT),
        error_messages={
            "required": "Say when, in minutes and seconds of the scenario.",
            "invalid": "Write minutes and seconds of the scenario, such as 07:30.",
        },
    )


def _words(
    label: str, most: int, *, required: bool = True, help_text: str = "", rows: int = 3
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": "Write something here.",
            "max_length": f"Write at most {most:,} characters.",
        },
    )


def _name() -> forms.RegexField:
    return forms.RegexField(
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        label="Short name",
        max_length=60,
        help_text="Small letters, figures and hyphens, such as flood-in-harrowfield. Runs are compared by it.",
        error_messages={
            "required": "Give it a short name.",
            "invalid": "Use small letters, figures and hyphens alone.",
        },
    )


def _title() -> forms.CharField:
    return forms.CharField(
        label="Title", max_length=120, error_messages={"required": "Give it a title, as trainers see it."}
    )


class Head(forms.Form):
    """What stands at the head of a scenario."""

    title = _title()
    summary = _words(
        "Summary", 1000, help_text="What happens, for whoever chooses it. The desk does not see it."
    )
    minutes = forms.IntegerField(
        label="Length in minutes",
        min_value=1,
        max_value=999,
        error_messages={"required": "Say how long it is.", "invalid": "Give a whole number of minutes."},
    )
    accounts = forms.MultipleChoiceField(
        label="Official profiles that take part",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one official profile."},
    )

    def __init__(
        self, *args: Any, profiles: list[Profile], also: list[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        known = {profile.handle: f"{profile.name} (@{profile.handle})" for profile in profiles}
        for handle in also or []:
            known.setdefault(handle, f"@{handle}, which is not on the exercise network")
        self.fields["accounts"].choices = list(known.items())  # type: ignore[attr-defined]


class Begin(Head):
    """A scenario from nothing."""

    name = _name()
    field_order = ("title", "name", "summary", "minutes", "accounts")


class Copy(forms.Form):
    """A scenario from another one."""

    of = forms.CharField(max_length=60, widget=forms.HiddenInput)
    title = _title()
    name = _name()


class Bring(forms.Form):
    """A scenario from a file."""

    file = forms.FileField(
        label="Scenario file (YAML)",
        help_text="At most 1 MB and 2,000 lines. It becomes a draft, which you can look at before it is put in use.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )


class PostLine(forms.Form):
    """What an official profile says."""

    at = _at("When")
    account = forms.ChoiceField(label="Official profile", error_messages={"required": "Choose a profile."})
    text = _words("Words", 500)

    def __init__(self, *args: Any, content: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [(one, f"@{one}") for one in content["accounts"]]  # type: ignore[attr-defined]

    def as_line(self, key: str) -> dict[str, Any]:
        """The line as the file has it."""
        return {"key": key, **{name: self.cleaned_data[name] for name in ("at", "account", "text")}}


class WeatherLine(forms.Form):
    """From when on the network treats an official profile's connector how."""

    at = _at("From")
    account = forms.ChoiceField(label="Official profile", error_messages={"required": "Choose a profile."})
    weather = forms.ChoiceField(
        label="Weather", choices=Profile.Weather.choices, error_messages={"required": "Choose a weather."}
    )

    def __init__(self, *args: Any, content: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [(one, f"@{one}") for one in content["accounts"]]  # type: ignore[attr-defined]

    def as_line(self, key: str) -> dict[str, Any]:
        """The line as the file has it; it has no key."""
        return {name: self.cleaned_data[name] for name in ("at", "account", "weather")}


class CommentLine(forms.Form):
    """What a member of the public says, and the truth about it."""

    at = _at("When")
    where = forms.ChoiceField(
        label="Where it stands",
        help_text="Under a post or another comment, or as a private message.",
        error_messages={"required": "Say where it stands."},
    )
    handle = forms.CharField(
        label="Handle",
        max_length=30,
        help_text="Of an invented person, in small letters.",
        error_messages={"required": "Give the handle that writes."},
    )
    name = forms.CharField(
        label="Name shown", max_length=80, error_messages={"required": "Give the name as it is shown."}
    )
    text = _words("Words", 2000)
    category = forms.ChoiceField(
        label="What it truly is",
        choices=_slug_words(scenarios.CATEGORIES),
        error_messages={"required": "Say what it truly is."},
    )
    risk = forms.ChoiceField(
        label="True risk",
        choices=[("", "Choose"), *((one, one.capitalize()) for one in scenarios.RISKS)],
        error_messages={"required": "Say how grave it truly is."},
    )
    hide_expected = forms.RegexField(
        r"^[a-z]+(_[a-z]+)*$",
        label="To be hidden under",
        required=False,
        max_length=40,
        help_text="The short name of a clause, such as misinformation_harm. Empty: it should stay in sight.",
        error_messages={"invalid": "A clause is called by small letters and underscores."},
    )
    note = _words(
        "Note for the debrief",
        scenarios.NOTE_LENGTH,
        required=False,
        rows=2,
        help_text="Who this is meant to be, and why it matters. Only trainers see it, on the marked sheet.",
    )
    edit_at = _at("Edited at", required=False)
    edit_text = _words("New words", 2000, required=False, rows=2)
    delete_at = _at("Deleted by its author at", required=False)

    def __init__(self, *args: Any, content: dict[str, Any], key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: list[tuple[str, str]] = [("", "Choose")]
        for section, called, row in library.rows_of(content):
            if section == "weather" or called == key or row.get("private"):
                continue
            first = " ".join(str(row.get("text", "")).split())[:60]
            places.append((f"under:{called}", f"Under {called}: {first}"))
        places += [(f"private:{one}", f"Privately to @{one}") for one in content["accounts"]]
        self.fields["where"].choices = places  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(row: dict[str, Any]) -> dict[str, Any]:
        """What stands in a line, as the form shows it."""
        edit = row.get("edit", {})
        return {
            **row,
            **row.get("by", {}),
            "where": f"private:{row['account']}" if row.get("private") else f"under:{row.get('under', '')}",
            "edit_at": edit.get("at", ""),
            "edit_text": edit.get("text", ""),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and bool(cleaned.get("edit_at")) != bool(cleaned.get("edit_text")) and not self.errors:
            missing = "edit_text" if cleaned.get("edit_at") else "edit_at"
            self.add_error(missing, "An edit needs both: when, and the new words.")
        return cleaned

    def as_line(self, key: str) -> dict[str, Any]:
        """The line as the file has it."""
        given = self.cleaned_data
        how, _, where = given["where"].partition(":")
        line: dict[str, Any] = {"key": key, "at": given["at"]}
        line |= {"private": True, "account": where} if how == "private" else {"under": where}
        line |= {
            "by": {"handle": given["handle"], "name": given["name"]},
            "text": given["text"],
            "category": given["category"],
            "risk": given["risk"],
        }
        line |= {name: given[name] for name in ("hide_expected", "note", "delete_at") if given[name]}
        if given["edit_at"]:
            line["edit"] = {"at": given["edit_at"], "text": given["edit_text"]}
        return line


LINES: dict[str, type[PostLine] | type[CommentLine] | type[WeatherLine]] = {
    "posts": PostLine,
    "comments": CommentLine,
    "weather": WeatherLine,
}
KEY_BEGINS = {"posts": "p", "comments": "c"}


def next_key(content: dict[str, Any], section: str) -> str:
    """A key that no line of the scenario has; empty for weather, which has none."""
    if section not in KEY_BEGINS:
        return ""
    taken = {called for _, called, _ in library.rows_of(content)}
    number = len(content.get(section, [])) + 1
    while (key := f"{KEY_BEGINS[section]}{number:03d}") in taken:
        number += 1
    return key
