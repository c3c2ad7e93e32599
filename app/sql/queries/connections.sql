-- The workspaces that are mirrored, and their tokens.

-- name: list_connections
-- Every connected workspace, by name.
SELECT workspace_id, name, token_kind, token_encrypted, token_set_at, token_rejected_at, token_error, state, added_by,
    created_at, updated_at
FROM {schema}.workspace_connections ORDER BY lower(name), workspace_id;

-- name: list_last_syncs
-- When the last good sync of each workspace ended.
SELECT workspace_id, max(ended_at) AS ended_at FROM {schema}.runs
WHERE status = 'succeeded' AND kind IN ('incremental', 'first', 'full', 'deep')
GROUP BY workspace_id;

-- name: insert_connection
-- A workspace with a token of its own; no row where it is connected already.
INSERT INTO {schema}.workspace_connections (workspace_id, name, token_kind, token_encrypted, added_by)
VALUES (%(workspace_id)s, %(name)s, %(token_kind)s, %(token_encrypted)s, %(added_by)s)
ON CONFLICT DO NOTHING
RETURNING workspace_id;

-- name: ensure_environment_connection
-- The workspace of CLICKUP_API_TOKEN, by the name that ClickUp says; one with a token of its own stays as it is.
INSERT INTO {schema}.workspace_connections AS stored (workspace_id, name, token_kind)
VALUES (%(workspace_id)s, %(name)s, 'environment')
ON CONFLICT (workspace_id) DO UPDATE SET name = excluded.name, updated_at = now()
WHERE stored.token_kind = 'environment' AND stored.name <> excluded.name;

-- name: set_connection_token
-- Another token, of which nothing is known yet; no row where the workspace is not connected, or is being removed.
UPDATE {schema}.workspace_connections
SET token_kind = %(token_kind)s, token_encrypted = %(token_encrypted)s, token_set_at = clock_timestamp(),
    token_rejected_at = NULL, token_error = NULL, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND state <> 'removing'
RETURNING workspace_id;

-- name: set_connection_state
-- Has the workspace be synced, or not for now; no row where it is not connected, or is being removed.
UPDATE {schema}.workspace_connections SET state = %(state)s, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND state <> 'removing'
RETURNING workspace_id;

-- name: set_connection_name
-- The name that people gave.
UPDATE {schema}.workspace_connections SET name = %(name)s, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND state <> 'removing'
RETURNING workspace_id;

-- name: record_token_rejected
-- ClickUp rejects the token, and since when; of a token that was replaced meanwhile nothing is recorded.
UPDATE {schema}.workspace_connections
SET token_rejected_at = coalesce(token_rejected_at, now()), token_error = %(error)s, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND token_set_at = %(token_set_at)s
  AND token_error IS DISTINCT FROM %(error)s;

-- name: record_token_accepted
-- ClickUp accepts the token again.
UPDATE {schema}.workspace_connections SET token_rejected_at = NULL, token_error = NULL, updated_at = now()
WHERE workspace_id = %(workspace_id)s AND token_set_at = %(token_set_at)s AND token_rejected_at IS NOT NULL;

-- name: delete_expired_oauth_states
-- Authorizations that were not finished in time.
DELETE FROM {schema}.oauth_states WHERE expires_at <= now();

-- name: insert_oauth_state
-- An authorization that begins.
INSERT INTO {schema}.oauth_states (state_digest, redirect_uri, workspace_id, name, added_by, expires_at)
VALUES (
    %(state_digest)s, %(redirect_uri)s, %(workspace_id)s, %(name)s, %(added_by)s, now() + %(lifetime)s::interval
)
RETURNING expires_at;

-- name: take_oauth_state
-- The authorization that comes back: once, and in time.
DELETE FROM {schema}.oauth_states WHERE state_digest = %(state_digest)s AND expires_at > now()
RETURNING workspace_id, name, added_by;

-- name: lock_workspace_tokens
-- The tokens that are stored, for who encrypts them anew: nobody changes one meanwhile.
SELECT workspace_id AS row_id, token_encrypted AS encrypted
FROM {schema}.workspace_connections WHERE token_encrypted IS NOT NULL ORDER BY workspace_id FOR UPDATE;

-- name: update_workspace_token
-- The same token, encrypted anew.
UPDATE {schema}.workspace_connections SET token_encrypted = %(encrypted)s WHERE workspace_id = %(row_id)s;

-- name: list_encrypted_secrets
-- Every secret that is stored encrypted.
SELECT secret_encrypted AS encrypted FROM {schema}.webhooks
UNION ALL
SELECT token_encrypted FROM {schema}.workspace_connections WHERE token_encrypted IS NOT NULL;

-- name: begin_removal
-- From here on nobody syncs the workspace; no row where it is not connected.
UPDATE {schema}.workspace_connections SET state = 'removing', updated_at = now()
WHERE workspace_id = %(workspace_id)s
RETURNING workspace_id;

-- name: revoke_runs
-- What is under way in the workspace writes nothing any more; it waits for an open transaction.
WITH found AS (
    SELECT run_id FROM {schema}.runs
    WHERE workspace_id = %(workspace_id)s AND status IN ('waiting', 'running')
    FOR UPDATE
)
UPDATE {schema}.runs AS r SET status = 'interrupted', fence = r.fence + 1, ended_at = now()
FROM found WHERE r.run_id = found.run_id;

-- name: delete_waiting_jobs
-- Nothing more is done for the workspace, but jobs of these kinds.
DELETE FROM {jobs}.procrastinate_jobs
WHERE status = 'todo' AND args ->> 'workspace_id' = %(workspace_id)s AND task_name <> ALL (%(but)s::text[]);

-- name: list_reasons_to_wait
-- Jobs of the workspace that are under way, and whether workers may not have heard of its removal yet.
SELECT task_name::text AS reason FROM {jobs}.procrastinate_jobs
WHERE status = 'doing' AND args ->> 'workspace_id' = %(workspace_id)s AND task_name <> ALL (%(removals)s::text[])
UNION ALL
SELECT state FROM {schema}.workspace_connections
WHERE workspace_id = %(workspace_id)s AND updated_at > now() - make_interval(secs => %(seconds)s);

-- name: delete_connection
-- The workspace is not connected any more.
DELETE FROM {schema}.workspace_connections WHERE workspace_id = %(workspace_id)s RETURNING workspace_id;

-- name: list_erasing_statements
-- Statements that delete a portion of a workspace's rows, one for each table that has any: so none is forgotten.
-- People may be in other workspaces too and are deleted apart; the connection goes last.
SELECT format('DELETE FROM %%I.%%I WHERE ctid = ANY (ARRAY('
    'SELECT ctid FROM %%I.%%I WHERE workspace_id = %%L LIMIT %%s FOR UPDATE))',
    n.nspname, c.relname, n.nspname, c.relname, %(workspace_id)s::text, %(limit)s::integer) AS statement
FROM {our_relations} AS r
JOIN pg_class AS c ON c.oid = r.oid AND r.kind = 'TABLE' AND NOT r.is_view
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
WHERE c.relname NOT IN ('employees', 'employee_versions', 'workspace_connections')
ORDER BY c.relname = 'workspaces', c.relname;

-- name: mark_writer
-- What this transaction writes is no change by somebody else.
SELECT set_config('clickup_sync.writer', 'on', true);
