/* run.c -- `weir run`: executes the statements of a text, shows each SELECT while the jobs run
 * beside it, and waits for the jobs at the end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

typedef struct Run {
    const Args *args;
    weir_engine *engine;
    OutputMode output;
    Progress progress;
    Totals totals;
    int64_t begin_us;
    int code;
    bool is_broken;  /* a statement failed: what follows is not run, the jobs go on */
    size_t n_failed; /* jobs that were told about */
    weir_query *failed[64];
} Run;

static OutputMode run_output(const Args *args) {
    if (args->output != OUTPUT_AUTO) return args->output;
    return term_is_out() ? OUTPUT_TABLE : OUTPUT_CSV;
}

/* The result mode of SET, unless the command line says how. */
static OutputMode run_mode(const Run *run) {
    const char *mode = weir_get(run->engine, "sql-client.execution.result-mode");
    if (run->args->output != OUTPUT_AUTO || !mode) return run->output;
    if (strcasecmp(mode, "tableau") == 0) return OUTPUT_TABLEAU;
    if (strcasecmp(mode, "changelog") == 0) return OUTPUT_CHANGELOG;
    return run->output;
}

static void run_fail(Run *run, const weir_error *error, int code) {
    progress_clear(&run->progress);
    cli_error(error);
    if (run->code == EXIT_DONE) run->code = code;
}

static bool run_is_told(const Run *run, const weir_query *query) {
    for (size_t i = 0; i < run->n_failed; i++)
        if (run->failed[i] == query) return true;
    return false;
}

/* A job that fails ends alone; the user is told at once, not when the others have ended. */
static void run_tell_failures(Run *run, const weir_query *but) {
    weir_query *query;
    weir_error error;
    for (size_t i = 0; (query = weir_query_at(run->engine, i)); i++) {
        if (query == but || weir_query_error(query, &error) == WEIR_OK) continue;
        if (run_is_told(run, query) || run->n_failed == 64) continue;
        run->failed[run->n_failed++] = query;
        run_fail(run, &error, EXIT_FAILED);
    }
}

/* ---- a SELECT ---- */

static void select_show(View *view, bool is_end) {
    weir_rows *rows;
    weir_error error;
    bool is_kept = view->type->is_kept;
    bool is_whole = view->is_batch && view->type == &view_tableau; /* shown once, at the end */
    weir_fetch_mode mode = is_kept ? WEIR_FETCH_TABLE : WEIR_FETCH_CHANGES;
    if (is_whole && !is_end) return;
    if (weir_query_fetch(view->query, mode, &rows, &error) != WEIR_OK) {
        cli_error(&error);
        return;
    }
    if (!is_whole && !(is_kept && is_end)) view->type->rows(view, rows);
    if (is_end) view->type->end(view, rows);
}

static void select_loop(Run *run, View *view) {
    weir_error error;
    while (weir_query_state(view->query) == WEIR_QUERY_RUNNING) {
        weir_status status = weir_step(run->engine, 100, &error);
        run_tell_failures(run, view->query);
        if (view->mode != OUTPUT_TABLE || !term_is_out())
            progress_draw(&run->progress, run->engine);
        if (status != WEIR_AGAIN || cli_resized) {
            if (term_is_out()) progress_clear(&run->progress);
            select_show(view, false);
        }
    }
}

static void run_select(Run *run, weir_query *query) {
    View view = {.query = query, .engine = run->engine, .mode = run_mode(run)};
    const char *mode = weir_get(run->engine, "execution.runtime-mode");
    weir_rows *rows;
    weir_error error;
    view.is_batch = mode && strcasecmp(mode, "batch") == 0;
    view.type = view_choose(view.mode, query, view.is_batch);
    view.with_op =
        !view.is_batch && (view.type == &view_tableau ||
                           (view.type == &view_lines && !weir_query_is_append_only(query)));
    if (view.type->is_kept) weir_query_keep(query);
    if (weir_query_fetch(query, WEIR_FETCH_CHANGES, &rows, &error) == WEIR_OK)
        view.type->begin(&view, rows);
    select_loop(run, &view);
    progress_clear(&run->progress);
    if (weir_query_error(query, &error) == WEIR_OK) {
        select_show(&view, true);
    } else {
        if (view.type != &view_tableau) select_show(&view, true);
        run->is_broken = true;
        run_fail(run, &error, EXIT_FAILED);
    }
    totals_add(&run->totals, query);
    weir_query_close(query);
    view_free(&view);
}

/* ---- statements ---- */

static void run_note(Run *run, const weir_result *result) {
    Text line = {0};
    if (!run->args->is_verbose) return;
    str_addf(&line, "weir: %s: %s\n", result->statement, result->message ? result->message : "OK");
    err_write(line.ptr, line.len);
    str_free(&line);
}

/* In a pipe SHOW is csv like everything else, but one text (EXPLAIN) goes out as it is, unless the
 * command line asks for csv. */
static void run_answer(const Run *run, weir_rows *rows) {
    OutputMode mode = run_mode(run);
    bool is_chosen = run->args->output != OUTPUT_AUTO;
    view_answer(!is_chosen && mode == OUTPUT_CSV ? OUTPUT_AUTO : mode, rows);
}

static void run_statements(Run *run, weir_script *script) {
    weir_result result;
    weir_error error;
    weir_status status;
    while (!cli_signal && !run->is_broken &&
           (status = weir_script_next(script, &result, &error)) != WEIR_END) {
        if (status != WEIR_OK) {
            bool ran = status == WEIR_CANCELED || error.position < 0;
            run->is_broken = true;
            if (status != WEIR_CANCELED) run_fail(run, &error, ran ? EXIT_FAILED : EXIT_SQL);
            return;
        }
        run_note(run, &result);
        if (result.kind == WEIR_RESULT_ROWS) run_answer(run, result.rows);
        if (result.kind == WEIR_RESULT_QUERY) run_select(run, result.query);
    }
}

/* A failed statement leaves the jobs of those before it alone, as in Flink, where they run in the
 * cluster; the user may want to know. */
static void run_tell_going_on(const Run *run) {
    size_t n = 0;
    weir_query *query;
    Text line = {0};
    for (size_t i = 0; (query = weir_query_at(run->engine, i)); i++)
        n += weir_query_state(query) == WEIR_QUERY_RUNNING;
    if (!n || !run->is_broken || run->args->is_quiet || cli_signal) return;
    str_addf(&line, "weir: later statements are not run; ");
    if (n == 1)
        str_adds(&line, "the job started before goes on (Ctrl-C stops it)\n");
    else
        str_addf(&line, "the %zu jobs started before go on (Ctrl-C stops them)\n", n);
    err_write(line.ptr, line.len);
    str_free(&line);
}

/* Waits for the jobs. */
static void run_jobs(Run *run) {
    weir_error error;
    weir_query *query;
    run_tell_going_on(run);
    for (;;) {
        weir_status status = weir_step(run->engine, 100, &error);
        run_tell_failures(run, NULL);
        progress_draw(&run->progress, run->engine);
        if (status != WEIR_OK && status != WEIR_AGAIN) break;
    }
    run_tell_failures(run, NULL);
    progress_clear(&run->progress);
    for (size_t i = 0; (query = weir_query_at(run->engine, i)); i++) {
        totals_add(&run->totals, query);
    }
}

static void profile_print(Run *run) {
    weir_query *query;
    Text out = {0};
    for (size_t i = 0; (query = weir_query_at(run->engine, i)); i++) {
        weir_op_stats op;
        str_addf(&out, "%s\n%4s %-12s %14s %14s %12s  %s\n", weir_query_name(query), "id",
                 "operator", "rows in", "rows out", "ms", "detail");
        for (size_t k = 0; weir_query_op(query, k, &op); k++)
            str_addf(&out, "%4u %-12s %14llu %14llu %12.1f  %.100s\n", op.id, op.name,
                     (unsigned long long)op.rows_in, (unsigned long long)op.rows_out,
                     (double)op.ns / 1e6, op.detail);
    }
    if (out.len) err_write(out.ptr, out.len);
    str_free(&out);
}

int cmd_run(const Args *args) {
    Run run = {.args = args, .output = run_output(args), .begin_us = cli_now_us()};
    const char *name;
    size_t len;
    char *sql = cli_read_sql(args, &len, &name);
    weir_script *script;
    weir_error error;
    if (!sql) return EXIT_USAGE;
    run.engine = cli_open_engine(args);
    if (!run.engine) {
        free(sql);
        return EXIT_USAGE;
    }
    cli_catch_signals(run.engine);
    progress_begin(&run.progress, !args->is_quiet && (term_is_err() || args->shows_progress));
    if (weir_script_open(run.engine, sql, len, name, &script, &error) == WEIR_OK) {
        run_statements(&run, script);
        run_jobs(&run);
        weir_script_close(script);
        if (args->is_profiled) profile_print(&run);
        if (!args->is_quiet && run.totals.n_queries)
            totals_print(&run.totals, cli_signal != 0, cli_now_us() - run.begin_us);
    } else {
        run_fail(&run, &error, EXIT_SQL);
    }
    cli_catch_signals(NULL);
    weir_close(run.engine);
    free(sql);
    return run.code == EXIT_DONE && cli_signal ? 128 + cli_signal : run.code;
}
