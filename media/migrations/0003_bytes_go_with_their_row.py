"""What lies in the store goes with the row that names it: each deletion writes down what is to be removed."""

from django.db import migrations, models

_LEAVES = """
CREATE FUNCTION media_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media_leaving (address, at)
        VALUES (CASE TG_TABLE_NAME WHEN 'media_file' THEN to_jsonb(OLD) ->> 'sha256'
                ELSE to_jsonb(OLD) ->> 'stored_sha256' END, now())
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER media_file_leaves AFTER DELETE ON media_file FOR EACH ROW EXECUTE FUNCTION media_leaves();
CREATE TRIGGER media_sealedfile_leaves AFTER DELETE ON media_sealedfile
    FOR EACH ROW EXECUTE FUNCTION media_leaves();
"""
_STAYS = """
DROP TRIGGER media_file_leaves ON media_file;
DROP TRIGGER media_sealedfile_leaves ON media_sealedfile;
DROP FUNCTION media_leaves();
"""


class Migration(migrations.Migration):
    dependencies = [("media", "0002_sealed_files")]

    operations = [
        migrations.CreateModel(
            name="Leaving",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(_LEAVES, _STAYS),
    ]
