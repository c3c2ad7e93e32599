-- Comments as ClickUp sends them, teams that are waited for, and one meaning of "waits" for every query.
DROP VIEW {views}.comments;
DROP INDEX comments_waiting;
DROP INDEX comments_waiting_by_date;

ALTER TABLE comments
    ADD COLUMN assignee_group_id text,
    ADD COLUMN assignee_group_name text,
    ADD COLUMN blocks jsonb,
    ADD COLUMN reactions jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN reaction_counts jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN is_waiting boolean NOT NULL
        GENERATED ALWAYS AS ((assignee_id IS NOT NULL OR assignee_group_id IS NOT NULL) AND NOT resolved) STORED;

CREATE INDEX comments_waiting ON comments (workspace_id, assignee_id) WHERE is_waiting;
CREATE INDEX comments_waiting_by_date
    ON comments (workspace_id, coalesce(commented_at, 'epoch'::timestamptz), clickup_comment_id)
    WHERE is_waiting;

-- Answers that showed less than ClickUp counts or the mirror knows.
ALTER TABLE task_reads
    ADD COLUMN comments_short_reads integer NOT NULL DEFAULT 0,
    ADD COLUMN comments_absent jsonb;
CREATE INDEX task_reads_short ON task_reads (workspace_id, clickup_task_id) WHERE comments_short_reads > 0;

-- What is stored has no blocks yet: it is read again, as if its tasks had changed.
UPDATE task_reads AS reads SET comments_for = NULL
WHERE EXISTS (SELECT FROM comments AS c WHERE c.clickup_task_id = reads.clickup_task_id);

CREATE VIEW {views}.comments AS
SELECT c.workspace_id, c.clickup_comment_id, c.clickup_task_id, c.parent_comment_id, c.text, c.author_id,
    c.author_name, c.assignee_id, c.assignee_name, c.assignee_group_id, c.assignee_group_name, c.assigned_by_name,
    c.is_waiting, c.resolved, c.commented_at, c.reply_count, c.reaction_counts, c.updated_at,
    c.unreadable_fields
FROM comments AS c;
REVOKE ALL ON {views}.comments FROM PUBLIC;
DO $$
BEGIN
    GRANT SELECT ON {views}.comments TO {reader};
EXCEPTION WHEN undefined_object THEN
    NULL;
END
$$;

COMMENT ON VIEW {views}.comments IS 'Comments on tasks, and replies to them.';
COMMENT ON COLUMN {views}.comments.workspace_id IS 'The workspace.';
COMMENT ON COLUMN {views}.comments.clickup_comment_id IS 'ClickUp''s id of the comment.';
COMMENT ON COLUMN {views}.comments.clickup_task_id IS 'The task it stands on.';
COMMENT ON COLUMN {views}.comments.parent_comment_id IS 'The comment it replies to. NULL: it is no reply.';
COMMENT ON COLUMN {views}.comments.text IS 'What was said.';
COMMENT ON COLUMN {views}.comments.author_id IS 'clickup_user_id of who said it. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.comments.author_name IS 'Name of who said it. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.comments.assignee_id IS 'clickup_user_id of the person who should answer. NULL: it is assigned to no person.';
COMMENT ON COLUMN {views}.comments.assignee_name IS 'Name of the person who should answer. NULL: it is assigned to no person.';
COMMENT ON COLUMN {views}.comments.assignee_group_id IS 'ClickUp''s id of the team that should answer. NULL: it is assigned to no team.';
COMMENT ON COLUMN {views}.comments.assignee_group_name IS 'Name of the team that should answer. NULL: it is assigned to no team.';
COMMENT ON COLUMN {views}.comments.assigned_by_name IS 'Name of who assigned it. NULL: it is assigned to nobody.';
COMMENT ON COLUMN {views}.comments.is_waiting IS 'It is assigned to a person or a team and not resolved.';
COMMENT ON COLUMN {views}.comments.resolved IS 'It was resolved.';
COMMENT ON COLUMN {views}.comments.commented_at IS 'When it was posted. NULL: ClickUp does not tell.';
COMMENT ON COLUMN {views}.comments.reply_count IS 'How many replies ClickUp counts.';
COMMENT ON COLUMN {views}.comments.reaction_counts IS 'How often each reaction was given, an object by reaction; empty without any.';
COMMENT ON COLUMN {views}.comments.updated_at IS 'When the mirror last changed this row.';
COMMENT ON COLUMN {views}.comments.unreadable_fields IS 'Fields that could not be read, as {"ClickUp''s name of the field": "reason"}; empty where all could. Such a field is NULL or empty here.';

INSERT INTO mirrored_columns (table_name, column_name)
VALUES ('comments', 'assignee_group_id'), ('comments', 'assignee_group_name'), ('comments', 'blocks'),
    ('comments', 'reactions'), ('comments', 'reaction_counts');
