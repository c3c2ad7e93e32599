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
SELECT format('%s: %s of %s', list_name, title, coalesce(assignee_name, 'nobody')) AS line FROM tasks ORDER BY 1
SELECT format('%-20s|%5s|%1$s', status, n) FROM (SELECT status, count(*) AS n FROM tasks GROUP BY status) AS s ORDER BY 1
SELECT lpad(n::text, 4, '0'), rpad(chr(64 + n), 3, '.'), repeat('█', n) FROM generate_series(1, 5) AS n ORDER BY n
SELECT status, count(*), repeat('#', count(*)::int) AS bar FROM tasks GROUP BY status ORDER BY 2 DESC, 1
SELECT lpad(extract(hour FROM started_at)::text, 2, '0') || ':00' AS hour, count(*) FROM time_entries WHERE started_at IS NOT NULL GROUP BY 1 ORDER BY 1
SELECT title FROM tasks WHERE to_tsvector('simple', title || ' ' || coalesce(description, '')) @@ plainto_tsquery('simple', 'task') ORDER BY 1
SELECT title, ts_rank(to_tsvector('english', title), websearch_to_tsquery('english', 'report or task')) AS rank FROM tasks ORDER BY 2 DESC, 1
SELECT count(*) FROM tasks WHERE title @@ 'task' OR to_tsvector('english', title) @@ to_tsquery('english', 'a | b:*')
SELECT v @@ q FROM (SELECT to_tsvector('english', 'The quick brown foxes') AS v, to_tsquery('english', 'fox & quick') AS q) AS s
SELECT t.title, u.tag, u.n FROM tasks AS t, unnest(t.tags) WITH ORDINALITY AS u(tag, n) WHERE u.n = 1 ORDER BY 1, 2
SELECT t.title, u.* FROM tasks AS t LEFT JOIN LATERAL unnest(t.tags) WITH ORDINALITY AS u(tag, n) ON true ORDER BY 1, 2
SELECT * FROM string_to_table('a,b,c', ',') WITH ORDINALITY AS s(part, n) ORDER BY n DESC
SELECT * FROM jsonb_array_elements('[1, "x", null]'::jsonb) WITH ORDINALITY AS e(v, n) ORDER BY n
SELECT * FROM jsonb_array_elements_text('["b", "a"]') ORDER BY 1
SELECT jsonb_path_query_first(custom_fields, '$.*'), jsonb_path_exists(custom_fields, '$.Summary'), custom_fields @? '$.Summary' FROM tasks ORDER BY title
SELECT jsonb_path_query_array('{"a": [{"b": 1}, {"b": 5}]}', '$.a[*] ? (@.b > 2).b'), jsonb_path_query_first('[1, 2]', '$[*] ? (@ > $x)', '{"x": 1}')
SELECT x.amount, x.name FROM jsonb_to_recordset('[{"amount": 1.5, "name": "a"}, {"amount": 2, "name": "b"}]'::jsonb) AS x(amount numeric, name text) ORDER BY 1
SELECT t.title, r."Summary" FROM tasks AS t CROSS JOIN LATERAL jsonb_to_record(t.custom_fields) AS r("Summary" text, "Budget" text) ORDER BY 1
SELECT sqrt(avg((duration_ms / 60000.0) ^ 2)), |/ 16, ||/ 27, sqrt(2.0), power(2, 10), 1.05 ^ 12, exp(1.0), ln(10.0), log(100), 10 ^ -2 FROM time_entries
SELECT 1; -- how many
WITH x AS (SELECT 1 AS n) SELECT * FROM x; /* done */
SELECT list_name, count(*) FILTER (WHERE is_open) AS open, count(*) FILTER (WHERE NOT is_open) AS done, round(100.0 * count(*) FILTER (WHERE NOT is_open) / count(*), 1) AS percent FROM tasks GROUP BY list_name ORDER BY 1
SELECT date_trunc('month', date_created)::date AS month, count(*), sum(count(*)) OVER (ORDER BY date_trunc('month', date_created)::date) AS so_far FROM tasks WHERE date_created IS NOT NULL GROUP BY 1 ORDER BY 1
SELECT user_name, sum(duration_ms) / 3600000.0 AS hours, rank() OVER (ORDER BY sum(duration_ms) DESC NULLS LAST), percent_rank() OVER (ORDER BY sum(duration_ms)) FROM time_entries GROUP BY user_name ORDER BY 2 DESC NULLS LAST, 1
SELECT user_name, started_at, started_at - lag(ended_at) OVER (PARTITION BY clickup_user_id ORDER BY started_at) AS pause FROM time_entries WHERE started_at IS NOT NULL ORDER BY 1, 2
SELECT title, ntile(4) OVER (ORDER BY coalesce(tracked_minutes, 0), title), cume_dist() OVER (ORDER BY title), dense_rank() OVER (ORDER BY status) FROM tasks ORDER BY title
SELECT DISTINCT first_value(title) OVER w, last_value(title) OVER w, nth_value(title, 2) OVER w FROM tasks WINDOW w AS (PARTITION BY list_id ORDER BY title ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) ORDER BY 1, 2, 3
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY tracked_minutes), percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY tracked_minutes), mode() WITHIN GROUP (ORDER BY status), stddev(tracked_minutes), variance(tracked_minutes) FROM tasks
SELECT corr(tracked_minutes, time_estimate_minutes), regr_slope(tracked_minutes, time_estimate_minutes) FROM tasks
SELECT space_name, list_name, sum(tracked_minutes), grouping(space_name, list_name) FROM tasks GROUP BY GROUPING SETS ((space_name), (list_name), (space_name, list_name), ()) ORDER BY 1, 2, 3, 4
SELECT e.name, (SELECT count(*) FROM task_assignees AS a WHERE a.employee_id = e.employee_id) AS tasks, (SELECT max(t.title) FROM tasks AS t WHERE e.employee_id = ANY (t.employee_ids)) AS last FROM employees AS e ORDER BY 1
WITH RECURSIVE tree AS (SELECT clickup_task_id, title, 0 AS depth, title::text AS path FROM tasks WHERE parent IS NULL UNION ALL SELECT t.clickup_task_id, t.title, tree.depth + 1, tree.path || ' / ' || t.title FROM tasks AS t JOIN tree ON t.parent = tree.clickup_task_id) SELECT depth, path FROM tree ORDER BY path
WITH RECURSIVE tree AS (SELECT clickup_task_id, ARRAY[clickup_task_id] AS ids FROM tasks WHERE parent IS NULL UNION ALL SELECT t.clickup_task_id, ids || t.clickup_task_id FROM tasks AS t JOIN tree ON t.parent = tree.clickup_task_id WHERE t.clickup_task_id <> ALL (ids)) SELECT cardinality(ids), count(*) FROM tree GROUP BY 1 ORDER BY 1
WITH RECURSIVE days AS (SELECT date '2026-01-01' AS day UNION ALL SELECT (day + interval '1 day')::date FROM days WHERE day < '2026-01-10') SELECT to_char(day, 'Dy DD.MM.'), extract(isodow FROM day) FROM days ORDER BY day
WITH RECURSIVE f(a, b) AS (SELECT 0::numeric, 1::numeric UNION ALL SELECT b, a + b FROM f WHERE b < 1000) SELECT max(a), count(*) FROM f
WITH spans AS (SELECT clickup_user_id AS who, started_at, ended_at, sum(CASE WHEN started_at <= ended_at THEN 0 ELSE 1 END) OVER (PARTITION BY clickup_user_id ORDER BY started_at) AS island FROM time_entries) SELECT who, island, min(started_at), max(ended_at) FROM spans GROUP BY 1, 2 ORDER BY 1, 2, 3
SELECT day::date, coalesce(sum(e.duration_ms), 0) / 60000 AS minutes FROM generate_series(date '2026-01-01', date '2026-01-31', interval '1 day') AS day LEFT JOIN time_entries AS e ON e.started_at >= day AND e.started_at < day + interval '1 day' GROUP BY 1 ORDER BY 1
SELECT age(date '2026-03-01', date '2026-01-15'), date '2026-03-31' - interval '1 month', (date '2026-12-31' - current_date) > -100000, date_bin('15 minutes', timestamp '2026-01-01 10:07', timestamp '2026-01-01'), make_date(2026, 2, 1) + 27, to_date('2026-02', 'YYYY-MM'), to_timestamp(1767225600) AT TIME ZONE 'UTC'
SELECT extract(week FROM d), extract(quarter FROM d), extract(doy FROM d), date_part('year', d), to_char(d, 'FMMonth YYYY, "week" IW') FROM (SELECT date '2026-05-17' AS d) AS s
SELECT interval '90 minutes' / 2, interval '1 day' * 1.5, extract(epoch FROM interval '1 hour 30 minutes') / 60, justify_interval(interval '40 days 30 hours'), make_interval(hours => 5, mins => 30)
SELECT title, CASE WHEN due_date < current_date AND is_open THEN 'overdue' WHEN due_date IS NULL THEN 'none' ELSE 'later' END AS due FROM tasks ORDER BY 1
SELECT upper(left(title, 1)) || lower(substr(title, 2)) AS shown, initcap(status), length(title), position('a' in title), strpos(title, 'e'), split_part(title, ' ', 1), reverse(title) FROM tasks ORDER BY title
SELECT title FROM tasks WHERE lower(title) LIKE '%' || lower('TASK') || '%' AND title NOT SIMILAR TO '(x|y)%' AND starts_with(title, left(title, 2)) ORDER BY 1
SELECT title, regexp_replace(title, '\s+', ' ', 'g'), regexp_replace(title, '(\w+)', '<\1>'), (regexp_match(title, '(\d+)'))[1], regexp_split_to_array(title, '\s+') FROM tasks ORDER BY title
SELECT (regexp_matches('a1 b22 c333', '([a-z])(\d+)', 'g'))[2], regexp_split_to_table('a b', ' ')
SELECT word, count(*) FROM tasks, regexp_split_to_table(lower(title), '\W+') AS word WHERE word <> '' GROUP BY word ORDER BY 2 DESC, 1
SELECT tag, count(*), array_agg(title ORDER BY title), string_agg(title, ' | ' ORDER BY title DESC) FROM tasks CROSS JOIN unnest(tags) AS tag GROUP BY tag ORDER BY 2 DESC, 1
SELECT array_length(array_agg(title), 1), (array_agg(title ORDER BY title))[1:2], array_to_string(array_agg(DISTINCT status ORDER BY status), ', ', '-'), array_position(ARRAY['a', 'b'], 'b'), array_remove(ARRAY[1, 2, 1], 1), array_replace(ARRAY[1, 2], 2, 3), ARRAY[1] || ARRAY[2, 3] || 4, array_append(ARRAY['x'], 'y'), array_positions(ARRAY[1, 2, 1], 1) FROM tasks
SELECT title FROM tasks WHERE tags @> ARRAY['bug'] OR tags && ARRAY['b', 'c'] OR NOT tags <@ ARRAY['bug', 'q']::text[] ORDER BY 1
SELECT ARRAY(SELECT title FROM tasks ORDER BY title LIMIT 3), ARRAY(SELECT DISTINCT status FROM tasks ORDER BY status), (SELECT array_agg(s.name) FROM (SELECT name FROM spaces ORDER BY name) AS s)
SELECT json_build_object('list', list_name, 'tasks', json_agg(json_build_object('title', title, 'tags', tags) ORDER BY title)) FROM tasks GROUP BY list_name ORDER BY list_name
SELECT row_to_json(t) FROM (SELECT title, lower(status) AS status, upper(title), url::varchar(3) FROM tasks ORDER BY title LIMIT 2) AS t
SELECT jsonb_object_agg(status, n), jsonb_agg(n ORDER BY n) FROM (SELECT coalesce(status, '-') AS status, count(*) AS n FROM tasks GROUP BY 1) AS s
SELECT k, count(*), count(DISTINCT v) FROM tasks, jsonb_each_text(custom_fields) AS f(k, v) GROUP BY k ORDER BY 1
SELECT custom_fields - 'Summary', custom_fields || '{"a": 1}'::jsonb, jsonb_typeof(custom_fields), custom_fields #>> '{Summary}', jsonb_strip_nulls(custom_fields), custom_fields #- '{Summary}' FROM tasks ORDER BY title
SELECT name, type, value_text, value->>'id', jsonb_set(coalesce(value, '{}'), '{seen}', 'true') FROM custom_field_values WHERE jsonb_typeof(value) = 'object' ORDER BY 1, 3
SELECT sum(value_text::numeric(12, 2)), avg(value_text::numeric), max(value_text::numeric * 1.19) FROM custom_field_values WHERE value_text ~ '^-?[0-9]{1,9}(\.[0-9]{1,4})?$'
SELECT a.title, b.title FROM tasks AS a JOIN tasks AS b ON a.list_id = b.list_id AND a.title < b.title WHERE a.title <> '' ORDER BY 1, 2 LIMIT 20
SELECT title FROM tasks EXCEPT SELECT t.title FROM tasks AS t JOIN time_entries AS e USING (clickup_task_id) ORDER BY 1
SELECT name, 'space' AS kind FROM spaces UNION ALL SELECT name, 'list' FROM lists UNION SELECT upper(name), 'folder' FROM folders ORDER BY 2, 1
SELECT t.title, c.n, c.last FROM tasks AS t LEFT JOIN LATERAL (SELECT count(*) AS n, max(commented_at) AS last FROM comments AS c WHERE c.clickup_task_id = t.clickup_task_id) AS c ON true ORDER BY 2 DESC, 1
SELECT title FROM tasks AS t WHERE NOT EXISTS (SELECT 1 FROM comments AS c WHERE c.clickup_task_id = t.clickup_task_id AND c.text ILIKE '%done%') AND t.list_id IN (SELECT list_id FROM lists WHERE NOT archived) ORDER BY 1
SELECT d.relation, t.title, o.title FROM task_dependencies AS d JOIN tasks AS t USING (clickup_task_id) LEFT JOIN tasks AS o ON o.clickup_task_id = d.other_task_id ORDER BY 1, 2, 3
SELECT snapshot_date, count(*), sum(tracked_minutes), bool_or(status_type = 'closed') FROM daily_snapshots GROUP BY 1 ORDER BY 1
SELECT x, lower(x), sum(y) FROM (VALUES ('A', 1), ('B', 2), ('A', 3)) AS v(x, y) GROUP BY x, lower(x) HAVING sum(y) > 1 ORDER BY lower(x), x
SELECT DISTINCT lower(title) FROM tasks ORDER BY lower(title)
SELECT DISTINCT ON (lower(list_name)) lower(list_name), title FROM tasks ORDER BY lower(list_name), title
SELECT s.lower, count(*) FROM (SELECT lower(title), title || '!' FROM tasks) AS s GROUP BY s.lower ORDER BY 1
SELECT lower(title) AS t, count(*) FROM tasks GROUP BY 1 HAVING count(*) > 0 ORDER BY 2 DESC, lower(title)
SELECT greatest(title, status), least('a', title), nullif(title, ''), coalesce(description, title, 'none') IS NOT NULL, concat(title, ' (', status, ')'), concat_ws(', ', space_name, folder_name, list_name) FROM tasks ORDER BY title
SELECT md5(title), translate(title, 'aeiou', 'AEIOU'), btrim('  x '), ltrim('xxa', 'x'), overlay(title placing '**' from 1 for 2), octet_length(title), ascii(title), to_char(1234.5, 'FM9,999.00'), to_number('1,234.5', '9,999.9') FROM tasks ORDER BY title
SELECT round(avg(tracked_minutes), 2), round((sum(tracked_minutes) / 60.0)::numeric, 1), trunc(7.77, 1), ceil(1.2), floor(-1.2), abs(-3), sign(-2), mod(7, 3), 7 % 3, div(7, 2), width_bucket(5, 0, 10, 5), gcd(12, 18) FROM tasks
SELECT width_bucket(tracked_minutes, ARRAY[0, 30, 60, 120]) AS bucket, count(*), min(tracked_minutes), max(tracked_minutes) FROM tasks GROUP BY 1 ORDER BY 1
SELECT person, count(*) FROM tasks CROSS JOIN unnest(employee_ids) AS person GROUP BY 1 ORDER BY 2 DESC, 1
SELECT title, employee_ids[1], tags[array_length(tags, 1)], (tags || ARRAY['x'])[1], cardinality(followers) FROM tasks ORDER BY title
SELECT count(*) FROM generate_series(1, 10)
SELECT * FROM unnest(ARRAY['b', 'a']) ORDER BY 1
SELECT title, sum(coalesce(tracked_minutes, 0)) OVER (PARTITION BY list_id ORDER BY title RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), avg(tracked_minutes) OVER (ORDER BY title ROWS 2 PRECEDING) FROM tasks ORDER BY title
SELECT (now() - interval '3 days')::date = current_date - 3, now() AT TIME ZONE 'UTC' < now() AT TIME ZONE 'Asia/Tokyo', timezone('Europe/Berlin', timestamptz '2026-07-01 12:00+00')
SELECT string_agg(x, '' ORDER BY x) FILTER (WHERE x > 'a'), array_agg(x ORDER BY x DESC), json_object_agg(x, length(x) ORDER BY x) FROM (VALUES ('a'), ('b'), ('cc')) AS v(x)
SELECT title FROM tasks WHERE title LIKE ANY (ARRAY['A%', '%e']) OR title ILIKE ALL (ARRAY['%a%', '%b%']) OR lower(title) = ANY (ARRAY(SELECT lower(name) FROM lists)) ORDER BY 1
SELECT (SELECT string_agg(title, ', ' ORDER BY title) FROM tasks AS t WHERE t.list_id = l.list_id) AS titles, l.name FROM lists AS l ORDER BY 2
SELECT substring(url from '[^/]+$'), substring(title from 2 for 3), substring(title, 1, length(title) / 2), right(title, 2), trim(trailing 'e' from title) FROM tasks ORDER BY title
SELECT count(DISTINCT (list_id, status)), count(DISTINCT lower(title)), every(title <> ''), bit_or(1) FROM tasks
SELECT |/ 4 + 5, ||/ 20 + 7, sqrt(4) + 5
SELECT title FROM tasks INTERSECT SELECT title FROM daily_snapshots ORDER BY title
SELECT lower(name), 1 FROM spaces EXCEPT (SELECT lower(name), 1 FROM lists WHERE archived) ORDER BY 1
WITH RECURSIVE up AS (SELECT clickup_task_id, parent FROM tasks UNION SELECT t.clickup_task_id, t.parent FROM tasks AS t JOIN up ON t.clickup_task_id = up.parent) SELECT count(*) FROM up
SELECT count(*) FROM tasks WHERE title = 'x0' OR title = 'x1' OR title = 'x2' OR title = 'x3' OR title = 'x4' OR title = 'x5' OR title = 'x6' OR title = 'x7' OR title = 'x8' OR title = 'x9' OR title = 'x10' OR title = 'x11' OR title = 'x12' OR title = 'x13' OR title = 'x14' OR title = 'x15' OR title = 'x16' OR title = 'x17' OR title = 'x18' OR title = 'x19' OR title = 'x20' OR title = 'x21' OR title = 'x22' OR title = 'x23' OR title = 'x24' OR title = 'x25' OR title = 'x26' OR title = 'x27' OR title = 'x28' OR title = 'x29' OR title = 'x30' OR title = 'x31' OR title = 'x32' OR title = 'x33' OR title = 'x34' OR title = 'x35' OR title = 'x36' OR title = 'x37' OR title = 'x38' OR title = 'x39' OR title = 'x40' OR title = 'x41' OR title = 'x42' OR title = 'x43' OR title = 'x44' OR title = 'x45' OR title = 'x46' OR title = 'x47' OR title = 'x48' OR title = 'x49' OR title = 'x50' OR title = 'x51' OR title = 'x52' OR title = 'x53' OR title = 'x54' OR title = 'x55' OR title = 'x56' OR title = 'x57' OR title = 'x58' OR title = 'x59' OR title = 'x60' OR title = 'x61' OR title = 'x62' OR title = 'x63' OR title = 'x64' OR title = 'x65' OR title = 'x66' OR title = 'x67' OR title = 'x68' OR title = 'x69' OR title = 'x70' OR title = 'x71' OR title = 'x72' OR title = 'x73' OR title = 'x74' OR title = 'x75' OR title = 'x76' OR title = 'x77' OR title = 'x78' OR title = 'x79' OR title = 'x80' OR title = 'x81' OR title = 'x82' OR title = 'x83' OR title = 'x84' OR title = 'x85' OR title = 'x86' OR title = 'x87' OR title = 'x88' OR title = 'x89' OR title = 'x90' OR title = 'x91' OR title = 'x92' OR title = 'x93' OR title = 'x94' OR title = 'x95' OR title = 'x96' OR title = 'x97' OR title = 'x98' OR title = 'x99' OR title = 'x100' OR title = 'x101' OR title = 'x102' OR title = 'x103' OR title = 'x104' OR title = 'x105' OR title = 'x106' OR title = 'x107' OR title = 'x108' OR title = 'x109' OR title = 'x110' OR title = 'x111' OR title = 'x112' OR title = 'x113' OR title = 'x114' OR title = 'x115' OR title = 'x116' OR title = 'x117' OR title = 'x118' OR title = 'x119' OR title = 'x120' OR title = 'x121' OR title = 'x122' OR title = 'x123' OR title = 'x124' OR title = 'x125' OR title = 'x126' OR title = 'x127' OR title = 'x128' OR title = 'x129' OR title = 'x130' OR title = 'x131' OR title = 'x132' OR title = 'x133' OR title = 'x134' OR title = 'x135' OR title = 'x136' OR title = 'x137' OR title = 'x138' OR title = 'x139' OR title = 'x140' OR title = 'x141' OR title = 'x142' OR title = 'x143' OR title = 'x144' OR title = 'x145' OR title = 'x146' OR title = 'x147' OR title = 'x148' OR title = 'x149' OR title = 'x150' OR title = 'x151' OR title = 'x152' OR title = 'x153' OR title = 'x154' OR title = 'x155' OR title = 'x156' OR title = 'x157' OR title = 'x158' OR title = 'x159' OR title = 'x160' OR title = 'x161' OR title = 'x162' OR title = 'x163' OR title = 'x164' OR title = 'x165' OR title = 'x166' OR title = 'x167' OR title = 'x168' OR title = 'x169' OR title = 'x170' OR title = 'x171' OR title = 'x172' OR title = 'x173' OR title = 'x174' OR title = 'x175' OR title = 'x176' OR title = 'x177' OR title = 'x178' OR title = 'x179' OR title = 'x180' OR title = 'x181' OR title = 'x182' OR title = 'x183' OR title = 'x184' OR title = 'x185' OR title = 'x186' OR title = 'x187' OR title = 'x188' OR title = 'x189' OR title = 'x190' OR title = 'x191' OR title = 'x192' OR title = 'x193' OR title = 'x194' OR title = 'x195' OR title = 'x196' OR title = 'x197' OR title = 'x198' OR title = 'x199' OR title = 'x200' OR title = 'x201' OR title = 'x202' OR title = 'x203' OR title = 'x204' OR title = 'x205' OR title = 'x206' OR title = 'x207' OR title = 'x208' OR title = 'x209' OR title = 'x210' OR title = 'x211' OR title = 'x212' OR title = 'x213' OR title = 'x214' OR title = 'x215' OR title = 'x216' OR title = 'x217' OR title = 'x218' OR title = 'x219' OR title = 'x220' OR title = 'x221' OR title = 'x222' OR title = 'x223' OR title = 'x224' OR title = 'x225' OR title = 'x226' OR title = 'x227' OR title = 'x228' OR title = 'x229' OR title = 'x230' OR title = 'x231' OR title = 'x232' OR title = 'x233' OR title = 'x234' OR title = 'x235' OR title = 'x236' OR title = 'x237' OR title = 'x238' OR title = 'x239' OR title = 'x240' OR title = 'x241' OR title = 'x242' OR title = 'x243' OR title = 'x244' OR title = 'x245' OR title = 'x246' OR title = 'x247' OR title = 'x248' OR title = 'x249' OR title = 'x250' OR title = 'x251' OR title = 'x252' OR title = 'x253' OR title = 'x254' OR title = 'x255' OR title = 'x256' OR title = 'x257' OR title = 'x258' OR title = 'x259' OR title = 'x260' OR title = 'x261' OR title = 'x262' OR title = 'x263' OR title = 'x264' OR title = 'x265' OR title = 'x266' OR title = 'x267' OR title = 'x268' OR title = 'x269' OR title = 'x270' OR title = 'x271' OR title = 'x272' OR title = 'x273' OR title = 'x274' OR title = 'x275' OR title = 'x276' OR title = 'x277' OR title = 'x278' OR title = 'x279' OR title = 'x280' OR title = 'x281' OR title = 'x282' OR title = 'x283' OR title = 'x284' OR title = 'x285' OR title = 'x286' OR title = 'x287' OR title = 'x288' OR title = 'x289' OR title = 'x290' OR title = 'x291' OR title = 'x292' OR title = 'x293' OR title = 'x294' OR title = 'x295' OR title = 'x296' OR title = 'x297' OR title = 'x298' OR title = 'x299'
