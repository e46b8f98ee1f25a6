"""The schedule is changed by drafts, holds cover more than one record, and what falls due is proposed and reviewed.

What is there goes along: numbers on certificates become tombstones, holds get an owner, and rows of the schedule the
kind of event that starts them. No period changes, so that what two people stood for still stands.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVE = """
INSERT INTO retention_salt (id, value)
    VALUES (1, replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
UPDATE retention_disposal SET salt = replace(gen_random_uuid()::text, '-', '');
INSERT INTO retention_tombstone (disposal_id, subject_type, subject_id)
    SELECT d.id, CASE r.slug WHEN 'notice' THEN 'notices.notice' ELSE 'moderation.comment' END, unnest(d.disposed_ids)
    FROM retention_disposal d JOIN retention_schedulerow r ON r.id = d.row_id ON CONFLICT DO NOTHING;
UPDATE retention_hold SET owner_id = placed_by_id;
UPDATE retention_schedulerow SET starts_with = CASE
    WHEN trigger IN ('published', 'sent') THEN 'published'
    WHEN trigger = 'left' THEN 'leaving'
    WHEN trigger = 'last step' THEN 'last_event'
    WHEN trigger IN ('received', 'recorded', 'stored', 'drawn', 'met', 'written', 'looked up', 'last typed') THEN 'received'
    ELSE 'closed' END;
UPDATE retention_schedulerow SET regime = 'none' WHERE slug IN ('operational', 'seal', 'exercise', 'credential');
UPDATE retention_schedulerow SET mopi_group = 4 WHERE slug = 'intelligence';
SET CONSTRAINTS ALL IMMEDIATE;

CREATE OR REPLACE FUNCTION retention_period_by_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version < OLD.version OR ((NEW.keep_for_hours, NEW.keep_for_days, NEW.keep_for_years, NEW.outcome, NEW.quiet_days,
            NEW.mopi_group) IS DISTINCT FROM (OLD.keep_for_hours, OLD.keep_for_days, OLD.keep_for_years, OLD.outcome,
            OLD.quiet_days, OLD.mopi_group)
            AND (NEW.version = OLD.version OR NEW.confirmed_by_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'A period changes under a new version that nobody has confirmed yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_change_unconfirmed';
    END IF;
    RETURN NEW;
END $$;
"""
BACK = """
UPDATE retention_disposal d SET disposed_ids = coalesce(
    (SELECT array_agg(t.subject_id ORDER BY t.subject_id) FROM retention_tombstone t WHERE t.disposal_id = d.id), '{}');
DELETE FROM retention_salt;
SET CONSTRAINTS ALL IMMEDIATE;
CREATE OR REPLACE FUNCTION retention_period_by_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version < OLD.version OR ((NEW.keep_for_days, NEW.keep_for_years, NEW.outcome)
            IS DISTINCT FROM (OLD.keep_for_days, OLD.keep_for_years, OLD.outcome)
            AND (NEW.version = OLD.version OR NEW.confirmed_by_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'A period changes under a new version that nobody has confirmed yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_change_unconfirmed';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_posting_gates'),
        ('retention', '0003_no_period_changes_unseen'),
        ('staff', '__first__'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='disposal',
            name='disposal_once_a_day',
        ),
        migrations.RemoveConstraint(
            model_name='hold',
            name='hold_one_live',
        ),
        migrations.RemoveConstraint(
            model_name='schedulerow',
            name='schedule_one_unit',
        ),
        migrations.AddField(
            model_name='disposal',
            name='approved_by',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='disposal',
            name='digest',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='disposal',
            name='entry_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='disposal',
            name='head',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='disposal',
            name='rule',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='disposal',
            name='salt',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='hold',
            name='kind',
            field=models.CharField(choices=[('record', 'One record'), ('case', 'A case, and all that it holds'), ('commenter', 'One commenter: all that they wrote and will write'), ('account', 'An official account, and all that belongs to it'), ('dates', 'Everything of some days'), ('query', 'Everything with certain words')], db_default='record', default='record', max_length=9),
        ),
        migrations.AddField(
            model_name='hold',
            name='lift_asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='lift_asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='official_account',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount'),
        ),
        migrations.AddField(
            model_name='hold',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds_owned', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='reason',
            field=models.CharField(choices=[('litigation', 'Litigation, begun or expected'), ('cpia', 'Criminal investigation or appeal (CPIA)'), ('iopc', 'IOPC investigation'), ('inquiry', 'Public inquiry or inquest'), ('foi', 'Freedom of information request'), ('sar', 'Subject access or other data protection request'), ('complaint', 'Complaint'), ('other', 'Another reason')], db_default='other', default='other', max_length=10),
        ),
        migrations.AddField(
            model_name='hold',
            name='reference',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AddField(
            model_name='hold',
            name='since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='words',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='description',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='keep_for_hours',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='legal_basis',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='mopi_group',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='paragraph',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='quiet_days',
            field=models.PositiveSmallIntegerField(db_default=2, default=2),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='regime',
            field=models.CharField(choices=[('part3', 'DPA 2018 Part 3 (law enforcement)'), ('gdpr', 'UK GDPR'), ('both', 'Part 3 or UK GDPR, by what the record is about'), ('none', 'No personal data')], db_default='both', default='both', max_length=5),
        ),
        migrations.AddField(
            model_name='schedulerow',
            name='starts_with',
            field=models.CharField(choices=[('received', 'Received or made'), ('closed', 'Closed or decided'), ('published', 'Published or sent'), ('appeal_closed', 'Appeal closed'), ('last_event', 'Last event in a clear period'), ('leaving', 'Leaving date')], db_default='received', default='received', max_length=14),
        ),
        migrations.AlterField(
            model_name='hold',
            name='subject_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='hold',
            name='subject_type',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='schedulerow',
            name='outcome',
            field=models.CharField(choices=[('dispose', 'Dispose'), ('review', 'A person reviews'), ('archive', 'A person reviews, to offer it to the archive'), ('restrict', 'A person reviews, to restrict it')], max_length=8),
        ),
        migrations.AddIndex(
            model_name='disposal',
            index=models.Index(fields=['row', '-run_on'], name='disposal_of_class'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('lifted_at', None)), fields=['subject_type', 'subject_id'], name='hold_live'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None), ('subject_id__isnull', False)), fields=('kind', 'subject_type', 'subject_id', 'reason', 'reference'), name='hold_once_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('lifted_by', None), ('lift_asked_by', None), models.Q(('lifted_by', models.F('lift_asked_by')), _negated=True), _connector='OR'), name='hold_lifted_by_two'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['dates', 'query']), ('subject_id', None)), models.Q(models.Q(('kind__in', ['dates', 'query']), _negated=True), ('subject_id__isnull', False)), _connector='OR'), name='hold_names_what_it_covers'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'query'), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='hold_by_query_has_words'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'dates'), _negated=True), ('since__isnull', False), ('until__isnull', False), _connector='OR'), name='hold_by_dates_has_one'),
        ),
        migrations.AddConstraint(
            model_name='schedulerow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('keep_for_days', None), ('keep_for_hours', None), ('keep_for_years__isnull', False)), models.Q(('keep_for_days__isnull', False), ('keep_for_hours', None), ('keep_for_years', None)), models.Q(('keep_for_days', None), ('keep_for_hours__isnull', False), ('keep_for_years', None)), _connector='OR'), name='schedule_one_unit'),
        ),
        migrations.AddConstraint(
            model_name='schedulerow',
            constraint=models.CheckConstraint(condition=models.Q(('mopi_group', None), models.Q(('mopi_group__gte', 1), ('mopi_group__lte', 4)), _connector='OR'), name='schedule_mopi_group'),
        ),
        migrations.AddConstraint(
            model_name='schedulerow',
            constraint=models.CheckConstraint(condition=models.Q(('mopi_group', None), ('mopi_group__gte', 3), models.Q(('outcome', 'dispose'), _negated=True), _connector='OR'), name='schedule_grave_is_reviewed'),
        ),
        migrations.CreateModel(
            name='ScheduleDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('drafting', 'Being drafted'), ('put', 'Waits for a second person'), ('approved', 'Approved'), ('in_force', 'In force'), ('withdrawn', 'Withdrawn')], default='drafting', max_length=9)),
                ('made_at', models.DateTimeField()),
                ('why', models.CharField(blank=True, max_length=300)),
                ('effective_on', models.DateField(blank=True, null=True)),
                ('put_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('in_force_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_why', models.CharField(blank=True, max_length=300)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['drafting'])), fields=('state',), name='schedule_draft_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'in_force']), _negated=True), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('effective_on__isnull', False), models.Q(('approved_by', models.F('made_by')), _negated=True)), _connector='OR'), name='schedule_draft_two_people')],
            },
        ),
        migrations.CreateModel(
            name='DraftRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('description', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('starts_with', models.CharField(choices=[('received', 'Received or made'), ('closed', 'Closed or decided'), ('published', 'Published or sent'), ('appeal_closed', 'Appeal closed'), ('last_event', 'Last event in a clear period'), ('leaving', 'Leaving date')], db_default='received', default='received', max_length=14)),
                ('trigger', models.CharField(max_length=80)),
                ('keep_for_hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('keep_for_days', models.PositiveIntegerField(blank=True, null=True)),
                ('keep_for_years', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('outcome', models.CharField(choices=[('dispose', 'Dispose'), ('review', 'A person reviews'), ('archive', 'A person reviews, to offer it to the archive'), ('restrict', 'A person reviews, to restrict it')], max_length=8)),
                ('quiet_days', models.PositiveSmallIntegerField(db_default=2, default=2)),
                ('mopi_group', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('legal_basis', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('regime', models.CharField(choices=[('part3', 'DPA 2018 Part 3 (law enforcement)'), ('gdpr', 'UK GDPR'), ('both', 'Part 3 or UK GDPR, by what the record is about'), ('none', 'No personal data')], db_default='both', default='both', max_length=5)),
                ('source', models.CharField(max_length=200)),
                ('paragraph', models.CharField(blank=True, db_default='', default='', max_length=120)),
                ('row_version', models.PositiveIntegerField()),
                ('left_out', models.BooleanField(default=False)),
                ('effect', models.JSONField(blank=True, null=True)),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.schedulerow')),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='retention.scheduledraft')),
            ],
            options={
                'ordering': ['row__title'],
                'constraints': [models.UniqueConstraint(fields=('draft', 'row'), name='draft_row_once'), models.CheckConstraint(condition=models.Q(models.Q(('keep_for_days', None), ('keep_for_hours', None), ('keep_for_years__isnull', False)), models.Q(('keep_for_days__isnull', False), ('keep_for_hours', None), ('keep_for_years', None)), models.Q(('keep_for_days', None), ('keep_for_hours__isnull', False), ('keep_for_years', None)), _connector='OR'), name='draft_row_one_unit'), models.CheckConstraint(condition=models.Q(('mopi_group', None), ('mopi_group__gte', 3), models.Q(('outcome', 'dispose'), _negated=True), _connector='OR'), name='draft_row_grave_is_reviewed')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_version', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('stopped', 'Stopped'), ('going', 'Going'), ('done', 'Done'), ('overtaken', 'Overtaken by a change of the schedule')], default='waiting', max_length=9)),
                ('on', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('goes_at', models.DateTimeField()),
                ('due_count', models.PositiveIntegerField()),
                ('held_count', models.PositiveIntegerField()),
                ('samples', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('exceptions', models.JSONField(default=list)),
                ('reviewed', models.BooleanField(default=False)),
                ('needs_two', models.BooleanField(default=False)),
                ('first_at', models.DateTimeField(blank=True, null=True)),
                ('second_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_why', models.CharField(blank=True, max_length=300)),
                ('disposal', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='retention.disposal')),
                ('first_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='retention.schedulerow')),
                ('second_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stopped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'stopped', 'going'])), fields=('row',), name='proposal_one_open'), models.CheckConstraint(condition=models.Q(('second_by', None), models.Q(('first_by__isnull', False), models.Q(('first_by', models.F('second_by')), _negated=True)), _connector='OR'), name='proposal_two_people'), models.CheckConstraint(condition=models.Q(('needs_two', False), models.Q(('state__in', ['going', 'done']), _negated=True), ('second_by__isnull', False), _connector='OR'), name='proposal_large_by_two')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=64)),
                ('subject_id', models.BigIntegerField()),
                ('subject_name', models.CharField(max_length=160)),
                ('ground', models.CharField(choices=[('evidence', 'Must be kept as evidence (DPA s.47(2))'), ('accuracy', 'Its accuracy is contested (DPA s.47(3))'), ('request', 'The person asked for it (UK GDPR art. 18)'), ('author', 'Deleted by its author')], max_length=8)),
                ('why', models.CharField(max_length=400)),
                ('was', models.CharField(blank=True, max_length=20)),
                ('at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_why', models.CharField(blank=True, max_length=400)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('subject_type', 'subject_id'), name='restriction_one_live'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_why', '')), models.Q(('lifted_at__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='restriction_lifted_with_why')],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=64)),
                ('subject_id', models.BigIntegerField()),
                ('subject_name', models.CharField(max_length=160)),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'Waits for a person'), ('second', 'Waits for a second person'), ('settled', 'Settled')], default='open', max_length=7)),
                ('answers', models.JSONField(default=dict)),
                ('decision', models.CharField(blank=True, choices=[('keep', 'Keep it until another review'), ('dispose', 'Dispose of it'), ('archive', 'Keep it, marked for the archive')], max_length=7)),
                ('why', models.CharField(blank=True, max_length=600)),
                ('next_on', models.DateField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('two_people', models.BooleanField(default=False)),
                ('second_at', models.DateTimeField(blank=True, null=True)),
                ('sent_back_why', models.CharField(blank=True, max_length=300)),
                ('made_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='retention.schedulerow')),
                ('second_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['due_on', 'id'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='review_of_record')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'settled'), _negated=True), fields=('subject_type', 'subject_id'), name='review_one_open'), models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision', ''), _negated=True), models.Q(('why', ''), _negated=True)), _connector='OR'), name='review_decided_whole'), models.CheckConstraint(condition=models.Q(('second_by', None), models.Q(('second_by', models.F('decided_by')), _negated=True), _connector='OR'), name='review_by_another'), models.CheckConstraint(condition=models.Q(('two_people', False), models.Q(('state', 'settled'), _negated=True), ('second_by__isnull', False), _connector='OR'), name='review_grave_by_two'), models.CheckConstraint(condition=models.Q(('next_on__isnull', False), models.Q(('decision', 'keep'), _negated=True), _connector='OR'), name='review_keep_has_next_date')],
            },
        ),
        migrations.CreateModel(
            name='Salt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='salt_is_one')],
            },
        ),
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=64)),
                ('subject_id', models.BigIntegerField()),
                ('remote_hash', models.BinaryField(max_length=32, null=True)),
                ('disposal', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tombstones', to='retention.disposal')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('remote_hash__isnull', False)), fields=['remote_hash'], name='tombstone_remote')],
                'constraints': [models.UniqueConstraint(fields=('disposal', 'subject_id'), name='tombstone_once'), models.UniqueConstraint(fields=('subject_id', 'subject_type'), name='tombstone_one_death')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=64)),
                ('subject_id', models.BigIntegerField()),
                ('subject_name', models.CharField(max_length=160)),
                ('system', models.CharField(choices=[('rms', 'Crime and records management system'), ('control', 'Command and control'), ('intelligence', 'Intelligence system'), ('standards', 'Professional standards system'), ('other', 'Another system')], max_length=12)),
                ('receiver', models.CharField(max_length=160)),
                ('reference', models.CharField(max_length=60)),
                ('why', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='transfer_of_record')],
            },
        ),
        migrations.RunSQL(MOVE, BACK),
        migrations.RemoveField(
            model_name='disposal',
            name='disposed_ids',
        ),
    ]
