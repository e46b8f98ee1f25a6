"""JSON log lines that carry no words of the public or of staff.

A fault is logged as its type and the places it passed through, never with its message:
a database error quotes the row, a parse error quotes the payload.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter as _JsonFormatter

from core import context

_CONTROL = dict.fromkeys((*range(32), 127), " ")


class JsonFormatter(_JsonFormatter):
    """One line: time, level, logger, message, request id; for a fault its type and its path."""

    def add_fields(self, log_data, record, message_dict) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        if request_id := context.request_id():
            log_data["request_id"] = request_id
        log_data.pop("request", None)
        log_data.pop("taskName", None)
        if isinstance(log_data.get("message"), str):
            log_data["message"] = log_data["message"].translate(_CONTROL)

    def formatException(self, ei) -> str:
        kind, _fault, trace = ei
        places = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)[-12:]
        ]
        return f"{kind.__name__ if kind else 'fault'} at " + " > ".join(places)

    def formatStack(self, stack_info: str) -> str:
        return ""


class FaultsOnly(logging.Filter):
    """Keep Django's request log to faults: refusals, missing pages and "not ready yet" are answers."""

    def filter(self, record: logging.LogRecord) -> bool:
        return (
            getattr(record, "status_code", 500) not in range(400, 500)
            and getattr(record, "status_code", 500) != 503
        )
