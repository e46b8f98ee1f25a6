import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0022_continuity'),
        ('moderation', '0020_appeal_tips'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PaperLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('out', 'We published it'), ('in', 'The public wrote it')], max_length=3)),
                ('at', models.DateTimeField()),
                ('who', models.CharField(blank=True, max_length=200)),
                ('words', models.TextField(blank=True)),
                ('link', models.CharField(blank=True, max_length=500)),
                ('approved_by', models.CharField(blank=True, max_length=120)),
                ('digest', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('open', 'Not found yet'), ('found', 'Found'), ('taken', 'Put before the desk'), ('left', 'Left, with a reason')], default='open', max_length=5)),
                ('comment_id', models.BigIntegerField(blank=True, null=True)),
                ('native_post_id', models.BigIntegerField(blank=True, null=True)),
                ('delivery_id', models.BigIntegerField(blank=True, null=True)),
                ('imported_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('official_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_lines', to='accounts.officialaccount')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['official_account'], name='paper_line_open')],
                'constraints': [models.UniqueConstraint(fields=('official_account', 'digest'), name='paper_line_once'), models.UniqueConstraint(condition=models.Q(('comment_id__isnull', False)), fields=('comment_id',), name='paper_line_comment_once'), models.UniqueConstraint(condition=models.Q(('native_post_id__isnull', False)), fields=('native_post_id',), name='paper_line_native_once'), models.UniqueConstraint(condition=models.Q(('delivery_id__isnull', False)), fields=('delivery_id',), name='paper_line_delivery_once'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='paper_line_settled'), models.CheckConstraint(condition=models.Q(('direction', 'out'), ('state', 'open'), models.Q(('who', ''), ('words', '')), _connector='OR'), name='paper_line_publics_words_go'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'left'), _negated=True), models.Q(('why', ''), _negated=True), _connector='OR'), name='paper_line_left_with_reason')],
            },
        ),
    ]
