"""The surveillance guard: look-ups that count, purposes given, and its numbers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0001_first_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GuardRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('own', models.PositiveIntegerField(default=3, verbose_name='look-ups by one person')),
                ('force', models.PositiveIntegerField(default=8, verbose_name='look-ups by the whole force')),
                ('days', models.PositiveIntegerField(default=30, verbose_name='counted over so many days')),
                ('stands_hours', models.PositiveIntegerField(default=24, verbose_name='hours for which a purpose stands')),
                ('ask', models.CharField(default='the force’s RIPA single point of contact, or the duty inspector', max_length=200, verbose_name='whom to ask')),
                ('set_at', models.DateTimeField(null=True)),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='guard_rule_once'), models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 366), ('force__gte', 1), ('own__gte', 1), ('stands_hours__gte', 1)), name='guard_rule_numbers')],
            },
        ),
        migrations.CreateModel(
            name='LookUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('commenter_id', models.BigIntegerField()),
                ('via', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['commenter_id', 'at'], name='look_up_counted')],
                'constraints': [models.CheckConstraint(condition=models.Q(('via__in', ['history', 'search'])), name='look_up_via')],
            },
        ),
        migrations.CreateModel(
            name='Purpose',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('commenter_id', models.BigIntegerField()),
                ('by_name', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('text', models.CharField(max_length=400)),
                ('own_count', models.PositiveIntegerField()),
                ('force_count', models.PositiveIntegerField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['commenter_id', 'by', 'until'], name='purpose_standing')],
            },
        ),
    ]
