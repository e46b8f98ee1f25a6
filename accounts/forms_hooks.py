"""Where a program is told of changes."""

from __future__ import annotations

from django import forms


class HookForm(forms.Form):
    address = forms.CharField(
        label="Address",
        max_length=500,
        help_text="https, on the public internet, or one that whoever runs the server has allowed. Secrets do not belong in it.",
        error_messages={"required": "Give the address at which the program is told."},
        widget=forms.URLInput(
            attrs={"autocomplete": "off", "placeholder": "https://www.wealdshire.example/register"}
        ),
    )
