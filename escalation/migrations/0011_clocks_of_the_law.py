
from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

AS_SHIPPED = {"deadline_minutes": 12000, "deadline_clock": "working"}
"""The service level of requests for information until now; whatever a force has set itself stays."""


def set_clocks(apps, schema_editor):
    """What still stands as it was shipped runs on the clock of the law from now on; open cases keep their deadline."""
    Kind = apps.get_model("escalation", "ReferralKind")
    Kind.objects.filter(slug="foi", deadline_working_days=20).update(
        deadline_working_days=None, deadline_law="foi"
    )
    Kind.objects.filter(slug="subject_access", deadline_minutes=40320, deadline_clock="always").update(
        deadline_minutes=None, deadline_law="subject_access"
    )
    Version = apps.get_model("escalation", "PathwayVersion")
    requests = Version.objects.filter(pathway__slug="information_request")
    live = requests.filter(state="live", **AS_SHIPPED).first()
    if live is not None and not requests.filter(state="draft").exists():
        levels = list(live.levels.order_by("position"))
        Version.objects.filter(pk=live.pk).update(state="retired")
        live.pk, live.number, live.made_by, live.made_by_name = None, live.number + 1, None, "a release"
        live.live_by_name = "a release"
        live.made_at = live.changed_at = live.live_at = timezone.now()
        live.deadline_minutes, live.deadline_clock = None, "always"
        live.deadline_law, live.deadline_warn_minutes = "either", 7200
        while requests.filter(number=live.number).exists():
            live.number += 1
        live.save(force_insert=True)
        for level in levels:
            level.pk, level.version = None, live
            level.save(force_insert=True)
    crimes = Version.objects.filter(pathway__slug="crime_report", deadline_minutes=1440)
    crimes.update(deadline_warn_minutes=240)
    for case in apps.get_model("escalation", "Case").objects.filter(
        version__in=crimes.values("pk"), paused_at=None, due_at__isnull=False
    ).exclude(state="closed"):
        case.nag_at = case.due_at - timedelta(minutes=240)
        case.save(update_fields=["nag_at"])


def set_back(apps, schema_editor):
    """The earlier release knows no clock of the law."""
    Kind = apps.get_model("escalation", "ReferralKind")
    Kind.objects.filter(deadline_law="foi").update(deadline_law="", deadline_working_days=20)
    Kind.objects.exclude(deadline_law="").update(deadline_law="", deadline_minutes=40320)
    Version = apps.get_model("escalation", "PathwayVersion")
    Version.objects.exclude(deadline_law="").update(deadline_law="", **AS_SHIPPED)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0017_teams_that_receive'),
        ('escalation', '0010_own_posts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='referralkind',
            name='referral_kind_one_deadline',
        ),
        migrations.AddField(
            model_name='case',
            name='nag_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='pathwayversion',
            name='deadline_law',
            field=models.CharField(blank=True, choices=[('foi', 'Freedom of information: the twentieth working day after the first message'), ('subject_access', 'Subject access: one month from the first message'), ('either', 'A request of either kind: whichever of the two ends first')], db_default='', default='', max_length=14),
        ),
        migrations.AddField(
            model_name='pathwayversion',
            name='deadline_warn_minutes',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='referralkind',
            name='deadline_law',
            field=models.CharField(blank=True, choices=[('foi', 'Freedom of information: the twentieth working day after the first message'), ('subject_access', 'Subject access: one month from the first message'), ('either', 'A request of either kind: whichever of the two ends first')], db_default='', default='', max_length=14),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('nag_at__isnull', False)), fields=['nag_at'], name='case_to_nag'),
        ),
        migrations.AddConstraint(
            model_name='pathwayversion',
            constraint=models.CheckConstraint(condition=models.Q(('deadline_law', ''), ('deadline_minutes', None), _connector='OR'), name='pathway_law_or_minutes'),
        ),
        migrations.AddConstraint(
            model_name='referralkind',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deadline_law', ''), ('deadline_minutes__isnull', False), ('deadline_working_days', None)), models.Q(('deadline_law', ''), ('deadline_minutes', None), ('deadline_working_days__isnull', False)), models.Q(('deadline_minutes', None), ('deadline_working_days', None), models.Q(('deadline_law', ''), _negated=True)), _connector='OR'), name='referral_kind_one_deadline'),
        ),
        migrations.RunPython(set_clocks, set_back),
    ]
