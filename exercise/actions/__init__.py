"""Everything that changes the exercise network."""

from exercise.actions.messages import (
    NewPicture,
    delete,
    edit,
    exclude,
    hide,
    publish,
    readmit,
    unhide,
    write_as_public,
)
from exercise.actions.profiles import open_profile, set_weather
from exercise.actions.runs import advance_runs, start_run, stop_run

__all__ = [
    "NewPicture",
    "advance_runs",
    "delete",
    "edit",
    "exclude",
    "hide",
    "open_profile",
    "publish",
    "readmit",
    "set_weather",
    "start_run",
    "stop_run",
    "unhide",
    "write_as_public",
]
