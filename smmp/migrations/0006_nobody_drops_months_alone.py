"""Months go by a period that two people stand for as well: asked in the functions that drop them.

No trigger sees a partition go, so that the guard of the rows (0005) did not reach these. Periods that came with the
platform (version 1) are disposed under as before.
"""

from importlib import import_module

from django.db import migrations

DEMAND = """
CREATE FUNCTION retention_demand_two_people(class text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_schedulerow r WHERE r.slug = class AND r.version > 1
               AND r.confirmed_by_id IS NULL) THEN
        RAISE EXCEPTION 'The period of % was changed and nobody else has confirmed it', class
            USING ERRCODE = 'check_violation', CONSTRAINT = 'disposal_two_people';
    END IF;
END $$;
"""
RAW = import_module("smmp.migrations.0003_dispose_by_the_schedule").DROP_MONTHS
AUDIT = import_module("smmp.migrations.0004_drop_audit_months").DROP_AUDIT_MONTHS


def _anew(function: str, guarded: str = "") -> str:
    """The same function again, under the same rights; with a guard at its beginning where a class is named."""
    function = function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    if guarded:
        function = function.replace("BEGIN\n", f"BEGIN\n    PERFORM retention_demand_two_people('{guarded}');\n", 1)
    return function


class Migration(migrations.Migration):
    dependencies = [
        ("smmp", "0005_nobody_disposes_alone"),
        ("retention", "0002_changed_periods_need_two_people"),
        ("audit", "0005_seals"),
    ]
    operations = [
        migrations.RunSQL(DEMAND, "DROP FUNCTION retention_demand_two_people(text)"),
        migrations.RunSQL(_anew(RAW, "raw_payload"), _anew(RAW)),
        migrations.RunSQL(_anew(AUDIT, "audit_entry"), _anew(AUDIT)),
    ]
