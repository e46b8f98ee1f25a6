"""Months of the audit trail can go by the schedule; what sealed them stays.

A month goes when every entry in it was sealed before the period began, so that nothing young goes with it.
The hashes of its entries go too (a hash of so little can be guessed), but only by whole segments: one that
reaches into a month that stays keeps them all. Segments with their roots and checkpoints are never touched.
The period may not be shorter than half a year: a mistake in the schedule must not empty the trail.
"""

from django.db import migrations

DROP_AUDIT_MONTHS = """
CREATE FUNCTION retention_drop_audit_months()
RETURNS TABLE (part text, lines bigint, first_segment bigint, last_segment bigint, sealed_before timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE period interval; ends timestamptz; child text; unsealed bigint; low bigint; high bigint; young bool;
BEGIN
    SELECT make_interval(years => coalesce(keep_for_years, 0)::int, days => coalesce(keep_for_days, 0)::int)
        INTO period FROM retention_schedulerow WHERE slug = 'audit_entry' AND outcome = 'dispose';
    IF period IS NULL THEN
        RETURN;
    END IF;
    IF now() - period > now() - interval '180 days' THEN
        RAISE EXCEPTION 'The audit trail is kept for half a year at least';
    END IF;
    sealed_before := (((now() AT TIME ZONE 'Europe/London')::date - period)::date::timestamp) AT TIME ZONE 'Europe/London';
    PERFORM set_config('smmp.disposing', 'audit', true);
    FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'audit_entry'::regclass
                   AND c.relname ~ '^audit_entry_([0-9]{4}_[0-9]{2}|other)$' ORDER BY 1 LOOP
        IF child <> 'audit_entry_other' THEN
            ends := (to_date(right(child, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC';
            CONTINUE WHEN ends > sealed_before;
        END IF;
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE p.position IS NULL), min(p.position), max(p.position) '
            'FROM %I e LEFT JOIN audit_place p ON p.entry_id = e.id AND p.entry_at = e.at WHERE e.at < %L',
            child, sealed_before) INTO lines, unsealed, low, high;
        CONTINUE WHEN unsealed > 0 OR (child = 'audit_entry_other' AND lines = 0);
        first_segment := NULL; last_segment := NULL;
        IF lines > 0 THEN
            SELECT min(number), max(number), max(sealed_at) >= sealed_before
                INTO first_segment, last_segment, young FROM audit_segment
                WHERE count > 0 AND first_position <= high AND first_position + count > low;
            CONTINUE WHEN young;
        END IF;
        IF child = 'audit_entry_other' THEN
            DELETE FROM audit_entry_other WHERE at < sealed_before;
        ELSE
            EXECUTE format('DROP TABLE %I', child);
        END IF;
        DELETE FROM audit_place p USING audit_segment s
            WHERE s.number BETWEEN first_segment AND last_segment AND s.count > 0
              AND p.position >= s.first_position AND p.position < s.first_position + s.count
              AND NOT EXISTS (SELECT FROM audit_place q JOIN audit_entry e ON e.id = q.entry_id AND e.at = q.entry_at
                              WHERE q.position >= s.first_position AND q.position < s.first_position + s.count);
        part := child;
        RETURN NEXT;
    END LOOP;
    PERFORM set_config('smmp.disposing', '', true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("smmp", "0003_dispose_by_the_schedule"),
        ("audit", "0005_seals"),
        ("retention", "0001_first_tables"),
    ]
    operations = [migrations.RunSQL(DROP_AUDIT_MONTHS, "DROP FUNCTION retention_drop_audit_months()")]
