-- Comments as people ask for them.

-- part: of_no_deleted_task
-- Comments of deleted tasks wait for nobody. These are few, and have an index, so that no other task is looked at.
  AND (c.clickup_task_id IN (SELECT clickup_task_id FROM {schema}.tasks
                             WHERE workspace_id = %(workspace_id)s AND is_deleted)) IS NOT TRUE

-- part: who_should_answer
-- The person and the team that a comment is assigned to; NULL where it is assigned to neither.
    nullif(concat_ws(', ', coalesce(c.assignee_name, c.assignee_id),
                     coalesce(c.assignee_group_name, c.assignee_group_id)), '')

-- part: waiting_comments
-- Comments and replies that wait, for whom, and where.
WHERE c.workspace_id = %(workspace_id)s AND c.is_waiting
{of_no_deleted_task}
  AND (%(people)s::text[] IS NULL OR c.assignee_id = ANY(%(people)s))
  AND (%(teams)s::text[] IS NULL OR c.assignee_group_id = ANY(%(teams)s)
       OR c.assignee_group_name = ANY(%(teams)s))
  AND (%(tasks)s::text[] IS NULL OR c.clickup_task_id = ANY(%(tasks)s))
{in_any_place}

-- name: list_waiting_comments
-- Comments and replies that wait for a person or a team, newest first, from a place on; or, with `again`, those that
-- were written since `written_since`, oldest first. Those of deleted tasks wait for nobody.
SELECT c.clickup_comment_id, c.parent_comment_id, c.clickup_task_id, t.title AS task_title, t.url AS task_url,
    t.status AS task_status, t.list_id, t.list_name, t.folder_id, t.folder_name, t.space_id, t.space_name,
    c.text, c.author_id, c.author_name, c.assignee_id, p.id AS employee_id, c.assignee_name, c.assignee_group_id,
    c.assignee_group_name,
{who_should_answer} AS waits_for, c.assigned_by_id, c.assigned_by_name, c.commented_at,
    CASE WHEN c.commented_at > %(now)s THEN 0
        ELSE floor(extract(epoch FROM %(now)s::timestamptz - c.commented_at) / 86400)::integer
    END AS age_days,
    c.reply_count, c.reaction_counts, c.unreadable_fields, c.updated_at
FROM {schema}.comments AS c
LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
LEFT JOIN {members} AS p ON p.workspace_id = c.workspace_id AND p.clickup_user_id = c.assignee_id
{waiting_comments}
  AND (NOT %(again)s OR c.updated_at > %(written_since)s)
  AND (%(again)s OR %(after_id)s::text IS NULL
       OR (coalesce(c.commented_at, 'epoch'), c.clickup_comment_id) < (%(after_time)s, %(after_id)s))
  AND (NOT %(again)s OR %(after_id)s::text IS NULL
       OR (c.updated_at, c.clickup_comment_id) > (%(after_time)s, %(after_id)s))
ORDER BY
    CASE WHEN NOT %(again)s THEN coalesce(c.commented_at, 'epoch') END DESC,
    CASE WHEN NOT %(again)s THEN c.clickup_comment_id END DESC,
    CASE WHEN %(again)s THEN c.updated_at END,
    CASE WHEN %(again)s THEN c.clickup_comment_id END
LIMIT %(limit)s;

-- name: count_waiting_comments
-- How many comments and replies wait, wherever the walk is.
SELECT count(*) AS total
FROM {schema}.comments AS c
LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
{waiting_comments};

-- name: count_waiting_by_team
-- Comments and replies that wait, by the team that should answer; by name.
SELECT c.assignee_group_id AS team_id, max(c.assignee_group_name) AS name, count(*) AS waiting_comments
FROM {schema}.comments AS c
LEFT JOIN {schema}.tasks AS t USING (clickup_task_id)
WHERE c.workspace_id = %(workspace_id)s AND c.is_waiting AND c.assignee_group_id IS NOT NULL
{of_no_deleted_task}
{in_these_places}
GROUP BY c.assignee_group_id
ORDER BY lower(max(c.assignee_group_name)), c.assignee_group_id;
