/* test_step_allocs.c -- steps allocate nothing once they are warm: neither through the counted
 * memory of their query nor, where the C library lets us look, through malloc at all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <weir.h>

enum { ROWS = 120000, STEP_ROWS = 500, WARM_STEP = 130, LAST_STEP = 230 };

static uint64_t n_mallocs;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_MALLOC 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *ptr, size_t size);
void *malloc(size_t size) {
    n_mallocs++;
    return __libc_malloc(size);
}
void *calloc(size_t n, size_t size) {
    n_mallocs++;
    return __libc_calloc(n, size);
}
void *realloc(void *ptr, size_t size) {
    n_mallocs++;
    return __libc_realloc(ptr, size);
}
#endif

/* A file of JSON rows: id, k of 50 keys, ts one second on every 100 rows; and a directory. */
static char dir[] = "/tmp/weir-test-XXXXXX", path[64];

static int make_json(void **state) {
    FILE *file;
    (void)state;
    if (!mkdtemp(dir)) return 1;
    snprintf(path, sizeof path, "%s/in.json", dir);
    file = fopen(path, "w");
    if (!file) return 1;
    for (int i = 0; i < ROWS; i++)
        fprintf(file,
                "{\"id\":%d,\"k\":\"a key longer than inline %d\",\"v\":%d,\"ts\":\"2024-01-01 "
                "%02d:%02d:%02d\"}\n",
                i, i % 50, i % 7919, i / 360000, i / 6000 % 60, i / 100 % 60);
    return fclose(file);
}

static int remove_json(void **state) {
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static weir_engine *open_engine(void) {
    weir_options options = {.time_zone = "UTC", .step_rows = STEP_ROWS};
    weir_engine *engine;
    weir_error error;
    char sql[2048];
    if (weir_open(&options, &engine, &error) != WEIR_OK) fail_msg("%s", error.text);
    snprintf(sql, sizeof sql,
             "CREATE TABLE t (id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3), p AS PROCTIME(),"
             " WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)"
             " WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');"
             "CREATE TABLE o (a STRING, b BIGINT) WITH ('connector' = 'blackhole');"
             "CREATE TABLE o_json (a STRING, b BIGINT, c TIMESTAMP(3))"
             " WITH ('connector' = 'filesystem', 'path' = '%s/json', 'format' = 'json');"
             "CREATE TABLE o_csv (a STRING, b BIGINT, c TIMESTAMP(3))"
             " WITH ('connector' = 'filesystem', 'path' = '%s/csv', 'format' = 'csv');"
             "CREATE VIEW versions AS SELECT k, v, ts FROM (SELECT *, ROW_NUMBER() OVER"
             " (PARTITION BY k ORDER BY ts DESC) AS n FROM t WHERE id %% 3 = 0) WHERE n = 1",
             path, dir, dir);
    if (weir_execute(engine, sql, strlen(sql), NULL, NULL, &error) != WEIR_OK)
        fail_msg("%s", error.text);
    return engine;
}

static uint64_t counted(const weir_query *query) {
    weir_stats stats;
    weir_query_stats(query, &stats);
    return stats.allocations;
}

/* Runs the query over the file; after half of the steps nothing may be allocated. */
static void check_allocations(void **state) {
    const char *sql = *state;
    weir_engine *engine = open_engine();
    weir_query *query;
    weir_error error;
    uint64_t warm = 0, last = 0, warm_mallocs = 0, last_mallocs = 0;
    if (weir_query_start(engine, sql, strlen(sql), &query, &error) != WEIR_OK)
        fail_msg("%s: %s", sql, error.text);
    for (int step = 0; weir_query_step(query, 0, &error) == WEIR_OK; step++) {
        if (step == WARM_STEP) warm = counted(query), warm_mallocs = n_mallocs;
        if (step == LAST_STEP) last = counted(query), last_mallocs = n_mallocs;
    }
    if (weir_query_state(query) != WEIR_QUERY_FINISHED) fail_msg("%s: %s", sql, error.text);
    assert_true(warm > 0 && last > 0);
    assert_int_equal(last - warm, 0);
#ifdef COUNTS_MALLOC
    assert_true(warm_mallocs > 0);
#endif
    assert_int_equal(last_mallocs - warm_mallocs, 0);
    weir_close(engine);
}

#define WINDOWS(tvf, table, args) "TABLE(" tvf "(TABLE " table ", DESCRIPTOR(ts), " args "))"
#define TEN_SECONDS "INTERVAL '10' SECOND"

static const struct {
    const char *name, *sql;
} queries[] = {
    {"filter", "INSERT INTO o SELECT UPPER(k), id * 2 FROM t WHERE id > 10 AND k LIKE '%4%'"},
    {"group by", "INSERT INTO o SELECT k, COUNT(*) FROM t GROUP BY k"},
    {"group by, retracting", "INSERT INTO o SELECT MAX(k), n % 7 FROM (SELECT k, COUNT(*) AS n"
                             " FROM t GROUP BY k) GROUP BY n % 7"},
    {"count distinct", "INSERT INTO o SELECT k, COUNT(DISTINCT v % 5) FROM t GROUP BY k"},
    {"tumble", "INSERT INTO o SELECT k, COUNT(*) FROM " WINDOWS(
                   "TUMBLE", "t", TEN_SECONDS) " GROUP BY k, window_start, window_end"},
    {"tumble, distinct", "INSERT INTO o SELECT k, COUNT(DISTINCT v % 5) FROM " WINDOWS(
                             "TUMBLE", "t", TEN_SECONDS) " GROUP BY k, window_start, window_end"},
    {"hop", "INSERT INTO o SELECT k, SUM(v) FROM " WINDOWS(
                "HOP", "t", "INTERVAL '2' SECOND, " TEN_SECONDS) " GROUP BY k, window_start, "
                                                                 "window_end"},
    {"hop of strings", "INSERT INTO o SELECT MAX(k), v % 10 FROM " WINDOWS(
                           "HOP", "t", "INTERVAL '2' SECOND, " TEN_SECONDS) " GROUP BY v % 10, "
                                                                            "window_start, "
                                                                            "window_end"},
    {"cumulate", "INSERT INTO o SELECT k, AVG(v) FROM " WINDOWS(
                     "CUMULATE", "t", "INTERVAL '2' SECOND, " TEN_SECONDS) " GROUP BY k, "
                                                                           "window_start, "
                                                                           "window_end"},
    {"session", "INSERT INTO o SELECT k, COUNT(*) FROM TABLE(SESSION(TABLE t PARTITION BY k,"
                " DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end"},
    {"join of groups", "INSERT INTO o SELECT a.k, a.n + b.m FROM (SELECT k, COUNT(*) AS n FROM t"
                       " GROUP BY k) a JOIN (SELECT k, MAX(id) AS m FROM t GROUP BY k) b"
                       " ON a.k = b.k"},
    {"outer join of groups", "INSERT INTO o SELECT a.k, b.m FROM (SELECT k, COUNT(*) AS n FROM t"
                             " GROUP BY k) a LEFT JOIN (SELECT k, MAX(id) AS m FROM t GROUP BY k"
                             " HAVING MAX(id) % 3 = 0) b ON a.k = b.k"},
    {"interval join", "INSERT INTO o SELECT a.k, b.id FROM t a JOIN t b ON a.k = b.k AND"
                      " b.ts BETWEEN a.ts - INTERVAL '2' SECOND AND a.ts"},
    {"window join",
     "INSERT INTO o SELECT a.k, b.n FROM (SELECT k, window_start, window_end, COUNT(*) AS n"
     " FROM " WINDOWS(
         "TUMBLE", "t",
         TEN_SECONDS) " GROUP BY k, window_start, window_end) a JOIN"
                      " (SELECT k, window_start, window_end, MAX(v) AS n FROM " WINDOWS(
                          "TUMBLE", "t",
                          TEN_SECONDS) " GROUP BY k, window_start, window_end) b ON a.k = b.k AND"
                                       " a.window_start = b.window_start AND a.window_end = "
                                       "b.window_end"},
    {"temporal join", "INSERT INTO o SELECT t.k, versions.v FROM t JOIN versions FOR SYSTEM_TIME"
                      " AS OF t.ts ON t.k = versions.k"},
    {"top-n", "INSERT INTO o SELECT k, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k"
              " ORDER BY v * 7 % 1009 DESC, id DESC) AS n FROM t) WHERE n <= 3"},
    {"top-n of groups", "INSERT INTO o SELECT k, n FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY n"
                        " DESC) AS r FROM (SELECT k, COUNT(*) AS n FROM t GROUP BY k))"
                        " WHERE r <= 10"},
    {"top-n of windows",
     "INSERT INTO o SELECT k, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start,"
     " window_end ORDER BY n DESC) AS r FROM (SELECT k, window_start, window_end, SUM(v) AS n"
     " FROM " WINDOWS("TUMBLE", "t", TEN_SECONDS) " GROUP BY k, window_start, window_end))"
                                                  " WHERE r <= 3"},
    {"first row", "INSERT INTO o SELECT k, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k"
                  " ORDER BY p) AS n FROM t) WHERE n = 1"},
    {"last row", "INSERT INTO o SELECT k, v FROM versions"},
    {"over", "INSERT INTO o SELECT k, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN"
             " INTERVAL '3' SECOND PRECEDING AND CURRENT ROW) FROM t"},
    {"match", "INSERT INTO o SELECT k, id FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts"
              " MEASURES LAST(b.id) AS id ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW"
              " PATTERN (a b) WITHIN INTERVAL '5' SECOND DEFINE a AS a.v % 2 = 0,"
              " b AS b.v % 2 = 1)"},
    {"json file", "INSERT INTO o_json SELECT k, id, ts FROM t"},
    {"csv file", "INSERT INTO o_csv SELECT k, id, ts FROM t"},
};

/* step_allocs [PATTERN]: only the tests with such a name. */
int main(int argc, char **argv) {
    enum { N = sizeof queries / sizeof queries[0] };
    struct CMUnitTest tests[N] = {0};
    for (size_t i = 0; i < N; i++) {
        tests[i].name = queries[i].name;
        tests[i].test_func = check_allocations;
        tests[i].initial_state = (void *)(uintptr_t)queries[i].sql;
    }
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("step_allocs", tests, N, make_json, remove_json);
}
