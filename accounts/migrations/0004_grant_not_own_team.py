"""Nobody gives a grant to a team that they are in: it would be theirs. And the force's access policy begins."""

from django.db import migrations

GUARD = """
CREATE FUNCTION accounts_grant_not_own_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM staff_membership m WHERE m.team_id = NEW.team_id AND m.member_id = NEW.given_by_id
               AND m.since <= NEW.since AND (m.until IS NULL OR m.until > NEW.since)) THEN
        RAISE EXCEPTION 'Nobody gives a grant to a team that they are in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_not_own_team';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_grant_not_own_team BEFORE INSERT OR UPDATE OF team_id, given_by_id, since ON accounts_grant
    FOR EACH ROW WHEN (NEW.team_id IS NOT NULL AND NEW.given_by_id IS NOT NULL)
    EXECUTE FUNCTION accounts_grant_not_own_team();
"""
BACK = """
DROP TRIGGER accounts_grant_not_own_team ON accounts_grant;
DROP FUNCTION accounts_grant_not_own_team();
"""


def begin(apps, schema_editor):
    apps.get_model("accounts", "AccessPolicy").objects.get_or_create()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_requests_and_reviews_of_access"), ("staff", "0005_conduct")]
    operations = [
        migrations.RunSQL(GUARD, BACK),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
