"""Information requests are RQ-n: IR-n is an intelligence report.

What names a request is worked out from its number. The holds that it placed name it in words, and say the new reference
from now on, so that whoever looks for it finds them. What was written down before stays as it was written: the trail,
the history, and bundles that were made.
"""

from django.db import migrations


def _rename(was: str, now: str) -> str:
    said = rf"\y{was}-([0-9]+)\y"
    return f"""
    UPDATE retention_hold SET
        reference = regexp_replace(reference, '{said}', '{now}-\\1'),
        why = regexp_replace(why, '{said}', '{now}-\\1', 'g'),
        lifted_why = regexp_replace(lifted_why, '{said}', '{now}-\\1', 'g')
    WHERE id IN (SELECT hold_id FROM retention_requestsubject WHERE hold_id IS NOT NULL)
      AND concat_ws(' ', reference, why, lifted_why) ~ '{said}';
    """


class Migration(migrations.Migration):
    dependencies = [("retention", "0006_offers_to_archives")]

    operations = [migrations.RunSQL(_rename("IR", "RQ"), _rename("RQ", "IR"))]
