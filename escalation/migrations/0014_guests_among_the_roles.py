"""The role of guests stands among those of pathways."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('escalation', '0013_appeals_in_cases'),
    ]

    operations = [
        migrations.AlterField(
            model_name='level',
            name='role',
            field=models.CharField(blank=True, choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('guest_writer', 'Guest writer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
        migrations.AlterField(
            model_name='pathwayversion',
            name='told',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('guest_writer', 'Guest writer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30), blank=True, default=list, size=None),
        ),
        migrations.AlterField(
            model_name='referralkind',
            name='role',
            field=models.CharField(blank=True, choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('guest_writer', 'Guest writer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
    ]
