/* test_sql_query.c -- expressions, types and queries: each form parses and prints in its canonical
 * spelling, operators bind as documented, words stay usable as names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql_util.h"

static const SqlPair expressions_pairs[] = {
    {"a.b.c", "a.b.c"},
    {"`order`.`a b`", "`order`.`a b`"},
    {"T.*", "T.*"},
    {"- -a", "- -a"},
    {"not a and b or c", "NOT a AND b OR c"},
    {"a between 1 and 2 and b", "a BETWEEN 1 AND 2 AND b"},
    {"a NOT BETWEEN SYMMETRIC 1 AND 2", "a NOT BETWEEN SYMMETRIC 1 AND 2"},
    {"a not in (1, 2, 3)", "a NOT IN (1, 2, 3)"},
    {"a in (select b from t)", "a IN (SELECT b FROM t)"},
    {"a LIKE 'x!%' ESCAPE '!'", "a LIKE 'x!%' ESCAPE '!'"},
    {"a not similar to 'x'", "a NOT SIMILAR TO 'x'"},
    {"a is not distinct from b", "a IS NOT DISTINCT FROM b"},
    {"a <> all (select b from t)", "a <> ALL (SELECT b FROM t)"},
    {"a = some (1, 2)", "a = ANY (1, 2)"},
    {"exists (select 1)", "EXISTS (SELECT 1)"},
    {"a is not unknown", "a IS NOT UNKNOWN"},
    {"a is json object", "a IS JSON OBJECT"},
    {"(a, b) overlaps (c, d)", "(a, b) OVERLAPS (c, d)"},
    {"a::int::string", "a::INT::STRING"},
    {"try_cast(a as decimal(10,2))", "TRY_CAST(a AS DECIMAL(10, 2))"},
    {"case a when 1, 2 then 'x' else 'y' end", "CASE a WHEN 1, 2 THEN 'x' ELSE 'y' END"},
    {"arr[1].f['k']", "arr[1].f['k']"},
    {"(a).b", "(a).b"},
    {"f(x).y", "f(x).y"},
    {"array[1, 2]", "ARRAY[1, 2]"},
    {"map['a', 1]", "MAP['a', 1]"},
    {"row(a, b)", "ROW(a, b)"},
    {"(a, b)", "(a, b)"},
    {"array(select a from t)", "ARRAY(SELECT a FROM t)"},
    {"MULTISET[1] MULTISET UNION DISTINCT b", "MULTISET[1] MULTISET UNION DISTINCT b"},
    {"a AT TIME ZONE 'UTC'", "a AT TIME ZONE 'UTC'"},
    {"? + $1", "? + $1"},
    {"x'0AFF'", "x'0aff'"},
    {"U&'d!0061t!+000061' UESCAPE '!'", "'data'"},
    {"'it''s'", "'it''s'"},
    {"1.50", "1.50"},
    {".5", ".5"},
    {"1e10", "1e10"},
    {"DATE '2024-01-31'", "DATE '2024-01-31'"},
    {"timestamp with local time zone '2024-01-31 10:20:30'",
     "TIMESTAMP WITH LOCAL TIME ZONE '2024-01-31 10:20:30'"},
    {"interval '1 10:00' day to minute", "INTERVAL '1 10:00' DAY TO MINUTE"},
    {"INTERVAL -'1.5' SECOND(2, 3)", "INTERVAL -'1.5' SECOND(2, 3)"},
    {"INTERVAL '5' SECONDS", "INTERVAL '5' SECOND"},
    {"INTERVAL (a + 1) DAY", "INTERVAL (a + 1) DAY"},
    {"CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"},
    {"localtime", "localtime"},
    {"a != b", "a <> b"},
    {"a || b || c", "a || b || c"},
};

static void expressions_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_EXPR, expressions_pairs, N_OF(expressions_pairs));
}

static const SqlPair calls_pairs[] = {
    {"count(*)", "count(*)"},
    {"count(distinct a, b)", "count(DISTINCT a, b)"},
    {"sum(a) filter (where b > 0)", "sum(a) FILTER (WHERE b > 0)"},
    {"array_agg(a order by b desc nulls last)", "array_agg(a ORDER BY b DESC NULLS LAST)"},
    {"listagg(a, ',') within group (order by b)", "listagg(a, ',') WITHIN GROUP (ORDER BY b)"},
    {"first_value(a) ignore nulls over w", "first_value(a) IGNORE NULLS OVER w"},
    {"lag(a respect nulls) over (partition by b order by c)",
     "lag(a) RESPECT NULLS OVER (PARTITION BY b ORDER BY c)"},
    {"sum(a) over (order by t range between interval '1' hour preceding and current row exclude "
     "ties)",
     "sum(a) OVER (ORDER BY t RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW EXCLUDE "
     "TIES)"},
    {"sum(a) over (rows 3 preceding)", "sum(a) OVER (ROWS 3 PRECEDING)"},
    {"extract(year from a)", "extract(YEAR FROM a)"},
    {"position('a' in b)", "position('a' IN b)"},
    {"substring(a from 2 for 3)", "substring(a FROM 2 FOR 3)"},
    {"substring(a for 3)", "substring(a FROM 1 FOR 3)"},
    {"substring(a, 2)", "substring(a, 2)"},
    {"trim(a)", "trim(a)"},
    {"trim(leading 'x' from a)", "trim(LEADING 'x' FROM a)"},
    {"trim('x' from a)", "trim(BOTH 'x' FROM a)"},
    {"overlay(a placing b from 2 for 3)", "overlay(a PLACING b FROM 2 FOR 3)"},
    {"ceil(a to day)", "ceil(a TO DAY)"},
    {"floor(a)", "floor(a)"},
    {"timestampadd(day, 1, a)", "timestampadd(DAY, 1, a)"},
    {"timestampdiff(MINUTE, a, b)", "timestampdiff(MINUTE, a, b)"},
    {"left(a, 1)", "left(a, 1)"},
    {"if(a, b, c)", "if(a, b, c)"},
    {"replace(a, 'x', 'y')", "replace(a, 'x', 'y')"},
    {"truncate(a, 1)", "truncate(a, 1)"},
    {"date(a)", "date(a)"},
    {"my.func(a, b => 1, c => default)", "my.func(a, b => 1, c => DEFAULT)"},
    {"json_value(a, '$.b' returning int null on empty default 0 on error)",
     "json_value(a, '$.b' RETURNING INT NULL ON EMPTY DEFAULT 0 ON ERROR)"},
    {"json_query(a, '$' returning array<string> with unconditional array wrapper empty array on "
     "empty)",
     "json_query(a, '$' RETURNING ARRAY<STRING> WITH UNCONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON "
     "EMPTY)"},
    {"json_exists(a, '$.b' unknown on error)", "json_exists(a, '$.b' UNKNOWN ON ERROR)"},
    {"json_object('a' value 1, key 'b' value 2 absent on null)",
     "json_object(KEY 'a' VALUE 1, KEY 'b' VALUE 2 ABSENT ON NULL)"},
    {"json_object('a' : 1)", "json_object(KEY 'a' VALUE 1)"},
    {"json_array(null on null)", "json_array(NULL ON NULL)"},
    {"json_arrayagg(a absent on null)", "json_arrayagg(a ABSENT ON NULL)"},
    {"json_object(key value key)", "json_object(KEY key VALUE key)"},
    {"grouping(a)", "grouping(a)"},
    {"current_watermark(ts)", "current_watermark(ts)"},
};

static void calls_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_EXPR, calls_pairs, N_OF(calls_pairs));
}

static const SqlPair types_pairs[] = {
    {"int", "INT"},
    {"INTEGER NOT NULL", "INT NOT NULL"},
    {"character varying(3)", "VARCHAR(3)"},
    {"double precision", "DOUBLE"},
    {"numeric(10)", "DECIMAL(10)"},
    {"dec(10, 2)", "DECIMAL(10, 2)"},
    {"timestamp(3) with local time zone", "TIMESTAMP_LTZ(3)"},
    {"timestamp with time zone", "TIMESTAMP WITH TIME ZONE"},
    {"time without time zone", "TIME"},
    {"timestamp_ltz(6)", "TIMESTAMP_LTZ(6)"},
    {"interval day(2) to second(3)", "INTERVAL DAY(2) TO SECOND(3)"},
    {"interval year to month not null", "INTERVAL YEAR TO MONTH NOT NULL"},
    {"array<int not null>", "ARRAY<INT NOT NULL>"},
    {"int not null array", "ARRAY<INT NOT NULL>"},
    {"map<string, row<a int, `b c` array<string>>>",
     "MAP<STRING, ROW<a INT, `b c` ARRAY<STRING>>>"},
    {"row(a int not null, b string 'comment')", "ROW<a INT NOT NULL, b STRING 'comment'>"},
    {"row<>", "ROW<>"},
    {"multiset<row<x int>>", "MULTISET<ROW<x INT>>"},
    {"raw('a.B', 'xyz')", "RAW('a.B', 'xyz')"},
    {"structured<'a.B', x int, y string>", "STRUCTURED<'a.B', x INT, y STRING>"},
    {"variant", "VARIANT"},
    {"my_cat.my_db.point", "my_cat.my_db.point"},
    {"`INT`", "`INT`"},
};

static void types_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_TYPE, types_pairs, N_OF(types_pairs));
}

static const SqlPair queries_pairs[] = {
    {"select 1", "SELECT 1"},
    {"select all a, b as c, d e, t.*, * from t", "SELECT ALL a, b AS c, d AS e, t.*, * FROM t"},
    {"select distinct a from t where b group by a having count(*) > 1 window w as (order by a) "
     "qualify x",
     "SELECT DISTINCT a FROM t WHERE b GROUP BY a HAVING count(*) > 1 WINDOW w AS (ORDER BY a) "
     "QUALIFY x"},
    {"select a from t group by ()", "SELECT a FROM t GROUP BY ()"},
    {"select a from t group by distinct grouping sets ((a, b), a, ()), cube (a, b), rollup (a, (b, "
     "c))",
     "SELECT a FROM t GROUP BY DISTINCT GROUPING SETS ((a, b), a, ()), CUBE (a, b), ROLLUP (a, (b, "
     "c))"},
    {"select a from t, u cross join v", "SELECT a FROM t, u CROSS JOIN v"},
    {"select a from t join u on t.x = u.x left outer join v using (a, b) natural full join w",
     "SELECT a FROM t JOIN u ON t.x = u.x LEFT JOIN v USING (a, b) NATURAL FULL JOIN w"},
    {"select a from t join u join v on p on q", "SELECT a FROM t JOIN (u JOIN v ON p) ON q"},
    {"select a from t left join (u join v on p) on q",
     "SELECT a FROM t LEFT JOIN (u JOIN v ON p) ON q"},
    {"select a from (select b from t) x (c, d), (t)",
     "SELECT a FROM (SELECT b FROM t) AS x (c, d), t"},
    {"select a from lateral (select b from t) as x",
     "SELECT a FROM LATERAL (SELECT b FROM t) AS x"},
    {"select a from t, lateral table(f(a)) as x(b)",
     "SELECT a FROM t, LATERAL TABLE(f(a)) AS x (b)"},
    {"select a from t cross join unnest(a, b) with ordinality as x (c, d, e)",
     "SELECT a FROM t CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS x (c, d, e)"},
    {"select a from table(tumble(table t, descriptor(ts), interval '1' hour))",
     "SELECT a FROM TABLE(tumble(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))"},
    {"select a from tumble(data => table t partition by (a, b) order by c desc, timecol => "
     "descriptor(ts))",
     "SELECT a FROM TABLE(tumble(data => TABLE t PARTITION BY (a, b) ORDER BY (c DESC), timecol => "
     "DESCRIPTOR(ts)))"},
    {"select a from f(input => (select b from t) partition by x)",
     "SELECT a FROM TABLE(f(input => (SELECT b FROM t) PARTITION BY (x)))"},
    {"select a from ml_predict(table t, model m, descriptor(a, b))",
     "SELECT a FROM TABLE(ml_predict(TABLE t, MODEL m, DESCRIPTOR(a, b)))"},
    {"select a from t for system_time as of o.ts as x join u for system_time as of timestamp "
     "'2024-01-01 00:00:00' on true",
     "SELECT a FROM t FOR SYSTEM_TIME AS OF o.ts AS x JOIN u FOR SYSTEM_TIME AS OF TIMESTAMP "
     "'2024-01-01 00:00:00' ON TRUE"},
    {"select a from t /*+ options('a' = 'b', c='d') */ as x",
     "SELECT a FROM t /*+ options('a' = 'b', 'c' = 'd') */ AS x"},
    {"select /*+ state_ttl('a' = '1d'), broadcast(t, u), nothing */ a from t",
     "SELECT /*+ state_ttl('a' = '1d'), broadcast(t, u), nothing */ a FROM t"},
    {"select a from t tablesample bernoulli (10) repeatable (1) as x",
     "SELECT a FROM t TABLESAMPLE BERNOULLI (10) REPEATABLE (1) AS x"},
    {"select 1 union select 2 intersect select 3 except all select 4",
     "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL SELECT 4"},
    {"(select 1 union select 2) intersect select 3",
     "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3"},
    {"select 1 minus select 2", "SELECT 1 EXCEPT SELECT 2"},
    {"(select a from t order by a limit 1) union all (select b from u)",
     "(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL SELECT b FROM u"},
    {"select a from t order by a desc nulls first, b limit 10 offset 5",
     "SELECT a FROM t ORDER BY a DESC NULLS FIRST, b LIMIT 10 OFFSET 5"},
    {"select a from t offset 5 rows fetch next 10 rows only", "SELECT a FROM t LIMIT 10 OFFSET 5"},
    {"select a from t fetch first row only", "SELECT a FROM t LIMIT 1"},
    {"select a from t limit 5, 10", "SELECT a FROM t LIMIT 10 OFFSET 5"},
    {"select a from t limit all", "SELECT a FROM t"},
    {"with x as (select 1), y (a, b) as (select 2, 3) select * from x, y",
     "WITH x AS (SELECT 1), y (a, b) AS (SELECT 2, 3) SELECT * FROM x, y"},
    {"with recursive x as (select 1) select * from x",
     "WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x"},
    {"values (1, 'a'), (2, 'b')", "VALUES (1, 'a'), (2, 'b')"},
    {"values 1, 2", "VALUES (1), (2)"},
    {"table t", "TABLE t"},
    {"select a from t emit early every interval '1' second, on close",
     "SELECT a FROM t EMIT EARLY EVERY INTERVAL '1' SECOND, ON CLOSE"},
    {"select a from t emit on update on late into late_rows",
     "SELECT a FROM t EMIT ON UPDATE ON LATE INTO late_rows"},
    {"select a from t on late revise within interval '1' day",
     "SELECT a FROM t ON LATE REVISE WITHIN INTERVAL '1' DAY"},
    {"select a from t on late drop", "SELECT a FROM t ON LATE DROP"},
};

static void queries_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_STATEMENT, queries_pairs, N_OF(queries_pairs));
}

static const SqlPair match_pairs[] = {
    {"select * from t match_recognize (partition by a order by ts measures first(a.x) as x, final "
     "last(b.y) as y, match_number() as n one row per match after match skip to last b pattern (a "
     "b+? (c | d){2,3} {- e -}* permute(f, g) ^ $) within interval '5' second subset u = (a, b) "
     "define a as a.x > 1, b as b.y > last(b.y, 1)) as m (p, q)",
     "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY ts MEASURES first(a.x) AS x, FINAL "
     "last(b.y) AS y, match_number() AS n ONE ROW PER MATCH AFTER MATCH SKIP TO LAST b PATTERN (a "
     "b+? (c | d){2,3} {- e -}* PERMUTE(f, g) ^ $) WITHIN INTERVAL '5' SECOND SUBSET u = (a, b) "
     "DEFINE a AS a.x > 1, b AS b.y > last(b.y, 1)) AS m (p, q)"},
    {"select * from t as x match_recognize (order by ts all rows per match with unmatched rows "
     "after match skip past last row pattern (()) define a as true)",
     "SELECT * FROM t AS x MATCH_RECOGNIZE (ORDER BY ts ALL ROWS PER MATCH WITH UNMATCHED ROWS "
     "AFTER MATCH SKIP PAST LAST ROW PATTERN (()) DEFINE a AS TRUE)"},
};

static void match_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_STATEMENT, match_pairs, N_OF(match_pairs));
}

static const SqlPair names_pairs[] = {
    {"select key, name, value, type, data, first, last, plan, job, level, source, state, zone, "
     "path, json, metadata, options, view, size, version, format, year, month, day, hour, date, "
     "time, user, final, emit, late, model, filter, over, partition from t",
     "SELECT key, name, `value`, type, data, first, last, plan, job, level, source, state, zone, "
     "path, json, metadata, options, view, size, version, format, `year`, `month`, `day`, `hour`, "
     "`date`, `time`, `user`, final, emit, late, model, `filter`, `over`, `partition` FROM t"},
    {"select t.order, t.select, t.`from` from t", "SELECT t.`order`, t.`select`, t.`from` FROM t"},
    {"create table t (key string, type string, comment string, date date, time time(3), timestamp "
     "timestamp(3), value int, metadata int, watermark int, primary int, row_time int, catalog "
     "string, unique int)",
     "CREATE TABLE t (key STRING, type STRING, `comment` STRING, `date` DATE, `time` TIME(3), "
     "`timestamp` TIMESTAMP(3), `value` INT, metadata INT, `watermark` INT, `primary` INT, "
     "row_time INT, catalog STRING, `unique` INT)"},
    {"select a key, b value, c first from t as source",
     "SELECT a AS key, b AS `value`, c AS first FROM t AS source"},
    {"select $$T_SOURCE.a, EXPR$0 from t $$T_SOURCE",
     "SELECT $$T_SOURCE.a, EXPR$0 FROM t AS $$T_SOURCE"},
    {"select `\303\274berraschung`, gr\303\266\303\237e from t",
     "SELECT `\303\274berraschung`, `gr\303\266\303\237e` FROM t"},
    {"insert into key (type, name) select input, output from model",
     "INSERT INTO key (type, name) SELECT input, output FROM model"},
    {"select map, map[1, 2], array_agg(map) from t",
     "SELECT `map`, MAP[1, 2], array_agg(`map`) FROM t"},
    {"select left(a, 1), right(a, 1) from t", "SELECT left(a, 1), right(a, 1) FROM t"},
    {"select if, if(a, b, c), replace, position, position(a in b) from t",
     "SELECT if, if(a, b, c), replace, `position`, position(a IN b) FROM t"},
    {"select count, sum, max from t", "SELECT `count`, `sum`, `max` FROM t"},
    {"use catalog", "USE catalog"},
    {"show tables from database", "SHOW TABLES FROM database"},
};

static void names_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_STATEMENT, names_pairs, N_OF(names_pairs));
}

/* Pairs that are the same tree. */
static const SqlPair same_trees[] = {
    {"a + b * c", "a + (b * c)"},
    {"a * b + c", "(a * b) + c"},
    {"a - b - c", "(a - b) - c"},
    {"a || b + c", "(a || b) + c"}, /* as in Calcite: || binds like * */
    {"a + b || c", "a + (b || c)"},
    {"- a * b", "(-a) * b"},
    {"-a.b[1]", "-((a.b)[1])"},
    {"- a::INT", "-(a::INT)"},
    {"a = b + 1", "a = (b + 1)"},
    {"a < b = c", "(a < b) = c"},
    {"a = b IS NULL", "(a = b) IS NULL"},
    {"a = b IN (1, 2)", "a = (b IN (1, 2))"},
    {"a = b NOT IN (1, 2)", "a = (b NOT IN (1, 2))"},
    {"a + 1 BETWEEN b AND c + 1", "(a + 1) BETWEEN b AND (c + 1)"},
    {"a BETWEEN 1 AND 2 AND b", "(a BETWEEN 1 AND 2) AND b"},
    {"a BETWEEN 1 AND 2 OR b", "(a BETWEEN 1 AND 2) OR b"},
    {"a LIKE b || c", "a LIKE (b || c)"},
    {"NOT a = b", "NOT (a = b)"},
    {"NOT a IS NULL", "NOT (a IS NULL)"},
    {"NOT a AND b", "(NOT a) AND b"},
    {"NOT a BETWEEN 1 AND 2", "NOT (a BETWEEN 1 AND 2)"},
    {"a OR b AND c", "a OR (b AND c)"},
    {"a AND b OR c AND d", "(a AND b) OR (c AND d)"},
    {"(a AND b) AND (c AND d)", "a AND b AND c AND d"},
    {"a OR (b OR c)", "a OR b OR c"},
    {"a IS DISTINCT FROM b AND c", "(a IS DISTINCT FROM b) AND c"},
    {"a IS NOT TRUE OR b", "(a IS NOT TRUE) OR b"},
    {"a AT TIME ZONE 'x' + b", "(a AT TIME ZONE 'x') + b"},
    {"((a))", "a"},
    {"((SELECT 1))", "(SELECT 1)"},
    {"a IN ((SELECT 1))", "a IN (SELECT 1)"},
    {"CASE a WHEN 1 THEN 2 END", "case a when 1 then 2 end"},
    {"a /* x */ + -- y\n b", "a + b"},
    {"DATE'2024-01-01'", "DATE '2024-01-01'"},
    {"INTERVAL'1'DAY", "INTERVAL '1' DAYS"},
    {"'a'\n'b'", "'ab'"},
    {"ROW(1, 2).a", "(ROW(1, 2)).a"},
    {"f(a) FILTER (WHERE b) OVER w", "(f(a) FILTER (WHERE b) OVER w)"},
};

static const SqlPair other_trees[] = {
    {"(a + b) * c", "a + b * c"},
    {"a - (b - c)", "a - b - c"},
    {"(a).b", "a.b"},
    {"ROW(a, b)", "(a, b)"},
    {"a", "A"},
    {"f(a)", "f(a, b)"},
    {"-(a + b)", "-a + b"},
    {"a IN (1)", "a NOT IN (1)"},
    {"1", "1.0"},
    {"'1'", "1"},
    {"COUNT(a)", "COUNT(DISTINCT a)"},
    {"CAST(a AS INT)", "a::INT"},
};

static void check_trees(const SqlPair *pairs, size_t n, bool are_same) {
    Arena arena;
    arena_init(&arena, NULL);
    for (size_t i = 0; i < n; i++) {
        const Ast *left = sql_must_parse(&arena, TEXT_EXPR, pairs[i].text);
        const Ast *right = sql_must_parse(&arena, TEXT_EXPR, pairs[i].other);
        if (ast_equal(left, right) != are_same) {
            fail_msg("%s: %s | %s", are_same ? "differ" : "are equal", pairs[i].text,
                     pairs[i].other);
        }
    }
    arena_deinit(&arena);
}

static void precedence_is_as_documented(void **state) {
    (void)state;
    check_trees(same_trees, N_OF(same_trees), true);
    check_trees(other_trees, N_OF(other_trees), false);
}

/* Every node's bytes are the text that it was made from. */
static void check_slice(const Ast *node, void *arg) {
    const char *text = arg;
    assert_in_range(node->pos, 0, strlen(text));
    assert_in_range(node->end, node->pos, strlen(text));
    ast_each_child(node, check_slice, arg);
}

static void positions_are_slices_of_the_text(void **state) {
    static const char text[] = "SELECT (a + b) * 2 AS x, f(a, 'b') FROM t WHERE a = (SELECT 1)";
    Arena arena;
    (void)state;
    arena_init(&arena, NULL);
    const AstQuery *query = (const AstQuery *)sql_must_parse(&arena, TEXT_STATEMENT, text);
    const AstSelect *select = (const AstSelect *)query->body;
    const AstSelectItem *item = (const AstSelectItem *)select->items.items[0];
    const AstBinary *times = (const AstBinary *)item->expr;
    const Ast *call = ((const AstSelectItem *)select->items.items[1])->expr;
    const AstBinary *where = (const AstBinary *)select->where;
    check_slice(&query->ast, (void *)(uintptr_t)text);
    assert_int_equal(times->ast.pos, 7); /* with the parenthesis */
    assert_int_equal(times->ast.end, 18);
    assert_int_equal(times->left->end, 14);
    assert_int_equal(times->op_pos, 15);
    assert_int_equal(item->ast.end, 23);
    assert_int_equal(call->pos, 25);
    assert_int_equal(call->end, 34);
    assert_int_equal(where->right->pos, 52);
    assert_int_equal(where->right->end, (int)sizeof text - 1);
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(precedence_is_as_documented),
                                       cmocka_unit_test(positions_are_slices_of_the_text),
                                       cmocka_unit_test(expressions_are_canonical),
                                       cmocka_unit_test(calls_are_canonical),
                                       cmocka_unit_test(types_are_canonical),
                                       cmocka_unit_test(queries_are_canonical),
                                       cmocka_unit_test(match_are_canonical),
                                       cmocka_unit_test(names_are_canonical)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
