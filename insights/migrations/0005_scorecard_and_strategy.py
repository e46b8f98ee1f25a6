"""What is recorded of the duties of the APP, their waivers and meetings; and the strategy in versions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('insights', '0004_native_post_alerts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScorecardMeeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField()),
                ('next_on', models.DateField()),
                ('others', models.CharField(blank=True, max_length=300)),
                ('looked_at', models.CharField(max_length=2000)),
                ('decisions', models.CharField(blank=True, max_length=4000)),
                ('snapshot', models.JSONField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('next_on__gt', models.F('held_on'))), name='scorecard_meeting_next_later'),
                    models.CheckConstraint(condition=models.Q(('looked_at', ''), _negated=True), name='scorecard_meeting_looked'),
                ],
                'ordering': ['-held_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='MeetingAttendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('infosec', 'Information security'), ('comms', 'Communications')], max_length=7)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='insights.scorecardmeeting')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('meeting', 'person'), name='meeting_attendance_once'),
                ],
                'ordering': ['side', 'person__name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='MeetingAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(blank=True, max_length=40)),
                ('what', models.CharField(max_length=500)),
                ('due_on', models.DateField()),
                ('added_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('done_words', models.CharField(blank=True, max_length=500)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='insights.scorecardmeeting')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='meeting_action_says_what'),
                    models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False)), _connector='OR'), name='meeting_action_done_by_someone'),
                ],
                'ordering': ['due_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Strategy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(unique=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('live', 'It holds'), ('past', 'Replaced'), ('dropped', 'Given up')], default='draft', max_length=7)),
                ('review_on', models.DateField(blank=True, null=True)),
                ('aims', models.TextField(blank=True, max_length=6000)),
                ('roadmap', models.TextField(blank=True, max_length=6000)),
                ('content', models.TextField(blank=True, max_length=6000)),
                ('engagement', models.TextField(blank=True, max_length=6000)),
                ('collaboration', models.TextField(blank=True, max_length=6000)),
                ('tools', models.TextField(blank=True, max_length=6000)),
                ('skills', models.TextField(blank=True, max_length=6000)),
                ('cpd', models.TextField(blank=True, max_length=6000)),
                ('law', models.TextField(blank=True, max_length=6000)),
                ('changes', models.CharField(blank=True, max_length=500)),
                ('drafted_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('live_from', models.DateTimeField(blank=True, null=True)),
                ('live_until', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'live')), fields=('state',), name='strategy_one_live'),
                    models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('state',), name='strategy_one_draft'),
                    models.CheckConstraint(condition=models.Q(('approved_by', None), ('drafted_by', None), models.Q(('approved_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='strategy_approved_by_another'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'dropped']), models.Q(('live_from__isnull', False), ('review_on__isnull', False)), _connector='OR'), name='strategy_live_has_dates'),
                ],
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='StrategyChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=20)),
                ('what', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='history', to='insights.strategy')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='StrategyChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=20)),
                ('purpose', models.CharField(max_length=600)),
                ('audience', models.CharField(blank=True, max_length=300)),
                ('rhythm', models.CharField(blank=True, max_length=300)),
                ('course', models.CharField(choices=[('keep', 'Keep as it is'), ('grow', 'Do more'), ('try', 'Try out'), ('shrink', 'Do less'), ('leave', 'Leave')], max_length=6)),
                ('course_words', models.CharField(blank=True, max_length=300)),
                ('reviewed_on', models.DateField(blank=True, null=True)),
                ('left_out', models.BooleanField(default=False)),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='channels', to='insights.strategy')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('strategy', 'platform'), name='strategy_channel_once'),
                    models.CheckConstraint(condition=models.Q(('purpose', ''), _negated=True), name='strategy_channel_has_purpose'),
                ],
                'ordering': ['platform', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DutyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=40)),
                ('says', models.CharField(choices=[('figures', 'As the figures say'), ('met', 'Met'), ('partly', 'Partly met'), ('not_met', 'Not met')], max_length=7)),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('gap', models.CharField(blank=True, max_length=1000)),
                ('document', models.CharField(blank=True, max_length=200)),
                ('review_on', models.DateField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['duty', '-at', '-id'], name='duty_record_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('says', 'met'), _negated=True), models.Q(('review_on__isnull', False), models.Q(('words', ''), _negated=True)), _connector='OR'), name='duty_record_met_with_words'), models.CheckConstraint(condition=models.Q(models.Q(('says__in', ['partly', 'not_met']), _negated=True), models.Q(('gap', ''), _negated=True), _connector='OR'), name='duty_record_gap_named')],
            },
        ),
        migrations.CreateModel(
            name='DutyWaiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=40)),
                ('reason', models.CharField(max_length=600)),
                ('until', models.DateField()),
                ('asked_at', models.DateTimeField()),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_why', models.CharField(blank=True, max_length=300)),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('duty',), name='duty_waiver_one_open'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='duty_waiver_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), models.Q(('agreed_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='duty_waiver_two_people')],
            },
        ),
    ]
