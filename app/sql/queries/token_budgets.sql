-- The rate limit of a token, shared by all processes that use it. The clock is the database's: processes are told
-- seconds. What a process asks for, and when, is computed in `app/core/sync/permits.py`.

-- name: insert_token_budget
-- The budget of a token that is used for the first time; those that nobody used for a day are deleted.
WITH forgotten AS (
    DELETE FROM {schema}.token_budgets
    WHERE updated_at < now() - interval '1 day' AND token_hash <> %(token_hash)s
)
INSERT INTO {schema}.token_budgets (token_hash) VALUES (%(token_hash)s)
ON CONFLICT (token_hash) DO NOTHING;

-- name: take_permits
-- Takes permits for one process and returns those that it used or does not keep; with what ClickUp's answers told it
-- about the window, and its 429. No row: the token has no budget yet.
WITH before AS (
    SELECT b.*, clock_timestamp() AS at
    FROM {schema}.token_budgets AS b WHERE b.token_hash = %(token_hash)s FOR UPDATE
),
-- `first`: nobody knew a window before; whoever asked for permits before that may have a request under way.
-- `next`: the answers are of a later window. `same`: of this one; also where its beginning was only a guess.
-- `over`: nobody knows the next window yet, so one of full length is assumed. Windows are told apart as in Throttle.
judged AS (
    SELECT *, CASE
        WHEN %(limit)s::integer IS NOT NULL AND request_limit IS NULL THEN 'first'
        WHEN %(limit)s::integer IS NOT NULL
            AND %(resets_at)s::numeric - resets_at > 1.5 AND NOT (is_guess AND ends_at > at) THEN 'next'
        WHEN %(limit)s::integer IS NOT NULL AND ends_at > at
            AND %(resets_at)s::numeric - resets_at >= -1.5 THEN 'same'
        WHEN request_limit IS NOT NULL AND ends_at <= at THEN 'over'
        ELSE 'none' END AS news
    FROM before
),
-- Within one window the smallest remainder is the latest. Permits of a window end with it.
described AS (
    SELECT token_hash, at,
        window_number + (news IN ('next', 'over'))::integer AS window_number,
        CASE WHEN news IN ('first', 'next', 'same') THEN %(limit)s::integer ELSE request_limit END AS request_limit,
        CASE WHEN news IN ('first', 'next') OR news = 'same' AND request_limit <> %(limit)s::integer
                THEN %(remaining)s::integer
            WHEN news = 'same' THEN least(remaining, %(remaining)s::integer)
            WHEN news = 'over' THEN request_limit
            ELSE remaining END AS remaining,
        %(under_way)s::integer + CASE WHEN news IN ('next', 'over') THEN 0
            WHEN window_number = %(window)s::bigint
                THEN greatest(outstanding - %(recorded)s::integer, 0) + %(kept)s::integer
            ELSE outstanding END AS outstanding,
        CASE WHEN news IN ('first', 'next') OR news = 'same' AND is_guess THEN %(resets_at)s::numeric
            ELSE resets_at END AS resets_at,
        news = 'over' OR news = 'none' AND is_guess AS is_guess,
        CASE WHEN news IN ('first', 'next') OR news = 'same' AND is_guess THEN at + %(resets_in)s::interval
            WHEN news = 'same' THEN least(ends_at, at + %(resets_in)s::interval)
            WHEN news = 'over' THEN at + %(window_length)s::interval
            ELSE ends_at END AS ends_at,
        greatest(blocked_until, at + %(blocked_for)s::interval) AS blocked_until,
        CASE WHEN process_id <> %(process_id)s::uuid AND updated_at > at - 2 * %(window_length)s::interval
            THEN at + 2 * %(window_length)s::interval ELSE shared_until END AS shared_until
    FROM judged
),
-- Each priority leaves a part of what the window allows to those before it, as in Throttle; the part shrinks by
-- `each_second`.
counted AS (
    SELECT *, remaining - outstanding - reserve AS available,
        each_second * extract(epoch FROM ends_at - at) AS left_to_others
    FROM (
        SELECT *, %(left_share)s::double precision * (request_limit - reserve)
            / extract(epoch FROM %(window_length)s::interval) AS each_second
        FROM (SELECT *, floor(request_limit * %(free_share)s::double precision) AS reserve FROM described) AS reserved
    ) AS paced
),
-- Some is left for whoever asks next. Of several processes none takes what its priority may use only seconds later.
granted AS (
    SELECT *, CASE WHEN available < greatest(left_to_others, 1) OR blocked_until > at THEN 0
        ELSE least(%(wanted)s::integer, greatest(1, floor(CASE WHEN shared_until <= at THEN available / 2
            ELSE least(available / 4, available - left_to_others + each_second) END)))::integer END AS granted
    FROM counted
)
UPDATE {schema}.token_budgets AS b
SET window_number = g.window_number, request_limit = g.request_limit, remaining = g.remaining,
    outstanding = g.outstanding + g.granted, resets_at = g.resets_at, is_guess = g.is_guess, ends_at = g.ends_at,
    blocked_until = g.blocked_until, process_id = %(process_id)s::uuid, shared_until = g.shared_until, updated_at = g.at
FROM granted AS g
WHERE b.token_hash = g.token_hash
RETURNING g.granted, b.window_number AS "window", b.request_limit AS "limit", b.remaining, b.outstanding, b.is_guess,
    b.resets_at::double precision AS resets_at, extract(epoch FROM b.ends_at - g.at)::double precision AS resets_in,
    greatest(extract(epoch FROM b.blocked_until - g.at)::double precision, 0) AS blocked_for;
