"""What retention must know of what insights keeps: alerts, which are of a class of the audit trail."""

from __future__ import annotations

from core.records import RecordClass

CLASSES: tuple[RecordClass, ...] = ()
