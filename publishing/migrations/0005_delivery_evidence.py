"""What was meant, the number of each claim, the bare answer, and one delivery for each remote id."""

from django.conf import settings
from django.db import migrations, models


ONE_EACH = """
UPDATE publishing_delivery d SET fault = left('The platform knew this by the same id as another delivery: '
    || d.external_id || '. ' || d.fault, 500), external_id = ''
WHERE d.kind IN ('post', 'reply') AND d.external_id <> '' AND EXISTS (
    SELECT 1 FROM publishing_delivery e WHERE e.official_account_id = d.official_account_id
    AND e.external_id = d.external_id AND e.kind IN ('post', 'reply') AND e.id < d.id);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
"""Where two share an id, the older one keeps it; the other says so, and nothing is lost."""

FENCE = """
CREATE FUNCTION publishing_delivery_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The fence of a delivery never goes back'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_fence_rises';
END $$;
CREATE TRIGGER publishing_delivery_fence BEFORE UPDATE OF fence ON publishing_delivery
    FOR EACH ROW WHEN (NEW.fence < OLD.fence) EXECUTE FUNCTION publishing_delivery_fence();
"""
NO_FENCE = """
DROP TRIGGER publishing_delivery_fence ON publishing_delivery;
DROP FUNCTION publishing_delivery_fence();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_credentials_in_versions'),
        ('publishing', '0004_approval_by_another'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='content',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='delivery',
            name='fault_link',
            field=models.CharField(blank=True, db_default='', default='', max_length=500),
        ),
        migrations.AddField(
            model_name='delivery',
            name='fault_raw',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='delivery',
            name='fence',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='delivery',
            name='fingerprint',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='delivery',
            name='first_opened_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='opened_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='unreadable_reads',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='delivery',
            name='unsettled_why',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('post', 'post'), ('reply', 'reply'), ('hide', 'hide'), ('unhide', 'unhide'), ('delete', 'delete'), ('edit', 'edit'), ('delete_comment', 'deletion of a comment'), ('block', 'block'), ('unblock', 'unblock'), ('mute', 'mute'), ('unmute', 'unmute')], max_length=14),
        ),
        migrations.RunSQL(ONE_EACH, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['post', 'reply']), models.Q(('external_id', ''), _negated=True)), fields=('official_account', 'external_id'), name='delivery_remote_id_once'),
        ),
        migrations.RunSQL(FENCE, NO_FENCE),
    ]
