-- Real questions, one a line; <BREAK> stands for the end of a line within a text.
SELECT count(*) FILTER (WHERE is_open), count(DISTINCT status), count(*) FROM tasks
SELECT DISTINCT ON (list_id) list_id, title FROM tasks ORDER BY list_id, due_date DESC NULLS LAST, title
SELECT date_trunc('week', started_at AT TIME ZONE 'Europe/Berlin')::date AS w, sum(duration_ms) / 60000 FROM time_entries GROUP BY 1 ORDER BY 1
SELECT interval '1 day 02:00', interval '90 minutes', interval '1' day, '2 weeks'::interval, interval '1 mon -3 days' * 2
SELECT '2026-01-01'::date + 1, date '2026-01-31' + interval '1 month', timestamp '2026-01-01 10:00' - time '01:30', make_interval(days => 3, hours => 2)
SELECT title FROM tasks WHERE title ILIKE '%e%' AND title NOT ILIKE 'a\_b%' ESCAPE '\' AND title NOT LIKE '\%' ORDER BY 1
SELECT title FROM tasks WHERE tags && ARRAY['bug', 'b'] OR 'bug' = ANY(tags) OR tags @> ARRAY['c']::text[] OR cardinality(tags) = 0 OR tags[1] = 'q' ORDER BY 1
SELECT tags <@ ARRAY['bug']::text[], tags[1:2], array_length(tags, 1), array_to_string(tags, ','), tags || 'x'::text FROM tasks ORDER BY title
SELECT custom_fields->>'Go-live', custom_fields->'Summary', custom_fields #>> '{Go-live}', custom_fields ? 'Summary', custom_fields ?| ARRAY['x', 'Summary'], custom_fields @> '{"Approved": "yes"}' FROM tasks ORDER BY title
SELECT (custom_fields->>'Go-live')::timestamptz::date AS day, custom_fields->>'It''s "it"' FROM tasks ORDER BY title
SELECT title, row_number() OVER (PARTITION BY list_id ORDER BY title), sum(tracked_minutes) OVER (ORDER BY title ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM tasks ORDER BY title
SELECT lag(title) OVER w, first_value(title) OVER (w RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM tasks WINDOW w AS (ORDER BY title) ORDER BY title
SELECT space_name, list_name, count(*), grouping(space_name) FROM tasks GROUP BY GROUPING SETS ((space_name), (space_name, list_name), ()) ORDER BY 1, 2, 3
SELECT space_name, list_name, count(*) FROM tasks GROUP BY ROLLUP (space_name, list_name) ORDER BY 1, 2, 3
SELECT space_name, is_open, count(*) FROM tasks GROUP BY CUBE (space_name, is_open) HAVING count(*) > 1 ORDER BY 1, 2, 3
SELECT e.name, x.title FROM employees e LEFT JOIN LATERAL (SELECT t.title FROM tasks t WHERE e.employee_id = ANY(t.employee_ids) ORDER BY t.title LIMIT 1) x ON true ORDER BY 1
SELECT t.title, u.tag FROM tasks t CROSS JOIN LATERAL unnest(t.tags) AS u(tag) ORDER BY 1, 2
SELECT t.title, tag, n FROM tasks t, unnest(t.tags) WITH ORDINALITY AS u(tag, n) ORDER BY 1, 2
SELECT d::date, count(t.title) FROM generate_series(date '2026-01-01', date '2026-01-07', interval '1 day') AS d LEFT JOIN tasks t ON t.due_date = d GROUP BY 1 ORDER BY 1
SELECT key, value FROM tasks, jsonb_each_text(custom_fields) AS kv(key, value) ORDER BY title, 1, 2
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
WITH late AS MATERIALIZED (SELECT * FROM tasks WHERE due_date < date '2026-06-01'), by AS (SELECT list_name, count(*) AS n FROM late GROUP BY 1) SELECT * FROM by ORDER BY n DESC, 1
SELECT string_agg(name, ', ' ORDER BY name DESC), array_agg(DISTINCT role ORDER BY role), percentile_cont(0.5) WITHIN GROUP (ORDER BY length(name)), mode() WITHIN GROUP (ORDER BY role) FROM employees
SELECT extract(epoch FROM ended_at - started_at)::int, date_part('dow', started_at), to_char(started_at, 'IYYY-"W"IW Dy FMDay HH24:MI'), extract(isodow FROM started_at) FROM time_entries ORDER BY clickup_entry_id
SELECT substring(title from 1 for 3), substring(title, 2), substring(title from '^[A-Za-z]+'), trim(both 'x' from title), trim(title), position('a' in title), overlay(title placing 'x' from 1 for 2), split_part(title, ' ', 1), left(title, 3) || '…' FROM tasks ORDER BY title
SELECT title ~ '^[a-z]', title ~* 'b', title !~ 'c', title !~* 'd', title SIMILAR TO '%a%', title ~ '\d+' FROM tasks ORDER BY title
SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END, CASE a WHEN 1 THEN 'one' END, coalesce(nullif(a, 0), 1), 7 / 2, 7 % 2, 2 ^ 3, -2 ^ 2, 2 + 3 * 4, (2 + 3) * 4, 2 - 3 - 4, 100 / 10 / 2, a IS DISTINCT FROM 2, a IS NOT NULL, NOT a IS NULL, a BETWEEN 1 AND 2, a NOT IN (1, 2), (a, 2) IN ((1, 2)) FROM (SELECT 1 AS a) s
SELECT 7.0 / 2, 1 / 3.0, 10 / 4 * 4, round(7.567, 1), round(7.5::float8), 3 & 2 | 1, 1 << 3, mod(7, 3), div(7, 2), 1e3, .5
SELECT true AND false OR true, NOT true OR true, NOT (true OR true), (1 = 1) = true, 'a' || 1 + 2
SELECT 1 AS n UNION ALL SELECT 2 ORDER BY 1 DESC LIMIT 1 OFFSET 1
(SELECT 1 UNION SELECT 2) EXCEPT (SELECT 2 INTERSECT SELECT 2)
SELECT 1 UNION ALL SELECT 1 INTERSECT SELECT 2
SELECT exists(SELECT 1 FROM tasks), (SELECT count(*) FROM tasks), ARRAY(SELECT title FROM tasks ORDER BY 1 LIMIT 2)
SELECT name FROM employees WHERE role = ALL(ARRAY['member']) OR role <> ALL(SELECT 'owner') ORDER BY 1
SELECT name FROM employees e WHERE NOT EXISTS (SELECT FROM task_assignees a WHERE a.employee_id = e.employee_id) ORDER BY 1
SELECT json_agg(s.name ORDER BY s.name), jsonb_build_object('a', 1, 'b', ARRAY[1, 2]), to_jsonb(count(*)) FROM spaces s
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, s)
VALUES (1), (2)
TABLE spaces
SELECT t.title AS "Title with ""quotes"" in it", T.TITLE AS lower FROM Tasks AS T WHERE t.title <> 'x\' ORDER BY t.title
SELECT tasks.title, lists.name FROM tasks JOIN lists USING (list_id) ORDER BY tasks.title
SELECT count(*) FROM tasks NATURAL JOIN lists
SELECT l.name, f.name FROM lists l FULL OUTER JOIN folders f ON f.folder_id = l.folder_id RIGHT JOIN spaces s ON s.space_id = l.space_id ORDER BY 1, 2
SELECT title FROM tasks ORDER BY due_date ASC NULLS FIRST, title FETCH FIRST 3 ROWS ONLY
SELECT title, due_date FROM tasks ORDER BY due_date DESC, title
SELECT title, due_date FROM tasks ORDER BY due_date, title LIMIT ALL
SELECT ARRAY[[1, 2], [3, 4]], '{}'::int[], 'abc'::varchar(2), 1.237::numeric(10, 2), 3::float8, 1::double precision, 2::real, 'x'::character varying, 1::bigint, 2::smallint, 'true'::bool
SELECT now() > now() - interval '1 hour', current_date = now()::date, current_timestamp = now(), localtimestamp = now()::timestamp
SELECT age(timestamp '2026-03-01', timestamp '2026-01-15'), justify_hours(interval '30 hours'), timezone('UTC', timestamptz '2026-01-01 00:00+00'), timestamptz '2026-01-01 12:00+02' AT TIME ZONE 'UTC'
SELECT greatest(1, 2, NULL), least(3, 2), concat('a', NULL, 'b'), concat_ws('-', 'a', NULL, 'b'), length('äöü'), upper('ß'), reverse('abc'), replace('aXb', 'X', '--'), regexp_replace('a1b22', '[0-9]+', '#', 'g'), string_to_array('a,b', ','), translate('abc', 'ab', 'xy'), chr(228), ascii('a')
SELECT count(*) FILTER (WHERE date_done >= date_trunc('month', now())) * 100.0 / nullif(count(*), 0) AS pct FROM tasks
SELECT s.name, round(avg(t.time_estimate_minutes), 1), sum(t.tracked_minutes)::numeric / 60 FROM tasks t JOIN spaces s USING (space_id) GROUP BY s.name ORDER BY 1
SELECT date '2026-02-01' BETWEEN date '2026-01-01' AND date '2026-03-01', 5 NOT BETWEEN 1 AND 3, NULL IS NULL, true IS TRUE, false IS NOT FALSE, NULL::bool IS UNKNOWN
SELECT 'a' LIKE ANY (ARRAY['a%', 'b']), 'c' ILIKE ALL (ARRAY['C', 'c']), 1 = ANY ('{1,2}'::int[]), 1 IN (SELECT 1)
SELECT 'line<BREAK>two', 'it''s', '%', 'a -- b', '/* c */', '$$'
SELECT x.n, x.n * 2 AS double FROM (SELECT generate_series(1, 3) AS n) AS x ORDER BY 2 DESC /* why */ -- because
SELECT row(1, 'a'), (1, 2) < (1, 3), row_to_json(s) FROM (SELECT 1 AS one) s
SELECT w.members_count, count(*) OVER () FROM workspaces w WHERE w.workspace_id IS NOT NULL
SELECT title FROM tasks WHERE (due_date, title) > (date '2026-01-01', 'a') ORDER BY 1 LIMIT 2 + 3
SELECT (date '2026-01-01', date '2026-02-01') OVERLAPS (date '2026-01-15', date '2026-03-01')
SELECT e.name, COUNT(*) FILTER (WHERE t.is_open) AS open, ROUND(SUM(t.tracked_minutes)::numeric / 60, 2) AS hours FROM task_assignees a JOIN employees e USING (employee_id) JOIN tasks t USING (clickup_task_id) GROUP BY e.name HAVING COUNT(*) > 0 ORDER BY hours DESC NULLS LAST, e.name
SELECT (t.due_date - date '2026-01-01') AS days, EXTRACT(EPOCH FROM (t.date_updated - t.date_created)) / 3600 FROM tasks t WHERE t.due_date IS NOT NULL ORDER BY t.title
SELECT string_agg(DISTINCT name, ', ') FILTER (WHERE is_active), array_agg(name ORDER BY name) FILTER (WHERE role = 'member') FROM employees
SELECT u.x, u.ordinality FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(x) ORDER BY u.ordinality DESC
SELECT string_agg(DISTINCT role, ', ' ORDER BY role), count(DISTINCT (role, is_active)) FROM employees
SELECT k.k, count(*) FROM tasks, jsonb_object_keys(custom_fields) AS k GROUP BY 1 ORDER BY 1
SELECT e.value->>'a' FROM jsonb_array_elements('[{"a": 1}, {"a": 2}]'::jsonb) AS e
SELECT x.tag, count(*) FROM (SELECT unnest(tags) AS tag FROM tasks) AS x GROUP BY x.tag ORDER BY 2 DESC, 1
SELECT a.name FROM (lists AS a JOIN spaces AS b USING (space_id)) ORDER BY 1
SELECT status, count(*) * 100.0 / sum(count(*)) OVER () AS share FROM tasks GROUP BY status ORDER BY 2 DESC, 1
SELECT NOT title ~ 'a' AND title !~ 'b' OR title !~~ 'c' FROM tasks ORDER BY title
