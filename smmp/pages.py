"""Pages that belong to no room: what is shown when a form has grown old, or nothing is there."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """A form that was open too long, or came from elsewhere. Nothing was changed."""
    return render(
        request,
        "refusal.html",
        {
            "sentence": "This form had been open too long, so nothing was sent. Go back, copy your words, "
            "reload the page and send it again.",
            "status": 403,
        },
        status=403,
    )
