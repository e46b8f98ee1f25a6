"""The letters about one's own sign-in: what each says. They name what changed, never a secret.

Source: ASVS 6.3.7 (tell people of changes to how they authenticate).
"""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from core import clock
from staff import links
from staff.models import Letter

_UNEXPECTED = (
    "If this was not you, tell your service administrator and information security at once, and do not "
    "open any link in another letter.\n"
)

SUBJECTS: dict[str, str] = {
    Letter.Kind.FACTOR: "Your second factor was changed",
    Letter.Kind.PASSWORD: "Your password was changed",
    Letter.Kind.EMAIL: "Your e-mail address was changed",
    Letter.Kind.RECOVERY: "Somebody asked to renew your sign-in",
    Letter.Kind.RESET: "Choose a new password",
    Letter.Kind.DEVICE: "A sign-in on a new device",
}


def subject(letter: Letter) -> str:
    """One line, with the force's name."""
    return f"{SUBJECTS[letter.kind]} ({settings.FORCE_NAME}, social media platform)"


def text(letter: Letter) -> str:
    """The whole letter. The link of a reset is made now, so that none lies in the database."""
    return f"{letter.member.called},\n\n{_said(letter)}\n"


def _said(letter: Letter) -> str:
    at = clock.in_london(letter.made_at).strftime("%d %B %Y at %H:%M")
    if letter.kind == Letter.Kind.RESET:
        return (
            f"Open this link within an hour to choose a new password. It works once.\n\n"
            f"{links.make_reset(letter.member)}\n\n"
            "Your second factor stays as it is and is asked for afterwards.\n\n"
            "If you did not ask for this, you need do nothing: without the link nothing changes."
        )
    if letter.kind == Letter.Kind.DEVICE:
        return (
            f"on {at} you signed in on a device that was not used with your name before: {letter.what}.\n\n"
            f"If this was not you, end that session at {settings.PUBLIC_ADDRESS + reverse('staff:sessions')} and "
            "tell your service administrator and information security at once.\n"
        )
    if letter.kind == Letter.Kind.EMAIL:
        return f"On {at} the e-mail address of your sign-in was changed. {letter.what}\n\n{_UNEXPECTED}"
    if letter.kind == Letter.Kind.RECOVERY:
        return (
            f"On {at} {letter.what} asked to renew your sign-in, for a lost password or second factor. A second "
            f"administrator has to agree; then your password and second factors stop working and you get a link "
            f"to set them up again.\n\n{_UNEXPECTED}"
        )
    return f"On {at}: {letter.what}\n\n{_UNEXPECTED}"
