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
from exercise.actions.writing import (
    begin_scenario,
    begin_version,
    copy_scenario,
    give_up_draft,
    import_scenario,
    move_line,
    put_in_use,
    remove_line,
    retire,
    save_head,
    save_line,
)

__all__ = [
    "NewPicture",
    "advance_runs",
    "begin_scenario",
    "begin_version",
    "copy_scenario",
    "delete",
    "edit",
    "exclude",
    "give_up_draft",
    "hide",
    "import_scenario",
    "move_line",
    "open_profile",
    "publish",
    "put_in_use",
    "readmit",
    "remove_line",
    "retire",
    "save_head",
    "save_line",
    "set_weather",
    "start_run",
    "stop_run",
    "unhide",
    "write_as_public",
]
