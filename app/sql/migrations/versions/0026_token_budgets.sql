-- The rate limit of a token, shared by all processes that use it. Unlogged: it is rewritten often, and after a crash
-- of the server the next answer of ClickUp says all of it again.

CREATE UNLOGGED TABLE token_budgets (
    token_hash     bytea PRIMARY KEY,
    window_number  bigint NOT NULL DEFAULT 0,
    request_limit  integer,
    remaining      integer NOT NULL DEFAULT 0,
    outstanding    integer NOT NULL DEFAULT 0,
    resets_at      numeric,
    is_guess       boolean NOT NULL DEFAULT true,
    ends_at        timestamptz NOT NULL DEFAULT now(),
    blocked_until  timestamptz NOT NULL DEFAULT now(),
    process_id     uuid,
    shared_until   timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT token_budgets_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
) WITH (fillfactor = 50);

ALTER TABLE token_budgets ENABLE ROW LEVEL SECURITY;
