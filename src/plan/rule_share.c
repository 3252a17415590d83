/* rule_share.c -- equal parts of a plan are computed once.
 *
 * Nodes are compared bottom-up, so equal subplans have become one node by the time that their users
 * are compared.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static bool share_exprs_eq(Expr *const *a, uint32_t n_a, Expr *const *b, uint32_t n_b) {
    if (n_a != n_b) return false;
    for (uint32_t i = 0; i < n_a; i++) {
        if (!expr_eq(a[i], b[i]) || !expr_is_deterministic(a[i])) return false;
    }
    return true;
}

static bool share_expr_eq(const Expr *a, const Expr *b) {
    return a == b || (a && b && expr_eq(a, b) && expr_is_deterministic(a));
}

static bool share_cols_eq(const uint32_t *a, uint32_t n_a, const uint32_t *b, uint32_t n_b) {
    return n_a == n_b && (!n_a || memcmp(a, b, n_a * sizeof *a) == 0);
}

static bool share_order_eq(const SortKey *a, uint32_t n_a, const SortKey *b, uint32_t n_b) {
    if (n_a != n_b) return false;
    for (uint32_t i = 0; i < n_a; i++) {
        if (a[i].col != b[i].col || a[i].order.is_desc != b[i].order.is_desc ||
            a[i].order.nulls_first != b[i].order.nulls_first) {
            return false;
        }
    }
    return true;
}

static bool share_window_eq(const WindowSpec *a, const WindowSpec *b) {
    return a->kind == b->kind && a->time_col == b->time_col && a->is_proctime == b->is_proctime &&
           a->size == b->size && a->slide == b->slide && a->offset == b->offset &&
           a->is_attached == b->is_attached && a->by_group_keys == b->by_group_keys &&
           share_cols_eq(a->partition, a->n_partition, b->partition, b->n_partition) &&
           (!a->is_attached || (a->start_col == b->start_col && a->end_col == b->end_col));
}

static bool share_calls_eq(const Node *a, const Node *b) {
    if (a->agg.n_calls != b->agg.n_calls) return false;
    for (uint32_t i = 0; i < a->agg.n_calls; i++) {
        const AggCall *x = &a->agg.calls[i];
        const AggCall *y = &b->agg.calls[i];
        if (x->agg != y->agg || x->is_distinct != y->is_distinct || x->n_order != y->n_order ||
            !share_expr_eq(x->filter, y->filter))
            return false;
        if (!share_exprs_eq(x->args, x->n_args, y->args, y->n_args)) return false;
        for (uint32_t k = 0; k < x->n_order; k++) {
            if (x->order[k].is_desc != y->order[k].is_desc ||
                x->order[k].nulls_first != y->order[k].nulls_first)
                return false;
        }
    }
    return true;
}

static bool share_agg_eq(const Node *a, const Node *b) {
    const char *cols_a = a->agg.window_cols ? a->agg.window_cols : "";
    const char *cols_b = b->agg.window_cols ? b->agg.window_cols : "";
    if (a->agg.n_keys != b->agg.n_keys || a->agg.ttl_us != b->agg.ttl_us ||
        strcmp(cols_a, cols_b) != 0)
        return false;
    if (a->agg.n_grouping_sets || b->agg.n_grouping_sets) return false;
    if (a->agg.emit.is_on || b->agg.emit.is_on) return false;
    if (a->kind == NODE_WINDOW_AGG && !share_window_eq(&a->agg.window, &b->agg.window))
        return false;
    return share_calls_eq(a, b);
}

static bool share_join_eq(const Node *a, const Node *b) {
    uint32_t n = a->join.n_keys;
    if (a->join.kind != b->join.kind || n != b->join.n_keys || a->join.null_safe ||
        b->join.null_safe)
        return false;
    return share_cols_eq(a->join.left_keys, n, b->join.left_keys, n) &&
           share_cols_eq(a->join.right_keys, n, b->join.right_keys, n) &&
           share_expr_eq(a->join.residual, b->join.residual) &&
           a->join.left_ttl_us == b->join.left_ttl_us &&
           a->join.right_ttl_us == b->join.right_ttl_us;
}

static bool share_topn_eq(const Node *a, const Node *b) {
    return share_cols_eq(a->topn.partition, a->topn.n_partition, b->topn.partition,
                         b->topn.n_partition) &&
           share_order_eq(a->topn.order, a->topn.n_order, b->topn.order, b->topn.n_order) &&
           a->topn.offset == b->topn.offset && a->topn.limit == b->topn.limit &&
           a->topn.with_rank == b->topn.with_rank && a->topn.is_rank == b->topn.is_rank &&
           a->topn.is_dense == b->topn.is_dense;
}

static bool share_scan_eq(const ScanSpec *a, const ScanSpec *b) {
    return a->table == b->table && a->options == b->options && a->rowtime == b->rowtime &&
           a->decoded.n_fields == b->decoded.n_fields &&
           memcmp(a->decoded_cols, b->decoded_cols,
                  a->decoded.n_fields * sizeof *a->decoded_cols) == 0 &&
           share_expr_eq(a->watermark, b->watermark) && share_expr_eq(a->predicate, b->predicate);
}

static bool share_eq(const Node *a, const Node *b) {
    if (a->kind != b->kind || a->n_inputs != b->n_inputs ||
        a->schema.n_fields != b->schema.n_fields)
        return false;
    for (uint32_t i = 0; i < a->n_inputs; i++) {
        if (a->inputs[i] != b->inputs[i]) return false;
    }
    if (!share_exprs_eq(a->exprs, a->n_exprs, b->exprs, b->n_exprs)) return false;
    switch (a->kind) {
    case NODE_SCAN: return share_scan_eq(&a->scan, &b->scan);
    case NODE_FILTER:
    case NODE_PROJECT:
    case NODE_UNION: return true;
    case NODE_WINDOW: return share_window_eq(&a->window, &b->window);
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: return share_agg_eq(a, b);
    case NODE_JOIN: return share_join_eq(a, b);
    case NODE_TOPN: return share_topn_eq(a, b);
    default: return false; /* rare kinds are not worth comparing */
    }
}

void rule_share(RuleCtx *ctx) {
    Plan *plan = ctx->plan;
    Node **made = arena_array(ctx->arena, Node *, plan->n_nodes);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        Node *node = node_copy(ctx->arena, plan->nodes[i]);
        for (uint32_t k = 0; k < node->n_inputs; k++) node->inputs[k] = made[node->inputs[k]->id];
        made[i] = node;
        for (uint32_t j = 0; j < i; j++) {
            if (!share_eq(made[j], node)) continue;
            made[i] = made[j];
            break;
        }
    }
    for (uint32_t i = 0; i < plan->n_roots; i++) plan->roots[i] = made[plan->roots[i]->id];
}
