"""What arrives from the forms about surges, read and typed. Rules live in the actions, not here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import OfficialAccount
from moderation.models import Clause, SurgeAct
from staff.forms import LondonTime


class Start(forms.Form):
    """Surge mode by hand, where nothing was suggested."""

    official_account = forms.ModelChoiceField(
        label="Official account",
        queryset=OfficialAccount.objects.none(),
        empty_label="Choose one",
        error_messages={
            "required": "Choose the official account.",
            "invalid_choice": "Surge mode is on there already, or you may not start it there.",
        },
    )
    why = forms.CharField(
        label="Why",
        max_length=300,
        help_text="Colleagues read it in the banner. Nothing that identifies a person",
        error_messages={"required": "Say why, in a few words: colleagues read it in the banner."},
    )
    since = LondonTime(label="Since", required=False, help_text="Half an hour ago where you leave it empty")

    def __init__(self, *args: Any, accounts: QuerySet[OfficialAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official_account"].queryset = accounts  # type: ignore[attr-defined]


class Why(forms.Form):
    """Starting what was suggested, saying that it is none, or ending it."""

    do = forms.ChoiceField(
        choices=[("start", "Start"), ("dismiss", "No surge"), ("end", "End")],
        error_messages={
            "required": "Choose what to do.",
            "invalid_choice": "Choose what to do.",
        },
    )
    why = forms.CharField(label="Why", required=False, max_length=300)


class Decide(forms.Form):
    """One decision for the comments that the preview showed."""

    kind = forms.ChoiceField(
        choices=SurgeAct.Kind.choices,
        error_messages={
            "required": "Choose what is to be done with them.",
            "invalid_choice": "Choose what is to be done with them.",
        },
    )
    clause = forms.ModelChoiceField(
        label="Clause of the published guidelines",
        queryset=Clause.objects.none(),
        required=False,
        empty_label="Choose one",
        error_messages={"invalid_choice": "That clause is not published any more. Choose another one."},
    )
    why = forms.CharField(label="Why", required=False, max_length=500)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=60_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].queryset = Clause.objects.filter(published=True)  # type: ignore[attr-defined]
