"""The demonstration's settings with what `manage.py bench queue` measures by. Serves a scratch database alone."""

from smmp.settings.demo import *  # noqa: F403
from smmp.settings.demo import MIDDLEWARE

MIDDLEWARE = ["smmp.benches.floor.Counting", *MIDDLEWARE]
