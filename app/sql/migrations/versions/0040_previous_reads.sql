-- When earlier runs read is asked only where rows were written, and once for both instants: most transactions of a
-- sync write none.
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    todo                text;
    previous_read       timestamptz;
    previous_full_read  timestamptz;
BEGIN
    -- A statement that finds nothing to change has its triggers fired as well.
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM old_rows) THEN
            RETURN NULL;
        END IF;
    ELSIF NOT EXISTS (SELECT FROM new_rows) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT statement FROM %I.history_statements WHERE table_name = %L AND operation = %L',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, lower(TG_OP)) INTO todo;
    -- What changed before the last run that lists changed tasks, or the last full one, began was written by it. The
    -- listing may lag behind, two minutes at most.
    EXECUTE format('
        SELECT max(r.began_at) - interval ''2 minutes'',
            max(r.began_at) FILTER (WHERE kinds.kind <> ''incremental'') - interval ''2 minutes''
        FROM unnest(ARRAY[''incremental'', ''first'', ''full'', ''deep'']) AS kinds (kind)
        CROSS JOIN LATERAL (
            SELECT r.started_at + r.clock_ahead_ms * interval ''1 millisecond'' AS began_at FROM %I.runs AS r
            WHERE r.workspace_id = $1 AND r.kind = kinds.kind AND r.status = ''succeeded''
            ORDER BY r.started_at DESC LIMIT 1
        ) AS r', TG_TABLE_SCHEMA)
    INTO previous_read, previous_full_read USING current_setting('clickup_sync.workspace_id', true);
    EXECUTE todo USING previous_read, previous_full_read,
        current_setting('clickup_sync.clickup_now')::timestamptz,
        current_setting('clickup_sync.clock_ahead')::interval,
        current_setting('clickup_sync.read_since')::timestamptz;
    RETURN NULL;
END
$$;
