"""Which part of the sealed trail is handed over, and to whom. Times are London wall clock."""

from __future__ import annotations

from typing import Any

from django import forms

from audit import reasons
from audit.forms import LondonTime
from core.errors import NotValid


class SealedExport(forms.Form):
    """A time, somebody who receives it, and why."""

    since = LondonTime(fold=0, label="From", help_text="Empty means from the beginning of the trail.")
    until = LondonTime(fold=1, label="Up to", help_text="Empty means up to the last seal.")
    to = forms.CharField(
        label="Given to whom",
        max_length=200,
        error_messages={"required": "Say who receives it: the law asks for it (DPA 2018 s.62)."},
        help_text="The person or body that receives it, such as DI S. Kerr, Professional Standards.",
    )
    reason = forms.CharField(
        label=reasons.ASKED["export"].question, max_length=reasons.LONGEST, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = reasons.mode("export")
        if asked == reasons.Mode.OFF:
            del self.fields["reason"]
        else:
            self.fields["reason"].required = asked == reasons.Mode.REQUIRED
            self.fields["reason"].error_messages["required"] = (
                f"{reasons.ASKED['export'].question} Say it in a few words, such as a complaint’s number."
            )

    def clean_reason(self) -> str:
        try:
            return reasons.check("export", self.cleaned_data["reason"])
        except NotValid as wrong:
            raise forms.ValidationError(wrong.sentence) from None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since >= until:
            self.add_error("until", "The end must come after the beginning.")
        return given
