"""The disposing function of fixed classes goes: `migrate` makes it from what the rooms say (retention.sql).

It asks itself whether two people stand for a period, for every class, so the triggers that asked it for two of them go
too. Nothing is disposed of between this and the end of `migrate`.
"""

from importlib import import_module

from django.db import migrations

BACK = (
    import_module("smmp.migrations.0003_dispose_by_the_schedule")
    .DISPOSE.replace("DROP FUNCTION retention_dispose(text, bigint[]);", "DROP FUNCTION IF EXISTS retention_dispose(text, bigint[], date, bigint);")
)
GUARDS = """
CREATE TRIGGER moderation_comment_two_people BEFORE DELETE ON moderation_comment
    FOR EACH STATEMENT EXECUTE FUNCTION retention_two_people('routine_comment');
CREATE TRIGGER notices_notice_two_people BEFORE DELETE ON notices_notice
    FOR EACH STATEMENT EXECUTE FUNCTION retention_two_people('notice');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("smmp", "0006_nobody_drops_months_alone"),
        ("retention", "0004_schedule_holds_and_reviews"),
        ("moderation", "0019_restricted_comments"),
    ]
    operations = [
        migrations.RunSQL(
            "DROP TRIGGER moderation_comment_two_people ON moderation_comment;"
            "DROP TRIGGER notices_notice_two_people ON notices_notice;",
            GUARDS,
        ),
        migrations.RunSQL("DROP FUNCTION retention_dispose(text, bigint[], date)", BACK),
    ]
