-- What is visible now, to tell whether an answer that is kept is still true.

-- name: get_data_version
-- The same text as long as no statement that writes mirrored data has become visible.
SELECT concat_ws('/', count(*), max(write_id)) AS version FROM {schema}.data_writes;

-- name: get_snapshot
-- The same text as long as no transaction that writes has ended or begun. The older function's name is known
-- to every PostgreSQL from 13 on.
SELECT txid_current_snapshot()::text AS version;

-- name: delete_old_writes
-- Forgets marks of writes, but for the latest, when many have come together.
DELETE FROM {schema}.data_writes
WHERE (SELECT count(*) FROM {schema}.data_writes) > 1000
  AND write_id <= (SELECT max(write_id) FROM {schema}.data_writes) - 100;
