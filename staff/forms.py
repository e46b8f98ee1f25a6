"""What people type to sign in and about themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms

from staff.models import Allowance, StaffMember

PASSWORD_MOST = 256


class SignInForm(forms.Form):
    email = forms.CharField(
        label="E-mail address",
        max_length=254,
        error_messages={"required": "Enter your work e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        strip=False,
        max_length=PASSWORD_MOST,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ForgottenForm(forms.Form):
    email = forms.CharField(
        label="E-mail address",
        max_length=254,
        error_messages={"required": "Enter your work e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=20,
        error_messages={"required": "Enter the six digits that the app shows now."},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )


class FirstPasswordForm(forms.Form):
    password = forms.CharField(
        label="New password",
        help_text="At least 12 characters. Three or four words that do not belong together are good.",
        strip=False,
        max_length=PASSWORD_MOST,
        error_messages={"required": "Choose a password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same once more",
        strip=False,
        max_length=PASSWORD_MOST,
        error_messages={"required": "Type it a second time."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self):
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", "The two are not the same. Type both again.")
        return given


class ChangePasswordForm(FirstPasswordForm):
    present = forms.CharField(
        label="Present password",
        strip=False,
        max_length=PASSWORD_MOST,
        error_messages={"required": "Enter your present password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("present", "password", "again")


class ProfileForm(forms.ModelForm):
    """Fields of the person's own; staff.actions.members writes them."""

    class Meta:
        model = StaffMember
        fields = ("theme", "single_keys", "phone")
        widgets = {
            "theme": forms.RadioSelect,
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        }
        labels = {"theme": "Appearance", "single_keys": "Single-key shortcuts act on the desk"}
        help_texts = {"phone": "Called when a case needs you. Leave it empty if you have none."}


EARLIEST, LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class LondonTime(forms.DateTimeField):
    """A date and time on London clocks. Times that clocks skip or show twice are refused by Django."""

    def __init__(self, *, required_words: str = "Give a date and a time.", **more):
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"],
            error_messages={
                "invalid": "Give a date and a time, such as 22/11/2026 18:00.",
                "required": required_words,
            },
            **more,
        )

    def clean(self, value):
        instant = super().clean(value)
        if instant is not None and not EARLIEST <= instant < LATEST:
            raise forms.ValidationError("That year is not meant, is it? Check the date.")
        return instant


class AllowanceForm(forms.Form):
    kind = forms.ChoiceField(
        label="What", choices=Allowance.Kind.choices, widget=forms.RadioSelect, initial=Allowance.Kind.DEVICE
    )
    email = forms.CharField(
        label="E-mail address of the person",
        max_length=254,
        error_messages={"required": "Give the address with which they sign in."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=300,
        help_text="What is needed that a force device or address cannot do.",
        error_messages={"required": "Say why, in a few words."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    until = LondonTime(
        label="Until", help_text="At most three months. London time.", required_words="Say until when."
    )
