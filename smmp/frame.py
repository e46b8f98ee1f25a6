"""What the frame around every page shows: the force, the person, lockdown, alerts."""


def frame(request):
    return {}
