"""What people type to sign in and about themselves."""

from __future__ import annotations

from django import forms

from staff.models import StaffMember

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
