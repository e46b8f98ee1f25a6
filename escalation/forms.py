"""What people type on the pages of cases."""

from __future__ import annotations

from django import forms

from accounts.models import OfficialAccount
from escalation.models import Pathway


class OpenCase(forms.Form):
    """A case without a comment."""

    official_account = forms.ModelChoiceField(OfficialAccount.objects.none(), label="Official account")
    pathway = forms.ModelChoiceField(Pathway.objects.none(), label="Kind of risk")
    title = forms.CharField(
        max_length=160,
        label="Title",
        help_text="The kind of risk and the place, e.g. “Concern for safety, Saltmere viaduct”. "
        "No words of members of the public: the title travels in notices.",
    )
    why = forms.CharField(
        max_length=4000,
        label="What you know and what worries you",
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args, accounts, pathways, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["official_account"].queryset = accounts
        self.fields["pathway"].queryset = pathways


class AddLogEntry(forms.Form):
    text = forms.CharField(
        label="Add to the log",
        error_messages={"required": "Write what was done, said or learned."},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was done, said or learned. It stays as you write it.",
    )


class AddComment(forms.Form):
    comment = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        label="Number of the comment",
        help_text="It stands at the top of its conversation.",
    )
    why = forms.CharField(max_length=300, required=False, label="Why it belongs here")


class CloseCase(forms.Form):
    outcome = forms.CharField(
        label="How it ended",
        error_messages={"required": "Say how it ended: what was done, and that the person is safe."},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What was done, and whether the person is safe. The log keeps it.",
    )


class ReopenCase(forms.Form):
    why = forms.CharField(
        max_length=500,
        label="Why it is needed again",
        error_messages={"required": "Say why it is needed again."},
    )


class CannotTake(forms.Form):
    why = forms.CharField(max_length=300, required=False, label="Why, if you can say")
