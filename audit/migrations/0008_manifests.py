"""What stands behind an entry and leaves with it for the sinks. Kept for a while, and closed to change meanwhile."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION audit_manifest_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '60 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'A manifest stays until its entry has long left for the sinks (%)', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_manifest_no_change BEFORE UPDATE OR DELETE ON audit_manifest
    FOR EACH ROW EXECUTE FUNCTION audit_manifest_stays();
CREATE TRIGGER audit_manifest_no_truncate BEFORE TRUNCATE ON audit_manifest
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
BACK = """
DROP TRIGGER audit_manifest_no_truncate ON audit_manifest;
DROP TRIGGER audit_manifest_no_change ON audit_manifest;
DROP FUNCTION audit_manifest_stays();
"""


class Migration(migrations.Migration):
    dependencies = [('audit', '0007_entries_by_operation')]

    operations = [
        migrations.CreateModel(
            name="Manifest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("content", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["entry_id"],
                "indexes": [models.Index(fields=["at"], name="manifest_by_time")],
            },
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
