"""Security alerts, their history, and the thresholds that a force sets."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('bulk_viewing', 'Much opened out of hours'), ('export_spike', 'Many exports'), ('repeated_lookups', 'One member of the public looked up repeatedly'), ('failed_step_ups', 'Second factor refused again and again'), ('leaving_access', 'Used after notice to leave'), ('new_network', 'Sign-in from a new network')], max_length=20)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('exercise', models.BooleanField(default=False)),
                ('person_id', models.BigIntegerField(null=True)),
                ('person_name', models.CharField(blank=True, max_length=200)),
                ('subject_type', models.CharField(blank=True, max_length=64)),
                ('subject_id', models.CharField(blank=True, max_length=64)),
                ('sentence', models.CharField(max_length=300)),
                ('count', models.PositiveIntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('raised_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('claimed', 'Looked into'), ('closed', 'Closed')], default='open', max_length=8)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('explained', 'Explained, no concern'), ('advice', 'Advice or training given'), ('referred', 'Referred to professional standards'), ('incident', 'Security incident opened'), ('threshold', 'The rule needs other numbers')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=600)),
                ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claimed_alerts', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closed_alerts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-last_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='AlertChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=10)),
                ('by_name', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=600)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='insights.alert')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.SlugField(choices=[('bulk_viewing', 'Much opened out of hours'), ('export_spike', 'Many exports'), ('repeated_lookups', 'One member of the public looked up repeatedly'), ('failed_step_ups', 'Second factor refused again and again'), ('leaving_access', 'Used after notice to leave'), ('new_network', 'Sign-in from a new network')], max_length=20, unique=True)),
                ('on', models.BooleanField(default=True)),
                ('numbers', models.JSONField(default=dict)),
                ('set_at', models.DateTimeField()),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['exercise', '-last_at'], name='alert_open'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'closed'), models.Q(('outcome', ''), _negated=True), models.Q(('note', ''), _negated=True)), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None), ('closed_by', None), ('outcome', '')), _connector='OR'), name='alert_closed_whole'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('closed_by', None), ('person_id', None), models.Q(('closed_by', models.F('person_id')), _negated=True), _connector='OR'), name='alert_closed_by_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('claimed_by', None), ('person_id', None), models.Q(('claimed_by', models.F('person_id')), _negated=True), _connector='OR'), name='alert_claimed_by_somebody_else'),
        ),
    ]
