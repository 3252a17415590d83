/* rule_watermark.c -- a scan whose watermark nobody waits for does not compute it, and need not
 * decode its column.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static bool watermark_in_expr(const Expr *expr) {
    if (expr->kind == EXPR_CALL && strcmp(expr->fn->name, "CURRENT_WATERMARK") == 0) return true;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (watermark_in_expr(expr->args[i])) return true;
    }
    return false;
}

/* Does the node itself act on watermarks? */
static bool watermark_is_used(const Node *node) {
    switch (node->kind) {
    case NODE_SCAN:
    case NODE_VALUES:
    case NODE_UNION:
    case NODE_UNNEST:
    case NODE_TOPN:
    case NODE_LIMIT:
    case NODE_SORT:
    case NODE_NORMALIZE: return false;
    case NODE_JOIN: return node->join.ends[0] || node->join.ends[1];
    case NODE_FILTER:
    case NODE_PROJECT:
        for (uint32_t i = 0; i < node->n_exprs; i++) {
            if (watermark_in_expr(node->exprs[i])) return true;
        }
        return false;
    case NODE_DEDUP: return false;
    case NODE_AGGREGATE: return node->agg.emit.is_on;
    case NODE_SINK:
        /* Only a partitioned sink can commit by event time; ON CONFLICT decides by it. */
        return node->sink.on_conflict == CONFLICT_ERROR ||
               node->sink.on_conflict == CONFLICT_NOTHING ||
               (node->sink.table && node->sink.table->n_partition_cols > 0);
    default: return true;
    }
}

void rule_watermark(RuleCtx *ctx) {
    Plan *plan = ctx->plan;
    bool *is_wanted = arena_array(ctx->arena, bool, plan->n_nodes);
    for (uint32_t i = plan->n_nodes; i-- > 0;) {
        Node *node = plan->nodes[i];
        if (watermark_is_used(node)) is_wanted[i] = true;
        for (uint32_t k = 0; k < node->n_inputs && is_wanted[i]; k++)
            is_wanted[node->inputs[k]->id] = true;
    }
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        Node *node = plan->nodes[i];
        bool has_computed = false;
        if (node->kind != NODE_SCAN || is_wanted[i] || !node->scan.watermark) continue;
        for (uint32_t e = 0; e < node->n_exprs; e++)
            has_computed |= watermark_in_expr(node->exprs[e]);
        if (has_computed) continue;
        node->scan.watermark = NULL;
        node->scan.rowtime = -1;
    }
}
