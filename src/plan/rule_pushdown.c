/* rule_pushdown.c -- moves the conditions of filters towards the sources: fewer rows travel, and
 * state stays smaller.
 *
 * A condition passes a node when it says the same of the node's input rows: through projections by
 * substitution, through aggregates and Top-N when it looks only at keys, into the sides of a join
 * that the join does not pad with NULLs. It stays above nodes that others read too, and above
 * scans: rows that it drops still move the watermark.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

static Node *push_into(RuleCtx *ctx, Node *in, Expr **conds, uint32_t n);

/* The conditions that stay above node. */
static Node *push_rest(RuleCtx *ctx, Node *node, Expr **conds, uint32_t n) {
    Node *filter;
    if (!n) return node;
    filter = node_filter(ctx->arena, node, expr_and(ctx->arena, conds, n));
    filter->id = NODE_NEW;
    return filter;
}

static Node *push_replaced(RuleCtx *ctx, const Node *node, uint32_t port, Node *input) {
    Node *copy = node_copy(ctx->arena, node);
    copy->inputs[port] = input;
    node_properties(ctx->arena, copy);
    return copy;
}

static Node *push_project(RuleCtx *ctx, Node *node, Expr **conds, uint32_t n) {
    Expr **below = arena_array(ctx->arena, Expr *, n);
    for (uint32_t i = 0; i < node->n_exprs; i++) {
        if (!expr_is_deterministic(node->exprs[i])) return push_rest(ctx, node, conds, n);
    }
    for (uint32_t i = 0; i < n; i++) below[i] = expr_substitute(ctx->arena, conds[i], node->exprs);
    return push_replaced(ctx, node, 0, push_into(ctx, node->inputs[0], below, n));
}

static Node *push_union(RuleCtx *ctx, Node *node, Expr **conds, uint32_t n) {
    Node *copy = node_copy(ctx->arena, node);
    for (uint32_t i = 0; i < node->n_inputs; i++)
        copy->inputs[i] = push_into(ctx, node->inputs[i], conds, n);
    node_properties(ctx->arena, copy);
    return copy;
}

typedef struct PushSet {
    const uint32_t *cols; /* the columns that a condition may look at */
    uint32_t n_cols;
} PushSet;

static bool push_looks_only_at(const Expr *expr, const PushSet *set) {
    if (expr->kind == EXPR_COLUMN) {
        for (uint32_t i = 0; i < set->n_cols; i++) {
            if (set->cols[i] == expr->column) return true;
        }
        return false;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (!push_looks_only_at(expr->args[i], set)) return false;
    }
    return true;
}

/* Splits conds into those that look only at the set (moved to the front) and the rest; a volatile
 * one never moves. */
static uint32_t push_split(Expr **conds, uint32_t n, const PushSet *set) {
    uint32_t n_below = 0;
    for (uint32_t i = 0; i < n; i++) {
        Expr *cond = conds[i];
        if (!push_looks_only_at(cond, set) || !expr_is_deterministic(cond)) continue;
        for (uint32_t k = i; k > n_below; k--) conds[k] = conds[k - 1];
        conds[n_below++] = cond;
    }
    return n_below;
}

/* Through a node whose output begins with its input's columns, for conditions on the set. */
static Node *push_through(RuleCtx *ctx, Node *node, const PushSet *set, Expr **conds, uint32_t n) {
    uint32_t n_below = push_split(conds, n, set);
    if (!n_below) return push_rest(ctx, node, conds, n);
    node = push_replaced(ctx, node, 0, push_into(ctx, node->inputs[0], conds, n_below));
    return push_rest(ctx, node, conds + n_below, n - n_below);
}

static PushSet push_range(Arena *arena, uint32_t first, uint32_t n) {
    uint32_t *cols = arena_array(arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) cols[i] = first + i;
    return (PushSet){cols, n};
}

/* Keys are expressions over the input: substitute them. */
static Node *push_aggregate(RuleCtx *ctx, Node *node, Expr **conds, uint32_t n) {
    PushSet set = push_range(ctx->arena, 0, node->agg.n_keys);
    uint32_t n_below =
        node->agg.n_keys && !node->agg.n_grouping_sets ? push_split(conds, n, &set) : 0;
    Expr **below = arena_array(ctx->arena, Expr *, n_below);
    if (!n_below) return push_rest(ctx, node, conds, n);
    for (uint32_t i = 0; i < n_below; i++)
        below[i] = expr_substitute(ctx->arena, conds[i], node->exprs);
    node = push_replaced(ctx, node, 0, push_into(ctx, node->inputs[0], below, n_below));
    return push_rest(ctx, node, conds + n_below, n - n_below);
}

static Node *push_side(RuleCtx *ctx, Node *node, uint32_t side, Expr **conds, uint32_t n) {
    uint32_t n_left = node->inputs[0]->schema.n_fields;
    int32_t *map = arena_array(ctx->arena, int32_t, n_left + node->inputs[1]->schema.n_fields);
    Expr **below = arena_array(ctx->arena, Expr *, n);
    for (uint32_t i = 0; i < n_left + node->inputs[1]->schema.n_fields; i++) {
        map[i] = side && i >= n_left ? (int32_t)(i - n_left) : (int32_t)i;
    }
    for (uint32_t i = 0; i < n; i++) below[i] = expr_remap(ctx->arena, conds[i], map);
    return push_replaced(ctx, node, side, push_into(ctx, node->inputs[side], below, n));
}

static Node *push_join(RuleCtx *ctx, Node *node, Expr **conds, uint32_t n) {
    JoinOp kind = node->join.kind;
    uint32_t n_left = node->inputs[0]->schema.n_fields;
    PushSet left = push_range(ctx->arena, 0, n_left);
    PushSet right = push_range(ctx->arena, n_left, node->inputs[1]->schema.n_fields);
    bool may_left = kind != JOINOP_RIGHT && kind != JOINOP_FULL;
    /* The right side of temporal and lookup joins is a table to be looked up, not a stream to be
     * thinned. */
    bool may_right = (kind == JOINOP_INNER || kind == JOINOP_RIGHT) &&
                     node->kind != NODE_TEMPORAL_JOIN && node->kind != NODE_PROCTIME_JOIN &&
                     node->kind != NODE_LOOKUP_JOIN;
    uint32_t n_below = may_left ? push_split(conds, n, &left) : 0;
    if (n_below) node = push_side(ctx, node, 0, conds, n_below);
    conds += n_below;
    n -= n_below;
    n_below = may_right ? push_split(conds, n, &right) : 0;
    if (n_below) node = push_side(ctx, node, 1, conds, n_below);
    return push_rest(ctx, node, conds + n_below, n - n_below);
}

static Node *push_into(RuleCtx *ctx, Node *in, Expr **conds, uint32_t n) {
    PushSet set;
    if (!n) return in;
    if (rule_is_shared(ctx, in)) return push_rest(ctx, in, conds, n);
    switch (in->kind) {
    case NODE_PROJECT: return push_project(ctx, in, conds, n);
    case NODE_UNION: return push_union(ctx, in, conds, n);
    case NODE_AGGREGATE:
    case NODE_WINDOW_AGG: return push_aggregate(ctx, in, conds, n);
    case NODE_JOIN:
    case NODE_INTERVAL_JOIN:
    case NODE_TEMPORAL_JOIN:
    case NODE_PROCTIME_JOIN:
    case NODE_LOOKUP_JOIN: return push_join(ctx, in, conds, n);
    case NODE_WINDOW:
    case NODE_UNNEST:
        set = push_range(ctx->arena, 0, in->inputs[0]->schema.n_fields);
        return push_through(ctx, in, &set, conds, n);
    case NODE_TOPN:
        set = (PushSet){in->topn.partition, in->topn.n_partition};
        return push_through(ctx, in, &set, conds, n);
    case NODE_DEDUP:
        set = (PushSet){in->dedup.partition, in->dedup.n_partition};
        return push_through(ctx, in, &set, conds, n);
    case NODE_OVER:
        set = (PushSet){in->over.partition, in->over.n_partition};
        return push_through(ctx, in, &set, conds, n);
    case NODE_NORMALIZE:
        set = (PushSet){in->key, in->n_key};
        return push_through(ctx, in, &set, conds, n);
    case NODE_FILTER: {
        Expr **all;
        uint32_t n_inner;
        Expr **inner;
        expr_conjuncts(ctx->arena, in->exprs[0], &inner, &n_inner);
        all = arena_array(ctx->arena, Expr *, n_inner + n);
        memcpy(all, inner, n_inner * sizeof *all);
        memcpy(all + n_inner, conds, n * sizeof *all);
        return push_into(ctx, in->inputs[0], all, n_inner + n);
    }
    default: return push_rest(ctx, in, conds, n);
    }
}

static Node *push_node(RuleCtx *ctx, Node *node) {
    Expr **conds;
    Expr **copy;
    uint32_t n;
    if (node->kind != NODE_FILTER) return node;
    expr_conjuncts(ctx->arena, node->exprs[0], &conds, &n);
    copy = arena_array(ctx->arena, Expr *, n);
    memcpy(copy, conds, n * sizeof *copy);
    return push_into(ctx, node->inputs[0], copy, n);
}

void rule_pushdown(RuleCtx *ctx) {
    rule_rewrite(ctx, push_node);
}
