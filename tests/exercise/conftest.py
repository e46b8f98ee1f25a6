"""The exercise network over real HTTP."""

from __future__ import annotations

import threading

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler


@pytest.fixture
def network(committed_db, settings):
    """The address of the platform itself, without static files: stops at once, where `served` takes half a second."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.EXERCISE_ADDRESS = f"http://127.0.0.1:{server.server_address[1]}"
    yield settings.EXERCISE_ADDRESS
    server.shutdown()
    server.server_close()
    thread.join(5)
