"""What the control takes in: why, which kind, over what; and how one ends."""

from __future__ import annotations

from django import forms

from publishing.models import Lockdown
from publishing.queries_lockdown import Choices
from publishing.stopping import WHAT, Scope, scope_of


def _picks(label: str) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )


class StartForm(forms.Form):
    """Starting. Two buttons choose the kind; with nothing ticked it is the whole force."""

    kind = forms.ChoiceField(required=False, choices=Lockdown.Kind.choices)
    why = forms.CharField(
        label="Why",
        max_length=400,
        error_messages={"required": "Say why, in a few words. Colleagues see it at the top of every page."},
        help_text="Everyone who is signed in reads it at the top of every page.",
    )
    drill = forms.BooleanField(
        label="This is an exercise: mark it as one, tell people so, and hold nothing", required=False
    )
    official_accounts = _picks("Official accounts")
    neighbourhoods = _picks("Neighbourhoods")
    teams = _picks("Teams")
    what = forms.MultipleChoiceField(
        label="Kinds of content",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(slug, name) for slug, (name, _) in WHAT.items()],
    )
    campaigns = _picks("Campaigns")

    def __init__(self, data=None, *, choices: Choices) -> None:
        super().__init__(data)
        for name in ("official_accounts", "neighbourhoods", "teams", "campaigns"):
            self.fields[name].choices = getattr(choices, name)
            for error in ("invalid_choice", "invalid_list"):
                self.fields[name].error_messages[error] = (
                    "Part of what was chosen is not there any more. Choose again."
                )

    def scope(self) -> Scope:
        """Raises NotValid."""
        given = self.cleaned_data
        return scope_of(
            official_accounts=given["official_accounts"],
            neighbourhoods=given["neighbourhoods"],
            teams=given["teams"],
            what=given["what"],
            campaigns=given["campaigns"],
        )

    @property
    def narrowed(self) -> bool:
        """Whether a part of the force was chosen, so that the choice is shown open."""
        names = ("official_accounts", "neighbourhoods", "teams", "what", "campaigns")
        return self.is_bound and any(name in self.data for name in names)

    @property
    def narrowings(self) -> list[forms.BoundField]:
        names = ("official_accounts", "neighbourhoods", "teams", "what", "campaigns")
        return [self[name] for name in names if self.fields[name].choices]


class EndForm(forms.Form):
    """Ending: why, and for a pause that one person ends alone, who agreed."""

    why = forms.CharField(label="Why it can end", required=False, max_length=400)
    manager_name = forms.CharField(
        label="Force incident manager who agreed",
        required=False,
        max_length=120,
        help_text="The name of whoever is on duty. It is kept with the pause.",
    )
