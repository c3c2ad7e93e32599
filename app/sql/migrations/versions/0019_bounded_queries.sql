-- PostgreSQL looks at `statement_timeout` between the steps of a statement, not within most of them. A value
-- that may be too large for the step that takes it is handed through one of these first, which hands it on or
-- refuses the statement with SQLSTATE 54C01; the time limit is looked at, too, because each is PL/pgSQL.
-- `app/core/answers/sql/` writes them into what assistants ask. `step` is what the sentence calls the step.

CREATE FUNCTION {views}.at_most(value text, most bigint, step text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF octet_length(value) > most THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            '%%s is given a text of %%s bytes, and takes at most %%s here: shorten it first, for example with '
            'left(text, %%s), or filter such rows out',
            step, octet_length(value), most, least(greatest(most / 4, 1), 10000));
    END IF;
    RETURN value;
END
$$;

CREATE FUNCTION {views}.at_most(value anyelement, most bigint, step text) RETURNS anyelement
LANGUAGE plpgsql STABLE AS $$
DECLARE
    -- What is much larger in memory is not written out to be measured.
    bytes bigint := CASE
        WHEN pg_column_size(value) > 4 * most THEN pg_column_size(value) ELSE octet_length(value::text) END;
BEGIN
    IF bytes > most THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            '%%s is given a value of %%s bytes, and takes at most %%s here: take less of it first, or filter such '
            'rows out', step, bytes, most);
    END IF;
    RETURN value;
END
$$;

CREATE FUNCTION {views}.number_at_most(value anyelement, most bigint, step text) RETURNS anyelement
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF value > most OR value < -most THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            '%%s with %%s is too large: at most %%s is possible', step, left(value::text, 30), most);
    END IF;
    RETURN value;
END
$$;

-- For regular expressions, of which (x{99}){99} is written out before it is searched for.
CREATE FUNCTION {views}.pattern_at_most(value anyelement, most bigint, step text) RETURNS anyelement
LANGUAGE plpgsql STABLE AS $$
DECLARE
    written text := {views}.at_most(value, most, step)::text;
BEGIN
    IF written LIKE '%%{%%' AND (
        SELECT sum(ln(greatest(1, times[1]::float8))) > ln(1000)
        FROM regexp_matches(written, '([0-9]{1,9})[}]', 'g') AS times
    ) THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            'the pattern of %%s repeats too much: take smaller numbers in { }', step);
    END IF;
    RETURN value;
END
$$;

-- As at_most, for what becomes JSON or numbers: 1e131071 has eight characters, and then as many digits.
CREATE FUNCTION {views}.document_at_most(value anyelement, most bigint, step text) RETURNS anyelement
LANGUAGE plpgsql STABLE AS $$
DECLARE
    written text := {views}.at_most(value, most, step)::text;
BEGIN
    IF written ~ '[0-9][eE][+]?0*[0-9]{3}'
        AND (SELECT count(*) > 20 FROM regexp_matches(written, '[0-9][eE][+]?0*[0-9]{3}', 'g')) THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            '%%s is given too many numbers with large exponents: write them with fewer digits', step);
    END IF;
    RETURN value;
END
$$;

-- What aggregates keep in memory, in all of one transaction, is bounded too, for which PostgreSQL has no setting.
-- To add up each small value would take longer than all else: a value of so many bytes is counted as 4096 as often
-- as it is a part of that by chance, which comes to the same over many. That it is STABLE lets PostgreSQL make equal
-- aggregates once.
CREATE FUNCTION {views}.kept(value anyelement, bytes bigint) RETURNS anyelement LANGUAGE plpgsql STABLE AS $$
DECLARE
    total bigint := greatest(4096, bytes) + coalesce(nullif(current_setting('clickup_sync.kept', true), ''), '0')::bigint;
BEGIN
    IF total > 64000000 THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE =
            'it gathers more than 64 MB of values: filter the rows earlier, group them, or take less of each '
            'text, for example left(description, 100)';
    END IF;
    PERFORM set_config('clickup_sync.kept', total::text, true);
    RETURN value;
END
$$;

CREATE FUNCTION {views}.counted(value text, more integer, weight integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN (octet_length(value) + more) * weight > 4096 * random()
        THEN {views}.kept(value, (octet_length(value) + more)::bigint * weight)
        ELSE value
    END;
END
$$;

CREATE FUNCTION {views}.counted(value anyelement, more integer, weight integer) RETURNS anyelement
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN (octet_length(value::text) + more) * weight > 4096 * random()
        THEN {views}.kept(value, (octet_length(value::text) + more)::bigint * weight)
        ELSE value
    END;
END
$$;

-- What sorts and joins write to the disk is bounded where the user may say so: a superuser, or who was granted
-- SET ON PARAMETER temp_file_limit.
CREATE FUNCTION {views}.limit_temporary_files(most text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN set_config('temp_file_limit', most, true);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN NULL;
END
$$;
