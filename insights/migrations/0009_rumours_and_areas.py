"""Rumours with their appearances, evidence, answers and story; what neighbourhoods raise, as numbers by the day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0024_security_checks'),
        ('insights', '0008_reports'),
        ('publishing', '0020_the_first_due_without_sorting'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Rumour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found', models.CharField(choices=[('cluster', 'Said again and again'), ('hand', 'Noted by somebody')], max_length=7)),
                ('words', models.CharField(blank=True, max_length=500)),
                ('truth', models.CharField(blank=True, max_length=1000)),
                ('state', models.CharField(choices=[('seen', 'Seen'), ('assessing', 'Being assessed'), ('false', 'False'), ('misleading', 'Misleading'), ('true', 'True'), ('unclear', 'Unclear'), ('closed', 'Closed')], default='seen', max_length=10)),
                ('kind', models.CharField(blank=True, choices=[('mis', 'Misinformation: wrong, and not meant to mislead as far as we can tell'), ('dis', 'Disinformation: made or spread in order to mislead'), ('mal', 'Malinformation: true, and spread in order to harm')], max_length=3)),
                ('first_comment_id', models.BigIntegerField(blank=True, null=True)),
                ('noted_at', models.DateTimeField()),
                ('first_seen_at', models.DateTimeField()),
                ('third_at', models.DateTimeField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('harm', models.CharField(blank=True, choices=[('life', 'Somebody may be hurt, or be hunted'), ('disorder', 'Disorder, or a crowd where none should be'), ('justice', 'An investigation, an operation or a trial'), ('trust', 'Trust in the force, or fear in an area'), ('little', 'Little, as far as we can see')], max_length=8)),
                ('spread', models.CharField(blank=True, choices=[('wide', 'Beyond our accounts, or in the news'), ('growing', 'More each hour'), ('contained', 'A few, and no more each hour')], max_length=9)),
                ('priority', models.CharField(blank=True, choices=[('high', 'High: answer now'), ('medium', 'Medium: answer, and watch'), ('low', 'Low: watch')], max_length=6)),
                ('authority', models.CharField(blank=True, choices=[('comms', 'Communications'), ('command', 'Duty command or gold'), ('sio', 'The senior investigating officer'), ('partner', 'Another agency speaks, and we point to it'), ('nobody', 'Nobody speaks on it now')], max_length=7)),
                ('speaker', models.CharField(blank=True, max_length=160)),
                ('proceedings', models.CharField(blank=True, choices=[('no', 'No arrest, warrant, charge or court case'), ('yes', 'Yes, or one is close'), ('unknown', 'Not known')], max_length=7)),
                ('legal', models.CharField(blank=True, choices=[('asked', 'Waits for a second person'), ('clear', 'May be said'), ('stop', 'May not be said')], max_length=5)),
                ('legal_words', models.CharField(blank=True, max_length=500)),
                ('case_number', models.PositiveIntegerField(blank=True, null=True)),
                ('judged_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('legal_asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('legal_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('official_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rumours', to='accounts.officialaccount')),
                ('raised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-noted_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='RumourChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=20)),
                ('says', models.CharField(max_length=700)),
                ('by_name', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('rumour', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='insights.rumour')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RumourEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('says', models.CharField(max_length=500)),
                ('link', models.CharField(blank=True, max_length=500)),
                ('speaks', models.CharField(choices=[('against', 'Speaks against it'), ('for', 'Speaks for it'), ('neither', 'Neither')], max_length=7)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rumour', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='insights.rumour')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RumourPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('holding', 'Holding line'), ('correction', 'Correction')], max_length=10)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rumour_link', to='publishing.post')),
                ('rumour', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='insights.rumour')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment_id', models.BigIntegerField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('noted_at', models.DateTimeField()),
                ('asks', models.BooleanField(default=False)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('official_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
                ('rumour', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sightings', to='insights.rumour')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AreaDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('category', models.CharField(choices=[('threat_to_life', 'Threat to life'), ('suicide_self_harm', 'Suicide or self-harm'), ('violence_in_progress', 'Violence in progress'), ('missing_person', 'Missing person'), ('domestic_abuse', 'Domestic abuse'), ('child_safeguarding', 'Child safeguarding'), ('hate_crime', 'Hate crime'), ('terrorism', 'Terrorism'), ('stalking_harassment', 'Stalking or harassment'), ('vulnerable_adult', 'Vulnerable adult'), ('medical_emergency_fire', 'Medical emergency or fire'), ('wrongly_named_vigilantism', 'Wrongly named or hunted'), ('incitement_disorder', 'Incitement to disorder'), ('operation_exposed', 'Police operation exposed'), ('crime_report', 'Crime report'), ('intelligence', 'Intelligence'), ('asb', 'Antisocial behaviour'), ('traffic', 'Traffic'), ('complaint_about_police', 'Complaint about police'), ('misinformation', 'Misinformation'), ('contempt_risk', 'Contempt risk'), ('information_request', 'Information request'), ('abuse_of_staff', 'Abuse of staff'), ('personal_data_posted', 'Personal data posted'), ('spam', 'Spam'), ('scam_impersonation', 'Scam or impersonation'), ('praise', 'Praise'), ('question', 'Question'), ('none', 'Nothing particular')], max_length=40)),
                ('comments', models.PositiveIntegerField()),
                ('neighbourhood', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='accounts.neighbourhood')),
            ],
            options={
                'ordering': ['day', 'id'],
                'indexes': [models.Index(fields=['day'], name='area_day_by_day')],
                'constraints': [models.UniqueConstraint(fields=('neighbourhood', 'day', 'category'), name='area_day_once')],
            },
        ),
        migrations.CreateModel(
            name='AreaMood',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('pleased', models.PositiveIntegerField()),
                ('neutral', models.PositiveIntegerField()),
                ('displeased', models.PositiveIntegerField()),
                ('neighbourhood', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moods', to='accounts.neighbourhood')),
            ],
            options={
                'ordering': ['day', 'id'],
                'constraints': [models.UniqueConstraint(fields=('neighbourhood', 'day'), name='area_mood_once')],
            },
        ),
        migrations.AddIndex(
            model_name='rumour',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['-noted_at'], name='rumour_open'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.UniqueConstraint(condition=models.Q(('first_comment_id__isnull', False)), fields=('first_comment_id',), name='rumour_suggested_once'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['seen', 'closed']), models.Q(('words', ''), _negated=True), _connector='OR'), name='rumour_has_words'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['false', 'misleading', 'true', 'unclear']), _negated=True), models.Q(('judged_at__isnull', False), ('judged_by__isnull', False)), _connector='OR'), name='rumour_judged_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['false', 'misleading']), _negated=True), ('kind__in', ['mis', 'dis']), _connector='OR'), name='rumour_untrue_has_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'true'), _negated=True), ('kind__in', ['', 'mal']), _connector='OR'), name='rumour_true_is_no_misinformation'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('legal__in', ['clear', 'stop']), _negated=True), models.Q(('legal_asked_by__isnull', False), ('legal_by__isnull', False), models.Q(('legal_by', models.F('legal_asked_by')), _negated=True)), _connector='OR'), name='rumour_legal_two_people'),
        ),
        migrations.AddConstraint(
            model_name='rumour',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', False), _connector='OR'), name='rumour_closed_has_time'),
        ),
        migrations.AddConstraint(
            model_name='rumourevidence',
            constraint=models.CheckConstraint(condition=models.Q(('says', ''), _negated=True), name='rumour_evidence_says'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(condition=models.Q(('comment_id__isnull', False)), fields=['comment_id'], name='sighting_comment'),
        ),
        migrations.AddConstraint(
            model_name='sighting',
            constraint=models.UniqueConstraint(condition=models.Q(('comment_id__isnull', False)), fields=('rumour', 'comment_id'), name='sighting_once'),
        ),
    ]
