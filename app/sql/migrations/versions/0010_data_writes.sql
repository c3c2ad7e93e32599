-- The data's version: each statement that changes mirrored data leaves a mark, in its own transaction, whoever
-- wrote it. Marks are rows of their own, so that no write waits for another.

CREATE TABLE data_writes (
    write_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_at  timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE data_writes ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION mark_data_write() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    -- A statement that finds nothing to change has its triggers fired as well.
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT FROM written) THEN
            RETURN NULL;
        END IF;
    END IF;
    EXECUTE 'INSERT INTO ' || quote_ident(TG_TABLE_SCHEMA) || '.data_writes DEFAULT VALUES';
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION mark_data_write() FROM PUBLIC;

-- What was written can be looked at in triggers of one kind of statement only.
DO $$
DECLARE
    data text;
BEGIN
    FOREACH data IN ARRAY ARRAY[
        'employees', 'spaces', 'folders', 'lists', 'tasks', 'task_people', 'task_tags', 'task_dependencies',
        'custom_fields', 'task_custom_fields', 'time_entries', 'comments', 'daily_syncs', 'daily_snapshots',
        'workspaces', 'visible_workspaces'
    ] LOOP
        EXECUTE 'CREATE TRIGGER data_inserted AFTER INSERT ON ' || data
            || ' REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mark_data_write()';
        EXECUTE 'CREATE TRIGGER data_updated AFTER UPDATE ON ' || data
            || ' REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mark_data_write()';
        EXECUTE 'CREATE TRIGGER data_deleted AFTER DELETE ON ' || data
            || ' REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mark_data_write()';
        EXECUTE 'CREATE TRIGGER data_truncated AFTER TRUNCATE ON ' || data
            || ' FOR EACH STATEMENT EXECUTE FUNCTION mark_data_write()';
    END LOOP;
END
$$;
