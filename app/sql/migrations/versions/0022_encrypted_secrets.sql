-- What webhooks are signed with is stored encrypted. The Python beside this file reads the plain secrets before, and
-- puts them in encrypted after; a row whose secret could not be encrypted is deleted, and the webhook is made anew.
--
-- A dropped column's values stay in the table's file until its rows are written anew: the new value of `endpoint`, which
-- is the old one, makes PostgreSQL write the whole table into a new file.
ALTER TABLE webhooks
    DROP COLUMN secret,
    ADD COLUMN secret_encrypted text NOT NULL DEFAULT '',
    ALTER COLUMN endpoint TYPE text USING endpoint || '';
ALTER TABLE webhooks ALTER COLUMN secret_encrypted DROP DEFAULT;
