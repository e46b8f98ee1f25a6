"""A period changes under a new version, unconfirmed; and is confirmed where it says who changed it.

Otherwise one statement of the application's role could change a period under the version that two people stood for.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION retention_period_by_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version < OLD.version OR ((NEW.keep_for_days, NEW.keep_for_years, NEW.outcome)
            IS DISTINCT FROM (OLD.keep_for_days, OLD.keep_for_years, OLD.outcome)
            AND (NEW.version = OLD.version OR NEW.confirmed_by_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'A period changes under a new version that nobody has confirmed yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_change_unconfirmed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retention_period_by_version BEFORE UPDATE ON retention_schedulerow
    FOR EACH ROW EXECUTE FUNCTION retention_period_by_version();

CREATE OR REPLACE FUNCTION retention_confirmed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_schedulechange c WHERE c.row_id = NEW.id AND c.version = NEW.version
               AND c.changed_by_id = NEW.confirmed_by_id)
       OR (NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM retention_schedulechange c
                                           WHERE c.row_id = NEW.id AND c.version = NEW.version)) THEN
        RAISE EXCEPTION 'Nobody confirms a period that they changed themselves, or that nobody is known to have changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_two_people';
    END IF;
    RETURN NEW;
END $$;
"""
BACK = """
DROP TRIGGER retention_period_by_version ON retention_schedulerow;
DROP FUNCTION retention_period_by_version();
CREATE OR REPLACE FUNCTION retention_confirmed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_schedulechange c WHERE c.row_id = NEW.id AND c.version = NEW.version
               AND c.changed_by_id = NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'Nobody confirms a period that they changed themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_two_people';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_changed_periods_need_two_people")]
    operations = [migrations.RunSQL(GUARD, BACK)]
