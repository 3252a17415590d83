/* analyze.c -- EXPLAIN ANALYZE: runs the query to its end (or to Ctrl-C) and prints its plan with
 * what each operator did. The rows of a SELECT are counted and dropped; INSERTs write.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

/* What the operators of one node did; a node may have several. */
static void analyze_note(void *ctx, const Node *node, Buf *out) {
    const Query *query = ctx;
    weir_op_stats op, sum = {0};
    bool any = false;
    for (size_t i = 0; weir_query_op(query, i, &op); i++) {
        if (op.id != node->id) continue;
        sum.rows_in = any ? sum.rows_in : op.rows_in;
        sum.rows_out = op.rows_out;
        sum.ns += op.ns;
        any = true;
    }
    if (!any) return;
    buf_puts(out, "  (");
    if (node->n_inputs) buf_printf(out, "in=%llu ", (unsigned long long)sum.rows_in);
    if (node->kind != NODE_SINK) buf_printf(out, "out=%llu ", (unsigned long long)sum.rows_out);
    buf_printf(out, "time=%.1f ms)", (double)sum.ns / 1e6);
}

static void analyze_totals(const Query *query, Buf *out) {
    weir_stats stats;
    weir_query_stats(query, &stats);
    buf_puts(out, "\n== Run ==\n");
    if (query->state == WEIR_QUERY_CANCELED) buf_puts(out, "stopped before the end\n");
    buf_printf(out, "rows: %llu in, %llu out, %llu late, %llu bad\n",
               (unsigned long long)stats.rows_in, (unsigned long long)stats.rows_out,
               (unsigned long long)stats.rows_late, (unsigned long long)stats.rows_bad);
    buf_printf(out, "time: %.1f ms in %llu steps, %.1f ms of them busy\n",
               (double)stats.elapsed_us / 1e3, (unsigned long long)stats.steps,
               (double)stats.busy_us / 1e3);
    buf_printf(out, "memory: %llu kB at most, %llu allocations\n",
               (unsigned long long)(stats.memory_peak + 1023) / 1024,
               (unsigned long long)stats.allocations);
}

Status analyze_run(weir_script *script, const Ast *statement, Buf *out, Err *err) {
    Engine *engine = script->engine;
    Query *query;
    weir_rows *rows;
    Status status;
    engine->is_profiling = true;
    status = query_start(engine, &script->text, script->name, statement, &query, err);
    engine->is_profiling = false;
    if (status != ST_OK) return status;
    while (query->state == WEIR_QUERY_RUNNING) {
        weir_step(engine, -1, NULL);
        if (query->is_select) weir_query_fetch(query, WEIR_FETCH_CHANGES, &rows, NULL);
    }
    if (query->state == WEIR_QUERY_FAILED) {
        *err = query->err;
        status = err->status;
    } else {
        plan_explain_run(query->plan, analyze_note, query, out);
        analyze_totals(query, out);
    }
    weir_query_close(query);
    return status;
}
