/* bench.c -- `weir bench`: runs SQL files one after the other, each in an engine of its own, and
 * prints a table of what they took. The queries of the Nexmark benchmark are built in.
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

static BenchRow bench_text(const Args *args, const char *sql, size_t len, const char *name) {
    BenchRow row = {0};
    weir_engine *engine = cli_open_engine(args);
    weir_script *script;
    weir_error error;
    if (!engine) return row;
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
    return row;
}

static BenchRow bench_file(const Args *args, const char *file) {
    Args one = *args;
    BenchRow row = {0};
    const char *name;
    size_t len;
    char *sql;
    one.file = file;
    sql = cli_read_sql(&one, &len, &name);
    if (sql) row = bench_text(&one, sql, len, name);
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

static const char bench_head[] =
    "query                         rows in     rows out   seconds       "
    "rows/s      MB/s   peak MB\n";

static int bench_row(const char *name, BenchRow *row) {
    bench_print(name, row);
    str_free(&row->totals.reasons);
    return row->is_good ? EXIT_DONE : EXIT_FAILED;
}

/* ---- the Nexmark benchmark, built in ---- */

static const char *bench_built_in(const char *name) {
    for (const SqlText *sql = bench_nexmark; sql->name; sql++)
        if (strcmp(sql->name, name) == 0) return sql->text;
    return NULL;
}

static bool bench_is_query(const Args *args, const char *name) {
    if (name[0] != 'q' && name[0] != 'm') return false;
    for (int i = 0; i < args->n_more; i++)
        if (strcmp(args->more[i], name) == 0) return true;
    return !args->n_more;
}

static const char *bench_defined(const Args *args, const char *name) {
    size_t len = strlen(name);
    for (int i = 0; i < args->n_defines; i++)
        if (strncmp(args->defines[i], name, len) == 0 && args->defines[i][len] == '=')
            return args->defines[i] + len + 1;
    return NULL;
}

static void bench_define(Args *args, const char *text) {
    if (args->n_defines < (int)(sizeof args->defines / sizeof *args->defines))
        args->defines[args->n_defines++] = text;
}

static int bench_unknown(const char *name) {
    Text line = {0};
    str_addf(&line, "weir bench nexmark: there is no query %s; they are q0 to q23 and m0 to m3\n",
             name);
    err_write(line.ptr, line.len);
    str_free(&line);
    return EXIT_USAGE;
}

/* One query: the source, the views and the query's own statements. */
static int bench_query(const Args *args, const SqlText *query, const char *dir) {
    Args own = *args;
    Text sql = {0}, output = {0}, side = {0};
    const char *source = bench_defined(args, "EVENTS") ? "source_file" : "source_made";
    BenchRow row;
    str_addf(&output, "OUTPUT=%s/%s", dir, query->name);
    str_addf(&side, "SIDE_INPUT=%s/side_input.csv", dir);
    if (!bench_defined(args, "COUNT")) bench_define(&own, "COUNT=1000000");
    if (!bench_defined(args, "OUTPUT")) bench_define(&own, output.ptr);
    if (!bench_defined(args, "SIDE_INPUT")) bench_define(&own, side.ptr);
    str_addf(&sql, "%s\n%s\n%s", bench_built_in(source), bench_built_in("views"), query->text);
    row = bench_text(&own, sql.ptr, sql.len, query->name);
    str_free(&sql);
    str_free(&output);
    str_free(&side);
    return bench_row(query->name, &row);
}

static int bench_all_nexmark(const Args *args) {
    char dir[256];
    int code = EXIT_DONE;
    for (int i = 0; i < args->n_more; i++) {
        const char *name = args->more[i];
        if (!bench_built_in(name) || (name[0] != 'q' && name[0] != 'm')) return bench_unknown(name);
    }
    if (!bench_files_make(dir, sizeof dir)) return EXIT_FAILED;
    out_write(bench_head, sizeof bench_head - 1);
    for (const SqlText *sql = bench_nexmark; sql->name && !cli_signal; sql++) {
        if (!bench_is_query(args, sql->name)) continue;
        if (bench_query(args, sql, dir) != EXIT_DONE) code = EXIT_FAILED;
    }
    bench_files_remove(dir);
    return code;
}

int cmd_bench(const Args *args) {
    int code = EXIT_DONE;
    if (args->file && strcmp(args->file, "nexmark") == 0) return bench_all_nexmark(args);
    out_write(bench_head, sizeof bench_head - 1);
    for (int i = -1; i < args->n_more && !cli_signal; i++) {
        const char *file = i < 0 ? args->file : args->more[i];
        BenchRow row = bench_file(args, file);
        if (bench_row(file, &row) != EXIT_DONE) code = EXIT_FAILED;
    }
    return code;
}
