"""What goes, goes by a period that two people stand for: looked up where the rows are deleted.

Periods that came with the platform (version 1) are disposed under as before.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION retention_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_schedulerow r WHERE r.slug = TG_ARGV[0] AND r.version > 1
               AND r.confirmed_by_id IS NULL) THEN
        RAISE EXCEPTION 'The period of % was changed and nobody else has confirmed it', TG_ARGV[0]
            USING ERRCODE = 'check_violation', CONSTRAINT = 'disposal_two_people';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER moderation_comment_two_people BEFORE DELETE ON moderation_comment
    FOR EACH STATEMENT EXECUTE FUNCTION retention_two_people('routine_comment');
CREATE TRIGGER notices_notice_two_people BEFORE DELETE ON notices_notice
    FOR EACH STATEMENT EXECUTE FUNCTION retention_two_people('notice');
"""
BACK = """
DROP TRIGGER moderation_comment_two_people ON moderation_comment;
DROP TRIGGER notices_notice_two_people ON notices_notice;
DROP FUNCTION retention_two_people();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("smmp", "0004_drop_audit_months"),
        ("retention", "0002_changed_periods_need_two_people"),
        ("notices", "0001_first_tables"),
    ]
    operations = [migrations.RunSQL(GUARD, BACK)]
