"""The one function that deletes records. It runs with the disposer's rights (smmp.database).

It locks the records, and only then looks whether a hold or a case keeps them: a look in the
same statement as the lock would read the snapshot from before the wait, and a hold placed
meanwhile would be missed.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION retention_dispose(class text, ids bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone bigint[];
BEGIN
    IF class = 'routine_comment' THEN
        PERFORM id FROM moderation_comment WHERE id = ANY(ids) ORDER BY id FOR UPDATE;
        SELECT coalesce(array_agg(c.id), '{}') INTO gone FROM moderation_comment c
        WHERE c.id = ANY(ids) AND c.state <> 'open' AND c.needs_case = ''
          AND NOT EXISTS (SELECT 1 FROM retention_hold h WHERE h.subject_type = 'moderation.comment'
                          AND h.subject_id = c.id AND h.lifted_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM escalation_casecomment e WHERE e.comment_id = c.id);
        DELETE FROM moderation_replydraft WHERE comment_id = ANY(gone);
        DELETE FROM moderation_note WHERE comment_id = ANY(gone);
        DELETE FROM moderation_decision WHERE comment_id = ANY(gone);
        DELETE FROM moderation_revision WHERE comment_id = ANY(gone);
        CREATE TEMP TABLE disposal_left ON COMMIT DROP AS
            SELECT DISTINCT commenter_id, conversation_id FROM moderation_comment WHERE id = ANY(gone);
        DELETE FROM moderation_comment WHERE id = ANY(gone);
        DELETE FROM moderation_commenter r USING disposal_left l WHERE r.id = l.commenter_id
            AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.commenter_id = r.id);
        DELETE FROM moderation_conversation v USING disposal_left l WHERE v.id = l.conversation_id
            AND NOT EXISTS (SELECT 1 FROM moderation_comment c WHERE c.conversation_id = v.id);
        DROP TABLE disposal_left;
    ELSIF class = 'notice' THEN
        PERFORM id FROM notices_notice WHERE id = ANY(ids) ORDER BY id FOR UPDATE;
        SELECT coalesce(array_agg(n.id), '{}') INTO gone FROM notices_notice n
        WHERE n.id = ANY(ids)
          AND NOT EXISTS (SELECT 1 FROM retention_hold h WHERE h.subject_type = 'notices.notice'
                          AND h.subject_id = n.id AND h.lifted_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM escalation_callout c WHERE c.notice_id = n.id);
        DELETE FROM notices_noticedelivery WHERE notice_id = ANY(gone);
        DELETE FROM notices_notice WHERE id = ANY(gone);
    ELSE
        RAISE EXCEPTION 'No record class % can be disposed of here', class;
    END IF;
    RETURN gone;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("smmp", "0001_first_tables"),
        ("notices", "0001_first_tables"),
        ("retention", "0001_first_tables"),
        ("moderation", "0001_first_tables"),
        ("escalation", "0001_first_tables"),
        ("audit", "0001_append_only_trail"),
    ]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION retention_dispose(text, bigint[])")]
