/* plan_check.c -- the last look at a plan: what cannot run is refused by name, before anything
 * runs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/explain.h"
#include "plan/optimize.h"

static Status check_append(const Node *node, const char *what, Err *err) {
    if (node->inputs[0]->is_append) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
            "%s over rows that change is not supported", what);
    return err_hint(err, "its input must only insert: put the window below the aggregate, join or "
                         "Top-N that changes rows");
}

const Node *plan_lost_time(const Node *node, uint32_t col) {
    uint32_t n_left;
    for (;;) {
        switch (node->kind) {
        case NODE_SCAN:
        case NODE_VALUES:
        case NODE_WINDOW_AGG:
        case NODE_AGGREGATE:
        case NODE_MATCH: return NULL;
        case NODE_PROJECT:
            if (node->exprs[col]->kind != EXPR_COLUMN) return NULL;
            col = node->exprs[col]->column;
            break;
        case NODE_UNION:
            for (uint32_t i = 1; i < node->n_inputs; i++) {
                const Node *lost = plan_lost_time(node->inputs[i], col);
                if (lost) return lost;
            }
            break;
        case NODE_JOIN:
        case NODE_INTERVAL_JOIN:
        case NODE_WINDOW_JOIN:
        case NODE_TEMPORAL_JOIN:
        case NODE_PROCTIME_JOIN:
        case NODE_LOOKUP_JOIN:
            if (node->kind == NODE_JOIN) return node;
            n_left = node->inputs[0]->schema.n_fields;
            if (col >= n_left) {
                node = node->inputs[1];
                col -= n_left;
                continue;
            }
            break;
        default:
            if (col >= node->inputs[0]->schema.n_fields) return NULL; /* made here */
        }
        node = node->inputs[0];
    }
}

static Status check_time(const Node *node, uint32_t col, const char *what, Err *err) {
    const Node *in = node->inputs[0], *join;
    if (!type_is_rowtime(in->schema.fields[col].type)) return ST_OK;
    join = plan_lost_time(in, col);
    if (!join) return ST_OK;
    err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
            "%s needs a time attribute, which `" SPAN_FMT "` is no more behind a regular join",
            what, SPAN_ARG(in->schema.fields[col].name));
    return err_hint(err, "put the window below the join, or bound the join in time: a.ts BETWEEN "
                         "b.ts - INTERVAL ... AND b.ts + INTERVAL ...");
}

/* Formats without row kinds cannot say that a row is taken back. Known only now: the rules make
 * window aggregates, which insert only, of plain ones. */
static Status check_sink(const PlanEnv *env, const Node *node, Err *err) {
    const Table *table = node->sink.table;
    if (!table || node->inputs[0]->is_append || env->is_batch || !table->format ||
        (table->format->traits & FORMAT_CHANGELOG) || (table->conn->traits & CONN_UPSERT)) {
        return ST_OK;
    }
    err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
            "format '%s' of table `" SPAN_FMT "` cannot take updates and deletions, which this "
            "query makes",
            table->format->name, SPAN_ARG(table->name));
    return err_hint(err, "use 'debezium-json' or the print connector, a window aggregate, or SET "
                         "'execution.runtime-mode' = 'batch'");
}

static Status check_node(const PlanEnv *env, const Node *node, Err *err) {
    switch (node->kind) {
    case NODE_SINK: return check_sink(env, node, err);
    case NODE_SORT:
        if (node->is_bounded) return ST_OK;
        err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__,
                "a sort over an input that never ends is not supported");
        return err_hint(err, "add LIMIT n to keep the first n rows up to date");
    case NODE_DEDUP: return check_append(node, "deduplication by a time attribute", err);
    case NODE_WINDOW: return check_time(node, node->window.time_col, "a window", err);
    case NODE_WINDOW_AGG:
        if (node->agg.window.is_attached) return ST_OK;
        return check_time(node, node->agg.window.time_col, "a window", err);
    case NODE_LIMIT: return check_append(node, "LIMIT without ORDER BY", err);
    default: return ST_OK;
    }
}

/* No operator takes the node: its line of EXPLAIN names it. */
static Status check_runs(const PlanEnv *env, const Node *node, Err *err) {
    Buf text;
    if (!env->can_run || env->can_run(node)) return ST_OK;
    buf_init(&text, NULL);
    explain_node(node, &text);
    err_set(err, ST_UNSUPPORTED, "0A000", node->pos, __FILE__, __LINE__, "%s is not supported",
            explain_kind(node));
    err_detail(err, "the plan needs %s", buf_cstr(&text));
    buf_deinit(&text);
    return ST_UNSUPPORTED;
}

Status plan_check(const PlanEnv *env, const Plan *plan, Err *err) {
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        TRY(check_node(env, plan->nodes[i], err));
        TRY(check_runs(env, plan->nodes[i], err));
    }
    return ST_OK;
}
