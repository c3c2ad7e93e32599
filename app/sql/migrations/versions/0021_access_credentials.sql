-- Who may ask: keys, page sessions and report links. Of a secret no more than its SHA-256 is kept.
CREATE TABLE access_credentials (
    credential_id  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind           text NOT NULL CHECK (kind IN ('api_key', 'page_session', 'report_link')),
    name           text NOT NULL,
    scope          text NOT NULL CHECK (scope IN ('read', 'write')),
    secret_digest  bytea NOT NULL UNIQUE CHECK (octet_length(secret_digest) = 32),
    key_digest     bytea,
    path           text,
    opened_by      text,
    owner_user_id  text,
    workspace_ids  text[],
    space_ids      text[],
    person_ids     text[],
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz,
    last_used_at   timestamptz,
    ended_at       timestamptz,
    CHECK ((kind = 'page_session') = (key_digest IS NOT NULL)),
    CHECK ((kind = 'report_link') = (path IS NOT NULL)),
    CHECK (kind <> 'report_link' OR scope = 'read')
);
ALTER TABLE access_credentials ENABLE ROW LEVEL SECURITY;

-- A key is revoked by its name, too.
CREATE UNIQUE INDEX access_credentials_key_name ON access_credentials (lower(name))
    WHERE kind = 'api_key' AND ended_at IS NULL;
