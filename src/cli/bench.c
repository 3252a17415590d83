/* bench.c -- `weir bench`: runs SQL files one after the other, each in an engine of its own, and
 * prints a table of what they took.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

typedef struct BenchRow {
    Totals totals;
    int64_t elapsed_us;
    bool is_good;
} BenchRow;

static void bench_queries(weir_engine *engine, weir_script *script, BenchRow *row) {
    weir_result result;
    weir_error error;
    weir_status status;
    weir_query *query;
    while ((status = weir_script_next(script, &result, &error)) == WEIR_OK) {
        weir_rows *rows;
        if (result.kind != WEIR_RESULT_QUERY) continue;
        while (weir_query_state(result.query) == WEIR_QUERY_RUNNING) {
            if (weir_query_step(result.query, -1, &error) == WEIR_CANCELED) break;
            if (weir_query_fetch(result.query, WEIR_FETCH_CHANGES, &rows, NULL) != WEIR_OK) break;
        }
    }
    if (status == WEIR_END) status = weir_run(engine, -1, &error);
    row->is_good = status == WEIR_OK;
    if (!row->is_good) cli_error(&error);
    for (size_t i = 0; (query = weir_query_at(engine, i)); i++) totals_add(&row->totals, query);
}

static BenchRow bench_file(const Args *args, const char *file) {
    Args one = *args;
    BenchRow row = {0};
    const char *name;
    size_t len;
    char *sql;
    weir_engine *engine;
    weir_script *script;
    weir_error error;
    one.file = file;
    sql = cli_read_sql(&one, &len, &name);
    engine = sql ? cli_open_engine(&one) : NULL;
    if (engine) {
        cli_catch_signals(engine);
        row.elapsed_us = cli_now_us();
        if (weir_script_open(engine, sql, len, name, &script, &error) == WEIR_OK) {
            bench_queries(engine, script, &row);
            weir_script_close(script);
        } else {
            cli_error(&error);
        }
        row.elapsed_us = cli_now_us() - row.elapsed_us;
        cli_catch_signals(NULL);
        weir_close(engine);
    }
    free(sql);
    return row;
}

static void bench_print(const char *file, const BenchRow *row) {
    const char *slash = strrchr(file, '/');
    const weir_stats *stats = &row->totals.stats;
    double seconds = (double)row->elapsed_us / 1e6;
    Text line = {0};
    str_addf(&line, "%-24s %12llu %12llu %9.3f %12.0f %9.1f %9.1f%s\n", slash ? slash + 1 : file,
             (unsigned long long)stats->rows_in, (unsigned long long)stats->rows_out, seconds,
             seconds > 0 ? (double)stats->rows_in / seconds : 0,
             seconds > 0 ? (double)stats->bytes_in / seconds / 1e6 : 0,
             (double)stats->memory_peak / 1e6, row->is_good ? "" : "  failed");
    out_write(line.ptr, line.len);
    str_free(&line);
}

int cmd_bench(const Args *args) {
    static const char head[] = "query                         rows in     rows out   seconds       "
                               "rows/s      MB/s   peak MB\n";
    int code = EXIT_DONE;
    out_write(head, sizeof head - 1);
    for (int i = -1; i < args->n_more && !cli_signal; i++) {
        const char *file = i < 0 ? args->file : args->more[i];
        BenchRow row = bench_file(args, file);
        bench_print(file, &row);
        str_free(&row.totals.reasons);
        if (!row.is_good) code = EXIT_FAILED;
    }
    return code;
}
