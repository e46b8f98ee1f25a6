"""Who sees the public pages of the exercise network."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login

from core.gate import View, open_to_all
from staff import sessions


def open_in_a_demonstration(view: View) -> Callable[..., Any]:
    """Open to anybody in a demonstration; in a real installation to staff signed in with both factors.

    A force's exercise shows invented crimes: nobody outside should come upon it and believe it.
    """

    @open_to_all
    @wraps(view)
    def gated(request, *args: Any, **kwargs: Any):
        if not settings.DEMO and not is_staff(request):
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return gated


def is_staff(request) -> bool:
    """Whether a session that holds, with both factors, stands behind the request.

    The middleware lets open routes pass unasked, so these pages ask for themselves.
    """
    return (
        request.user.is_authenticated
        and not sessions.why_over(request)
        and sessions.is_whole(request)
        and not sessions.is_locked(request)
    )
