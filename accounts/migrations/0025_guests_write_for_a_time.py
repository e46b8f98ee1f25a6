"""A role for guests, which is never given without an end, and a right of its own for what they do not do."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0024_security_checks'),
        ('staff', '0015_refused_access'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='officialaccount',
            options={'default_permissions': (), 'ordering': ['name', 'platform'], 'permissions': [('see_comments', 'See comments and conversations'), ('work_comments', 'Claim comments and decide on them'), ('hide_comments', 'Hide comments with a reason'), ('look_again', 'Look again at what a colleague has hidden, when its author asks'), ('check_decisions', 'Dip-sample colleagues’ closed decisions and say how they were'), ('restrict_commenters', 'Delete others’ comments, block and mute, with a reason'), ('reply', 'Reply as the official account'), ('escalate', 'Escalate a comment to a case'), ('see_cases', 'See cases'), ('acknowledge_cases', 'Say “I have it” for a case and close it'), ('record_incidents', 'See calls for service and send back their incident numbers'), ('see_posts', 'See posts, drafts included'), ('write_posts', 'Write posts and send them for approval'), ('plan_posts', 'Plan appeals, campaigns, incidents, series, templates and media'), ('approve_posts', 'Approve posts of others'), ('see_register', 'See the register of official accounts'), ('manage_register', 'Register and change official accounts')]},
        ),
        migrations.AlterField(
            model_name='breakglass',
            name='role',
            field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('guest_writer', 'Guest writer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
        migrations.AlterField(
            model_name='grant',
            name='role',
            field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('guest_writer', 'Guest writer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
        migrations.AlterField(
            model_name='grantrequest',
            name='role',
            field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('guest_writer', 'Guest writer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('role', 'guest_writer'), _negated=True), ('until__isnull', False), _connector='OR'), name='grant_guest_ends'),
        ),
    ]
