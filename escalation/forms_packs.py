"""What people type to take something of a case along."""

from __future__ import annotations

from django import forms

from moderation.models import SavedReply

SPOC = "Communications data SPoC"


class TakeSheet(forms.Form):
    to = forms.CharField(max_length=200, label="For whom", initial=SPOC)
    how = forms.ChoiceField(
        label="As", choices=[("pdf", "A sheet (PDF)"), ("txt", "Plain text, to copy from")], initial="pdf"
    )


class TakeExhibits(forms.Form):
    to = forms.CharField(
        max_length=200,
        label="For whom",
        help_text="Name and unit; it stands in the audit trail.",
        error_messages={"required": "Name who gets it."},
    )
    mark = forms.CharField(
        max_length=4,
        label="Initials of whoever produces them",
        help_text="AH numbers the exhibits AH/1, AH/2 and so on.",
    )

    def clean_mark(self) -> str:
        return self.cleaned_data["mark"].strip().upper()


class KeepPost(forms.Form):
    post = forms.TypedChoiceField(coerce=int, label="Which post of ours")
    why = forms.CharField(required=False, max_length=300, label="Why it belongs here")

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = posts


class OfferReply(forms.Form):
    """A saved reply for one of the authors of the case."""

    comment = forms.ChoiceField(label="To whom")
    saved = forms.ModelChoiceField(
        SavedReply.objects.none(),
        label="Saved reply",
        empty_label=None,
        error_messages={"invalid_choice": "That saved reply is not there any more. Choose another one."},
    )

    def __init__(self, *args, offer, **kwargs):
        kwargs.setdefault("initial", {"saved": offer.first, "comment": offer.comment})
        super().__init__(*args, **kwargs)
        self.fields["comment"].choices = offer.comments
        self.fields["saved"].queryset = offer.replies
        if len(offer.comments) == 1:
            self.fields["comment"].widget = forms.HiddenInput()


def initials(name: str) -> str:
    """ "Amira Hussain" is AH."""
    return "".join(word[0] for word in name.split() if word[0].isalpha())[:4].upper()
