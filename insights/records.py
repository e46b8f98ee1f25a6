"""What retention must know of what insights keeps: figures. Alerts are of a class of the audit trail."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass("figures", "Kept until a person decides: counts alone, which say nothing about anybody."),
)
