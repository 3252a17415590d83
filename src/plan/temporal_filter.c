/* temporal_filter.c -- conditions that compare a row's time with the present:
 * ts > NOW() - INTERVAL '1' HOUR. In a stream such a condition ceases to hold, or comes to hold, as
 * time goes by: the rows of the answer then leave and come by themselves. Where a query can only
 * take rows that stay (a window aggregate above it, a sink that only appends), the condition is
 * looked at once, when the row comes, as by Flink.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static bool present_is_call(const Expr *expr) {
    static const char *const names[] = {"NOW", "CURRENT_TIMESTAMP", "CURRENT_ROW_TIMESTAMP",
                                        "PROCTIME"};
    for (size_t i = 0; expr->kind == EXPR_CALL && i < sizeof names / sizeof *names; i++)
        if (strcmp(expr->fn->name, names[i]) == 0) return true;
    return false;
}

/* NOW(), NOW() + interval, NOW() - interval: *offset is added to the present. */
static bool present_offset(const Expr *expr, int64_t *offset) {
    bool is_minus;
    *offset = 0;
    if (present_is_call(expr)) return true;
    if (expr->kind != EXPR_CALL || expr->n_args != 2 || !present_is_call(expr->args[0]))
        return false;
    is_minus = strcmp(expr->fn->name, "-") == 0;
    if (!is_minus && strcmp(expr->fn->name, "+") != 0) return false;
    if (expr->args[1]->type->kind != TYPE_INTERVAL_DS || !expr_const_int(expr->args[1], offset))
        return false;
    if (is_minus) *offset = -*offset;
    return true;
}

/* Understands one condition. `time` op present + offset means: the row is there while
 * present op' time - offset. */
static bool present_bound(const Expr *cond, TemporalBound *out, Expr **time) {
    const char *op;
    bool is_swapped, is_greater;
    int64_t offset;
    if (cond->kind != EXPR_CALL || cond->n_args != 2) return false;
    op = cond->fn->name;
    if (*op != '<' && *op != '>') return false;
    if (op[1] && (op[1] != '=' || op[2])) return false;
    is_swapped = present_offset(cond->args[0], &offset);
    if (!is_swapped && !present_offset(cond->args[1], &offset)) return false;
    *time = cond->args[is_swapped];
    if ((*time)->type->kind != TYPE_TIMESTAMP_LTZ || !expr_is_deterministic(*time)) return false;
    is_greater = (*op == '>') != is_swapped;
    *out = (TemporalBound){.offset_us = -offset, .is_end = is_greater};
    /* time > present: it is over when the present reaches it; time >= present: just behind. */
    if (is_greater == (op[1] == '=')) out->offset_us++;
    return true;
}

/* ---- where rows may leave ---- */

static bool temporal_sink_appends(const Node *sink) {
    const Table *table = sink->sink.table;
    return table && table->format && !(table->format->traits & FORMAT_CHANGELOG) &&
           !(table->conn->traits & CONN_UPSERT);
}

/* Is the answer of this node of use only if its input `port` never takes rows back? `stays`: is
 * that asked of its own rows? */
static bool temporal_needs_append(const Node *node, uint32_t port, bool stays) {
    switch (node->kind) {
    case NODE_FILTER:
    case NODE_PROJECT:
    case NODE_UNION:
    case NODE_UNNEST: return stays;
    case NODE_AGGREGATE: return stays && node->is_append;
    case NODE_JOIN: return stays && node->is_append;
    case NODE_TOPN: return stays || node_topn_in_window(node);
    case NODE_OVER: return stays || node_over_in_time(node);
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: return port == 1 || stays;
    case NODE_SORT:
    case NODE_NORMALIZE:
    case NODE_MATERIALIZE: return false;
    case NODE_SINK: return temporal_sink_appends(node);
    default: return true;
    }
}

static bool *temporal_stays(const PlanEnv *env, const Plan *plan) {
    bool *stays = arena_array(env->arena, bool, plan->n_nodes + 1);
    for (uint32_t i = plan->n_nodes; i-- > 0;) {
        const Node *node = plan->nodes[i];
        for (uint32_t k = 0; k < node->n_inputs; k++)
            if (temporal_needs_append(node, k, stays[i])) stays[node->inputs[k]->id] = true;
    }
    return stays;
}

/* ---- the node ---- */

static bool temporal_rewrite(Arena *arena, Node *node) {
    Expr **conds, **rest, **times;
    TemporalBound *bounds;
    uint32_t n, n_rest = 0, n_bounds = 0;
    Node *below;
    expr_conjuncts(arena, node->exprs[0], &conds, &n);
    rest = arena_array(arena, Expr *, n);
    times = arena_array(arena, Expr *, n);
    bounds = arena_array(arena, TemporalBound, n);
    for (uint32_t i = 0; i < n; i++) {
        if (present_bound(conds[i], &bounds[n_bounds], &times[n_bounds]))
            n_bounds++;
        else
            rest[n_rest++] = conds[i];
    }
    if (!n_bounds) return false;
    below = node->inputs[0];
    if (n_rest) below = node_filter(arena, below, expr_and(arena, rest, n_rest));
    node->kind = NODE_TEMPORAL_FILTER;
    node->inputs[0] = below;
    node->exprs = times;
    node->n_exprs = n_bounds;
    node->temporal.bounds = bounds;
    return true;
}

void plan_temporal_filters(const PlanEnv *env, Plan *plan) {
    bool *stays;
    bool did = false;
    if (env->is_batch) return;
    if (env->disabled_rules && strmap_find(env->disabled_rules, SPAN("temporal-filter"))) return;
    stays = temporal_stays(env, plan);
    for (uint32_t i = 0; i < plan->n_nodes; i++)
        if (plan->nodes[i]->kind == NODE_FILTER && !stays[i])
            did |= temporal_rewrite(env->arena, plan->nodes[i]);
    if (!did) return;
    plan_collect(env, plan);
    for (uint32_t i = 0; i < plan->n_nodes; i++) node_properties(env->arena, plan->nodes[i]);
}
