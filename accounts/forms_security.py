"""What is typed about how an official account is secured on its platform."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import SecurityCheck
from staff.models import StaffMember


def _choice(label: str, choices: type, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", "Choose"), *choices.choices],  # type: ignore[attr-defined]
        help_text=help_text,
        error_messages={"required": "Say what you saw.", "invalid_choice": "Choose one of the answers."},
    )


class SecurityForm(forms.Form):
    """One look, on the platform itself and in the vault."""

    password = _choice(
        "Its password is long, used nowhere else, and in the vault",
        SecurityCheck.Seen,
        "Or a passkey stands in its place. Look in the vault; never write the password here.",
    )
    factor = _choice("Two-factor authentication", SecurityCheck.Factor)
    alerts = _choice("Alerts of new sign-ins are on and reach us", SecurityCheck.Seen)
    apps = _choice("Only the programs of the register are connected", SecurityCheck.Seen)
    personal = _choice("Personal e-mail addresses and devices", SecurityCheck.Personal)
    elsewhere = _choice("Devices off the force network", SecurityCheck.Elsewhere)
    devices = _choice("Unknown and redundant devices are signed out", SecurityCheck.Seen)
    words = forms.CharField(
        label="What else you saw",
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never a password or a code.",
    )
    together_with = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Looked at together with",
        required=False,
        empty_label="Nobody",
        help_text="Somebody of the other side: communications or information security.",
        error_messages={"invalid_choice": "Choose somebody of the list."},
    )

    def __init__(self, *args: Any, viewer: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["together_with"].queryset = StaffMember.objects.filter(  # type: ignore[attr-defined]
            active=True
        ).exclude(pk=viewer.pk)

    @classmethod
    def after(cls, last: SecurityCheck | None, *, viewer: StaffMember) -> SecurityForm:
        """Begun from what was seen last: whoever looks again changes what has changed."""
        names = ("password", "factor", "alerts", "apps", "personal", "elsewhere", "devices")
        return cls(initial={name: getattr(last, name) for name in names} if last else {}, viewer=viewer)
