"""What the public and staff type about accounts that pretend to be the force."""

from __future__ import annotations

from django import forms

from accounts.forms_mandates import PLATFORMS


class ReportForm(forms.Form):
    """What somebody of the public says; no name and no address of theirs is asked for."""

    what = forms.CharField(
        label="Handle, or link of its page",
        max_length=300,
        error_messages={"required": "Give the handle of the account, or copy the link of its page."},
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    words = forms.CharField(
        label="What it does, in your words",
        required=False,
        max_length=1000,
        help_text="Nothing about yourself: we do not ask who you are.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NoticeForm(forms.Form):
    """What a member of staff has seen."""

    what = forms.CharField(
        label="Handle, or link of its page",
        max_length=300,
        error_messages={"required": "Give its handle, or the link of its page."},
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    platform = forms.ChoiceField(
        label="Platform", required=False, choices=[("", "As the link says"), *PLATFORMS]
    )
    name = forms.CharField(label="Name that it shows", max_length=120, required=False)
    words = forms.CharField(
        label="What it does", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ListForm(forms.Form):
    """Handles of a platform, to be compared with ours."""

    platform = forms.ChoiceField(
        label="Platform",
        choices=[("", "Choose a platform"), *PLATFORMS],
        error_messages={"required": "Choose the platform that the list is of."},
    )
    lines = forms.CharField(
        label="Handles, one a line",
        max_length=60_000,
        help_text="Only those that look like ours are kept.",
        error_messages={"required": "Paste one handle a line."},
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )


class StepForm(forms.Form):
    """Words for a step, and what else one of the steps takes."""

    words = forms.CharField(max_length=2000, required=False)
    name = forms.CharField(max_length=120, required=False)
    reference = forms.CharField(max_length=120, required=False)
    chase_on = forms.DateField(required=False, error_messages={"invalid": "Give a date, such as 2027-03-31."})
