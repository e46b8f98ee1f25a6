"""The database's part of retention, made from what the rooms say of their records (retention.registry).

`migrate` puts it in place anew each time (smmp.database), so that a room's records and the functions that
hold and dispose of them cannot drift apart:

- `retention_dispose`, the one function that deletes records;
- for each kind of record, triggers that refuse the deletion of a held one by any route.

Nothing in the text comes from a person: it is made of the rooms' own words.
"""

# ruff: noqa: S608 - what is put together here are the rooms' own words, and no person's
from __future__ import annotations

from collections.abc import Iterable

from core.records import Part, RecordClass, Subject
from retention import registry

DOOR = 7_304_118
"""Advisory lock: disposal holds it shared, whoever places a hold takes it alone, so that neither overlooks the other."""
DISPOSE = "retention_dispose(text, bigint[], date, bigint)"
LONDON_DAY = "(({began} AT TIME ZONE 'Europe/London')::date + period)::date < on_day"
DATES = ("account", "dates", "query")
_BATCH_OF_NOBODY = "'{}'::bigint[]"
_FILES = ("files", "originals")
"""Variables of the stored files that go with what goes."""


def of(text: str, row: str = "r", hold: str = "h") -> str:
    """A condition of a room over this row and this hold."""
    return text.replace("{r}", row).replace("{h}", hold)


def value(column: str, row: str = "r") -> str:
    """A column of this row, or an expression of a room over it."""
    return of(column, row) if "{r}" in column else f"{row}.{column}"


def covers(subject: Subject, kind: str, row: str = "r", hold: str = "h") -> str:
    """Whether a hold of this kind covers a record; "false" where it never does."""
    if kind == "record":
        return f"{hold}.subject_type = '{subject.label}' AND {hold}.subject_id = {row}.id"
    if kind in DATES:
        return _covers_by_query(subject, kind, row, hold)
    condition = registry.known().covered.get(subject.label, {}).get(kind, "false")
    return of(condition, row, hold)


def _covers_by_query(subject: Subject, kind: str, row: str, hold: str) -> str:
    if kind == "account":
        return _on_account(subject, row, f"{hold}.subject_id") or "false"
    if not subject.since or (kind == "query" and not subject.words):
        return "false"
    parts = [
        f"({hold}.since IS NULL OR {value(subject.since, row)} >= {hold}.since)",
        f"({hold}.until IS NULL OR {value(subject.since, row)} < {hold}.until)",
        " OR ".join(
            filter(
                None,
                [
                    f"({hold}.official_account_id IS NULL",
                    _on_account(subject, row, f"{hold}.official_account_id"),
                ],
            )
        )
        + ")",
    ]
    if kind == "query":
        parts.append(of(subject.words, row, hold))
    return " AND ".join(parts)


def _on_account(subject: Subject, row: str, account: str) -> str:
    """Whether a record is of an official account; empty where such records are of none."""
    if subject.account:
        return f"{row}.{subject.account} = {account}"
    return of(subject.on_account, row).replace("{a}", account)


def held(subject: Subject, row: str = "r") -> str:
    """Whether any hold in force covers a record, whatever its kind. One look where nothing is held at all."""
    kinds = ("record", "case", "commenter", *DATES)
    by_kind = " OR ".join(
        f"(h.kind = '{kind}' AND {condition})"
        for kind in kinds
        if (condition := covers(subject, kind, row)) != "false"
    )
    return f"EXISTS (SELECT 1 FROM retention_hold h WHERE h.lifted_at IS NULL AND ({by_kind}))"


def restricted(subject: Subject, row: str = "r") -> str:
    """Whether a restriction keeps the record; what its author deleted is restricted and kept by nothing."""
    return (
        f"EXISTS (SELECT 1 FROM retention_restriction x WHERE x.subject_type = '{subject.label}' "
        f"AND x.subject_id = {row}.id AND x.lifted_at IS NULL AND x.ground <> 'author')"
    )


def erased(subject: Subject, row: str = "r") -> str:
    """Whether two people granted that the record goes before its period is over (retention.models.Erasure)."""
    return (
        f"EXISTS (SELECT 1 FROM retention_erasure g WHERE g.subject_type = '{subject.label}' "
        f"AND g.subject_id = {row}.id)"
    )


def keeps(one: RecordClass, row: str = "r") -> list[tuple[str, str]]:
    """(words, condition) of everything beside holds that keeps a record of the class."""
    subject = _subject(one)
    more = registry.known().keeps.get(subject.label, ())
    found = [(keep.why, of(keep.sql, row)) for keep in (*one.keeps, *more)]
    found += [("a part of it is held by itself", condition) for condition in _parts_held(subject, row)]
    if subject.archive is not None:
        waiting = (
            "EXISTS (SELECT 1 FROM retention_archivedrecord a JOIN retention_archiveoffer o ON o.id = a.offer_id "
            f"WHERE a.subject_type = '{subject.label}' AND a.subject_id = {row}.id AND o.state = 'offered')"
        )
        found.append(("offered to an archive that has not answered", waiting))
    return [*found, ("restricted", restricted(subject, row))]


def _parts_held(subject: Subject, row: str) -> Iterable[str]:
    """Where what goes with a record can be held as a record of its own: that keeps the whole."""
    for part in subject.parts:
        for other in registry.known().subjects.values():
            if part.record and other.table == part.table:
                hangs = _hangs_on(subject, part, row=row, its="y")
                yield f"EXISTS (SELECT 1 FROM {part.table} y WHERE {hangs} AND {held(other, 'y')})"


def in_class(one: RecordClass, row: str = "r") -> str:
    """Whether a record of the subject is in the class."""
    return f"({of(one.where, row)})"


def begun(one: RecordClass, row: str, test: str) -> str:
    """Whether the period of a record began so that `test` over `{began}` holds; false while it has not begun."""
    arms = [
        f"({of(condition, row)} AND {test.replace('{began}', value(column, row))})"
        for condition, column in one.begins
    ]
    return f"({' OR '.join(arms)})"


def statements() -> list[str]:
    """Everything, in the order in which it is run, as the owner of the tables."""
    subjects = list(registry.known().subjects.values())
    made = [_BEFORE_DELETE, _NO_TRUNCATE]
    for subject in subjects:
        made += _guards(subject)
    return [
        *made,
        dispose(),
        *map(drop_months, (one for one in registry.known().classes.values() if one.months)),
    ]


def guarded() -> Iterable[tuple[str, str]]:
    """(table, trigger) of every guard, for whoever measures without them."""
    for subject in registry.known().subjects.values():
        for table, trigger, _ in _watched(subject):
            yield from ((table, name) for name in ("retention_door", trigger, "retention_whole"))


_BEFORE_DELETE = f"""
CREATE OR REPLACE FUNCTION retention_door() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({DOOR});
    RETURN NULL;
END $$;
"""
_NO_TRUNCATE = """
CREATE OR REPLACE FUNCTION retention_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Records are not emptied all at once: %', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'held_is_kept';
END $$;
"""


def _guards(subject: Subject) -> list[str]:
    return [_guard(table, trigger, joined, held(subject)) for table, trigger, joined in _watched(subject)]


def _watched(subject: Subject) -> Iterable[tuple[str, str, str]]:
    """(table, trigger, what was deleted there joined to its record) of a record and of each of its parts."""
    yield subject.table, "retention_held", "gone r"
    for part in subject.parts:
        if part.record:
            joined = f"gone p JOIN {subject.table} r ON {_hangs_on(subject, part)}"
            # A table may be a part of two kinds of record, by the same column: of one at first hand.
            yield part.table, f"retention_held_{part.column}{'_2' if part.of else ''}", joined


def _hangs_on(subject: Subject, part: Part, *, row: str = "r", its: str = "p") -> str:
    if not part.of:
        return f"{row}.id = {its}.{part.column}"
    above, joined, number = _above(subject, part), "", 1
    first = above.table
    while above.of:
        beyond = _above(subject, above)
        joined += f" JOIN {beyond.table} q{number + 1} ON q{number + 1}.id = q{number}.{above.column}"
        above, number = beyond, number + 1
    return f"{row}.id IN (SELECT q{number}.{above.column} FROM {first} q1{joined} WHERE q1.id = {its}.{part.column})"


def _above(subject: Subject, part: Part) -> Part:
    return next(one for one in subject.parts if one.table == part.of)


def _whose(subject: Subject, part: Part) -> str:
    if not part.of:
        return "= ANY(gone)"
    above = _above(subject, part)
    return f"IN (SELECT q.id FROM {above.table} q WHERE q.{above.column} {_whose(subject, above)})"


def _guard(table: str, trigger: str, joined: str, condition: str) -> str:
    """Deletion waits at the door, and is undone whole where anything of it is held. A part's record may be gone by then.

    The look is a statement of its own after the deletion: it sees every hold that was committed while it waited.
    """
    name = f"{trigger}_of_{table}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_hold WHERE lifted_at IS NULL)
       AND EXISTS (SELECT 1 FROM {joined} WHERE {condition}) THEN
        RAISE EXCEPTION 'A hold keeps what should have been deleted from %', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'held_is_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER retention_door BEFORE DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION retention_door();
CREATE OR REPLACE TRIGGER {trigger} AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE OR REPLACE TRIGGER retention_whole BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION retention_whole();
"""


def dispose() -> str:
    """The one function that deletes records. It runs with the disposer's rights (smmp.database).

    It locks the records and only then looks, in a statement of its own, whether they are due and nothing
    keeps them: a look in the statement of the lock would read from before the wait, and a hold placed
    meanwhile would be missed. It believes its caller in nothing but which records to look at.
    """
    branches = "".join(
        f"    {'IF' if n == 0 else 'ELSIF'} class = '{slug}' THEN\n{_branch(one)}"
        for n, (slug, one) in enumerate(registry.disposable().items())
    )
    return f"""
CREATE OR REPLACE FUNCTION retention_dispose(class text, ids bigint[], on_day date, certificate bigint)
RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rule retention_schedulerow; period interval; salt text;
    gone bigint[] := {_BATCH_OF_NOBODY}; {_gathered()}
BEGIN
    PERFORM pg_advisory_xact_lock_shared({DOOR});
    IF on_day > (now() AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'Nothing is due on a day that has not come (%)', on_day;
    END IF;
    SELECT * INTO rule FROM retention_schedulerow WHERE slug = class;
    IF rule.version > 1 AND rule.confirmed_by_id IS NULL THEN
        RAISE EXCEPTION 'The period of % was changed and nobody else has confirmed it', class
            USING ERRCODE = 'check_violation', CONSTRAINT = 'disposal_two_people';
    END IF;
    PERFORM 1 FROM retention_disposal d WHERE d.id = certificate AND d.row_id = rule.id AND d.finished_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'No record class % can be disposed of without an open certificate of its own', class;
    END IF;
    period := make_interval(years => coalesce(rule.keep_for_years, 0)::int,
        days => coalesce(rule.keep_for_days, 0)::int, hours => coalesce(rule.keep_for_hours, 0)::int);
    SELECT value INTO salt FROM retention_salt;
{branches}    ELSE
        RAISE EXCEPTION 'No record class % can be disposed of here', class;
    END IF;
    RETURN gone;
END $$;
"""


def _gathered() -> str:
    names = sorted({*_FILES, *(name for one in registry.known().subjects.values() for name in one.gather)})
    return " ".join(f"{name} bigint[];" for name in names)


def _branch(one: RecordClass) -> str:
    subject = _subject(one)
    table = subject.table
    due = begun(
        one,
        "r",
        "CASE WHEN rule.keep_for_hours IS NULL THEN " + LONDON_DAY + " ELSE {began} + period <= now() END",
    )
    kept = "".join(f"\n          AND NOT ({condition})" for _, condition in keeps(one))
    reviewed = (
        "(rule.outcome = 'dispose' OR EXISTS (SELECT 1 FROM retention_review v WHERE v.row_id = rule.id "
        f"AND v.subject_type = '{subject.label}' AND v.subject_id = r.id "
        "AND v.state = 'settled' AND v.decision = 'dispose'))"
    )
    granted = erased(subject)
    gathered = "".join(f", array_agg(DISTINCT {of(text)})" for text in subject.gather.values())
    into = "".join(f", {name}" for name in subject.gather)
    remote = (
        f"sha256(convert_to(salt || ':' || {of(subject.remote)}, 'UTF8'))"
        if subject.remote
        else "NULL::bytea"
    )
    return f"""
        PERFORM id FROM {table} WHERE id = ANY(ids) ORDER BY id FOR UPDATE;
        SELECT coalesce(array_agg(r.id), {_BATCH_OF_NOBODY}){gathered} INTO gone{into}
        FROM {table} r WHERE r.id = ANY(ids) AND {in_class(one)}
          AND ({granted} OR ({due}
          AND {reviewed})){kept}
          AND NOT {held(subject)};
        INSERT INTO retention_tombstone (disposal_id, subject_type, subject_id, remote_hash)
            SELECT certificate, '{subject.label}', r.id, {remote} FROM {table} r WHERE r.id = ANY(gone)
            ON CONFLICT DO NOTHING;
{_deletions(subject)}
"""


def _deletions(subject: Subject) -> str:
    uses = list(_uses_of_files(subject))
    lines = [f"{line};" for line in (*subject.first, *_files_gathered(uses))]
    for part in subject.parts:
        lines.append(f"DELETE FROM {part.table} WHERE {part.column} {_whose(subject, part)};")
    lines += [
        f"{line};" for line in subject.remains or (f"DELETE FROM {subject.table} WHERE id = ANY(gone)",)
    ]
    lines += [f"{line};" for line in (*subject.last, *(_files_go() if uses else ()))]
    return "\n".join(f"        {line}" for line in lines)


def _uses_of_files(subject: Subject) -> Iterable[str]:
    """What answers the numbers of the stored files that a record and its parts use."""
    parts = {part.table: part for part in subject.parts}
    for table, column in registry.known().files:
        if table == subject.table and not subject.remains:
            yield f"SELECT u.{column} FROM {table} u WHERE u.id = ANY(gone)"
        elif table in parts:
            part = parts[table]
            yield f"SELECT u.{column} FROM {table} u WHERE u.{part.column} {_whose(subject, part)}"


def _files_gathered(uses: list[str]) -> list[str]:
    return [f"files := ARRAY({' UNION '.join(uses)})"] if uses else []


def _files_go() -> list[str]:
    """A file goes with the last record that used it, and its sealed original with it, where no hold keeps them."""
    file = registry.known().subjects[registry.FILE]
    kept = [of(keep.sql, "f") for keep in registry.known().keeps[registry.FILE]]
    free = "".join(f" AND NOT {condition}" for condition in (*kept, held(file, "f")))
    return [
        f"PERFORM id FROM {file.table} WHERE id = ANY(files) ORDER BY id FOR UPDATE",
        f"originals := ARRAY(SELECT f.original_id FROM {file.table} f WHERE f.id = ANY(files))",
        f"DELETE FROM {file.table} f WHERE f.id = ANY(files){free}",
        f"DELETE FROM {file.table} f WHERE f.id = ANY(originals) "
        f"AND NOT EXISTS (SELECT 1 FROM {file.table} c WHERE c.original_id = f.id){free}",
    ]


def drop_months(one: RecordClass) -> str:
    """The one function that drops months of such records. It runs with the owner's rights: partitions are theirs to drop.

    What belongs to a held record is put aside before its month goes, and lies in the partition of all other times
    from then on, until the hold is lifted. No hold is placed meanwhile: disposal and holds share a door.
    """
    months = one.months
    assert months is not None
    subject = registry.known().subjects[months.of]
    joined = months.joined.replace("{r}", "r").replace("{p}", "p")
    kept = f"EXISTS (SELECT 1 FROM {subject.table} r WHERE {joined} AND {held(subject)})"
    other = f"{months.parent}_other"
    quoted = kept.replace("'", "''").replace("%", "%%")
    return f"""
CREATE OR REPLACE FUNCTION retention_drop_months() RETURNS TABLE (part text, lines bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE kept_from timestamptz; ends timestamptz; child text; aside bigint; holds boolean;
BEGIN
    PERFORM pg_advisory_xact_lock_shared({DOOR});
    PERFORM retention_demand_two_people('{one.slug}');
    SELECT CASE WHEN keep_for_hours IS NOT NULL THEN now() - make_interval(hours => keep_for_hours::int)
           ELSE (((now() AT TIME ZONE 'Europe/London')::date
             - make_interval(years => coalesce(keep_for_years, 0)::int, days => coalesce(keep_for_days, 0)::int)
            )::date::timestamp) AT TIME ZONE 'Europe/London' END
        INTO kept_from FROM retention_schedulerow WHERE slug = '{one.slug}' AND outcome = 'dispose';
    IF kept_from IS NULL THEN
        RAISE EXCEPTION 'The schedule has no period for {one.slug}';
    END IF;
    holds := EXISTS (SELECT 1 FROM retention_hold WHERE lifted_at IS NULL);
    FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = '{months.parent}'::regclass
                   AND c.relname ~ '^{months.parent}_[0-9]{{4}}_[0-9]{{2}}$' ORDER BY 1 LOOP
        ends := (to_date(right(child, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC';
        CONTINUE WHEN ends > kept_from;
        EXECUTE format('SELECT count(*) FROM %I', child) INTO lines;
        aside := 0;
        IF holds THEN
            EXECUTE format('CREATE TEMP TABLE retention_aside ON COMMIT DROP AS SELECT p.* FROM %I p WHERE {quoted}', child);
            GET DIAGNOSTICS aside = ROW_COUNT;
        END IF;
        EXECUTE format('DROP TABLE %I', child);
        IF holds THEN
            INSERT INTO {months.parent} SELECT * FROM retention_aside;
            DROP TABLE retention_aside;
        END IF;
        lines := lines - aside;
        part := child;
        RETURN NEXT;
    END LOOP;
    DELETE FROM {other} p WHERE p.{months.at} < kept_from AND NOT {kept};
    GET DIAGNOSTICS lines = ROW_COUNT;
    IF lines > 0 THEN
        part := '{other}';
        RETURN NEXT;
    END IF;
END $$;
"""


def again(subject: Subject, ids: Iterable[int]) -> str:
    """One statement that takes records away once more after a restore, with all that goes with them (retention.replay).

    For the owner of the tables alone. It asks for no period: the certificate has been given. A hold that stands by now
    and covers one of them undoes it whole, as it does any deletion.
    """
    numbers = ", ".join(str(int(number)) for number in ids)
    names = sorted({*subject.gather, *_FILES})
    declared = "".join(f" {name} bigint[];" for name in names)
    gathered = "".join(f", array_agg(DISTINCT {of(text)})" for text in subject.gather.values())
    into = "".join(f", {name}" for name in subject.gather)
    return f"""
DO $$ DECLARE gone bigint[];{declared}
BEGIN
    SELECT coalesce(array_agg(r.id), {_BATCH_OF_NOBODY}){gathered} INTO gone{into}
        FROM {subject.table} r WHERE r.id = ANY(ARRAY[{numbers}]::bigint[]);
{_deletions(subject)}
END $$;
"""


def _subject(one: RecordClass) -> Subject:
    if one.subject is None:
        raise LookupError(f"{one.slug} is not disposed of here.")
    return one.subject
