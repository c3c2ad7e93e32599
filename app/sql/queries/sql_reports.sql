-- What stands around a question that somebody wrote as SQL.

-- name: bound_reading
-- The transaction only reads from here on, and no statement of it may take long or much.
SELECT set_config('transaction_read_only', 'on', true),
    set_config('statement_timeout', %(milliseconds)s::text, true),
    set_config('idle_in_transaction_session_timeout', '20s', true),
    set_config('lock_timeout', '1s', true),
    set_config('work_mem', %(work_mem)s || 'kB', true),
    set_config('hash_mem_multiplier', '1', true),
    {views}.limit_temporary_files('1GB'),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('jit', 'off', true),
    set_config('standard_conforming_strings', 'on', true),
    set_config('search_path', 'pg_catalog, {views}, pg_temp', true),
    set_config('DateStyle', 'ISO', true),
    set_config('TimeZone', %(zone)s, true);

-- part: the_reader
-- No row where there is no such role, it may do more than read, or the function that answers does not have its
-- rights.
FROM pg_roles AS r
JOIN pg_proc AS p ON p.oid = to_regprocedure('{views}.answer(text, integer)') AND p.proowner = r.oid AND p.prosecdef
WHERE r.oid = to_regrole('{reader}') AND NOT (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole)

-- name: become_reader
-- From here on with the reader's rights, where there is one.
SELECT set_config('role', r.rolname, true)
{the_reader};

-- name: find_reader
-- The reader, where this user may become it.
SELECT r.rolname
{the_reader} AND pg_has_role(r.oid, 'MEMBER');

-- name: declare_question
-- What comes before a SELECT of which only the columns are asked for.
DECLARE question NO SCROLL CURSOR FOR;

-- name: describe_question
-- No row yet, but what its columns are.
FETCH FORWARD 0 FROM question;

-- name: answer_question
-- Its rows, each as an array of texts; when they have more letters than that, one row more and none after it.
SELECT cells FROM {views}.answer(%(question)s, %(most_letters)s) AS cells;

-- name: list_views
-- Each view that may be asked, with its columns in their order; what they mean is their comment.
SELECT c.relname AS view, obj_description(c.oid, 'pg_class') AS meaning, a.attname AS column,
    format_type(a.atttypid, a.atttypmod) AS type, col_description(c.oid, a.attnum) AS column_meaning
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace('{views}') AND c.relkind = 'v'
ORDER BY c.relname, a.attnum;
