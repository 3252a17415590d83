/* host.c -- a program that embeds libweir: functions of its own have the names of internal ones,
 * two engines run side by side, rows go in and out. Prints what it got.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir.h>

/* With a library that leaks its internals these would be called by it. */
int emit(void);
int batch_select(void);
int mem_alloc(void);
int emit(void) {
    abort();
}
int batch_select(void) {
    abort();
}
int mem_alloc(void) {
    abort();
}

static void must(weir_status status, const weir_error *err, const char *what) {
    if (status == WEIR_OK || status == WEIR_AGAIN || status == WEIR_END) return;
    fprintf(stderr, "%s: %s\n", what, err->text);
    exit(1);
}

static weir_engine *open_engine(const char *ddl) {
    weir_engine *engine;
    weir_error err;
    must(weir_open(NULL, &engine, &err), &err, "open");
    must(weir_execute(engine, ddl, strlen(ddl), NULL, NULL, &err), &err, "execute");
    return engine;
}

static void feed_number(weir_engine *engine, int64_t value) {
    weir_feed *feed;
    weir_error err;
    must(weir_feed_open(engine, "t", &feed, &err), &err, "feed");
    weir_feed_int64(feed, 0, value);
    must(weir_feed_row(feed, 1, &err), &err, "row");
    weir_feed_close(feed);
}

static void print_sum(const char *name, weir_query *query) {
    weir_rows *rows;
    weir_error err;
    weir_status status;
    while ((status = weir_query_step(query, 0, &err)) == WEIR_OK) {
    }
    must(status, &err, "step");
    must(weir_query_fetch(query, WEIR_FETCH_NET, &rows, &err), &err, "fetch");
    printf("%s:", name);
    for (size_t row = 0; row < weir_rows_count(rows); row++)
        printf(" %+lld %lld", (long long)weir_row_weight(rows, row),
               (long long)weir_value_int64(rows, row, 0));
    printf("\n");
}

int main(void) {
    static const char ddl[] = "CREATE TABLE t (a BIGINT) WITH ('connector' = 'test')";
    static const char sum[] = "SELECT SUM(a) FROM t";
    weir_error err;
    weir_query *first, *second;
    weir_engine *one = open_engine(ddl), *two = open_engine(ddl);
    must(weir_query_start(one, sum, strlen(sum), &first, &err), &err, "start");
    must(weir_query_start(two, sum, strlen(sum), &second, &err), &err, "start");
    feed_number(one, 1);
    feed_number(two, 10);
    print_sum("one", first);
    print_sum("two", second);
    feed_number(one, 2);
    print_sum("one", first);
    weir_close(one);
    feed_number(two, 20);
    print_sum("two", second);
    weir_close(two);
    return 0;
}
