"""Official profiles on the exercise network, and the weather that their connectors meet."""

from __future__ import annotations

import hashlib
import secrets

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotValid
from exercise import limits
from exercise.authority import require_trainer
from exercise.models import Profile


def hash_of(token: str) -> str:
    """What is kept of a bearer token."""
    return hashlib.sha256(token.encode()).hexdigest()


@action
def open_profile(*, actor: Actor, handle: str, name: str, about: str = "") -> tuple[Profile, str]:
    """An official profile can speak on the exercise network. Returns it with its bearer token.

    The token is shown this once; only its SHA-256 is kept.
    Raises NotPermitted, or NotValid where the handle is not allowed or taken.
    Audits exercise.profile_opened.
    """
    require_trainer(actor)
    handle = limits.handle(handle)
    if Profile.objects.filter(handle=handle).exists():
        raise NotValid(f"The handle @{handle} is taken on the exercise network.", field="handle")
    token = secrets.token_urlsafe(32)
    profile = Profile.objects.create(
        handle=handle,
        name=limits.name(name),
        about=limits.storable(about, field="about").strip()[:200],
        official=True,
        token_hash=hash_of(token),
        created_at=clock.now(),
    )
    record(actor=actor, event="exercise.profile_opened", subject=profile, subject_name=str(profile))
    return profile, token


@action
def set_weather(*, actor: Actor, profile: Profile, weather: str) -> Profile:
    """The network treats the profile's connector as the weather says, from the next call on.

    Raises NotPermitted, or NotValid for an unknown weather or a profile that is not official.
    Audits exercise.weather_set.
    """
    require_trainer(actor)
    if weather not in Profile.Weather.values:
        raise NotValid(f"There is no weather “{weather[:40]}”.", field="weather")
    profile = Profile.objects.select_for_update().get(pk=profile.pk)
    if not profile.official:
        raise NotValid("Weather is for official profiles alone.", field="weather")
    if profile.weather != weather:
        profile.weather = weather
        profile.save(update_fields=["weather"])
        record(
            actor=actor,
            event="exercise.weather_set",
            subject=profile,
            subject_name=str(profile),
            details={"weather": weather},
        )
    return profile
