"""A comment can be restricted: no page shows it, and the database refuses to change it until that is lifted.

Source: DPA 2018 s.47(2), s.47(3).
"""

from django.conf import settings
from django.db import migrations, models

STANDS = """
CREATE FUNCTION moderation_restricted_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_restriction x WHERE x.subject_type = 'moderation.comment'
               AND x.subject_id = OLD.id AND x.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'Comment % is restricted and is not changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'restricted_stands';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moderation_comment_restricted_stands BEFORE UPDATE ON moderation_comment
    FOR EACH ROW WHEN (OLD.state = 'withheld') EXECUTE FUNCTION moderation_restricted_stands();
"""
BACK = """
DROP TRIGGER moderation_comment_restricted_stands ON moderation_comment;
DROP FUNCTION moderation_restricted_stands();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_posting_gates'),
        ('moderation', '0018_clauses_belong_to_a_version'),
        ('retention', '0004_schedule_holds_and_reviews'),
        ('staff', '0015_refused_access'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='comment',
            name='kept_why',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AlterField(
            model_name='comment',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('decided', 'Decided'), ('ours', 'Written by us'), ('withheld', 'Restricted')], default='open', max_length=8),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('state', 'withheld')), fields=['removed_at'], name='comment_restricted'),
        ),
        migrations.RunSQL(STANDS, BACK),
    ]
