
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0019_public_register'),
    ]

    operations = [
        migrations.AlterField(
            model_name='breakglass',
            name='role',
            field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
        migrations.AlterField(
            model_name='grant',
            name='role',
            field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
        migrations.AlterField(
            model_name='grantrequest',
            name='role',
            field=models.CharField(choices=[('comms_officer', 'Communications officer'), ('comms_approver', 'Communications approver'), ('desk_operator', 'Digital desk operator'), ('desk_supervisor', 'Digital desk supervisor'), ('surge_helper', 'Surge helper'), ('neighbourhood_officer', 'Neighbourhood officer'), ('duty_command', 'Duty command'), ('infosec_auditor', 'Information security auditor'), ('records_manager', 'Records manager'), ('information_rights_officer', 'Information rights officer'), ('intelligence_receiver', 'Intelligence receiver'), ('source_unit', 'Dedicated source unit'), ('professional_standards', 'Professional standards'), ('online_child_abuse', 'Online child abuse team'), ('safeguarding', 'Safeguarding team'), ('control_room', 'Control room'), ('asset_owner', 'Information asset owner'), ('service_administrator', 'Service administrator')], max_length=30),
        ),
    ]
