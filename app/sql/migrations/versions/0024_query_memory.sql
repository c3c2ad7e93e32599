-- A value of many small parts takes much more memory than its letters: '[[],[]]'::jsonb some 300 bytes a part while
-- it is made, an array of texts some 60, and each document and row of an array is written out in a kilobyte of its
-- own. What is made of a value of so many bytes, as these functions count them, takes at most about twelve times as
-- much. Measured on PostgreSQL 18.

CREATE OR REPLACE FUNCTION {views}.at_most(value anyelement, most bigint, step text) RETURNS anyelement
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind text := pg_typeof(value)::text;
    bytes bigint := pg_column_size(value);
    written text;
BEGIN
    IF bytes > 4 * most THEN
        -- What is much larger in memory is not written out to be measured.
        NULL;
    ELSIF kind LIKE '%%[]' THEN
        IF kind IN ('text[]', 'integer[]', 'bigint[]', 'smallint[]', 'numeric[]', 'boolean[]', 'date[]', 'uuid[]',
            'double precision[]', 'real[]', 'character varying[]', 'json[]', 'timestamp with time zone[]',
            'timestamp without time zone[]', 'interval[]') THEN
            bytes := octet_length(value::text) + 8 * cardinality(value);
        ELSE
            bytes := greatest(bytes, 90 * cardinality(value)::bigint);
            IF bytes <= most THEN
                bytes := greatest(bytes, octet_length(value::text));
            END IF;
        END IF;
    ELSE
        written := value::text;
        bytes := octet_length(written);
        IF bytes > most / 30 THEN
            bytes := bytes + 30 * (bytes - octet_length(translate(written, ',[{', '')));
        END IF;
    END IF;
    IF bytes > most THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            '%%s is given a value of %%s bytes in memory, and takes at most %%s here: take less of it first, or '
            'filter such rows out', step, bytes, most);
    END IF;
    RETURN value;
END
$$;

CREATE OR REPLACE FUNCTION {views}.document_at_most(value anyelement, most bigint, step text) RETURNS anyelement
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written text := {views}.at_most(value, most, step)::text;
    bytes bigint := octet_length(written);
BEGIN
    IF bytes > most / 30 THEN
        bytes := bytes + 30 * (bytes - octet_length(translate(written, ',[{', '')));
        IF bytes > most THEN
            RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
                '%%s is given a value of %%s bytes in memory, and takes at most %%s here: take less of it first, or '
                'filter such rows out', step, bytes, most);
        END IF;
    END IF;
    IF written ~ '[0-9][eE][+]?0*[0-9]{3}'
        AND (SELECT count(*) > 20 FROM regexp_matches(written, '[0-9][eE][+]?0*[0-9]{3}', 'g')) THEN
        RAISE EXCEPTION USING ERRCODE = '54C01', MESSAGE = format(
            '%%s is given too many numbers with large exponents: write them with fewer digits', step);
    END IF;
    RETURN value;
END
$$;

-- With a weight, what is kept becomes a document, of which each part counts.
CREATE OR REPLACE FUNCTION {views}.counted(value anyelement, more integer, weight integer) RETURNS anyelement
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written text := value::text;
    bytes bigint := greatest(octet_length(written), pg_column_size(value)) + more;
BEGIN
    IF weight > 1 THEN
        bytes := (bytes + 64 * (octet_length(written) - octet_length(translate(written, ',[{', '')))) * weight;
    END IF;
    RETURN CASE WHEN bytes > 4096 * random() THEN {views}.kept(value, bytes) ELSE value END;
END
$$;
