/* test_sql_stmt.c -- definitions and statements in their canonical spelling, scripts, and the
 * limits of the parser.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sql/ast_fields.h"
#include "sql_util.h"

static const SqlPair ddl_pairs[] = {
    {"create table t (a int not null, b string comment 'x', c as a + 1, d timestamp(3) metadata "
     "from 'timestamp' virtual, primary key (a) not enforced, watermark for d as d - interval '5' "
     "second) comment 'c' partitioned by (b) with ('connector' = 'kafka', 'x' = 'it''s')",
     "CREATE TABLE t (a INT NOT NULL, b STRING COMMENT 'x', c AS a + 1, d TIMESTAMP(3) METADATA "
     "FROM 'timestamp' VIRTUAL, PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR d AS d - INTERVAL '5' "
     "SECOND) COMMENT 'c' PARTITIONED BY (b) WITH ('connector' = 'kafka', 'x' = 'it''s')"},
    {"create temporary table if not exists a.b.t (a int primary key not enforced comment 'k', "
     "constraint u unique (a))",
     "CREATE TEMPORARY TABLE IF NOT EXISTS a.b.t (a INT PRIMARY KEY NOT ENFORCED COMMENT 'k', "
     "CONSTRAINT u UNIQUE (a))"},
    {"create table t (a int) distributed by hash (a) into 4 buckets",
     "CREATE TABLE t (a INT) DISTRIBUTED BY HASH(a) INTO 4 BUCKETS"},
    {"create table t (a int) distributed into 4 buckets with ('a' = 'b')",
     "CREATE TABLE t (a INT) DISTRIBUTED INTO 4 BUCKETS WITH ('a' = 'b')"},
    {"create table t (a int) with ('a' = 'b') partitioned by (a)",
     "CREATE TABLE t (a INT) PARTITIONED BY (a) WITH ('a' = 'b')"},
    {"create table t like s (including all overwriting options excluding constraints)",
     "CREATE TABLE t LIKE s (INCLUDING ALL OVERWRITING OPTIONS EXCLUDING CONSTRAINTS)"},
    {"create table t with ('a' = 'b') as select 1", "CREATE TABLE t WITH ('a' = 'b') AS SELECT 1"},
    {"create or replace table t (a, b) as select 1, 2",
     "CREATE OR REPLACE TABLE t (a, b) AS SELECT 1, 2"},
    {"replace table t as select 1", "REPLACE TABLE t AS SELECT 1"},
    {"create table t", "CREATE TABLE t"},
    {"create table t ()", "CREATE TABLE t ()"},
    {"create materialized table t partitioned by (a) with ('a' = 'b') freshness = interval '1' "
     "hour refresh_mode = full as select 1",
     "CREATE MATERIALIZED TABLE t PARTITIONED BY (a) WITH ('a' = 'b') FRESHNESS = INTERVAL '1' "
     "HOUR REFRESH_MODE = FULL AS SELECT 1"},
    {"create or alter materialized table t as select 1",
     "CREATE OR ALTER MATERIALIZED TABLE t AS SELECT 1"},
    {"create view v (a comment 'x', b) comment 'y' as select 1, 2",
     "CREATE VIEW v (a COMMENT 'x', b) COMMENT 'y' AS SELECT 1, 2"},
    {"create temporary view if not exists v as select 1",
     "CREATE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 1"},
    {"create or replace materialized view v with ('a' = 'b') as select 1",
     "CREATE OR REPLACE MATERIALIZED VIEW v WITH ('a' = 'b') AS SELECT 1"},
    {"create temporary system function if not exists f as 'a.B' language python using jar 'x', jar "
     "'y'",
     "CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS f AS 'a.B' LANGUAGE python USING JAR 'x', JAR "
     "'y'"},
    {"create catalog c comment 'x' with ('type' = 'generic_in_memory')",
     "CREATE CATALOG c COMMENT 'x' WITH ('type' = 'generic_in_memory')"},
    {"create database if not exists c.d", "CREATE DATABASE IF NOT EXISTS c.d"},
    {"create model m input (a string) output (b double) with ('provider' = 'x')",
     "CREATE MODEL m INPUT (a STRING) OUTPUT (b DOUBLE) WITH ('provider' = 'x')"},
    {"drop temporary table if exists a.t", "DROP TEMPORARY TABLE IF EXISTS a.t"},
    {"drop database d cascade", "DROP DATABASE d CASCADE"},
    {"drop temporary system function f", "DROP TEMPORARY SYSTEM FUNCTION f"},
    {"drop materialized view v", "DROP MATERIALIZED VIEW v"},
    {"alter table t rename to u", "ALTER TABLE t RENAME TO u"},
    {"alter table t rename a to b", "ALTER TABLE t RENAME a TO b"},
    {"alter table if exists t add (a int first, b string after a, primary key (a) not enforced)",
     "ALTER TABLE IF EXISTS t ADD (a INT FIRST, b STRING AFTER a, PRIMARY KEY (a) NOT ENFORCED)"},
    {"alter table t add watermark for ts as ts", "ALTER TABLE t ADD WATERMARK FOR ts AS ts"},
    {"alter table t modify a bigint comment 'x'", "ALTER TABLE t MODIFY a BIGINT COMMENT 'x'"},
    {"alter table t drop a", "ALTER TABLE t DROP a"},
    {"alter table t drop (a, b)", "ALTER TABLE t DROP (a, b)"},
    {"alter table t drop primary key", "ALTER TABLE t DROP PRIMARY KEY"},
    {"alter table t drop constraint c", "ALTER TABLE t DROP CONSTRAINT c"},
    {"alter table t drop watermark", "ALTER TABLE t DROP WATERMARK"},
    {"alter table t drop distribution", "ALTER TABLE t DROP DISTRIBUTION"},
    {"alter table t add distribution by hash(a) into 3 buckets",
     "ALTER TABLE t ADD DISTRIBUTION BY HASH(a) INTO 3 BUCKETS"},
    {"alter table t set ('a' = 'b')", "ALTER TABLE t SET ('a' = 'b')"},
    {"alter table t reset ('a', 'b')", "ALTER TABLE t RESET ('a', 'b')"},
    {"alter table t add if not exists partition (a = 1) with ('x' = 'y') partition (a = 2)",
     "ALTER TABLE t ADD IF NOT EXISTS PARTITION (a = 1) WITH ('x' = 'y') PARTITION (a = 2)"},
    {"alter table t drop partition (a = 1), partition (a = 2)",
     "ALTER TABLE t DROP PARTITION (a = 1), PARTITION (a = 2)"},
    {"alter table t partition (a = 1) compact", "ALTER TABLE t PARTITION (a = 1) COMPACT"},
    {"alter view v as select 1", "ALTER VIEW v AS SELECT 1"},
    {"alter database d set ('a' = 'b')", "ALTER DATABASE d SET ('a' = 'b')"},
    {"alter catalog c comment 'x'", "ALTER CATALOG c COMMENT 'x'"},
    {"alter temporary function f as 'a.B' language scala",
     "ALTER TEMPORARY FUNCTION f AS 'a.B' LANGUAGE scala"},
    {"alter model m rename to n", "ALTER MODEL m RENAME TO n"},
    {"alter materialized table t refresh partition (a = 1)",
     "ALTER MATERIALIZED TABLE t REFRESH PARTITION (a = 1)"},
    {"alter materialized table t set freshness = interval '1' hour",
     "ALTER MATERIALIZED TABLE t SET FRESHNESS = INTERVAL '1' HOUR"},
    {"alter materialized table t as select 1", "ALTER MATERIALIZED TABLE t AS SELECT 1"},
};

static void ddl_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_STATEMENT, ddl_pairs, N_OF(ddl_pairs));
}

static const SqlPair statements_pairs[] = {
    {"insert into t select 1", "INSERT INTO t SELECT 1"},
    {"insert into t (a, b.c) values (1, 2)", "INSERT INTO t (a, b.c) VALUES (1, 2)"},
    {"insert overwrite t partition (a = 1, b = 'x') (c) select 1",
     "INSERT OVERWRITE t PARTITION (a = 1, b = 'x') (c) SELECT 1"},
    {"insert into t /*+ options('a'='b') */ select 1 on conflict do nothing",
     "INSERT INTO t /*+ options('a' = 'b') */ SELECT 1 ON CONFLICT DO NOTHING"},
    {"upsert into t select 1", "UPSERT INTO t SELECT 1"},
    {"update t as x set a = 1, b = b + 1 where c", "UPDATE t AS x SET a = 1, b = b + 1 WHERE c"},
    {"delete from t where a", "DELETE FROM t WHERE a"},
    {"truncate table t", "TRUNCATE TABLE t"},
    {"execute statement set begin insert into a select 1; insert into b select 2; end",
     "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END"},
    {"begin statement set; insert into a select 1; end",
     "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END"},
    {"execute insert into a select 1", "EXECUTE INSERT INTO a SELECT 1"},
    {"execute select 1", "EXECUTE SELECT 1"},
    {"explain select 1", "EXPLAIN PLAN FOR SELECT 1"},
    {"explain plan for insert into t select 1", "EXPLAIN PLAN FOR INSERT INTO t SELECT 1"},
    {"explain changelog_mode, estimated_cost, json_execution_plan, plan_advice select 1",
     "EXPLAIN ESTIMATED_COST, CHANGELOG_MODE, JSON_EXECUTION_PLAN, PLAN_ADVICE SELECT 1"},
    {"explain analyze select 1", "EXPLAIN ANALYZE SELECT 1"},
    {"explain upgrade insert into t select 1", "EXPLAIN UPGRADE INSERT INTO t SELECT 1"},
    {"explain statement set begin insert into a select 1; end",
     "EXPLAIN PLAN FOR STATEMENT SET BEGIN INSERT INTO a SELECT 1; END"},
    {"compile plan 'p.json' if not exists for insert into t select 1",
     "COMPILE PLAN 'p.json' IF NOT EXISTS FOR INSERT INTO t SELECT 1"},
    {"compile and execute plan 'p.json' for statement set begin insert into a select 1; end",
     "COMPILE AND EXECUTE PLAN 'p.json' FOR STATEMENT SET BEGIN INSERT INTO a SELECT 1; END"},
    {"execute plan 'p.json'", "EXECUTE PLAN 'p.json'"},
    {"describe t", "DESCRIBE t"},
    {"desc extended a.b.t", "DESCRIBE EXTENDED a.b.t"},
    {"describe catalog extended c", "DESCRIBE CATALOG EXTENDED c"},
    {"describe function f", "DESCRIBE FUNCTION f"},
    {"describe job 'x'", "DESCRIBE JOB 'x'"},
    {"use a.b", "USE a.b"},
    {"use catalog c", "USE CATALOG c"},
    {"use modules a, b", "USE MODULES a, b"},
    {"load module m with ('a' = 'b')", "LOAD MODULE m WITH ('a' = 'b')"},
    {"unload module m", "UNLOAD MODULE m"},
    {"show tables from a.b not like 'x%'", "SHOW TABLES FROM a.b NOT LIKE 'x%'"},
    {"show databases in c ilike 'x'", "SHOW DATABASES IN c ILIKE 'x'"},
    {"show create table t", "SHOW CREATE TABLE t"},
    {"show columns in t", "SHOW COLUMNS IN t"},
    {"show partitions t partition (a = 1)", "SHOW PARTITIONS t PARTITION (a = 1)"},
    {"show full modules", "SHOW FULL MODULES"},
    {"show user functions", "SHOW USER FUNCTIONS"},
    {"show current database", "SHOW CURRENT DATABASE"},
    {"show jobs", "SHOW JOBS"},
    {"set", "SET"},
    {"set 'a' = 'b'", "SET 'a' = 'b'"},
    {"set table.local-time-zone = UTC", "SET 'table.local-time-zone' = 'UTC'"},
    {"reset", "RESET"},
    {"reset 'a'", "RESET 'a'"},
    {"reset execution.runtime-mode", "RESET 'execution.runtime-mode'"},
    {"analyze table t partition (a = 1, b) compute statistics for columns a, b",
     "ANALYZE TABLE t PARTITION (a = 1, b) COMPUTE STATISTICS FOR COLUMNS a, b"},
    {"analyze table t compute statistics for all columns",
     "ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS"},
    {"stop job 'x' with savepoint with drain", "STOP JOB 'x' WITH SAVEPOINT WITH DRAIN"},
    {"add jar 'x.jar'", "ADD JAR 'x.jar'"},
    {"remove jar 'x.jar'", "REMOVE JAR 'x.jar'"},
    {"call sys.compact('t', 1)", "CALL sys.compact('t', 1)"},
    {"subscribe t", "SUBSCRIBE TO t"},
    {"subscribe to select 1 with ('a' = 'b')", "SUBSCRIBE TO SELECT 1 WITH ('a' = 'b')"},
};

static void statements_are_canonical(void **state) {
    (void)state;
    sql_check_canonical(TEXT_STATEMENT, statements_pairs, N_OF(statements_pairs));
}

/* The constructs of the Nexmark files, in statements of our own. */
static const char nexmark_script[] =
    "CREATE TABLE events (event_type INT, person ROW<id BIGINT, name VARCHAR, `dateTime` "
    "TIMESTAMP(3)>, auction ROW<id BIGINT, seller BIGINT, expires TIMESTAMP(3)>, bid ROW<auction "
    "BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3)>, `dateTime` AS CASE WHEN "
    "event_type = 0 THEN person.`dateTime` ELSE bid.`dateTime` END, WATERMARK FOR `dateTime` AS "
    "`dateTime` - INTERVAL '4' SECOND) WITH ('connector' = 'nexmark', 'events.num' = '1000');\n"
    "CREATE VIEW bids AS SELECT bid.auction, bid.bidder, bid.price, `dateTime` FROM events WHERE "
    "event_type = 2;\n"
    "CREATE VIEW p AS SELECT *, PROCTIME() AS p_time FROM bids;\n"
    "INSERT INTO q1 SELECT auction, 0.908 * price AS price, `dateTime` FROM bids;\n"
    "INSERT INTO q4 SELECT Q.category, AVG(Q.final) FROM (SELECT MAX(B.price) AS final, A.category "
    "FROM auction A, bids B WHERE A.id = B.auction AND B.`dateTime` BETWEEN A.`dateTime` AND "
    "A.expires GROUP BY A.id, A.category) Q GROUP BY Q.category;\n"
    "INSERT INTO q5 SELECT a.auction, a.num FROM (SELECT auction, count(*) AS num, window_start, "
    "window_end FROM TABLE(HOP(TABLE bids, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL "
    "'10' SECOND)) GROUP BY auction, window_start, window_end) AS a JOIN (SELECT max(num) AS maxn, "
    "window_start FROM t GROUP BY window_start) AS m ON a.window_start = m.window_start AND a.num "
    ">= m.maxn;\n"
    "INSERT INTO q6 SELECT seller, AVG(price) OVER (PARTITION BY seller ORDER BY `dateTime` ROWS "
    "BETWEEN 10 PRECEDING AND CURRENT ROW) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY A.id "
    "ORDER BY B.price DESC, B.`dateTime` ASC) AS rownum FROM A, B) WHERE rownum <= 1;\n"
    "CREATE TABLE q10 (auction BIGINT, dt STRING, hm STRING) PARTITIONED BY (dt, hm) WITH "
    "('connector' = 'filesystem', 'partition.time-extractor.timestamp-pattern' = '$dt $hm:00');\n"
    "INSERT INTO q11 SELECT bidder, SESSION_START(`dateTime`, INTERVAL '10' SECOND) FROM bids "
    "GROUP "
    "BY bidder, SESSION(`dateTime`, INTERVAL '10' SECOND);\n"
    "INSERT INTO q13 SELECT B.auction, S.`value` FROM p AS B JOIN side FOR SYSTEM_TIME AS OF "
    "B.p_time AS S ON mod(B.auction, 10000) = S.key;\n"
    "CREATE FUNCTION count_char AS 'com.example.CountChar';\n"
    "INSERT INTO q15 SELECT DATE_FORMAT(`dateTime`, 'yyyy-MM-dd') AS `day`, count(*) FILTER (WHERE "
    "price < 10000), count(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) FROM "
    "bids GROUP BY DATE_FORMAT(`dateTime`, 'yyyy-MM-dd');\n"
    "INSERT INTO q21 SELECT CASE WHEN LOWER(channel) = 'apple' THEN '0' ELSE REGEXP_EXTRACT(url, "
    "'(&|^)channel_id=([^&]*)', 2) END, SPLIT_INDEX(url, '/', 3) FROM bids WHERE "
    "REGEXP_EXTRACT(url, "
    "'x', 2) IS NOT NULL OR lower(channel) IN ('apple', 'google');\n"
    "INSERT INTO q23 SELECT A.dateTime FROM A;\n"
    "INSERT INTO cep SELECT * FROM bids MATCH_RECOGNIZE (PARTITION BY auction ORDER BY `dateTime` "
    "MEASURES FIRST(A.price) AS first_price, AVG(A.price) AS mean ONE ROW PER MATCH AFTER MATCH "
    "SKIP "
    "TO LAST B PATTERN (A+ B*) WITHIN INTERVAL '5' SECOND DEFINE A AS LAST(A.price, 1) IS NULL OR "
    "A.price > LAST(A.price, 1), B AS B.price < AVG(A.price)) AS m";

static void nexmark_constructs_parse(void **state) {
    Arena arena;
    AstList list;
    Err err = ERR_INIT;
    Buf out;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&out, NULL);
    if (sql_parse_script(&arena, SPAN(nexmark_script), &list, &err) != ST_OK) {
        err_render(&err, SPAN(nexmark_script), NULL, &out);
        fail_msg("%s", buf_cstr(&out));
    }
    assert_int_equal(list.n, 15);
    for (int32_t i = 0; i < list.n; i++) {
        AstList again;
        buf_reset(&out);
        sql_deparse(list.items[i], &out);
        assert_int_equal(sql_parse_script(&arena, buf_as_span(&out), &again, &err), ST_OK);
        assert_true(again.n == 1 && ast_equal(list.items[i], again.items[0]));
    }
    buf_deinit(&out);
    arena_deinit(&arena);
}

/* -- scripts -- */

static int32_t count_statements(const char *text) {
    Arena arena;
    AstList list;
    Err err = ERR_INIT;
    int32_t n;
    arena_init(&arena, NULL);
    assert_int_equal(sql_parse_script(&arena, span_of(text), &list, &err), ST_OK);
    n = list.n;
    arena_deinit(&arena);
    return n;
}

static void scripts_are_cut_at_semicolons(void **state) {
    (void)state;
    assert_int_equal(count_statements(""), 0);
    assert_int_equal(count_statements(" ;; -- nothing\n ; /* ; */"), 0);
    assert_int_equal(count_statements("SELECT 1"), 1);
    assert_int_equal(count_statements("SELECT ';'; SELECT `;`;"), 2);
    assert_int_equal(count_statements("SET a.b = c; SELECT 1; RESET a.b;"), 3);
    assert_int_equal(count_statements("SET a = x -- y ; z\n; SELECT 1"), 2);
    assert_int_equal(
        count_statements("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN x "
                         "THEN 1 END; INSERT INTO b SELECT 1; END; SELECT 1;"),
        2);
    assert_int_equal(count_statements("BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END; SELECT 1"),
                     2);
    assert_int_equal(count_statements("\xef\xbb\xbfSELECT 1"), 1);
}

static void unquoted_settings_are_read_raw(void **state) {
    Arena arena;
    const AstSet *set;
    (void)state;
    arena_init(&arena, NULL);
    set = (const AstSet *)sql_must_parse(&arena, TEXT_STATEMENT,
                                         "SET  pipeline.jars = file:///a/b.jar -- c");
    assert_true(span_is(set->key, "pipeline.jars"));
    assert_true(span_is(set->value, "file:///a/b.jar"));
    set = (const AstSet *)sql_must_parse(&arena, TEXT_STATEMENT, "SET table.x = 'quoted;' ;");
    assert_true(span_is(set->value, "quoted;"));
    set = (const AstSet *)sql_must_parse(&arena, TEXT_STATEMENT, "RESET table.x");
    assert_true(set->is_reset && span_is(set->key, "table.x"));
    arena_deinit(&arena);
}

static void all_errors_are_collected(void **state) {
    static const char text[] = "SELECT 1; SELECT FROM t; SELECT 2; CREATE; SELECT 'x";
    Arena arena;
    AstList list;
    Err errs[4];
    int n_errs;
    (void)state;
    arena_init(&arena, NULL);
    assert_int_equal(sql_parse_all(&arena, span_of(text), &list, errs, 4, &n_errs), ST_INVALID);
    assert_int_equal(list.n, 2);
    assert_int_equal(n_errs, 3);
    assert_int_equal(errs[0].pos, 17);
    assert_int_equal(errs[1].pos, 41);
    assert_int_equal(errs[2].pos, 50);
    assert_int_equal(sql_parse_all(&arena, span_of(text), &list, errs, 1, &n_errs), ST_INVALID);
    assert_int_equal(n_errs, 1);
    arena_deinit(&arena);
}

static void incomplete_text_asks_for_more(void **state) {
    (void)state;
    assert_true(sql_is_incomplete(span_of("SELECT 1")));
    assert_true(sql_is_incomplete(span_of("SELECT 1; SELECT")));
    assert_true(sql_is_incomplete(span_of("SELECT 'a;")));
    assert_true(sql_is_incomplete(span_of("SELECT /* a;")));
    assert_true(sql_is_incomplete(span_of("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;")));
    assert_false(sql_is_incomplete(span_of("")));
    assert_false(sql_is_incomplete(span_of("SELECT 1;")));
    assert_false(sql_is_incomplete(span_of("SELECT FROM; -- bad, but complete\n")));
    assert_false(
        sql_is_incomplete(span_of("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;")));
}

static void columns_parse_alone(void **state) {
    Arena arena;
    AstList list;
    Err err = ERR_INIT;
    (void)state;
    arena_init(&arena, NULL);
    assert_int_equal(sql_parse_columns(&arena,
                                       SPAN("a INT, b AS a + 1, WATERMARK FOR b AS b, PRIMARY KEY "
                                            "(a) NOT ENFORCED"),
                                       &list, &err),
                     ST_OK);
    assert_int_equal(list.n, 4);
    assert_int_equal(list.items[2]->kind, AST_WATERMARK);
    assert_int_equal(sql_parse_columns(&arena, SPAN("a INT,"), &list, &err), ST_INVALID);
    arena_deinit(&arena);
}

/* The table of fields names every member of every struct: what it leaves out is padding. */
static void fields_cover_the_structs(void **state) {
    (void)state;
    for (int kind = 0; kind < AST_N_KINDS; kind++) {
        bool covered[512] = {false};
        size_t size = ast_size((AstKind)kind), n_bare = 0;
        assert_true(size <= sizeof covered);
        for (size_t i = 0; i < sizeof(Ast); i++) covered[i] = true;
        for (const AstFieldInfo *field = ast_fields((AstKind)kind); field->name; field++) {
            for (size_t i = 0; i < field->size; i++) {
                assert_false(covered[field->offset + i]);
                covered[field->offset + i] = true;
            }
        }
        for (size_t i = 0; i < size; i++) {
            n_bare = covered[i] ? 0 : n_bare + 1;
            bool is_hole = n_bare >= 8 || (n_bare >= 4 && i % 4 == 3 && i % 8 != 7);
            if (is_hole) fail_msg("%s: byte %zu is in no field", ast_kind_name((AstKind)kind), i);
        }
    }
}

static void deep_nesting_is_refused(void **state) {
    static const char *const openings[] = {"(",          "- ",     "NOT ", "f(",
                                           "CASE WHEN ", "ARRAY[", "a + ("};
    Arena arena;
    Buf text;
    (void)state;
    arena_init(&arena, NULL);
    buf_init(&text, NULL);
    for (size_t i = 0; i < N_OF(openings); i++) {
        Ast *node;
        Err err = ERR_INIT;
        buf_reset(&text);
        for (int k = 0; k < 30000; k++) buf_puts(&text, openings[i]);
        buf_puts(&text, "1");
        assert_int_equal(sql_parse_expr(&arena, buf_as_span(&text), &node, &err), ST_LIMIT);
        assert_string_equal(err.sqlstate, "54001");
    }
    buf_reset(&text);
    buf_puts(&text, "a");
    for (int k = 0; k < 20000; k++) buf_puts(&text, " OR b AND c"); /* chains are flat */
    Ast *chain;
    assert_int_equal(sql_parse_expr(&arena, buf_as_span(&text), &chain, NULL), ST_OK);
    assert_int_equal(chain->depth, 3);
    assert_int_equal(((AstLogic *)chain)->args.n, 20001);
    buf_deinit(&text);
    arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nexmark_constructs_parse),
                                       cmocka_unit_test(scripts_are_cut_at_semicolons),
                                       cmocka_unit_test(unquoted_settings_are_read_raw),
                                       cmocka_unit_test(all_errors_are_collected),
                                       cmocka_unit_test(incomplete_text_asks_for_more),
                                       cmocka_unit_test(columns_parse_alone),
                                       cmocka_unit_test(fields_cover_the_structs),
                                       cmocka_unit_test(deep_nesting_is_refused),
                                       cmocka_unit_test(ddl_are_canonical),
                                       cmocka_unit_test(statements_are_canonical)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
