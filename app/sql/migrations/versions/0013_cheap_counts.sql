-- Every task has a row in task_reads from its first one on, whoever wrote it: so the tasks whose comments were
-- never read are those of an index that holds them alone, and are counted beside every answer for nothing.

CREATE FUNCTION begin_task_reads() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE 'INSERT INTO ' || quote_ident(TG_TABLE_SCHEMA) || '.task_reads (workspace_id, clickup_task_id)
        SELECT workspace_id, clickup_task_id FROM written ON CONFLICT DO NOTHING';
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION begin_task_reads() FROM PUBLIC;
CREATE TRIGGER task_reads_begun AFTER INSERT ON tasks
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION begin_task_reads();

INSERT INTO task_reads (workspace_id, clickup_task_id)
SELECT workspace_id, clickup_task_id FROM tasks ORDER BY clickup_task_id
ON CONFLICT DO NOTHING;

DROP INDEX task_reads_settled;
CREATE INDEX task_reads_unread ON task_reads (workspace_id, clickup_task_id)
    WHERE comments_read_at IS NULL AND comments_denied_at IS NULL;

-- Filters that go together are counted in one index.
DROP INDEX tasks_status;
CREATE INDEX tasks_status ON tasks (workspace_id, status)
    INCLUDE (status_type, priority, archived, due_date, clickup_task_id, list_id, folder_id, space_id)
    WHERE NOT is_deleted;
