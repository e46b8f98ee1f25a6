"""Pause and lockdown by scope, their exceptions, what they kept back, and two people to end one.

Rows of before are lockdowns of the whole force, which is what they were.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION publishing_lockdown_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.lifted_at IS NULL OR OLD.lifted_at IS NOT NULL OR NEW.drill THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM publishing_lockdownrelease r WHERE r.lockdown_id = NEW.id AND r.confirmed
               AND r.decided_by_id = NEW.lifted_by_id AND r.asked_by_id <> r.decided_by_id) THEN
        RETURN NEW;
    END IF;
    IF NEW.kind = 'pause' AND NEW.manager_name <> '' AND NEW.lifted_by_id IS NOT NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A lockdown ends by two people; a pause by two, or by one who names the force incident manager'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'lockdown_two_people';
END $$;
CREATE TRIGGER publishing_lockdown_two_people BEFORE UPDATE ON publishing_lockdown
    FOR EACH ROW EXECUTE FUNCTION publishing_lockdown_two_people();
CREATE FUNCTION publishing_lockdown_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.drill IS DISTINCT FROM OLD.drill OR NEW.kind IS DISTINCT FROM OLD.kind
                             OR (OLD.lifted_at IS NOT NULL AND NEW.lifted_at IS DISTINCT FROM OLD.lifted_at)) THEN
        RAISE EXCEPTION 'What a lockdown is does not change, and one that has ended stays so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lockdown_stays_what_it_is';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publishing_lockdown_stays BEFORE UPDATE ON publishing_lockdown
    FOR EACH ROW EXECUTE FUNCTION publishing_lockdown_stays();
"""
BACK = """
DROP TRIGGER publishing_lockdown_stays ON publishing_lockdown;
DROP FUNCTION publishing_lockdown_stays();
DROP TRIGGER publishing_lockdown_two_people ON publishing_lockdown;
DROP FUNCTION publishing_lockdown_two_people();
"""

class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0014_two_approvers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='lockdown',
            options={'ordering': ['-started_at', '-id']},
        ),
        migrations.RemoveConstraint(
            model_name='lockdown',
            name='lockdown_one_live',
        ),
        migrations.AddField(
            model_name='lockdown',
            name='campaign_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='caught_noted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='drill',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='kind',
            field=models.CharField(choices=[('pause', 'Operational pause'), ('compromise', 'Compromise lockdown')], db_default='compromise', default='compromise', max_length=10),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=14), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='lift_told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='manager_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='neighbourhood_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='official_account_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='people_told',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='scope',
            field=models.CharField(blank=True, db_default='', default='', max_length=2000),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='scope_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=400),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='team_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='lockdown',
            name='would_stop',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name='lockdown',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('kind', 'drill', 'scope'), name='lockdown_once_live'),
        ),
        migrations.CreateModel(
            name='LockdownException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=300)),
                ('why', models.CharField(max_length=400)),
                ('allowed_at', models.DateTimeField()),
                ('allowed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exceptions', to='publishing.delivery')),
                ('lockdown', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exceptions', to='publishing.lockdown')),
            ],
            options={
                'ordering': ['allowed_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('lockdown', 'delivery'), name='lockdown_exception_once'), models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='lockdown_exception_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='LockdownRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('why', models.CharField(max_length=400)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed', models.BooleanField(default=False)),
                ('decided_why', models.CharField(blank=True, max_length=400)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases_asked', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='releases_decided', to=settings.AUTH_USER_MODEL)),
                ('lockdown', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='publishing.lockdown')),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('lockdown',), name='lockdown_release_one_open'), models.CheckConstraint(condition=models.Q(('confirmed', False), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='lockdown_release_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='lockdown_release_decided')],
            },
        ),
        migrations.CreateModel(
            name='LockdownStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=[('waiting', 'Waited, and was held'), ('caught', 'Taken up already, and stopped before it left'), ('under_way', 'Was being sent at that moment')], max_length=9)),
                ('at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('send', 'Goes out'), ('draft', 'Back to a draft'), ('drop', 'Dropped')], default='', max_length=5)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='publishing.delivery')),
                ('lockdown', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='publishing.lockdown')),
            ],
            options={
                'ordering': ['at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('lockdown', 'delivery'), name='lockdown_stop_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='lockdown_stop_decided')],
            },
        ),
        migrations.RunSQL(GUARD, BACK),
    ]
