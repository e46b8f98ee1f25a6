"""Nobody confirms, or ends, a grant of their own in a recertification: the database refuses it as well."""

from django.db import migrations

GUARD = """
CREATE FUNCTION accounts_confirmed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_grant g WHERE g.id = NEW.grant_id AND g.person_id = NEW.decided_by_id) THEN
        RAISE EXCEPTION 'Nobody confirms a grant of their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'confirmation_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_confirmed_by_another BEFORE INSERT OR UPDATE ON accounts_confirmation
    FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION accounts_confirmed_by_another();
"""
BACK = """
DROP TRIGGER accounts_confirmed_by_another ON accounts_confirmation;
DROP FUNCTION accounts_confirmed_by_another();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_credentials_in_versions")]
    operations = [migrations.RunSQL(GUARD, BACK)]
