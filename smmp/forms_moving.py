"""A file of another product, and which of its columns is what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from smmp.models import Import
from smmp.moving.fields import Field
from smmp.moving.kinds import KINDS

SAME = "="
"""What the choice of a column says where the field is the same for all rows."""


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """One file or several."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each of them, checked as one would be."""
        chosen = data if isinstance(data, list | tuple) else [data] if data else []
        if not chosen:
            return [super().clean(None, initial)] if self.required else []
        return [super(FilesField, self).clean(one, initial) for one in chosen]


class FileForm(forms.Form):
    kind = forms.ChoiceField(label="What is in it", error_messages={"required": "Choose what is in it."})
    product = forms.CharField(
        label="Product that it comes from",
        max_length=60,
        help_text="Its name: the columns that you choose are kept for its next file.",
        error_messages={"required": "Name the product that the file comes from."},
    )
    files = FilesField(  # type: ignore[assignment]  # a form's own files are no attribute once it is made
        label="The file",
        help_text="CSV, UTF-8 with commas, at most 5,000 lines. Pictures: a ZIP file with the CSV in it, or all files chosen together. Nothing happens until you have seen what it comes to.",
        error_messages={"required": "Choose the file.", "empty": "The file is empty."},
        widget=ManyFiles(attrs={"accept": ".csv,.zip,image/*,video/mp4,video/quicktime"}),
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = [("", "Choose one"), *((kind, name) for kind, name, _ in kinds)]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class MappingForm(forms.Form):
    """For each of our fields a column of the file, or what it is for all rows."""

    def __init__(self, *args: Any, kept: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        self.asked: Sequence[Field] = KINDS[kept.kind].fields
        columns = [(f"c{n}", column) for n, column in enumerate(kept.columns)]
        for one in self.asked:
            chosen = kept.mapping.get(one.name, {})
            place = next((mark for mark, column in columns if column == chosen.get("column")), "")
            self.fields[one.name] = forms.ChoiceField(
                label=one.label,
                required=False,
                help_text=one.help,
                choices=[("", "Nothing"), (SAME, "The same for all rows, beside"), *columns],
                initial=place or (SAME if "value" in chosen else ""),
            )
            same: forms.Field
            if one.choices:
                same = forms.ChoiceField(required=False, choices=[("", "Choose one"), *one.choices])
            else:
                same = forms.CharField(required=False, max_length=min(one.most, 300))
            same.label = f"{one.label}, for all rows"
            same.initial = chosen.get("value", "")
            self.fields[f"{one.name}_all"] = same

    @property
    def pairs(self) -> list[tuple[Any, Any, bool]]:
        """Each field with what it is for all rows, and whether it is needed."""
        return [(self[one.name], self[f"{one.name}_all"], one.needed) for one in self.asked]

    def mapping(self) -> dict[str, dict[str, str]]:
        """As actions.moving.map_columns takes it."""
        found = {}
        for one in self.asked:
            place, same = self.cleaned_data[one.name], self.cleaned_data[f"{one.name}_all"]
            if place == SAME and same:
                found[one.name] = {"value": same}
            elif place.startswith("c"):
                found[one.name] = {"column": self.kept.columns[int(place[1:])]}
        return found
