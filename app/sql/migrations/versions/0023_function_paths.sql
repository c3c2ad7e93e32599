-- With an empty search path PostgreSQL looks for types among the session's temporary ones first: whoever could
-- change a row and had made a domain `text` of his own ran its CHECK with the owner's rights. A search path that
-- names pg_temp last does not find it.

ALTER FUNCTION mark_data_write() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION begin_task_reads() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION record_external_change() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION install_change_triggers(regnamespace) SET search_path = pg_catalog, pg_temp;

-- The functions that bound what assistants ask run with the rights of who asks, and had no search path at all.
DO $$
DECLARE
    bound  text;
BEGIN
    FOR bound IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = '{views}'::regnamespace AND proname IN ('at_most', 'number_at_most', 'pattern_at_most',
            'document_at_most', 'kept', 'counted', 'limit_temporary_files')
    LOOP
        EXECUTE 'ALTER FUNCTION ' || bound || ' SET search_path = pg_catalog, pg_temp';
    END LOOP;
END
$$;
