import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_posting_gates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContinuityPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(blank=True, max_length=20, unique=True)),
                ('version', models.PositiveIntegerField()),
                ('review_on', models.DateField()),
                ('next_test_on', models.DateField()),
                ('changed_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='continuity_plans', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('version__gt', 0)), name='continuity_plan_counts_from_one')],
                'ordering': ['platform'],
            },
        ),
        migrations.CreateModel(
            name='ContinuityTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField()),
                ('how', models.CharField(choices=[('table', 'Talked through'), ('played', 'Played'), ('real', 'It happened')], max_length=6)),
                ('scenario', models.CharField(max_length=1000)),
                ('people', models.CharField(max_length=600, verbose_name='who took part')),
                ('worked', models.TextField(max_length=2000)),
                ('failed', models.TextField(blank=True, max_length=2000)),
                ('recorded_at', models.DateTimeField()),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tests', to='accounts.continuityplan')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('scenario', ''), _negated=True), models.Q(('people', ''), _negated=True), models.Q(('worked', ''), _negated=True)), name='continuity_test_words')],
                'ordering': ['-held_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ContinuityAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=300)),
                ('due_on', models.DateField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='continuity_actions', to=settings.AUTH_USER_MODEL)),
                ('test', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='accounts.continuitytest')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None), ('outcome', '')), models.Q(('done_at__isnull', False), ('done_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='continuity_action_done_by_someone')],
                'ordering': ['due_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ContinuityVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('first', models.TextField(max_length=2000)),
                ('alternative', models.TextField(max_length=2000)),
                ('native', models.TextField(blank=True, max_length=2000)),
                ('afterwards', models.TextField(blank=True, max_length=2000)),
                ('messages', models.JSONField(default=list)),
                ('changes', models.CharField(max_length=300)),
                ('written_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='accounts.continuityplan')),
                ('written_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='continuity_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('first', ''), _negated=True), models.Q(('alternative', ''), _negated=True)), name='continuity_words')],
                'ordering': ['plan', '-number'],
            },
        ),
        migrations.CreateModel(
            name='Outage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=20)),
                ('began_at', models.DateTimeField()),
                ('why', models.CharField(max_length=400)),
                ('people_told', models.PositiveIntegerField(default=0)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_why', models.CharField(blank=True, max_length=400)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('raised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('platform',), name='outage_once_live'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('ended_why', '')), models.Q(('ended_at__gte', models.F('began_at')), models.Q(('ended_why', ''), _negated=True)), _connector='OR'), name='outage_ended_with_reason')],
                'ordering': ['-began_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='OutageRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accounts', models.PositiveSmallIntegerField()),
                ('minutes', models.PositiveSmallIntegerField()),
                ('set_at', models.DateTimeField()),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('accounts__gte', 1), ('accounts__lte', 100), ('minutes__gte', 1), ('minutes__lte', 1440)), name='outage_rule_bounds')],
                'ordering': ['-set_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ContinuityContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=120)),
                ('name', models.CharField(max_length=120)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('noted_at', models.DateTimeField()),
                ('struck_at', models.DateTimeField(blank=True, null=True)),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='continuity_contacts', to=settings.AUTH_USER_MODEL)),
                ('struck_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['duty', 'name', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('struck_at', None), ('struck_by', None), models.Q(('phone', ''), _negated=True)), models.Q(('phone', ''), ('struck_at__isnull', False)), _connector='OR'), name='continuity_contact_number_goes')],
            },
        ),
    ]
