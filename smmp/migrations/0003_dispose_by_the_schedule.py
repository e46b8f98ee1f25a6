"""Disposal reads the period itself, and months of raw payloads can be dropped.

What was wrong before: the function believed the caller that a record was due, so one reopened
and decided again between the search and the lock went too early, and our own words in a thread
never went. It deleted authors and threads in the statement that looked whether they were still
used: a comment that arrived meanwhile made the whole batch fail at commit.
"""

from importlib import import_module

from django.db import migrations

DISPOSE = """
DROP FUNCTION retention_dispose(text, bigint[]);
CREATE FUNCTION retention_dispose(class text, ids bigint[], on_day date) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone bigint[]; authors bigint[]; threads bigint[]; period interval;
BEGIN
    IF on_day > (now() AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'Nothing is due on a day that has not come (%)', on_day;
    END IF;
    SELECT make_interval(years => coalesce(keep_for_years, 0)::int, days => coalesce(keep_for_days, 0)::int)
        INTO period FROM retention_schedulerow WHERE slug = class AND outcome = 'dispose';
    IF period IS NULL THEN
        RAISE EXCEPTION 'No record class % can be disposed of', class;
    END IF;
    -- In each branch: lock first, look in a statement of its own. A look in the statement of the
    -- lock would read from before the wait, and a hold placed meanwhile would be missed.
    IF class = 'routine_comment' THEN
        PERFORM id FROM moderation_comment WHERE id = ANY(ids) ORDER BY id FOR UPDATE;
        SELECT coalesce(array_agg(c.id), '{}'), array_agg(DISTINCT c.commenter_id),
               array_agg(DISTINCT c.conversation_id) INTO gone, authors, threads
        FROM moderation_comment c
        WHERE c.id = ANY(ids) AND c.needs_case = ''
          AND CASE c.state WHEN 'decided' THEN
                  ((c.decided_at AT TIME ZONE 'Europe/London')::date + period)::date < on_day
              WHEN 'ours' THEN
                  ((c.received_at AT TIME ZONE 'Europe/London')::date + period)::date < on_day
              ELSE false END
          AND NOT EXISTS (SELECT 1 FROM retention_hold h WHERE h.subject_type = 'moderation.comment'
                          AND h.subject_id = c.id AND h.lifted_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM escalation_casecomment e WHERE e.comment_id = c.id);
        DELETE FROM moderation_replydraft WHERE comment_id = ANY(gone);
        DELETE FROM moderation_note WHERE comment_id = ANY(gone);
        DELETE FROM moderation_decision WHERE comment_id = ANY(gone);
        DELETE FROM moderation_revision WHERE comment_id = ANY(gone);
        DELETE FROM moderation_comment WHERE id = ANY(gone);
        PERFORM id FROM moderation_commenter WHERE id = ANY(authors) ORDER BY id FOR UPDATE;
        DELETE FROM moderation_commenter r WHERE r.id = ANY(authors)
            AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.commenter_id = r.id);
        PERFORM id FROM moderation_conversation WHERE id = ANY(threads) ORDER BY id FOR UPDATE;
        DELETE FROM moderation_conversation v WHERE v.id = ANY(threads)
            AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.conversation_id = v.id);
    ELSIF class = 'notice' THEN
        PERFORM id FROM notices_notice WHERE id = ANY(ids) ORDER BY id FOR UPDATE;
        SELECT coalesce(array_agg(n.id), '{}') INTO gone FROM notices_notice n
        WHERE n.id = ANY(ids)
          AND ((n.created_at AT TIME ZONE 'Europe/London')::date + period)::date < on_day
          AND NOT EXISTS (SELECT 1 FROM retention_hold h WHERE h.subject_type = 'notices.notice'
                          AND h.subject_id = n.id AND h.lifted_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM escalation_callout c WHERE c.notice_id = n.id);
        DELETE FROM notices_noticedelivery WHERE notice_id = ANY(gone);
        DELETE FROM notices_notice WHERE id = ANY(gone);
    ELSE
        RAISE EXCEPTION 'No record class % can be disposed of here', class;
    END IF;
    RETURN gone;
END $$;
"""

DROP_MONTHS = """
-- Owned by whoever owns the partitions: dropping a table is its owner's alone.
CREATE FUNCTION retention_drop_months() RETURNS TABLE (part text, lines bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE kept_from timestamptz; ends timestamptz; child text;
BEGIN
    SELECT (((now() AT TIME ZONE 'Europe/London')::date
             - make_interval(years => coalesce(keep_for_years, 0)::int, days => coalesce(keep_for_days, 0)::int)
            )::date::timestamp) AT TIME ZONE 'Europe/London'
        INTO kept_from FROM retention_schedulerow WHERE slug = 'raw_payload' AND outcome = 'dispose';
    IF kept_from IS NULL THEN
        RAISE EXCEPTION 'The schedule has no period for raw payloads';
    END IF;
    FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'moderation_rawpayload'::regclass
                   AND c.relname ~ '^moderation_rawpayload_[0-9]{4}_[0-9]{2}$' ORDER BY 1 LOOP
        ends := (to_date(right(child, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC';
        CONTINUE WHEN ends > kept_from;
        EXECUTE format('SELECT count(*) FROM %I', child) INTO lines;
        EXECUTE format('DROP TABLE %I', child);
        part := child;
        RETURN NEXT;
    END LOOP;
    DELETE FROM moderation_rawpayload_other WHERE received_at < kept_from;
    GET DIAGNOSTICS lines = ROW_COUNT;
    IF lines > 0 THEN
        part := 'moderation_rawpayload_other';
        RETURN NEXT;
    END IF;
END $$;
"""

BACK = "DROP FUNCTION retention_dispose(text, bigint[], date);" + import_module("smmp.migrations.0002_disposal").FUNCTION


class Migration(migrations.Migration):
    dependencies = [
        ("smmp", "0002_disposal"),
        ("retention", "0001_first_tables"),
        ("moderation", "0001_first_tables"),
    ]
    operations = [
        migrations.RunSQL(DISPOSE, BACK),
        migrations.RunSQL(DROP_MONTHS, "DROP FUNCTION retention_drop_months()"),
    ]
