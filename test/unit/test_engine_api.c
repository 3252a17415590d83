/* test_engine_api.c -- the library through its public header: statements, fed rows, results,
 * errors, settings, cancelling, and two engines side by side.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <weir.h>

static weir_engine *open_engine(void) {
    weir_options options = {.time_zone = "UTC", .check_batches = true};
    weir_engine *engine;
    weir_error error;
    if (weir_open(&options, &engine, &error) != WEIR_OK) fail_msg("%s", error.text);
    return engine;
}

static void execute(weir_engine *engine, const char *sql) {
    weir_error error;
    if (weir_execute(engine, sql, strlen(sql), NULL, NULL, &error) != WEIR_OK)
        fail_msg("%s", error.text);
}

static weir_query *start(weir_engine *engine, const char *sql) {
    weir_query *query;
    weir_error error;
    if (weir_query_start(engine, sql, strlen(sql), &query, &error) != WEIR_OK)
        fail_msg("%s", error.text);
    return query;
}

static weir_feed *open_feed(weir_engine *engine, const char *table) {
    weir_feed *feed;
    weir_error error;
    if (weir_feed_open(engine, table, &feed, &error) != WEIR_OK) fail_msg("%s", error.text);
    return feed;
}

static void feed_row(weir_feed *feed, int32_t weight, int64_t id, const char *text) {
    weir_error error;
    weir_feed_int64(feed, 0, id);
    if (text) weir_feed_text(feed, 1, text, strlen(text));
    if (weir_feed_row(feed, weight, &error) != WEIR_OK) fail_msg("%s", error.text);
}

/* Steps until there is nothing to do. */
static void settle(weir_engine *engine) {
    weir_error error;
    while (weir_step(engine, 0, &error) == WEIR_OK) {
    }
}

static weir_rows *fetch(weir_query *query, weir_fetch_mode mode) {
    weir_rows *rows;
    weir_error error;
    if (weir_query_fetch(query, mode, &rows, &error) != WEIR_OK) fail_msg("%s", error.text);
    return rows;
}

static void assert_row(weir_rows *rows, size_t row, const char *expected) {
    assert_true(row < weir_rows_count(rows));
    assert_string_equal(weir_row_print(rows, row, NULL), expected);
}

static const char create_t[] =
    "CREATE TABLE t (id BIGINT, name STRING) WITH ('connector' = 'test')";

/* ---- statements ---- */

typedef struct Seen {
    int n_done, n_rows, n_queries, n_jobs;
    char last[64];
} Seen;

static weir_status see(void *ctx, const weir_result *result) {
    Seen *seen = ctx;
    weir_rows *rows;
    seen->n_done += result->kind == WEIR_RESULT_DONE;
    seen->n_rows += result->kind == WEIR_RESULT_ROWS;
    seen->n_queries += result->kind == WEIR_RESULT_QUERY;
    seen->n_jobs += result->kind == WEIR_RESULT_JOB;
    if (result->kind != WEIR_RESULT_QUERY) return WEIR_OK;
    rows = fetch(result->query, WEIR_FETCH_CHANGES);
    for (size_t i = 0; i < weir_rows_count(rows); i++)
        snprintf(seen->last, sizeof seen->last, "%s", weir_row_print(rows, i, NULL));
    return WEIR_OK;
}

static void test_execute_runs_a_script(void **state) {
    static const char sql[] =
        "CREATE TABLE out (a INT, b STRING) WITH ('connector' = 'blackhole');\n"
        "INSERT INTO out VALUES (1, 'x'), (2, 'y');\n"
        "SHOW TABLES;\n"
        "SELECT a + 1, UPPER(b) FROM (VALUES (1, 'x')) AS v (a, b)";
    weir_engine *engine = open_engine();
    Seen seen = {0};
    weir_error error;
    (void)state;
    if (weir_execute(engine, sql, strlen(sql), see, &seen, &error) != WEIR_OK)
        fail_msg("%s", error.text);
    assert_int_equal(seen.n_done, 1);
    assert_int_equal(seen.n_jobs, 1);
    assert_int_equal(seen.n_rows, 1);
    assert_true(seen.n_queries >= 2); /* started, and again with rows */
    assert_string_equal(seen.last, "+I[2, X]");
    assert_null(weir_query_at(engine, 0));
    weir_close(engine);
}

static void test_syntax_error_runs_nothing(void **state) {
    static const char sql[] = "CREATE TABLE a (x INT) WITH ('connector' = 'blackhole');\nSELEC 1";
    weir_engine *engine = open_engine();
    weir_script *script;
    weir_error error;
    weir_feed *feed;
    (void)state;
    assert_int_equal(weir_script_open(engine, sql, strlen(sql), "f.sql", &script, &error),
                     WEIR_INVALID);
    assert_string_equal(error.sqlstate, "42601");
    assert_int_equal(error.line, 2);
    assert_int_equal(error.column, 1);
    assert_non_null(strstr(error.text, "f.sql:2:1"));
    assert_int_equal(weir_feed_open(engine, "a", &feed, &error), WEIR_NOT_FOUND);
    weir_close(engine);
}

static void test_script_goes_on_behind_an_error(void **state) {
    static const char sql[] = "SELECT nope; SELECT 1";
    weir_engine *engine = open_engine();
    weir_script *script;
    weir_result result;
    weir_error error;
    (void)state;
    assert_int_equal(weir_script_open(engine, sql, strlen(sql), NULL, &script, &error), WEIR_OK);
    assert_int_equal(weir_script_next(script, &result, &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "42703");
    assert_int_equal(error.position, 7);
    assert_int_equal(weir_script_next(script, &result, &error), WEIR_OK);
    assert_int_equal(result.kind, WEIR_RESULT_QUERY);
    assert_int_equal(result.position, 13);
    assert_int_equal(weir_script_next(script, &result, &error), WEIR_END);
    weir_script_close(script);
    weir_close(engine);
}

static void count_error(void *ctx, const weir_error *error) {
    int *last = ctx;
    assert_true(error->position >= *last);
    *last = error->position;
}

static void test_check_reports_all_errors_in_order(void **state) {
    static const char sql[] = "SELECT x;\nSELEC 1;\nCREATE TABLE a (x INT) WITH "
                              "('connector' = 'blackhole');\nINSERT INTO a SELECT 'no';\n"
                              "INSERT INTO a SELECT 1;\nTRUNCATE TABLE a;\n"
                              /* the missing b is the same mistake again, the missing c is not */
                              "CREATE TABLE b (x NOPE);\nSELECT * FROM b;\nSELECT * FROM c";
    weir_engine *engine = open_engine();
    int last = -1;
    (void)state;
    assert_int_equal(weir_check(engine, sql, strlen(sql), NULL, count_error, &last), 6);
    assert_null(weir_query_at(engine, 0));
    weir_close(engine);
}

static void test_unsupported_is_refused_by_name(void **state) {
    static const char *const sql[] = {"DELETE FROM t", "ADD JAR 'x.jar'", "CALL p(1)"};
    weir_engine *engine = open_engine();
    weir_error error;
    (void)state;
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
        assert_int_equal(weir_execute(engine, sql[i], strlen(sql[i]), NULL, NULL, &error),
                         WEIR_UNSUPPORTED);
        assert_string_equal(error.sqlstate, "0A000");
        assert_int_equal(error.position, 0);
    }
    weir_close(engine);
}

/* ---- settings and variables ---- */

static void test_settings(void **state) {
    weir_engine *engine = open_engine();
    weir_error error;
    (void)state;
    assert_string_equal(weir_get(engine, "table.dml-sync"), "false");
    execute(engine, "SET 'table.dml-sync' = 'true'");
    assert_string_equal(weir_get(engine, "table.dml-sync"), "true");
    assert_int_equal(weir_set(engine, "table.dml-sync", "maybe", &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "22023");
    execute(engine, "RESET 'table.dml-sync'");
    assert_string_equal(weir_get(engine, "table.dml-sync"), "false");
    assert_int_equal(weir_set(engine, "weir.step-row", "1", &error), WEIR_NOT_FOUND);
    assert_non_null(strstr(error.hint, "weir.step-rows"));
    assert_int_equal(weir_set(engine, "some.flink.thing", "1", &error), WEIR_OK);
    assert_int_equal(weir_set(engine, "table.local-time-zone", "Nowhere/City", &error),
                     WEIR_INVALID);
    assert_null(weir_get(engine, "no.such.setting"));
    weir_close(engine);
}

static void test_variables(void **state) {
    weir_engine *engine = open_engine();
    weir_query *query;
    weir_error error;
    static const char undefined[] = "SELECT '${NAM}'";
    (void)state;
    assert_int_equal(weir_define(engine, "NAME", "it", &error), WEIR_OK);
    query = start(engine, "SELECT '${NAME}' AS ${NAME} -- ${UNKNOWN} in a comment\n"
                          "/* ${UNKNOWN} */");
    settle(engine);
    weir_rows *rows = fetch(query, WEIR_FETCH_CHANGES);
    assert_string_equal(weir_column_name(rows, 0), "it");
    assert_row(rows, 0, "+I[it]");
    assert_int_equal(weir_execute(engine, undefined, strlen(undefined), NULL, NULL, &error),
                     WEIR_NOT_FOUND);
    assert_string_equal(error.sqlstate, "42P02");
    assert_int_equal(error.position, 8);
    assert_non_null(strstr(error.hint, "NAME"));
    assert_int_equal(weir_define(engine, "a}b", "x", &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "42602");
    assert_int_equal(weir_query_fetch(query, WEIR_FETCH_TABLE, &rows, &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "55000"); /* the answer was not kept */
    weir_close(engine);
}

/* Errors point into the text that the user wrote, whatever the values' lengths. */
static void test_errors_behind_variables(void **state) {
    static const char *const texts[] = {
        "SELECT '${LONG}',\n  ${EMPTY} nope FROM (VALUES 1) AS t(${LONG})",
        "SELECT '${LONG}',\n  ${EMPTY} 1 / 0",
        "SELECT '${LONG}',\n  ${EMPTY} )",
    };
    weir_engine *engine = open_engine();
    weir_error error;
    (void)state;
    assert_int_equal(weir_define(engine, "LONG", "a_name_that_is_long", &error), WEIR_OK);
    assert_int_equal(weir_define(engine, "EMPTY", "", &error), WEIR_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int column = i == 1 ? 14 : 12;
        assert_int_not_equal(weir_execute(engine, texts[i], strlen(texts[i]), NULL, NULL, &error),
                             WEIR_OK);
        assert_int_equal(error.line, 2);
        assert_int_equal(error.column, column);
        assert_int_equal(error.position, (int)strlen("SELECT '${LONG}',\n") + column - 1);
        assert_non_null(strstr(error.text, "${EMPTY}"));
    }
    assert_int_not_equal(weir_execute(engine, "SELECT 1 ${LONG} x", 18, NULL, NULL, &error),
                         WEIR_OK);
    assert_int_equal(error.column, 18);
    assert_int_not_equal(weir_execute(engine, "SELECT ${LONG}", 14, NULL, NULL, &error), WEIR_OK);
    assert_int_equal(error.column, 8);
    weir_close(engine);
}

/* A job that has ended keeps its statistics, not the memory of its state. */
static void test_ended_job_keeps_no_state(void **state) {
    static const char sql[] =
        "CREATE TABLE g (a BIGINT) WITH ('connector' = 'datagen', "
        "'rows-per-second' = '10000000', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', "
        "'fields.a.end' = '50000');"
        "CREATE TABLE s (a BIGINT, n BIGINT, PRIMARY KEY (a) NOT ENFORCED) "
        "WITH ('connector' = 'blackhole');";
    weir_engine *engine = open_engine();
    weir_query *query;
    weir_error error;
    weir_stats stats;
    weir_op_stats op;
    (void)state;
    execute(engine, sql);
    query = start(engine, "INSERT INTO s SELECT a, COUNT(*) FROM g GROUP BY a");
    assert_int_equal(weir_run(engine, -1, &error), WEIR_OK);
    assert_int_equal(weir_query_state(query), WEIR_QUERY_FINISHED);
    weir_query_stats(query, &stats);
    assert_int_equal(stats.rows_in, 50000);
    assert_int_equal(stats.rows_out, 50000);
    assert_true(stats.memory_peak > 1 << 20);
    assert_true(stats.memory < 256 << 10);
    assert_true(weir_query_op(query, 0, &op));
    assert_int_equal(op.rows_out, 50000);
    assert_non_null(op.detail);
    weir_close(engine);
}

/* ---- fed rows and results ---- */

static void test_fed_rows_come_out(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_query *query;
    weir_rows *rows;
    (void)state;
    execute(engine, create_t);
    feed = open_feed(engine, "t");
    assert_int_equal(weir_feed_columns(feed), 2);
    assert_string_equal(weir_feed_column_name(feed, 1), "name");
    query = start(engine, "SELECT id * 10 AS ten, name FROM t WHERE id > 1");
    assert_int_equal(weir_step(engine, 0, NULL), WEIR_OK); /* the first step, without rows */
    assert_int_equal(weir_step(engine, 0, NULL), WEIR_AGAIN);
    feed_row(feed, 1, 1, "one");
    feed_row(feed, 1, 2, NULL);
    feed_row(feed, 1, 3, "three");
    settle(engine);
    rows = fetch(query, WEIR_FETCH_CHANGES);
    assert_int_equal(weir_rows_count(rows), 2);
    assert_int_equal(weir_column_type(rows, 0), WEIR_TYPE_BIGINT);
    assert_int_equal(weir_value_int64(rows, 0, 0), 20);
    assert_true(weir_value_is_null(rows, 0, 1));
    assert_null(weir_value_text(rows, 0, 1, NULL));
    assert_string_equal(weir_value_text(rows, 1, 1, NULL), "three");
    assert_int_equal(weir_rows_count(fetch(query, WEIR_FETCH_CHANGES)), 0);
    assert_int_equal(weir_feed_end(feed, NULL), WEIR_OK);
    settle(engine);
    assert_int_equal(weir_query_state(query), WEIR_QUERY_FINISHED);
    assert_int_equal(weir_step(engine, 0, NULL), WEIR_END);
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_net_changes_add_up(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_query *query;
    weir_rows *rows;
    (void)state;
    execute(engine, create_t);
    feed = open_feed(engine, "t");
    query = start(engine, "SELECT name, id FROM t");
    feed_row(feed, 1, 1, "a");
    feed_row(feed, 1, 1, "a");
    settle(engine);
    feed_row(feed, -1, 1, "a");
    feed_row(feed, 1, 2, "b");
    settle(engine);
    rows = fetch(query, WEIR_FETCH_NET);
    assert_int_equal(weir_rows_count(rows), 2);
    assert_row(rows, 0, "+I[a, 1]");
    assert_int_equal(weir_row_weight(rows, 0), 1);
    feed_row(feed, -1, 2, "b");
    settle(engine);
    rows = fetch(query, WEIR_FETCH_NET);
    assert_row(rows, 0, "-D[b, 2]");
    assert_int_equal(weir_row_weight(rows, 0), -1);
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_kept_table_replaces_rows_in_place(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_query *query;
    weir_rows *rows;
    (void)state;
    execute(engine, create_t);
    feed = open_feed(engine, "t");
    query = start(engine, "SELECT name, COUNT(*) AS n FROM t GROUP BY name");
    weir_query_keep(query);
    feed_row(feed, 1, 1, "a");
    feed_row(feed, 1, 1, "b");
    settle(engine);
    feed_row(feed, 1, 1, "a");
    settle(engine);
    rows = fetch(query, WEIR_FETCH_TABLE);
    assert_int_equal(weir_rows_count(rows), 2);
    assert_row(rows, 0, "+I[a, 2]");
    assert_row(rows, 1, "+I[b, 1]");
    feed_row(feed, -1, 1, "b");
    settle(engine);
    rows = fetch(query, WEIR_FETCH_TABLE);
    assert_int_equal(weir_rows_count(rows), 1);
    assert_row(rows, 0, "+I[a, 2]");
    assert_int_equal(weir_key_columns(rows), 1);
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_top_n_is_shown_in_its_order(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_query *query;
    weir_rows *rows;
    (void)state;
    execute(engine, create_t);
    feed = open_feed(engine, "t");
    query = start(engine, "SELECT name, id FROM t ORDER BY id DESC LIMIT 3");
    weir_query_keep(query);
    for (int i = 1; i < 6; i++) {
        feed_row(feed, 1, i * 7 % 5, "x");
        settle(engine);
    }
    rows = fetch(query, WEIR_FETCH_TABLE);
    assert_int_equal(weir_rows_count(rows), 3);
    assert_row(rows, 0, "+I[x, 4]");
    assert_row(rows, 1, "+I[x, 3]");
    assert_row(rows, 2, "+I[x, 2]");
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_wrong_fed_values_are_refused(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_error error;
    (void)state;
    execute(engine, "CREATE TABLE s (a TINYINT, b DATE NOT NULL, c ARRAY<INT>) WITH "
                    "('connector' = 'test')");
    feed = open_feed(engine, "s");
    weir_feed_int64(feed, 0, 200);
    assert_int_equal(weir_feed_row(feed, 1, &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "22003");
    weir_feed_text(feed, 1, "2024-02-30", 10);
    assert_int_equal(weir_feed_row(feed, 1, &error), WEIR_INVALID);
    weir_feed_int64(feed, 0, 1);
    assert_int_equal(weir_feed_row(feed, 1, &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "23502");
    weir_feed_text(feed, 1, "2024-02-29", 10);
    weir_feed_sql(feed, 2, "ARRAY[1, 2]", 11);
    if (weir_feed_row(feed, 1, &error) != WEIR_OK) fail_msg("%s", error.text);
    weir_query *query = start(engine, "SELECT * FROM s");
    settle(engine);
    assert_row(fetch(query, WEIR_FETCH_CHANGES), 0, "+I[null, 2024-02-29, [1, 2]]");
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_late_query_sees_all_rows(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_query *first, *second;
    (void)state;
    execute(engine, create_t);
    feed = open_feed(engine, "t");
    first = start(engine, "SELECT id FROM t");
    feed_row(feed, 1, 1, NULL);
    settle(engine);
    second = start(engine, "SELECT id FROM t");
    feed_row(feed, 1, 2, NULL);
    settle(engine);
    assert_int_equal(weir_rows_count(fetch(first, WEIR_FETCH_CHANGES)), 2);
    assert_int_equal(weir_rows_count(fetch(second, WEIR_FETCH_CHANGES)), 2);
    weir_feed_close(feed);
    weir_close(engine);
}

/* ---- running ---- */

static void test_failure_ends_one_query_only(void **state) {
    weir_engine *engine = open_engine();
    weir_feed *feed;
    weir_query *bad, *good;
    weir_error error;
    (void)state;
    execute(engine, create_t);
    feed = open_feed(engine, "t");
    bad = start(engine, "SELECT 10 / (id - 1) FROM t");
    good = start(engine, "SELECT id FROM t");
    feed_row(feed, 1, 1, NULL);
    settle(engine);
    assert_int_equal(weir_query_state(bad), WEIR_QUERY_FAILED);
    assert_int_equal(weir_query_error(bad, &error), WEIR_INVALID);
    assert_string_equal(error.sqlstate, "22012");
    assert_int_equal(error.line, 1);
    assert_int_equal(weir_query_state(good), WEIR_QUERY_RUNNING);
    assert_int_equal(weir_query_error(good, &error), WEIR_OK);
    assert_int_equal(weir_rows_count(fetch(good, WEIR_FETCH_CHANGES)), 1);
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_cancel_stops_in_good_order(void **state) {
    weir_engine *engine = open_engine();
    weir_query *query;
    weir_error error;
    (void)state;
    execute(engine, create_t);
    query = start(engine, "SELECT * FROM t");
    weir_cancel(engine);
    assert_int_equal(weir_run(engine, -1, &error), WEIR_CANCELED);
    assert_string_equal(error.sqlstate, "57014");
    assert_int_equal(weir_query_state(query), WEIR_QUERY_CANCELED);
    weir_resume(engine);
    assert_int_equal(weir_step(engine, 0, &error), WEIR_END);
    weir_close(engine);
}

static void test_deadline(void **state) {
    weir_engine *engine = open_engine();
    weir_error error;
    (void)state;
    execute(engine, create_t);
    start(engine, "SELECT * FROM t");
    assert_int_equal(weir_run(engine, 20, &error), WEIR_AGAIN);
    weir_close(engine);
}

static void test_two_engines_share_nothing(void **state) {
    weir_engine *a = open_engine(), *b = open_engine();
    weir_feed *feed_a, *feed_b;
    weir_query *query_a, *query_b;
    (void)state;
    execute(a, create_t);
    execute(b, "CREATE TABLE t (id BIGINT, other STRING) WITH ('connector' = 'test')");
    execute(a, "SET 'table.local-time-zone' = 'Europe/Berlin'");
    feed_a = open_feed(a, "t");
    feed_b = open_feed(b, "t");
    query_a = start(a, "SELECT id FROM t");
    query_b = start(b, "SELECT other FROM t");
    feed_row(feed_a, 1, 1, "x");
    feed_row(feed_b, 1, 2, "y");
    settle(a);
    weir_cancel(a);
    settle(b);
    assert_row(fetch(query_a, WEIR_FETCH_CHANGES), 0, "+I[1]");
    assert_row(fetch(query_b, WEIR_FETCH_CHANGES), 0, "+I[y]");
    assert_string_equal(weir_get(b, "table.local-time-zone"), "UTC");
    weir_feed_close(feed_a);
    weir_feed_close(feed_b);
    weir_close(a);
    feed_b = open_feed(b, "t");
    weir_feed_close(feed_b);
    weir_close(b);
}

static void test_docs(void **state) {
    const char *help;
    weir_error error;
    (void)state;
    assert_non_null(weir_doc_topic(0, &help));
    assert_int_equal(weir_doc("settigns", NULL, NULL, &error), WEIR_NOT_FOUND);
    assert_non_null(strstr(error.hint, "settings"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_execute_runs_a_script),
        cmocka_unit_test(test_syntax_error_runs_nothing),
        cmocka_unit_test(test_script_goes_on_behind_an_error),
        cmocka_unit_test(test_check_reports_all_errors_in_order),
        cmocka_unit_test(test_unsupported_is_refused_by_name),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_ended_job_keeps_no_state),
        cmocka_unit_test(test_errors_behind_variables),
        cmocka_unit_test(test_fed_rows_come_out),
        cmocka_unit_test(test_net_changes_add_up),
        cmocka_unit_test(test_kept_table_replaces_rows_in_place),
        cmocka_unit_test(test_top_n_is_shown_in_its_order),
        cmocka_unit_test(test_wrong_fed_values_are_refused),
        cmocka_unit_test(test_late_query_sees_all_rows),
        cmocka_unit_test(test_failure_ends_one_query_only),
        cmocka_unit_test(test_cancel_stops_in_good_order),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_two_engines_share_nothing),
        cmocka_unit_test(test_docs),
    };
    return cmocka_run_group_tests_name("engine_api", tests, NULL, NULL);
}
