-- Keys, page sessions and report links. Of secrets there are only digests.

-- part: is_live
-- Whether a credential `c` has neither been ended nor expired.
c.ended_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())

-- name: list_live_credentials
-- All that may be presented now, and whether a key was ever made; one row without a credential where there is none.
SELECT k.has_keys, c.credential_id, c.kind, c.name, c.scope, c.secret_digest, c.key_digest, c.path,
    c.owner_user_id, c.workspace_ids, c.space_ids, c.person_ids, c.expires_at
FROM (SELECT EXISTS (SELECT FROM {schema}.access_credentials WHERE kind = 'api_key') AS has_keys) AS k
LEFT JOIN {schema}.access_credentials AS c ON {is_live};

-- name: list_credentials
-- The credentials of a kind, also those that were ended a while ago; the latest first.
SELECT c.credential_id, c.name, c.scope, c.path, c.opened_by, c.owner_user_id, e.name AS owner_name,
    c.workspace_ids, c.space_ids, c.person_ids, c.created_at, c.expires_at, c.last_used_at,
    CASE WHEN c.ended_at IS NOT NULL THEN 'ended' WHEN {is_live} THEN 'live' ELSE 'expired' END AS status
FROM {schema}.access_credentials AS c
LEFT JOIN {schema}.employees AS e ON e.clickup_user_id = c.owner_user_id
WHERE c.kind = %(kind)s ORDER BY c.created_at DESC, c.credential_id;

-- name: list_sessions_of_key
-- The open page sessions of one key, the latest first.
SELECT c.credential_id, c.opened_by, c.created_at, c.expires_at, c.last_used_at
FROM {schema}.access_credentials AS c
WHERE c.kind = 'page_session' AND c.key_digest = %(key_digest)s AND {is_live}
ORDER BY c.created_at DESC, c.credential_id;

-- name: insert_credential
-- A key or a report link; without a row where a live key has this name.
INSERT INTO {schema}.access_credentials
    (kind, name, scope, secret_digest, path, owner_user_id, workspace_ids, expires_at)
VALUES (
    %(kind)s, %(name)s, %(scope)s, %(secret_digest)s, %(path)s, %(owner_user_id)s, %(workspace_ids)s::text[],
    now() + %(lifetime)s::interval
)
ON CONFLICT DO NOTHING
RETURNING credential_id, expires_at;

-- name: insert_session
-- A page session of the key with this digest, which ends with the key at the latest.
INSERT INTO {schema}.access_credentials
    (kind, name, scope, secret_digest, key_digest, opened_by, owner_user_id, expires_at)
VALUES (
    'page_session', %(name)s, %(scope)s, %(secret_digest)s, %(key_digest)s, %(opened_by)s, %(owner_user_id)s,
    least(now() + %(lifetime)s::interval, %(key_expires_at)s::timestamptz)
)
RETURNING credential_id, expires_at;

-- name: end_surplus_sessions
-- Deletes the oldest open sessions of a key beyond so many: nobody fills the table by signing in.
DELETE FROM {schema}.access_credentials WHERE credential_id IN (
    SELECT c.credential_id FROM {schema}.access_credentials AS c
    WHERE c.kind = 'page_session' AND c.key_digest = %(key_digest)s AND {is_live}
    ORDER BY c.created_at DESC, c.credential_id OFFSET %(most)s
)
RETURNING credential_id;

-- name: end_expired_credentials
-- Whose time is over has ended: its name is free again.
UPDATE {schema}.access_credentials SET ended_at = expires_at WHERE ended_at IS NULL AND expires_at <= now();

-- name: end_credentials
-- Ends the live credentials of a kind that have this id or this name, and the sessions of a key that is ended.
WITH ended AS (
    UPDATE {schema}.access_credentials AS c SET ended_at = now()
    WHERE c.kind = %(kind)s AND (c.credential_id::text = %(which)s OR c.name = %(which)s) AND {is_live}
    RETURNING c.credential_id, c.name, c.secret_digest
), sessions AS (
    UPDATE {schema}.access_credentials AS c SET ended_at = now()
    FROM ended WHERE c.key_digest = ended.secret_digest AND {is_live}
)
SELECT credential_id, name FROM ended;

-- name: end_sessions
-- Ends open page sessions: one, those of a key, that of a token, or all. A filter that is NULL lets all pass.
UPDATE {schema}.access_credentials AS c SET ended_at = now()
WHERE c.kind = 'page_session' AND {is_live}
  AND (%(credential_id)s::text IS NULL OR c.credential_id::text = %(credential_id)s)
  AND (%(key_digest)s::bytea IS NULL OR c.key_digest = %(key_digest)s)
  AND (%(secret_digest)s::bytea IS NULL OR c.secret_digest = %(secret_digest)s)
RETURNING c.credential_id;

-- name: note_credential_uses
-- When credentials were used last.
UPDATE {schema}.access_credentials AS c SET last_used_at = greatest(c.last_used_at, u.used_at)
FROM jsonb_to_recordset(%(uses)s::jsonb) AS u (credential_id uuid, used_at timestamptz)
WHERE c.credential_id = u.credential_id;

-- name: find_owners
-- The people who have this ClickUp user id or e-mail address.
SELECT DISTINCT clickup_user_id, name FROM {schema}.employees
WHERE clickup_user_id = %(who)s OR lower(email) = lower(%(who)s);
