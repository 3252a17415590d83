/* rule_merge.c -- filters over filters and projections over projections become one; those that do
 * nothing vanish.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static bool merge_is_identity(const Node *node) {
    const Node *in = node->inputs[0];
    if (node->n_exprs != in->schema.n_fields) return false;
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        const Expr *expr = node->exprs[i];
        if (expr->kind != EXPR_COLUMN || expr->column != i) return false;
        if (!type_eq_exact(node->schema.fields[i].type, in->schema.fields[i].type)) return false;
        if (node->schema.fields[i].type->attr != in->schema.fields[i].type->attr) return false;
    }
    return true;
}

static bool merge_is_deterministic(const Node *node) {
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (!expr_is_deterministic(node->exprs[i])) return false;
    }
    return true;
}

/* A projection into a scan's own outputs: the scan computes them. Not when others read the scan,
 * nor when the watermark's column would be lost. */
static Node *merge_projections(RuleCtx *ctx, Node *node) {
    Node *in = node->inputs[0];
    Node *merged;
    if (in->kind != NODE_PROJECT || rule_is_shared(ctx, in) || !merge_is_deterministic(in))
        return node;
    merged = node_copy(ctx->arena, node);
    merged->inputs[0] = in->inputs[0];
    merged->exprs = arena_array(ctx->arena, Expr *, node->n_exprs);
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        merged->exprs[i] = expr_substitute(ctx->arena, node->exprs[i], in->exprs);
    }
    node_properties(ctx->arena, merged);
    return merged;
}

static Node *merge_filters(RuleCtx *ctx, Node *node) {
    Node *in = node->inputs[0];
    Node *merged;
    Expr *both[2];
    if (in->kind != NODE_FILTER || rule_is_shared(ctx, in)) return node;
    merged = node_copy(ctx->arena, node);
    merged->inputs[0] = in->inputs[0];
    both[0] = in->exprs[0]; /* the inner condition guards the outer one */
    both[1] = node->exprs[0];
    merged->exprs = arena_array(ctx->arena, Expr *, 1);
    merged->exprs[0] = expr_and(ctx->arena, both, 2);
    return merged;
}

static Node *merge_node(RuleCtx *ctx, Node *node) {
    if (node->kind == NODE_FILTER) return merge_filters(ctx, node);
    if (node->kind != NODE_PROJECT) return node;
    node = merge_projections(ctx, node);
    return merge_is_identity(node) ? node->inputs[0] : node;
}

void rule_merge(RuleCtx *ctx) {
    rule_rewrite(ctx, merge_node);
}
