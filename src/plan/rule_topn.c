/* rule_topn.c -- a filter on ROW_NUMBER, RANK or DENSE_RANK from above is a Top-N, which keeps only
 * the rows that can still get in. The first or last row by a time attribute is a deduplication.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plan/optimize.h"

typedef struct RankRange {
    int64_t low, high; /* ranks [low, high]; INT64_MAX = no bound */
    bool is_impossible;
} RankRange;

/* The constant of a comparison, as a number; casts of constants are folded by now. */
static bool topn_const(const Expr *expr, int64_t *out) {
    return type_is_integer(expr->type) && expr_const_int(expr, out);
}

/* The rank column, also through a cast to a wider type. */
static bool topn_is_rank(const Expr *expr, uint32_t col) {
    if (expr->kind == EXPR_CAST && type_is_integer(expr->type)) expr = expr->args[0];
    return expr->kind == EXPR_COLUMN && expr->column == col;
}

/* rank <= n, n >= rank, rank = n ...: narrows the range. False: not such a condition. */
static bool topn_narrow(const Expr *cond, uint32_t col, RankRange *range) {
    const char *op = cond->kind == EXPR_CALL ? cond->fn->name : "";
    bool is_swapped = false;
    int64_t n;
    if (cond->n_args != 2) return false;
    if (topn_is_rank(cond->args[1], col) && topn_const(cond->args[0], &n)) {
        is_swapped = true;
    } else if (!topn_is_rank(cond->args[0], col) || !topn_const(cond->args[1], &n)) {
        return false;
    }
    if (n > INT32_MAX || n < INT32_MIN) return false;
    if (strcmp(op, "=") == 0) {
        if (n > range->low) range->low = n;
        if (n < range->high) range->high = n;
        if (n < range->low || n > range->high) range->is_impossible = true;
        return true;
    }
    if (op[0] != '<' && op[0] != '>') return false;
    if (strcmp(op, "<>") == 0) return false;
    if ((op[0] == '<') != is_swapped) {
        if (op[1] != '=') n--;
        if (n < range->high) range->high = n;
    } else {
        if (op[1] != '=') n++;
        if (n > range->low) range->low = n;
    }
    return true;
}

static Node *topn_dedup(RuleCtx *ctx, const Node *over) {
    Node *in = over->inputs[0], *node, top = {.kind = NODE_TOPN, .n_inputs = 1};
    const SortKey *order = over->over.order;
    const Type *time;
    Expr *one;
    Span name = over->schema.fields[over->schema.n_fields - 1].name;
    if (over->over.calls[0].fn != OVER_ROW_NUMBER || over->over.n_order != 1 || !in->is_append) {
        return NULL;
    }
    time = in->schema.fields[order[0].col].type;
    if (time->attr == TIME_ATTR_NONE) return NULL;
    top.inputs = &in;
    top.topn.partition = over->over.partition;
    top.topn.n_partition = over->over.n_partition;
    if (node_topn_in_window(&top)) return NULL; /* final rows, once the window is over */
    node = node_new(ctx->arena, NODE_DEDUP, &in, 1);
    node->dedup.partition = over->over.partition;
    node->dedup.n_partition = over->over.n_partition;
    node->dedup.time_col = order[0].col;
    node->dedup.keep_last = order[0].order.is_desc;
    node->dedup.is_proctime = time->attr == TIME_ATTR_PROCTIME;
    node->pos = over->pos;
    node->id = NODE_NEW;
    node_properties(ctx->arena, node);
    one = expr_const_i64(ctx->arena, over->over.calls[0].agg.type, 1, over->pos);
    node = node_append(ctx->arena, node, &one, &name, 1);
    node->id = NODE_NEW;
    return node;
}

static Node *topn_make(RuleCtx *ctx, const Node *over, const RankRange *range) {
    Node *node = range->low <= 1 && range->high == 1 ? topn_dedup(ctx, over) : NULL;
    OverFn fn = over->over.calls[0].fn;
    int64_t low = range->low < 1 ? 1 : range->low;
    if (node) return node;
    node = node_copy(ctx->arena, over);
    node->kind = NODE_TOPN;
    memset(&node->topn, 0, sizeof node->topn);
    node->topn.partition = over->over.partition;
    node->topn.n_partition = over->over.n_partition;
    node->topn.order = over->over.order;
    node->topn.n_order = over->over.n_order;
    node->topn.offset = low - 1;
    node->topn.limit = range->is_impossible || range->high < low ? 0 : range->high - low + 1;
    node->topn.with_rank = true;
    node->topn.is_rank = fn == OVER_RANK || fn == OVER_DENSE_RANK;
    node->topn.is_dense = fn == OVER_DENSE_RANK;
    node->id = NODE_NEW;
    node_properties(ctx->arena, node);
    return node;
}

static Node *topn_node(RuleCtx *ctx, Node *node) {
    Node *over = node->n_inputs ? node->inputs[0] : NULL;
    RankRange range = {.low = 1, .high = INT64_MAX};
    uint32_t n, n_rest = 0, rank;
    Expr **conds, **rest;
    Node *top;
    if (node->kind != NODE_FILTER || over->kind != NODE_OVER || over->over.n_calls != 1 ||
        over->over.calls[0].fn < OVER_ROW_NUMBER || over->over.calls[0].fn > OVER_DENSE_RANK) {
        return node;
    }
    rank = over->schema.n_fields - 1;
    expr_conjuncts(ctx->arena, node->exprs[0], &conds, &n);
    rest = arena_array(ctx->arena, Expr *, n);
    for (uint32_t i = 0; i < n; i++) {
        if (!topn_narrow(conds[i], rank, &range)) rest[n_rest++] = conds[i];
    }
    if (range.high == INT64_MAX) return node;
    top = topn_make(ctx, over, &range);
    if (!n_rest) return top;
    top = node_filter(ctx->arena, top, expr_and(ctx->arena, rest, n_rest));
    top->id = NODE_NEW;
    return top;
}

void rule_topn(RuleCtx *ctx) {
    rule_rewrite(ctx, topn_node);
}
