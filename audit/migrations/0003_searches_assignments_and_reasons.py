"""Saved searches, assignments to professional standards, and where a reason for access is asked."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_source_address'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=60, verbose_name='case reference')),
                ('officer_id', models.BigIntegerField()),
                ('officer_name', models.CharField(max_length=200)),
                ('people_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('people_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None)),
                ('entries_since', models.DateTimeField()),
                ('entries_until', models.DateTimeField()),
                ('why', models.CharField(max_length=400)),
                ('made_by_id', models.BigIntegerField()),
                ('made_by_name', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by_name', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['officer_id', 'ends_at'], name='assignment_live')],
                'constraints': [models.CheckConstraint(condition=models.Q(('entries_since__lt', models.F('entries_until'))), name='assignment_period_whole'), models.CheckConstraint(condition=models.Q(('made_at__lt', models.F('ends_at'))), name='assignment_ends_later'), models.CheckConstraint(condition=models.Q(('officer_id', models.F('made_by_id')), _negated=True), name='assignment_by_somebody_else'), models.CheckConstraint(condition=models.Q(('people_ids__len__gte', 1), models.Q(('people_ids__contains', [models.F('officer_id')]), _negated=True)), name='assignment_of_others')],
            },
        ),
        migrations.CreateModel(
            name='ReasonRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.SlugField(max_length=40, unique=True)),
                ('mode', models.CharField(choices=[('off', 'Not asked'), ('optional', 'Asked, may be left empty'), ('required', 'Required')], max_length=8)),
                ('set_by_name', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('mode__in', ['off', 'optional', 'required'])), name='reason_mode')],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner_id', models.BigIntegerField()),
                ('name', models.CharField(max_length=60)),
                ('filters', models.JSONField()),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('owner_id', 'name'), name='saved_search_once')],
            },
        ),
    ]
