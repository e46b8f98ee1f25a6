"""Nobody disposes alone: a period that somebody changed counts for disposal once somebody else confirmed it.

Periods that came with the platform (version 1) are disposed under as before.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION retention_confirmed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_schedulechange c WHERE c.row_id = NEW.id AND c.version = NEW.version
               AND c.changed_by_id = NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'Nobody confirms a period that they changed themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retention_confirmed_by_another BEFORE INSERT OR UPDATE ON retention_schedulerow
    FOR EACH ROW WHEN (NEW.confirmed_by_id IS NOT NULL) EXECUTE FUNCTION retention_confirmed_by_another();
"""
BACK = """
DROP TRIGGER retention_confirmed_by_another ON retention_schedulerow;
DROP FUNCTION retention_confirmed_by_another();
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_first_tables")]
    operations = [migrations.RunSQL(GUARD, BACK)]
