"""Files of official accounts and of policing areas, and the address of the latter."""

from __future__ import annotations

from typing import Any

from django import forms


class AccountsFileForm(forms.Form):
    file = forms.FileField(
        label="The accounts, as CSV",
        help_text="UTF-8 with commas, at most 500 accounts. Nothing happens until you have seen what it comes to.",
        error_messages={"required": "Choose the file.", "empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class AreasForm(forms.Form):
    file = forms.FileField(
        label="A file (JSON)",
        required=False,
        help_text="In the shape of data.police.uk: a neighbourhood, or a list of them, each with its boundary.",
        error_messages={"empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    address = forms.CharField(
        label="Or its address",
        required=False,
        max_length=300,
        help_text="Such as https://data.police.uk/api/leicestershire/neighbourhoods",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = super().clean() or {}
        if not self.errors and bool(given.get("file")) == bool(given.get("address")):
            raise forms.ValidationError("Choose a file, or give an address: one of the two.")
        return given
