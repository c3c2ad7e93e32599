# ruff: noqa: E501
"""SELECTs of allowed functions that would run long, or fill the server's memory, in one step."""


def letters(exponent: int, letter: str = "a") -> str:
    """An expression of 10^exponent letters, in few characters: each `replace` makes ten of one."""
    grown = f"'{letter}'"
    for _ in range(exponent):
        grown = f"replace({grown}, '{letter}', '{letter * 10}')"
    return grown


def doubled(start: str, times: int) -> str:
    """A SELECT of `x`, which is the start doubled so many times, each in a subquery of its own."""
    query = f"SELECT {start} AS x"
    for number in range(times):
        query = f"SELECT x || x AS x FROM ({query} OFFSET 0) AS s{number}"
    return query


def squared(start: str, times: int) -> str:
    query = f"SELECT {start} AS x"
    for number in range(times):
        query = f"SELECT x * x AS x FROM ({query} OFFSET 0) AS s{number}"
    return query


def quoted(times: int) -> str:
    """Each turn into JSON sets a backslash before each quote and each backslash."""
    text = '\'""""\''
    for _ in range(times):
        text = f"to_json({text}::text)::text"
    return text


A, B = letters(6), letters(4)
MANY = "FROM generate_series(1, 1000000) AS n"
LONG = "FROM (SELECT string_agg('a', '') AS x FROM generate_series(1, 900000)) AS s"
ARRAYS = "FROM (SELECT array_agg(n) AS a, array_agg(-n) AS b FROM generate_series(1, 100000) AS n) AS s"
DOCUMENTS = "FROM (SELECT jsonb_agg(n) AS a, jsonb_agg(-n) AS b FROM generate_series(1, 100000) AS n) AS s"

ATTACKS = {
    "the known one": f"SELECT strpos({A}, 'b' || {B})",
    "position": f"SELECT position('b' || {B} IN {A})",
    "replace by what is long": f"SELECT length(replace({A}, 'a', {B}))",
    "replace by what is long, in WHERE": f"SELECT 1 FROM tasks WHERE replace({A}, 'a', {A}) = 'x'",
    "replace what is searched": f"SELECT length(replace({A}, 'b' || {B}, ''))",
    "split_part": f"SELECT split_part({A}, 'b' || {B}, 2)",
    "string_to_array": f"SELECT cardinality(string_to_array({A}, 'b' || {B}))",
    "string_to_table": f"SELECT count(*) FROM string_to_table({A}, 'b' || {B}) AS t",
    "LIKE": f"SELECT {A} LIKE '%' || replace({B}, 'a', 'a_') || 'b%'",
    "ILIKE": f"SELECT {A} ILIKE '%' || replace({B}, 'a', 'a_') || 'b%'",
    "LIKE ANY": f"SELECT {A} LIKE ANY (ARRAY['%' || replace({B}, 'a', 'a_') || 'b%'])",
    "LIKE ANY of a SELECT": f"SELECT {A} LIKE ANY (SELECT '%' || replace({B}, 'a', 'a_') || 'b%')",
    "SIMILAR TO": f"SELECT {A} SIMILAR TO '%' || replace({B}, 'a', 'a_') || 'b%'",
    "a regular expression": f"SELECT {A} ~ '(a|aa)+$b'",
    "a regular expression that looks back": f"SELECT {letters(5)} ~ '^(a*)*\\1b$'",
    "a regular expression at each letter": f"SELECT regexp_count({letters(5)}, 'a(?=.*b)')",
    "a regular expression of many states": f"SELECT {A} ~ '(((x{{0,100}}){{0,100}}){{0,2}})y'",
    "a long regular expression": f"SELECT 'a' ~ {letters(5)}",
    "regexp_replace with each letter": f"SELECT length(regexp_replace({A}, 'a', {B}, 'g'))",
    "regexp_replace with itself": f"SELECT length(regexp_replace({A}, '(.*)', repeat('\\1', 5000)))",
    "regexp_match with many brackets": f"SELECT regexp_match({A}, '{'(' * 200}.*{')' * 200}')",
    "translate": f"SELECT length(translate({A}, {letters(4, 'z')} || 'a', 'b'))",
    "trim": f"SELECT length(btrim({A}, {letters(4, 'z')} || 'a'))",
    "trim, by its syntax": f"SELECT length(trim(both {letters(4, 'z')} || 'a' from {A}))",
    "repeat": "SELECT length(repeat('x', 1000000000))",
    "repeat, computed": "SELECT length(repeat('x', n * 100000)) FROM generate_series(1, 10000) AS n",
    "repeat of what is long": f"SELECT length(repeat({A}, 10000))",
    "repeat nested": "SELECT length(repeat(repeat(repeat('x', 10000), 10000), 10000))",
    "lpad": "SELECT length(lpad('x', 1000000000))",
    "rpad, computed": "SELECT length(rpad('x', n * 100000000, 'y')) FROM generate_series(1, 10) AS n",
    "format with a width": "SELECT length(format('%1000000000s', 'x'))",
    "format with a width of its own": "SELECT length(format('%*s', 1000000000, 'x'))",
    "format that repeats": f"SELECT length(format('{'%1$s' * 1000}', {A}))",
    "format, computed": f"SELECT length(format(replace({letters(5)}, 'a', '%1$s'), {A}))",
    "concat of many": f"SELECT length(concat({', '.join(['x'] * 900)})) {LONG}",
    "doubling": f"SELECT length(x) FROM ({doubled(A, 12)}) AS t",
    "doubling JSON": f"SELECT length(x::text) FROM ({doubled(f'jsonb_build_array({A})', 12)}) AS t",
    "doubling arrays": f"SELECT cardinality(x) FROM ({doubled(f'ARRAY[{A}]', 12)}) AS t",
    "doubling by recursion": (
        "WITH RECURSIVE r AS (SELECT 1 AS n, 'x' AS t UNION ALL SELECT n + 1, t || t FROM r WHERE n < 40)"
        " SELECT max(length(t)) FROM r"
    ),
    "doubling by recursion and UNION": (
        "WITH RECURSIVE r AS (SELECT 1 AS n, ''::text AS t UNION SELECT n + 1, t || repeat('x', 1000) FROM r)"
        " SELECT max(length(t)) FROM r"
    ),
    "wide rows by recursion": (
        f"WITH RECURSIVE r AS (SELECT 1 AS n, {A} AS t UNION SELECT n + 1, t || n FROM r) SELECT count(*) FROM r"
    ),
    "backslashes": f"SELECT length({quoted(34)})",
    "string_agg of what is long": f"SELECT length(string_agg({A}, '')) {MANY}",
    "string_agg with a long separator": f"SELECT length(string_agg('x', {A})) {MANY}",
    "string_agg in many columns": "SELECT " + ", ".join(
        f"length(string_agg(n || repeat('x', {900 + number}), ''))" for number in range(90)
    ) + f" {MANY}",
    "array_agg of what is long": f"SELECT cardinality(array_agg({A})) {MANY}",
    "array_agg in many groups": "SELECT count(*) FROM (SELECT array_agg(repeat('x', 1000) || n) AS a"
    " FROM generate_series(1, 10000000) AS n GROUP BY n % 1000) AS s",
    "array_agg as a window": f"SELECT max(cardinality(a)) FROM (SELECT array_agg({A}) OVER () AS a {MANY}) AS s",
    "ARRAY of a SELECT": f"SELECT cardinality(ARRAY(SELECT {A} {MANY}))",
    "jsonb_agg of what is long": f"SELECT length(jsonb_agg({A})::text) {MANY}",
    "jsonb_object_agg": "SELECT length(jsonb_object_agg(n, repeat('x', 1000))::text) " + MANY,
    "json_agg of rows": f"SELECT length(json_agg(s)::text) FROM (SELECT {A} AS x, n {MANY}) AS s",
    "EXCEPT of what is long": f"SELECT {A} || n {MANY} EXCEPT SELECT 'x'",
    "EXCEPT of many rows": f"SELECT n {MANY.replace('1000000', '10000000')} EXCEPT SELECT 1",
    "rows by recursion": "WITH RECURSIVE r AS (SELECT 1 AS n, repeat('x', 200) AS t UNION SELECT n + 1, t FROM r)"
    " SELECT count(*) FROM r",
    "a cell that is written out": "SELECT array_agg(repeat(chr(1), 1000)) FROM generate_series(1, 50000) AS n",
    "many cells that are written out": "SELECT "
    + ", ".join(f"array_agg(repeat(chr(1), {number}))" for number in range(1, 90))
    + " FROM generate_series(1, 5000) AS n",
    "many digests": "SELECT " + ", ".join(["md5(description)"] * 95) + " FROM tasks",
    "many patterns": "SELECT "
    + ", ".join(f"title ~ '((x{{0,{number}}}){{0,40}})y'" for number in range(1, 95))
    + " FROM tasks",
    "NOT IN of what is long": f"SELECT 1 WHERE 'x' NOT IN (SELECT {A} || n {MANY})",
    "what is searched is gathered": f"SELECT strpos(x, 'b' || x) {LONG}",
    "what is searched is gathered, many times": "SELECT "
    + ", ".join(f"strpos(x, 'b' || left(x, {100_000 + number}))" for number in range(99))
    + f" {LONG}",
    "steps that are each at their limit": "SELECT " + " + ".join(
        f"strpos(x, '{number}' || y)" for number in range(300)
    ) + f" FROM (SELECT {letters(5)} AS x, {letters(3)} AS y OFFSET 0) AS s",
    "steps that are folded while planning": "SELECT "
    + " + ".join(["strpos(replace(replace('aaaaaaaaaa', 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'ab')"] * 90),
    "lower, many times": "SELECT " + " || ".join(["lower(x)"] * 300) + f" {LONG}",
    "comparisons, many times": "SELECT "
    + " OR ".join(f"x || '{number}' < x || 'y'" for number in range(300))
    + f" {LONG}",
    "arrays that overlap": f"SELECT a && b {ARRAYS}",
    "an array within another": f"SELECT a @> (a || b) {ARRAYS}",
    "an array within another, turned": f"SELECT (a || b) <@ a {ARRAYS}",
    "array_to_string": f"SELECT length(array_to_string(a, {A})) {ARRAYS}",
    "array_replace": f"SELECT cardinality(array_replace(a, 1, 2)), array_replace(a::text[], '1', {A}) {ARRAYS}",
    "JSON without many keys": "SELECT length((a - b::text[])::text) FROM (SELECT jsonb_agg('x' || n) AS a,"
    " array_agg(-n) AS b FROM generate_series(1, 50000) AS n) AS s",
    "JSON within another": "SELECT a @> b FROM (SELECT jsonb_agg(jsonb_build_array(n)) AS a,"
    " jsonb_agg(jsonb_build_array(-n)) AS b FROM generate_series(1, 20000) AS n) AS s",
    "JSON with any of many keys": "SELECT a ?| b FROM (SELECT jsonb_agg('x' || n) AS a, array_agg('y' || n) AS b"
    " FROM generate_series(1, 50000) AS n) AS s",
    "a JSON path that compares": f"SELECT jsonb_path_exists(jsonb_build_object('a', a, 'b', b),"
    f" '$ ? (@.a[*] == @.b[*])') {DOCUMENTS}",
    "a JSON path that compares, by its operator": f"SELECT jsonb_build_object('a', a, 'b', b) @?"
    f" '$ ? (@.a == @.b)' {DOCUMENTS}",
    "a JSON path behind @@": f"SELECT jsonb_build_object('a', a, 'b', b) @@ '$.a == $.b' {DOCUMENTS}",
    "a JSON path of all below all": f"SELECT count(*) FROM (SELECT jsonb_path_query(a, '$.**.**.**') {DOCUMENTS}) AS t",
    "a JSON path within itself": f"SELECT count(*) FROM (SELECT jsonb_path_query(a, '$[*] ? (@ == $[*])') {DOCUMENTS}) AS t",
    "numbers that are written out": "SELECT length(('[' || string_agg('1e131071', ',') || ']')::jsonb::text)"
    " FROM generate_series(1, 100000) AS n",
    "numbers that are written out, of an array": (
        "SELECT length(string_to_array(string_agg('1e131071', ','), ',')::numeric[]::text)"
        " FROM generate_series(1, 100000) AS n"
    ),
    "numbers that are written out, in quotes": "SELECT length('[" + "1e131071," * 900 + "1]'::jsonb::text)",
    "numbers that are written out, as they are": "SELECT length(ARRAY[" + "1e131071," * 900 + "1]::text)",
    "a power": "SELECT length((9.99999999999999999999 ^ 131000)::text)",
    "a power, computed": "SELECT length((9.99999999999999999999 ^ (n * 131000))::text) FROM generate_series(1, 2) AS n",
    "powers of powers": "SELECT length(power(power(power(99.9, 999), 999), 999)::text)",
    "squares of squares": f"SELECT length(x::text) FROM ({squared('99999999999999999999.5', 16)}) AS t",
    "a square of what is gathered": "SELECT length((x::numeric * x::numeric)::text)"
    " FROM (SELECT string_agg('9', '') AS x FROM generate_series(1, 65000)) AS s",
    "a rest of what is gathered": "SELECT length((x::numeric % left(x, 60000)::numeric)::text)"
    " FROM (SELECT string_agg('9', '') AS x FROM generate_series(1, 130000)) AS s",
    "a root of what is gathered": "SELECT length(sqrt(x::numeric)::text), exp(x::numeric), ln(x::numeric)"
    " FROM (SELECT string_agg('9', '') AS x FROM generate_series(1, 130000)) AS s",
    "round to many places": "SELECT length(round(1.5, 1000000000)::text)",
    "to_char with a long format": f"SELECT length(to_char(now(), {A}))",
    "to_char with a long format of numbers": f"SELECT length(to_char(1.5, replace({A}, 'a', '9')))",
    "full text of what is long": f"SELECT to_tsvector('english', replace({A}, 'a', 'b a ')) @@ to_tsquery('a')",
    "a long query of full text": f"SELECT length(plainto_tsquery(replace({letters(5)}, 'a', 'foo bar '))::text)",
    "full text with all words": "SELECT to_tsvector('simple', x) @@ to_tsquery('simple', y) FROM (SELECT"
    " string_agg('w' || n, ' ') AS x, string_agg('!w:*', ' <-> ') AS y FROM generate_series(1, 30000) AS n) AS s",
    "upper of what is long": f"SELECT count(upper(x || n)) {LONG}, generate_series(1, 100000) AS n",
    "a window over all rows for each": "SELECT max(x) FROM (SELECT max(n % 7) OVER (ORDER BY n ROWS BETWEEN"
    " CURRENT ROW AND UNBOUNDED FOLLOWING) AS x FROM generate_series(1, 1000000) AS n) AS s",
    "sorting what is long": f"SELECT n, {A} || n AS x {MANY} ORDER BY x",
    "a description that is searched for itself": "SELECT count(*) FROM tasks AS a WHERE strpos(description, 'b' ||"
    " description) > 0 OR description LIKE '%' || replace(description, 'a', 'a_') || 'b%'",
    "a description of numbers": "SELECT length(('[' || replace(description, 'a', '1e131071,') || '1]')::jsonb::text)"
    " FROM tasks",
    "casts of many columns": "SELECT " + ", ".join(f"length(x::text) + {n} AS c{n}" for n in range(90))
    + " FROM (SELECT jsonb_agg(n) AS x FROM generate_series(1, 200000) AS n) AS s",
    "documents of many columns": "SELECT " + ", ".join(f"jsonb_strip_nulls(a)::text AS c{n}" for n in range(75))
    + f" {DOCUMENTS}",
    "slices of many columns": "SELECT " + ", ".join(f"cardinality(a[{n}:])" for n in range(90))
    + " FROM (SELECT array_agg(n::text) AS a FROM generate_series(1, 200000) AS n) AS s",
    "descriptions in many columns": "SELECT " + ", ".join(f"left(description, 1400{n:03})" for n in range(90))
    + " FROM tasks",
    "documents of an array are written out": "SELECT array_agg('{}'::jsonb) FROM generate_series(1, 700000)",
    "documents of an array are joined": "SELECT length(array_to_string(array_agg('{}'::jsonb), ','))"
    " FROM generate_series(1, 700000)",
    "rows of an array are written out": "SELECT length(array_agg(s)::text) FROM (SELECT n FROM"
    " generate_series(1, 9999999) AS n) AS s",
    "a text becomes an array of documents": "SELECT cardinality(x::jsonb[]) FROM (SELECT '{' || string_agg('1', ',')"
    " || '}' AS x FROM generate_series(1, 400000)) AS s",
    "a text becomes a document of many parts": "SELECT jsonb_typeof(x::jsonb), jsonb_typeof(x::jsonb - 1) FROM (SELECT"
    " '[' || string_agg('[]', ',') || ']' AS x FROM generate_series(1, 330000)) AS s",
    "many texts become documents": "SELECT " + ", ".join(f"jsonb_typeof((x || ' ')::jsonb) = '{n}'" for n in range(90))
    + " FROM (SELECT '[' || string_agg('[]', ',') || ']' AS x FROM generate_series(1, 30000)) AS s",
    "documents of many parts are gathered": "SELECT jsonb_array_length(jsonb_agg(d)) FROM (SELECT ('[' ||"
    " repeat('[],', 3000) || '1]')::jsonb AS d) AS s, generate_series(1, 100000)",
    "rows are gathered as documents": "SELECT jsonb_array_length(jsonb_agg(l)), json_array_length(json_agg(l))"
    " FROM lists AS l, generate_series(1, 100000)",
    "counts of distinct values": "SELECT " + ", ".join(f"count(DISTINCT n * {n})" for n in range(2, 90))
    + " FROM generate_series(1, 150000) AS n",
    "sorted aggregates": "SELECT " + ", ".join(f"mode() WITHIN GROUP (ORDER BY n * {n})" for n in range(2, 90))
    + " FROM generate_series(1, 150000) AS n",
    "sorted subqueries": "SELECT count(*) FROM " + ", ".join(
        f"(SELECT n * {n} AS m FROM generate_series(1, 100000) AS n ORDER BY m OFFSET 99999) AS s{n}"
        for n in range(2, 20)
    ),
    "NOT IN of many rows": "SELECT count(*) FROM generate_series(1, 10) AS a WHERE a NOT IN (SELECT n || repeat('x', 50)"
    " FROM generate_series(100, (SELECT 10000000)) AS n)".replace("a NOT", "a::text NOT"),
    "ANY of many rows": "SELECT a = ANY (SELECT n FROM generate_series(100, (SELECT 10000000)) AS n)"
    " FROM generate_series(1, 10) AS a",
    "one row through many WITH": "WITH a0 AS MATERIALIZED (SELECT string_agg(repeat('a', 90), '') AS x FROM"
    " generate_series(1, 400000))" + "".join(f", a{n} AS MATERIALIZED (SELECT x FROM a{n - 1} UNION ALL SELECT x FROM"
    f" a{n - 1} WHERE false)" for n in range(1, 12)) + " SELECT count(*) FROM a11",
    "recursion that doubles documents": "WITH RECURSIVE r AS (SELECT 1 AS n, '[1]'::jsonb AS d UNION ALL SELECT n + 1,"
    " jsonb_build_array(d, d) FROM r WHERE n < 40) SELECT max(length(d::text)) FROM r",
    "recursion that doubles arrays": "WITH RECURSIVE r AS (SELECT 1 AS n, ARRAY[1] AS a UNION ALL SELECT n + 1, a || a"
    " FROM r WHERE n < 40) SELECT max(cardinality(a)) FROM r",
    "a factorial": "WITH RECURSIVE r AS (SELECT 1 AS n, 1::numeric AS f UNION ALL SELECT n + 1, f * n FROM r WHERE n <"
    " 100000) SELECT length(max(f)::text) FROM r",
    "GROUPING SETS of many columns": "SELECT count(*) FROM (SELECT count(*) FROM (SELECT "
    + ", ".join(f"n + {n} AS c{n}" for n in range(30)) + " FROM generate_series(1, 100000) AS n) AS s GROUP BY"
    " GROUPING SETS (" + ", ".join(f"(c{n})" for n in range(30)) + ")) AS t",
    "subscripts in a row": "SELECT (ARRAY[1])" + "[1:1]" * 780,
    "operators in a row": "SELECT cardinality(" + " || ".join(["a"] * 200) + f") {ARRAYS}",
    "deep nesting": "SELECT " + "lower(" * 38 + "'x'" + ")" * 38 + ", " + "||".join(["'x'"] * 1_500),
}  # fmt: skip
