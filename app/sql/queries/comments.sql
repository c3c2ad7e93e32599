-- Comments.

-- name: list_tasks_for_comments
-- A page of live tasks whose comments are to be read, latest change first. `changed`: never read, changed
-- since, or read before `before` with short answers, no more than `most_short_reads` in a row; `fresh`: those
-- of them that changed of late; `waiting`: a comment waits for somebody;
-- `all`: every one. Of the latter two, those not read since `before`. But for `all`, a task whose
-- comments are refused is left out until its next try. `total` counts this page and all after it.
SELECT t.clickup_task_id, t.date_updated, coalesce(t.date_updated, 'epoch') AS changed_at,
    count(*) OVER () AS total
FROM {schema}.tasks AS t
LEFT JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND CASE %(which)s
    WHEN 'fresh' THEN
        (reads.comments_read_at IS NULL OR reads.comments_for IS DISTINCT FROM t.date_updated)
        AND t.date_updated > %(fresh_since)s
    WHEN 'changed' THEN
        reads.comments_read_at IS NULL OR reads.comments_for IS DISTINCT FROM t.date_updated
        OR reads.comments_short_reads > 0 AND reads.comments_short_reads < %(most_short_reads)s
            AND reads.comments_read_at < %(before)s
    WHEN 'waiting' THEN t.assigned_comment IS NOT NULL AND reads.comments_read_at < %(before)s
    WHEN 'all' THEN reads.comments_read_at IS NULL OR reads.comments_read_at < %(before)s
  END
  AND (%(which)s = 'all' OR NOT
{comments_are_refused})
  AND (coalesce(t.date_updated, 'epoch'), t.clickup_task_id) < (%(after_change)s, %(after_id)s)
ORDER BY changed_at DESC, t.clickup_task_id DESC
LIMIT %(limit)s;

-- name: list_comments_due
-- Live tasks whose comments a background check reads next: changed since they were read, then those on which
-- somebody is waited for, then the never read, then the least recently read; none read since `due_before`
-- but for a change or a short answer, and what was written since `settled_before` is left to the run that wrote
-- it. After a short answer: half a minute later, and each time four times as long, up to `most_short_reads`.
SELECT t.clickup_task_id, t.date_updated, reads.comments_read_at, count(*) OVER () AS total
FROM {schema}.tasks AS t
LEFT JOIN {schema}.task_reads AS reads USING (clickup_task_id)
WHERE t.workspace_id = %(workspace_id)s AND NOT t.is_deleted
  AND NOT
{comments_are_refused}
  AND (reads.comments_read_at IS NULL
       OR reads.comments_for IS NOT DISTINCT FROM t.date_updated AND reads.comments_read_at < %(due_before)s
       OR reads.comments_for IS DISTINCT FROM t.date_updated AND t.updated_at < %(settled_before)s
       OR reads.comments_short_reads > 0 AND reads.comments_short_reads < %(most_short_reads)s
          AND reads.comments_read_at
              < %(settled_before)s - interval '30 seconds' * (4 ^ least(reads.comments_short_reads - 1, 4) - 1))
  AND t.clickup_task_id <> ALL(%(excluded_ids)s)
ORDER BY
    CASE
        WHEN reads.comments_read_at IS NULL THEN 2
        WHEN reads.comments_for IS DISTINCT FROM t.date_updated THEN 0
        WHEN t.assigned_comment IS NOT NULL THEN 1
        ELSE 3
    END,
    reads.comments_read_at, t.date_updated DESC
LIMIT %(limit)s;

-- name: list_tasks_by_id
-- Live tasks among these, as the reading of comments wants them.
SELECT clickup_task_id, date_updated, count(*) OVER () AS total
FROM {schema}.tasks WHERE clickup_task_id = ANY(%(ids)s) AND NOT is_deleted;

-- name: list_threads
-- What is known of some tasks' threads, to tell which need reading and what is missing: replies stored, replies
-- that wait, and the comment's own count of them, which is NULL where the comment itself is not stored.
SELECT c.clickup_task_id, coalesce(c.parent_comment_id, c.clickup_comment_id) AS comment_id,
    coalesce(array_agg(c.clickup_comment_id) FILTER (WHERE c.parent_comment_id IS NOT NULL), '{}') AS reply_ids,
    coalesce(bool_or(c.is_waiting) FILTER (WHERE c.parent_comment_id IS NOT NULL), false) AS waits,
    max(c.reply_count) FILTER (WHERE c.parent_comment_id IS NULL) AS reply_count
FROM {schema}.comments AS c
WHERE c.clickup_task_id = ANY(%(ids)s)
GROUP BY c.clickup_task_id, coalesce(c.parent_comment_id, c.clickup_comment_id);

-- name: list_short_reads
-- Of some tasks, those whose last read showed less than ClickUp counts or is stored, and what it did not show.
SELECT clickup_task_id, comments_short_reads, comments_absent FROM {schema}.task_reads
WHERE clickup_task_id = ANY(%(ids)s) AND comments_short_reads > 0;

-- name: upsert_comments
-- Comments that changed; members' names are those in `employees`.
INSERT INTO {schema}.comments AS stored (
    workspace_id, clickup_comment_id, clickup_task_id, parent_comment_id, text, author_id, author_name,
    assignee_id, assignee_name, assignee_group_id, assignee_group_name, assigned_by_id, assigned_by_name, resolved,
    commented_at, reply_count, blocks, reactions, reaction_counts, unreadable_fields, read_at
)
SELECT DISTINCT ON (r.clickup_comment_id)
    %(workspace_id)s, r.clickup_comment_id, r.clickup_task_id, r.parent_comment_id, r.text,
    r.author_id, coalesce(author.name, r.author_name), r.assignee_id, coalesce(assignee.name, r.assignee_name),
    r.assignee_group_id, r.assignee_group_name, r.assigned_by_id, coalesce(assigner.name, r.assigned_by_name),
    r.resolved, r.commented_at, coalesce(r.reply_count, 0), r.blocks, r.reactions, r.reaction_counts,
    r.unreadable_fields, %(asked_at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    clickup_comment_id text, clickup_task_id text, parent_comment_id text, text text, author_id text,
    author_name text, assignee_id text, assignee_name text, assignee_group_id text, assignee_group_name text,
    assigned_by_id text, assigned_by_name text, resolved boolean, commented_at timestamptz, reply_count integer,
    blocks jsonb, reactions jsonb, reaction_counts jsonb, unreadable_fields jsonb
)
LEFT JOIN {members} AS author ON author.workspace_id = %(workspace_id)s AND author.clickup_user_id = r.author_id AND author.is_active
LEFT JOIN {members} AS assignee ON assignee.workspace_id = %(workspace_id)s AND assignee.clickup_user_id = r.assignee_id AND assignee.is_active
LEFT JOIN {members} AS assigner ON assigner.workspace_id = %(workspace_id)s AND assigner.clickup_user_id = r.assigned_by_id AND assigner.is_active
ORDER BY r.clickup_comment_id
ON CONFLICT (clickup_comment_id) DO UPDATE SET
    workspace_id = excluded.workspace_id, clickup_task_id = excluded.clickup_task_id,
    parent_comment_id = excluded.parent_comment_id, text = excluded.text, author_id = excluded.author_id,
    author_name = excluded.author_name, assignee_id = excluded.assignee_id,
    assignee_name = excluded.assignee_name, assignee_group_id = excluded.assignee_group_id,
    assignee_group_name = excluded.assignee_group_name, assigned_by_id = excluded.assigned_by_id,
    assigned_by_name = excluded.assigned_by_name, resolved = excluded.resolved,
    commented_at = excluded.commented_at, reply_count = excluded.reply_count, blocks = excluded.blocks,
    reactions = excluded.reactions, reaction_counts = excluded.reaction_counts,
    unreadable_fields = excluded.unreadable_fields, read_at = excluded.read_at, updated_at = now()
WHERE excluded.read_at >= stored.read_at
  AND (stored.workspace_id, stored.clickup_task_id, stored.parent_comment_id, stored.text, stored.author_id, stored.author_name,
       stored.assignee_id, stored.assignee_name, stored.assignee_group_id, stored.assignee_group_name,
       stored.assigned_by_id, stored.assigned_by_name, stored.resolved, stored.commented_at, stored.reply_count,
       stored.blocks, stored.reactions, stored.reaction_counts, stored.unreadable_fields)
    IS DISTINCT FROM
      (excluded.workspace_id, excluded.clickup_task_id, excluded.parent_comment_id, excluded.text, excluded.author_id,
       excluded.author_name, excluded.assignee_id, excluded.assignee_name, excluded.assignee_group_id,
       excluded.assignee_group_name, excluded.assigned_by_id, excluded.assigned_by_name, excluded.resolved,
       excluded.commented_at, excluded.reply_count, excluded.blocks, excluded.reactions,
       excluded.reaction_counts, excluded.unreadable_fields)
RETURNING clickup_comment_id;

-- name: delete_comments
-- Comments and replies of these tasks that are proved deleted, and the replies to them; not what was read since.
DELETE FROM {schema}.comments
WHERE clickup_task_id = ANY(%(tasks)s) AND read_at < %(asked_at)s
  AND (clickup_comment_id = ANY(%(ids)s) OR parent_comment_id = ANY(%(ids)s));

-- name: mark_comments_read
-- These tasks' comments were read, for the state of the task that was known then; `short`: not all were shown
-- that ClickUp counts or that are stored, `absent` being the latter.
INSERT INTO {schema}.task_reads AS stored (
    workspace_id, clickup_task_id, comments_read_at, comments_seen_at, comments_for, comments_short_reads, comments_absent
)
SELECT %(workspace_id)s, r.task_id, %(asked_at)s,
    %(asked_at)s + current_setting('clickup_sync.clock_ahead')::interval, r.changed_at, r.is_short::integer, r.absent
FROM unnest(%(ids)s::text[], %(changed)s::timestamptz[], %(short)s::boolean[], %(absent)s::jsonb[])
    AS r (task_id, changed_at, is_short, absent)
ON CONFLICT (clickup_task_id) DO UPDATE SET
    comments_read_at = excluded.comments_read_at, comments_seen_at = excluded.comments_seen_at,
    comments_for = excluded.comments_for,
    comments_short_reads = CASE WHEN excluded.comments_short_reads = 0 THEN 0
        ELSE least(stored.comments_short_reads + 1, 1000) END,
    comments_absent = excluded.comments_absent;
