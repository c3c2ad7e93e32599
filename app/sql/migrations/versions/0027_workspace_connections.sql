-- The workspaces that are mirrored, each with its own token, and the OAuth authorizations that were begun.
--
-- `environment`: the token is CLICKUP_API_TOKEN of the settings, and is stored nowhere else.
-- `removing`: its data is being erased; the row goes last.
CREATE TABLE workspace_connections (
    workspace_id       text PRIMARY KEY,
    name               text NOT NULL,
    token_kind         text NOT NULL CHECK (token_kind IN ('personal', 'oauth', 'environment')),
    token_encrypted    text,
    token_set_at       timestamptz NOT NULL DEFAULT now(),
    token_rejected_at  timestamptz,
    token_error        text,
    state              text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removing')),
    added_by           text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((token_kind = 'environment') = (token_encrypted IS NULL)),
    CHECK ((token_rejected_at IS NULL) = (token_error IS NULL))
);
ALTER TABLE workspace_connections ENABLE ROW LEVEL SECURITY;

-- What is mirrored so far is read with the token of the settings.
INSERT INTO workspace_connections (workspace_id, name, token_kind)
SELECT workspace_id, name, 'environment' FROM workspaces;

-- Of the state parameter no more than its SHA-256 is kept. `workspace_id`: the only one that may be connected by it.
CREATE TABLE oauth_states (
    state_digest  bytea PRIMARY KEY CHECK (octet_length(state_digest) = 32),
    redirect_uri  text NOT NULL,
    workspace_id  text,
    name          text,
    added_by      text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
ALTER TABLE oauth_states ENABLE ROW LEVEL SECURITY;

-- `admin` may connect and remove workspaces.
ALTER TABLE access_credentials DROP CONSTRAINT access_credentials_scope_check;
ALTER TABLE access_credentials ADD CONSTRAINT access_credentials_scope_check
    CHECK (scope IN ('read', 'write', 'admin'));
