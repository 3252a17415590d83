/* test_engine_flow.c -- steps: they answer a single row at once, count what they do, and say what
 * each operator did.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <weir.h>

static weir_engine *open_engine(uint32_t step_rows) {
    weir_options options = {.time_zone = "UTC", .step_rows = step_rows};
    weir_engine *engine;
    weir_error error;
    if (weir_open(&options, &engine, &error) != WEIR_OK) fail_msg("%s", error.text);
    return engine;
}

static weir_query *start(weir_engine *engine, const char *sql) {
    weir_query *query;
    weir_error error;
    if (weir_query_start(engine, sql, strlen(sql), &query, &error) != WEIR_OK)
        fail_msg("%s", error.text);
    return query;
}

static void execute(weir_engine *engine, const char *sql) {
    weir_error error;
    if (weir_execute(engine, sql, strlen(sql), NULL, NULL, &error) != WEIR_OK)
        fail_msg("%s", error.text);
}

/* A file of JSON rows: id, k of 50 keys, ts one second on every 100 rows. */
static char *make_json(int n) {
    char *path = strdup("/tmp/weir-test-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    for (int i = 0; i < n; i++)
        fprintf(file,
                "{\"id\":%d,\"k\":\"a key longer than inline %d\",\"ts\":\"2024-01-01 "
                "%02d:%02d:%02d\"}\n",
                i, i % 50, i / 360000, i / 6000 % 60, i / 100 % 60);
    fclose(file);
    return path;
}

static void create_json(weir_engine *engine, const char *path) {
    char sql[512];
    snprintf(sql, sizeof sql,
             "CREATE TABLE t (id BIGINT, k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - "
             "INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = "
             "'json'); CREATE TABLE o (a STRING, b BIGINT) WITH ('connector' = 'blackhole')",
             path);
    execute(engine, sql);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare_ns(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void test_a_single_row_is_answered_at_once(void **state) {
    enum { N = 2001 };
    static int64_t took[N];
    weir_engine *engine = open_engine(0);
    weir_feed *feed;
    weir_query *query;
    weir_rows *rows;
    weir_error error;
    (void)state;
    execute(engine, "CREATE TABLE t (k INT) WITH ('connector' = 'test')");
    query = start(engine, "SELECT k, COUNT(*) AS n FROM t WHERE k > 0 GROUP BY k");
    assert_int_equal(weir_feed_open(engine, "t", &feed, &error), WEIR_OK);
    while (weir_step(engine, 0, &error) == WEIR_OK) {
    }
    for (int i = 0; i < N; i++) {
        weir_feed_int64(feed, 0, i % 7 + 1);
        assert_int_equal(weir_feed_row(feed, 1, &error), WEIR_OK);
        took[i] = now_ns();
        assert_int_equal(weir_step(engine, 0, &error), WEIR_OK);
        took[i] = now_ns() - took[i];
        assert_int_equal(weir_query_fetch(query, WEIR_FETCH_CHANGES, &rows, &error), WEIR_OK);
        assert_true(weir_rows_count(rows) >= 1);
    }
    qsort(took, N, sizeof *took, compare_ns);
    if (took[N / 2] > 100000) fail_msg("the median step took %lld ns", (long long)took[N / 2]);
    weir_feed_close(feed);
    weir_close(engine);
}

static void test_statistics(void **state) {
    char *path = make_json(1000);
    weir_engine *engine = open_engine(0);
    weir_query *query;
    weir_stats stats;
    weir_op_stats op;
    weir_error error;
    size_t n_ops = 0;
    (void)state;
    create_json(engine, path);
    assert_int_equal(weir_set(engine, "weir.profile", "true", &error), WEIR_OK);
    query = start(engine, "INSERT INTO o SELECT k, id FROM t WHERE id >= 400");
    assert_true(weir_query_is_bounded(query));
    assert_true(weir_query_is_append_only(query));
    assert_string_equal(weir_query_name(query), "insert-into_o");
    assert_int_equal(weir_run(engine, -1, &error), WEIR_OK);
    weir_query_stats(query, &stats);
    assert_int_equal(stats.rows_in, 1000);
    assert_int_equal(stats.rows_out, 600);
    assert_true(stats.bytes_in > 60000);
    assert_int_equal(stats.progress_done, stats.bytes_in);
    assert_int_equal(stats.progress_total, stats.bytes_in);
    assert_true(stats.steps >= 1 && stats.memory_peak >= stats.memory);
    for (; weir_query_op(query, n_ops, &op); n_ops++) {
        assert_true(op.watermark == INT64_MAX);
        if (n_ops == 0) assert_int_equal(op.rows_in, 1000);
        if (n_ops == 0) assert_true(op.ns > 0);
    }
    assert_true(n_ops >= 2);
    weir_close(engine);
    unlink(path);
    free(path);
}

/* Steps of one row give what one large step gives, when folded. */
static void test_step_size_does_not_change_the_answer(void **state) {
    char *path = make_json(3000);
    uint64_t sums[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        weir_engine *engine = open_engine(i ? 1 : 0);
        weir_query *query;
        weir_rows *rows;
        weir_error error;
        create_json(engine, path);
        query = start(engine, "SELECT k, SUM(id) AS s FROM t GROUP BY k");
        weir_query_keep(query);
        assert_int_equal(weir_run(engine, -1, &error), WEIR_OK);
        assert_int_equal(weir_query_fetch(query, WEIR_FETCH_TABLE, &rows, &error), WEIR_OK);
        assert_int_equal(weir_rows_count(rows), 50);
        sums[i] = 0;
        for (size_t row = 0; row < 50; row++)
            sums[i] = sums[i] * 31 + (uint64_t)weir_value_int64(rows, row, 1);
        weir_close(engine);
    }
    assert_int_equal(sums[0], sums[1]);
    unlink(path);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_single_row_is_answered_at_once),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_step_size_does_not_change_the_answer),
    };
    return cmocka_run_group_tests_name("engine_flow", tests, NULL, NULL);
}
